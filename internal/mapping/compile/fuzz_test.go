package compile

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/mapping"
)

func FuzzCompile(f *testing.F) {
	example, err := os.ReadFile("../../../taskbridge.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(example))
	for _, file := range badFiles(f) {
		_, source, _ := readBad(f, file)
		f.Add(source)
	}
	for _, source := range []string{
		"", "# nothing\n", "---\n", "a: &a [*a]", "\r\r\r}", "version: 1\rrules:", "version: 1\n--- 2\n", "\ufeffversion: 2", "x: \u2028{",
		minimal("startedBy: |\n  ${rule}\n"), minimal("startedBy: \"\\u0024{rule\"\n"), minimal("count: !!bool yes\n"),
	} {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 64<<10 {
			return
		}
		plan, findings := Compile("dir/taskbridge.yaml", []byte(source))
		if (plan == nil) != (findings.Errors() > 0) {
			t.Fatalf("plan %v with %d errors, want one of them", plan, findings.Errors())
		}
		for _, finding := range findings {
			checkFinding(t, source, finding)
		}
		if plan != nil {
			checkRoundTrip(t, plan)
		}
	})
}

// checkFinding fails if a finding is about no place of the file, or its code is
// not listed.
func checkFinding(t *testing.T, source string, f diag.Finding) {
	t.Helper()
	if !slices.Contains(Codes, f.Code) && !strings.HasPrefix(f.Code, "runtask-") {
		t.Errorf("%s: code is not in Codes", f)
	}
	if f.Message == "" || f.Width < 1 {
		t.Errorf("%s: no message or width %d", f, f.Width)
	}
	if f.Pos == (diag.Pos{}) {
		return
	}
	lines := strings.Split(source, "\n")
	if f.Pos.Line < 1 || f.Pos.Line > len(lines) {
		t.Fatalf("%s: the file has %d lines", f, len(lines))
	}
	if n := utf8.RuneCountInString(lines[f.Pos.Line-1]); f.Pos.Col < 1 || f.Pos.Col > n+1 {
		t.Errorf("%s: the line has %d characters", f, n)
	}
}

func checkRoundTrip(t *testing.T, plan *mapping.Plan) {
	t.Helper()
	file, err := plan.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	read, err := mapping.ReadPlan(file)
	if err != nil {
		t.Fatalf("%v\n%s", err, file)
	}
	again, err := read.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if string(again) != string(file) {
		t.Errorf("the plan changes when it is read\n got %s\nwant %s", again, file)
	}
	got, want := takeConstants(read), takeConstants(plan)
	if !reflect.DeepEqual(read, plan) {
		t.Errorf("got %+v, want %+v", read, plan)
	}
	if len(got) != len(want) {
		t.Fatalf("got %d constants, want %d", len(got), len(want))
	}
	for i, w := range want {
		if g := got[i].value; g.Kind != w.value.Kind || g.Display() != w.value.Display() {
			t.Errorf("got %s %s, want %s %s", g.Kind, g.Display(), w.value.Kind, w.value.Display())
		}
		w.node.Value = w.value
	}
}

// A constant is taken out of its node: equal ones are not the same memory, which is
// what reflect would compare.
type constant struct {
	node  *expr.Node
	value expr.Value
}

func takeConstants(p *mapping.Plan) []constant {
	var list []constant
	for i := range p.Rules {
		r := &p.Rules[i]
		for _, t := range []*mapping.Template{r.When, r.ForEach, &r.Task, r.Key} {
			if t == nil {
				continue
			}
			t.Walk(func(n *expr.Node) {
				list = append(list, constant{n, n.Value})
				n.Value = expr.Value{}
			})
		}
	}
	return list
}
