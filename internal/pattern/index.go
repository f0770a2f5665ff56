package pattern

import (
	"github.com/taskbridge/taskbridge/internal/scan"
)

// index finds, for a value of one field, the conditions that it meets among
// those that conjunctions are filed under.
type index struct {
	literals [scan.True + 1]int32 // heads of lists of links, by kind of value
	strings  map[string]int32
	numbers  map[uint64]int32 // by ordered
	inexact  map[string]int32 // numbers that do not compare by value, as written
	addrs    map[addr]int32
	folded   map[string]int32 // in lower case
	prefixes, suffixes,
	foldedPrefixes, foldedSuffixes *affixes
	wildcards *grams
	ranges    *ranges
	nets      *nets
	there     int32   // met by any value
	rest      []int32 // conditions with an entry that no index is made for
}

// link is an entry of a list of conditions that share a test. Lists end at 0,
// which is why Matcher.links starts with an unused one.
type link struct {
	condition int32
	test      int32 // to be checked still, or -1
	next      int32
}

// unselective is the cost of conditions that most events meet.
const unselective = 1 << 30

// cost estimates how many conjunctions would have to be looked at for nothing if
// those with c were filed under it.
func (m *Matcher) cost(c *condition) int {
	if c.absent {
		return -1
	}
	weight := 1
	for _, t := range m.testsOf(c) {
		switch t.kind {
		case isLiteral, isRange:
			weight = max(weight, 8)
		case isPrefix, isSuffix, isFold, isPrefixFold, isSuffixFold, isNet:
			weight = max(weight, 2)
			if t.text.n == 0 && t.kind != isNet {
				weight = max(weight, 64)
			}
		case isWildcard:
			weight = max(weight, 4)
		}
		if !m.indexed(&t) {
			return unselective
		}
	}
	return int(c.refs)*weight + int(c.n)
}

// indexed reports whether there is an index for the entry t.
func (m *Matcher) indexed(t *test) bool {
	switch t.kind {
	case isOther, isAbsent, isThere:
		return false
	case isFold, isPrefixFold, isSuffixFold:
		return isASCII(m.str(t.text))
	case isWildcard:
		return m.literal(t)
	}
	return true
}

// literal reports whether the wildcard t has any characters but stars.
func (m *Matcher) literal(t *test) bool {
	for _, s := range m.spans[t.aux : t.aux+t.n] {
		if s.n > 0 {
			return true
		}
	}
	return false
}

// indexer builds the indexes.
type indexer struct {
	*Matcher
	strings []int32 // how many exact strings the conditions of each slot have
	lower   []byte
}

// file puts conjunction i where an event that could match it leads to it.
func (b *indexer) file(i int32) {
	c := &b.conjunctions[i]
	best, least := int32(-1), 0
	for _, id := range b.conditionsOf(c) {
		if cost := b.cost(&b.conditions[id]); cost >= 0 && (best < 0 || cost < least) {
			best, least = id, cost
		}
	}
	if best < 0 {
		b.loose = append(b.loose, i)
		return
	}
	anchor := &b.conditions[best]
	first := anchor.anchor < 0
	c.next, anchor.anchor = anchor.anchor, i
	if first {
		b.add(best, anchor)
	}
}

// add enters a condition in the index of its slot.
func (b *indexer) add(id int32, c *condition) {
	if b.bySlot[c.slot] == 0 {
		b.indexes = append(b.indexes, index{strings: make(map[string]int32, b.strings[c.slot])})
		b.bySlot[c.slot] = int32(len(b.indexes))
	}
	x := &b.indexes[b.bySlot[c.slot]-1]
	tests := b.testsOf(c)
	for i := range tests {
		if tests[i].kind == isThere {
			b.link(&x.there, id, -1)
			return
		}
	}
	for i := range tests {
		if !b.indexed(&tests[i]) {
			x.rest = append(x.rest, id)
			return
		}
	}
	if c.set >= 0 {
		for s := range b.sets[c.set] {
			linkIn(b, &x.strings, s, id)
		}
	}
	for i := range tests {
		b.entry(x, id, c.first+int32(i), &tests[i])
	}
}

func (b *indexer) entry(x *index, id, number int32, t *test) {
	text := b.str(t.text)
	switch t.kind {
	case isLiteral:
		b.link(&x.literals[t.aux], id, -1)
	case isString:
		linkIn(b, &x.strings, text, id)
	case isNumber:
		linkIn(b, &x.numbers, b.nums[t.aux].low, id)
	case isNumberText:
		linkIn(b, &x.inexact, text, id)
	case isAddr:
		linkIn(b, &x.addrs, b.nets[t.aux].low, id)
	case isFold:
		linkIn(b, &x.folded, b.lowered(text), id)
	case isPrefix:
		made(&x.prefixes).add(text, id)
	case isSuffix:
		made(&x.suffixes).addSuffix(text, id)
	case isPrefixFold:
		made(&x.foldedPrefixes).add(b.lowered(text), id)
	case isSuffixFold:
		made(&x.foldedSuffixes).addSuffix(b.lowered(text), id)
	case isWildcard:
		made(&x.wildcards).add(id, number)
	case isRange:
		made(&x.ranges).add(b.nums[t.aux], id)
	case isNet:
		made(&x.nets).add(b.nets[t.aux], id)
	}
}

func (b *indexer) lowered(text string) string {
	b.lower = appendLower(b.lower[:0], text)
	return string(b.lower)
}

// link puts a condition at the front of a list.
func (b *indexer) link(head *int32, condition, test int32) {
	b.links = append(b.links, link{condition, test, *head})
	*head = int32(len(b.links) - 1)
}

func linkIn[K comparable](b *indexer, lists *map[K]int32, key K, condition int32) {
	if *lists == nil {
		*lists = make(map[K]int32)
	}
	head := (*lists)[key]
	b.link(&head, condition, -1)
	(*lists)[key] = head
}

// finish sorts what had to be complete first.
func (b *indexer) finish() {
	for i := range b.indexes {
		x := &b.indexes[i]
		for _, a := range []*affixes{x.prefixes, x.suffixes, x.foldedPrefixes, x.foldedSuffixes} {
			if a != nil {
				a.finish(b)
			}
		}
		if x.wildcards != nil {
			x.wildcards.finish(b)
		}
		if x.ranges != nil {
			x.ranges.finish()
		}
		if x.nets != nil {
			x.nets.finish(b)
		}
	}
}

// made returns *p, made if need be.
func made[T any](p **T) *T {
	if *p == nil {
		*p = new(T)
	}
	return *p
}
