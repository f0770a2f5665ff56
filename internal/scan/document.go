package scan

import "bytes"

// A Doc is what one scan found. It is reused from event to event, by one
// goroutine at a time, and aliases the event scanned last.
type Doc struct {
	values  []Value
	heads   []int32 // by leaf slot: its first leaf + 1, 0 for none
	tails   []int32
	leaves  []Leaf
	members []membership
	arrays  int32
	scratch []byte
}

// A Leaf is a scalar found at a path that a pattern tests.
type Leaf struct {
	Value
	Membership Membership
	next       int32 // the next leaf in the same slot + 1
}

// A Membership names the array elements that enclose a leaf. The zero
// Membership is that of a leaf outside any array.
type Membership int32

type membership struct {
	outer Membership
	array int32 // which array of the event
	index int32 // which of its elements
}

// Value returns the value in a slot that [Paths.Value] gave.
func (d *Doc) Value(slot int) Value { return d.values[slot] }

// First returns the first leaf in a slot that [Paths.Leaves] gave, nil if there
// is none. [Doc.Next] gives the others, in the order of the event.
func (d *Doc) First(slot int) *Leaf { return d.leaf(d.heads[slot]) }

// Next returns the leaf after l in the same slot, nil after the last.
func (d *Doc) Next(l *Leaf) *Leaf { return d.leaf(l.next) }

func (d *Doc) leaf(n int32) *Leaf {
	if n == 0 {
		return nil
	}
	return &d.leaves[n-1]
}

// InArrays reports whether any leaf of the event lies in an array's element, so
// that consistency has to be looked at.
func (d *Doc) InArrays() bool { return len(d.members) > 0 }

// Consistent reports whether two leaves may satisfy one pattern together: they
// do not lie in different elements of the same array.
func (d *Doc) Consistent(a, b Membership) bool {
	for ; a != 0; a = d.members[a-1].outer {
		ma := d.members[a-1]
		for m := b; m != 0; m = d.members[m-1].outer {
			if mb := d.members[m-1]; ma.array == mb.array && ma.index != mb.index {
				return false
			}
		}
	}
	return true
}

func (d *Doc) reset(p *Paths) {
	d.values = resized(d.values, p.values)
	d.heads = resized(d.heads, p.leaves)
	d.tails = resized(d.tails, p.leaves)
	d.leaves = d.leaves[:0]
	d.members = d.members[:0]
	d.arrays = 0
}

// resized returns a cleared slice of n elements, s itself if it is large enough.
func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// Scan reads event, one JSON object, and fills d with what p wants of it. It
// reads all of the event, so an event that is no valid JSON is a
// [*SyntaxError] wherever the mistake is. A d that has grown to its working
// size makes no allocations.
func (p *Paths) Scan(event []byte, d *Doc) error {
	d.reset(p)
	s := scanner{doc: d, data: event}
	start := space(event, 0)
	if start < len(event) && event[start] != '{' {
		return &SyntaxError{start, "expected an object"}
	}
	end, err := s.walk(start, &p.root, where{exact: true})
	if err != nil {
		return err
	}
	if end = space(event, end); end != len(event) {
		return &SyntaxError{end, "unexpected text after the event"}
	}
	return nil
}

type scanner struct {
	doc  *Doc
	data []byte
}

// where is what is known about the place of a value.
type where struct {
	exact      bool // reached by whole member names alone: a value slot may be filled
	membership Membership
	depth      int
}

// walk reads the value at offset i, which stands where n's path leads, and
// returns the offset behind it.
func (s *scanner) walk(i int, n *node, at where) (int, error) {
	if i >= len(s.data) {
		return i, &SyntaxError{i, "unexpected end of JSON"}
	}
	var (
		v   Value
		end int
		err error
	)
	switch c := s.data[i]; {
	case c == '{' && len(n.children) > 0:
		v.Kind = Object
		end, err = s.object(i, n, at)
	case c == '[' && (n.leaves != 0 || n.below):
		v.Kind = Array
		end, err = s.array(i, n, at)
	default:
		v, end, err = value(s.data, i, at.depth)
	}
	if err != nil {
		return end, err
	}
	v.Raw = s.data[i:end]
	if n.value != 0 && at.exact {
		s.doc.values[n.value-1] = v
	}
	if n.leaves != 0 && v.Kind < Array {
		s.doc.addLeaf(n.leaves-1, v, at.membership)
	}
	return end, nil
}

func (s *scanner) object(i int, n *node, at where) (int, error) {
	it := iter{data: s.data, pos: i + 1, depth: at.depth + 1, object: true, first: true}
	inner := at
	inner.depth++
	for it.open() {
		start := it.pos
		name := s.name(it.key)
		dotted := n.below && bytes.IndexByte(name, '.') >= 0
		if next := n.lookup(name); next != nil {
			if at.exact && next.holds {
				s.doc.forget(next)
			}
			it.pos, it.err = s.walk(start, next, inner)
		} else {
			_, it.pos, it.err = value(s.data, start, it.depth)
		}
		if it.err == nil && dotted {
			it.err = s.dotted(start, s.name(it.key), n, inner)
		}
	}
	return it.pos, it.err
}

// dotted walks the value at offset i as if the dots in its name were steps.
func (s *scanner) dotted(i int, name []byte, n *node, at where) error {
	for more := true; more; {
		var step []byte
		step, name, more = bytes.Cut(name, []byte("."))
		if n = n.lookup(step); n == nil {
			return nil
		}
	}
	at.exact = false
	_, err := s.walk(i, n, at)
	return err
}

func (s *scanner) array(i int, n *node, at where) (int, error) {
	it := iter{data: s.data, pos: i + 1, depth: at.depth + 1, first: true}
	s.doc.arrays++
	array := s.doc.arrays
	inner := where{membership: at.membership, depth: at.depth + 1}
	for index := int32(0); it.open(); index++ {
		inner.membership = at.membership
		if it.pos < len(s.data) && (s.data[it.pos] == '{' || s.data[it.pos] == '[') {
			s.doc.members = append(s.doc.members, membership{at.membership, array, index})
			inner.membership = Membership(len(s.doc.members))
		}
		it.pos, it.err = s.walk(it.pos, n, inner)
	}
	return it.pos, it.err
}

// name returns the characters of a member's name without allocating.
func (s *scanner) name(key Value) []byte {
	if !key.Escaped() {
		return key.Raw[1 : len(key.Raw)-1]
	}
	s.doc.scratch = key.AppendTo(s.doc.scratch[:0])
	return s.doc.scratch
}

func (d *Doc) addLeaf(slot int, v Value, m Membership) {
	d.leaves = append(d.leaves, Leaf{Value: v, Membership: m})
	n := int32(len(d.leaves))
	if d.heads[slot] == 0 {
		d.heads[slot] = n
	} else {
		d.leaves[d.tails[slot]-1].next = n
	}
	d.tails[slot] = n
}

// forget empties the value slots at and below n: a member that comes again
// replaces what an earlier one of its name held.
func (d *Doc) forget(n *node) {
	if n.value != 0 {
		d.values[n.value-1] = Value{}
	}
	for i := range n.children {
		if c := n.children[i].node; c.holds {
			d.forget(c)
		}
	}
}
