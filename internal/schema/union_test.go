package schema

import "testing"

func TestUnion(t *testing.T) {
	tests := []struct{ name, a, b, want string }{
		{"same", `{"type":"boolean"}`, `{"type":"boolean"}`, "boolean"},
		{"numbers", `{"type":"integer"}`, `{"const":0.5}`, "number"},
		{"integer and number", `{"type":"integer"}`, `{"type":"number"}`, "number"},
		{"other kinds", `{"type":"integer"}`, `{"type":"string"}`, "any"},
		{"dynamic", `true`, `{"type":"string"}`, "any"},
		{"longer", `{"maxLength":3}`, `{"maxLength":63}`, "string(63)"},
		{"one length unknown", `{"maxLength":3}`, `{"type":"string"}`, "string"},
		{"lists", `{"items":{"type":"integer"}}`, `{"items":{"type":"number"}}`, "[number]"},
		{"maps", `{"additionalProperties":{"maxLength":3}}`, `{"additionalProperties":{"maxLength":4}}`, "map[string(4)]"},
		{"map and object", `{"additionalProperties":{"type":"string"}}`, `{"properties":{"a":{"type":"string"}}}`, "any"},
		{
			"closed objects",
			`{"properties":{"a":{"type":"integer"},"b":{"type":"string"}},"required":["a","b"],"additionalProperties":false}`,
			`{"properties":{"b":{"type":"string"},"c":{"type":"string"}},"required":["b","c"],"additionalProperties":false}`,
			"{a?: integer, b: string, c?: string}",
		},
		{
			"optional in one",
			`{"properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}`,
			`{"properties":{"a":{"type":"integer"}},"additionalProperties":false}`,
			"{a?: integer}",
		},
		{
			"what an open object may hold under another's name is anything",
			`{"properties":{"a":{"type":"integer"}},"required":["a"]}`,
			`{"properties":{"b":{"type":"string"}},"required":["b"],"additionalProperties":false}`,
			"{a?: integer, b?: any, ...}",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, b := parseValue(t, tt.a), parseValue(t, tt.b)
			before := show(a) + show(b)
			if got := show(Union(a, b)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if got := show(Union(b, a)); got != tt.want {
				t.Errorf("the other way round: got %s, want %s", got, tt.want)
			}
			if got := show(Union(a, b, a)); got != tt.want {
				t.Errorf("of three: got %s, want %s", got, tt.want)
			}
			if got := show(Union(a)); got != show(a) {
				t.Errorf("of one: got %s, want %s", got, show(a))
			}
			if after := show(a) + show(b); after != before {
				t.Errorf("the arguments became %s, were %s", after, before)
			}
		})
	}
	if got := show(Union()); got != "any" {
		t.Errorf("of none: got %s, want any", got)
	}
}

func TestUnionDescription(t *testing.T) {
	described := func(d string) *Type { return &Type{Kind: String, Description: d} }
	if got := Union(described("a"), described("a")).Description; got != "a" {
		t.Errorf("of the same: got %q, want %q", got, "a")
	}
	if got := Union(described("a"), described("b")).Description; got != "" {
		t.Errorf("of two: got %q, want none", got)
	}
}

// TestUnionAdmits is what Union is for: an event of any pinned kind fits.
func TestUnionAdmits(t *testing.T) {
	examples := readExamples(t)
	for _, a := range examples {
		for _, b := range examples {
			at, _ := Event(a.known.Source, a.known.DetailType)
			bt, _ := Event(b.known.Source, b.known.DetailType)
			u := Union(at, bt)
			if err := wellFormed(u, 0); err != nil {
				t.Fatalf("%v with %v: %v", a.known, b.known, err)
			}
			for _, mistake := range u.Check(a.raw) {
				t.Errorf("%v with %v: %s", a.known, b.known, mistake)
			}
		}
	}
}
