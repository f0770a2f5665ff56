// Package cold measures starts: process start → first poll of the Runtime API →
// first response.
package cold

import (
	"context"
	"fmt"
	"time"

	"github.com/taskbridge/taskbridge/bench/internal/contender"
	"github.com/taskbridge/taskbridge/bench/internal/endpoint"
	"github.com/taskbridge/taskbridge/bench/internal/function"
)

// A Start is one start of one process.
type Start struct {
	PollCPU, PollWall         float64 // ms
	ResponseCPU, ResponseWall float64 // ms
	RSS                       float64 // MiB, the most until the first response
}

// Results are the starts of each contender, in rounds: the i-th of each was in
// the same round.
type Results map[string][]Start

// Measure starts every contender once in each round, each round beginning with
// another one, after two rounds that do not count. certificate and env are those
// of contender.Set.Certificate, or empty for plain HTTP.
func Measure(ctx context.Context, all []*contender.Contender, rounds int, certificate string, env []string) (Results, error) {
	ecs, err := endpoint.Start(0, 0, certificate)
	if err != nil {
		return nil, err
	}
	defer ecs.Close()
	results := Results{}
	const warm = 2
	for round := range rounds + warm {
		for i := range all {
			c := all[(i+round)%len(all)]
			s, err := once(ctx, c, append([]string{"AWS_ENDPOINT_URL_ECS=" + ecs.URL}, env...))
			if err != nil {
				return nil, fmt.Errorf("cold start: %w", err)
			}
			if round >= warm {
				results[c.Name] = append(results[c.Name], s)
			}
		}
	}
	return results, nil
}

func once(ctx context.Context, c *contender.Contender, env []string) (Start, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	spec := c.Spec
	spec.Env = append(append([]string(nil), spec.Env...), env...)
	p, err := function.Start(spec)
	if err != nil {
		return Start{}, err
	}
	defer p.Close()
	poll, err := p.Ready(ctx)
	if err != nil {
		return Start{}, err
	}
	if _, _, err := p.Invoke(ctx, c.Event); err != nil {
		return Start{}, err
	}
	response, err := p.Ready(ctx) // it is done with the first when it asks for the second
	if err != nil {
		return Start{}, err
	}
	return Start{
		PollCPU: ms(poll.CPU), PollWall: ms(poll.Wall), ResponseCPU: ms(response.CPU), ResponseWall: ms(response.Wall),
		RSS: float64(response.PeakRSS) / (1 << 20),
	}, nil
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
