package scan

// An Iter steps through the members of an object or the elements of an array:
//
//	it := scan.Members(v)
//	for it.Next() {
//		switch it.Key() { … it.Value() … }
//	}
//
// Values come from [Read] or from another Iter, so they are known to be valid
// and stepping through them cannot fail.
type Iter struct {
	data    []byte
	pos     int  // of the next element
	closing byte // bracket
	done    bool
	key     Value
	value   Value
}

// Members returns an Iter over the members of the object v. Any other kind has
// no members. A name may come more than once.
func Members(v Value) Iter { return newIter(v, Object, '}') }

// Elements returns an Iter over the elements of the array v. Any other kind has
// no elements.
func Elements(v Value) Iter { return newIter(v, Array, ']') }

func newIter(v Value, kind Kind, closing byte) Iter {
	if v.Kind != kind {
		return Iter{done: true}
	}
	it := Iter{data: v.Raw, closing: closing}
	it.pos, it.done, _ = enter(v.Raw, 0, 0, closing)
	return it
}

// Next moves to the next member or element and reports whether there is one.
func (it *Iter) Next() bool {
	if it.done {
		return false
	}
	at := it.pos
	var err *SyntaxError
	if it.closing == '}' {
		end, plain, pos, keyErr := key(it.data, at)
		it.key = Value{it.data[at:end], String, plain}
		at, err = pos, keyErr
	}
	if err == nil {
		kind, plain, end, tokenErr := token(it.data, at, 1)
		it.value = Value{it.data[at:end], kind, plain}
		it.pos, err = end, tokenErr
	}
	if err == nil {
		it.pos, it.done, err = following(it.data, it.pos, it.closing)
	}
	it.done = it.done || err != nil
	return err == nil
}

// Key is the current member's name, escapes resolved.
func (it *Iter) Key() string { return it.key.Text() }

// Value is the current member's or element's value.
func (it *Iter) Value() Value { return it.value }

// Member returns the last member of the object v with this name, Missing if
// there is none or v is no object.
func Member(v Value, name string) Value {
	var found Value
	for it := Members(v); it.Next(); {
		if it.key.Is(name) {
			found = it.value
		}
	}
	return found
}
