package localecs

import (
	"math"
	"time"
)

// A Throttle limits the rate of calls. A bucket whose Burst is 0 limits nothing.
type Throttle struct {
	Modify  Bucket // RunTask and StopTask
	Read    Bucket // DescribeTasks, ListTasks and DescribeClusters
	Fargate Bucket // RunTask on Fargate
}

// A Bucket is a token bucket: it holds up to Burst tokens, gains Refill of them a second,
// and each call takes one.
type Bucket struct {
	Burst  float64
	Refill float64
}

// DefaultThrottle has the limits of an account that never asked for more
// (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html, and
// "Fargate throttling quotas" in the developer guide).
func DefaultThrottle() *Throttle {
	return &Throttle{
		Modify:  Bucket{Burst: 100, Refill: 40}, // "cluster resource modify actions"
		Read:    Bucket{Burst: 100, Refill: 20}, // "cluster resource read actions"
		Fargate: Bucket{Burst: 20, Refill: 20},
	}
}

// A meter is the level of a bucket at a moment.
type meter struct {
	bucket Bucket
	level  float64
	at     time.Time
}

func newMeter(b Bucket) meter { return meter{bucket: b, level: b.Burst} }

// take takes a token, or returns the error of a call that is refused.
func (m *meter) take(now time.Time) *apiError {
	if m.bucket.Burst <= 0 {
		return nil
	}
	if !m.at.IsZero() && now.After(m.at) {
		m.level = math.Min(m.bucket.Burst, m.level+now.Sub(m.at).Seconds()*m.bucket.Refill)
	}
	if m.at.IsZero() || now.After(m.at) {
		m.at = now
	}
	// Adding up fractions must not lose a token that is due.
	if m.level < 1-1e-9 {
		return badRequest(codeThrottling, messageRateExceeded)
	}
	m.level--
	return nil
}
