package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taskbridge/taskbridge/internal/localecs"
	"github.com/taskbridge/taskbridge/internal/locallambda"
	"github.com/taskbridge/taskbridge/internal/mapping/compile"
)

var (
	drainEvents = flag.Int("drain.events", 300, "events that TestDrain delivers, each twice")
	drainSpeed  = flag.Float64("drain.speed", 10, "how much faster than real time TestDrain is: ECS takes 20 calls a second times that")
	crashKills  = flag.Int("crash.kills", 20, "how often TestCrash kills the function")
)

// backlogMapping has a task for each event. The pause between tries is in the time
// of the test.
const backlogMapping = `
version: 1
rules:
  - name: a
    match: {source: [test]}
    task:
      cluster: c
      taskDefinition: family
      launchType: FARGATE
      startedBy: ${event.id}
      networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-1]}}
    retry: {attempts: 8, backoff: BACKOFF}
`

// backlog is a queue, the function, and an ECS that is not well.
type backlog struct {
	*testing.T
	ecs     *localecs.Server
	lambda  *locallambda.Lambda
	calls   atomic.Int64
	faulty  func(*rand.Rand) localecs.Fault // of the next call; may be nil
	mu      sync.Mutex
	random  *rand.Rand
	queue   []string // bodies of messages
	flying  int
	refused int // messages that came back
}

// newBacklog starts processes of the real function.
func newBacklog(t *testing.T, processes int, opts localecs.Options, backoff time.Duration, env ...string) *backlog {
	t.Helper()
	b := &backlog{T: t, ecs: localecs.New(opts), random: rand.New(rand.NewPCG(1, 2))}
	b.ecs.CreateCluster("c")
	b.ecs.RegisterTaskDefinition(localecs.TaskDefinition{Family: "family", NetworkMode: "awsvpc", Containers: []localecs.Container{{Name: "main"}}})
	server := httptest.NewServer(http.HandlerFunc(b.serve))
	t.Cleanup(server.Close)
	text := strings.ReplaceAll(backlogMapping, "BACKOFF", backoff.String())
	plan, findings := compile.Compile("taskbridge.yaml", []byte(text))
	if plan == nil {
		t.Fatal(findings.Text([]byte(text)))
	}
	file, err := plan.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	b.lambda = start(t, locallambda.Config{
		Concurrency: processes, Timeout: 60 * time.Second,
		Env: append([]string{
			"TASKBRIDGE_PLAN=" + write(t, file), "AWS_ENDPOINT_URL_ECS=" + server.URL,
			"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "TASKBRIDGE_SQS_REPLY=partial",
		}, env...),
	})
	return b
}

// injectTenths lets every tenth of the next calls go wrong, on the average; calls
// that ECS throttles by itself are not counted.
func (b *backlog) injectTenths(calls int) {
	fine := 0
	for range calls {
		if b.random.IntN(10) > 0 {
			fine++
			continue
		}
		if fine > 0 {
			b.ecs.Inject(localecs.Fault{Times: fine})
		}
		b.ecs.Inject(everyFault[b.random.IntN(len(everyFault))])
		fine = 0
	}
}

// serve answers for ECS, and lets go wrong what is to go wrong.
func (b *backlog) serve(w http.ResponseWriter, r *http.Request) {
	b.calls.Add(1)
	if b.faulty != nil {
		b.mu.Lock()
		f := b.faulty(b.random)
		b.mu.Unlock()
		b.ecs.Inject(f)
	}
	b.ecs.ServeHTTP(w, r)
}

// take takes up to n messages of the queue.
func (b *backlog) take(n int) ([]string, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n = min(n, len(b.queue))
	batch := b.queue[:n:n]
	b.queue = b.queue[n:]
	b.flying += n
	return batch, n > 0 || b.flying > 0
}

// back returns what failed to the queue.
func (b *backlog) back(batch []string, failed map[int]bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.flying -= len(batch)
	b.refused += len(failed)
	for i := range failed {
		b.queue = append(b.queue, batch[i])
	}
}

// invoke delivers a batch and returns the indexes of what failed.
func (b *backlog) invoke(ctx context.Context, batch []string) (failed map[int]bool) {
	var records []map[string]any
	for i, body := range batch {
		records = append(records, map[string]any{
			"messageId": strconv.Itoa(i), "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:q", "body": body,
		})
	}
	payload, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		panic(err)
	}
	failed = map[int]bool{}
	res, err := b.lambda.Invoke(ctx, payload)
	if err != nil || res.FunctionError != nil {
		for i := range batch {
			failed[i] = true
		}
		return failed
	}
	var reply struct {
		BatchItemFailures []struct{ ItemIdentifier string }
	}
	if err := json.Unmarshal(res.Payload, &reply); err != nil {
		b.Errorf("reply %s: %v", res.Payload, err)
	}
	for _, f := range reply.BatchItemFailures {
		i, _ := strconv.Atoi(f.ItemIdentifier)
		failed[i] = true
	}
	return failed
}

func (b *backlog) fill(events, times int) {
	for range times {
		for i := range events {
			b.queue = append(b.queue, fmt.Sprintf(`{"id":"e%d","time":%q,"source":"test","detail-type":"T","detail":{}}`, i, time.Now().UTC().Format(time.RFC3339)))
		}
	}
	b.random.Shuffle(len(b.queue), func(i, j int) { b.queue[i], b.queue[j] = b.queue[j], b.queue[i] })
}

// checkOnce wants exactly one task for each event.
func (b *backlog) checkOnce(events int) {
	started := map[string]int{}
	for _, task := range b.ecs.Tasks() {
		started[task.StartedBy]++
	}
	for id, n := range started {
		if n != 1 {
			b.Errorf("%d tasks for %s", n, id)
		}
	}
	if len(started) != events {
		b.Errorf("tasks for %d events, want %d", len(started), events)
	}
}

// everyFault is one of each kind.
var everyFault = []localecs.Fault{
	{Kind: localecs.FaultError},
	{Kind: localecs.FaultError, Code: "ThrottlingException"},
	{Kind: localecs.FaultError, Code: "InvalidParameterException", Message: "Error retrieving subnet information for [subnet-1]: Request limit exceeded. (ErrorCode: RequestLimitExceeded)"},
	{Kind: localecs.FaultError, Code: "ClientException", Message: "Tasks provisioning capacity limit exceeded."},
	{Kind: localecs.FaultError, Code: "NovelException", Message: "nobody knows it"},
	{Kind: localecs.FaultFailures, Failures: []localecs.Failure{{Reason: "RESOURCE:MEMORY"}}},
	{Kind: localecs.FaultFailures, Failures: []localecs.Failure{{Reason: "Capacity is unavailable at this time. Please try again later or in a different availability zone"}}},
	{Kind: localecs.FaultLoseBefore},
	{Kind: localecs.FaultLoseAfter},
	{Kind: localecs.FaultTruncate},
	{Kind: localecs.FaultGarble},
	{Kind: localecs.FaultUnavailable},
	{Kind: localecs.FaultUnavailableAfter},
}

// TestDrain works off a backlog through eight processes, each event delivered
// twice, with every tenth call going wrong. Nothing may start twice or not at all,
// and the time is what the rate of ECS dictates. make drain has more events.
func TestDrain(t *testing.T) {
	rate := 20 * *drainSpeed
	b := newBacklog(t, 8, localecs.Options{Throttle: &localecs.Throttle{Modify: localecs.Bucket{Burst: rate, Refill: rate}}},
		time.Duration(1000 / *drainSpeed)*time.Millisecond, fmt.Sprintf("TASKBRIDGE_FARGATE_RATE=%g", rate))
	b.fill(*drainEvents, 2)
	b.injectTenths(4 * len(b.queue))
	deliveries := len(b.queue)
	began := time.Now()
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for {
				batch, more := b.take(50)
				if !more {
					return
				}
				if len(batch) == 0 {
					time.Sleep(10 * time.Millisecond)
					continue
				}
				b.back(batch, b.invoke(context.Background(), batch))
			}
		})
	}
	workers.Wait()
	took := time.Since(began)
	b.checkOnce(*drainEvents)
	throttled, faulty, outcomes := 0, 0, map[localecs.Outcome]int{}
	for _, c := range b.ecs.Calls() {
		outcomes[c.Outcome]++
		if c.Fault != localecs.FaultNone {
			faulty++
		}
		if c.Code == "ThrottlingException" && c.Fault == localecs.FaultNone {
			throttled++
		}
	}
	admitted := int(b.calls.Load()) - throttled
	dictates := func(calls int) float64 { return (float64(calls) - rate) / rate } // seconds, after a burst
	fmt.Printf("drain: %d events, each twice, at %.0f calls a second: %d calls, %d of them throttled, %d of the others faulty, %d messages came back; "+
		"%s: %.3f times what the rate dictates for the %d calls that were not throttled, %.3f times that for one call each delivery\n",
		*drainEvents, rate, b.calls.Load(), throttled, faulty, b.refused, took.Round(time.Millisecond),
		took.Seconds()/dictates(admitted), admitted, took.Seconds()/dictates(deliveries))
	t.Log(outcomes)
}

// TestCrash kills the function with SIGKILL at random instants while it works on a
// batch, and delivers the batch again until it is done. Nothing may start twice or
// not at all. make crash kills it more often.
func TestCrash(t *testing.T) {
	b := newBacklog(t, 1, localecs.Options{}, 10*time.Millisecond, "TASKBRIDGE_FARGATE_RATE=100000")
	b.faulty = func(r *rand.Rand) localecs.Fault {
		f := localecs.Fault{}
		if r.IntN(4) == 0 {
			f = everyFault[r.IntN(len(everyFault))]
		}
		f.Delay, f.Hold = time.Duration(r.IntN(4))*time.Millisecond, time.Duration(r.IntN(4))*time.Millisecond
		return f
	}
	kills, events, middle := 0, 0, 0
	for ; kills < *crashKills; events += 10 {
		var batch []string
		for i := range 10 {
			batch = append(batch, fmt.Sprintf(`{"id":"e%d","time":%q,"source":"test","detail-type":"T","detail":{}}`, events+i, time.Now().UTC().Format(time.RFC3339)))
		}
		b.invoke(context.Background(), batch[:1]) // the process is there: what is killed is work, not a start
		for try := 1; len(batch) > 0; try++ {
			before := len(b.ecs.Tasks())
			limit := try * b.random.IntN(40_000) // longer each time, or a slow machine would never be done
			ctx, cancel := context.WithTimeout(context.Background(), time.Duration(limit)*time.Microsecond)
			failed := b.invoke(ctx, batch)
			if ctx.Err() != nil {
				kills++
				if n := len(b.ecs.Tasks()) - before; n > 0 && n < len(batch) {
					middle++
				}
			}
			cancel()
			var again []string
			for i := range maps.Keys(failed) {
				again = append(again, batch[i])
			}
			batch = again
		}
	}
	b.checkOnce(events)
	fmt.Printf("crash: %d kills, %d of them in the middle of a batch; %d events, %d calls\n", kills, middle, events, b.calls.Load())
}
