package jsonschema

import "github.com/taskbridge/taskbridge/internal/mappingtest"

// Tests is the schema of a file of tests.
func Tests() ([]byte, error) {
	s := closed(object{
		"version": object{"const": 1},
		"mapping": text1("File of the mapping; follows from the name of a file that ends in " + mappingtest.Suffix + "."),
		"env":     environment(),
		"params":  object{"type": "object", "description": "Values of the mapping's parameters."},
		"cases":   object{"type": "array", "minItems": 1, "items": testCase()},
	}, "cases")
	s["$schema"], s["title"] = draft, "Tests of a Taskbridge mapping"
	return indented(s)
}

func closed(properties object, required ...string) object {
	s := object{"type": "object", "properties": properties, "additionalProperties": false}
	if required != nil {
		s["required"] = required
	}
	return s
}

func text1(about string) object {
	return object{"type": "string", "minLength": 1, "description": about}
}

func environment() object {
	return object{"type": "object", "additionalProperties": object{"type": "string"}, "description": "Environment of the function."}
}

func testCase() object {
	return closed(object{
		"name":     text1("What the case shows."),
		"rule":     text1("The only rule to look at."),
		"event":    object{"type": []string{"string", "object"}, "description": "The event, the path of its file, or the name of a sample."},
		"override": object{"type": "object", "description": "Members of the event that are different; null removes one."},
		"env":      environment(),
		"params":   object{"type": "object", "description": "Values of the mapping's parameters."},
		"expect":   expectation(),
	}, "name", "event", "expect")
}

func expectation() object {
	s := closed(object{
		"launches": object{"description": "How many, or which in the order of the mapping.", "anyOf": []any{
			object{"type": "integer", "minimum": 0},
			object{"type": "array", "items": object{"anyOf": []any{object{"type": "string"}, launch()}}},
		}},
		"because": object{"description": "Why nothing is launched.", "enum": mappingtest.Reasons},
		"golden":  text1("File with the launches, as --update writes it."),
		"error":   text1("Code of the error that has to happen."),
	})
	s["minProperties"] = 1
	return s
}

func launch() object {
	return closed(object{
		"rule":    text1("Its rule."),
		"element": object{"type": "integer", "minimum": 0, "description": "Index of the element of forEach."},
		"key":     text1("Its idempotency key."),
		"request": object{"type": "object", "description": "A part of RunTask's request."},
	}, "rule")
}
