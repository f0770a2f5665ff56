package scan

import "bytes"

// A Cursor reads one JSON value in a single pass, for code that decides at each
// container whether to enter it:
//
//	for more := c.Enter(); more; more = c.Following() {
//		name := c.Name() // in an object
//		v := c.Value()   // or c.Enter()
//	}
//
// After a mistake every method does nothing; [Cursor.Err] says what it was.
type Cursor struct {
	data     []byte
	pos      int
	closings []byte // brackets of the containers around pos
	err      *SyntaxError
}

// NewCursor returns a Cursor before the value that data starts with.
func NewCursor(data []byte) *Cursor {
	c := &Cursor{}
	c.Reset(data)
	return c
}

// Reset puts the Cursor before the value that data starts with.
func (c *Cursor) Reset(data []byte) {
	c.data, c.pos, c.closings, c.err = data, space(data, 0), c.closings[:0], nil
}

// Err returns the mistake that stopped the Cursor, nil if there was none.
func (c *Cursor) Err() error {
	if c.err == nil {
		return nil
	}
	return c.err
}

// Offset is where the Cursor stands, in bytes from the start of the data.
func (c *Cursor) Offset() int { return c.pos }

// Kind is the kind of the value that the Cursor stands before.
func (c *Cursor) Kind() Kind {
	if c.err != nil {
		return Missing
	}
	return kindAt(c.data, c.pos)
}

// Enter enters the object or array that the Cursor stands before and reports
// whether it has an element.
func (c *Cursor) Enter() bool {
	closing := byte('}')
	if c.Kind() == Array {
		closing = ']'
	} else if c.Kind() != Object {
		return false
	}
	var done bool
	c.pos, done, c.err = enter(c.data, c.pos, len(c.closings), closing)
	if done || c.err != nil {
		return false
	}
	c.closings = append(c.closings, closing)
	return true
}

// Name reads the name of a member and goes before its value.
func (c *Cursor) Name() Value {
	if c.err != nil {
		return Value{}
	}
	start := c.pos
	end, plain, pos, err := key(c.data, start)
	if c.pos, c.err = pos, err; err != nil {
		return Value{}
	}
	return Value{c.data[start:end], String, plain}
}

// Value reads the value that the Cursor stands before, whole.
func (c *Cursor) Value() Value {
	if c.err != nil {
		return Value{}
	}
	start := c.pos
	kind, plain, end, err := token(c.data, start, len(c.closings))
	if c.pos, c.err = end, err; err != nil {
		return Value{}
	}
	return Value{c.data[start:end], kind, plain}
}

// Skip goes behind text, and white space, if what the Cursor stands before is
// written exactly so. The text has been read before: a value that ends with a quote
// or a bracket, or a name with its colon.
func (c *Cursor) Skip(text []byte) bool {
	if c.err != nil || !bytes.HasPrefix(c.data[c.pos:], text) {
		return false
	}
	c.pos = space(c.data, c.pos+len(text))
	return true
}

// Following goes from behind an element to the next one of its container. Behind
// the last it leaves the container and reports false.
func (c *Cursor) Following() bool {
	if c.err != nil {
		return false
	}
	var done bool
	last := len(c.closings) - 1
	c.pos, done, c.err = following(c.data, c.pos, c.closings[last])
	if done {
		c.closings = c.closings[:last]
	}
	return !done && c.err == nil
}
