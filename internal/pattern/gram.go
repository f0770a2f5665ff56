package pattern

import "math/bits"

// grams finds which of many wildcards a text may meet. Each is filed under one
// run of up to four characters of its literal parts, the rarest among all
// wildcards; one pass over a text finds all runs that it has.
type grams struct {
	tests  []link      // of the wildcards, until finish
	filter [64]uint64  // a bit for each hash that is in the table
	table  []gramEntry // open addressing, a power of two
	sizes  []int       // lengths of the runs, ascending
}

type gramEntry struct {
	key  uint64
	head int32
}

const gramSize = 4

// gram is the key of a run: its characters and how many.
func gram(run []byte) uint64 {
	key := uint64(len(run)) << 32
	for i, c := range run {
		key |= uint64(c) << (8 * (len(run) - 1 - i))
	}
	return key
}

// gramHash spreads a key; its upper bits are the best ones.
func gramHash(key uint64) uint64 { return key * 0x9e3779b97f4a7c15 }

func (g *grams) add(condition, test int32) {
	g.tests = append(g.tests, link{condition: condition, test: test})
}

// runs calls f for the runs of a wildcard that it may be filed under: those of
// gramSize characters, and parts that are shorter. A wildcard without any is
// nothing but stars.
func (m *Matcher) runs(t *test, f func(key uint64)) {
	for _, s := range m.spans[t.aux : t.aux+t.n] {
		part := m.part(s)
		for i := 0; i+gramSize <= len(part); i++ {
			f(gram(part[i : i+gramSize]))
		}
		if 0 < len(part) && len(part) < gramSize {
			f(gram(part))
		}
	}
}

// rarity counts runs by their hash. Two that share a counter make each other
// look more common than they are, which does little harm.
type rarity [1 << 12]uint16

func (r *rarity) of(key uint64) *uint16 { return &r[gramHash(key)>>(64-12)] }

func (g *grams) finish(b *indexer) {
	var counts rarity
	for _, t := range g.tests {
		b.runs(&b.Matcher.tests[t.test], func(key uint64) {
			if n := counts.of(key); *n < 1<<16-1 {
				*n++
			}
		})
	}
	g.table = make([]gramEntry, 4<<bits.Len(uint(len(g.tests))))
	var sizes [gramSize + 1]bool
	for _, t := range g.tests {
		rarest := uint64(0)
		b.runs(&b.Matcher.tests[t.test], func(key uint64) {
			n, least := *counts.of(key), *counts.of(rarest)
			// Of two that are as rare, the longer one comes in fewer texts.
			if rarest == 0 || n < least || n == least && key>>32 > rarest>>32 {
				rarest = key
			}
		})
		hash := gramHash(rarest)
		g.filter[hash>>58] |= 1 << (hash >> 52 & 63)
		e := g.entry(rarest)
		e.key = rarest
		b.link(&e.head, t.condition, t.test)
		sizes[rarest>>32] = true
	}
	for n, used := range sizes {
		if used {
			g.sizes = append(g.sizes, n)
		}
	}
	g.tests = nil
}

// entry is where key is in the table, or where it would be.
func (g *grams) entry(key uint64) *gramEntry {
	mask := uint64(len(g.table) - 1)
	for i := gramHash(key) >> 32 & mask; ; i = (i + 1) & mask {
		if e := &g.table[i]; e.key == key || e.head == 0 {
			return e
		}
	}
}

// visit looks at the wildcards whose run is in text.
func (g *grams) visit(s *State, l *leaf) {
	for _, n := range g.sizes {
		mask := uint64(1)<<(8*n) - 1
		run := uint64(0)
		for i, c := range l.Text {
			run = (run<<8 | uint64(c)) & mask
			if i < n-1 {
				continue
			}
			key := uint64(n)<<32 | run
			if hash := gramHash(key); g.filter[hash>>58]>>(hash>>52&63)&1 != 0 {
				if e := g.entry(key); e.head != 0 {
					s.visit(e.head, l)
				}
			}
		}
		s.steps -= len(l.Text) >> 4
	}
}
