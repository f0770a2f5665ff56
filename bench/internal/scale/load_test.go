package scale

import (
	"fmt"
	"testing"

	"github.com/taskbridge/taskbridge/bench/internal/workload"
	"github.com/taskbridge/taskbridge/internal/mapping"
)

func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{1, 20, 200, 2000} {
		plan, err := workload.Plan(n)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := mapping.Load(plan, func(string) (string, bool) { return "", false }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
