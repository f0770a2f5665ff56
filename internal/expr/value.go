package expr

import (
	"fmt"
	"strconv"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// Kind is the type of a Value in CEL's words.
type Kind uint8

// The kinds of values. Missing is an optional that holds nothing.
const (
	Missing Kind = iota
	Null
	Bool
	Int
	Double
	StringKind
	List
	Map
)

var kindNames = [...]string{"nothing", "null", "bool", "int", "double", "string", "list", "map"}

// String is CEL's name of the type.
func (k Kind) String() string { return kindNames[k] }

// A Value is the result of an expression.
type Value struct {
	Kind Kind
	b    bool
	i    int64
	f    float64
	s    string
	raw  scan.Value // of a list or map
}

// String makes a string value.
func String(s string) Value { return Value{Kind: StringKind, s: s} }

// FromJSON is the value that a JSON value stands for. A number written as an
// integer that fits an int64 is an int, exactly; any other number is a double.
func FromJSON(v scan.Value) Value {
	switch v.Kind {
	case scan.Null:
		return Value{Kind: Null}
	case scan.True, scan.False:
		return Value{Kind: Bool, b: v.Kind == scan.True}
	case scan.Number:
		if i, ok := v.Int(); ok {
			return Value{Kind: Int, i: i}
		}
		f, _ := strconv.ParseFloat(string(v.Raw), 64) // out of range is ±Inf
		return Value{Kind: Double, f: f}
	case scan.String:
		return String(v.Text())
	case scan.Array:
		return Value{Kind: List, raw: v}
	case scan.Object:
		return Value{Kind: Map, raw: v}
	default:
		return Value{}
	}
}

// Str returns v as a string if it is one.
func (v Value) Str() (string, bool) { return v.s, v.Kind == StringKind }

// Int returns v as an integer if it is one.
func (v Value) Int() (int64, bool) { return v.i, v.Kind == Int }

// Bool returns v as a bool if it is one.
func (v Value) Bool() (value, ok bool) { return v.b, v.Kind == Bool }

// Elements returns the elements of a list; ok is false if v is none.
func (v Value) Elements() (elements []Value, ok bool) {
	if v.Kind != List {
		return nil, false
	}
	for it := scan.Elements(v.raw); it.Next(); {
		elements = append(elements, FromJSON(it.Value()))
	}
	return elements, true
}

// appendText appends v as it stands inside a text. Integers and bools print
// exactly, doubles in the shortest form that reads back as the same number.
func (v Value) appendText(text []byte) ([]byte, error) {
	switch v.Kind {
	case StringKind:
		return append(text, v.s...), nil
	case Bool:
		return strconv.AppendBool(text, v.b), nil
	case Int:
		return strconv.AppendInt(text, v.i, 10), nil
	case Double:
		return strconv.AppendFloat(text, v.f, 'g', -1, 64), nil
	default:
		return nil, &Error{Msg: fmt.Sprintf("a %s cannot stand inside a text", v.Kind)}
	}
}
