package jsonschema

import patterns "github.com/taskbridge/taskbridge/internal/pattern"

// matcher is an event pattern, or the part of one for an object of the event.
func matcher() object {
	return object{
		"type": "object", "minProperties": 1,
		"properties": object{"$or": object{"type": "array", "minItems": 1, "items": object{"$ref": "#/definitions/matcher"}}},
		"additionalProperties": object{"anyOf": []any{
			object{"$ref": "#/definitions/matcher"},
			object{"type": "array", "minItems": 1, "items": entry()},
			// A parameter can give the list.
			object{"type": "string", "pattern": `^\$\{[\s\S]*\}$`},
		}},
	}
}

// pattern completes the fields that most patterns pin.
func pattern() object {
	texts := func(about string) object {
		return object{"description": about, "$ref": "#/definitions/matcher/additionalProperties"}
	}
	return object{"allOf": []any{object{"$ref": "#/definitions/matcher"}}, "properties": object{
		"source":      texts("Who sends the events: aws.s3."),
		"detail-type": texts("What they tell of: Object Created."),
		"account":     texts("Account that they happened in."),
		"region":      texts("Region that they happened in."),
		"resources":   texts("ARNs that they are about."),
		"detail":      texts("What else they tell, different for each detail-type."),
	}}
}

// entry is an element of a field's list: a value, or an operator.
func entry() object {
	operators := object{}
	for _, name := range patterns.Operators {
		operators[name] = operand(name)
	}
	return object{"anyOf": []any{
		object{"type": []string{"string", "number", "boolean", "null"}},
		object{"type": "object", "minProperties": 1, "maxProperties": 1, "properties": operators, "additionalProperties": false},
	}}
}

func operand(name string) object {
	switch name {
	case "exists":
		return orExpression(object{"type": "boolean"})
	case "numeric":
		return object{"type": "array", "minItems": 2, "maxItems": 4}
	case "prefix", "suffix":
		return object{"anyOf": []any{
			object{"type": "string"},
			object{"type": "object", "properties": object{"equals-ignore-case": object{"type": "string"}}, "additionalProperties": false, "minProperties": 1},
		}}
	case "anything-but":
		return object{"type": []string{"string", "number", "array", "object"}}
	case "exactly":
		return object{}
	}
	return object{"type": []string{"string", "array"}}
}
