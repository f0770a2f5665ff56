package perevent

import (
	"context"
	"fmt"

	"github.com/taskbridge/taskbridge/bench/internal/contender"
	"github.com/taskbridge/taskbridge/bench/internal/endpoint"
	"github.com/taskbridge/taskbridge/bench/internal/function"
	"github.com/taskbridge/taskbridge/bench/internal/stat"
)

// Processes measures functions as they are deployed: each is a process that gets
// its events from a Runtime API and writes its log to a pipe. In each round every
// one answers a number of events; the first is what the others are compared with.
func Processes(ctx context.Context, all []*contender.Contender, rounds, events int) (string, error) {
	ecs, err := endpoint.Start(0, 0, "")
	if err != nil {
		return "", err
	}
	defer ecs.Close()
	processes := make([]*function.Process, len(all))
	for i, c := range all {
		spec := c.Spec
		spec.Env = append(append([]string(nil), spec.Env...), "AWS_ENDPOINT_URL_ECS="+ecs.URL, "TASKBRIDGE_FARGATE_RATE=1000000")
		if processes[i], err = function.Start(spec); err != nil {
			return "", err
		}
		defer processes[i].Close()
		if _, err := processes[i].Ready(ctx); err != nil {
			return "", err
		}
	}
	cpu, wall := make([][]float64, len(all)), make([][]float64, len(all))
	for round := range rounds + 1 {
		for k := range all {
			i := (k + round) % len(all)
			used, took, err := serve(ctx, processes[i], all[i].Event, events)
			if err != nil {
				return "", fmt.Errorf("%s: %w", all[i].Name, err)
			}
			if round > 0 { // the first does not count
				cpu[i], wall[i] = append(cpu[i], used), append(wall[i], took)
			}
		}
	}
	t := stat.Table{Head: []string{"one event, in a process of its own", "CPU, ratio to (a)", "CPU, µs", "wall, ratio to (a)", "wall, µs"}}
	for i, c := range all {
		t.Row(c.Name, stat.Ratio(stat.Ratios(cpu[i], cpu[0])), stat.Median(cpu[i]), stat.Ratio(stat.Ratios(wall[i], wall[0])), stat.Median(wall[i]))
	}
	return t.String(), nil
}

// serve has p, which is ready, answer n events, and returns what one took in
// microseconds.
func serve(ctx context.Context, p *function.Process, payload []byte, n int) (cpu, wall float64, err error) {
	before, err := p.Sample()
	if err != nil {
		return 0, 0, err
	}
	for range n {
		if _, _, err := p.Invoke(ctx, payload); err != nil {
			return 0, 0, err
		}
		if _, err := p.Poll(ctx); err != nil {
			return 0, 0, err
		}
	}
	after, err := p.Sample()
	if err != nil {
		return 0, 0, err
	}
	return float64(after.CPU-before.CPU) / 1e3 / float64(n), float64(after.Wall-before.Wall) / 1e3 / float64(n), nil
}
