// Package launcher turns a launch into calls of RunTask, so that exactly the
// tasks that were asked for start, however often the launch is made and whatever
// fails.
//
// It sees requests, never events or mappings. Besides the function's entry it is
// the only package of the run side that touches the AWS SDK.
//
// # The protocol
//
// ECS starts the tasks of a client token once, and answers every repetition of
// the request with the first answer: the same tasks as they are now and the same
// failures ([Token]). So:
//
//   - After anything that is no answer, or no clear one, the same bytes are sent
//     again with the same token.
//   - An answer of status 200 with fewer tasks than asked for, and with failures,
//     is final for its token. What is missing, and no more, is asked for with the
//     token of the next generation.
//   - A conflict is an answer too: the token started the tasks that it names. One
//     that names none proves nothing; the token's request may be under way.
//   - Anything else that ECS refuses leaves the token unused.
//
// Nothing of this is remembered. A launch that is made again begins with
// generation 0, gets the recorded answers, finds the same shortfalls, and so comes
// to the same generation with the same count. What memory could add is a [Ledger]'s.
package launcher

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/taskbridge/taskbridge/internal/task"
)

// API is what the launcher calls; *ecs.Client has it.
type API interface {
	RunTask(context.Context, *ecs.RunTaskInput, ...func(*ecs.Options)) (*ecs.RunTaskOutput, error)
	DescribeTasks(context.Context, *ecs.DescribeTasksInput, ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error)
}

// Options configure a [Launcher]. The zero value has the limits of an account that
// never asked for more.
type Options struct {
	Fargate Rate // of calls for tasks on Fargate, per cluster; default [FargateRate]
	EC2     Rate // of calls for all others, per cluster; default [EC2Rate]
	// Ledger remembers launches for longer than ECS does; nil does not.
	Ledger Ledger
	// Rand is a random number in [0,1), safe for concurrent use; nil is
	// math/rand/v2.
	Rand func() float64
}

// A Launcher launches. It may be used by any number of goroutines at once; its
// rate limits hold for all of them together.
type Launcher struct {
	api   API
	opts  Options
	rates *rates
}

// New returns a Launcher that calls api. Retries of api's own are switched off
// for its calls: they would neither know the deadline nor the rate.
func New(api API, opts Options) *Launcher {
	if opts.Rand == nil {
		opts.Rand = rand.Float64
	}
	return &Launcher{api: api, opts: opts, rates: newRates(&opts)}
}

// Launch starts the tasks of l, or finds that they have been started. It tries
// again by itself for as long as l.Retry and the deadline of ctx allow, and
// returns before that deadline.
//
// An error is an [*Error] that also says what did start; the Launched is valid
// with it. The same launch may be made again after any error: no task is started
// twice within the life of its tokens.
func (r *Launcher) Launch(ctx context.Context, l task.Launch) (task.Launched, error) {
	w := &walk{Launcher: r, launch: &l, bucket: r.rates.of(&l.Request), duplicate: true}
	if err := w.run(ctx); err != nil {
		err.TaskARNs = w.out.TaskARNs
		err.Missing = max(err.Missing, count(&l)-len(w.out.TaskARNs))
		return w.out, err
	}
	w.out.Duplicate = w.duplicate && len(w.out.TaskARNs) > 0
	return w.out, nil
}

// walk is one launch on its way through parts and generations.
type walk struct {
	*Launcher
	launch    *task.Launch
	bucket    *bucket
	out       task.Launched
	calls     int             // of the whole launch
	duplicate bool            // every task so far was there before
	past      map[string]bool // tasks that ECS may have forgotten: stopped, or from the ledger
}

func (w *walk) run(ctx context.Context) *Error {
	for part, n := range Parts(count(w.launch)) {
		if err := w.part(ctx, part, n); err != nil {
			return err
		}
	}
	return w.confirm(ctx)
}

// maxGenerations bounds the generations of one part. An event that finds no
// capacity for a day, and is delivered again all the time, gets there.
const maxGenerations = 400

// part starts want tasks, each generation asking for what the ones before it
// left missing.
func (w *walk) part(ctx context.Context, part, want int) *Error {
	ledger, err := w.claim(ctx, part)
	if err != nil {
		return err
	}
	budget := newBudget(w.launch.Retry, w.bucket.limit)
	w.out.TaskARNs = append(w.out.TaskARNs, ledger.record.TaskARNs...)
	w.note(ledger.record.TaskARNs)
	if ledger.record.Done {
		return nil
	}
	generation, missing := ledger.record.Generation, want-len(ledger.record.TaskARNs)
	var short *answer // the last one with fewer tasks than asked for
	for missing > 0 {
		token := Token(w.launch, part, generation)
		w.out.ClientToken, w.out.Generation = token, max(w.out.Generation, generation)
		a, err := w.settle(ctx, token, missing, budget)
		if err != nil && err.Reason == ReasonNotAttempted && short != nil {
			return short.err() // which says more
		}
		if err != nil {
			return err
		}
		w.out.TaskARNs = append(w.out.TaskARNs, a.arns...)
		w.duplicate = w.duplicate && (a.replayed || len(a.arns) == 0)
		missing -= len(a.arns)
		w.note(a.stopped)
		if err := ledger.save(ctx, generation+1, a.arns, missing <= 0); err != nil {
			return err
		}
		if missing <= 0 {
			break
		}
		w.out.Shortfall += missing
		short = a
		if err := w.pass(ctx, a, generation+1, budget); err != nil {
			return err
		}
		generation++
	}
	return nil
}

func (w *walk) note(past []string) {
	for _, arn := range past {
		if w.past == nil {
			w.past = map[string]bool{}
		}
		w.past[arn] = true
	}
}

// failureDetail is how long ECS repeats failures in full. "Failures that are over
// an hour old only include the number of failed tasks" (API reference, "Ensuring
// idempotency").
const failureDetail = time.Hour

// pass decides whether the next generation is tried, and waits until it is time.
//
// Nothing tells the answer that ECS has just made from one that it repeats, unless
// its failures have lost their reasons. If a launch that is made again waited
// after each of those, it would use up its time on answers that it has had before.
// So it goes without a pause through as many as the hours before can have left:
// see repeatable.
func (w *walk) pass(ctx context.Context, a *answer, next int, budget *budget) *Error {
	switch {
	case budget.none, next >= maxGenerations:
		return a.err()
	case a.conflict, a.recorded && w.age() > failureDetail:
		return nil // certainly a repetition
	case a.row.class == Permanent:
		return a.err()
	}
	budget.passed++
	if budget.passed <= repeatable(w.age(), budget.base) {
		return nil
	}
	pause, ok := budget.spend(&a.row, w.opts.Rand)
	if w.tooOld(budget) || !ok || !sleep(ctx, pause, minCall) {
		return a.err()
	}
	return nil
}

// tooOld reports whether the event is older than retry.maxAge: then what fails is
// not waited for. Answers that may be repetitions are gone through all the same:
// a launch that an earlier delivery has made is found at any age.
func (w *walk) tooOld(b *budget) bool {
	return b.plan.MaxAge > 0 && !w.launch.Time.IsZero() && time.Since(w.launch.Time) > b.plan.MaxAge
}

// age is that of the event, at most the life of a token. An event that does not say
// may have been delivered before, long ago.
func (w *walk) age() time.Duration {
	if w.launch.Time.IsZero() {
		return failureDetail + 1
	}
	return min(max(0, time.Since(w.launch.Time)), TokenLifetime)
}

// settle sends one request until there is a final answer for its token.
func (w *walk) settle(ctx context.Context, token string, n int, budget *budget) (*answer, *Error) {
	for {
		a, err := w.call(ctx, token, n)
		if err != nil {
			return nil, err
		}
		if a.final {
			return a, nil
		}
		pause, ok := budget.spend(&a.row, w.opts.Rand)
		if a.row.class == Permanent || w.tooOld(budget) || !ok || !sleep(ctx, pause, minCall) {
			w.out.TaskARNs = append(w.out.TaskARNs, a.arns...) // of an answer that is not final
			return nil, a.err()
		}
	}
}

// sleep waits for d, unless less than spare would be left before the deadline of
// ctx: then it returns false at once.
func sleep(ctx context.Context, d, spare time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d+spare {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// notAttempted is the error of a launch for which there was no time.
func (w *walk) notAttempted() *Error {
	return &Error{Kind: Transient, Reason: ReasonNotAttempted, Err: errors.New("no time was left before the invocation's deadline")}
}
