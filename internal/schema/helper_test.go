package schema

import (
	"fmt"
	"strings"
	"testing"
)

// show writes a type on one line: {name?: string(63), list: [integer], ...} with
// "..." for an open object.
func show(t *Type) string {
	switch t.Kind {
	case Dyn:
		return "any"
	case String:
		if t.MaxLength > 0 {
			return fmt.Sprintf("string(%d)", t.MaxLength)
		}
		return "string"
	case Double:
		return "double"
	case List:
		return "[" + show(t.Elem) + "]"
	case Map:
		return "map[" + show(t.Elem) + "]"
	case Object:
		var parts []string
		for _, f := range t.Fields {
			mark := ""
			if f.Optional {
				mark = "?"
			}
			parts = append(parts, f.Name+mark+": "+show(f.Type))
		}
		if t.Open {
			parts = append(parts, "...")
		}
		return "{" + strings.Join(parts, ", ") + "}"
	default:
		return t.Kind.String()
	}
}

// parseValue is the type of the schema of any value, not only of an event.
func parseValue(t *testing.T, text string) *Type {
	t.Helper()
	p, err := newParser([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	typ := p.schema(&place{}, p.document)
	for _, err := range p.errs {
		t.Errorf("%s: %v", text, err)
	}
	return typ
}

// wellFormed reports what no type may be: unsorted, without a type somewhere, too
// deep.
func wellFormed(t *Type, depth int) error {
	switch {
	case t == nil:
		return fmt.Errorf("a type is missing")
	case depth > 2*maxDepth:
		return fmt.Errorf("deeper than %d", 2*maxDepth)
	case (t.Kind == List || t.Kind == Map) != (t.Elem != nil):
		return fmt.Errorf("%s has the element type %v", show(t), t.Elem)
	case t.Kind != Object && (len(t.Fields) > 0 || t.Open), t.Kind != String && t.MaxLength != 0, t.MaxLength < 0:
		return fmt.Errorf("a %s has what only other kinds have: %+v", t.Kind, t)
	}
	if t.Elem != nil {
		return wellFormed(t.Elem, depth+1)
	}
	for i, f := range t.Fields {
		if i > 0 && t.Fields[i-1].Name >= f.Name {
			return fmt.Errorf("%q stands after %q", f.Name, t.Fields[i-1].Name)
		}
		if t.Field(f.Name) != &t.Fields[i] {
			return fmt.Errorf("%q is not found", f.Name)
		}
		if err := wellFormed(f.Type, depth+1); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return nil
}
