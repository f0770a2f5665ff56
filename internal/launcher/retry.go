package launcher

import (
	"time"

	"github.com/taskbridge/taskbridge/internal/task"
)

// How often a call or a generation that did not succeed is tried again in one
// invocation, by class, where the rule does not say.
const (
	DefaultAttempts   = 5  // transient and ambiguous
	ThrottledAttempts = 20 // throttled: the rate limit slows down as well
	UnknownAttempts   = 2  // unknown, and what passes soon or never
)

// The pause before try n+1 is a random part of DefaultBackoff times 2 to the n,
// at most MaxBackoff.
const (
	DefaultBackoff = time.Second
	MaxBackoff     = 30 * time.Second
)

const (
	// The pauses of throttled tries are short, because the rate limit waits already
	// and knows of all calls: at first as long as throttledCalls take at that rate,
	// and doubled throttledDoublings times at most.
	throttledCalls     = 20
	throttledDoublings = 2
	// slowBackoffs is what is added to the pause after a failure that passes
	// slowly, in first pauses: fifteen seconds by default.
	slowBackoffs = 15
)

// A Plan says how a launch is tried again inside one invocation.
type Plan struct {
	Transient, Ambiguous, Throttled, Unknown int           // tries after the first
	Backoff, MaxBackoff                      time.Duration // the longest first pause, and the longest
	MaxAge                                   time.Duration // of the event, beyond which nothing is waited for; 0 is without limit
}

// PlanOf is the plan for a rule's retry, which may be nil.
func PlanOf(r *task.Retry) Plan {
	p := Plan{
		Transient: DefaultAttempts, Ambiguous: DefaultAttempts, Throttled: ThrottledAttempts, Unknown: UnknownAttempts,
		Backoff: DefaultBackoff, MaxBackoff: MaxBackoff,
	}
	if r == nil {
		return p
	}
	if r.Attempts != nil {
		n := *r.Attempts
		p.Transient, p.Ambiguous, p.Throttled, p.Unknown = n, n, min(n, p.Throttled), min(n, p.Unknown)
	}
	if r.BackoffMillis > 0 {
		p.Backoff = time.Duration(r.BackoffMillis) * time.Millisecond
		p.MaxBackoff = max(p.MaxBackoff, p.Backoff)
	}
	p.MaxAge = time.Duration(r.MaxAgeSeconds) * time.Second
	return p
}

// budget counts the tries of one part of a launch.
type budget struct {
	plan Plan
	base time.Duration
	rate time.Duration // the first pause of a throttled try
	none bool          // retry.attempts is 0: never again, by no generation either
	used [5]int
	slow int // throttled tries
	soon int // tries of what passes soon or never
	n    int // all tries

	passed int // generations that may be repetitions or not
}

func newBudget(r *task.Retry, limit Rate) *budget {
	p := PlanOf(r)
	refill := time.Duration(throttledCalls / limit.PerSecond * float64(time.Second))
	return &budget{plan: p, base: p.Backoff, rate: min(p.Backoff, refill), none: p.Transient == 0}
}

// spend takes a try from the budget of what happened and returns the pause before
// it: exponential, with full jitter. ok is false if there is none left.
func (b *budget) spend(r *row, random func() float64) (pause time.Duration, ok bool) {
	used, limit := &b.used[r.class], b.plan.Transient
	switch {
	case r.flag&throttled != 0:
		used, limit = &b.slow, b.plan.Throttled
	case r.flag&few != 0:
		used, limit = &b.soon, b.plan.Unknown
	case r.class == Ambiguous:
		limit = b.plan.Ambiguous
	}
	if *used >= limit {
		return 0, false
	}
	*used++
	longest := b.plan.MaxBackoff
	if n := min(b.n, 30); b.base < longest>>n {
		longest = b.base << n
	}
	b.n++
	if r.flag&throttled != 0 {
		longest = b.rate << min(*used-1, throttledDoublings)
	}
	pause = time.Duration(random() * float64(longest))
	if r.flag&slow != 0 {
		pause += slowBackoffs * b.base
	}
	return pause, true
}

// repeatable is how many answers with fewer tasks than asked for a launch may meet
// that have been answered to earlier deliveries and still have their reasons, at
// an age of its event: as many as tries fit into the last hour of that age. The
// cost is that a first delivery which comes late makes so many tries in a row,
// thirteen at most with the default backoff.
func repeatable(age, base time.Duration) int {
	return tries(age, base) - tries(age-failureDetail, base)
}

// longestInterval is how far tries are apart when an event is old: a delivery as
// much later than another makes a call that is not a repetition.
const longestInterval = 15 * time.Minute

// tries is how many fit into an age, each after twice the time of the one before,
// up to longestInterval.
func tries(age, base time.Duration) int {
	n := 0
	for interval := base; age >= interval; interval = min(2*interval, max(base, longestInterval)) {
		if interval >= longestInterval {
			return n + int(age/interval)
		}
		age -= interval
		n++
	}
	return n
}
