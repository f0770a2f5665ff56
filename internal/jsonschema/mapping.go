// Package jsonschema writes JSON Schemas of the files that people write, for
// editors that complete and check them.
//
// They are generated from what reads the files: the table of the language
// ([compile.Language]), the types of RunTask's request (package task) and the
// operators of event patterns. A schema knows less than validate: what it accepts may
// still have findings, what it refuses has one.
package jsonschema

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/taskbridge/taskbridge/internal/mapping/compile"
)

// draft is the dialect that editors know best.
const draft = "http://json-schema.org/draft-07/schema#"

// object is a schema, or a part of one.
type object = map[string]any

// Mapping is the schema of a mapping file.
func Mapping() ([]byte, error) {
	s := key(compile.Language)
	s["$schema"], s["title"] = draft, "Taskbridge mapping"
	s["definitions"] = object{"pattern": pattern(), "matcher": matcher(), "request": request()}
	return indented(s)
}

func indented(s object) ([]byte, error) {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(text, '\n'), nil
}

// key is the schema of what a key of the language takes.
func key(k compile.Key) object {
	s := form(k)
	if k.About != "" {
		s["description"] = k.About
	}
	return s
}

func form(k compile.Key) object {
	switch k.Form {
	case compile.FormName:
		return name(k)
	case compile.FormText, compile.FormTemplate:
		return text(k)
	case compile.FormBool:
		return orExpression(object{"type": "boolean"})
	case compile.FormInt:
		return orExpression(object{"type": "integer", "minimum": k.Min, "maximum": k.Max})
	case compile.FormDuration:
		return orExpression(object{"type": "string", "pattern": compile.DurationForm})
	case compile.FormExpression:
		return object{"type": []string{"string", "boolean"}}
	case compile.FormValue:
		return object{}
	case compile.FormValues:
		return object{"type": "array", "items": text(k)}
	case compile.FormObject:
		return keys(k)
	case compile.FormList:
		return object{"type": "array", "minItems": 1, "items": keys(k)}
	case compile.FormMap:
		return object{"type": "object", "additionalProperties": keys(k)}
	case compile.FormSchedule:
		return object{"anyOf": []any{object{"type": "string"}, keys(k)}}
	case compile.FormForEach:
		return object{"type": []string{"string", "array"}}
	case compile.FormAllow:
		return allow()
	case compile.FormPattern:
		return object{"$ref": "#/definitions/pattern"}
	case compile.FormSchema:
		return object{"type": "object"}
	}
	return object{"$ref": "#/definitions/request"}
}

// name is a string without expressions.
func name(k compile.Key) object {
	s := object{"type": "string", "minLength": 1}
	if k.Enum != nil {
		return object{"enum": k.Enum}
	}
	if k.Pattern != "" {
		s["pattern"] = k.Pattern
	}
	return s
}

// text is a string that may hold expressions.
func text(k compile.Key) object {
	if k.Enum != nil {
		return orExpression(object{"enum": k.Enum})
	}
	return object{"type": "string"}
}

// orExpression is s, or a string with an expression that gives such a value.
func orExpression(s object) object {
	return object{"anyOf": []any{s, object{"type": "string", "pattern": `\$\{`}}}
}

// keys is an object with the keys of k.
func keys(k compile.Key) object {
	properties, required := object{}, []string{}
	for _, m := range k.Keys {
		properties[m.Name] = key(m)
		if m.Required {
			required = append(required, m.Name)
		}
	}
	s := object{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		s["required"] = required
	}
	if properties["match"] != nil && properties["schedule"] != nil {
		s["oneOf"] = []any{object{"required": []string{"match"}}, object{"required": []string{"schedule"}}}
	}
	return s
}

func allow() object {
	properties := object{}
	for _, field := range compile.Choosable {
		properties[field] = object{"type": "array", "minItems": 1, "items": object{"type": "string"}}
	}
	return object{"type": "object", "properties": properties, "additionalProperties": false}
}

// merged is a with the members of b.
func merged(a, b object) object {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

// nullable is s, or null, which removes a default.
func nullable(s object) object {
	switch typ := s["type"].(type) {
	case string:
		return merged(s, object{"type": []string{typ, "null"}})
	case nil:
		if any, ok := s["anyOf"].([]any); ok {
			return merged(s, object{"anyOf": append(slices.Clone(any), object{"type": "null"})})
		}
	}
	return object{"anyOf": []any{s, object{"type": "null"}}}
}
