// Package pattern matches events against EventBridge event patterns.
//
// [Compile] reads one pattern; [NewMatcher] joins many into a [Matcher] whose
// paths are read in the one scan over an event. The semantics are those of AWS's
// event-ruler: fields are ANDed, entries of one field ORed, arrays of the event
// are transparent, and the fields of one pattern may not be satisfied from
// different elements of one array.
//
// Supported are exact values (strings, numbers, true, false, null), prefix,
// suffix, exists, numeric and anything-but with values. Other operators are
// refused by name.
package pattern

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/scan"
)

// MaxFields is how many fields one pattern may test, as in event-ruler.
const MaxFields = 256

// An Error says what is wrong with a pattern and where.
type Error struct {
	Path []string // member names and, for entries of a list, their index
	Code string   // a section of docs/findings.md
	Msg  string
	Hint string
}

func (e *Error) Error() string { return strings.Join(e.Path, ".") + ": " + e.Msg }

// A Pattern is one compiled pattern. It is never changed.
type Pattern struct{ conditions []condition }

// condition is one field with what it may be.
type condition struct {
	path  string
	slot  int // in the Matcher's paths
	tests []test
}

// Compile reads a pattern, one JSON object. The error joins all mistakes, each
// an [*Error].
func Compile(text []byte) (*Pattern, error) {
	v, err := scan.Read(text)
	if err != nil {
		return nil, &Error{Code: "pattern-json", Msg: "not JSON: " + err.Error()}
	}
	c := compiler{fields: map[string][]test{}}
	if v.Kind != scan.Object {
		c.fail(nil, "pattern-shape", "write fields and the list of values each may have", "a pattern is an object, got a %s", v.Kind)
	} else {
		c.object(v, nil)
	}
	if len(c.fields) > MaxFields {
		c.fail(nil, "pattern-size", "split the rule", "%d fields, at most %d", len(c.fields), MaxFields)
	}
	if len(c.errs) > 0 {
		return nil, errors.Join(c.errs...)
	}
	p := &Pattern{}
	for path, tests := range c.fields {
		p.conditions = append(p.conditions, condition{path: path, tests: tests})
	}
	// event-ruler tests fields in the order of their paths; exists: false sees
	// only what is consistent with the fields before it.
	slices.SortFunc(p.conditions, func(a, b condition) int { return cmp.Compare(a.path, b.path) })
	return p, nil
}

type compiler struct {
	fields map[string][]test // by dotted path; the last one of a path wins
	errs   []error
}

func (c *compiler) fail(path []string, code, hint, format string, args ...any) {
	c.errs = append(c.errs, &Error{slices.Clone(path), code, fmt.Sprintf(format, args...), hint})
}

func (c *compiler) object(v scan.Value, path []string) {
	empty := true
	for it := scan.Members(v); it.Next(); {
		empty = false
		at := append(path, it.Key())
		switch m := it.Value(); {
		case it.Key() == "$or":
			c.fail(at, "pattern-unsupported", "write one rule for each alternative", "$or is not supported by this version")
		case m.Kind == scan.Object:
			c.object(m, at)
		case m.Kind == scan.Array:
			c.field(m, at)
		default:
			c.fail(at, "pattern-shape", "write ["+shown(m)+"]", "expected a list of values or an object, got a %s", m.Kind)
		}
	}
	if empty {
		c.fail(path, "pattern-shape", "leave the field out, or say what it may be", "an empty object matches nothing")
	}
}

// shown is a scalar of the pattern for a hint.
func shown(v scan.Value) string {
	if len(v.Raw) > 60 {
		return "…"
	}
	return string(v.Raw)
}

func (c *compiler) field(list scan.Value, path []string) {
	var tests []test
	i := 0
	for it := scan.Elements(list); it.Next(); i++ {
		at := append(path, strconv.Itoa(i))
		switch v := it.Value(); v.Kind {
		case scan.Array:
			c.fail(at, "pattern-shape", "", "a list cannot stand in the list of values")
		case scan.Object:
			tests = append(tests, c.operator(v, at)...)
		default:
			tests = append(tests, exact(v))
		}
	}
	if i == 0 {
		c.fail(path, "pattern-shape", "leave the field out, or say what it may be", "an empty list matches nothing")
	}
	c.fields[strings.Join(path, ".")] = tests
}

// Operators names the operators that a pattern may use.
var Operators = []string{"prefix", "suffix", "exists", "numeric", "anything-but", "exactly"}

func (c *compiler) operator(v scan.Value, path []string) []test {
	it := scan.Members(v)
	if !it.Next() {
		c.fail(path, "pattern-operator", "", "expected one of %s, got an empty object", strings.Join(Operators, ", "))
		return nil
	}
	name, operand := it.Key(), it.Value()
	at := append(path, name)
	if it.Next() {
		c.fail(path, "pattern-operator", "write one object for each operator", "one operator an object, got a second one %q", it.Key())
		return nil
	}
	switch name {
	case "prefix", "suffix", "exactly":
		if operand.Kind != scan.String {
			c.fail(at, "pattern-operand", "", "%s takes a string, got a %s", name, operand.Kind)
			return nil
		}
		return []test{textTest(name, operand.Text())}
	case "exists":
		if operand.Kind != scan.True && operand.Kind != scan.False {
			c.fail(at, "pattern-operand", "", "exists takes true or false, got a %s", operand.Kind)
			return nil
		}
		return []test{{kind: existsTest, want: operand.Kind == scan.True}}
	case "numeric":
		return c.numeric(operand, at)
	case "anything-but":
		return c.anythingBut(operand, at)
	case "wildcard", "equals-ignore-case", "cidr":
		c.fail(at, "pattern-unsupported", "", "%s is not supported by this version", name)
	default:
		hint := ""
		if near := diag.Nearest(name, Operators); near != "" {
			hint = "did you mean " + near + "?"
		}
		c.fail(at, "pattern-operator", hint, "unknown operator %q, expected one of %s", name, strings.Join(Operators, ", "))
	}
	return nil
}

// numeric reads [op, n] or [lower, n, upper, n].
func (c *compiler) numeric(v scan.Value, path []string) []test {
	const hint = `write [">", 0], or [">=", 0, "<", 10] for a range`
	var words []scan.Value
	for it := scan.Elements(v); it.Next(); {
		words = append(words, it.Value())
	}
	if len(words) != 2 && len(words) != 4 {
		c.fail(path, "pattern-operand", hint, "numeric takes an operator and a number, or two of each")
		return nil
	}
	t := test{kind: numericTest, low: bound{open: true, none: true}, high: bound{open: true, none: true}}
	for i := 0; i < len(words); i += 2 {
		n, ok := number(words[i+1])
		if !ok {
			c.fail(path, "pattern-operand", hint, "expected a number that a 64-bit float holds exactly, got a %s", words[i+1].Kind)
			return nil
		}
		op := words[i].Text()
		lower := op == ">" || op == ">="
		switch {
		case words[i].Kind == scan.String && op == "=" && len(words) == 2:
			t.low, t.high = bound{n: n}, bound{n: n}
		case words[i].Kind == scan.String && lower && i == 0:
			t.low = bound{n: n, open: op == ">"}
		case words[i].Kind == scan.String && (op == "<" || op == "<=") && (i == 2 || len(words) == 2):
			t.high = bound{n: n, open: op == "<"}
		default:
			c.fail(path, "pattern-operand", hint, "%s is no comparison that may stand here", shown(words[i]))
			return nil
		}
	}
	if len(words) == 4 && t.low.n >= t.high.n {
		c.fail(path, "pattern-operand", hint, "the range is empty: its lower end is not below its upper end")
		return nil
	}
	return []test{t}
}

func (c *compiler) anythingBut(v scan.Value, path []string) []test {
	t := test{kind: anythingButTest}
	values := []scan.Value{v}
	switch v.Kind {
	case scan.Object:
		c.fail(path, "pattern-unsupported", "", "an operator inside anything-but is not supported by this version")
		return nil
	case scan.Array:
		values = values[:0]
		for it := scan.Elements(v); it.Next(); {
			values = append(values, it.Value())
		}
	}
	if len(values) == 0 {
		c.fail(path, "pattern-operand", "", "anything-but takes at least one value")
	}
	for _, e := range values {
		if e.Kind != values[0].Kind || e.Kind != scan.String && e.Kind != scan.Number {
			c.fail(path, "pattern-operand", "", "anything-but takes strings or numbers, all of one kind")
			return nil
		}
		t.not = append(t.not, exact(e))
	}
	return []test{t}
}
