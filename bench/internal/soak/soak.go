// Package soak keeps one function under mixed traffic for long and looks whether
// it grows.
package soak

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/taskbridge/taskbridge/bench/internal/contender"
	"github.com/taskbridge/taskbridge/bench/internal/endpoint"
	"github.com/taskbridge/taskbridge/bench/internal/function"
	"github.com/taskbridge/taskbridge/bench/internal/stat"
	"github.com/taskbridge/taskbridge/bench/internal/workload"
)

// Rules is the size of the mapping.
const Rules = 200

// A Result is how the function was after a quarter of the time and at the end.
type Result struct {
	Invocations, Failed, Calls int
	Minutes                    float64
	Early, Late                Level
	Connections                int // that the endpoint was opened, in all
	Goroutines                 int // at the end
	Fresh                      int // goroutines of a function that has answered a few invocations
}

// A Level is the median of a quarter of the samples.
type Level struct{ RSS, Threads, Sockets float64 }

// Run invokes a function one event or batch after the other for duration, or a
// little longer on a machine too busy to take enough samples in it: events that
// launch, that match nothing and that are none, batches, each a little different,
// and an endpoint of which every 50th answer is a fault.
func Run(ctx context.Context, c *contender.Contender, duration time.Duration) (*Result, error) {
	ecs, err := endpoint.Start(time.Millisecond, 50, "")
	if err != nil {
		return nil, err
	}
	defer ecs.Close()
	spec := c.Spec
	spec.Env = append(append([]string(nil), spec.Env...),
		"AWS_ENDPOINT_URL_ECS="+ecs.URL, "TASKBRIDGE_FARGATE_RATE=1000000", "TASKBRIDGE_EC2_RATE=1000000")
	r := &Result{}
	if r.Fresh, err = fresh(ctx, spec); err != nil {
		return nil, err
	}
	p, err := function.Start(spec)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	if _, err := p.Ready(ctx); err != nil {
		return nil, err
	}
	samples, err := r.traffic(ctx, p, duration)
	if err != nil {
		return nil, err
	}
	n := len(samples)
	r.Early, r.Late = level(samples[n/4:n/2]), level(samples[n-n/4:])
	figures, err := ecs.Figures()
	if err != nil {
		return nil, err
	}
	r.Calls, r.Connections = figures.Calls, figures.Connections
	r.Goroutines = p.Goroutines()
	return r, nil
}

// enough is how many samples it takes to compare two quarters of them.
const enough = 8

func (r *Result) traffic(ctx context.Context, p *function.Process, duration time.Duration) ([]function.Sample, error) {
	var samples []function.Sample
	begin := time.Now()
	every := duration / 64
	for next := begin.Add(every); time.Since(begin) < duration || len(samples) < enough; {
		_, _, err := p.Invoke(ctx, payload(r.Invocations))
		if r.Invocations++; err != nil {
			if !strings.Contains(err.Error(), "the function failed") {
				return nil, err
			}
			r.Failed++ // as it should: Lambda delivers such an event again
		}
		s, err := p.Ready(ctx)
		if err != nil {
			return nil, err
		}
		if time.Now().After(next) {
			samples = append(samples, s)
			next = next.Add(every)
		}
	}
	r.Minutes = time.Since(begin).Minutes()
	return samples, nil
}

// payload is the i-th of the mixed traffic.
func payload(i int) []byte {
	switch i % 10 {
	case 0, 1, 2:
		bodies := make([][]byte, 1+i%7)
		for k := range bodies {
			bodies[k] = workload.Event(Rules, 100*i+k)
		}
		return workload.Batch(bodies...)
	case 3:
		return workload.Unmatched(i)
	case 4:
		return []byte(`{"order":1}`)
	case 5:
		return workload.Batch(workload.Event(Rules, 100*i), []byte(`{"id":"cut off`), workload.Unmatched(i))
	default:
		return workload.Event(Rules, 100*i)
	}
}

// fresh counts the goroutines of a function after its first invocations.
func fresh(ctx context.Context, spec function.Spec) (int, error) {
	p, err := function.Start(spec)
	if err != nil {
		return 0, err
	}
	defer p.Close()
	if _, err := p.Ready(ctx); err != nil {
		return 0, err
	}
	for i := range 10 {
		_, _, err := p.Invoke(ctx, payload(i))
		if err != nil && !strings.Contains(err.Error(), "the function failed") {
			return 0, err
		}
		if _, err := p.Ready(ctx); err != nil {
			return 0, err
		}
	}
	return p.Goroutines(), nil
}

func level(samples []function.Sample) Level {
	var rss, threads, sockets []float64
	for _, s := range samples {
		rss = append(rss, float64(s.RSS)/(1<<20))
		threads = append(threads, float64(s.Threads))
		sockets = append(sockets, float64(s.Sockets))
	}
	return Level{stat.Median(rss), stat.Median(threads), stat.Median(sockets)}
}

// warm is how many invocations it takes until the heap has been collected often and
// every thread and connection that there can be has been needed.
const warm = 5000

// Grown says what has grown that should not have; it is empty if nothing has.
func (r *Result) Grown() []string {
	var grown []string
	over := func(what string, early, late, slack float64) {
		if late > early+slack {
			grown = append(grown, fmt.Sprintf("%s: %.1f, before %.1f", what, late, early))
		}
	}
	memory, few := max(2, r.Early.RSS/10), 4.0
	if r.Invocations < warm {
		memory, few = 16, 16 // neither has been as much yet as it may be
	}
	over("RSS in MiB", r.Early.RSS, r.Late.RSS, memory)
	over("threads", r.Early.Threads, r.Late.Threads, few)
	over("sockets", r.Early.Sockets, r.Late.Sockets, 2*few)
	over("goroutines", float64(r.Fresh), float64(r.Goroutines), 20)
	return grown
}

// Table prints the result.
func (r *Result) Table() string {
	t := stat.Table{Head: []string{fmt.Sprintf("%.1f minutes, %d invocations, %d calls of RunTask", r.Minutes, r.Invocations, r.Calls), "second quarter", "last quarter"}}
	t.Row("RSS, MiB", r.Early.RSS, r.Late.RSS)
	t.Row("threads", r.Early.Threads, r.Late.Threads)
	t.Row("sockets", r.Early.Sockets, r.Late.Sockets)
	t.Row("goroutines (first column: a function that has just started)", r.Fresh, r.Goroutines)
	t.Row("connections that ECS was opened, in all", "–", r.Connections)
	t.Row("invocations that failed, as they should", "–", r.Failed)
	return t.String()
}
