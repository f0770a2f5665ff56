package lower

import (
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/scan"
)

const sample = `{"detail-type":"T","n":9007199254740993,"min":-9223372036854775808,"b":true,"z":null,"f":1.5,
 "detail":{"key":"a b${x}","list":["x",{"k":"v"}],"empty":{},"a.b":1}}`

func eval(t *testing.T, source string) (expr.Value, error) {
	t.Helper()
	n, errs := Compile(source)
	if len(errs) > 0 {
		t.Fatalf("%s: %v", source, errs[0])
	}
	var paths scan.Paths
	p, err := n.Bind(&paths, expr.Scope{Rule: "r1", Env: func(name string) (string, bool) {
		return "value of " + name, name == "SET"
	}})
	if err != nil {
		return expr.Value{}, err
	}
	var d scan.Doc
	if err := paths.Scan([]byte(sample), &d); err != nil {
		t.Fatal(err)
	}
	return p.Eval(&d)
}

func TestText(t *testing.T) {
	tests := []struct{ source, want string }{
		{`event["detail-type"]`, "T"},
		{`event.detail.key`, "a b${x}"},
		{`event.detail["a.b"]`, "1"},
		{`string(event.n)`, "9007199254740993"},
		{`event.min`, "-9223372036854775808"},
		{`event.b`, "true"},
		{`event.f`, "1.5"},
		{`event.detail.list[0]`, "x"},
		{`event.detail.list[1].k`, "v"},
		{`event.detail[?"nope"].orValue("null")`, "null"},
		{`event.detail.?nope.deeper.orValue("d")`, "d"},
		{`event.detail.?key.orValue("d")`, "a b${x}"},
		{`event.detail.list[?7].orValue("d")`, "d"},
		{`env.SET`, "value of SET"},
		{`env[?"UNSET"].orValue("e")`, "e"},
		{`rule`, "r1"},
		{`"constant"`, "constant"},
		{`-5`, "-5"},
	}
	for _, tt := range tests {
		v, err := eval(t, `string(`+tt.source+`)`)
		if got, _ := v.Str(); err != nil || got != tt.want {
			t.Errorf("%s: got %q, %v; want %q", tt.source, got, err, tt.want)
		}
	}
}

func TestEvalErrors(t *testing.T) {
	tests := []struct{ source, want string }{
		{`event.detail.nope`, `event.detail.nope: no such field in this event; it has "key", "list", "empty", "a.b"`},
		{`event.detail.key.x`, `event.detail.key.x: no such field: the value above it is a string, not an object`},
		{`event.detail.?nope.x`, ``},
		{`event.nope.?x.orValue("d")`, `event.nope: no such field`},
		{`event.detail.key.?x.orValue("d")`, `event.detail.key.x: no such field: the value above it is a string`},
		{`event.detail.list[2]`, `event.detail.list[2]: no such element: the list has 2`},
		{`string(event.detail.list)`, `a list cannot stand inside a text`},
		{`string(event.z)`, `a null cannot stand inside a text`},
		{`env.UNSET`, `environment variable is not set: UNSET`},
	}
	for _, tt := range tests {
		_, err := eval(t, tt.source)
		if tt.want == "" && err == nil {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.source, err, tt.want)
		}
	}
}

func TestCompileErrors(t *testing.T) {
	tests := []struct {
		source, code, msg string
		col               int
	}{
		{`event.`, "expression-syntax", "", 7},
		{`event.detail-type`, "expression-syntax", `'_-_'`, 13},
		{`event.detail.version-id`, "expression-reference", `unknown name "id"`, 22},
		{`evnt.x`, "expression-reference", `unknown name "evnt"`, 1},
		{`event.a == 1`, "expression-unsupported", `"=="`, 9},
		{`event.a ? "x" : "y"`, "expression-unsupported", ``, 9},
		{`event.l.all(x, x > 1)`, "expression-unsupported", `macro`, 12},
		{`[1]`, "expression-unsupported", `list`, 1},
		{`has(event.a)`, "expression-unsupported", `has()`, 4},
		{`event[event.a]`, "expression-unsupported", `index`, 12},
		{`string`, "expression-unsupported", `the type string`, 1},
	}
	for _, tt := range tests {
		_, errs := Compile(tt.source)
		if len(errs) == 0 {
			t.Errorf("%s: no error", tt.source)
			continue
		}
		e := errs[0]
		if e.Code != tt.code || !strings.Contains(e.Msg, tt.msg) || e.Col != tt.col {
			t.Errorf("%s: got %d:%d %s %q", tt.source, e.Line, e.Col, e.Code, e.Msg)
		}
	}
}
