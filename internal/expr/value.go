package expr

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// Kind is the type of a Value in CEL's words.
type Kind uint8

// The kinds of values. An Optional wraps a value of another kind, or none.
const (
	Optional Kind = iota
	Null
	Bool
	Int
	Uint
	Double
	StringKind
	Bytes
	List
	Map
	Timestamp
	Duration
	TypeKind
)

var kindNames = [...]string{
	"optional", "null", "bool", "int", "uint", "double", "string", "bytes", "list", "map", "timestamp", "duration", "type",
}

// String names the kind in the words used in messages: "bool", "list", ….
func (k Kind) String() string { return kindNames[k] }

// typeNames are CEL's names of the types, as type(x) gives them.
var typeNames = [...]string{
	"optional_type", "null_type", "bool", "int", "uint", "double", "string", "bytes", "list", "map",
	"google.protobuf.Timestamp", "google.protobuf.Duration", "type",
}

func (k Kind) article() string {
	switch k {
	case Null:
		return "null"
	case Int, Optional:
		return "an " + k.String()
	case Bytes:
		return k.String()
	}
	return "a " + k.String()
}

// A Value is what an expression yields. The zero Value is an optional without a
// value. A Value is immutable and may be shared, but it may alias the event
// that it was read from: [Value.Str] and [Value.Elements] give parts that do not.
//
// Evaluators hand Values to each other all the time, so it is small: the compiler
// keeps structs of up to four words and fields in registers, and others in memory.
type Value struct {
	Kind Kind
	as   shape
	n    uint64         // a number, bool or duration; how long a text is
	p    unsafe.Pointer // to a text or a box
}

// shape says how to read a Value.
type shape struct {
	inner Kind  // of an Optional: the kind of what it wraps; Optional for none
	some  uint8 // of an Optional: how many optionals are around it
	held  held
}

// held is what a Value holds.
type held uint8

const (
	inNumber held = iota // n alone
	inText               // a string, bytes, a type's name, the JSON of a list or map
	inEvent              // the same, in the bytes of the event
	inBox                // a computed list or map, a timestamp
)

// box holds what does not fit a Value.
type box struct {
	list []Value // elements of a list, values of a map
	keys []Value // of a map, in the order of list
	time time.Time
}

// String makes a string value.
func String(s string) Value { return Value{Kind: StringKind}.with(s) }

// IntValue makes an int value.
func IntValue(i int64) Value { return Value{Kind: Int, n: uint64(i)} }

// UintValue makes a uint value.
func UintValue(u uint64) Value { return Value{Kind: Uint, n: u} }

// DoubleValue makes a double value.
func DoubleValue(f float64) Value { return Value{Kind: Double, n: math.Float64bits(f)} }

// NullValue makes a null.
func NullValue() Value { return Value{Kind: Null} }

// BytesValue makes a value of bytes; they are those of s.
func BytesValue(s string) Value { return Value{Kind: Bytes}.with(s) }

// TypeValue makes the type with CEL's name, such as "int".
func TypeValue(name string) Value { return Value{Kind: TypeKind}.with(name) }

// BoolValue makes a bool value.
func BoolValue(b bool) Value {
	if b {
		return Value{Kind: Bool, n: 1}
	}
	return Value{Kind: Bool}
}

// ListValue makes a list; it keeps elements, which must not change afterwards.
func ListValue(elements []Value) Value { return boxed(List, &box{list: elements}) }

func mapValue(keys, values []Value) Value {
	return boxed(Map, &box{keys: keys, list: values})
}

func timestampValue(t time.Time) Value { return boxed(Timestamp, &box{time: t}) }

func durationValue(d time.Duration) Value { return Value{Kind: Duration, n: uint64(d)} }

// someValue wraps v in an optional.
func someValue(v Value) Value {
	switch {
	case v.Kind != Optional:
		v.Kind, v.as.inner, v.as.some = Optional, v.Kind, 1
	case v.as.some < math.MaxUint8:
		if v.as.some == 0 {
			v.as.inner = Optional
		}
		v.as.some++
	}
	return v
}

// unwrap is what the optional v holds; ok is false if that is nothing.
func (v Value) unwrap() (inner Value, ok bool) {
	switch {
	case v.as.some == 0:
		return Value{}, false
	case v.as.some > 1 || v.as.inner == Optional:
		v.as.some--
	default:
		v.Kind, v.as.inner, v.as.some = v.as.inner, 0, 0
	}
	return v, true
}

// FromJSON is the value that a JSON value stands for. A number written as an
// integer that fits an int64 is an int, exactly; any other number is a double,
// ±Inf if it is out of range. Strings, lists and maps alias the JSON.
func FromJSON(v scan.Value) Value {
	switch v.Kind {
	case scan.Null:
		return NullValue()
	case scan.True, scan.False:
		return BoolValue(v.Kind == scan.True)
	case scan.Number:
		if i, ok := v.Int(); ok {
			return IntValue(i)
		}
		f, _ := strconv.ParseFloat(string(v.Raw), 64)
		return DoubleValue(f)
	case scan.String:
		b := v.Bytes()
		return ofEvent(StringKind, b)
	case scan.Array:
		return ofEvent(List, v.Raw)
	case scan.Object:
		return ofEvent(Map, v.Raw)
	default:
		return Value{}
	}
}

// raw is the JSON that the list or map v stands for, where it was not computed.
func (v Value) raw() scan.Value {
	if v.Kind == List {
		return scan.Value{Kind: scan.Array, Raw: bytesOf(v.str())}
	}
	return scan.Value{Kind: scan.Object, Raw: bytesOf(v.str())}
}

// Str returns v as a string of its own, if it is one.
func (v Value) Str() (string, bool) {
	if v.Kind != StringKind {
		return "", false
	}
	if v.as.held == inEvent {
		return strings.Clone(v.str()), true
	}
	return v.str(), true
}

// Empty reports whether v is the empty string.
func (v Value) Empty() bool { return v.Kind == StringKind && v.str() == "" }

// Str is [Value.Str] with memory of in's for a short string. in may be used on.
func (in *Input) Str(v Value) (string, bool) {
	if v.Kind != StringKind {
		return "", false
	}
	if v.as.held != inEvent {
		return v.str(), true
	}
	return in.own(bytesOf(v.str())), true
}

// Int returns v as an integer if it is one.
func (v Value) Int() (int64, bool) { return int64(v.n), v.Kind == Int }

// Bool returns v as a bool if it is one.
func (v Value) Bool() (value, ok bool) { return v.n != 0, v.Kind == Bool }

// Double returns v as a floating-point number if it is one.
func (v Value) Double() (float64, bool) { return v.float(), v.Kind == Double }

func (v Value) int() int64      { return int64(v.n) }
func (v Value) float() float64  { return math.Float64frombits(v.n) }
func (v Value) isTrue() bool    { return v.Kind == Bool && v.n != 0 }
func (v Value) isFalse() bool   { return v.Kind == Bool && v.n == 0 }
func (v Value) time() time.Time { return v.box().time }

// Elements returns the elements of a list; ok is false if v is none. The list
// may alias the event, as its elements may.
func (v Value) Elements() (elements []Value, ok bool) {
	if v.Kind != List {
		return nil, false
	}
	return v.list(), true
}

// Entries returns the keys of a map, sorted, and their values; ok is false if v
// is none. They may alias the event.
func (v Value) Entries() (keys, values []Value, ok bool) {
	if v.Kind != Map {
		return nil, nil, false
	}
	keys, values = v.entries()
	return keys, values, true
}

// Text returns v as it stands inside a text; ok is false for what cannot: null,
// lists, maps, optionals and types.
func (v Value) Text() (text string, ok bool) {
	b, ok := v.appendText(nil)
	return string(b), ok
}

// list returns the elements of the list v; they must not be changed.
func (v Value) list() []Value {
	if v.box() != nil {
		return v.box().list
	}
	var elements []Value
	for it := scan.Elements(v.raw()); it.Next(); {
		elements = append(elements, FromJSON(it.Value()))
	}
	return elements
}

// entries returns the keys and values of the map v. Those of JSON are sorted by
// key, so that the order in which a sender wrote them decides nothing.
func (v Value) entries() (keys, values []Value) {
	if v.box() != nil {
		return v.box().keys, v.box().list
	}
	type member struct{ key, value Value }
	var members []member
	for it := scan.Members(v.raw()); it.Next(); {
		members = append(members, member{String(it.Key()), FromJSON(it.Value())})
	}
	slices.SortStableFunc(members, func(a, b member) int { return strings.Compare(a.key.str(), b.key.str()) })
	for i, m := range members {
		if i+1 < len(members) && members[i+1].key.str() == m.key.str() {
			continue // of two members with one name the last counts
		}
		keys = append(keys, m.key)
		values = append(values, m.value)
	}
	return keys, values
}

// typeName is CEL's name of v's type.
func (v Value) typeName() string { return typeNames[v.Kind] }

// Unwrap is what the optional v holds; ok is false if v holds nothing or is no
// optional.
func (v Value) Unwrap() (inner Value, ok bool) {
	if v.Kind != Optional {
		return Value{}, false
	}
	return v.unwrap()
}
