// Package throughput measures how many events a second pass through functions
// that are kept busy, against what the endpoint's latency allows.
package throughput

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/taskbridge/taskbridge/bench/internal/contender"
	"github.com/taskbridge/taskbridge/bench/internal/endpoint"
	"github.com/taskbridge/taskbridge/bench/internal/function"
	"github.com/taskbridge/taskbridge/bench/internal/stat"
	"github.com/taskbridge/taskbridge/bench/internal/workload"
	"github.com/taskbridge/taskbridge/internal/ecsclient"
)

// A Setup is one arrangement.
type Setup struct {
	Processes int
	Batch     int // SQS messages in one invocation
	Latency   time.Duration
}

// Setups are those of the report: each batch size with each latency, through one
// process and through eight.
func Setups() []Setup {
	var list []Setup
	for _, latency := range []time.Duration{0, 20 * time.Millisecond, 100 * time.Millisecond} {
		for _, batch := range []int{1, 10, 100} {
			for _, processes := range []int{1, 8} {
				list = append(list, Setup{processes, batch, latency})
			}
		}
	}
	return list
}

// A Result is what came of a setup.
type Result struct {
	Setup
	Events float64       // a second
	CPU    float64       // of the functions, µs an event
	Waited time.Duration // by the endpoint before an answer: a little more than Latency
}

// Ideal is what the time that the endpoint waits alone would allow, with every
// message of a batch launched at the same time; 0 if it does not wait.
func (r *Result) Ideal() float64 {
	if r.Waited == 0 {
		return 0
	}
	// A batch takes as many rounds of calls as the client's connections make it.
	rounds := (r.Batch + ecsclient.Connections - 1) / ecsclient.Connections
	return float64(r.Processes*r.Batch) / (float64(rounds) * r.Waited.Seconds())
}

// Measure keeps the functions of a setup busy for duration, after a tenth of it
// that does not count.
func Measure(ctx context.Context, c *contender.Contender, s Setup, duration time.Duration) (Result, error) {
	ecs, err := endpoint.Start(s.Latency, 0, "")
	if err != nil {
		return Result{}, err
	}
	defer ecs.Close()
	spec := c.Spec
	// The function's own rates are those of an account that never asked for more.
	spec.Env = append(append([]string(nil), spec.Env...),
		"AWS_ENDPOINT_URL_ECS="+ecs.URL, "TASKBRIDGE_FARGATE_RATE=1000000", "TASKBRIDGE_EC2_RATE=1000000")
	processes, err := start(ctx, spec, s.Processes)
	defer func() {
		for _, p := range processes {
			p.Close()
		}
	}()
	if err != nil {
		return Result{}, err
	}
	var (
		group   sync.WaitGroup
		number  atomic.Int64
		events  atomic.Int64
		failure atomic.Pointer[error]
		running atomic.Bool
	)
	running.Store(true)
	for _, p := range processes {
		group.Go(func() {
			for running.Load() {
				if err := invoke(ctx, p, s.Batch, &number); err != nil {
					failure.Store(&err)
					return
				}
				events.Add(int64(s.Batch))
			}
		})
	}
	await(ctx, &events, 0, duration/10)
	first, cpu, begin := events.Load(), spent(processes), time.Now()
	// Two batches of each process at least, however long they take.
	await(ctx, &events, first+int64(2*s.Batch*s.Processes), duration)
	done, took := events.Load()-first, time.Since(begin)
	used := spent(processes) - cpu
	running.Store(false)
	group.Wait()
	if err := failure.Load(); err != nil {
		return Result{}, *err
	}
	if done == 0 {
		return Result{}, fmt.Errorf("throughput of %+v: no batch was done in %s", s, duration)
	}
	figures, err := ecs.Figures()
	if err != nil {
		return Result{}, err
	}
	return Result{s, float64(done) / took.Seconds(), float64(used.Microseconds()) / float64(done), figures.Waited / time.Duration(max(1, figures.Calls))}, nil
}

// await waits for at least a while, and then until there are so many events, but
// for a minute at most.
func await(ctx context.Context, events *atomic.Int64, want int64, while time.Duration) {
	begin := time.Now()
	for ctx.Err() == nil {
		if past := time.Since(begin); past >= while && (events.Load() >= want || past > time.Minute) {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func start(ctx context.Context, spec function.Spec, n int) ([]*function.Process, error) {
	var list []*function.Process
	for range n {
		p, err := function.Start(spec)
		if err != nil {
			return list, err
		}
		list = append(list, p)
	}
	for _, p := range list {
		if _, err := p.Ready(ctx); err != nil {
			return list, err
		}
	}
	return list, nil
}

// clean is the reply to a batch in which no message failed.
const clean = `{"batchItemFailures":[]}`

func invoke(ctx context.Context, p *function.Process, batch int, number *atomic.Int64) error {
	bodies := make([][]byte, batch)
	for i := range bodies {
		bodies[i] = workload.Event(Rules, int(number.Add(1)))
	}
	reply, _, err := p.Invoke(ctx, workload.Batch(bodies...))
	if err != nil {
		return err
	}
	if string(reply) != clean {
		return fmt.Errorf("throughput: the function answered %s", reply)
	}
	_, err = p.Poll(ctx)
	return err
}

// Rules is the size of the mapping.
const Rules = 20

func spent(processes []*function.Process) time.Duration {
	var sum time.Duration
	for _, p := range processes {
		if s, err := p.Sample(); err == nil {
			sum += s.CPU
		}
	}
	return sum
}

// Table prints results.
func Table(results []Result) string {
	t := stat.Table{Head: []string{"answers after", "batch", "processes", "of the ideal", "times one process", "events a second", "ideal", "CPU, µs an event"}}
	one := &Result{}
	for i := range results {
		r := &results[i]
		of, times, ideal := "–", "–", "–"
		if most := r.Ideal(); most > 0 {
			of, ideal = fmt.Sprintf("%.0f %%", 100*r.Events/most), fmt.Sprintf("%.0f", most)
		}
		if r.Processes == 1 {
			one = r
		} else if one.Batch == r.Batch && one.Latency == r.Latency {
			times = fmt.Sprintf("%.1f", r.Events/one.Events)
		}
		t.Row(r.Waited.Round(10*time.Microsecond), r.Batch, r.Processes, of, times, r.Events, ideal, r.CPU)
	}
	return t.String()
}
