package pattern

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// show is a trace on lines that a table can hold.
func show(t *Trace) string {
	var b strings.Builder
	for _, p := range t.Predicates {
		mark := "-"
		if p.Met {
			mark = "+"
		}
		saw := strings.Join(p.Saw, " ")
		if p.More > 0 {
			saw += fmt.Sprintf(" and %d more", p.More)
		}
		fmt.Fprintf(&b, "%s %s %s: %s | ", mark, p.Field(), p.Wanted, saw)
	}
	switch {
	case t.Matched:
		b.WriteString("matches")
	case t.Apart:
		b.WriteString("apart")
	default:
		b.WriteString("no")
	}
	return b.String()
}

func TestExplain(t *testing.T) {
	tests := []struct{ pattern, event, want string }{
		{
			`{"source":["aws.s3"],"detail":{"size":[{"numeric":[">",10]}]}}`, `{"source":"aws.s3","detail":{"size":5}}`,
			`+ source ["aws.s3"]: "aws.s3" | - detail.size [{"numeric":[">",10]}]: 5 | no`,
		},
		{`{"b":[1],"a":["x"]}`, `{"a":"x","b":1}`, `+ b [1]: 1 | + a ["x"]: "x" | matches`},
		{`{"a":[{"exists":false}]}`, `{}`, `+ a [{"exists":false}]:  | matches`},
		{`{"a":["x"]}`, `{"a":{"b":1}}`, `- a ["x"]:  | no`},
		{
			`{"l":{"x":[1],"y":[2]}}`, `{"l":[{"x":1,"y":0},{"x":0,"y":2}]}`,
			`+ l.x [1]: 1 0 | + l.y [2]: 0 2 | apart`,
		},
		// Of the branches, the one that matches, or the nearest.
		{`{"a":[1],"$or":[{"b":[2]},{"c":[3]}]}`, `{"a":1,"c":3}`, `+ a [1]: 1 | + c [3]: 3 | matches`},
		{`{"a":[1],"$or":[{"b":[2],"d":[4]},{"c":[3]}]}`, `{"a":1}`, `+ a [1]: 1 | - c [3]:  | no`},
		{`{"a":[0]}`, `{"a":[1,2,3,4,5,6,7,8,9,10,11,12]}`, `- a [0]: 1 2 3 4 5 6 7 8 9 10 and 2 more | no`},
		{`{"a":["<"]}`, `{"a":"\u003e\n"}`, `- a ["<"]: ">\n" | no`},
	}
	for _, tt := range tests {
		trace, err := Explain([]byte(tt.pattern), []byte(tt.event))
		if err != nil {
			t.Errorf("%s: %v", tt.pattern, err)
			continue
		}
		if got := show(trace); got != tt.want {
			t.Errorf("%s on %s:\n got %s\nwant %s", tt.pattern, tt.event, got, tt.want)
		}
	}
}

func TestExplainPlaces(t *testing.T) {
	pattern := `{"a": {"$or": [{"b": [1]}, {"c": [2]}]}}`
	trace, err := Explain([]byte(pattern), []byte(`{"a":{"c":2}}`))
	if err != nil {
		t.Fatal(err)
	}
	p := trace.Predicates[0]
	if got := strings.Join(p.Path, "/"); got != "a/$or/1/c" || p.Offset != strings.Index(pattern, "[2]") || trace.Alternatives != 2 {
		t.Errorf("got %s at %d, %d alternatives", got, p.Offset, trace.Alternatives)
	}
}

func TestNearer(t *testing.T) {
	event := []byte(`{"a":1,"b":2,"c":3}`)
	var traces []*Trace
	for _, pattern := range []string{
		`{"a":[9],"b":[9]}`,         // misses two
		`{"a":[9]}`,                 // misses one, meets none
		`{"a":[1],"b":[2],"c":[9]}`, // misses one, meets two
	} {
		trace, err := Explain([]byte(pattern), event)
		if err != nil {
			t.Fatal(err)
		}
		traces = append(traces, trace)
	}
	slices.SortStableFunc(traces, Nearer)
	var got []string
	for _, trace := range traces {
		got = append(got, fmt.Sprintf("%d of %d", trace.Misses(), len(trace.Predicates)))
	}
	if want := []string{"1 of 3", "1 of 1", "2 of 2"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestExplainAgrees demands that a trace tells of the answer that Match gives:
// it matches if all predicates are met, unless they are met apart.
func TestExplainAgrees(t *testing.T) {
	allCases(t, func(c *refCase) {
		if c.Invalid || c.Event == "" {
			return
		}
		trace, err := Explain([]byte(c.Pattern), []byte(c.Event))
		if err != nil {
			t.Errorf("%s: %v", c.ID, err)
			return
		}
		if trace.Matched != c.Match || trace.Apart != (!trace.Matched && trace.Misses() == 0) || trace.Matched && trace.Misses() != 0 {
			t.Errorf("%s: got %s, want %t", c.ID, show(trace), c.Match)
		}
	})
}
