package expr

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// An Error says why an expression has no value for an event.
type Error struct {
	Ref string // what was read: event.detail.object.key
	Msg string // what the event had instead; never a value of the payload
}

func (e *Error) Error() string {
	if e.Ref == "" {
		return e.Msg
	}
	return e.Ref + ": " + e.Msg
}

// bindEvent reads one path. The names up to the first index are a slot of the
// scan; from the index on, the value is walked.
func (n *Node) bindEvent(paths *scan.Paths) (*Program, error) {
	var names []string
	for _, s := range n.Path {
		if s.Name == nil {
			break
		}
		names = append(names, *s.Name)
	}
	required := len(n.Path)
	if n.Optional != nil {
		required = *n.Optional
		if required < 0 || required > len(n.Path) {
			return nil, fmt.Errorf("optional step %d of a path of %d", required, len(n.Path))
		}
	}
	for _, s := range n.Path {
		if s.Name == nil && s.Index < 0 {
			return nil, fmt.Errorf("negative index %d", s.Index)
		}
	}
	r := &reader{path: n.Path, required: required, names: len(names), slots: make([]int, len(names)+1)}
	for i := range r.slots {
		r.slots[i] = paths.Value(names[:i]...)
	}
	return &Program{eval: r.read}, nil
}

type reader struct {
	path     []Step
	required int
	names    int   // leading steps that are names
	slots    []int // of the event and of each prefix of names
}

func (r *reader) read(d *scan.Doc) (Value, error) {
	v := d.Value(r.slots[r.names])
	for i := r.names; i < len(r.path) && v.Kind != scan.Missing; i++ {
		v = step(v, r.path[i])
	}
	if v.Kind != scan.Missing {
		return FromJSON(v), nil
	}
	return r.missing(d)
}

func step(v scan.Value, s Step) scan.Value {
	if s.Name != nil {
		return scan.Member(v, *s.Name)
	}
	it := scan.Elements(v)
	for i := 0; it.Next(); i++ {
		if i == s.Index {
			return it.Value()
		}
	}
	return scan.Value{}
}

// missing finds the first step that is not there and decides whether that is an
// error.
func (r *reader) missing(d *scan.Doc) (Value, error) {
	v := d.Value(r.slots[0])
	for i, s := range r.path {
		next := step(v, s)
		if next.Kind != scan.Missing {
			v = next
			continue
		}
		// CEL: selecting from something that is no container is an error, also
		// for an optional step; below an absent optional all is absent.
		container := s.Name != nil && v.Kind == scan.Object || s.Name == nil && v.Kind == scan.Array
		if container && i >= r.required {
			return Value{}, nil
		}
		return Value{}, &Error{Ref: refText(r.path[:i+1]), Msg: r.why(v, s, container)}
	}
	return Value{}, &Error{Ref: refText(r.path), Msg: "missing"}
}

func (r *reader) why(v scan.Value, s Step, container bool) string {
	switch {
	case !container && s.Name != nil:
		return fmt.Sprintf("no such field: the value above it is a %s, not an object", v.Kind)
	case !container:
		return fmt.Sprintf("no such element: the value is a %s, not a list", v.Kind)
	case s.Name == nil:
		n := 0
		for it := scan.Elements(v); it.Next(); n++ {
		}
		return fmt.Sprintf("no such element: the list has %d", n)
	}
	return "no such field in this event; it has " + fieldNames(v)
}

// fieldNames lists the members of v: names are chosen by the event's source,
// values are not shown.
func fieldNames(v scan.Value) string {
	const most = 12
	var names []string
	more := 0
	for it := scan.Members(v); it.Next(); {
		if len(names) == most {
			more++
			continue
		}
		name := it.Key()
		if len(name) > 64 {
			name = strings.ToValidUTF8(name[:64], "") + "…"
		}
		names = append(names, strconv.Quote(name))
	}
	switch {
	case len(names) == 0:
		return "no fields there"
	case more > 0:
		return fmt.Sprintf("%s and %d more", strings.Join(names, ", "), more)
	}
	return strings.Join(names, ", ")
}

func refText(path []Step) string {
	var b strings.Builder
	b.WriteString("event")
	for _, s := range path {
		switch {
		case s.Name == nil:
			fmt.Fprintf(&b, "[%d]", s.Index)
		case identifier(*s.Name):
			b.WriteString("." + *s.Name)
		default:
			fmt.Fprintf(&b, "[%q]", *s.Name)
		}
	}
	return b.String()
}

func identifier(s string) bool {
	for i, c := range s {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
