package expr

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/scan"
)

func noEnv(string) (string, bool) { return "", false }

// A plan may have been written by anybody: what is no expression is an error at
// start, not a panic at the first event.
func TestBindRefuses(t *testing.T) {
	tests := []struct{ name, node, want string }{
		{"null", `null`, "expression is missing"},
		{"no operation", `{}`, `unknown operation ""`},
		{"unknown operation", `{"op":"exec"}`, `unknown operation "exec"`},
		{"const without value", `{"op":"const"}`, "constant: "},
		{"env without name", `{"op":"env"}`, "name of one variable"},
		{"env by index", `{"op":"env","path":[0]}`, "name of one variable"},
		{"env with two names", `{"op":"env","path":["A","B"]}`, "name of one variable"},
		{"env not set", `{"op":"env","path":["A"]}`, "environment variable is not set: A"},
		{"negative index", `{"op":"event","path":["a",-1]}`, "negative index -1"},
		{"negative index below an index", `{"op":"event","path":["a",0,-2,"b"]}`, "negative index -2"},
		{"optional too large", `{"op":"event","path":["a"],"optional":2}`, "optional step 2 of a path of 1"},
		{"optional negative", `{"op":"event","path":["a"],"optional":-1}`, "optional step -1"},
		{"string without args", `{"op":"string"}`, "string takes 1 arguments, got 0"},
		{"string of two", `{"op":"string","args":[{"op":"rule"},{"op":"rule"}]}`, "string takes 1 arguments, got 2"},
		{"string of null", `{"op":"string","args":[null]}`, "expression is missing"},
		{"concat of null", `{"op":"concat","args":[{"op":"rule"},null]}`, "expression is missing"},
		{"orValue without args", `{"op":"orValue"}`, "orValue takes 2 arguments, got 0"},
		{"orValue of nulls", `{"op":"orValue","args":[null,null]}`, "expression is missing"},
		{"deep", strings.Repeat(`{"op":"string","args":[`, 500) + `{"op":"x"}` + strings.Repeat(`]}`, 500), `unknown operation "x"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var n *Node
			if err := json.Unmarshal([]byte(tt.node), &n); err != nil {
				t.Fatal(err)
			}
			p, err := n.Bind(&scan.Paths{}, Scope{Rule: "r", Env: noEnv})
			if err == nil || p != nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v; want an error with %q", p, err, tt.want)
			}
		})
	}
}

func TestBindReportsAllVariables(t *testing.T) {
	var n *Node
	if err := json.Unmarshal([]byte(`{"op":"concat","args":[{"op":"env","path":["A"]},{"op":"env","path":["B"]}]}`), &n); err != nil {
		t.Fatal(err)
	}
	_, err := n.Bind(&scan.Paths{}, Scope{Env: noEnv})
	if !errors.Is(err, ErrEnv) || !strings.Contains(err.Error(), ": A") || !strings.Contains(err.Error(), ": B") {
		t.Errorf("got %v, want both variables", err)
	}
}

func TestStepRefuses(t *testing.T) {
	for _, path := range []string{`[true]`, `[1.5]`, `[{}]`, `[[]]`, `[99999999999999999999]`} {
		var n Node
		if err := json.Unmarshal([]byte(`{"op":"event","path":`+path+`}`), &n); err == nil {
			t.Errorf("%s: is read as a path: %+v", path, n.Path)
		}
	}
}

func TestEvalErrorHoldsNoValue(t *testing.T) {
	const event = `{"detail":{"s":"marker","n":77123,"list":["marker"],"map":{"k":"marker"},"null":null}}`
	for _, path := range []string{`"s","x"`, `"n",0`, `"list",3`, `"list","x"`, `"list"`, `"map"`, `"map",1`, `"nope"`, `"null"`} {
		var n *Node
		if err := json.Unmarshal([]byte(`{"op":"string","args":[{"op":"event","path":["detail",`+path+`]}]}`), &n); err != nil {
			t.Fatal(err)
		}
		var (
			paths scan.Paths
			d     scan.Doc
		)
		p, err := n.Bind(&paths, Scope{Env: noEnv})
		if err != nil {
			t.Fatal(err)
		}
		if err := paths.Scan([]byte(event), &d); err != nil {
			t.Fatal(err)
		}
		_, err = p.Eval(&d)
		var e *Error
		if !errors.As(err, &e) || strings.Contains(err.Error(), "marker") || strings.Contains(err.Error(), "77123") {
			t.Errorf("%s: got %v, want an *Error without the value", path, err)
		}
	}
}
