// Package stat says what many measurements come to, and prints it.
package stat

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Quantile is the q-th quantile of values, 0 to 1; NaN if there are none.
func Quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	v := slices.Sorted(slices.Values(values))
	at := q * float64(len(v)-1)
	low := int(at)
	if low+1 == len(v) {
		return v[low]
	}
	return v[low] + (at-float64(low))*(v[low+1]-v[low])
}

// Median is the 0.5 quantile.
func Median(values []float64) float64 { return Quantile(values, 0.5) }

// Ratios are a[i]/b[i]: values of one round are compared with each other, so that
// a machine that is slower for a while is so for both.
func Ratios(a, b []float64) []float64 {
	r := make([]float64, min(len(a), len(b)))
	for i := range r {
		r[i] = a[i] / b[i]
	}
	return r
}

// Ratio is a median with the quartiles: "1.02 (0.98–1.05)".
func Ratio(values []float64) string {
	if len(values) == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f (%.2f–%.2f)", Median(values), Quantile(values, 0.25), Quantile(values, 0.75))
}

// A Table is one of Markdown.
type Table struct {
	Head []string
	Rows [][]string
}

// Row appends a row; each cell is formatted by its type.
func (t *Table) Row(cells ...any) {
	row := make([]string, len(cells))
	for i, c := range cells {
		switch c := c.(type) {
		case float64:
			row[i] = number(c)
		default:
			row[i] = fmt.Sprint(c)
		}
	}
	t.Rows = append(t.Rows, row)
}

// number has three digits that count, and no exponent.
func number(f float64) string {
	switch a := math.Abs(f); {
	case math.IsNaN(f):
		return "–"
	case a >= 100 || a == 0:
		return group(fmt.Sprintf("%.0f", f))
	case a >= 10:
		return fmt.Sprintf("%.1f", f)
	default:
		return fmt.Sprintf("%.2f", f)
	}
}

// group puts a comma between each three digits of a whole number.
func group(s string) string {
	digits := strings.TrimPrefix(s, "-")
	var b strings.Builder
	b.WriteString(s[:len(s)-len(digits)])
	for i, c := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// String is the table in Markdown: the first column to the left, the others to
// the right.
func (t *Table) String() string {
	var b strings.Builder
	line := func(cells []string) {
		b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
	line(t.Head)
	b.WriteString("|---|" + strings.Repeat("---:|", len(t.Head)-1) + "\n")
	for _, row := range t.Rows {
		line(row)
	}
	return b.String()
}
