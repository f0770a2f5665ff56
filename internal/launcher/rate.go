package launcher

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/taskbridge/taskbridge/internal/task"
)

// A Rate limits calls: PerSecond of them in the long run, and up to Burst at
// once. The zero Rate stands for a default.
type Rate struct {
	PerSecond float64
	Burst     float64
}

// The limits of an account that never asked for more: "RunTask on Fargate" 20 a
// second, sustained and burst ("Fargate throttling quotas", developer guide), and
// 40 a second, burst 100, for cluster resource modify actions ("Request
// throttling", API reference). Both are of a whole account and Region.
var (
	FargateRate = Rate{20, 20}
	EC2Rate     = Rate{40, 100}
)

// The environment variables that set the rates: calls per second, or calls per
// second and burst as in 40/100.
const (
	EnvFargateRate = "TASKBRIDGE_FARGATE_RATE"
	EnvEC2Rate     = "TASKBRIDGE_EC2_RATE"
)

// OptionsFromEnv reads what an operator can set. env is as os.LookupEnv.
func OptionsFromEnv(env func(string) (string, bool)) (Options, error) {
	var o Options
	for name, rate := range map[string]*Rate{EnvFargateRate: &o.Fargate, EnvEC2Rate: &o.EC2} {
		text, ok := env(name)
		if !ok || text == "" {
			continue
		}
		var err error
		if *rate, err = parseRate(text); err != nil {
			return o, fmt.Errorf("%s: %w", name, err)
		}
	}
	return o, nil
}

func parseRate(text string) (Rate, error) {
	perSecond, burst, ok := strings.Cut(text, "/")
	if !ok {
		burst = perSecond
	}
	r, err1 := strconv.ParseFloat(perSecond, 64)
	b, err2 := strconv.ParseFloat(burst, 64)
	if err1 != nil || err2 != nil || !(r > 0 && r <= 1e6) || !(b >= 1 && b <= 1e6) {
		return Rate{}, fmt.Errorf("%q is not a rate: expected calls per second, as 20, or calls per second and burst, as 40/100", text)
	}
	return Rate{r, b}, nil
}

// rates has a bucket for each cluster and kind of capacity.
type rates struct {
	fargate, ec2 Rate
	mu           sync.Mutex
	buckets      map[place]*bucket
}

type place struct {
	cluster string
	fargate bool
}

func newRates(o *Options) *rates {
	r := &rates{fargate: o.Fargate, ec2: o.EC2, buckets: map[place]*bucket{}}
	if r.fargate == (Rate{}) {
		r.fargate = FargateRate
	}
	if r.ec2 == (Rate{}) {
		r.ec2 = EC2Rate
	}
	return r
}

// of is the bucket for a request. Where only the cluster knows what its tasks run
// on, the lower limit holds.
func (r *rates) of(q *task.Request) *bucket {
	p := place{q.Cluster, q.LaunchType == "" || q.LaunchType == "FARGATE"}
	if len(q.CapacityProviderStrategy) > 0 {
		p.fargate = strings.HasPrefix(q.CapacityProviderStrategy[0].CapacityProvider, "FARGATE")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.buckets[p]
	if b == nil {
		limit := r.ec2
		if p.fargate {
			limit = r.fargate
		}
		b = newBucket(limit)
		r.buckets[p] = b
	}
	return b
}

// bucket is a token bucket whose rate goes down when ECS throttles and comes back
// with each call that it does not: other callers share the account's limit, other
// processes of this function among them.
type bucket struct {
	limit    Rate
	turn     chan struct{} // held by the one caller that waits for its token
	inFlight chan struct{} // bounds the calls at a time

	mu      sync.Mutex
	rate    float64 // tokens a second, at most limit.PerSecond
	level   float64
	at      time.Time // of level
	slowed  time.Time // when the rate last went down
	started bool
}

// How the rate follows what ECS allows. It goes down by a fifth at most once in
// the time of ten calls at the full rate, and up by a hundredth of the full rate
// with each call. Several processes that share a limit thus end up a little above
// their share, and so use it up.
const (
	rateDown   = 0.8
	rateUp     = 0.01
	rateFloor  = 0.02 // of the limit: the rate never stands still
	rateEpoch  = 10   // calls
	maxFlights = 100  // calls at a time: all that ECS lets an account make at once, see EC2Rate
)

func newBucket(limit Rate) *bucket {
	return &bucket{
		limit: limit, rate: limit.PerSecond, level: limit.Burst,
		turn: make(chan struct{}, 1), inFlight: make(chan struct{}, maxFlights),
	}
}

// take waits until a call may be made. It returns false if none can before the
// deadline of ctx. After true, done must be called.
func (b *bucket) take(ctx context.Context) bool {
	if deadline, ok := ctx.Deadline(); ctx.Err() != nil || ok && time.Until(deadline) < minCall {
		return false
	}
	select {
	case b.turn <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	defer func() { <-b.turn }()
	for {
		wait := b.tryTake()
		if wait == 0 {
			break
		}
		if !sleep(ctx, wait, minCall) {
			return false
		}
	}
	select {
	case b.inFlight <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// tryTake takes a token, or returns how long to wait for one.
func (b *bucket) tryTake() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if b.started {
		b.level = min(b.limit.Burst, b.level+now.Sub(b.at).Seconds()*b.rate)
	}
	b.started, b.at = true, now
	if b.level >= 1 {
		b.level--
		return 0
	}
	return time.Duration((1-b.level)/b.rate*float64(time.Second)) + 1
}

// done reports how the call went.
func (b *bucket) done(throttled bool) {
	<-b.inFlight
	b.mu.Lock()
	defer b.mu.Unlock()
	if !throttled {
		b.rate = min(b.limit.PerSecond, b.rate+rateUp*b.limit.PerSecond)
		return
	}
	now := time.Now()
	if now.Sub(b.slowed).Seconds() < rateEpoch/b.limit.PerSecond {
		return
	}
	b.slowed = now
	b.rate = max(rateFloor*b.limit.PerSecond, b.rate*rateDown)
	b.level = min(b.level, 1)
}
