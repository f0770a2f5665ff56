package scale

import (
	"fmt"
	"strings"
	"testing"
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

func TestReport(t *testing.T) {
	got, err := Report([]int{1, 3}, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(got, "\n"); lines != 4 {
		t.Errorf("got %d lines, want a head and two rows:\n%s", lines, got)
	}
}
