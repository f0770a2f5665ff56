package pattern

import (
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/scan"
)

// written is a matcher as a pattern has it: the operand within the operators, the
// outer one first.
func written(operators []string, operand string) string {
	for i := len(operators) - 1; i >= 0; i-- {
		operand = `{"` + operators[i] + `": ` + operand + "}"
	}
	return operand
}

// textHint says how an operator that takes a string is written, for what stands
// in the place of the string.
func textHint(operators []string, v scan.Value) string {
	const most = 3
	if operators[0] == "cidr" {
		return cidrHint
	}
	switch v.Kind {
	case scan.Number, scan.True, scan.False:
		return "write " + written(operators, `"`+shown(v)+`"`)
	case scan.Array:
		var each []string
		for it := scan.Elements(v); it.Next(); {
			if e := it.Value(); e.Kind == scan.String && len(each) < most {
				each = append(each, written(operators, shown(e)))
			}
		}
		if len(each) > 1 {
			return "write one matcher for each: [" + strings.Join(each, ", ") + "]"
		}
		if len(each) == 1 {
			return "write " + each[0]
		}
	}
	return "write " + written(operators, `"text"`)
}

// otherOperators say how to write what other languages have an operator for.
var otherOperators = map[string]string{
	"equals": "write the value itself", "eq": "write the value itself", "in": "write the values themselves, one entry of the list each",
	"contains": `write {"wildcard": "*text*"}`, "startsWith": `write {"prefix": "text"}`, "endsWith": `write {"suffix": "text"}`,
	"starts-with": `write {"prefix": "text"}`, "ends-with": `write {"suffix": "text"}`, "glob": `write {"wildcard": "a*b"}`,
	"regex": `write {"wildcard": "a*b"}, or matches() in when`, "matches": `write {"wildcard": "a*b"}, or matches() in when`,
	"not": `write {"anything-but": "text"}`, "ne": `write {"anything-but": "text"}`, "not-in": `write {"anything-but": ["a", "b"]}`,
	">": `write {"numeric": [">", 0]}`, ">=": `write {"numeric": [">=", 0]}`, "<": `write {"numeric": ["<", 0]}`, "<=": `write {"numeric": ["<=", 0]}`, "=": `write {"numeric": ["=", 0]}`,
	"between": `write {"numeric": [">=", 0, "<", 10]}`, "ip-address": `write {"cidr": "10.0.0.0/8"}`,
}

// operatorHint is about a name that is no operator, with its operand.
func operatorHint(name string, operand scan.Kind) string {
	if hint, ok := otherOperators[name]; ok {
		return hint
	}
	if near := diag.Nearest(name, Operators); near != "" {
		return "did you mean " + near + "?"
	}
	if operand == scan.Array || operand == scan.Object {
		return "to compare the fields of an object, write the object without [ ] around it"
	}
	return `write a value, or a matcher such as {"prefix": "text"}`
}

const (
	cidrHint  = `such as {"cidr": "10.0.0.0/8"} or {"cidr": "2001:db8::/32"}; one address stands in the list as it is`
	otherHint = `write {"anything-but": "a"}, {"anything-but": ["a", "b"]} or {"anything-but": [1, 2]}; null, true and false cannot be excluded`
	jsonHint  = "names and texts stand in double quotes, with a comma between two members and none behind the last"
)
