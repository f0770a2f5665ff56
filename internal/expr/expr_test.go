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
		{"an object", `{}`, "an expression is no object"},
		{"no operation", `[]`, "expected the name of an operation"},
		{"an operation without a name", `[5]`, "expected the name of an operation"},
		{"unknown operation", `["exec"]`, `unknown operation "exec"`},
		{"env without name", `["env"]`, "name of one variable"},
		{"env by index", `["env",0]`, "name of one variable"},
		{"env with two names", `["env","A","B"]`, "name of one variable"},
		{"env not set", `["env","A"]`, "environment variable is not set: A"},
		{"optional too large", `["event?",2,"a"]`, "optional step 3 of a path of 1"},
		{"optional negative", `["event?",-1,"a"]`, "expected a small number"},
		{"string without args", `["string"]`, "string does not take 0 arguments"},
		{"string of two", `["string",["rule"],["rule"]]`, "string does not take 2 arguments"},
		{"orValue without args", `["orValue"]`, "orValue does not take 0 arguments"},
		{"deep", strings.Repeat(`["string",`, 200) + `["x"]` + strings.Repeat(`]`, 200), `unknown operation "x"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var (
				n *Node
				p *Program
			)
			err := json.Unmarshal([]byte(tt.node), &n)
			if err == nil {
				p, err = n.Bind(&scan.Paths{}, Scope{Rule: "r", Env: noEnv})
			}
			if err == nil || p != nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v; want an error with %q", p, err, tt.want)
			}
		})
	}
}

func TestBindReportsAllVariables(t *testing.T) {
	var n *Node
	if err := json.Unmarshal([]byte(`["concat",["env","A"],["env","B"]]`), &n); err != nil {
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
		if err := json.Unmarshal([]byte(`["string",["event","detail",`+path+`]]`), &n); err != nil {
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
		_, err = p.Eval(&Input{Doc: &d})
		var e *Error
		if !errors.As(err, &e) || strings.Contains(err.Error(), "marker") || strings.Contains(err.Error(), "77123") {
			t.Errorf("%s: got %v, want an *Error without the value", path, err)
		}
	}
}
