package scan

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Kind is the kind of a JSON value. The zero Kind is Missing: no such value.
type Kind uint8

// The kinds of JSON values.
const (
	Missing Kind = iota
	Null
	False
	True
	Number
	String
	Array
	Object
)

var kindNames = [...]string{"missing", "null", "bool", "bool", "number", "string", "list", "object"}

// String names the kind in the words used in messages: "bool", "list", ….
func (k Kind) String() string { return kindNames[k] }

// A Value is one JSON value as it stands in the input. The zero Value is
// Missing. Raw is the value's text, quotes of a string included; it aliases the
// input.
//
// It is as small as can be: the compiler keeps structs of up to four words in
// registers, and larger ones in memory.
type Value struct {
	Raw   []byte
	Kind  Kind
	plain bool // a string known to hold no escape sequences
}

// Escaped reports whether v is a string whose text holds escape sequences, so
// that its bytes differ from its characters.
func (v Value) Escaped() bool {
	return v.Kind == String && !v.plain && bytes.IndexByte(v.Raw, '\\') >= 0
}

// Bytes returns the characters of the string v. They alias the input unless the
// string holds escapes. Any other kind gives its raw text.
func (v Value) Bytes() []byte {
	if v.Kind != String {
		return v.Raw
	}
	if !v.Escaped() {
		return v.Raw[1 : len(v.Raw)-1]
	}
	return v.AppendTo(make([]byte, 0, len(v.Raw)))
}

// Text is Bytes as a string of its own, which outlives the input.
func (v Value) Text() string { return string(v.Bytes()) }

// Is reports whether v is a string with exactly the characters s.
func (v Value) Is(s string) bool {
	if v.Kind != String {
		return false
	}
	if !v.Escaped() {
		return string(v.Raw[1:len(v.Raw)-1]) == s
	}
	return string(v.Bytes()) == s
}

// Int returns v as an integer if it is a number written without fraction and
// exponent that fits an int64.
func (v Value) Int() (int64, bool) {
	if v.Kind != Number {
		return 0, false
	}
	// The conversion does not escape, so the compiler makes no copy of short text.
	n, err := strconv.ParseInt(string(v.Raw), 10, 64)
	return n, err == nil
}

// AppendTo appends the characters of the string v, escapes resolved, to dst. A
// lone surrogate becomes U+FFFD, as encoding/json has it.
func (v Value) AppendTo(dst []byte) []byte { return v.appendTo(dst, utf8.AppendRune) }

// AppendExact is AppendTo for texts that are compared: a lone surrogate keeps
// its identity. It becomes the three bytes that UTF-8 would give it if it gave
// it any, which no other text has.
func (v Value) AppendExact(dst []byte) []byte { return v.appendTo(dst, appendSurrogate) }

// appendTo leaves the characters that were written as \u to appendRune.
func (v Value) appendTo(dst []byte, appendRune func(dst []byte, r rune) []byte) []byte {
	s := v.Raw[1 : len(v.Raw)-1]
	if v.plain {
		return append(dst, s...)
	}
	for {
		i := bytes.IndexByte(s, '\\')
		if i < 0 {
			return append(dst, s...)
		}
		dst = append(dst, s[:i]...)
		s = s[i+1:]
		switch c := s[0]; c {
		case 'b':
			dst, s = append(dst, '\b'), s[1:]
		case 'f':
			dst, s = append(dst, '\f'), s[1:]
		case 'n':
			dst, s = append(dst, '\n'), s[1:]
		case 'r':
			dst, s = append(dst, '\r'), s[1:]
		case 't':
			dst, s = append(dst, '\t'), s[1:]
		case 'u':
			var r rune
			r, s = hexRune(s)
			dst = appendRune(dst, r)
		default: // one of " \ /
			dst, s = append(dst, c), s[1:]
		}
	}
}

func appendSurrogate(dst []byte, r rune) []byte {
	if utf16.IsSurrogate(r) {
		return append(dst, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f)
	}
	return utf8.AppendRune(dst, r)
}

// hexRune decodes "uXXXX", with its second half if it is the first half of a
// surrogate pair, and returns what follows.
func hexRune(s []byte) (rune, []byte) {
	r := hex4(s[1:])
	s = s[5:]
	if utf16.IsSurrogate(r) && len(s) >= 6 && s[0] == '\\' && s[1] == 'u' {
		if pair := utf16.DecodeRune(r, hex4(s[2:])); pair != utf8.RuneError {
			return pair, s[6:]
		}
	}
	return r, s
}

func hex4(s []byte) rune {
	var r rune
	for _, c := range s[:4] {
		r = r<<4 | rune(hexDigit(c))
	}
	return r
}

func hexDigit(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	default:
		return c - '0'
	}
}
