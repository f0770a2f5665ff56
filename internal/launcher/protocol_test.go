package launcher

import (
	"context"
	"errors"
	"fmt"
	"io"
	nethttp "net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/taskbridge/taskbridge/internal/task"
)

// ecsFake keeps tokens as ECS does. What it does to each call is scripted.
type ecsFake struct {
	t       *testing.T
	started int
	bound   map[string]*ecs.RunTaskOutput
	counts  map[string]int32
	since   map[string]time.Time
	calls   []call

	// room says how many of n tasks the n-th call may start, and why not more.
	room func(call, n int) (int, string)
	// before and after are the error of a call that is lost before or after it has
	// been carried out.
	before, after func(call int) error
	describe      func(call int, in *ecs.DescribeTasksInput) (*ecs.DescribeTasksOutput, error)
	described     int
}

type call struct {
	token string
	count int32
	at    time.Time
	again bool
}

func newFake(t *testing.T) *ecsFake {
	return &ecsFake{t: t, bound: map[string]*ecs.RunTaskOutput{}, counts: map[string]int32{}, since: map[string]time.Time{}}
}

func (f *ecsFake) RunTask(_ context.Context, in *ecs.RunTaskInput, opts ...func(*ecs.Options)) (*ecs.RunTaskOutput, error) {
	var o ecs.Options
	for _, opt := range opts {
		opt(&o)
	}
	if o.Retryer == nil || o.Retryer.MaxAttempts() != 1 {
		f.t.Error("the SDK's own retries are on")
	}
	n, token := aws.ToInt32(in.Count), *in.ClientToken
	out := f.bound[token]
	f.calls = append(f.calls, call{token, n, time.Now(), out != nil})
	i := len(f.calls) - 1
	if f.before != nil {
		if err := f.before(i); err != nil {
			return nil, err
		}
	}
	if out != nil && f.counts[token] != n {
		e := &ecstypes.ConflictException{}
		for _, t := range out.Tasks {
			e.ResourceIds = append(e.ResourceIds, *t.TaskArn)
		}
		return nil, answered(400, e)
	}
	if out == nil {
		out = f.carryOut(i, int(n))
		f.bound[token], f.counts[token], f.since[token] = out, n, time.Now()
	}
	if time.Since(f.since[token]) > time.Hour {
		// "Failures that are over an hour old only include the number".
		out = &ecs.RunTaskOutput{Tasks: out.Tasks, Failures: make([]ecstypes.Failure, len(out.Failures))}
	}
	if f.after != nil {
		if err := f.after(i); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (f *ecsFake) carryOut(i, n int) *ecs.RunTaskOutput {
	placed, reason := n, ""
	if f.room != nil {
		placed, reason = f.room(i, n)
	}
	out := &ecs.RunTaskOutput{}
	for range placed {
		f.started++
		out.Tasks = append(out.Tasks, ecstypes.Task{TaskArn: ptr(fmt.Sprintf("arn:%d", f.started)), CreatedAt: ptr(time.Now())})
	}
	for range n - placed {
		if reason != "" {
			out.Failures = append(out.Failures, ecstypes.Failure{Reason: &reason})
		}
	}
	return out
}

func (f *ecsFake) DescribeTasks(_ context.Context, in *ecs.DescribeTasksInput, _ ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error) {
	f.described++
	return f.describe(f.described, in)
}

func (f *ecsFake) tokens() []string {
	var list []string
	for _, c := range f.calls {
		list = append(list, c.token)
	}
	return list
}

// in runs a test in virtual time, with an invocation that has limit to answer.
func in(t *testing.T, limit time.Duration, f func(*testing.T, context.Context)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		f(t, ctx)
	})
}

func TestShortfallIsToppedUp(t *testing.T) {
	in(t, time.Minute, func(t *testing.T, ctx context.Context) {
		f := newFake(t)
		f.room = func(i, n int) (int, string) { return []int{2, 0, 1, n}[i], "RESOURCE:MEMORY" }
		l := launchOf(7)
		l.Time = time.Now()
		got, err := New(f, Options{}).Launch(ctx, l)
		if err != nil || len(got.TaskARNs) != 7 || f.started != 7 {
			t.Fatalf("got %+v, %v; %d tasks, want 7", got, err, f.started)
		}
		var counts []int32
		for i, c := range f.calls {
			counts = append(counts, c.count)
			if want := Token(&l, 0, i); c.token != want {
				t.Errorf("call %d: token %s, want that of generation %d", i, c.token, i)
			}
		}
		if want := []int32{7, 5, 5, 4}; !slices.Equal(counts, want) {
			t.Errorf("asked for %v tasks, want %v", counts, want)
		}
		if got.Generation != 3 || got.Attempts != 4 || got.Shortfall != 5+5+4 || got.Duplicate {
			t.Errorf("got %+v", got)
		}
	})
}

// An event without a time gets to its generation again, too.
func TestWalkWithoutTime(t *testing.T) {
	in(t, 10*time.Hour, func(t *testing.T, ctx context.Context) {
		f := newFake(t)
		f.room = func(i, n int) (int, string) { return 0, "AGENT" }
		for range 2 {
			if _, err := New(f, Options{}).Launch(ctx, launchOf(1)); err == nil {
				t.Fatal("there is no capacity")
			}
		}
		time.Sleep(2 * time.Minute)
		f.room = nil
		for range 5 {
			if _, err := New(f, Options{}).Launch(ctx, launchOf(1)); err == nil {
				break
			}
			time.Sleep(time.Hour)
		}
		if f.started != 1 {
			t.Errorf("%d tasks started, want 1", f.started)
		}
	})
}

// Without time for another generation, the error is what the last one lacked.
func TestShortfallIsSaidAtDeadline(t *testing.T) {
	in(t, 3*time.Second, func(t *testing.T, ctx context.Context) {
		f := newFake(t)
		f.room = func(int, int) (int, string) {
			time.Sleep(1500 * time.Millisecond)
			return 1, "RESOURCE:ENI"
		}
		got, err := New(f, Options{Fargate: Rate{0.001, 1}}).Launch(ctx, launchOf(3))
		if e := launchError(t, err); e.Reason != "RESOURCE:ENI" || e.Missing != 2 || len(got.TaskARNs) != 1 {
			t.Errorf("got %v, %+v", err, got)
		}
	})
}

// A launch that is made again by a function that remembers nothing goes the same
// way and starts nothing, whatever it was interrupted by.
func TestWalkAgain(t *testing.T) {
	in(t, time.Hour, func(t *testing.T, ctx context.Context) {
		f := newFake(t)
		f.room = func(i, n int) (int, string) { return min(n, 1+i%3), "AGENT" }
		l := launchOf(25)
		l.Time = time.Now()
		first, err := New(f, Options{}).Launch(ctx, l)
		if err != nil || f.started != 25 {
			t.Fatalf("got %v, %d tasks", err, f.started)
		}
		calls := f.tokens()
		time.Sleep(30 * time.Minute)
		f.calls = nil
		began := time.Now()
		again, err := New(f, Options{}).Launch(ctx, l)
		if err != nil || f.started != 25 || !slices.Equal(again.TaskARNs, first.TaskARNs) || !again.Duplicate {
			t.Errorf("got %+v, %v, %d tasks; want those of %+v", again, err, f.started, first)
		}
		if !slices.Equal(f.tokens(), calls) {
			t.Errorf("another way: %q, want %q", f.tokens(), calls)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("going through what had been answered took %s", took)
		}
	})
}

// Every kind of interruption keeps token and bytes.
func TestAmbiguousKeepsToken(t *testing.T) {
	faults := map[string]error{
		"timeout": context.DeadlineExceeded, "cut off": io.ErrUnexpectedEOF, "server": answered(500, &ecstypes.ServerException{}),
		"undecodable": answered(200, errors.New("invalid character")), "balancer": answered(503, errors.New("<html>")),
		"throttled": answered(400, apiError("ThrottlingException", "Rate exceeded")), "unknown": answered(400, apiError("Novel", "")),
		"provisioning": answered(400, &ecstypes.ClientException{Message: ptr("Tasks provisioning capacity limit exceeded.")}),
	}
	for name, fault := range faults {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s after=%t", name, after), func(t *testing.T) {
				in(t, 2*time.Minute, func(t *testing.T, ctx context.Context) {
					f := newFake(t)
					once := func(i int) error {
						if i == 0 {
							return fault
						}
						return nil
					}
					if after {
						f.after = once
					} else {
						f.before = once
					}
					got, err := New(f, Options{}).Launch(ctx, launchOf(3))
					if err != nil || f.started != 3 || len(got.TaskARNs) != 3 {
						t.Fatalf("got %+v, %v, %d tasks", got, err, f.started)
					}
					if len(f.calls) != 2 || f.calls[0].token != f.calls[1].token || f.calls[0].count != f.calls[1].count {
						t.Errorf("got calls %+v, want the same twice", f.calls)
					}
				})
			})
		}
	}
}

func TestEmptyAnswerIsRepeated(t *testing.T) {
	in(t, time.Minute, func(t *testing.T, ctx context.Context) {
		f := newFake(t)
		f.room = func(int, int) (int, string) { return 0, "" }
		_, err := New(f, Options{}).Launch(ctx, launchOf(1))
		e := launchError(t, err)
		if e.Kind != Ambiguous || e.Reason != ReasonEmptyAnswer || e.Missing != 1 {
			t.Errorf("got %+v", e)
		}
		for _, c := range f.calls {
			if c.token != f.calls[0].token {
				t.Error("an empty answer is no proof: want the same token")
			}
		}
	})
}

func TestPermanentFailureEndsTheWalk(t *testing.T) {
	in(t, time.Minute, func(t *testing.T, ctx context.Context) {
		f := newFake(t)
		f.room = func(int, int) (int, string) { return 1, "ATTRIBUTE" }
		got, err := New(f, Options{}).Launch(ctx, launchOf(3))
		e := launchError(t, err)
		if e.Kind != Permanent || e.Reason != "ATTRIBUTE" || e.Missing != 2 || len(got.TaskARNs) != 1 || len(f.calls) != 1 {
			t.Errorf("got %+v after %d calls", e, len(f.calls))
		}
	})
}

// A conflict that names fewer tasks than are asked for is topped up; one that
// names none proves nothing.
func TestConflictIsAnAnswer(t *testing.T) {
	in(t, time.Minute, func(t *testing.T, ctx context.Context) {
		f := newFake(t)
		l := launchOf(3)
		f.bound[Token(&l, 0, 0)], f.counts[Token(&l, 0, 0)] = f.carryOut(0, 1), 1 // before the mapping was changed
		got, err := New(f, Options{}).Launch(ctx, l)
		if err != nil || f.started != 3 || len(got.TaskARNs) != 3 || got.Duplicate {
			t.Errorf("got %+v, %v, %d tasks", got, err, f.started)
		}
	})
	in(t, time.Minute, func(t *testing.T, ctx context.Context) {
		f := newFake(t)
		l := launchOf(3)
		f.bound[Token(&l, 0, 0)], f.counts[Token(&l, 0, 0)] = &ecs.RunTaskOutput{}, 1
		_, err := New(f, Options{}).Launch(ctx, l)
		if e := launchError(t, err); e.Kind != Ambiguous || e.Reason != codeConflict || f.started != 0 || len(f.calls) != 1+DefaultAttempts {
			t.Errorf("got %v after %d calls, %d tasks", err, len(f.calls), f.started)
		}
	})
}

// A capacity failure on every delivery: each delivery ends in time, and the walk
// stays short however many there are.
func TestDeliveriesWithoutCapacity(t *testing.T) {
	for _, every := range []time.Duration{time.Minute, 6 * time.Minute, time.Hour} {
		t.Run(every.String(), func(t *testing.T) { synctest.Test(t, func(t *testing.T) { deliverWithoutCapacity(t, every) }) })
	}
}

func deliverWithoutCapacity(t *testing.T, every time.Duration) {
	f := newFake(t)
	f.room = func(int, int) (int, string) { return 0, "RESOURCE:CPU" }
	l := launchOf(1)
	l.Time = time.Now()
	lastTry, longest, most := time.Now(), time.Duration(0), 0
	for time.Since(l.Time) < 23*time.Hour {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		began, before := time.Now(), len(f.calls)
		_, err := New(f, Options{}).Launch(ctx, l)
		if e := launchError(t, err); e.Kind != Transient && e.Kind != Unknown {
			t.Fatalf("got %v", err)
		}
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("a delivery took %s", took)
		}
		cancel()
		walked := f.calls[before:]
		most = max(most, len(walked))
		if last := walked[len(walked)-1]; !last.again {
			longest, lastTry = max(longest, last.at.Sub(lastTry)), last.at
		}
		time.Sleep(every)
	}
	t.Logf("a delivery every %s for a day: at most %s between tries, at most %d calls", every, longest, most)
	// About longestInterval. Chance decides how many tries a delivery adds, but when
	// there was none for an hour, no answer looks as if it were new.
	if longest > failureDetail+every+time.Minute {
		t.Errorf("up to %s passed without a try", longest)
	}
	if most > maxGenerations {
		t.Errorf("a delivery made %d calls", most)
	}
	f.room = nil
	got, err := New(f, Options{}).Launch(t.Context(), l)
	for deadline := time.Now().Add(time.Hour); err != nil && time.Now().Before(deadline); time.Sleep(every) {
		got, err = New(f, Options{}).Launch(t.Context(), l)
	}
	if err != nil || f.started != 1 {
		t.Errorf("with capacity again: got %+v, %v", got, err)
	}
}

func TestRetryOfRule(t *testing.T) {
	in(t, time.Minute, func(t *testing.T, ctx context.Context) {
		f := newFake(t)
		f.before = func(int) error { return answered(500, &ecstypes.ServerException{}) }
		for attempts, want := range []int{1, 2, 3} {
			l := launchOf(1)
			l.Retry = &task.Retry{Attempts: &attempts}
			f.calls = nil
			if _, err := New(f, Options{}).Launch(ctx, l); err == nil || len(f.calls) != want {
				t.Errorf("attempts %d: got %v after %d calls, want %d", attempts, err, len(f.calls), want)
			}
		}
		l := launchOf(1)
		l.Time = time.Now().Add(-3 * time.Hour)
		l.Retry = &task.Retry{MaxAgeSeconds: 7200}
		f.calls = nil
		_, err := New(f, Options{}).Launch(ctx, l)
		if e := launchError(t, err); e.Reason != "ServerException" || len(f.calls) != 1 {
			t.Errorf("an event older than maxAge: got %v after %d calls", err, len(f.calls))
		}
	})
}

// An event that has become older than maxAge is not waited for, but what an earlier
// delivery has started for it, in whatever generation, is found.
func TestLaunchedBeforeMaxAge(t *testing.T) {
	in(t, time.Minute, func(t *testing.T, ctx context.Context) {
		f := newFake(t)
		f.room = func(i, n int) (int, string) { return []int{0, 0, n}[i], "RESOURCE:MEMORY" }
		l := launchOf(1)
		l.Time, l.Retry = time.Now(), &task.Retry{MaxAgeSeconds: 60}
		if _, err := New(f, Options{}).Launch(ctx, l); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		got, err := New(f, Options{}).Launch(ctx, l)
		if err != nil || !got.Duplicate || f.started != 1 {
			t.Errorf("got %+v, %v; %d tasks started", got, err, f.started)
		}
	})
}

// Whatever happens, Launch returns before the deadline; without time for a call
// it makes none.
func TestDeadline(t *testing.T) {
	for _, limit := range []time.Duration{50 * time.Millisecond, time.Second, 7 * time.Second} {
		in(t, limit, func(t *testing.T, ctx context.Context) {
			f := newFake(t)
			f.before = func(int) error { return answered(400, apiError("ThrottlingException", "Rate exceeded")) }
			began := time.Now()
			_, err := New(f, Options{}).Launch(ctx, launchOf(1))
			e := launchError(t, err)
			if time.Since(began) >= limit {
				t.Errorf("%s: returned after the deadline", limit)
			}
			if limit < minCall && (e.Reason != ReasonNotAttempted || len(f.calls) > 0) {
				t.Errorf("%s: got %v after %d calls", limit, e, len(f.calls))
			}
		})
	}
}

// The trace of the invocation goes along, whether or not the environment has it:
// where a process has several invocations at a time, it has none.
func TestTrace(t *testing.T) {
	var got []string
	client := ecs.New(ecs.Options{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
		HTTPClient: roundTrip(func(r *nethttp.Request) (*nethttp.Response, error) {
			got = append(got, r.Header.Get("X-Amzn-Trace-Id"))
			return nil, errors.New("no network")
		}),
	})
	const trace = "Root=1-67891233-abcdef012345678912345678;Parent=463ac35c9f6413ad;Sampled=1"
	//lint:ignore SA1029 the key is aws-lambda-go's
	ctx := context.WithValue(t.Context(), "x-amzn-trace-id", trace)
	l := onceOf(1)
	_, _ = New(client, Options{}).Launch(ctx, l)
	_, _ = New(client, Options{}).Launch(t.Context(), l)
	if want := []string{trace, ""}; !slices.Equal(got, want) {
		t.Errorf("got headers %q, want %q", got, want)
	}
}

type roundTrip func(*nethttp.Request) (*nethttp.Response, error)

func (f roundTrip) Do(r *nethttp.Request) (*nethttp.Response, error) { return f(r) }

// memory is a Ledger in a map.
type memory struct {
	records map[string]Record
	claims  map[string]time.Time
}

func (m *memory) Claim(_ context.Context, cluster, id string, until time.Time) (Record, error) {
	if r := m.records[cluster+id]; r.Done {
		return r, nil
	}
	if time.Now().Before(m.claims[cluster+id]) {
		return Record{}, ErrClaimed
	}
	m.claims[cluster+id] = until
	return m.records[cluster+id], nil
}

func (m *memory) Save(_ context.Context, cluster, id string, r Record) error {
	m.records[cluster+id] = r
	if r.Done {
		delete(m.claims, cluster+id)
	}
	return nil
}

// With a ledger nothing starts again even if ECS has forgotten everything, or
// never bound the token of an answer without tasks.
func TestLedger(t *testing.T) {
	in(t, time.Hour, func(t *testing.T, ctx context.Context) {
		f := newFake(t)
		f.room = func(i, n int) (int, string) { return min(n, i), "AGENT" }
		opts := Options{Ledger: &memory{map[string]Record{}, map[string]time.Time{}}}
		l := launchOf(13)
		first, err := New(f, opts).Launch(ctx, l)
		if err != nil || f.started != 13 {
			t.Fatalf("got %+v, %v, %d tasks", first, err, f.started)
		}
		f.bound, f.calls = map[string]*ecs.RunTaskOutput{}, nil
		again, err := New(f, opts).Launch(ctx, l)
		if err != nil || len(f.calls) != 0 || !again.Duplicate || !slices.Equal(again.TaskARNs, first.TaskARNs) {
			t.Errorf("got %+v, %v after %d calls", again, err, len(f.calls))
		}
	})
	in(t, 10*time.Second, func(t *testing.T, ctx context.Context) {
		f := newFake(t)
		m := &memory{map[string]Record{}, map[string]time.Time{}}
		f.room = func(int, int) (int, string) { return 1, "AGENT" }
		l := launchOf(9)
		l.Time = time.Now()
		if _, err := New(f, Options{Ledger: m}).Launch(ctx, l); err == nil {
			t.Fatal("want an error: there was not enough time")
		}
		if _, err := New(f, Options{Ledger: m}).Launch(ctx, l); launchError(t, err).Reason != ReasonLedger || !errors.Is(err, ErrClaimed) {
			t.Errorf("got %v, want a claimed launch", err)
		}
		time.Sleep(time.Minute)
		started := f.started
		f.room, f.bound = nil, map[string]*ecs.RunTaskOutput{}
		if got, err := New(f, Options{Ledger: m}).Launch(context.WithoutCancel(ctx), l); err != nil || f.started != 9 || len(got.TaskARNs) != 9 || got.Duplicate {
			t.Errorf("got %+v, %v: %d tasks, %d before", got, err, f.started, started)
		}
	})
}
