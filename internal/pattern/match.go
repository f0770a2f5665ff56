package pattern

import (
	"bytes"
	"math"
	"strconv"

	"github.com/taskbridge/taskbridge/internal/scan"
)

type testKind uint8

const (
	exactTest testKind = iota
	prefixTest
	suffixTest
	existsTest
	numericTest
	anythingButTest
)

// test is one entry of a field's list.
type test struct {
	kind      testKind
	value     scan.Kind // exact: kind of the value
	text      string    // exact: characters or number as written; prefix, suffix
	n         float64   // exact number
	plain     bool      // exact number: n is the number as written, exactly
	want      bool      // exists
	low, high bound     // numeric
	not       []test    // anything-but: none of these
}

type bound struct {
	n    float64
	open bool
	none bool
}

func textTest(operator, text string) test {
	switch operator {
	case "prefix":
		return test{kind: prefixTest, text: text}
	case "suffix":
		return test{kind: suffixTest, text: text}
	}
	return test{kind: exactTest, value: scan.String, text: text}
}

func exact(v scan.Value) test {
	t := test{kind: exactTest, value: v.Kind, text: v.Text()}
	t.n, t.plain = number(v)
	return t
}

// number is the number that v holds, if a float64 holds it exactly: numbers of
// up to 15 digits, and longer ones that happen to be exact. Others compare as
// text.
func number(v scan.Value) (float64, bool) {
	if v.Kind != scan.Number {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(v.Raw), 64)
	if err != nil || math.IsInf(f, 0) {
		return 0, false
	}
	return f, significantDigits(v.Raw) <= 15 || sameDecimal(f, v.Raw)
}

// significantDigits counts the digits of the mantissa without leading zeros.
func significantDigits(raw []byte) int {
	n := 0
	for _, c := range raw {
		switch {
		case c == 'e' || c == 'E':
			return n
		case c >= '1' && c <= '9', c == '0' && n > 0:
			n++
		}
	}
	return n
}

// sameDecimal reports whether the shortest decimal of f is the integer raw.
func sameDecimal(f float64, raw []byte) bool {
	var buf [32]byte
	return bytes.Equal(strconv.AppendFloat(buf[:0], f, 'f', -1, 64), raw)
}

func (t *test) leaf(v scan.Value) bool {
	switch t.kind {
	case exactTest:
		return t.exactly(v)
	case prefixTest:
		return v.Kind == scan.String && hasPrefix(v.Bytes(), t.text)
	case suffixTest:
		return v.Kind == scan.String && hasSuffix(v.Bytes(), t.text)
	case existsTest:
		return t.want
	case numericTest:
		n, ok := number(v)
		return ok && t.low.below(n) && t.high.above(n)
	case anythingButTest:
		for i := range t.not {
			if t.not[i].text == string(v.Bytes()) || t.not[i].exactly(v) {
				return false
			}
		}
		return true
	}
	return false
}

func hasPrefix(b []byte, s string) bool { return len(b) >= len(s) && string(b[:len(s)]) == s }
func hasSuffix(b []byte, s string) bool { return len(b) >= len(s) && string(b[len(b)-len(s):]) == s }

func (b bound) below(n float64) bool { return b.none || n > b.n || !b.open && n == b.n }
func (b bound) above(n float64) bool { return b.none || n < b.n || !b.open && n == b.n }

func (t *test) exactly(v scan.Value) bool {
	if v.Kind != t.value {
		return false
	}
	switch v.Kind {
	case scan.String:
		return v.Is(t.text)
	case scan.Number:
		if string(v.Raw) == t.text {
			return true
		}
		n, ok := number(v)
		return ok && t.plain && n == t.n
	}
	return true // null, true, false
}

// A Matcher holds the patterns of a mapping. It may be used by any number of
// goroutines at once, each with a Doc of its own.
type Matcher struct{ patterns []Pattern }

// NewMatcher joins patterns, whose order gives them their index, and registers
// what they test in paths.
func NewMatcher(paths *scan.Paths, patterns []*Pattern) *Matcher {
	m := &Matcher{patterns: make([]Pattern, len(patterns))}
	for i, p := range patterns {
		for _, c := range p.conditions {
			c.slot = paths.Leaves(c.path)
			m.patterns[i].conditions = append(m.patterns[i].conditions, c)
		}
	}
	return m
}

// maxSteps bounds the search for a consistent choice of array elements in one
// pattern and event; real events need a few.
const maxSteps = 100_000

// Match reports whether pattern i matches the event that d holds.
func (m *Matcher) Match(i int, d *scan.Doc) bool {
	s := search{doc: d, conditions: m.patterns[i].conditions, steps: maxSteps}
	return s.from(0, nil)
}

type search struct {
	doc        *scan.Doc
	conditions []condition
	steps      int
}

// chain is the list of memberships that the leaves chosen so far lie in.
type chain struct {
	membership scan.Membership
	outer      *chain
}

func (s *search) consistent(m scan.Membership, chosen *chain) bool {
	for c := chosen; c != nil && m != 0; c = c.outer {
		if !s.doc.Consistent(m, c.membership) {
			return false
		}
	}
	return true
}

// from reports whether the conditions from i on can be met by leaves that are
// consistent with those chosen for the conditions before.
func (s *search) from(i int, chosen *chain) bool {
	if i == len(s.conditions) {
		return true
	}
	c := &s.conditions[i]
	present, plain := false, false
	for l := s.doc.First(c.slot); l != nil; l = s.doc.Next(l) {
		if s.steps--; s.steps < 0 {
			return false
		}
		if plain && l.Membership == 0 || !s.consistent(l.Membership, chosen) {
			continue
		}
		present = true
		if !c.meets(l.Value) {
			continue
		}
		if l.Membership == 0 {
			// Leaves outside arrays constrain nothing: one is as good as another.
			plain = true
			if s.from(i+1, chosen) {
				return true
			}
		} else if s.from(i+1, &chain{l.Membership, chosen}) {
			return true
		}
	}
	return !present && c.meetsAbsence() && s.from(i+1, chosen)
}

func (c *condition) meets(v scan.Value) bool {
	for i := range c.tests {
		if c.tests[i].leaf(v) {
			return true
		}
	}
	return false
}

func (c *condition) meetsAbsence() bool {
	for i := range c.tests {
		if c.tests[i].kind == existsTest && !c.tests[i].want {
			return true
		}
	}
	return false
}
