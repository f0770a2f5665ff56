package scan

// iter steps through the members of one object or the elements of one array.
// It is the only place that knows the grammar of containers.
type iter struct {
	data   []byte
	pos    int // just behind what was read last
	depth  int // containers around the elements, the iterated one included
	object bool
	first  bool
	done   bool
	err    error

	key   Value // of the current member; Missing in an array
	value Value
}

// open moves to the next element without reading its value: it reads the
// separator and, in an object, the key. It reports whether there is one; its
// value then starts at it.pos.
func (it *iter) open() bool {
	if it.done || it.err != nil {
		return false
	}
	if it.depth > MaxDepth {
		return it.fail(it.pos-1, "nested too deeply")
	}
	it.pos = space(it.data, it.pos)
	if it.pos >= len(it.data) {
		return it.fail(it.pos, "unexpected end of JSON")
	}
	closing := byte(']')
	if it.object {
		closing = '}'
	}
	switch c := it.data[it.pos]; {
	case c == closing:
		it.pos++
		it.done = true
		return false
	case it.first:
		it.first = false
	case c == ',':
		it.pos = space(it.data, it.pos+1)
	default:
		return it.fail(it.pos, "expected , or "+string(closing))
	}
	if it.object {
		return it.openKey()
	}
	return true
}

func (it *iter) openKey() bool {
	if it.pos >= len(it.data) || it.data[it.pos] != '"' {
		return it.fail(it.pos, "expected a member name in quotes")
	}
	end, err := skipString(it.data, it.pos)
	if err != nil {
		it.err = err
		return false
	}
	it.key = Value{String, it.data[it.pos:end]}
	it.pos = space(it.data, end)
	if it.pos >= len(it.data) || it.data[it.pos] != ':' {
		return it.fail(it.pos, "expected : after the member name")
	}
	it.pos = space(it.data, it.pos+1)
	return true
}

// next moves to the next element and reads its value.
func (it *iter) next() bool {
	if !it.open() {
		return false
	}
	it.value, it.pos, it.err = value(it.data, it.pos, it.depth)
	return it.err == nil
}

func (it *iter) fail(offset int, msg string) bool {
	it.err = &SyntaxError{offset, msg}
	return false
}

// An Iter steps through the members of an object or the elements of an array:
//
//	it := scan.Members(v)
//	for it.Next() {
//		switch it.Key() { … it.Value() … }
//	}
//
// Values come from [Read] or from another Iter, so they are known to be valid
// and stepping through them cannot fail.
type Iter struct{ it iter }

// Members returns an Iter over the members of the object v. Any other kind has
// no members. A name may come more than once.
func Members(v Value) Iter { return newIter(v, Object) }

// Elements returns an Iter over the elements of the array v. Any other kind has
// no elements.
func Elements(v Value) Iter { return newIter(v, Array) }

func newIter(v Value, kind Kind) Iter {
	if v.Kind != kind {
		return Iter{iter{done: true}}
	}
	return Iter{iter{data: v.Raw, pos: 1, depth: 1, object: kind == Object, first: true}}
}

// Next moves to the next member or element and reports whether there is one.
func (it *Iter) Next() bool { return it.it.next() }

// Key is the current member's name, escapes resolved.
func (it *Iter) Key() string { return it.it.key.Text() }

// Value is the current member's or element's value.
func (it *Iter) Value() Value { return it.it.value }

// Member returns the last member of the object v with this name, Missing if
// there is none or v is no object.
func Member(v Value, name string) Value {
	var found Value
	for it := Members(v); it.Next(); {
		if it.it.key.Is(name) {
			found = it.it.value
		}
	}
	return found
}
