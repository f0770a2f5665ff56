package pattern

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// A Trace says how a pattern and an event came to match or not.
type Trace struct {
	Matched bool
	// Predicates are what the pattern tests, in its own order. Of a pattern with
	// $or they are those of the alternative that matches, or comes nearest.
	Predicates []Predicate
	// Alternatives is how many combinations the $or of the pattern give; 1
	// without any.
	Alternatives int
	// Apart says that every predicate is met, but by values that lie in
	// different elements of one of the event's lists.
	Apart bool
}

// A Predicate is one field of a pattern with what the event has there.
type Predicate struct {
	Path   []string // names in the pattern, $or and its branches included
	Offset int      // of the list, in bytes from the start of the pattern's text
	Wanted string   // the list, as written
	Saw    []string // values of the event as JSON, at most mostSeen; none if the field is absent
	More   int      // how many further values there are
	Met    bool
}

// Field is the path of the event's field, names joined with dots.
func (p *Predicate) Field() string {
	var names []string
	for i := 0; i < len(p.Path); i++ {
		if p.Path[i] == "$or" {
			i++ // and the number of the branch
			continue
		}
		names = append(names, p.Path[i])
	}
	return strings.Join(names, ".")
}

// Misses is how many predicates are not met.
func (t *Trace) Misses() int {
	n := 0
	for i := range t.Predicates {
		if !t.Predicates[i].Met {
			n++
		}
	}
	return n
}

// Nearer compares traces of patterns that did not match: those that miss less
// come first, of those the ones that meet more.
func Nearer(a, b *Trace) int {
	return cmp.Or(
		cmp.Compare(a.Misses(), b.Misses()),
		cmp.Compare(len(b.Predicates)-b.Misses(), len(a.Predicates)-a.Misses()),
	)
}

const (
	mostSeen = 10  // values of one field in a trace
	longSeen = 200 // characters of one value
)

// place is where a pattern has a condition.
type place struct {
	path   []string
	offset int
	wanted string
}

// Explain matches one pattern against one event, as [Matcher.Match] does and by
// the same evaluator, and says what it saw. The error is about the pattern
// (joined [*Error]), the event (a [*scan.SyntaxError]), or [ErrTooComplex].
func Explain(text, event []byte) (*Trace, error) {
	var (
		paths scan.Paths
		d     scan.Doc
		s     State
	)
	m := &Matcher{links: make([]link, 1), size: 1}
	p := newParser(m, &paths)
	p.tracing = true
	p.read(0, text)
	if err := p.finish(); err != nil {
		return nil, err
	}
	if err := paths.Scan(event, &d); err != nil {
		return nil, err
	}
	if _, err := m.Match(&d, &s); err != nil {
		return nil, err
	}
	var t *Trace
	for i := range m.conjunctions {
		one := Trace{Matched: s.holds(&m.conjunctions[i]), Alternatives: len(m.conjunctions)}
		for _, f := range p.alternatives[i] {
			one.Predicates = append(one.Predicates, s.predicate(f, &p.places[f.place]))
		}
		one.Apart = !one.Matched && one.Misses() == 0
		if one.Matched {
			return &one, nil
		}
		if i == 0 || Nearer(&one, t) < 0 {
			t = &one
		}
	}
	return t, nil
}

// predicate is what the last event has for a field of a pattern.
func (s *State) predicate(f field, at *place) Predicate {
	p := Predicate{Path: at.path, Offset: at.offset, Wanted: at.wanted, Met: s.verdict(f.condition) != no}
	for l := s.doc.First(int(f.slot)); l != nil; l = s.doc.Next(l) {
		if len(p.Saw) == mostSeen {
			p.More++
			continue
		}
		p.Saw = append(p.Saw, seen(l))
	}
	return p
}

// seen is the value of a leaf as JSON, cut if it is long.
func seen(l *leaf) string {
	text := string(l.Text)
	if r := []rune(text); len(r) > longSeen {
		text = string(r[:longSeen]) + "…"
	}
	if l.Kind != scan.String {
		return text
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text) // a string always encodes
	return strings.TrimSuffix(b.String(), "\n")
}
