package expr

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

func runeCount(s string) int { return utf8.RuneCountInString(s) }

// appendText appends v as it stands inside a text, which is what string() makes
// of it. Integers and bools print exactly, doubles in the shortest form that
// reads back as the same number. ok is false for what has no text.
func (v Value) appendText(text []byte) (result []byte, ok bool) {
	switch v.Kind {
	case StringKind:
		return append(text, v.str()...), true
	case Bool:
		return strconv.AppendBool(text, v.n != 0), true
	case Int:
		return strconv.AppendInt(text, v.int(), 10), true
	case Uint:
		return strconv.AppendUint(text, v.n, 10), true
	case Double:
		return strconv.AppendFloat(text, v.float(), 'g', -1, 64), true
	case Bytes:
		return append(text, v.str()...), utf8.ValidString(v.str())
	case Timestamp:
		return v.time().AppendFormat(text, time.RFC3339Nano), true
	case Duration:
		text = strconv.AppendFloat(text, time.Duration(v.int()).Seconds(), 'f', -1, 64)
		return append(text, 's'), true
	}
	return text, false
}

func toString(in *Input, v Value) (Value, error) {
	if v.Kind == StringKind {
		return v, nil
	}
	text, ok := v.appendText(in.scratch[:0])
	if !ok && v.Kind == Bytes {
		return Value{}, errorf("the bytes are no valid UTF-8")
	}
	if !ok {
		return Value{}, errOverload
	}
	return in.made(text)
}

// stringTest makes a function of two strings that gives a bool.
func stringTest(test func(s, other string) bool) binary {
	return func(in *Input, a, b Value) (Value, error) {
		if a.Kind != StringKind || b.Kind != StringKind {
			return Value{}, errOverload
		}
		return BoolValue(test(a.str(), b.str())), in.spendText(len(a.str()))
	}
}

// stringMap makes a function of a string that gives one.
func stringMap(f func(string) string) unary {
	return func(in *Input, a Value) (Value, error) {
		if a.Kind != StringKind {
			return Value{}, errOverload
		}
		if err := in.spendText(len(a.str())); err != nil {
			return Value{}, err
		}
		a = a.with(f(a.str()))
		if len(a.str()) > MaxText {
			return Value{}, errText
		}
		return a, nil
	}
}

// mapASCII maps the bytes from first to last by adding shift. Bytes that are no
// UTF-8 become U+FFFD, as in every function of CEL that looks at characters.
func mapASCII(s string, first, last byte, shift int) string {
	s = valid(s)
	i := 0
	for i < len(s) && (s[i] < first || s[i] > last) {
		i++
	}
	if i == len(s) {
		return s
	}
	b := []byte(s)
	for ; i < len(b); i++ {
		if b[i] >= first && b[i] <= last {
			b[i] = byte(int(b[i]) + shift)
		}
	}
	return textOf(b)
}

func lowerASCII(s string) string { return mapASCII(s, 'A', 'Z', 'a'-'A') }
func upperASCII(s string) string { return mapASCII(s, 'a', 'z', 'A'-'a') }

func reverseText(s string) string {
	runes := []rune(s)
	for i, j := 0, len(runes)-1; i < j; i, j = i+1, j-1 {
		runes[i], runes[j] = runes[j], runes[i]
	}
	return string(runes)
}

// quoteText is s in double quotes, with the escapes of CEL.
func quoteText(s string) string {
	const plain, escaped = "\a\b\f\n\r\t\v\\\"", `abfnrtv\"`
	b := append(make([]byte, 0, len(s)+2), '"')
	for _, r := range s {
		if i := strings.IndexRune(plain, r); i >= 0 {
			b = append(b, '\\', escaped[i])
			continue
		}
		b = utf8.AppendRune(b, r)
	}
	return textOf(append(b, '"'))
}

// basename is the part of a key or path behind the last slash.
func basename(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }

// dirname is the part of a key or path before the last slash, "" without one.
func dirname(s string) string { return s[:max(strings.LastIndexByte(s, '/'), 0)] }

// extension is the part of the basename from the last dot on, "" if there is
// none or the name begins with it.
func extension(s string) string {
	base := basename(s)
	if i := strings.LastIndexByte(base, '.'); i > 0 {
		return base[i:]
	}
	return ""
}

// offset is where rune i of s begins; ok is false if i is not in 0…size.
func offset(s string, i int64) (at int, ok bool) {
	if i < 0 {
		return 0, false
	}
	for ; i > 0; i-- {
		if at == len(s) {
			return 0, false
		}
		_, n := utf8.DecodeRuneInString(s[at:])
		at += n
	}
	return at, true
}

func errIndex(s string) error {
	return errorf("the index is outside the text, which has %d characters", runeCount(s))
}

func charAt(in *Input, a, b Value) (Value, error) {
	if a.Kind != StringKind || b.Kind != Int {
		return Value{}, errOverload
	}
	at, ok := offset(a.str(), b.int())
	if !ok {
		return Value{}, errIndex(a.str())
	}
	r, n := utf8.DecodeRuneInString(a.str()[at:])
	if n == 0 {
		return String(""), in.spendText(at)
	}
	return String(string(r)), in.spendText(at)
}

func substringFrom(in *Input, a, b Value) (Value, error) {
	if a.Kind != StringKind || b.Kind != Int {
		return Value{}, errOverload
	}
	return substring(in, a, b, IntValue(int64(runeCount(a.str()))))
}

func substring(in *Input, a, b, c Value) (Value, error) {
	if a.Kind != StringKind || b.Kind != Int || c.Kind != Int {
		return Value{}, errOverload
	}
	if b.int() > c.int() {
		return Value{}, errorf("the part of the text ends before it begins")
	}
	from, ok := offset(a.str(), b.int())
	if !ok {
		return Value{}, errIndex(a.str())
	}
	length, ok := offset(a.str()[from:], c.int()-b.int())
	if !ok {
		return Value{}, errIndex(a.str())
	}
	a = a.with(valid(a.str()[from : from+length]))
	return a, in.spendText(len(a.str()))
}

func indexOf(in *Input, a, b Value) (Value, error) { return indexFrom(in, a, b, IntValue(0)) }

func indexFrom(in *Input, a, b, c Value) (Value, error) {
	if a.Kind != StringKind || b.Kind != StringKind || c.Kind != Int {
		return Value{}, errOverload
	}
	if c.int() < 0 {
		return Value{}, errIndex(a.str())
	}
	if err := in.spendText(len(a.str())); err != nil {
		return Value{}, err
	}
	s, part := valid(a.str()), valid(b.str())
	from, inside := offset(s, c.int())
	if part == "" {
		return IntValue(min(c.int(), int64(runeCount(s)))), nil
	}
	if !inside {
		return IntValue(-1), nil
	}
	i := strings.Index(s[from:], part)
	if i < 0 {
		return IntValue(-1), nil
	}
	return IntValue(c.int() + int64(runeCount(s[from:from+i]))), nil
}

func lastIndexOf(in *Input, a, b Value) (Value, error) {
	if a.Kind != StringKind || b.Kind != StringKind {
		return Value{}, errOverload
	}
	i := -1
	if len(a.str()) >= len(b.str()) { // of the bytes as they are, before any become U+FFFD: cel-go
		s := valid(a.str())
		if i = strings.LastIndex(s, valid(b.str())); i >= 0 {
			i = runeCount(s[:i])
		}
	}
	return IntValue(int64(i)), in.spendText(len(a.str()))
}

// lastIndexFrom is the last place of b in a that begins at character c or before.
func lastIndexFrom(in *Input, a, b, c Value) (Value, error) {
	if a.Kind != StringKind || b.Kind != StringKind || c.Kind != Int {
		return Value{}, errOverload
	}
	if c.int() < 0 {
		return Value{}, errIndex(a.str())
	}
	if err := in.spendText(len(a.str())); err != nil {
		return Value{}, err
	}
	s, part := valid(a.str()), valid(b.str())
	length := int64(runeCount(s))
	if part == "" {
		return IntValue(min(c.int(), length)), nil
	}
	if c.int() >= length {
		return IntValue(-1), nil
	}
	end, _ := offset(s, c.int())
	i := strings.LastIndex(s[:min(end+len(part), len(s))], part)
	if i >= 0 {
		i = runeCount(s[:i])
	}
	return IntValue(int64(i)), nil
}

// valid is s with U+FFFD for what is no UTF-8, byte by byte as []rune has it.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}
