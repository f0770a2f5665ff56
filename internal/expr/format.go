package expr

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxPrecision is the most digits behind the point that %f and %e write.
const maxPrecision = 100

// formatText is CEL's format: %s %d %f %e %b %x %X %o, with a precision for %f
// and %e.
func formatText(in *Input, a, b Value) (Value, error) {
	if a.Kind != StringKind || b.Kind != List {
		return Value{}, errOverload
	}
	args, err := in.elements(b)
	if err != nil {
		return Value{}, err
	}
	var text []byte
	for rest := a.str(); ; {
		plain, clause, found := strings.Cut(rest, "%")
		text = append(text, plain...)
		if !found {
			break
		}
		if strings.HasPrefix(clause, "%") {
			text, rest = append(text, '%'), clause[1:]
			continue
		}
		if len(args) == 0 {
			return Value{}, errorf("format has more clauses than values")
		}
		if text, rest, err = in.formatClause(text, clause, args[0]); err != nil {
			return Value{}, err
		}
		args = args[1:]
		if len(text) > MaxText {
			return Value{}, errText
		}
	}
	return in.made(text)
}

// formatClause appends v as the clause says that begins rest, and returns what
// follows the clause.
func (in *Input) formatClause(text []byte, rest string, v Value) ([]byte, string, error) {
	precision := 6
	if digits, ok := strings.CutPrefix(rest, "."); ok {
		n := 0
		for n < len(digits) && digits[n] >= '0' && digits[n] <= '9' {
			n++
		}
		var err error
		if precision, err = strconv.Atoi(digits[:n]); err != nil || precision > maxPrecision {
			return nil, "", errorf("the precision of a clause of format is a number up to %d", maxPrecision)
		}
		rest = digits[n:]
	}
	if rest == "" {
		return nil, "", errorf("format ends inside of a clause")
	}
	text, err := in.formatValue(text, rest[0], precision, v)
	return text, rest[1:], err
}

func (in *Input) formatValue(text []byte, verb byte, precision int, v Value) ([]byte, error) {
	base := 0
	switch verb {
	case 's':
		return in.formatAny(text, v)
	case 'f', 'e':
		if f, ok := v.number(); ok {
			return formatDouble(text, f, verb, precision), nil
		}
	case 'd':
		if v.Kind == Double {
			return formatDouble(text, v.float(), 'f', -1), nil
		}
		base = 10
	case 'b':
		if v.Kind == Bool {
			return strconv.AppendUint(text, v.n, 10), nil
		}
		base = 2
	case 'o':
		base = 8
	case 'x', 'X':
		if v.Kind == StringKind || v.Kind == Bytes {
			return appendHex(text, v.str(), verb == 'X'), nil
		}
		base = 16
	default:
		return nil, errorf("format knows no clause %%%c", verb)
	}
	from := len(text)
	switch {
	case base != 0 && v.Kind == Int:
		text = strconv.AppendInt(text, v.int(), base)
	case base != 0 && v.Kind == Uint:
		text = strconv.AppendUint(text, v.n, base)
	default:
		return nil, errorf("the clause %%%c of format does not take %s", verb, v.Kind.article())
	}
	if verb == 'X' {
		upperInPlace(text[from:])
	}
	return text, nil
}

func upperInPlace(b []byte) {
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
}

func appendHex(text []byte, s string, upper bool) []byte {
	digits := "0123456789abcdef"
	if upper {
		digits = "0123456789ABCDEF"
	}
	for i := range len(s) {
		text = append(text, digits[s[i]>>4], digits[s[i]&15])
	}
	return text
}

// number is a number of any kind as a double.
func (v Value) number() (float64, bool) {
	switch v.Kind {
	case Double:
		return v.float(), true
	case Int:
		return float64(v.int()), true
	case Uint:
		return float64(v.n), true
	}
	return 0, false
}

func formatDouble(text []byte, f float64, verb byte, precision int) []byte {
	switch {
	case f != f:
		return append(text, "NaN"...)
	case !isFinite(f) && f < 0:
		return append(text, "-Infinity"...)
	case !isFinite(f):
		return append(text, "Infinity"...)
	}
	return strconv.AppendFloat(text, f, verb, precision, 64)
}

// formatAny is the clause %s.
func (in *Input) formatAny(text []byte, v Value) ([]byte, error) {
	switch v.Kind {
	case Null:
		return append(text, "null"...), nil
	case Double:
		return formatDouble(text, v.float(), 'f', -1), nil
	case Bytes, TypeKind:
		return append(text, v.str()...), in.spendText(len(v.str()))
	case Timestamp:
		return v.time().UTC().AppendFormat(text, time.RFC3339Nano), nil
	case List:
		return in.formatList(text, v)
	case Map:
		return in.formatMap(text, v)
	case Optional:
		return nil, errorf("format does not take an optional")
	}
	text, _ = v.appendText(text)
	return text, in.spendText(len(v.str()))
}

func (in *Input) formatList(text []byte, v Value) ([]byte, error) {
	elements, err := in.elements(v)
	if err != nil {
		return nil, err
	}
	text = append(text, '[')
	for i, e := range elements {
		if i > 0 {
			text = append(text, ", "...)
		}
		if text, err = in.formatAny(text, e); err != nil {
			return nil, err
		}
	}
	return append(text, ']'), nil
}

// formatMap sorts the entries by the text of their keys.
func (in *Input) formatMap(text []byte, v Value) ([]byte, error) {
	keys, values, err := in.entries(v)
	if err != nil {
		return nil, err
	}
	type entry struct{ key, value string }
	entries := make([]entry, len(keys))
	for i := range keys {
		key, _ := in.formatAny(nil, keys[i]) // every kind of key has a text
		value, err := in.formatAny(nil, values[i])
		if err != nil {
			return nil, err
		}
		entries[i] = entry{textOf(key), textOf(value)}
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	text = append(text, '{')
	for i, e := range entries {
		if i > 0 {
			text = append(text, ", "...)
		}
		text = append(append(append(text, e.key...), ": "...), e.value...)
	}
	return append(text, '}'), nil
}
