package mappingtest

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
)

// The examples of docs/testing.md are test files.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/testing.md")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, fence := range strings.Split(string(page), "```yaml\n")[1:] {
		text, _, _ := strings.Cut(fence, "```")
		if !strings.HasPrefix(text, "version: 1") {
			continue
		}
		n++
		if _, findings := Read("docs_test.yaml", []byte(text)); len(findings) > 0 {
			t.Errorf("%s\n%s", text, findings.Text([]byte(text)))
		}
	}
	if n == 0 {
		t.Error("no examples in docs/testing.md")
	}
}

func TestCompare(t *testing.T) {
	for _, tt := range []struct {
		name, want, got string
		differ          []string // the paths that differ in part; and in whole
		whole           []string
	}{
		{"the same", `{"a":[1,"b",null]}`, `{"a":[1,"b",null]}`, nil, nil},
		{"a member more", `{"a":1}`, `{"a":1,"b":2}`, nil, []string{"b"}},
		{"a member less", `{"a":1,"b":2}`, `{"a":1}`, []string{"b"}, []string{"b"}},
		{"null wants nothing", `{"a":null}`, `{}`, nil, nil},
		{"null is not a value", `{"a":null}`, `{"a":1}`, []string{"a"}, []string{"a"}},
		{"another type", `{"a":"1"}`, `{"a":1}`, []string{"a"}, []string{"a"}},
		{"numbers by value", `{"a":1.0,"b":9007199254740993}`, `{"a":1,"b":9007199254740993}`, nil, nil},
		{"neighbours beyond 53 bits", `{"a":9007199254740993}`, `{"a":9007199254740992}`, []string{"a"}, []string{"a"}},
		{"lists of other lengths", `{"a":[1]}`, `{"a":[1,2]}`, []string{"a[1]"}, []string{"a[1]"}},
		{"pairs as a map", `{"environment":{"A":"1"}}`, `{"environment":[{"name":"A","value":"1"},{"name":"B","value":"2"}]}`, nil, []string{"environment.B"}},
		{"tags as a map", `{"tags":{"A":"2"}}`, `{"tags":[{"key":"A","value":"1"}]}`, []string{"tags.A"}, []string{"tags.A"}},
		{"an object for a list", `{"a":{"b":1}}`, `{"a":[1]}`, []string{"a"}, []string{"a"}},
		{"in depth", `{"a":{"b":[{"c":1}]}}`, `{"a":{"b":[{"c":2,"d":3}]}}`, []string{"a.b[0].c"}, []string{"a.b[0].c", "a.b[0].d"}},
	} {
		for partial, want := range map[bool][]string{true: tt.differ, false: tt.whole} {
			c := comparer{partial: partial}
			c.compareJSON("", []byte(tt.want), []byte(tt.got))
			var got []string
			for _, d := range c.out {
				got = append(got, d.Path)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s, partial %t: got %q, want %q", tt.name, partial, got, want)
			}
		}
	}
}

// TestPatch has the examples of RFC 7396, appendix A.
func TestPatch(t *testing.T) {
	for _, tt := range []struct{ base, over, want string }{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`["a","b"]`, `["c","d"]`, `["c","d"]`},
		{`{"a":"b"}`, `["c"]`, `["c"]`},
		{`{"e":null}`, `{"a":1}`, `{"e":null,"a":1}`},
		{`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	} {
		base, err := decode([]byte(tt.base))
		if err != nil {
			t.Fatal(err)
		}
		over, err := decode([]byte(tt.over))
		if err != nil {
			t.Fatal(err)
		}
		want, err := decode([]byte(tt.want))
		if err != nil {
			t.Fatal(err)
		}
		if got := patch(base, over); !reflect.DeepEqual(got, want) {
			t.Errorf("%s over %s: got %s, want %s", tt.over, tt.base, text(got), tt.want)
		}
	}
}

func TestLeaves(t *testing.T) {
	const match = `{"source":["a"],"detail":{"b":{"c":[1]},"$or":[{"d":[2]},{"e":{"f":[3]}}]}}`
	var got []string
	for _, path := range leaves(json.RawMessage(match)) {
		got = append(got, strings.Join(path, "."))
	}
	want := []string{"source", "detail.b.c", "detail.$or.0.d", "detail.$or.1.e.f"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzRead: a test file gives a suite or findings, never both, and every finding
// has its place in the file.
func FuzzRead(f *testing.F) {
	for _, file := range []string{"../../taskbridge_test.yaml", "../cli/scaffold/s3/taskbridge_test.yaml", "../cli/scaffold/custom/taskbridge_test.yaml"} {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("cases: [{name: a, event: {source: x}, expect: {launches: [{rule: a, element: 1, request: {}}], because: when}}]"))
	f.Fuzz(func(t *testing.T, source []byte) {
		s, findings := Read("a_test.yaml", source)
		if (s == nil) != (len(findings) > 0) {
			t.Fatalf("a suite: %t, findings: %v", s != nil, findings)
		}
		lines := strings.Count(string(source), "\n") + 1
		for _, found := range findings {
			if found.Pos.Line > lines {
				t.Errorf("%s in a file of %d lines", found, lines)
			}
		}
	})
}
