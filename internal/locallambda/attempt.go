package locallambda

import (
	"bytes"
	"context"
	"errors"
	"time"
)

// errNotDelivered says that a warm process ended before it was sent the event.
var errNotDelivered = errors.New("not delivered")

// attempt is one invocation on one process, which it holds until it is over.
type attempt struct {
	lambda  *Lambda
	process *process
	id      string
}

// run initialises the process if it is new, and has it handle the event.
func (a attempt) run(ctx context.Context, trace string, payload []byte) (Result, error) {
	p := a.process
	res := Result{RequestID: a.id, Process: p.number, ColdStart: !p.used}
	if res.ColdStart {
		p.used = true
		failed, err := a.initialise(ctx)
		if err != nil {
			return Result{}, err
		}
		if failed != nil {
			res.InitDuration = time.Since(p.started)
			res.Payload, res.FunctionError = failed.payload, failed.err
			return res, nil
		}
		res.InitDuration = p.api.readyAt.Sub(p.started)
	}
	// A copy: the server may still be sending when the caller, having given up,
	// reuses its buffer.
	inv := newInvocation(a.id, trace, bytes.Clone(payload), a.lambda.cfg.Timeout)
	ans, err := a.handle(ctx, inv)
	if res.ColdStart && errors.Is(err, errNotDelivered) {
		// It would happen again and again.
		ans, err = exitFailure(a.id, p.status), nil
	}
	if err != nil {
		return Result{}, err
	}
	res.Payload, res.FunctionError = ans.payload, ans.err
	res.Duration = ans.at.Sub(inv.offered)
	return res, nil
}

// initialise waits until the process asks for work. It returns an answer if the
// initialisation failed, and an error if it was not waited for.
func (a attempt) initialise(ctx context.Context) (*answer, error) {
	p, limit := a.process, a.lambda.cfg.InitTimeout
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.api.ready:
		return nil, nil
	case failed := <-p.api.initFailed:
		p.awaitExit() // it may have more to say
		return &failed, nil
	case <-p.exited:
		failed := exitFailure(a.id, p.status)
		select {
		case failed = <-p.api.initFailed: // the better reason
		default:
		}
		return &failed, nil
	case <-timer.C:
		p.kill()
		failed := timeoutFailure(a.id, "Init", limit)
		return &failed, nil
	case <-ctx.Done():
		p.kill()
		return nil, contextError(a.id, ctx.Err())
	case <-a.lambda.closing:
		return nil, ErrClosed
	}
}

// handle has the process handle an invocation. Afterwards the process is idle, or
// gone, or Close takes care of it.
func (a attempt) handle(ctx context.Context, inv *invocation) (answer, error) {
	p := a.process
	timer := time.NewTimer(time.Until(inv.deadline))
	defer timer.Stop()
	p.api.offer(inv)
	select {
	case ans := <-inv.answered:
		a.settle(ctx, inv, timer)
		return ans, nil
	case <-p.exited:
		return a.died(inv)
	case <-timer.C:
		p.kill()
		return timeoutFailure(a.id, "Task", a.lambda.cfg.Timeout), nil
	case <-ctx.Done():
		p.kill()
		return answer{}, contextError(a.id, ctx.Err())
	case <-a.lambda.closing:
		return answer{}, ErrClosed
	}
}

// settle waits until the process, which has answered, asks for the next
// invocation. The deadline goes on: a function that keeps working after its
// answer is cut off as in Lambda, but what it answered stands.
func (a attempt) settle(ctx context.Context, inv *invocation, timer *time.Timer) {
	p := a.process
	select {
	case <-inv.settled:
		a.lambda.release(p)
	case <-p.exited:
	case <-timer.C:
		p.kill()
	case <-ctx.Done():
		p.kill()
	case <-a.lambda.closing:
	}
}

// died returns the answer to an invocation whose process ended.
func (a attempt) died(inv *invocation) (answer, error) {
	select {
	case ans := <-inv.answered:
		return ans, nil
	default:
	}
	if !inv.delivered.Load() {
		return answer{}, errNotDelivered
	}
	return exitFailure(a.id, a.process.status), nil
}
