package pattern

import (
	"sort"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// search looks for leaves that meet all conditions of a conjunction together:
// no two of them in different elements of one array. It tries the conditions in
// the order of their paths and goes back to the last choice that had a part in a
// failure, not just to the last choice, so that arrays that have nothing to do
// with each other are not combined.
type search struct {
	lists []list // by condition: the leaves that may be chosen for it
	seqs  []int32

	ids   []int32 // conditions
	fixed []fixed // by array, from 1
	trail []int32 // arrays fixed, in order
}

// list is a part of search.seqs, made when it is first needed for an event.
type list struct {
	epoch    uint32
	first, n int32
}

// fixed says which element of an array was chosen, and by which condition.
type fixed struct {
	element scan.Membership // 0 for none
	level   int32
}

// levels is a set of conditions by their place in the conjunction.
type levels [MaxFields / 64]uint64

func (v *levels) add(i int32)      { v[i/64] |= 1 << (i % 64) }
func (v *levels) has(i int32) bool { return v[i/64]>>(i%64)&1 != 0 }
func (v *levels) join(w levels, without int32) {
	for i := range v {
		v[i] |= w[i]
	}
	v[without/64] &^= 1 << (without % 64)
}

// consistent reports whether leaves that may stand together meet all conditions
// of c.
func (s *State) consistent(c *conjunction) bool {
	s.search.ids = s.m.conditionsOf(c)
	s.search.trail = s.search.trail[:0]
	n := s.doc.Arrays() + 1
	if cap(s.search.fixed) < n {
		s.search.fixed = make([]fixed, n)
	}
	s.search.fixed = s.search.fixed[:n]
	clear(s.search.fixed)
	ok, _ := s.choose(0)
	return ok && s.steps >= 0
}

// choose reports whether the conditions from level on can be met together with
// what was chosen before. If not, it says which earlier choices had a part in
// it: unless one of them changes, nothing else will.
func (s *State) choose(level int32) (ok bool, blame levels) {
	if int(level) == len(s.search.ids) {
		return true, blame
	}
	id := s.search.ids[level]
	c := &s.m.conditions[id]
	seqs := s.choices(id)
	there, free := false, false // seen: a leaf that may be chosen; one that constrains nothing was tried
	for i := 0; i < len(seqs) && s.steps >= 0; i++ {
		s.steps--
		l := s.doc.Leaf(seqs[i])
		if by, next := s.excluded(l); by >= 0 {
			blame.add(by)
			// All leaves before next are excluded as well.
			i += sort.Search(len(seqs)-i-1, func(k int) bool { return seqs[i+1+k] >= next })
			continue
		}
		there = true
		if c.absent && !s.meetsAny(c, l) {
			continue
		}
		mark := len(s.search.trail)
		s.fix(l, level)
		if len(s.search.trail) == mark {
			if free {
				continue // one is as good as another
			}
			free = true
		}
		ok, why := s.choose(level + 1)
		s.unfix(mark)
		if ok || !why.has(level) {
			return ok, why
		}
		blame.join(why, level)
	}
	if !c.absent {
		return false, blame
	}
	if !there {
		return s.without(level, blame)
	}
	// The field is there; other choices in arrays could hide it.
	for i := range level {
		blame.add(i)
	}
	return false, blame
}

// without is choose for a condition that is met by the absence of its field,
// which is there only in elements that the choices in blame exclude.
func (s *State) without(level int32, blame levels) (bool, levels) {
	ok, why := s.choose(level + 1)
	if ok || !why.has(level) {
		why.join(blame, level)
		return ok, why
	}
	blame.join(why, level)
	return false, blame
}

// excluded returns the level whose choice of an array's element excludes l, with
// the Seq of the first leaf that this choice does not exclude again; -1 if none
// does.
func (s *State) excluded(l *leaf) (level, next int32) {
	for m := l.Membership; m != 0; {
		e := s.doc.Element(m)
		f := s.search.fixed[e.Array]
		if f.element != 0 && f.element != m {
			if first := s.doc.Element(f.element).First; first > l.Seq {
				return f.level, first
			}
			return f.level, s.doc.ArrayEnd(e.Array)
		}
		m = e.Outer
	}
	return -1, 0
}

// fix chooses the elements that enclose l.
func (s *State) fix(l *leaf, level int32) {
	for m := l.Membership; m != 0; {
		e := s.doc.Element(m)
		if f := &s.search.fixed[e.Array]; f.element == 0 {
			*f = fixed{m, level}
			s.search.trail = append(s.search.trail, e.Array)
		}
		m = e.Outer
	}
}

func (s *State) unfix(mark int) {
	for _, array := range s.search.trail[mark:] {
		s.search.fixed[array] = fixed{}
	}
	s.search.trail = s.search.trail[:mark]
}

// choices returns the leaves that meet a condition, by Seq. If the condition is
// also met by the absence of its field, it returns all leaves of the field.
func (s *State) choices(id int32) []int32 {
	r := &s.search
	if len(r.lists) == 0 {
		r.lists = make([]list, len(s.m.conditions))
	}
	known := &r.lists[id]
	if known.epoch != s.epoch {
		c := &s.m.conditions[id]
		known.epoch, known.first = s.epoch, int32(len(r.seqs))
		for l := s.doc.First(int(c.slot)); l != nil && s.steps >= 0; l = s.doc.Next(l) {
			if c.absent || s.meetsAny(c, l) {
				r.seqs = append(r.seqs, l.Seq)
			}
		}
		known.n = int32(len(r.seqs)) - known.first
	}
	return r.seqs[known.first : known.first+known.n]
}
