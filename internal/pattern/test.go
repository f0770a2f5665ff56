package pattern

import (
	"bytes"

	"github.com/taskbridge/taskbridge/internal/scan"
)

type kind uint8

const (
	isLiteral    kind = iota // null, true or false: scan.Kind in aux
	isString                 // text
	isAddr                   // the address nets[aux].low
	isNumber                 // nums[aux].low
	isNumberText             // text: a number that does not compare by value
	isPrefix                 // text
	isSuffix
	isFold // text, ignoring case
	isPrefixFold
	isSuffixFold
	isWildcard // spans[aux : aux+n]
	isRange    // nums[aux]
	isNet      // nets[aux]
	isThere
	isAbsent
	isOther // none of tests[aux : aux+n] and not in sets[set]
)

// test is one entry of a field's list.
type test struct {
	kind kind
	text span
	aux  int32
	n    int32
	set  int32 // isOther: the index of a set, or -1
}

// set is the exact strings of a long list.
type set map[string]struct{}

// longList is from how many exact strings on a set is faster than comparing.
const longList = 8

// meets reports whether the leaf l meets t.
func (s *State) meets(t *test, l *leaf) bool {
	s.steps -= 1 + len(l.Text)>>6
	m := s.m
	switch t.kind {
	case isThere:
		return true
	case isAbsent:
		return false
	case isOther:
		return !s.among(t, l)
	case isLiteral:
		return l.Kind == scan.Kind(t.aux)
	case isNumber, isRange:
		if l.Kind != scan.Number {
			return false
		}
		n, ok := s.number(l)
		return ok && m.nums[t.aux].has(n)
	case isNumberText:
		return l.Kind == scan.Number && string(l.Text) == m.str(t.text)
	}
	return l.Kind == scan.String && s.meetsText(t, l)
}

func (s *State) meetsText(t *test, l *leaf) bool {
	text, want := l.Text, s.m.str(t.text)
	switch t.kind {
	case isString:
		return string(text) == want
	case isPrefix:
		return hasPrefix(text, want)
	case isSuffix:
		return hasSuffix(text, want)
	case isFold:
		return foldPrefix(want, text) == len(text)
	case isPrefixFold:
		return foldPrefix(want, text) >= 0
	case isSuffixFold:
		return foldSuffix(want, text)
	case isWildcard:
		return s.m.wildcard(t, text)
	case isAddr, isNet:
		a, ok := s.addr(l)
		return ok && s.m.nets[t.aux].has(a)
	}
	return false
}

// among reports whether l is one of the values of anything-but.
func (s *State) among(t *test, l *leaf) bool {
	if t.set >= 0 && l.Kind == scan.String {
		if _, ok := s.m.sets[t.set][string(l.Text)]; ok {
			return true
		}
	}
	values := s.m.tests[t.aux : t.aux+t.n]
	for i := range values {
		if s.meets(&values[i], l) {
			return true
		}
	}
	return false
}

// wildcard reports whether text is the literal parts of t in their order, the
// first at the start and the last at the end, with anything between them.
func (m *Matcher) wildcard(t *test, text []byte) bool {
	spans := m.spans[t.aux : t.aux+t.n]
	first, last := m.part(spans[0]), m.part(spans[len(spans)-1])
	if len(spans) == 1 {
		return string(text) == string(first)
	}
	if len(text) < len(first)+len(last) || !hasPrefix(text, first) || !hasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, sp := range spans[1 : len(spans)-1] {
		part := m.part(sp)
		i := bytes.Index(text, part)
		if i < 0 {
			return false
		}
		text = text[i+len(part):]
	}
	return true
}

func (m *Matcher) part(s span) []byte { return m.parts[s.at : s.at+s.n] }
