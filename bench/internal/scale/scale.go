// Package scale measures what more rules cost: to load them, to match an event
// against them, to render the one that matches.
package scale

import (
	"bytes"
	"fmt"
	"time"

	"github.com/taskbridge/taskbridge/bench/internal/measure"
	"github.com/taskbridge/taskbridge/bench/internal/stat"
	"github.com/taskbridge/taskbridge/bench/internal/workload"
	"github.com/taskbridge/taskbridge/internal/event"
	"github.com/taskbridge/taskbridge/internal/mapping"
)

// Sizes are the numbers of rules.
var Sizes = []int{1, 10, 100, 1000, 10000}

func noEnv(string) (string, bool) { return "", false }

// A Point is a mapping of one size.
type Point struct {
	Rules              int
	PlanBytes          int
	Load, Match, Event measure.Case // Match: an event that no rule matches; Event: one that a rule renders
}

// At makes the cases of a mapping of n rules.
func At(n int) (*Point, error) {
	plan, err := workload.Plan(n)
	if err != nil {
		return nil, err
	}
	m, err := mapping.Load(bytes.NewReader(plan), noEnv)
	if err != nil {
		return nil, err
	}
	match := func(payload []byte, want int) (func() error, error) {
		batch, err := event.Parse(payload, m.Accept)
		if err != nil {
			return nil, err
		}
		e := batch.Items[0].Events[0]
		return func() error {
			matches, err := m.Match(e)
			if err == nil && len(matches) != want {
				err = fmt.Errorf("%d rules match, want %d", len(matches), want)
			}
			if err == nil && want > 0 {
				err = matches[0].Launches[0].Err
			}
			return err
		}, nil
	}
	none, err := match(workload.Unmatched(1), 0)
	if err != nil {
		return nil, err
	}
	one, err := match(workload.Event(n, 1), 1)
	if err != nil {
		return nil, err
	}
	return &Point{
		Rules: n, PlanBytes: len(plan), Match: measure.Case{Name: "match", Run: none}, Event: measure.Case{Name: "render", Run: one},
		Load: measure.Case{Name: "load", Run: func() error {
			_, err := mapping.Load(bytes.NewReader(plan), noEnv)
			return err
		}},
	}, nil
}

// Report measures mappings of several sizes and prints what they cost.
func Report(sizes []int, rounds int, block time.Duration) (string, error) {
	points := make([]*Point, len(sizes))
	var all []measure.Case
	for i, n := range sizes {
		p, err := At(n)
		if err != nil {
			return "", err
		}
		points[i] = p
		all = append(all, p.Match, p.Event, p.Load)
	}
	costs, err := measure.Interleave(all, rounds, block)
	if err != nil {
		return "", err
	}
	t := stat.Table{Head: []string{
		"rules", "no rule matches: ratio to 1 rule", "one renders: ratio to 1 rule", "no rule matches, µs", "allocations", "one renders, µs", "allocations",
		"load, ms", "load, µs a rule", "plan, kB",
	}}
	for i, p := range points {
		match, render, load := costs[3*i], costs[3*i+1], costs[3*i+2]
		ms := stat.Median(load.CPU) / 1e6
		t.Row(p.Rules, stat.Ratio(stat.Ratios(match.CPU, costs[0].CPU)), stat.Ratio(stat.Ratios(render.CPU, costs[1].CPU)),
			stat.Median(match.CPU)/1e3, stat.Median(match.Allocs), stat.Median(render.CPU)/1e3, stat.Median(render.Allocs),
			ms, ms*1e3/float64(p.Rules), float64(p.PlanBytes)/1e3)
	}
	return t.String(), nil
}
