package schema

import (
	"slices"
	"strings"
)

// Kind says what a value of a Type is in JSON.
type Kind uint8

// The kinds. Dyn is the zero value, so that a Type nobody filled in is checked
// when the event arrives instead of wrongly before.
const (
	Dyn    Kind = iota // anything, null included
	String             // a string
	Int                // a number without fraction or exponent
	Double             // a number with a fraction or an exponent
	Number             // a number of either form
	Bool               // true or false
	List               // an array of Elem
	Map                // an object with any keys, each holding an Elem
	Object             // an object with the keys of Fields
)

// String names the kind in the words of JSON Schema, as messages print it.
func (k Kind) String() string {
	switch k {
	case String:
		return "string"
	case Int:
		return "integer"
	case Double, Number:
		return "number"
	case Bool:
		return "boolean"
	case List:
		return "array"
	case Map, Object:
		return "object"
	default:
		return "any value"
	}
}

// Type is the shape of one value of an event. A Type is immutable once it is
// returned from this package, and may be shared: two places that hold the same
// shape may hold the same pointer.
type Type struct {
	Kind        Kind
	Fields      []Field // of an Object, sorted by name
	Elem        *Type   // of a List or a Map, never nil there
	MaxLength   int     // of a String: the most characters (Unicode code points), 0 when unknown
	Open        bool    // of an Object: fields other than Fields may occur, of any shape
	Description string  // for people; may be empty
}

// Field is one key of an Object.
type Field struct {
	Name     string
	Type     *Type // never nil
	Optional bool  // events without it occur
}

// Field returns the field with exactly this name, or nil. The pointer leads into
// t and must not be written through.
func (t *Type) Field(name string) *Field {
	i, ok := slices.BinarySearchFunc(t.Fields, name, func(f Field, name string) int {
		return strings.Compare(f.Name, name)
	})
	if !ok {
		return nil
	}
	return &t.Fields[i]
}

// Names are those of the fields, sorted.
func (t *Type) Names() []string {
	names := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		names[i] = f.Name
	}
	return names
}
