package compile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/mapping"
)

// minimal is a mapping of one rule whose task has the given fields besides
// taskDefinition.
func minimal(fields string) string {
	const head = `version: 1
rules:
  - name: convert
    match: {source: [aws.s3]}
    task:
      taskDefinition: convert
`
	return head + indent(fields, 6)
}

func indent(text string, n int) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.Repeat(" ", n) + line)
	}
	return b.String()
}

// compiled is the plan of a mapping that has no findings.
func compiled(t *testing.T, source string) *mapping.Plan {
	t.Helper()
	plan, findings := Compile("taskbridge.yaml", []byte(source))
	if len(findings) > 0 {
		t.Fatalf("the mapping does not compile:\n%s", findings.Text([]byte(source)))
	}
	return plan
}

// taskJSON is the request of the first rule, every expression left out.
func taskJSON(t *testing.T, source string) string {
	t.Helper()
	r, err := compiled(t, source).Rules[0].Task.Literal()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// field is a member of the first rule's task.
func field(t *testing.T, source, name string) mapping.Template {
	t.Helper()
	for _, f := range compiled(t, source).Rules[0].Task.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	t.Fatalf("the task has no %s with an expression", name)
	return mapping.Template{}
}

func TestExample(t *testing.T) {
	source, err := os.ReadFile("../../../taskbridge.yaml")
	if err != nil {
		t.Fatal(err)
	}
	plan := compiled(t, string(source))
	checkRoundTrip(t, plan)
	first, err := plan.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	second, err := compiled(t, string(source)).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Errorf("two plans of one mapping differ\n%s\n%s", first, second)
	}
}

func TestDefaults(t *testing.T) {
	tests := []struct{ name, defaults, task, want string }{
		{"inherited", "cluster: c", "", `{"cluster":"c","taskDefinition":"d"}`},
		{"scalar replaces", "cluster: c", "cluster: own", `{"cluster":"own","taskDefinition":"d"}`},
		{"null removes", "cluster: c", "cluster: null", `{"taskDefinition":"d"}`},
		{"null of nothing", "", "cluster: null", `{"taskDefinition":"d"}`},
		{"objects merge", `overrides: {cpu: "256", memory: "512"}`, `overrides: {memory: "1024"}`,
			`{"overrides":{"cpu":"256","memory":"1024"},"taskDefinition":"d"}`},
		{"null inside an object", `overrides: {cpu: "256", memory: "512"}`, `overrides: {cpu: null}`,
			`{"overrides":{"memory":"512"},"taskDefinition":"d"}`},
		{"lists replace", `overrides: {containerOverrides: [{name: a, command: [x, y]}, {name: b}]}`,
			`overrides: {containerOverrides: [{name: c}]}`,
			`{"overrides":{"containerOverrides":[{"name":"c"}]},"taskDefinition":"d"}`},
		{"tags as maps merge", `tags: {a: "1", b: "2"}`, `tags: {b: "3"}`,
			`{"tags":[{"key":"a","value":"1"},{"key":"b","value":"3"}],"taskDefinition":"d"}`},
		{"list replaces map", `tags: {a: "1"}`, `tags: [{key: b, value: "2"}]`,
			`{"tags":[{"key":"b","value":"2"}],"taskDefinition":"d"}`},
		{"default taskDefinition", "taskDefinition: e\ncluster: c", "", `{"cluster":"c","taskDefinition":"d"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			defaults := "defaults: {}\n"
			if tt.defaults != "" {
				defaults = "defaults:\n" + indent(tt.defaults, 2) + "\n"
			}
			const rules = "rules:\n  - name: r\n    match: {source: [s]}\n    task:\n      taskDefinition: d\n"
			got := taskJSON(t, "version: 1\n"+defaults+rules+indent(tt.task, 6))
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestMapForm compares environment and tags as maps with their lists.
func TestMapForm(t *testing.T) {
	tests := []struct{ name, short, long string }{
		{"constants",
			`overrides: {containerOverrides: [{name: c, environment: {A: "1", B: ""}}]}`,
			`overrides: {containerOverrides: [{name: c, environment: [{name: A, value: "1"}, {name: B, value: ""}]}]}`},
		{"tags", `tags: {team: media, empty: ""}`, `tags: [{key: team, value: media}, {key: empty, value: ""}]`},
		{"null", `tags: {team: media, gone: null}`, `tags: [{key: team, value: media}]`},
		{"empty", `tags: {}`, `tags: []`},
	}
	for _, tt := range tests {
		short, long := taskJSON(t, minimal(tt.short)), taskJSON(t, minimal(tt.long))
		if short != long {
			t.Errorf("%s: map %s\nlist %s", tt.name, short, long)
		}
	}
	short := field(t, minimal(`tags: {id: "${event.id}"}`), "tags")
	long := field(t, minimal(`tags: [{key: id, value: "${event.id}"}]`), "tags")
	short.Items[0].Fields[1].Value.Pos, long.Items[0].Fields[1].Value.Pos = "", ""
	if a, b := fmt.Sprintf("%+v", short.Items[0].Fields[0]), fmt.Sprintf("%+v", long.Items[0].Fields[0]); a != b {
		t.Errorf("map %s, list %s", a, b)
	}
	if a, b := short.Items[0].Fields[1].Value.Source, long.Items[0].Fields[1].Value.Source; a != b || a != "event.id" {
		t.Errorf("map %q, list %q, want event.id", a, b)
	}
}

func TestAnchors(t *testing.T) {
	const source = `version: 1
rules:
  - name: first
    match: &upload {source: [aws.s3]}
    task: &task
      taskDefinition: first
      cluster: &cluster batch
      overrides: &overrides {cpu: "256", memory: "512"}
  - name: second
    match: *upload
    task:
      <<: *task
      taskDefinition: second
      overrides: {<<: [{memory: "1024"}, *overrides], cpu: "512"}
      group: *cluster
`
	plan := compiled(t, source)
	if got := string(plan.Rules[1].Match); got != `{"source":["aws.s3"]}` {
		t.Errorf("match: got %s", got)
	}
	r, err := plan.Rules[1].Task.Literal()
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"cluster":"batch","group":"batch","overrides":{"cpu":"512","memory":"1024"},"taskDefinition":"second"}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestExpansion gives files that stand for more than they say.
func TestExpansion(t *testing.T) {
	var laughs strings.Builder
	laughs.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 60; i++ {
		a := fmt.Sprintf("*a%d", i-1)
		fmt.Fprintf(&laughs, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(a+", ", 10), ", "))
	}
	tests := []struct{ name, source string }{
		{"aliases of aliases", laughs.String()},
		{"itself", "a: &a [*a, *a]\n"},
		{"itself by merge", "a: &a {<<: *a, b: *a}\n"},
		{"deep", strings.Repeat("[", 200) + strings.Repeat("]", 200)},
		{"deep and wide", strings.Repeat("[", 101) + strings.Repeat("[],", 1000) + strings.Repeat("]", 101)},
	}
	for _, tt := range tests {
		_, findings := Compile("taskbridge.yaml", []byte(tt.source))
		if len(findings) != 1 || findings[0].Code != CodeAlias {
			t.Errorf("%s: got %d findings, first %v; want one %s", tt.name, len(findings), findings[:min(len(findings), 1)], CodeAlias)
		}
	}
}

// TestLongLine has every value on one line, as other programs write YAML. A cost
// that grows with the square of the line would take minutes.
func TestLongLine(t *testing.T) {
	source := `{"version": 1, "rules": [{"name": "r", "match": {"source": ["` + strings.Repeat(`x","`, 100_000) + `y"]}, "task": {"taskDefinition": "d"}}]}`
	compiled(t, source)
}

func TestExpressionEnd(t *testing.T) {
	tests := []struct {
		text string // behind ${
		want string // the expression; "-" if it has no end
	}{
		{`a}`, `a`},
		{`}`, ``},
		{`a}b}`, `a`},
		{`"a}b"}`, `"a}b"`},
		{`'}'}`, `'}'`},
		{`"'}"}`, `"'}"`},
		{`'"}'}`, `'"}'`},
		{`"\"}"}`, `"\"}"`},
		{`'\'}'}`, `'\'}'`},
		{`"""a"}"""}`, `"""a"}"""`},
		{`r"\"}`, `r"\"`},
		{`{"a": {"b": 1}}["a"]}`, `{"a": {"b": 1}}["a"]`},
		{"a // }\n}", "a // }\n"},
		{`a`, `-`},
		{`{a}`, `-`},
		{`"a}`, `-`},
		{`'}`, `-`},
		{`"""}"}`, `-`},
		{`a // }`, `-`},
		{``, `-`},
	}
	for _, tt := range tests {
		got := "-"
		if n := expressionEnd(tt.text); n >= 0 {
			got = tt.text[:n]
		}
		if got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

// TestText is about how strings of the mapping are cut. Constants are compared
// as values, expressions by their sources.
func TestText(t *testing.T) {
	tests := []struct{ yaml, value, source string }{
		{`group: plain`, `"plain"`, ``},
		{`group: $${x}`, `"${x}"`, ``},
		{`group: a$${x}b$${`, `"a${x}b${"`, ``},
		{`group: $$${x}`, `"$${x}"`, ``},
		{`group: a$b{c}`, `"a$b{c}"`, ``},
		{`group: ${rule}`, `"convert"`, ``},
		{`group: ${env.B}$${rule}`, ``, `env.B`},
		{`group: ${env.B}-${env.A}`, ``, `env.B}…${env.A`},
		{`group: ${"a}b"}`, `"a}b"`, ``},
		{`group: ${'}'}`, `"}"`, ``},
		{`group: ${"$"}{rule}`, `"${rule}"`, ``},
		{`group: '${env["A"]}'`, ``, `env["A"]`},
		{`group: "${env[\"A\"]}"`, ``, `env["A"]`},
		{"group: |\n  ${env.A}\n", ``, `env.A`},
		{"group: >-\n  ${event\n  .detail.a}\n", ``, `event .detail.a`},
	}
	for _, tt := range tests {
		source := minimal(tt.yaml)
		if tt.source == "" {
			if got := taskJSON(t, source); !strings.Contains(got, `"group":`+tt.value+`,`) {
				t.Errorf("%s: got %s, want %s", tt.yaml, got, tt.value)
			}
			continue
		}
		if got := field(t, source, "group"); got.Source != tt.source {
			t.Errorf("%s: got %q, want %q", tt.yaml, got.Source, tt.source)
		}
	}
}

// TestBlockScalar shows that the newline at the end of a block is no text around
// its expression: the value keeps its type.
func TestBlockScalar(t *testing.T) {
	got := field(t, minimal("count: |\n  ${event.detail.count}\n"), "count")
	if got.Expr == nil || got.Expr.Op != "event" {
		t.Errorf("got %+v, want a path of the event", got)
	}
	got = field(t, minimal("group: |\n  ${env.A}\n  x\n"), "group")
	if got.Expr == nil || len(got.Expr.Args) != 2 {
		t.Fatalf("got %+v, want a text of two parts", got)
	}
	if text, _ := got.Expr.Args[1].Value.Str(); text != "\nx\n" {
		t.Errorf("got %+v, want the text behind the expression as it is", got)
	}
}

// TestSyntax is about files that are no mapping at all.
func TestSyntax(t *testing.T) {
	tests := []struct{ name, source, want string }{
		{"empty", "", "f: the file is empty [yaml-syntax]"},
		{"comments only", "# version: 1\n", "f: the file is empty [yaml-syntax]"},
		{"null", "---\n", "got null [shape]"},
		{"not UTF-8", "version: \xff\n", "f: the file is not valid UTF-8 [yaml-syntax]"},
		{"two documents", minimal("") + "---\nversion: 1\n", "a second document begins here [yaml-syntax]"},
		{"lone carriage return", "version: 1\n\rrules: []\n", "f:2:1: a line break of another kind [yaml-syntax]"},
		{"line separator", "version: 1 # a\u2028\n", "f:1:15: a line break of another kind [yaml-syntax]"},
		{"tab", "version: 1\nrules:\n\t- name: r\n", "f:3:1: not YAML: found character that cannot start any token [yaml-syntax]"},
		{"expression without quotes", minimal("group: ${true ? 1 : 2}"), "mapping values are not allowed in this context [yaml-syntax]"},
		{"too large", strings.Repeat("# 45678\n", MaxBytes/8+1), "at most 4194304 [yaml-syntax]"},
	}
	for _, tt := range tests {
		_, findings := Compile("f", []byte(tt.source))
		if !strings.Contains(findings.Error(), tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, findings.Error(), tt.want)
		}
	}
	if _, findings := Compile("f", []byte(strings.ReplaceAll(minimal("count: 2\n"), "\n", "\r\n"))); len(findings) > 0 {
		t.Errorf("lines that end in \\r\\n: %v", findings)
	}
}

// TestAllAtOnce wants every mistake of a file, each with its place.
func TestAllAtOnce(t *testing.T) {
	const source = `version: 3
accept: [sqs, kafka]
defaults:
  clutser: batch
  launchType: SPOT
rule: []
rules:
  - name: one two
    match:
      source: aws.s3
      detail:
        key: [{prefx: in/}]
        size: [{numeric: [">", "0"]}]
    task:
      taskDefinition: ${event.id}
      startedBy: x ${evnt.id} ${event.}
      group: é ${rule == "a"}
      tags: {a: 1}
  - name: two
    retry: 3
    match: {source: [{cidr: 10.0.0.0/8}]}
    task:
      cluster: "${env.A"
  - name: two
    name: three
    match: {source: [s]}
    task:
      taskDefinition: d
      overrides: {cpu: 256}
  - task:
      taskDefinition: d
`
	want := []string{
		`1:10 version`, `2:15 shape`, `4:3 unknown-key`, `5:15 runtask-launch-type`, `6:1 unknown-key`,
		`8:11 rule-name`, `10:7 pattern-shape`, `12:16 pattern-operator`, `13:17 pattern-operand`,
		`15:25 expression-unbounded`, `16:22 expression-reference`, `16:39 expression-syntax`,
		`18:17 field-type`,
		`20:12 shape`, `23:7 missing-key`, `23:17 expression-unterminated`,
		`24:11 duplicate-rule`, `25:5 duplicate-key`, `29:24 field-type`,
		`30:5 missing-key`, `30:5 missing-key`,
	}
	plan, findings := Compile("taskbridge.yaml", []byte(source))
	if plan != nil {
		t.Error("got a plan as well")
	}
	var got []string
	for _, f := range findings {
		checkFinding(t, source, f)
		got = append(got, f.Pos.String()+" "+f.Code)
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s\n%s", g, w, findings.Text([]byte(source)))
	}
}
