package stat

import (
	"math"
	"testing"
)

func TestQuantile(t *testing.T) {
	values := []float64{5, 1, 3}
	for _, tt := range []struct{ q, want float64 }{{0, 1}, {0.25, 2}, {0.5, 3}, {1, 5}} {
		if got := Quantile(values, tt.q); got != tt.want {
			t.Errorf("Quantile(%v) = %v, want %v", tt.q, got, tt.want)
		}
	}
	if values[0] != 5 {
		t.Error("the values are sorted in place")
	}
	if !math.IsNaN(Median(nil)) {
		t.Error("the median of nothing is a number")
	}
}

func TestTable(t *testing.T) {
	table := Table{Head: []string{"what", "n"}}
	for _, n := range []any{0.123, 9.876, 12.34, 123.4, -1234567.0, math.NaN(), 20} {
		table.Row("x", n)
	}
	const want = "| what | n |\n|---|---:|\n| x | 0.12 |\n| x | 9.88 |\n| x | 12.3 |\n| x | 123 |\n| x | -1,234,567 |\n| x | – |\n| x | 20 |\n"
	if got := table.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestRatio(t *testing.T) {
	if got, want := Ratio(Ratios([]float64{2, 3, 4}, []float64{2, 2, 2})), "1.50 (1.25–1.75)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
