package localecs

import (
	"context"
	"sync"
	"time"
)

// A Clock tells a [Server] what time it is. It must be safe for concurrent use
// and must not go backwards.
//
// A Clock that also has a method Sleep(context.Context, time.Duration) decides
// what the delay of a [Fault] costs; for any other, the delay is real time.
type Clock interface {
	Now() time.Time
}

type sleeper interface {
	Sleep(ctx context.Context, d time.Duration)
}

type realClock struct{}

func (realClock) Now() time.Time { return time.Now() }

// Sleep returns early if the client has gone away. The caller carries on either
// way: a request that was received is carried out.
func (realClock) Sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// A ManualClock stands still until it is told otherwise. It is safe for
// concurrent use.
type ManualClock struct {
	mu  sync.Mutex
	now time.Time
}

// NewManualClock returns a clock that stands at now.
func NewManualClock(now time.Time) *ManualClock {
	return &ManualClock{now: now}
}

// Now returns the time that the clock stands at.
func (c *ManualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock forward by d; a negative d does nothing.
func (c *ManualClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(max(d, 0))
}

// Set moves the clock forward to t. A clock never goes backwards: an earlier t
// does nothing.
func (c *ManualClock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.After(c.now) {
		c.now = t
	}
}

// Sleep advances the clock by d at once, so that a delayed answer costs virtual
// time.
func (c *ManualClock) Sleep(_ context.Context, d time.Duration) {
	c.Advance(d)
}
