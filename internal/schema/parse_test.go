package schema

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

func TestSchema(t *testing.T) {
	tests := []struct{ name, schema, want string }{
		{"anything", `{}`, "any"},
		{"true", `true`, "any"},
		{"string", `{"type":"string","maxLength":63,"pattern":"a","format":"uuid"}`, "string(63)"},
		{"null", `{"type":"null"}`, "any"},
		{"nullable by list", `{"type":["string","null"]}`, "any"},
		{"nullable in OpenAPI", `{"type":"string","nullable":true}`, "any"},
		{"list of types", `{"type":["integer","number"]}`, "number"},
		{"implied object", `{"properties":{"a":true}}`, "{a?: any, ...}"},
		{"implied array", `{"items":{"type":"integer"}}`, "[integer]"},
		{"implied string", `{"maxLength":5}`, "string(5)"},
		{"closed", `{"type":"object","additionalProperties":false}`, "{}"},
		{"closed likewise", `{"properties":{"a":true},"unevaluatedProperties":false}`, "{a?: any}"},
		{"map", `{"type":"object","additionalProperties":{"type":"integer"}}`, "map[integer]"},
		{"properties and others", `{"properties":{"a":{"type":"string"}},"additionalProperties":{"type":"integer"}}`, "{a?: string, ...}"},
		{"patterns", `{"additionalProperties":false,"patternProperties":{"^x":true}}`, "{...}"},
		{"required only", `{"required":["b","a"]}`, "{a: any, b: any, ...}"},
		{"required flag", `{"properties":{"a":{"type":"string","required":true}}}`, "{a?: string, ...}"},
		{"tuple", `{"prefixItems":[{"type":"string"}],"items":{"type":"integer"}}`, "[any]"},
		{"old tuple", `{"items":[{"type":"string"}]}`, "[any]"},
		{"const", `{"const":"aws.s3"}`, "string(6)"},
		{"characters, not bytes", `{"const":"Été"}`, "string(3)"},
		{"integer", `{"const":-9223372036854775808}`, "integer"},
		{"double", `{"const":1.0}`, "double"},
		{"enum", `{"enum":["a","bcd"]}`, "string(3)"},
		{"enum of numbers", `{"enum":[1,2.5]}`, "number"},
		{"mixed enum", `{"enum":["a",1]}`, "any"},
		{"enum with null", `{"enum":["a",null]}`, "any"},
		{"enum of others", `{"enum":[[1],["a"]]}`, "[any]"},
		{"enum and type", `{"type":"string","maxLength":2,"enum":["abc"]}`, "string(2)"},
		{"enum narrows", `{"type":"number","enum":[1,2]}`, "integer"},
		{"oneOf", `{"oneOf":[{"type":"integer"},{"const":1.5}]}`, "number"},
		{"anyOf beside a type", `{"type":"object","anyOf":[{"required":["a"]},{"required":["b"]}]}`, "{a?: any, b?: any, ...}"},
		{
			"allOf", `{"allOf":[{"properties":{"a":{"type":"string"}}},{"properties":{"a":{"maxLength":3},"b":{"type":"integer"}},"required":["a"]}],
			"unevaluatedProperties":false}`, "{a: string(3), b?: integer}",
		},
		{"allOf of map and object", `{"allOf":[{"additionalProperties":{"type":"string"}},{"properties":{"a":{"maxLength":3}}}]}`, "{a?: string(3), ...}"},
		{"reference", `{"items":{"$ref":"#/$defs/a~1b%20c"},"$defs":{"a/b c":{"type":"string"}}}`, "[string]"},
		{"reference into a list", `{"items":{"$ref":"#/oneOf/0/items"},"oneOf":[{"items":{"type":"string"}}]}`, "[string]"},
		{"reference and more", `{"$ref":"#/definitions/a","required":["a"],"definitions":{"a":{"properties":{"a":{"type":"string"}}}}}`, "{a: string, ...}"},
		{
			"tree", `{"$ref":"#/$defs/tree","$defs":{"tree":{"properties":{"value":{"type":"integer"},"children":{"items":{"$ref":"#/$defs/tree"}}}}}}`,
			"{children?: [any], value?: integer, ...}",
		},
		{"extensions", `{"type":"string","x-amazon-events-source":"aws.s3","$comment":"c","title":"t"}`, "string"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := parseValue(t, tt.schema)
			if show(got) != tt.want {
				t.Errorf("got %s, want %s", show(got), tt.want)
			}
			if err := wellFormed(got, 0); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestDescriptions(t *testing.T) {
	typ := parseValue(t, `{"properties":{
		"own":{"$ref":"#/$defs/a","description":"own"}, "referred":{"$ref":"#/$defs/a"}, "any":{"description":"any"}},
		"$defs":{"a":{"type":"string","description":"a"}}}`)
	for name, want := range map[string]string{"own": "own", "referred": "a", "any": "any"} {
		if got := typ.Field(name).Type.Description; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	typ, err := Parse([]byte(`{
		"type": "object",
		"properties": {
			"source": {"const": "com.example.imports"},
			"detail": {"type": "object", "properties": {"rows": {"type": "integer"}}, "required": ["rows"], "additionalProperties": false}
		},
		"required": ["source", "detail"],
		"additionalProperties": false
	}`))
	if err != nil {
		t.Fatal(err)
	}
	want := "{account?: string(12), detail: {rows: integer}, detail-type: string, id: string, region?: string, replay-name?: string(64), " +
		"resources?: [string], source: string(19), time?: string(20), version: string(1)}"
	if got := show(typ); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestParseRegistryExport reads what "aws schemas export-schema" and the console
// write for an OpenAPI 3 schema.
func TestParseRegistryExport(t *testing.T) {
	data, err := os.ReadFile("testdata/registry-export.json")
	if err != nil {
		t.Fatal(err)
	}
	typ, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	want := "{account: string, detail: {importId: string, rows: number, tables: [{name: string, size?: any, ...}], ...}, detail-type: string, " +
		"id: string, region: string, replay-name?: string(64), resources: [string], source: string, time: string, version: string, ...}"
	if got := show(typ); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestParseErrors(t *testing.T) {
	const detail = `"detail":{"type":"object"}`
	nested := strings.Repeat(`{"items":`, maxDepth+1) + "true" + strings.Repeat("}", maxDepth+1)
	var doubling strings.Builder
	for i := range 30 {
		n := strconv.Itoa(i + 1)
		doubling.WriteString(`"` + strconv.Itoa(i) + `":{"properties":{"a":{"$ref":"#/$defs/` + n + `"},"b":{"$ref":"#/$defs/` + n + `"}}},`)
	}
	tests := []struct{ name, schema, want string }{
		{"no JSON", `{"type":`, "read JSON: unexpected EOF"},
		{"two documents", `{} {}`, "read JSON: expected nothing after the schema"},
		{"large", `"` + strings.Repeat("a", maxSize) + `"`, "the schema has 1048578 bytes, expected at most 1048576"},
		{"no schema", `[]`, `#: expected a schema, an object or true, got a list`},
		{"no object", `{"type":"string"}`, `#: expected the schema of an event, which is an object, got that of a string`},
		{"of the detail", `{"properties":{"importId":{"type":"string"}}}`, `#: expected the schema of a whole event, with a property "detail"`},
		{"detail is text", `{"properties":{"detail":{"type":"string"}}}`, `#: the "detail" of an event is an object, got a string`},
		{"OpenAPI without the event", `{"openapi":"3.0.0","components":{"schemas":{}}}`, "#/components/schemas/AWSEvent: expected the event's schema, it is missing"},
		{
			"all at once", `{"properties":{` + detail + `,"a":{"type":"strng"},"b":{"type":7},"c":{"type":["string",1]},"d":{"propertys":{}},
			"e":{"maxLength":"x"},"f":{"maxLength":-1},"g":{"enum":[]},"h":{"oneOf":{}},"i":false,"j":{"properties":[]},"k":{"required":"a"},
			"l":{"required":[1]},"m":{"$ref":1},"n":{"$ref":"other.json#/a"},"o":{"$ref":"#/$defs/none"},"p":{"$ref":"#name"},"q":3}}`,
			`#/properties/a/type: expected null, boolean, integer, number, string, array or object, got "strng"
#/properties/b/type: expected the name of a type or a list of them, got a number
#/properties/c/type: expected a list of type names, got a number in it
#/properties/d: unknown keyword "propertys"
#/properties/e/maxLength: expected a whole number of characters, got a string
#/properties/f/maxLength: expected a whole number of characters, got a number
#/properties/g/enum: expected a list of values, not an empty one, got a list
#/properties/h/oneOf: expected a list of schemas, not an empty one, got an object
#/properties/i: expected a schema, an object or true, got false
#/properties/j/properties: expected an object of schemas, got a list
#/properties/k/required: expected a list of names, got a string
#/properties/l/required: expected a list of names, got a number in it
#/properties/m/$ref: expected a reference such as "#/$defs/name", got a number
#/properties/n/$ref: expected a reference into the same document such as "#/$defs/name", got "other.json#/a"
#/properties/o/$ref: nothing is at "#/$defs/none"
#/properties/p/$ref: expected a reference into the same document such as "#/$defs/name", got "#name"
#/properties/q: expected a schema, an object or true, got a number`,
		},
		{
			"conflicts", `{"properties":{` + detail + `,"a":{"type":"string","const":1},
			"b":{"allOf":[{"properties":{"x":{"items":{"type":"string"}}}},{"properties":{"x":{"items":{"type":"object"}}}}]}}}`,
			"#/properties/a: a value cannot be both a string and an integer\n" +
				`#/properties/b: "x[]" cannot be both a string and an object`,
		},
		{"escaped", `{"properties":{"a/b~c":{"type":1},` + detail + `}}`, `#/properties/a~1b~0c/type: expected the name of a type or a list of them, got a number`},
		{
			"once, however often referred to", `{"properties":{` + detail + `,"a":{"$ref":"#/$defs/x"},"b":{"$ref":"#/$defs/x"}},"$defs":{"x":{"type":1}}}`,
			`#/$defs/x/type: expected the name of a type or a list of them, got a number`,
		},
		{"circle", `{"properties":{` + detail + `,"a":{"$ref":"#/$defs/x"}},"$defs":{"x":{"allOf":[{"$ref":"#/$defs/y"}]},"y":{"$ref":"#/$defs/x"}}}`,
			`#/$defs/y/$ref: "#/$defs/x" leads back to itself`},
		{"deep", nested, "#" + strings.Repeat("/items", maxDepth+1) + ": schemas are nested more than 100 deep"},
		{"doubling", `{"properties":{` + detail + `,"a":{"$ref":"#/$defs/0"}},"$defs":{` + doubling.String() + `"30":{}}}`,
			"the schema is too large: more than 250000 keywords once its references are followed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			typ, err := Parse([]byte(tt.schema))
			if err == nil || typ != nil {
				t.Fatalf("got %v, %v, want the error %s", typ, err, tt.want)
			}
			got := err.Error()
			if tt.name == "doubling" { // where the bound is hit is of no interest
				_, got, _ = strings.Cut(got, ": ")
			}
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestParseListsSomeErrors(t *testing.T) {
	schema := `{"properties":{`
	for i := range 3 * maxErrors {
		schema += `"` + strconv.Itoa(i) + `":1,`
	}
	_, err := Parse([]byte(schema + `"detail":{}}}`))
	lines := strings.Split(err.Error(), "\n")
	if got, want := len(lines), maxErrors+1; got != want {
		t.Errorf("got %d lines, want %d", got, want)
	}
	if got, want := lines[len(lines)-1], "and more; the first 50 are listed"; got != want {
		t.Errorf("the last is %q, want %q", got, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{}`, `true`, `{"properties":{"detail":{"type":"object"}}}`,
		`{"properties":{"detail":{"$ref":"#/$defs/a"}},"$defs":{"a":{"items":{"$ref":"#/$defs/a"}}}}`,
		`{"properties":{"detail":{"allOf":[{"oneOf":[{"required":["a"]},{"enum":[{},null,1.5]}]},{"properties":{"a":{"maxLength":3}}}]}}}`,
		`{"openapi":"3.0.0","components":{"schemas":{"AWSEvent":{"properties":{"detail":{"$ref":"#/components/schemas/AWSEvent"}}}}}}`,
	} {
		f.Add([]byte(seed))
	}
	export, err := os.ReadFile("testdata/registry-export.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(export)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 64<<10 {
			return
		}
		typ, err := Parse(data)
		if (typ == nil) == (err == nil) {
			t.Fatalf("got %v and %v, want one of them", typ, err)
		}
		if err != nil {
			if n := strings.Count(err.Error(), "\n"); n > maxErrors {
				t.Errorf("got %d lines of errors", n)
			}
			return
		}
		if err := wellFormed(typ, 0); err != nil {
			t.Error(err)
		}
		if got, want := show(Union(typ, typ)), show(typ); got != want {
			t.Errorf("the union of a type with itself: got %s, want %s", got, want)
		}
		if got, want := show(Union(typ, load().envelope)), show(Union(load().envelope, typ)); got != want {
			t.Errorf("the order of a union matters: %s, %s", got, want)
		}
		typ.Check(data)
	})
}
