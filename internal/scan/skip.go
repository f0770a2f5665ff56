package scan

import (
	"encoding/binary"
	"math/bits"
)

// The grammar, as functions over the input and an offset. Each returns the
// offset behind what it read.

// Read reads the one JSON value that data consists of.
func Read(data []byte) (Value, error) {
	start := space(data, 0)
	kind, plain, end, err := token(data, start, 0)
	if err != nil {
		return Value{}, err
	}
	v := Value{data[start:end], kind, plain}
	if end = space(data, end); end != len(data) {
		return Value{}, &SyntaxError{end, "unexpected text after the value"}
	}
	return v, nil
}

// token reads the value that starts at data[i]. depth is the number of
// containers around it. plain is true of a string without escapes.
func token(data []byte, i, depth int) (kind Kind, plain bool, end int, err *SyntaxError) {
	if i < len(data) && data[i] == '"' {
		end, plain, err = skipString(data, i)
		return String, plain, end, err
	}
	kind = kindAt(data, i)
	end, err = skip(data, i, depth)
	return kind, false, end, err
}

// kindAt is the kind of the value that starts at data[i], if it is valid.
func kindAt(data []byte, i int) Kind {
	if i >= len(data) {
		return Missing
	}
	switch data[i] {
	case '"':
		return String
	case '{':
		return Object
	case '[':
		return Array
	case 't':
		return True
	case 'f':
		return False
	case 'n':
		return Null
	}
	return Number
}

// skip reads the value that starts at data[i].
func skip(data []byte, i, depth int) (end int, err *SyntaxError) {
	if i >= len(data) {
		return i, &SyntaxError{i, "unexpected end of JSON"}
	}
	switch data[i] {
	case '"':
		end, _, err = skipString(data, i)
		return end, err
	case '{':
		return skipObject(data, i, depth)
	case '[':
		return skipArray(data, i, depth)
	case 't':
		return skipWord(data, i, "true")
	case 'f':
		return skipWord(data, i, "false")
	case 'n':
		return skipWord(data, i, "null")
	}
	return skipNumber(data, i)
}

func skipObject(data []byte, i, depth int) (int, *SyntaxError) {
	i, done, err := enter(data, i, depth, '}')
	for !done && err == nil {
		if _, _, i, err = key(data, i); err != nil {
			break
		}
		if i, err = skip(data, i, depth+1); err != nil {
			break
		}
		if dense(data, i, ',') {
			i++
			continue
		}
		i, done, err = following(data, i, '}')
	}
	return i, err
}

func skipArray(data []byte, i, depth int) (int, *SyntaxError) {
	i, done, err := enter(data, i, depth, ']')
	for !done && err == nil {
		if i, err = skip(data, i, depth+1); err != nil {
			break
		}
		i, done, err = following(data, i, ']')
	}
	return i, err
}

// enter reads the bracket at data[i] and goes to the first element; done says
// that there is none.
func enter(data []byte, i, depth int, closing byte) (pos int, done bool, err *SyntaxError) {
	if depth >= MaxDepth {
		return i, false, &SyntaxError{i, "nested too deeply"}
	}
	i = space(data, i+1)
	if i < len(data) && data[i] == closing {
		return i + 1, true, nil
	}
	return i, false, nil
}

// following goes from behind an element to the next one; done says that the
// container ends instead.
func following(data []byte, i int, closing byte) (pos int, done bool, err *SyntaxError) {
	i = space(data, i)
	switch {
	case i >= len(data):
		return i, false, &SyntaxError{i, "unexpected end of JSON"}
	case data[i] == ',':
		return space(data, i+1), false, nil
	case data[i] == closing:
		return i + 1, true, nil
	}
	return i, false, &SyntaxError{i, "expected , or " + string(closing)}
}

// key reads a member's name and the colon. end is behind the closing quote, pos
// is where the value starts.
func key(data []byte, i int) (end int, plain bool, pos int, err *SyntaxError) {
	if i >= len(data) || data[i] != '"' {
		return i, false, i, &SyntaxError{i, "expected a member name in quotes"}
	}
	if end, plain, err = skipString(data, i); err != nil {
		return end, false, end, err
	}
	if dense(data, end, ':') {
		return end, plain, end + 1, nil
	}
	if pos, err = colon(data, end); err != nil {
		return end, false, pos, err
	}
	return end, plain, pos, nil
}

// dense reports whether data[i] is the separator c and no white space follows:
// the quick way through JSON that a machine wrote.
func dense(data []byte, i int, c byte) bool {
	return i+1 < len(data) && data[i] == c && data[i+1] > ' '
}

// colon goes from behind a member's name to its value.
func colon(data []byte, i int) (int, *SyntaxError) {
	i = space(data, i)
	if i >= len(data) || data[i] != ':' {
		return i, &SyntaxError{i, "expected : after the member name"}
	}
	return space(data, i+1), nil
}

// space returns the offset of the first byte at or after i that is not white
// space.
func space(data []byte, i int) int {
	if i < len(data) && data[i] > ' ' {
		return i
	}
	return skipSpace(data, i)
}

func skipSpace(data []byte, i int) int {
	for i < len(data) {
		switch data[i] {
		case ' ', '\t', '\n', '\r':
			i++
		default:
			return i
		}
	}
	return i
}

func skipWord(data []byte, i int, word string) (int, *SyntaxError) {
	if len(data)-i < len(word) || string(data[i:i+len(word)]) != word {
		return i, &SyntaxError{i, "invalid literal"}
	}
	return i + len(word), nil
}

// skipString reads the string that starts at data[start]. Eight bytes at a time
// are looked at for one that needs attention; mostly that is the closing quote.
func skipString(data []byte, start int) (end int, plain bool, err *SyntaxError) {
	i := start + 1
	for ; i+8 <= len(data); i += 8 {
		marks := special(binary.LittleEndian.Uint64(data[i : i+8]))
		if marks == 0 {
			continue
		}
		i += bits.TrailingZeros64(marks) / 8
		if data[i] == '"' {
			return i + 1, true, nil
		}
		break
	}
	return skipRest(data, i)
}

// skipRest reads on in a string, byte by byte where it has to.
func skipRest(data []byte, i int) (end int, plain bool, err *SyntaxError) {
	plain = true
	for i < len(data) {
		switch c := data[i]; {
		case c == '"':
			return i + 1, plain, nil
		case c == '\\':
			n := escapeLen(data[i:])
			if n == 0 {
				return i, false, &SyntaxError{i, "invalid escape in string"}
			}
			plain = false
			i += n
		case c < ' ':
			return i, false, &SyntaxError{i, "control character in string"}
		default:
			i++
		}
		for i+8 <= len(data) && special(binary.LittleEndian.Uint64(data[i:i+8])) == 0 {
			i += 8
		}
	}
	return len(data), false, &SyntaxError{len(data), "unterminated string"}
}

// Plain reports whether eight bytes are ASCII characters that stand for themselves
// in a JSON string.
func Plain(w uint64) bool { return special(w)|w&0x8080808080808080 == 0 }

// special marks, in the highest bit of each byte of w, the quotes, backslashes
// and control characters. The lowest mark is right; those above it may be false,
// because subtractions borrow from the next byte.
func special(w uint64) uint64 {
	const each = 0x0101010101010101
	// Flipping the bit of 2 turns a quote into a space and leaves the control
	// characters among themselves: both are then below '!'.
	low := (w ^ each*('"'^' ')) - each*'!'
	slash := (w ^ each*'\\') - each
	return (low | slash) &^ w & (each * 0x80)
}

// escapeLen returns the length of the escape sequence at the start of s, 0 if
// there is none.
func escapeLen(s []byte) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(s) < 6 {
			return 0
		}
		for _, c := range s[2:6] {
			if !isDigit(c) && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
				return 0
			}
		}
		return 6
	}
	return 0
}

func skipNumber(data []byte, i int) (int, *SyntaxError) {
	start := i
	if i < len(data) && data[i] == '-' {
		i++
	}
	switch {
	case i < len(data) && data[i] == '0':
		i++
	case i < len(data) && isDigit(data[i]):
		i = digits(data, i)
	case i == start:
		return i, &SyntaxError{i, "expected a value"}
	default:
		return i, &SyntaxError{i, "invalid number"}
	}
	if i < len(data) && data[i] == '.' {
		end := digits(data, i+1)
		if end == i+1 {
			return end, &SyntaxError{end, "invalid number"}
		}
		i = end
	}
	if i < len(data) && (data[i] == 'e' || data[i] == 'E') {
		i++
		if i < len(data) && (data[i] == '+' || data[i] == '-') {
			i++
		}
		end := digits(data, i)
		if end == i {
			return end, &SyntaxError{end, "invalid number"}
		}
		i = end
	}
	return i, nil
}

func digits(data []byte, i int) int {
	for i < len(data) && isDigit(data[i]) {
		i++
	}
	return i
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
