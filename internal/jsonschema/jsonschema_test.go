package jsonschema

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/taskbridge/taskbridge/internal/mapping/compile"
	"github.com/taskbridge/taskbridge/internal/mappingtest"
)

const root = "../../"

// compiled is the validator of a schema.
func compiled(t testing.TB, write func() ([]byte, error)) *jsonschema.Schema {
	t.Helper()
	text, err := write()
	if err != nil {
		t.Fatal(err)
	}
	again, err := write()
	if err != nil || !bytes.Equal(text, again) {
		t.Error("the schema is another each time")
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// check validates YAML.
func check(t testing.TB, s *jsonschema.Schema, source string) error {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(source), &v); err != nil {
		return err
	}
	return s.Validate(v)
}

// good are mappings that compile.
func good(t testing.TB) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{"taskbridge.yaml", "internal/cli/scaffold/*/*.yaml", "docs/mapping.md"} {
		files, err := filepath.Glob(root + pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v, %v", pattern, files, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(file, ".md") {
				all[file] = string(text)
				continue
			}
			for _, fence := range strings.Split(string(text), "```yaml\n")[1:] {
				fence, after, _ := strings.Cut(fence, "```")
				// What validate prints of it follows one that is wrong.
				if strings.HasPrefix(fence, "version: 1\n") && !strings.HasPrefix(after, "\n\n```text") {
					all[file+": "+fence] = fence
				}
			}
		}
	}
	return all
}

func TestGoodMappings(t *testing.T) {
	s, n := compiled(t, Mapping), 0
	for name, source := range good(t) {
		if strings.Contains(name, mappingtest.Suffix) {
			continue
		}
		n++
		if err := check(t, s, source); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n < 5 {
		t.Errorf("got %d mappings", n)
	}
}

// refused are the codes whose example a schema can refuse. All others need to know
// more than one place in the file, what an expression means, or RunTask.
var refused = []string{
	"conflict", "field-type", "missing-key", "pattern-operand", "pattern-operator", "pattern-shape", "rule-name", "runtask-count-range", "setting", "shape", "unknown-key", "version",
}

func TestBadMappings(t *testing.T) {
	s := compiled(t, Mapping)
	files, err := filepath.Glob(root + "internal/mapping/compile/testdata/bad/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	seen := 0
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		code := strings.TrimSuffix(filepath.Base(file), ".txtar")
		got, want := check(t, s, string(a.Files[0].Data)), slices.Contains(refused, code)
		if want {
			seen++
		}
		switch {
		case strings.HasPrefix(code, "yaml-") || code == "duplicate-key": // no YAML to begin with
		case got != nil && !want:
			t.Errorf("%s is refused: list it: %v", code, got)
		case got == nil && want:
			t.Errorf("%s is accepted", code)
		}
	}
	if seen != len(refused) {
		t.Errorf("%d of %d codes have an example", seen, len(refused))
	}
}

// What the compiler takes, the schema does, and the other way round, as far as it is
// about one key.
func TestMapping(t *testing.T) {
	s := compiled(t, Mapping)
	rule := func(fields string) string {
		return "version: 1\nparams: {p: {type: list}, on: {type: bool}}\nrules:\n- name: r\n  " + strings.ReplaceAll(fields, "\n", "\n  ") + "\n"
	}
	const match, task = "match: {source: [a]}\n", "task: {taskDefinition: t}\n"
	tests := []struct {
		fields string
		ok     bool
	}{
		{match + task, true},
		{task, false},
		{match + "schedule: rate(1 day)\n" + task, false},
		{"schedule: rate(1 day)\n" + task, true},
		{"schedule: {expression: rate(1 day), timezone: Europe/Berlin, flexibleWindow: 15m}\n" + task, true},
		{"schedule: {expression: rate(1 day), zone: UTC}\n" + task, false},
		{match + "enabled: ${param.on}\n" + task, true},
		{match + "enabled: yes please\n" + task, false},
		{match + "when: event.detail.a == 1\n" + task, true},
		{match + "when: [a]\n" + task, false},
		{match + "retry: {attempts: 3, maxAge: 1h30m}\n" + task, true},
		{match + "retry: {attempts: 186}\n" + task, false},
		{match + "retry: {maxAge: 90}\n" + task, false},
		{match + "confirm: {until: running, timeout: 60s}\n" + task, true},
		{match + "confirm: {until: done}\n" + task, false},
		{match + "allow: {taskDefinition: [a, b]}\n" + task, true},
		{match + "allow: {count: [1]}\n" + task, false},
		{match + "idempotency: {}\n" + task, false},
		{match + "task: {taskDefinition: t, count: 11, launchType: FARGATE, propagateTags: null}", true},
		{match + "task: {taskDefinition: t, count: '${event.detail.n}'}", true},
		{match + "task: {taskDefinition: t, count: '3'}", false},
		{match + "task: {taskDefinition: t, launchType: fargate}", false},
		{match + "task: {taskDefinition: t, ContainerOverrides: []}", false},
		{match + "task: {taskDefinition: t, overrides: {cpu: 1024}}", false},
		{match + "task: {taskDefinition: t, tags: {a: b, c: '${event.id}'}, overrides: {containerOverrides: [{name: m, environment: {A: b, C: null}}]}}", true},
		{match + "task: {taskDefinition: t, tags: [{key: a, value: b}], overrides: {containerOverrides: [{name: m, environment: [{name: A, value: b}]}]}}", true},
		{match + "task: {taskDefinition: t, overrides: {containerOverrides: [{name: m, environment: {A: 1}}]}}", false},
		{match + "task: {taskDefinition: t, overrides: {containerOverrides: [{name: m, command: '${event.detail.args}'}]}}", true},
		{match + "task: {taskDefinition: t, capacityProviderStrategy: [{weight: 1}]}", false},
		{"match: {source: ['${param.p}'], detail: {a: [{prefix: x}, {suffix: {equals-ignore-case: y}}, 1, null, true, {numeric: ['>', 0]}, {exists: false}]}}\n" + task, true},
		{"match: {detail: {$or: [{a: [1]}, {b: [{anything-but: {prefix: x}}]}]}}\n" + task, true},
		{"match: {source: aws.s3}\n" + task, false},
		{"match: {source: [{prefixes: a}]}\n" + task, false},
		{"match: {source: []}\n" + task, false},
	}
	for _, tt := range tests {
		if err := check(t, s, rule(tt.fields)); (err == nil) != tt.ok {
			t.Errorf("%s\ngot %v, want accepted: %t", tt.fields, err, tt.ok)
		}
		// What the schema refuses has a finding.
		if plan, _ := compile.Compile("taskbridge.yaml", []byte(rule(tt.fields))); plan != nil && !tt.ok {
			t.Errorf("%s\ncompiles, but the schema refuses it", tt.fields)
		}
	}
}

func TestTests(t *testing.T) {
	s := compiled(t, Tests)
	for name, source := range good(t) {
		if strings.Contains(name, mappingtest.Suffix) {
			if err := check(t, s, source); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	for source, ok := range map[string]bool{
		"cases: [{name: n, event: s3-eventbridge, expect: {launches: [upload]}}]":                                                       true,
		"cases: [{name: n, event: {source: a}, override: {id: null}, env: {A: b}, expect: {launches: 0, because: when}}]":               true,
		"cases: [{name: n, event: e, expect: {launches: [{rule: r, element: 1, key: k, request: {count: 2}}], golden: g.json}}]":        true,
		"mapping: a.yaml\nenv: {A: b}\nparams: {p: [1]}\ncases: [{name: n, event: e, rule: r, params: {p: 1}, expect: {error: limit}}]": true,
		"cases: []": false,
		"cases: [{name: n, event: e, expect: {}}]":                                      false,
		"cases: [{name: n, event: e, expect: {launches: -1}}]":                          false,
		"cases: [{name: n, event: e, expect: {launches: 0, because: weather}}]":         false,
		"cases: [{name: n, event: e, expects: {launches: 0}, expect: {launches: 0}}]":   false,
		"cases: [{name: n, event: 1, expect: {launches: 0}}]":                           false,
		"cases: [{name: n, event: e, env: {A: 1}, expect: {launches: 0}}]":              false,
		"cases: [{name: n, event: e, expect: {launches: [{request: {count: 1}}]}}]":     false,
		"cases: [{name: n, event: e, expect: {launches: [{rule: r, element: first}]}}]": false,
		"version: 2\ncases: [{name: n, event: e, expect: {launches: 0}}]":               false,
	} {
		if err := check(t, s, source); (err == nil) != ok {
			t.Errorf("%s\ngot %v, want accepted: %t", source, err, ok)
		}
		if _, findings := mappingtest.Read("a"+mappingtest.Suffix, []byte(source)); (len(findings) == 0) != ok {
			t.Errorf("%s\nmappingtest finds %v, want none: %t", source, findings, ok)
		}
	}
}
