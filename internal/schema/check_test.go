package schema

import (
	"slices"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	const schema = `{"properties":{
		"name":{"type":"string","maxLength":3}, "count":{"type":"integer"}, "ratio":{"type":"number"}, "on":{"type":"boolean"},
		"list":{"items":{"properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}},
		"map":{"additionalProperties":{"type":"integer"}}, "any":true}, "additionalProperties":false}`
	tests := []struct {
		name, event string
		want        []string
	}{
		{"fits", `{"name":"Été","count":9007199254740993,"ratio":1,"on":true,"list":[{"a":"x"}],"map":{"b":2},"any":null}`, nil},
		{"fraction", `{"ratio":1.5}`, nil},
		{"every kind", `{"name":1,"count":1.0,"ratio":"1","on":null,"list":{},"map":[]}`, []string{
			"count: expected an integer, got a number", "list: expected an array, got an object", "map: expected an object, got a list",
			"name: expected a string, got a number", "on: expected a boolean, got null", "ratio: expected a number, got a string",
		}},
		{"inside", `{"list":[{"a":"x"},{"b":1}],"map":{"x":"y"}}`, []string{
			"list[1].a: missing, expected a string", "list[1].b: unknown field", "map.x: expected an integer, got a string",
		}},
		{"long", `{"name":"secret"}`, []string{"name: expected at most 3 characters, got 6"}},
		{"no object", `[]`, []string{"event: expected an object, got a list"}},
		{"no JSON", `{`, []string{"expected JSON: unexpected EOF"}},
		{"more", `{} {}`, []string{"expected one JSON value, got more after it"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := parseValue(t, schema).Check([]byte(tt.event)); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestCheckListsSomeMistakes(t *testing.T) {
	typ := &Type{Kind: List, Elem: &Type{Kind: String}}
	got := typ.Check([]byte("[" + strings.Repeat("1,", 1000) + "1]"))
	if len(got) != maxMistakes {
		t.Errorf("got %d mistakes, want %d", len(got), maxMistakes)
	}
}

func TestKindString(t *testing.T) {
	want := []string{"any value", "string", "integer", "number", "number", "boolean", "array", "object", "object"}
	for k := Dyn; k <= Object; k++ {
		if got := k.String(); got != want[k] {
			t.Errorf("kind %d: got %q, want %q", k, got, want[k])
		}
	}
}
