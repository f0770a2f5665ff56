package perevent

import (
	"os"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/bench/internal/endpoint"
	"github.com/taskbridge/taskbridge/bench/internal/measure"
)

func TestMain(m *testing.M) {
	endpoint.Main()
	os.Exit(m.Run())
}

func BenchmarkWithoutCall(b *testing.B) {
	cases, err := WithoutCall()
	if err != nil {
		b.Fatal(err)
	}
	run(b, cases)
}

func BenchmarkWithCall(b *testing.B) {
	cases, done, err := WithCall(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer done()
	run(b, cases)
}

func run(b *testing.B, cases []measure.Case) {
	for _, c := range cases {
		b.Run(c.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := c.Run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestReport(t *testing.T) {
	got, err := Report(t.Context(), 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(got, "\n"); lines != 8 {
		t.Errorf("got %d lines, want a head and six rows:\n%s", lines, got)
	}
}
