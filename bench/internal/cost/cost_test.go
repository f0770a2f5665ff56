package cost

import (
	"math"
	"testing"
)

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 0.005 {
		t.Errorf("%s: got $%.4f, want $%.4f", what, got, want)
	}
}

// The sums are worked out by hand.
func TestMonth(t *testing.T) {
	m := Standard()
	b := m.Month(1e6)
	// 10⁶ × 0.151 s × 0.25 GB = 37,750 GB-seconds.
	near(t, "Lambda", b.Lambda, 0.20+37750*0.0000133334)
	near(t, "logs", b.Logs, 0.35)
	if b.SQS != 0 || b.EventBridge != 0 {
		t.Errorf("got %+v: neither queue nor own events", b)
	}

	m.Custom, m.Batch = true, 10
	b = m.Month(1e6)
	// 10⁵ invocations of 0.150 + 10 × 0.001 s.
	near(t, "Lambda in batches", b.Lambda, 0.02+1e5*0.160*0.25*0.0000133334)
	near(t, "EventBridge", b.EventBridge, 1.00)
	near(t, "SQS", b.SQS, 0.40+0.08)

	m.Batch = 100
	b = m.Month(1e6)
	// 10⁴ invocations of 10 rounds of calls.
	near(t, "Lambda in large batches", b.Lambda, 0.002+1e4*(1.5+0.1)*0.25*0.0000133334)
}

func TestTiers(t *testing.T) {
	near(t, "below", compute(1e9), 13333.4)
	near(t, "above", compute(8e9), 7.5e9*LambdaGBSecond+0.5e9*LambdaTier2)
}

// The cost of an event does not depend on how many there are, but for the tier.
func TestFlat(t *testing.T) {
	m := Standard()
	a, b := m.Month(1e6).Total()/1e6, m.Month(1e8).Total()/1e8
	if math.Abs(a-b) > 1e-12 {
		t.Errorf("an event costs %g at 10⁶ and %g at 10⁸", a, b)
	}
}
