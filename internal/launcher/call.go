package launcher

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const (
	// callTimeout is how long an answer of ECS is waited for. RunTask takes well
	// under a second, on Fargate sometimes a few.
	callTimeout = 10 * time.Second
	// minCall is the least time before the deadline with which a call is begun.
	minCall = 200 * time.Millisecond
)

// answer is what became of one call.
type answer struct {
	// final: ECS has said what this token has started and what it has not.
	final    bool
	replayed bool // the tasks were there before the call
	conflict bool // the token had been used with other parameters
	recorded bool // no failure has a reason: they may have been answered long ago
	arns     []string
	stopped  []string // those of arns of which nothing is known but that they stopped
	row      row      // of the error, or of the failures
	reason   string
	cause    error
}

// err is the error of a launch that ends with this answer.
func (a *answer) err() *Error { return &Error{Kind: a.row.class, Reason: a.reason, Err: a.cause} }

// call makes one call when the rate allows it. The error is that of a launch for
// which there is no time.
func (w *walk) call(ctx context.Context, token string, n int) (*answer, *Error) {
	if !w.bucket.take(ctx) {
		return nil, w.notAttempted()
	}
	// A fresh input for every call: the SDK writes into the one it is given.
	in := input(&w.launch.Request)
	in.ClientToken = &token
	if n > 1 || w.launch.Request.Count != nil {
		in.Count = aws.Int32(int32(n))
	}
	called := time.Now()
	timed, cancel := context.WithTimeout(ctx, callTimeout)
	out, err := w.api.RunTask(timed, in, once, traced(ctx))
	cancel()
	w.calls++
	w.out.Attempts = w.calls
	var a *answer
	if err != nil {
		a = adopt(err)
	} else {
		a = read(out, n, called)
	}
	if a.row.flag&throttled != 0 {
		w.out.Throttled++
	}
	w.bucket.done(a.row.flag&throttled != 0)
	return a, nil
}

// once switches off the SDK's own retries.
func once(o *ecs.Options) { o.Retryer = aws.NopRetryer{} }

// traced passes on the X-Ray trace of the invocation. The SDK does so by itself
// from an environment variable, which Lambda's runtime sets only where one process
// has one invocation at a time.
func traced(ctx context.Context) func(*ecs.Options) {
	trace, _ := ctx.Value("x-amzn-trace-id").(string)
	if trace == "" {
		return func(*ecs.Options) {}
	}
	return func(o *ecs.Options) {
		o.APIOptions = append(o.APIOptions, smithyhttp.SetHeaderValue("X-Amzn-Trace-Id", trace))
	}
}

// adopt reads an error. A conflict means that the token was used before with
// other parameters, and names the tasks that it started.
func adopt(err error) *answer {
	a := &answer{cause: err}
	a.row, a.reason = classify(err)
	var conflict *ecstypes.ConflictException
	if !errors.As(err, &conflict) {
		return a
	}
	a.replayed, a.conflict, a.arns = true, true, conflict.ResourceIds
	a.final = len(a.arns) > 0
	if !a.final {
		// Either the token's request is being carried out, or it started nothing. As
		// nothing tells which, the same is sent again.
		a.row.class = Ambiguous
		a.cause = fmt.Errorf("the client token is bound to another request and ECS names no tasks: %w", err)
	}
	return a
}

// replayAge is how much older than the call its tasks must be for the answer to
// count as a repetition. ECS does not say which it is; a clock may be off by less.
const replayAge = time.Minute

// read reads an answer of status 200. A repeated answer may hold tasks of which
// nothing is known but ARN and status, because they have stopped, and failures
// without a reason, because they are over an hour old.
func read(out *ecs.RunTaskOutput, n int, called time.Time) *answer {
	a := &answer{replayed: len(out.Tasks) > 0}
	for i := range out.Tasks {
		t := &out.Tasks[i]
		a.arns = append(a.arns, aws.ToString(t.TaskArn))
		if aws.ToString(t.LastStatus) == "STOPPED" {
			a.stopped = append(a.stopped, aws.ToString(t.TaskArn))
		}
		if t.CreatedAt != nil && called.Sub(*t.CreatedAt) < replayAge {
			a.replayed = false
		}
	}
	started := len(a.arns)
	a.final = started >= n || len(out.Failures) > 0
	if len(out.Failures) == 0 {
		if !a.final {
			a.row, _ = lookup(noAnswer, ReasonEmptyAnswer, 0, "")
			a.reason = ReasonEmptyAnswer
			a.cause = fmt.Errorf("%d of %d tasks started and no reason was given", started, n)
		}
		return a
	}
	var reasons []error
	a.recorded = true
	for i := range out.Failures {
		f := &out.Failures[i]
		reason := aws.ToString(f.Reason)
		a.recorded = a.recorded && reason == ""
		reasons = append(reasons, errors.New(describe(f, reason)))
		r := classifyFailure(reason)
		// The class is that of a failure that may pass, if there is one, and the
		// reason is that failure's.
		if i == 0 || a.row.class == Permanent && r.class != Permanent {
			a.row, a.reason = r, reason
		}
	}
	if a.reason == "" {
		a.reason = reasonNone
	}
	a.cause = fmt.Errorf("%d of %d tasks started: %w", started, n, errors.Join(reasons...))
	return a
}

func describe(f *ecstypes.Failure, reason string) string {
	if reason == "" {
		reason = "no reason"
	}
	if f.Detail != nil {
		reason += ": " + *f.Detail
	}
	if f.Arn != nil {
		reason += " (" + *f.Arn + ")"
	}
	return reason
}
