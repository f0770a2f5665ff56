package expr

import "unsafe"

// Values are read from the event without copying: most are compared, searched
// or appended to a text and then forgotten. The functions below are the only places
// that read a pointer as what it points to: as a text that shares its memory with
// bytes, or, for a [Value], as a text or a box. A Value in the event says so, and
// Value.Str copies what leaves the package.

// textOf is b as a string that shares its memory.
func textOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// bytesOf is s as bytes that share its memory and must not be written to.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// with is a Value of v's kind that holds s. If v lies in the event, so does s, or it
// might as well.
func (v Value) with(s string) Value {
	if v.as.held != inEvent {
		v.as.held = inText
	}
	v.n, v.p = uint64(len(s)), unsafe.Pointer(unsafe.StringData(s))
	return v
}

// ofEvent is a Value of a kind that holds b, a part of the event.
func ofEvent(kind Kind, b []byte) Value {
	return Value{Kind: kind, as: shape{held: inEvent}, n: uint64(len(b)), p: unsafe.Pointer(unsafe.SliceData(b))}
}

// str is the text that v holds, "" if it holds none.
func (v Value) str() string {
	if v.as.held != inText && v.as.held != inEvent {
		return ""
	}
	return unsafe.String((*byte)(v.p), int(v.n))
}

// boxed is a Value of a kind that holds b.
func boxed(kind Kind, b *box) Value {
	return Value{Kind: kind, as: shape{held: inBox}, p: unsafe.Pointer(b)}
}

// box is the box that v holds, nil if it holds none.
func (v Value) box() *box {
	if v.as.held != inBox {
		return nil
	}
	return (*box)(v.p)
}
