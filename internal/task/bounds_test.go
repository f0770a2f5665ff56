package task

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// Every bound is one that Validate knows: a value just outside of it is refused at
// its field.
func TestBoundsAreRules(t *testing.T) {
	seen := map[string]bool{}
	var walk func(typ reflect.Type, path string, wrap func(any) any)
	walk = func(typ reflect.Type, path string, wrap func(any) any) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			name := jsonName(f)
			at, inner := FieldPath(path, name), func(v any) any { return wrap(map[string]any{name: v}) }
			if b, ok := bounds[typ.Name()+"."+name]; ok {
				seen[typ.Name()+"."+name] = true
				refusedAt(t, at, inner(b.outside(f.Type)))
			}
			elem := f.Type
			if elem.Kind() == reflect.Slice {
				elem, at = elem.Elem(), at+"[0]"
				list := inner
				inner = func(v any) any { return list([]any{v}) }
			}
			if elem.Kind() == reflect.Pointer {
				elem = elem.Elem()
			}
			if elem.Kind() == reflect.Struct {
				walk(elem, at, inner)
			}
		}
	}
	walk(reflect.TypeFor[Request](), "", func(v any) any { return v })
	for name := range bounds {
		if !seen[name] {
			t.Errorf("%s is no field", name)
		}
	}
}

// outside is a value that b does not admit.
func (b Bounds) outside(typ reflect.Type) any {
	switch {
	case b.Enum != nil:
		return "none of them"
	case b.MaxLength > 0:
		return strings.Repeat("a", b.MaxLength+1)
	case b.MaxItems > 0:
		list := make([]any, b.MaxItems+1)
		for i := range list {
			list[i] = map[string]any{}
			if typ.Elem().Kind() == reflect.String {
				list[i] = "a"
			}
		}
		return list
	}
	return b.Max + 1
}

func refusedAt(t *testing.T, field string, request any) {
	t.Helper()
	text, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	r := &Request{}
	if err := json.Unmarshal(text, r); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	for _, code := range found(t, ValidateLaunch(r)) {
		if _, at, _ := strings.Cut(code, " "); at == field || strings.HasPrefix(field, at+"[") {
			return
		}
	}
	t.Errorf("%s: %s is not refused there: %q", field, text, found(t, ValidateLaunch(r)))
}
