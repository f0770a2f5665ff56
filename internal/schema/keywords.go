package schema

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// shaping are the keywords that decide a type, or hold schemas that are referred
// to. Package documentation lists them.
var shaping = words(`type properties required items prefixItems additionalProperties unevaluatedProperties
	patternProperties enum const maxLength description nullable allOf oneOf anyOf $ref $defs definitions components`)

// ignored are the keywords of JSON Schema and OpenAPI 3 that narrow the values of
// a type or say something else: a type without them admits more, never less.
var ignored = words(`$schema $id id $anchor $dynamicAnchor $comment $vocabulary title default example examples
	deprecated readOnly writeOnly format pattern minLength minimum maximum exclusiveMinimum exclusiveMaximum
	multipleOf minItems maxItems uniqueItems contains minContains maxContains additionalItems unevaluatedItems
	minProperties maxProperties propertyNames dependencies dependentRequired dependentSchemas not if then else
	contentEncoding contentMediaType contentSchema discriminator xml externalDocs`)

func words(list string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(list) {
		set[word] = true
	}
	return set
}

// schema is the type of the values that the schema v admits. After a mistake it
// is dynamic.
func (p *parser) schema(at *place, v any) *Type {
	if at.depth > maxDepth {
		p.fail(at, "schemas are nested more than %d deep", maxDepth)
		return &Type{}
	}
	m, ok := v.(map[string]any)
	if !p.spend(at, 1+len(m)) {
		return &Type{}
	}
	if !ok {
		if v != true {
			p.fail(at, "expected a schema, an object or true, got %s", noun(v))
		}
		return &Type{}
	}
	for _, key := range sorted(m) {
		if !shaping[key] && !ignored[key] && !strings.HasPrefix(key, "x-") {
			p.fail(at, "unknown keyword %q", clip(key))
		}
	}
	return p.combine(at, m)
}

// combine is what the schema says itself, and what those say that it is made of.
func (p *parser) combine(at *place, m map[string]any) *Type {
	t := &Type{}
	both := func(a, b *Type) *Type { return p.intersect(at, a, b) }
	and := func(part *Type) { t = both(t, part) }
	and(p.own(at, m))
	if v, ok := m["enum"]; ok {
		and(p.enum(at.within("enum"), v))
	}
	if v, ok := m["const"]; ok {
		and(typeOf(v))
	}
	if v, ok := m["$ref"]; ok {
		and(p.reference(at.within("$ref"), v))
	}
	and(reduce(p.branches(at, m, "allOf"), both))
	for _, key := range []string{"oneOf", "anyOf"} {
		if branches := p.branches(at, m, key); len(branches) > 0 {
			and(Union(branches...))
		}
	}
	if m["nullable"] == true {
		t = &Type{}
	}
	if s, ok := m["description"].(string); ok {
		t = described(t, s)
	}
	return t
}

// intersect is the type of a value that has both types.
func (p *parser) intersect(at *place, a, b *Type) *Type {
	return intersect(a, b, "", func(path string, a, b Kind) {
		if path == "" {
			p.fail(at, "a value cannot be both %s and %s", article(a), article(b))
			return
		}
		p.fail(at, "%q cannot be both %s and %s", clip(path[1:]), article(a), article(b))
	})
}

// branches are the types of a keyword that holds a list of schemas.
func (p *parser) branches(at *place, m map[string]any, key string) []*Type {
	v, ok := m[key]
	if !ok {
		return nil
	}
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		p.fail(at.within(key), "expected a list of schemas, not an empty one, got %s", noun(v))
		return nil
	}
	types := make([]*Type, len(list))
	for i, branch := range list {
		types[i] = p.schema(at.within(key, strconv.Itoa(i)), branch)
	}
	return types
}

// own is what the keywords say that need no other schema for the same value.
func (p *parser) own(at *place, m map[string]any) *Type {
	names := p.typeNames(at.within("type"), m)
	types := make([]*Type, len(names))
	for i, name := range names {
		switch name {
		case "string":
			types[i] = &Type{Kind: String, MaxLength: p.length(at.within("maxLength"), m)}
		case "integer":
			types[i] = &Type{Kind: Int}
		case "number":
			types[i] = &Type{Kind: Number}
		case "boolean":
			types[i] = &Type{Kind: Bool}
		case "array":
			types[i] = p.list(at, m)
		case "object":
			types[i] = p.object(at, m)
		default:
			types[i] = &Type{}
			if name != "null" {
				p.fail(at.within("type"), "expected null, boolean, integer, number, string, array or object, got %q", clip(name))
			}
		}
	}
	return Union(types...)
}

// implied lists the keywords that apply to values of one type only. JSON Schema
// does not take them as saying that there are no other values; authors do.
var implied = []struct {
	name     string
	keywords []string
}{
	{"object", []string{"properties", "required", "additionalProperties", "unevaluatedProperties", "patternProperties"}},
	{"array", []string{"items", "prefixItems"}},
	{"string", []string{"maxLength"}},
}

// typeNames is what type lists, each name once, or what other keywords imply.
func (p *parser) typeNames(at *place, m map[string]any) []string {
	var names []string
	switch v := m["type"].(type) {
	case nil:
		for _, i := range implied {
			if slices.ContainsFunc(i.keywords, func(key string) bool { return m[key] != nil }) {
				names = append(names, i.name)
			}
		}
	case string:
		names = []string{v}
	case []any:
		if !p.spend(at, len(v)) {
			return nil
		}
		for _, name := range v {
			s, ok := name.(string)
			if !ok {
				p.fail(at, "expected a list of type names, got %s in it", noun(name))
				continue
			}
			names = append(names, s)
		}
		slices.Sort(names)
		names = slices.Compact(names)
	default:
		p.fail(at, "expected the name of a type or a list of them, got %s", noun(v))
	}
	return names
}

func (p *parser) length(at *place, m map[string]any) int {
	v, ok := m["maxLength"]
	if !ok {
		return 0
	}
	number, _ := v.(json.Number)
	n, err := strconv.ParseInt(number.String(), 10, 64)
	if err != nil || n < 0 {
		p.fail(at, "expected a whole number of characters, got %s", noun(v))
		return 0
	}
	return int(min(n, math.MaxInt32))
}

func (p *parser) enum(at *place, v any) *Type {
	values, ok := v.([]any)
	if !ok || len(values) == 0 {
		p.fail(at, "expected a list of values, not an empty one, got %s", noun(v))
		return &Type{}
	}
	if !p.spend(at, len(values)) {
		return &Type{}
	}
	types := make([]*Type, len(values))
	for i, value := range values {
		types[i] = typeOf(value)
	}
	return Union(types...)
}

// typeOf is the type of a constant.
func typeOf(v any) *Type {
	switch v := v.(type) {
	case string:
		return &Type{Kind: String, MaxLength: utf8.RuneCountInString(v)}
	case json.Number:
		return &Type{Kind: numberKind(v)}
	case bool:
		return &Type{Kind: Bool}
	case []any:
		return &Type{Kind: List, Elem: &Type{}}
	case map[string]any:
		return &Type{Kind: Object, Open: true}
	default:
		return &Type{}
	}
}

func numberKind(n json.Number) Kind {
	if strings.ContainsAny(n.String(), ".eE") {
		return Double
	}
	return Int
}
