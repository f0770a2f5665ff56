package launcher

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskbridge/taskbridge/internal/task"
)

func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		l := New(lock(f), Options{})
		began := time.Now()
		var group sync.WaitGroup
		for i := range 420 {
			group.Go(func() {
				q := launchOf(1)
				q.Element, q.Request.LaunchType = i, "FARGATE"
				if _, err := l.Launch(t.Context(), q); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if took := time.Since(began); took < 19*time.Second || took > 21*time.Second {
			t.Errorf("420 calls took %s, want 20 at once and then 20 a second", took)
		}
	})
}

// Buckets are of clusters and launch types: one that is throttled holds up no
// other.
func TestRateIsOfPlace(t *testing.T) {
	r := newRates(&Options{})
	same := [][2]task.Request{
		{{Cluster: "a", LaunchType: "FARGATE"}, {Cluster: "a", CapacityProviderStrategy: []task.CapacityProviderStrategyItem{{CapacityProvider: "FARGATE_SPOT"}}}},
		{{Cluster: "a", LaunchType: "EC2"}, {Cluster: "a", CapacityProviderStrategy: []task.CapacityProviderStrategyItem{{CapacityProvider: "gpus"}}}},
		{{Cluster: "a"}, {Cluster: "a", LaunchType: "FARGATE"}},
	}
	for _, p := range same {
		if r.of(&p[0]) != r.of(&p[1]) {
			t.Errorf("%+v and %+v have different buckets", p[0], p[1])
		}
	}
	if a, b := r.of(&task.Request{Cluster: "a"}), r.of(&task.Request{Cluster: "b"}); a == b {
		t.Error("two clusters share a bucket")
	}
	if a, b := r.of(&task.Request{LaunchType: "EC2"}), r.of(&task.Request{LaunchType: "FARGATE"}); a == b || a.limit != EC2Rate || b.limit != FargateRate {
		t.Error("EC2 and Fargate share a bucket, or have not their limits")
	}
}

func TestRateFollowsThrottling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(FargateRate)
		for range 60 {
			b.take(t.Context())
			b.done(true)
			time.Sleep(time.Second)
		}
		if b.rate > 1 || b.rate <= 0 {
			t.Errorf("after a minute of throttling the rate is %v a second", b.rate)
		}
		began := time.Now()
		for b.rate < FargateRate.PerSecond {
			b.take(t.Context())
			b.done(false)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("the rate took %s to come back", took)
		}
	})
}

func TestRateStopsAtDeadline(t *testing.T) {
	in(t, 3*time.Second, func(t *testing.T, ctx context.Context) {
		b := newBucket(Rate{0.1, 1})
		if !b.take(ctx) {
			t.Fatal("the first call has a token")
		}
		began := time.Now()
		if b.take(ctx) || time.Since(began) > 0 {
			t.Errorf("a token that comes after the deadline was waited for %s", time.Since(began))
		}
	})
}

func TestOptionsFromEnv(t *testing.T) {
	env := func(pairs ...string) func(string) (string, bool) {
		return func(name string) (string, bool) {
			for _, p := range pairs {
				if v, ok := strings.CutPrefix(p, name+"="); ok {
					return v, true
				}
			}
			return "", false
		}
	}
	o, err := OptionsFromEnv(env("TASKBRIDGE_FARGATE_RATE=50", "TASKBRIDGE_EC2_RATE=5.5/80"))
	if err != nil || o.Fargate != (Rate{50, 50}) || o.EC2 != (Rate{5.5, 80}) {
		t.Errorf("got %+v, %v", o, err)
	}
	if o, err := OptionsFromEnv(env()); err != nil || o.Fargate != (Rate{}) {
		t.Errorf("got %+v, %v", o, err)
	}
	for _, bad := range []string{"x", "0", "-1", "5/0", "5/", "/5", "NaN", "1e9", "Inf"} {
		if _, err := OptionsFromEnv(env("TASKBRIDGE_EC2_RATE=" + bad)); err == nil || !strings.Contains(err.Error(), "TASKBRIDGE_EC2_RATE") {
			t.Errorf("%q: got %v, want an error that names the variable", bad, err)
		}
	}
}

// Pauses are within their bounds for any backoff, however often there was one.
func TestPauses(t *testing.T) {
	most := func() float64 { return 0.999999 }
	for _, backoff := range []time.Duration{time.Millisecond, time.Second, time.Minute, 24 * time.Hour, 20 * 24 * time.Hour} {
		attempts := 100
		b := newBudget(&task.Retry{Attempts: &attempts, BackoffMillis: int(backoff.Milliseconds())}, FargateRate)
		last := time.Duration(0)
		for n := range 100 {
			pause, ok := b.spend(&row{class: Transient}, most)
			if !ok || pause < last || pause > max(MaxBackoff, backoff) {
				t.Fatalf("backoff %s, try %d: pause %s after %s, %t", backoff, n, pause, last, ok)
			}
			last = pause
		}
		if _, ok := b.spend(&row{class: Transient}, most); ok {
			t.Errorf("backoff %s: more than 100 tries", backoff)
		}
		if last < MaxBackoff-time.Second {
			t.Errorf("backoff %s: the longest pause is %s", backoff, last)
		}
	}
	fast := newBudget(nil, Rate{PerSecond: 400, Burst: 400})
	for range 10 {
		if pause, _ := fast.spend(&row{class: Transient, flag: throttled}, most); pause > 200*time.Millisecond {
			t.Errorf("throttled at 400 calls a second: pause %s", pause)
		}
	}
}
