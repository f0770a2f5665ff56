package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// maxMistakes is how many mistakes Check lists.
const maxMistakes = 20

// Check says where an event, or another JSON value, does not fit t: one line for
// each place, at most 20, in the order of t's fields and nil if it fits. Lines
// name fields, never values. Numbers are told apart by how they are written, as
// expressions do: 1.0 is no integer.
func (t *Type) Check(event []byte) []string {
	dec := json.NewDecoder(bytes.NewReader(event))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return []string{"expected JSON: " + err.Error()}
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return []string{"expected one JSON value, got more after it"}
	}
	var c checker
	c.value("", t, v)
	return c.mistakes
}

type checker struct{ mistakes []string }

func (c *checker) fail(path, format string, args ...any) {
	if len(c.mistakes) < maxMistakes {
		if path == "" {
			path = ".event"
		}
		c.mistakes = append(c.mistakes, path[1:]+": "+fmt.Sprintf(format, args...))
	}
}

func (c *checker) value(path string, t *Type, v any) {
	if len(c.mistakes) == maxMistakes {
		return
	}
	if got := valueKind(v); !admits(t.Kind, got) {
		c.fail(path, "expected %s, got %s", article(t.Kind), noun(v))
		return
	}
	switch v := v.(type) {
	case string:
		if n := utf8.RuneCountInString(v); t.MaxLength > 0 && n > t.MaxLength {
			c.fail(path, "expected at most %d characters, got %d", t.MaxLength, n)
		}
	case []any:
		for i, elem := range v {
			if t.Kind == List {
				c.value(fmt.Sprintf("%s[%d]", path, i), t.Elem, elem)
			}
		}
	case map[string]any:
		c.object(path, t, v)
	}
}

func (c *checker) object(path string, t *Type, m map[string]any) {
	for _, f := range t.Fields {
		v, ok := m[f.Name]
		switch {
		case ok:
			c.value(path+"."+f.Name, f.Type, v)
		case !f.Optional:
			c.fail(path+"."+f.Name, "missing, expected %s", article(f.Type.Kind))
		}
	}
	if t.Kind == Dyn || t.Open {
		return
	}
	for _, name := range sorted(m) {
		switch {
		case t.Kind == Map:
			c.value(path+"."+clip(name), t.Elem, m[name])
		case t.Field(name) == nil:
			c.fail(path+"."+clip(name), "unknown field")
		}
	}
}

// valueKind is the kind of a decoded value; null and nothing else is Dyn.
func valueKind(v any) Kind {
	if v == nil {
		return Dyn
	}
	return typeOf(v).Kind
}

// admits reports whether a value of the kind got is one of want.
func admits(want, got Kind) bool {
	return want == Dyn || want == got || want == Number && got.isNumber() || want == Map && got == Object
}
