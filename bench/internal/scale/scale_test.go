package scale

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/bench/internal/workload"
	"github.com/taskbridge/taskbridge/internal/mapping"
)

func BenchmarkScale(b *testing.B) {
	for _, n := range Sizes {
		p, err := At(n)
		if err != nil {
			b.Fatal(err)
		}
		for _, c := range []struct {
			name string
			run  func() error
		}{{p.Load.Name, p.Load.Run}, {p.Match.Name, p.Match.Run}, {p.Event.Name, p.Event.Run}} {
			b.Run(fmt.Sprintf("%s/%d", c.name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := c.run(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkLoad is what a plan costs at start. A function has GOGC at 400 and
// does not collect meanwhile; here the garbage of earlier loads is in the figure.
func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{1, 20, 200, 2000, 10000} {
		plan, err := workload.Plan(n)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := mapping.Load(bytes.NewReader(plan), noEnv); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestReport(t *testing.T) {
	got, err := Report([]int{1, 3}, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(got, "\n"); lines != 4 {
		t.Errorf("got %d lines, want a head and two rows:\n%s", lines, got)
	}
}
