package launcher

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

const (
	// describeMost is how many tasks one DescribeTasks call takes (API reference).
	describeMost = 100
	// Tasks that have just been started may be unknown for a while. RunTask's
	// reference advises DescribeTasks "with exponential backoff, starting with a
	// couple of seconds, up to five minutes".
	confirmFirst = 2 * time.Second
	confirmMost  = 5 * time.Minute
	// DefaultConfirmTimeout is how long tasks may take to run if the rule does not
	// say.
	DefaultConfirmTimeout = 60 * time.Second
	untilRunning          = "running"
)

// confirm waits until every task of the launch has been seen to run, or to have
// run. What never ran is not started again by itself: its token has been used, and
// a launch that is made again gets the same task.
func (w *walk) confirm(ctx context.Context) *Error {
	c := w.launch.Confirm
	if c == nil || c.Until != untilRunning {
		return nil
	}
	timeout := DefaultConfirmTimeout
	if c.TimeoutSeconds > 0 {
		timeout = time.Duration(c.TimeoutSeconds) * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	v := vigil{walk: w, waiting: slices.Clone(w.out.TaskARNs), status: map[string]string{}}
	for pause := confirmFirst; ; pause = min(2*pause, confirmMost) {
		if !sleep(ctx, pause, 0) {
			break
		}
		if err := v.look(ctx); err != nil {
			return err
		}
		if len(v.waiting) == 0 {
			return v.verdict()
		}
	}
	if err := v.verdict(); err != nil {
		return err
	}
	text := make([]string, 0, len(v.waiting))
	for _, arn := range v.waiting {
		text = append(text, arn+" "+v.statusOf(arn))
	}
	return &Error{Kind: Transient, Reason: ReasonNotConfirmed,
		Err: fmt.Errorf("%d of %d tasks were not seen running in time: %s", len(text), len(w.out.TaskARNs), list(text))}
}

// vigil is the watch over the tasks of one launch.
type vigil struct {
	*walk
	waiting []string          // not yet seen running
	status  map[string]string // last seen
	failed  []string          // what was said about tasks that never ran
	code    string            // stop code of the first of them
}

// look asks once about every task that is waited for.
func (v *vigil) look(ctx context.Context) *Error {
	over := map[string]bool{}
	for chunk := range slices.Chunk(v.waiting, describeMost) {
		in := &ecs.DescribeTasksInput{Tasks: chunk, Cluster: optional(&v.launch.Request.Cluster)}
		timed, cancel := context.WithTimeout(ctx, callTimeout)
		out, err := v.api.DescribeTasks(timed, in, once, traced(ctx))
		cancel()
		if err != nil {
			if r, code := classify(err); r.class == Permanent {
				return &Error{Kind: Permanent, Reason: code, Err: fmt.Errorf("describe tasks: %s", brief(err))}
			}
			continue // the next look asks again
		}
		for i := range out.Tasks {
			t := &out.Tasks[i]
			v.status[aws.ToString(t.TaskArn)] = aws.ToString(t.LastStatus)
			over[aws.ToString(t.TaskArn)] = v.ended(t)
		}
		for i := range out.Failures {
			// A task that is known from before, and not known any more, has been.
			arn := aws.ToString(out.Failures[i].Arn)
			over[arn] = v.past[arn]
		}
	}
	v.waiting = slices.DeleteFunc(v.waiting, func(arn string) bool { return over[arn] })
	return nil
}

// ended reports whether there is nothing to wait for any more: the task runs, has
// run, or never will.
func (v *vigil) ended(t *ecstypes.Task) bool {
	ran := t.StartedAt != nil || aws.ToString(t.LastStatus) == "RUNNING" ||
		slices.ContainsFunc(t.Containers, func(c ecstypes.Container) bool { return c.ExitCode != nil })
	if ran {
		return true
	}
	if t.StopCode == "" && aws.ToString(t.LastStatus) != "STOPPED" {
		return false
	}
	if len(v.failed) == 0 {
		v.code = string(t.StopCode)
	}
	v.failed = append(v.failed, fmt.Sprintf("%s: %s: %s", aws.ToString(t.TaskArn), t.StopCode, aws.ToString(t.StoppedReason)))
	return true
}

// verdict is the error of tasks that stopped before they ran.
func (v *vigil) verdict() *Error {
	if len(v.failed) == 0 {
		return nil
	}
	code := v.code
	if code == "" {
		code = ReasonFailedToStart
	}
	return &Error{Kind: Permanent, Reason: code, Missing: len(v.failed),
		Err: fmt.Errorf("%d of %d tasks stopped before they ran: %s", len(v.failed), len(v.out.TaskARNs), list(v.failed))}
}

func (v *vigil) statusOf(arn string) string {
	if s := v.status[arn]; s != "" {
		return s
	}
	return "MISSING"
}

// list joins what is listed, of a great many the first few.
func list(text []string) string {
	const most = 10
	if len(text) > most {
		return fmt.Sprintf("%s; and %d more", strings.Join(text[:most], "; "), len(text)-most)
	}
	return strings.Join(text, "; ")
}
