package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/pattern"
	"github.com/taskbridge/taskbridge/internal/scan"
)

// trace is a pattern.Trace in the output of match and explain.
type trace struct {
	Matched      bool        `json:"matched" doc:"the pattern matches"`
	Apart        bool        `json:"apart" doc:"every field has a value that is wanted, but in different elements of one list"`
	Alternatives int         `json:"alternatives" doc:"how many combinations the $or of the pattern have"`
	Predicates   []predicate `json:"predicates" doc:"those that are not met first"`
	of           *pattern.Trace
	far          int // how many are not met, not even almost
}

// predicate is one field of a pattern with what the event has there.
type predicate struct {
	Field  string            `json:"field" doc:"path in the event"`
	Met    bool              `json:"met"`
	Wanted json.RawMessage   `json:"wanted" doc:"what the pattern says"`
	Saw    []json.RawMessage `json:"saw" doc:"values of the event; empty: the field is absent"`
	More   int               `json:"more" doc:"values beyond those of saw"`
	Line   int               `json:"line" doc:"of the field in the file of the pattern"`
	Col    int               `json:"col" doc:"likewise"`
	Hint   string            `json:"hint,omitempty" doc:"what was probably meant"`
	near   bool              // it is almost met
}

// newTrace makes the output of t, whose predicates stand at places in a file.
func newTrace(t *pattern.Trace, event []byte, place func(*pattern.Predicate) diag.Pos) *trace {
	out := &trace{Matched: t.Matched, Apart: t.Apart, Alternatives: t.Alternatives, Predicates: []predicate{}, of: t}
	for i := range t.Predicates {
		p := &t.Predicates[i]
		at := place(p)
		q := predicate{
			Field: p.Field(), Met: p.Met, Wanted: compact(p.Wanted), Saw: []json.RawMessage{}, More: p.More, Line: at.Line, Col: at.Col,
		}
		for _, value := range p.Saw {
			q.Saw = append(q.Saw, compact(value))
		}
		switch {
		case p.Met:
		case len(p.Saw) == 0:
			q.Hint = whyAbsent(event, q.Field)
			q.near = strings.Contains(q.Hint, "did you mean")
		default:
			q.Hint, q.near = q.nearMiss()
		}
		if !p.Met && !q.near {
			out.far++
		}
		out.Predicates = append(out.Predicates, q)
	}
	slices.SortStableFunc(out.Predicates, func(a, b predicate) int { return a.rank() - b.rank() })
	return out
}

// rank puts what is not met first, of that what is almost met.
func (p *predicate) rank() int {
	switch {
	case p.Met:
		return 2
	case p.near:
		return 0
	}
	return 1
}

// compact is text, which is JSON, without white space. A number that was cut is
// none any more: it becomes a string.
func compact(text string) json.RawMessage {
	var b bytes.Buffer
	if json.Compact(&b, []byte(text)) != nil {
		b.Reset()
		fmt.Fprintf(&b, "%q", text) // digits and an ellipsis: quoted as in JSON
	}
	return b.Bytes()
}

func (t *trace) misses() int {
	n := 0
	for i := range t.Predicates {
		if !t.Predicates[i].Met {
			n++
		}
	}
	return n
}

// verdict says in words how far a pattern is from matching.
func (t *trace) verdict() string {
	var text string
	switch {
	case t.Matched:
		text = "matches"
	case t.Apart:
		text = "every field has a value that is wanted, but in different elements of one list"
	default:
		text = fmt.Sprintf("%d of %s not met", t.misses(), count(len(t.Predicates), "field"))
	}
	if t.Alternatives > 1 {
		which := "the nearest"
		if t.Matched {
			which = "one"
		}
		text += fmt.Sprintf(" (%s of %d combinations of its $or)", which, t.Alternatives)
	}
	return text
}

// saw says what the event has, in one line.
func (p *predicate) saw() string {
	if len(p.Saw) == 0 {
		return "absent"
	}
	text := string(bytes.Join(rawBytes(p.Saw), []byte(", ")))
	if p.More > 0 {
		text += fmt.Sprintf(" and %d more", p.More)
	}
	return text
}

func rawBytes(values []json.RawMessage) [][]byte {
	out := make([][]byte, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}

// whyAbsent follows a path of names into the event as far as it goes and says
// what is there instead: the name that was probably meant, or the ones there
// are. Of a list it looks into the first object.
func whyAbsent(event []byte, path string) string {
	v, err := scan.Read(event)
	if err != nil {
		return ""
	}
	at := ""
	for step := range strings.SplitSeq(path, ".") {
		object := firstObject(v)
		if object.Kind != scan.Object {
			return fmt.Sprintf("%s is %s in the event", at, what(v))
		}
		next := scan.Member(object, step)
		if next.Kind == scan.Missing {
			return otherNames(object, at, step)
		}
		v, at = next, join(at, step)
	}
	if object := firstObject(v); object.Kind == scan.Object {
		return fmt.Sprintf("%s is %s in the event; write the fields in it", at, what(v))
	}
	return fmt.Sprintf("%s is %s in the event", at, what(v))
}

func join(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

// firstObject is v or, of a list, the first object in it, however deep.
func firstObject(v scan.Value) scan.Value {
	if v.Kind != scan.Array {
		return v
	}
	for it := scan.Elements(v); it.Next(); {
		if o := firstObject(it.Value()); o.Kind == scan.Object {
			return o
		}
	}
	return scan.Value{}
}

func what(v scan.Value) string {
	switch v.Kind {
	case scan.Null:
		return "null"
	case scan.Object:
		return "an object"
	case scan.Array:
		if it := scan.Elements(v); !it.Next() {
			return "an empty list"
		}
	}
	return "a " + v.Kind.String()
}

// Bounds on what a hint repeats of an event's member names.
const (
	maxNames   = 8
	maxNameLen = 40
)

func otherNames(object scan.Value, at, wanted string) string {
	var names []string
	for it := scan.Members(object); it.Next(); {
		names = append(names, it.Key())
	}
	where := at
	if at == "" {
		where = "the event"
	}
	if len(names) == 0 {
		return where + " is an empty object"
	}
	if near := diag.Nearest(wanted, names); near != "" && len(near) <= maxNameLen {
		return fmt.Sprintf("%s has no %s; did you mean %s?", where, wanted, near)
	}
	shown := names[:min(len(names), maxNames)]
	for i, name := range shown {
		shown[i] = shorten(name, maxNameLen)
	}
	list := strings.Join(shown, ", ")
	if more := len(names) - len(shown); more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("%s has no %s, it has %s", where, wanted, list)
}
