package pattern

import (
	"cmp"
	"errors"
	"slices"

	"github.com/taskbridge/taskbridge/internal/scan"
)

type leaf = scan.Leaf

// Compile reads patterns, each a JSON object, and joins them into a Matcher.
// What they test is registered in paths. The error joins all mistakes of all
// patterns, each an [*Error].
func Compile(paths *scan.Paths, patterns ...[]byte) (*Matcher, error) {
	m := &Matcher{links: make([]link, 1, len(patterns)+1), size: len(patterns)}
	p := newParser(m, paths)
	for i, text := range patterns {
		p.read(i, text)
	}
	if err := p.finish(); err != nil {
		return nil, err
	}
	return m, nil
}

// finish makes the Matcher ready for use.
func (p *parser) finish() error {
	if len(p.errs) > 0 {
		return errors.Join(p.errs...)
	}
	m := p.m
	m.text = string(p.text)
	m.sortByPath()
	m.bySlot = make([]int32, len(m.paths))
	b := indexer{Matcher: m, strings: make([]int32, len(m.paths))}
	for i := range m.conditions {
		c := &m.conditions[i]
		for _, t := range m.testsOf(c) {
			if t.kind == isString {
				b.strings[c.slot]++
			}
		}
	}
	for i := range m.conjunctions {
		b.file(int32(i))
	}
	b.finish()
	return nil
}

// sortByPath sorts the conditions of each conjunction by their paths: that is the
// order in which event-ruler tests them, and an absent field is one that is not
// seen in the array elements that the conditions before have chosen.
func (m *Matcher) sortByPath() {
	slots := make([]int32, len(m.paths))
	for i := range slots {
		slots[i] = int32(i)
	}
	slices.SortFunc(slots, func(a, b int32) int { return cmp.Compare(m.paths[a], m.paths[b]) })
	rank := make([]int32, len(slots))
	for i, slot := range slots {
		rank[slot] = int32(i)
	}
	for i := range m.conjunctions {
		ids := m.conditionsOf(&m.conjunctions[i])
		slices.SortFunc(ids, func(a, b int32) int {
			return int(rank[m.conditions[a].slot] - rank[m.conditions[b].slot])
		})
	}
}

// ErrTooComplex is the error for an event that takes too long to match: arrays
// with very many elements whose combinations have to be tried, or values of very
// many characters against many wildcards. Real events stay far below the bound.
var ErrTooComplex = errors.New("the event takes too many steps to match against the patterns")

// maxSteps is the bound, in comparisons.
const maxSteps = 4_000_000

// State is what one goroutine needs to match events. It is reused from event to
// event, for one Matcher.
type State struct {
	m     *Matcher
	doc   *scan.Doc
	steps int
	epoch uint32
	known []uint32 // by condition: epoch<<3 | followed | verdict
	done  []uint32 // by pattern: the epoch in which it matched
	tried []tried  // by condition: the last leaf that a wildcard was tried on
	hits  []int

	numbers   []parsed // by Seq of their leaf
	addrOf    int32    // Seq of the leaf that addrValue is, or -1
	addrValue addr
	addrOK    bool
	lower     []byte

	search search
}

// parsed is a number of the event, by [ordered].
type parsed struct {
	epoch uint32
	ok    bool // it compares by value
	value uint64
}

type tried struct {
	epoch uint32
	seq   int32
}

// verdict is what is known of a condition.
type verdict uint32

const (
	unknown verdict = iota
	no
	yes         // met outside of arrays, or by the absence of the field
	yesInArrays // met by a leaf in an array's element, or may be by absence from one
)

// followed marks a condition whose candidates have been looked at. The verdict
// alone does not say so: it may have been asked for by a conjunction that is
// filed under another condition.
const followed = 4

// Match returns the patterns that match the event that d holds, by their index
// in ascending order. The slice is valid until the next call. The error is
// [ErrTooComplex].
func (m *Matcher) Match(d *scan.Doc, s *State) ([]int, error) {
	s.begin(m, d)
	for _, slot := range d.Filled() {
		if int(slot) < len(m.bySlot) && m.bySlot[slot] != 0 {
			s.look(&m.indexes[m.bySlot[slot]-1], d.First(int(slot)))
		}
	}
	for _, c := range m.loose {
		s.verify(c)
	}
	if s.steps < 0 {
		return nil, ErrTooComplex
	}
	if len(s.hits) > 1 {
		slices.Sort(s.hits)
	}
	return s.hits, nil
}

func (s *State) begin(m *Matcher, d *scan.Doc) {
	if s.m != m || s.epoch == 1<<29-1 {
		*s = State{m: m, known: make([]uint32, len(m.conditions)), done: make([]uint32, m.size), tried: make([]tried, len(m.conditions))}
	}
	s.doc, s.steps, s.hits = d, maxSteps, s.hits[:0]
	s.epoch++
	s.addrOf = -1
	s.search.seqs = s.search.seqs[:0]
}

// look finds the conjunctions that the values of one field lead to, of which l is
// the first.
func (s *State) look(x *index, l *leaf) {
	s.visit(x.there, l)
	for _, id := range x.rest {
		if s.verdict(id) != no {
			s.candidates(id)
		}
	}
	for ; l != nil && s.steps >= 0; l = s.doc.Next(l) {
		s.steps--
		switch l.Kind {
		case scan.String:
			s.lookString(x, l)
		case scan.Number:
			s.lookNumber(x, l)
		default:
			s.visit(x.literals[l.Kind], l)
		}
	}
}

func (s *State) lookString(x *index, l *leaf) {
	if x.strings != nil {
		s.visit(x.strings[string(l.Text)], l)
	}
	if x.prefixes != nil {
		x.prefixes.visit(s, l.Text, l)
	}
	if x.suffixes != nil {
		x.suffixes.visit(s, l.Text, l)
	}
	if x.folded != nil || x.foldedPrefixes != nil || x.foldedSuffixes != nil {
		s.lookFolded(x, l)
	}
	if x.wildcards != nil {
		x.wildcards.visit(s, l)
	}
	if x.addrs == nil && x.nets == nil {
		return
	}
	if a, ok := s.addr(l); ok {
		s.visit(x.addrs[*a], l)
		if x.nets != nil {
			x.nets.visit(s, a, l)
		}
	}
}

func (s *State) lookFolded(x *index, l *leaf) {
	s.lower = appendLower(s.lower[:0], l.Text)
	s.visit(x.folded[string(s.lower)], l)
	if x.foldedPrefixes != nil {
		x.foldedPrefixes.visit(s, s.lower, l)
	}
	if x.foldedSuffixes != nil {
		x.foldedSuffixes.visit(s, s.lower, l)
	}
}

func (s *State) lookNumber(x *index, l *leaf) {
	if x.inexact != nil {
		s.visit(x.inexact[string(l.Text)], l)
	}
	if x.numbers == nil && x.ranges == nil {
		return
	}
	if n, ok := s.number(l); ok {
		s.visit(x.numbers[n], l)
		if x.ranges != nil {
			x.ranges.visit(s, 0, len(x.ranges.items), n, l)
		}
	}
}

// number is the value of the number l, by [ordered].
func (s *State) number(l *leaf) (uint64, bool) {
	for int(l.Seq) >= len(s.numbers) {
		s.numbers = append(s.numbers, parsed{})
	}
	n := &s.numbers[l.Seq]
	if n.epoch != s.epoch {
		f, ok := number(l.Text)
		*n = parsed{s.epoch, ok, ordered(f)}
	}
	return n.value, n.ok
}

// addr is the address that the string l is, if it is one.
func (s *State) addr(l *leaf) (*addr, bool) {
	if s.addrOf != l.Seq {
		s.addrOf = l.Seq
		s.addrValue, s.addrOK = parseAddr(l.Text)
	}
	return &s.addrValue, s.addrOK
}

// visit looks at a list of conditions that l meets, or may meet.
func (s *State) visit(head int32, l *leaf) {
	for head != 0 && s.steps >= 0 {
		k := &s.m.links[head]
		if k.test < 0 || s.try(k, l) {
			s.hit(k.condition, l)
		}
		s.steps--
		head = k.next
	}
}

// try checks a wildcard, once for each leaf.
func (s *State) try(k *link, l *leaf) bool {
	now := tried{s.epoch, l.Seq}
	if s.tried[k.condition] == now && s.m.conditions[k.condition].n == 1 {
		return false
	}
	s.tried[k.condition] = now
	return s.meets(&s.m.tests[k.test], l)
}

// hit takes down that l meets a condition and looks at what is filed under it.
func (s *State) hit(id int32, l *leaf) {
	v := yes
	if l.Membership != 0 {
		v = yesInArrays
	}
	if s.get(id) != yes {
		s.set(id, v)
	}
	if s.known[id]&followed == 0 {
		s.known[id] |= followed
		s.candidates(id)
	}
}

func (s *State) get(id int32) verdict {
	if k := s.known[id]; k>>3 == s.epoch {
		return verdict(k & 3)
	}
	return unknown
}

// set takes down a verdict. It may replace yesInArrays by yes.
func (s *State) set(id int32, v verdict) {
	k := s.epoch<<3 | uint32(v)
	if s.known[id]>>3 == s.epoch {
		k |= s.known[id] & followed
	}
	s.known[id] = k
}

// candidates looks at the conjunctions that are filed under a condition.
func (s *State) candidates(id int32) {
	for i := s.m.conditions[id].anchor; i >= 0 && s.steps >= 0; i = s.m.conjunctions[i].next {
		s.verify(i)
	}
}

// verify takes down that a pattern matches if the event meets conjunction i.
func (s *State) verify(i int32) {
	c := &s.m.conjunctions[i]
	if s.done[c.pattern] == s.epoch {
		return
	}
	if s.holds(c) {
		s.done[c.pattern] = s.epoch
		s.hits = append(s.hits, int(c.pattern))
	}
}

// holds reports whether the event meets c.
func (s *State) holds(c *conjunction) bool {
	s.steps--
	inArrays, absent := 0, false
	for _, id := range s.m.conditionsOf(c) {
		switch s.verdict(id) {
		case no:
			return false
		case yesInArrays:
			inArrays++
			absent = absent || s.m.conditions[id].absent
		}
	}
	// A single leaf in an array has nothing to be consistent with, but whether a
	// field is absent from arrays is still to be seen.
	return inArrays == 0 || inArrays == 1 && !absent || s.consistent(c)
}

// verdict is whether the event meets a condition, looked at alone.
func (s *State) verdict(id int32) verdict {
	v := s.get(id)
	if v == unknown {
		v = s.judge(&s.m.conditions[id])
		s.set(id, v)
	}
	return v
}

func (s *State) judge(c *condition) verdict {
	v, there := no, false
	l := s.doc.First(int(c.slot))
	if l == nil && c.absent {
		return yes
	}
	for ; l != nil && s.steps >= 0; l = s.doc.Next(l) {
		met := s.meetsAny(c, l)
		if l.Membership == 0 {
			there = true
			if met {
				return yes
			}
		} else if met {
			v = yesInArrays
		}
	}
	if c.absent && !there {
		// It is there, in arrays; the elements that other conditions choose may
		// be without it.
		v = yesInArrays
	}
	return v
}

// meetsAny reports whether l meets an entry of c.
func (s *State) meetsAny(c *condition, l *leaf) bool {
	if c.set >= 0 && l.Kind == scan.String {
		if _, ok := s.m.sets[c.set][string(l.Text)]; ok {
			return true
		}
	}
	tests := s.m.testsOf(c)
	for i := range tests {
		if s.meets(&tests[i], l) {
			return true
		}
	}
	return false
}
