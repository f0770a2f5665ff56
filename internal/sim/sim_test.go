package sim

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var (
	firstSeed = flag.Uint64("sim.seed", 1, "seed of the first history")
	histories = flag.Int("sim.n", 3000, "number of histories")
	small     = flag.Bool("sim.small", true, "make a history that breaks an invariant smaller")
)

// chunk is how many histories share a bubble of virtual time.
const chunk = 250

// TestSim plays histories. make sim has more of them.
func TestSim(t *testing.T) {
	began := time.Now()
	var played atomic.Int64
	var failed atomic.Bool
	t.Run("histories", func(t *testing.T) {
		for from := 0; from < *histories; from += chunk {
			t.Run(fmt.Sprint("from ", *firstSeed+uint64(from)), func(t *testing.T) {
				t.Parallel()
				if failed.Load() {
					t.Skip("another has failed")
				}
				for seed := *firstSeed + uint64(from); seed < *firstSeed+uint64(min(from+chunk, *histories)); {
					var broken string
					synctest.Test(t, func(*testing.T) {
						for ; seed < *firstSeed+uint64(min(from+chunk, *histories)) && broken == ""; seed++ {
							broken, _ = play(generate(seed), false)
							played.Add(1)
						}
					})
					if broken != "" {
						failed.Store(true)
						report(t, seed-1, broken)
						return
					}
				}
			})
		}
	})
	took := time.Since(began)
	fmt.Printf("%d histories from seed %d in %s: %.0f a second\n", played.Load(), *firstSeed, took.Round(time.Millisecond), float64(played.Load())/took.Seconds())
}

// report prints the smallest history that is found, with its trace.
func report(t *testing.T, seed uint64, broken string) {
	t.Helper()
	replay := func(h *history, traced bool) (broken, trace string) {
		synctest.Test(t, func(*testing.T) { broken, trace = play(h, traced) })
		return broken, trace
	}
	h := generate(seed)
	if *small {
		h = smaller(h, func(h *history) bool {
			broken, _ := replay(h, false)
			return broken != ""
		})
	}
	again, trace := replay(h, true)
	t.Errorf("seed %d: %s\nmade smaller: %s\n%s\n%s\nagain: make sim SEED=%d N=1", seed, broken, again, h, trace, seed)
}

// TestSameSeedSameHistory: a history that is not the same each time could not be
// looked into.
func TestSameSeedSameHistory(t *testing.T) {
	for seed := range uint64(50) {
		var traces [2]string
		for i := range traces {
			synctest.Test(t, func(*testing.T) { _, traces[i] = play(generate(seed), true) })
		}
		if traces[0] != traces[1] {
			// What happens at one instant may be told in any order.
			a, b := sortedLines(traces[0]), sortedLines(traces[1])
			for i := range min(len(a), len(b)) {
				if a[i] != b[i] {
					t.Fatalf("seed %d plays out in two ways. After\n%s\neither\n%s\nor\n%s", seed, strings.Join(a[:i], "\n"), a[i], b[i])
				}
			}
			if len(a) != len(b) {
				t.Fatalf("seed %d ends in two ways", seed)
			}
		}
	}
}

func sortedLines(s string) []string {
	lines := strings.Split(s, "\n")
	slices.Sort(lines)
	return lines
}
