// Package measure runs pieces of code side by side in one process and tells what
// each run costs.
package measure

import (
	"fmt"
	"runtime"
	"syscall"
	"time"
)

// A Case is a piece of code that is run again and again.
type Case struct {
	Name string
	Run  func() error
}

// Costs are those of one run, on average over a block of runs; each slice has one
// value for each round.
type Costs struct {
	CPU    []float64 // ns, of all threads of the process, the collector's included
	Wall   []float64 // ns
	Allocs []float64
	Bytes  []float64
}

// Interleave runs every case in each round, for about block of CPU time or wall
// time, whichever is over first. Rounds begin with another case each. Before the
// first, each case is run for a block that does not count.
func Interleave(cases []Case, rounds int, block time.Duration) ([]Costs, error) {
	costs := make([]Costs, len(cases))
	runs := make([]int, len(cases))
	for i := range cases {
		n, err := calibrate(&cases[i], block)
		if err != nil {
			return nil, err
		}
		runs[i] = n
	}
	for round := range rounds {
		for k := range cases {
			i := (k + round) % len(cases)
			if err := costs[i].block(&cases[i], runs[i]); err != nil {
				return nil, err
			}
		}
	}
	return costs, nil
}

// calibrate finds how many runs fill a block.
func calibrate(c *Case, block time.Duration) (int, error) {
	for n := 1; ; n *= 4 {
		start := time.Now()
		for range n {
			if err := c.Run(); err != nil {
				return 0, fmt.Errorf("%s: %w", c.Name, err)
			}
		}
		if took := time.Since(start); took > block/4 {
			return max(1, int(float64(n)*float64(block)/float64(took))), nil
		}
	}
}

func (c *Costs) block(code *Case, runs int) error {
	runtime.GC() // nobody pays for what the one before left
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, start := CPU(), time.Now()
	for range runs {
		if err := code.Run(); err != nil {
			return fmt.Errorf("%s: %w", code.Name, err)
		}
	}
	wall, spent := time.Since(start), CPU()-cpu
	runtime.ReadMemStats(&after)
	n := float64(runs)
	c.CPU = append(c.CPU, float64(spent)/n)
	c.Wall = append(c.Wall, float64(wall)/n)
	c.Allocs = append(c.Allocs, float64(after.Mallocs-before.Mallocs)/n)
	c.Bytes = append(c.Bytes, float64(after.TotalAlloc-before.TotalAlloc)/n)
	return nil
}

// CPU is what this process has spent so far.
func CPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic("bench: internal error: getrusage: " + err.Error())
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
