package locallambda

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Invoke delivers one event and waits until the function has answered and asks
// for its next invocation, or is gone: like Lambda's, an invocation is over only
// then. If all processes are busy it waits for one first.
//
// What the function did, failing included, is in the Result. The error is non-nil
// only if there is no such result: a *[RequestError] if Lambda would refuse the
// payload; an error wrapping ctx.Err if ctx ended first, in which case a process
// that had the event is killed, because nobody can tell what state it is in;
// [ErrClosed]; or the reason why the binary does not start. An empty payload
// counts as {}.
func (l *Lambda) Invoke(ctx context.Context, payload []byte) (Result, error) {
	payload, err := checkRequest(payload)
	if err != nil {
		return Result{}, err
	}
	id, trace := requestID(), traceID(time.Now())
	if err := l.begin(ctx, id); err != nil {
		return Result{}, err
	}
	defer l.end()
	for {
		p, err := l.process()
		if err != nil {
			return Result{}, err
		}
		a := attempt{lambda: l, process: p, id: id}
		res, err := a.run(ctx, trace, payload)
		if errors.Is(err, errNotDelivered) {
			continue // an idle process died before it got the event: nothing was lost
		}
		return res, err
	}
}

// begin counts an invocation in and takes a slot for it.
func (l *Lambda) begin(ctx context.Context, id string) error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return ErrClosed
	}
	l.invokes.Add(1)
	l.mu.Unlock()

	err := l.takeSlot(ctx, id)
	if err != nil {
		l.invokes.Done()
	}
	return err
}

func (l *Lambda) takeSlot(ctx context.Context, id string) error {
	if err := ctx.Err(); err != nil {
		return contextError(id, err)
	}
	select {
	case l.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return contextError(id, ctx.Err())
	case <-l.closing:
		return ErrClosed
	}
}

func (l *Lambda) end() {
	<-l.slots
	l.invokes.Done()
}

func contextError(id string, err error) error { return fmt.Errorf("invocation %s: %w", id, err) }
