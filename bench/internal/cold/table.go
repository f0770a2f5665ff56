package cold

import (
	"fmt"

	"github.com/taskbridge/taskbridge/bench/internal/contender"
	"github.com/taskbridge/taskbridge/bench/internal/stat"
)

// column is one figure of a start.
type column struct {
	name string
	of   func(Start) float64
}

var columns = []column{
	{"CPU to first poll", func(s Start) float64 { return s.PollCPU }},
	{"CPU to first response", func(s Start) float64 { return s.ResponseCPU }},
	{"wall to first poll", func(s Start) float64 { return s.PollWall }},
	{"wall to first response", func(s Start) float64 { return s.ResponseWall }},
	{"RSS", func(s Start) float64 { return s.RSS }},
}

// Tables are the ratios to the contender base, then the figures themselves.
func (r Results) Tables(all []*contender.Contender, base *contender.Contender) string {
	ratios := stat.Table{Head: []string{"ratio to " + base.Name}}
	figures := stat.Table{Head: []string{"median, 25–75 %"}}
	for _, c := range columns {
		ratios.Head = append(ratios.Head, c.name)
		unit := ", ms"
		if c.name == "RSS" {
			unit = ", MiB"
		}
		figures.Head = append(figures.Head, c.name+unit)
	}
	for _, c := range all {
		ratio, figure := []any{c.Name}, []any{c.Name}
		for _, col := range columns {
			values := r.column(c, col)
			ratio = append(ratio, stat.Ratio(stat.Ratios(values, r.column(base, col))))
			figure = append(figure, stat.Ratio(values))
		}
		ratios.Row(ratio...)
		figures.Row(figure...)
	}
	return ratios.String() + "\n" + figures.String()
}

func (r Results) column(c *contender.Contender, col column) []float64 {
	values := make([]float64, len(r[c.Name]))
	for i, s := range r[c.Name] {
		values[i] = col.of(s)
	}
	return values
}

// Sizes is the table of what is uploaded.
func Sizes(all []*contender.Contender, base *contender.Contender) string {
	t := stat.Table{Head: []string{"size", "zip, ratio", "zip, MB", "binary, MB", "plan, kB"}}
	for _, c := range all {
		binary, plan := "–", "–"
		if c.Binary > 0 {
			binary = fmt.Sprintf("%.2f", float64(c.Binary)/1e6)
		}
		if c.PlanSize > 0 {
			plan = fmt.Sprintf("%.1f", float64(c.PlanSize)/1e3)
		}
		t.Row(c.Name, float64(c.Zip)/float64(base.Zip), float64(c.Zip)/1e6, binary, plan)
	}
	return t.String()
}
