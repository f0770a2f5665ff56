package scan

import "bytes"

// A Doc is what one scan found. It is reused from event to event, by one
// goroutine at a time, and aliases the event scanned last.
type Doc struct {
	values   []Value
	heads    []int32 // by leaf slot: its first leaf + 1, 0 for none
	tails    []int32 // by leaf slot with a head: its last leaf + 1
	filled   []int32 // the leaf slots with a head
	leaves   []Leaf
	elements []Element
	arrays   []int32 // the Seq behind the last leaf of each
	name     []byte  // scratch: a member's name with its escapes resolved
	text     []byte  // the characters of leaves whose text holds escapes
}

// A Leaf is a scalar found at a path that a pattern tests.
type Leaf struct {
	Text       []byte // the characters of a string, by [Value.AppendExact]; any other kind's text
	Membership Membership
	Seq        int32 // its place among the event's leaves, in document order
	next       int32 // the next leaf in the same slot + 1
	Kind       Kind
}

// A Membership names the innermost array element that encloses a leaf. The zero
// Membership is that of a leaf outside any array.
type Membership int32

// An Element is an element of one of the event's arrays. A scalar that is itself
// an element is enclosed by none of that array: AWS gives only objects and
// arrays in arrays a membership.
type Element struct {
	Outer       Membership // of the array itself
	Array       int32      // which array of the event, from 1
	Index       int32
	First, Last int32 // the leaves inside it are those with First ≤ Seq < Last
}

// Value returns the value in a slot that [Paths.Value] gave.
func (d *Doc) Value(slot int) Value { return d.values[slot] }

// Filled returns the leaf slots that have a leaf, in the order of the event. The
// slice is valid until the next scan.
func (d *Doc) Filled() []int32 { return d.filled }

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

// Leaf returns the leaf with this Seq.
func (d *Doc) Leaf(seq int32) *Leaf { return &d.leaves[seq] }

// Element returns the element that a Membership other than zero names.
func (d *Doc) Element(m Membership) *Element { return &d.elements[m-1] }

// Arrays is the number of arrays of the event whose elements were looked into.
func (d *Doc) Arrays() int { return len(d.arrays) }

// ArrayEnd is the Seq behind the last leaf in an array of [Element].
func (d *Doc) ArrayEnd(array int32) int32 { return d.arrays[array-1] }

func (d *Doc) reset(p *Paths) {
	d.values = resized(d.values, p.values)
	clear(d.values)
	// There may be thousands of leaf slots, of which an event fills a few.
	for _, slot := range d.filled {
		d.heads[slot] = 0
	}
	d.filled = d.filled[:0]
	d.heads = resized(d.heads, p.leaves)
	d.tails = resized(d.tails, p.leaves)
	d.leaves = d.leaves[:0]
	d.elements = d.elements[:0]
	d.text = d.text[:0]
	d.arrays = d.arrays[:0]
}

// resized returns a slice of n elements, s itself if it is large enough.
func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
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
	end, err := s.walk(start, &p.root, true, 0, 0)
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

// walk reads the value at offset i, which stands where n's path leads, and
// returns the offset behind it. exact says that whole member names alone led
// here, so that a value slot may be filled; depth is the number of containers
// around the value.
func (s *scanner) walk(i int, n *node, exact bool, m Membership, depth int) (end int, err *SyntaxError) {
	var (
		kind  = kindAt(s.data, i)
		plain bool
	)
	switch {
	case kind == String:
		end, plain, err = skipString(s.data, i)
	case kind == Object && len(n.children) > 0:
		end, err = s.object(i, n, exact, m, depth)
	case kind == Array && (n.leaves != 0 || n.below):
		end, err = s.array(i, n, m, depth)
	default:
		end, err = skip(s.data, i, depth)
	}
	if err != nil {
		return end, err
	}
	if n.value != 0 && exact {
		s.doc.values[n.value-1] = Value{s.data[i:end], kind, plain}
	}
	if n.leaves != 0 && kind < Array {
		s.doc.addLeaf(n.leaves-1, Value{s.data[i:end], kind, plain}, m)
	}
	return end, nil
}

func (s *scanner) object(i int, n *node, exact bool, m Membership, depth int) (int, *SyntaxError) {
	i, done, err := enter(s.data, i, depth, '}')
	for !done && err == nil {
		start := i
		end, plain, at, keyErr := key(s.data, i)
		if keyErr != nil {
			return at, keyErr
		}
		name := s.data[start+1 : end-1]
		if !plain {
			name = s.unescaped(start, end)
		}
		// A name with a dot can only lead somewhere if a child's name begins it.
		dotted := n.below && len(name) > 0 && n.starts>>(name[0]%64)&1 != 0 && bytes.IndexByte(name, '.') >= 0
		if next := n.lookup(name); next != nil {
			if next.value != 0 && exact && s.doc.values[next.value-1].Kind != Missing {
				s.doc.forget(next)
			}
			i, err = s.walk(at, next, exact, m, depth+1)
		} else {
			i, err = skip(s.data, at, depth+1)
		}
		if dotted && err == nil {
			// Scratch may have been used for a name further down.
			if !plain {
				name = s.unescaped(start, end)
			}
			err = s.dotted(at, name, n, m, depth+1)
		}
		if err != nil {
			break
		}
		if dense(s.data, i, ',') {
			i++
			continue
		}
		i, done, err = following(s.data, i, '}')
	}
	return i, err
}

// dotted walks the value at offset i as if the dots in its name were steps.
func (s *scanner) dotted(i int, name []byte, n *node, m Membership, depth int) *SyntaxError {
	for more := true; more; {
		var step []byte
		step, name, more = bytes.Cut(name, []byte("."))
		if n = n.lookup(step); n == nil {
			return nil
		}
	}
	_, err := s.walk(i, n, false, m, depth)
	return err
}

func (s *scanner) array(i int, n *node, m Membership, depth int) (int, *SyntaxError) {
	s.doc.arrays = append(s.doc.arrays, 0)
	array := int32(len(s.doc.arrays))
	i, done, err := enter(s.data, i, depth, ']')
	for index := int32(0); !done && err == nil; index++ {
		inner := m
		if i < len(s.data) && (s.data[i] == '{' || s.data[i] == '[') {
			s.doc.elements = append(s.doc.elements, Element{m, array, index, int32(len(s.doc.leaves)), 0})
			inner = Membership(len(s.doc.elements))
		}
		if i, err = s.walk(i, n, false, inner, depth+1); err != nil {
			break
		}
		if inner != m {
			s.doc.elements[inner-1].Last = int32(len(s.doc.leaves))
		}
		i, done, err = following(s.data, i, ']')
	}
	s.doc.arrays[array-1] = int32(len(s.doc.leaves))
	return i, err
}

// unescaped returns the characters of the string at data[start:end] without
// allocating.
func (s *scanner) unescaped(start, end int) []byte {
	s.doc.name = Value{Kind: String, Raw: s.data[start:end]}.AppendTo(s.doc.name[:0])
	return s.doc.name
}

func (d *Doc) addLeaf(slot int, v Value, m Membership) {
	text := v.Raw
	if v.Kind == String {
		text = text[1 : len(text)-1]
		if !v.plain {
			// Growing d.text leaves what earlier leaves point at where it is.
			start := len(d.text)
			d.text = v.AppendExact(d.text)
			text = d.text[start:]
		}
	}
	seq := int32(len(d.leaves))
	d.leaves = append(d.leaves, Leaf{Text: text, Membership: m, Seq: seq, Kind: v.Kind})
	if d.heads[slot] == 0 {
		d.heads[slot] = seq + 1
		d.filled = append(d.filled, int32(slot))
	} else {
		d.leaves[d.tails[slot]-1].next = seq + 1
	}
	d.tails[slot] = seq + 1
}

// forget empties the value slots at and below n: a member that comes again
// replaces what an earlier one of its name held.
func (d *Doc) forget(n *node) {
	d.values[n.value-1] = Value{}
	for i := range n.children {
		if c := n.children[i].node; c.value != 0 {
			d.forget(c)
		}
	}
}
