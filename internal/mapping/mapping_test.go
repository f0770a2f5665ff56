package mapping_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/taskbridge/taskbridge/internal/event"
	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/mapping/compile"
	"github.com/taskbridge/taskbridge/internal/task"
)

// source is a mapping of one rule whose task has the given fields besides
// taskDefinition.
func source(fields ...string) string {
	return "version: 1\nrules:\n  - name: convert\n    match: {source: [com.example]}\n    task:\n      taskDefinition: convert\n      " +
		strings.Join(fields, "\n      ") + "\n"
}

// variable is a field that sets the environment variable V.
func variable(value string) string {
	return `overrides: {containerOverrides: [{name: main, environment: {V: '` + value + `'}}]}`
}

func compiled(tb testing.TB, source string) *mapping.Plan {
	tb.Helper()
	plan, findings := compile.Compile("taskbridge.yaml", []byte(source))
	if len(findings) > 0 {
		tb.Fatalf("the mapping does not compile:\n%s", findings.Text([]byte(source)))
	}
	return plan
}

func planFile(tb testing.TB, source string) []byte {
	tb.Helper()
	file, err := compiled(tb, source).Marshal()
	if err != nil {
		tb.Fatal(err)
	}
	return file
}

func noEnv(string) (string, bool) { return "", false }

func bound(tb testing.TB, source string) *mapping.Mapping {
	tb.Helper()
	m, err := mapping.Load(bytes.NewReader(planFile(tb, source)), noEnv)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func eventOf(detail string) event.Event {
	return event.Event{JSON: []byte(`{"id":"1","source":"com.example","detail-type":"T","detail":` + detail + `}`)}
}

// match is the only launch of the only rule that an event is for.
func match(tb testing.TB, m *mapping.Mapping, detail string) mapping.Launch {
	tb.Helper()
	matches, err := m.Match(eventOf(detail))
	if err != nil || len(matches) != 1 || len(matches[0].Launches) != 1 {
		tb.Fatalf("%s: got %v, %v; want one launch", detail, matches, err)
	}
	return matches[0].Launches[0]
}

// value is the variable V of the request that an event makes.
func value(tb testing.TB, m *mapping.Mapping, detail string) string {
	tb.Helper()
	got := match(tb, m, detail)
	if got.Err != nil {
		tb.Fatalf("%s: %v", detail, got.Err)
	}
	return *got.Request.Overrides.ContainerOverrides[0].Environment[0].Value
}

func quoted(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func TestReadPlanRefuses(t *testing.T) {
	file := string(planFile(t, source(variable("${event.detail.v}"))))
	tests := []struct{ name, file, want string }{
		{"empty", "", "damaged"},
		{"null", "null", "not a Taskbridge plan"},
		{"list", "[]", "not a Taskbridge plan"},
		{"other format", strings.Replace(file, "taskbridge.plan", "other.plan", 1), "not a Taskbridge plan"},
		{"newer version", strings.Replace(file, `"version":2`, `"version":3`, 1), "is version 3, this build reads version 2"},
		{"no version", strings.Replace(file, `"version":2,`, ``, 1), "is version 0"},
		{"altered", strings.Replace(file, `"convert"`, `"konvert"`, 1), "checksum"},
		{"two plans", file + file, "damaged"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := mapping.ReadPlan([]byte(tt.file))
			if p != nil || !errors.Is(err, mapping.ErrPlan) {
				t.Fatalf("got %v, %v; want an error of kind ErrPlan", p, err)
			}
			for _, word := range []string{tt.want, "taskbridge compile taskbridge.yaml -o taskbridge.plan.json"} {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("got %q, want %q in it", err, word)
				}
			}
		})
	}
}

func TestReadPlanDamaged(t *testing.T) {
	file := planFile(t, source(variable("${event.detail.v}")))
	// The last byte is the newline.
	for n := range len(file) - 1 {
		if p, err := mapping.ReadPlan(file[:n]); err == nil {
			t.Fatalf("cut off after %d bytes: got %+v", n, p)
		}
	}
	for i := range file {
		for bit := range 8 {
			damaged := bytes.Clone(file)
			damaged[i] ^= 1 << bit
			p, err := mapping.ReadPlan(damaged)
			if err == nil {
				if again, err := p.Marshal(); err != nil || !bytes.Equal(again, file) {
					t.Fatalf("bit %d of byte %d flipped: got another plan %s, %v", bit, i, again, err)
				}
			}
			// The function finds it at start, or when the rule matches.
			if m, err := mapping.Load(bytes.NewReader(damaged), noEnv); err != nil {
				if !errors.Is(err, mapping.ErrPlan) {
					t.Fatalf("bit %d of byte %d flipped: Load: got %v, want kind ErrPlan", bit, i, err)
				}
			} else if got := match(t, m, `{"v":"a"}`); !errors.Is(got.Err, mapping.ErrPlan) {
				t.Fatalf("bit %d of byte %d flipped: got %v", bit, i, got.Err)
			}
			if err != nil && !errors.Is(err, mapping.ErrPlan) {
				t.Fatalf("bit %d of byte %d flipped: got %v, want kind ErrPlan", bit, i, err)
			}
		}
	}
}

// failing is a file that cannot be read from an offset on.
type failing struct {
	io.ReaderAt
	from int64
}

var errDisk = errors.New("the disk is gone")

func (f *failing) ReadAt(p []byte, at int64) (int, error) {
	if at+int64(len(p)) > f.from {
		return 0, errDisk
	}
	return f.ReaderAt.ReadAt(p, at)
}

// A file that cannot be read is no plan, at start or when a rule is needed.
func TestLoadUnreadable(t *testing.T) {
	text := planFile(t, source(variable("${event.detail.v}")))
	file := &failing{bytes.NewReader(text), 0}
	if m, err := mapping.Load(file, noEnv); !errors.Is(err, errDisk) || !errors.Is(err, mapping.ErrPlan) {
		t.Errorf("at start: got %v, %v", m, err)
	}
	file.from = math.MaxInt64
	m, err := mapping.Load(file, noEnv)
	if err != nil {
		t.Fatal(err)
	}
	file.from = int64(len(text)) - 1
	if got := match(t, m, `{"v":"a"}`); !errors.Is(got.Err, errDisk) || !errors.Is(got.Err, mapping.ErrPlan) {
		t.Errorf("when it matches: got %v", got.Err)
	}
	file.from = math.MaxInt64
	if got := match(t, m, `{"v":"a"}`); got.Err != nil {
		t.Errorf("when it is there again: got %v", got.Err)
	}
}

// Sizes in the head that do not fit the lines are found at start.
func TestLoadSizes(t *testing.T) {
	_, rest, _ := strings.Cut(string(planFile(t, source(variable("${event.detail.v}")))), "\n")
	sizes := regexp.MustCompile(`\["convert",false,(\d+),(\d+),`).FindStringSubmatch(rest)
	if sizes == nil {
		t.Fatalf("no sizes in %s", rest)
	}
	pattern, _ := strconv.Atoi(sizes[1])
	rule, _ := strconv.Atoi(sizes[2])
	for _, wrong := range [][2]int{
		{pattern + 1, rule - 1}, {pattern - 1, rule + 1}, {pattern, rule + 1}, {pattern, rule - 1}, {0, rule}, {-1, rule}, {pattern, -1},
		{math.MaxInt32, rule}, {math.MaxInt, rule}, {pattern, math.MaxInt}, {pattern + 1 + rule, 0},
	} {
		file := sealed([]byte(strings.Replace(rest, sizes[0], fmt.Sprintf(`["convert",false,%d,%d,`, wrong[0], wrong[1]), 1)))
		if _, err := mapping.Load(bytes.NewReader(file), noEnv); !errors.Is(err, mapping.ErrPlan) {
			t.Errorf("%v for %d and %d: got %v", wrong, pattern, rule, err)
		}
		if _, err := mapping.ReadPlan(file); !errors.Is(err, mapping.ErrPlan) {
			t.Errorf("%v for %d and %d: ReadPlan: got %v", wrong, pattern, rule, err)
		}
	}
}

// sealed is a plan of one rule whose checksums and sizes fit what follows its first
// line.
func sealed(rest []byte) []byte {
	lines := append(bytes.SplitAfterN(rest, []byte("\n"), 3), nil, nil)
	head, end := bytes.CutSuffix(lines[0], []byte("\n"))
	head = sumOfRule.ReplaceAll(head, fmt.Appendf(nil, "%d]]}", crc32.ChecksumIEEE(lines[2])))
	start := bytes.Clone(head)
	if end {
		start = append(start, '\n')
	}
	start = append(start, lines[1]...)
	return fmt.Appendf(nil, "{\"format\":\"taskbridge.plan\",\"version\":%d,\"crc32\":\"%08x\",\"head\":%d,\"patterns\":%d}\n%s%s",
		mapping.PlanVersion, crc32.ChecksumIEEE(start), len(head), len(lines[1]), start, lines[2])
}

var sumOfRule = regexp.MustCompile(`\d+]]}$`)

// FuzzReadPlan gives any bytes as a file, and as the rest of a file whose checksum
// fits: neither may panic, when it is bound and used either.
func FuzzReadPlan(f *testing.F) {
	plan := compiled(f, source(variable("${event.detail.v}"), "count: ${event.detail.n}", "cluster: ${env.CLUSTER}"))
	plan.Rules[0].When, plan.Rules[0].Key = expression(f, "event.detail.n > 0"), expression(f, "event.detail.v")
	plan.Rules[0].ForEach = expression(f, "[1, 2]")
	file, err := plan.Marshal()
	if err != nil {
		f.Fatal(err)
	}
	_, rest, _ := bytes.Cut(file, []byte("\n"))
	if !bytes.Equal(sealed(rest), file) {
		f.Fatalf("got\n%s\nwant\n%s", sealed(rest), file)
	}
	f.Add(file)
	f.Add(rest)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 64<<10 {
			return
		}
		for _, file := range [][]byte{data, sealed(data)} {
			if p, err := mapping.ReadPlan(file); err == nil {
				use(p.Bind(someEnv))
			}
			use(mapping.Load(bytes.NewReader(file), someEnv))
		}
	})
}

// FuzzBind gives any plan that can be written: what is read again binds the same
// way, at once or when it is used, and neither panics.
func FuzzBind(f *testing.F) {
	for _, task := range []string{`{}`, `{"v":null}`, `{"v":[]}`, `{"v":{"count":1}}`, `{"e":{}}`, `{"e":["rule"]}`, `{"l":[{}]}`, `{"o":[{"k":"","t":{}}]}`,
		`{"o":[{"k":"overrides","t":{"e":["string",null]}},{"k":"count","t":{"l":[]}},{"k":"tags","t":{"e":["event"]}}]}`,
		`{"o":[{"k":"cluster","t":{"e":["env","CLUSTER"]}},{"k":"group","t":{"e":["all","x",["event","detail","l"],["var",0,"x"]]}}]}`,
	} {
		f.Add([]byte(`{"rules":[{"name":"r","match":{"source":["com.example"]},"task":` + task + `}]}`))
	}
	f.Add([]byte(`{"accept":["sqs"],"rules":[{"name":"r","schedule":{"expression":"rate(1 day)"},"when":{"e":true},"key":{"v":"k"},"task":{"v":{}}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p := &mapping.Plan{}
		if len(data) > 64<<10 || json.Unmarshal(data, p) != nil {
			return
		}
		file, err := p.Marshal()
		if err != nil {
			return
		}
		again, err := mapping.ReadPlan(file)
		if err != nil {
			return // a member twice, a rule without a name, …
		}
		atOnce, err := again.Bind(someEnv)
		later, laterErr := mapping.Load(bytes.NewReader(file), someEnv)
		if err != nil {
			use(later, laterErr)
			return
		}
		if laterErr != nil {
			t.Fatalf("binds at once, but when it is loaded: %v\n%s", laterErr, file)
		}
		a, b := use(atOnce, nil), use(later, nil)
		if a != b {
			t.Fatalf("got\n%s\nwhen bound at once, when loaded\n%s\n%s", a, b, file)
		}
	})
}

func someEnv(name string) (string, bool) { return "value", name == "CLUSTER" }

// use matches an event and writes down what comes of it.
func use(m *mapping.Mapping, err error) string {
	if err != nil {
		return ""
	}
	matches, err := m.Match(eventOf(`{"v":"a","n":1,"l":[true]}`))
	text := fmt.Sprint(err)
	for _, match := range matches {
		text += fmt.Sprintf("\n%s %s", match.Rule, match.Skipped)
		for i := range match.Launches {
			l := &match.Launches[i]
			request, _ := json.Marshal(&l.Request)
			text += fmt.Sprintf("\n  %s %s %v", request, l.Key, l.Err)
		}
	}
	return text
}

func TestRenderTyped(t *testing.T) {
	tests := []struct{ field, detail, want string }{
		{`count: ${event.detail.v}`, `{"v":3}`, `"count":3`},
		{`enableECSManagedTags: ${event.detail.v}`, `{"v":true}`, `"enableECSManagedTags":true`},
		{`group: ${event.detail.v}`, `{"v":"3"}`, `"group":"3"`},
		{`group: "n-${event.detail.v}"`, `{"v":3}`, `"group":"n-3"`},
		{`group: ${string(event.detail.v)}`, `{"v":3}`, `"group":"3"`},
		{`overrides: {containerOverrides: [{name: main, command: "${event.detail.v}"}]}`, `{"v":["a","","${rule}"]}`, `"command":["a","","${rule}"]`},
		{`overrides: {containerOverrides: [{name: main, command: [a, "${event.detail.v}"]}]}`, `{"v":""}`, `"command":["a",""]`},
		{variable(`${event.detail.v}`), `{"v":""}`, `"value":""`},
		{variable(`${string(event.detail.v)}`), `{"v":9007199254740993}`, `"value":"9007199254740993"`},
		{variable(`${string(event.detail.v)}`), `{"v":-9223372036854775808}`, `"value":"-9223372036854775808"`},
		{variable(`${string(event.detail.v)}`), `{"v":false}`, `"value":"false"`},
	}
	for _, tt := range tests {
		t.Run(tt.field+" "+tt.detail, func(t *testing.T) {
			got := match(t, bound(t, source(tt.field)), tt.detail)
			if got.Err != nil {
				t.Fatal(got.Err)
			}
			text, err := json.Marshal(&got.Request)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), tt.want) {
				t.Errorf("got %s, want %s in it", text, tt.want)
			}
		})
	}
}

func TestRenderErrors(t *testing.T) {
	const env = "overrides.containerOverrides[0].environment[0].value"
	tests := []struct{ field, detail, path, pos, want string }{
		{`count: ${event.detail.v}`, `{"v":"marker"}`, "count", "7:16", "expected an int, got string"},
		{`count: ${event.detail.v}`, `{"v":1.5}`, "count", "7:16", "expected an int, got double"},
		{`count: ${event.detail.v}`, `{"v":2147483648}`, "count", "7:16", "32 bits"},
		{`count: ${event.detail.v}`, `{}`, "count", "7:16", "event.detail.v: no such field"},
		{`enableECSManagedTags: ${event.detail.v}`, `{"v":"true"}`, "enableECSManagedTags", "", "expected a bool, got string"},
		{`group: ${event.detail.v}`, `{"v":3}`, "group", "", "expected a string, got int: write string(…)"},
		{`group: ${event.detail.v}`, `{"v":null}`, "group", "", "expected a string, got null"},
		{`group: ${event.detail.v}`, `{"v":["marker"]}`, "group", "", "expected a string, got list"},
		{`group: ${event.detail.v}`, `{"v":""}`, "group", "", "the value is empty"},
		{variable(`${event.detail.v}`), `{"v":3}`, env, "", "expected a string, got int"},
		{`overrides: {containerOverrides: [{name: main, command: "${event.detail.v}"}]}`, `{"v":["a",2]}`, "overrides.containerOverrides[0].command", "", "element 1: expected a string, got int"},
		{`overrides: {containerOverrides: [{name: main, command: "${event.detail.v}"}]}`, `{"v":"marker"}`, "overrides.containerOverrides[0].command", "", "expected a list, got string"},
	}
	for _, tt := range tests {
		t.Run(tt.field+" "+tt.detail, func(t *testing.T) {
			got := match(t, bound(t, source(tt.field)), tt.detail)
			var e *mapping.RenderError
			if !errors.As(got.Err, &e) || got.Request.TaskDefinition != "" {
				t.Fatalf("got %+v, want a RenderError and no request", got)
			}
			if e.Rule != "convert" || e.Field != tt.path || e.Source != "event.detail.v" || e.Class() != "permanent" {
				t.Errorf("got %+v, want field %s", e, tt.path)
			}
			if tt.pos != "" && e.Pos != tt.pos || !strings.HasPrefix(e.Pos, "7:") {
				t.Errorf("got position %q, want %q", e.Pos, tt.pos)
			}
			for _, word := range []string{`rule "convert"`, tt.path, "line " + e.Pos, "${event.detail.v}", tt.want} {
				if !strings.Contains(e.Error(), word) {
					t.Errorf("got %q, want %q in it", e, word)
				}
			}
			for _, secret := range []string{"marker", "2147483648"} {
				if strings.Contains(e.Error(), secret) {
					t.Errorf("%q holds a value of the event", e)
				}
			}
		})
	}
}

func TestRenderReportsAll(t *testing.T) {
	m := bound(t, source(`count: ${event.detail.a}`, `group: ${event.detail.b}`))
	err := match(t, m, `{}`).Err
	if err == nil || !strings.Contains(err.Error(), "count") || !strings.Contains(err.Error(), "group") {
		t.Errorf("got %v, want both fields", err)
	}
}

var hostile = []string{"${event.id}", "${rule}", "$1", "$$", "${", "}", `"quoted"`, `\`, `\u0041`, "two\nlines", "\ttab", "{{.}}", "é…𝄞", "%s", "$(id)", ""}

func TestValuesAreNotExpanded(t *testing.T) {
	plain, text := bound(t, source(variable("${event.detail.v}"))), bound(t, source(variable(`<${event.detail.v}|${event.detail.v}>`)))
	for _, v := range hostile {
		detail := `{"v":` + quoted(v) + `}`
		if got := value(t, plain, detail); got != v {
			t.Errorf("got %q, want %q", got, v)
		}
		if got, want := value(t, text, detail), "<"+v+"|"+v+">"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestEnvIsNotExpanded(t *testing.T) {
	for _, v := range hostile {
		m, err := mapping.Load(bytes.NewReader(planFile(t, source(variable("${env.A}")))), func(string) (string, bool) { return v, true })
		if err != nil {
			t.Fatal(err)
		}
		if got := value(t, m, `{}`); got != v {
			t.Errorf("got %q, want %q", got, v)
		}
	}
}

func TestUnsetEnv(t *testing.T) {
	m, err := mapping.Load(bytes.NewReader(planFile(t, source("cluster: ${env.ONE}", `group: "${env.TWO}-${env.THREE}"`, variable(`${env[?"FOUR"].orValue("4")}`)))), noEnv)
	if m != nil || !errors.Is(err, expr.ErrEnv) || errors.Is(err, mapping.ErrPlan) {
		t.Fatalf("got %v, %v; want an error of kind ErrEnv", m, err)
	}
	for _, word := range []string{"ONE", "TWO", "THREE", `"convert"`, "cluster", "group"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("got %q, want %q in it", err, word)
		}
	}
	if strings.Contains(err.Error(), "FOUR") {
		t.Errorf("%q names a variable that need not be set", err)
	}
}

// An empty variable for a field of its own would silently be left out.
func TestEmptyEnv(t *testing.T) {
	_, err := mapping.Load(bytes.NewReader(planFile(t, source("cluster: ${env.ONE}"))), func(string) (string, bool) { return "", true })
	if err == nil || !strings.Contains(err.Error(), "cluster") || !strings.Contains(err.Error(), "empty") {
		t.Errorf("got %v", err)
	}
}

func TestMatchIsSafeForConcurrentUse(t *testing.T) {
	m := bound(t, source(variable("${event.detail.v}"), "tags: {fixed: value}"))
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 200 {
				want := fmt.Sprintf("%d-%d", g, i)
				matches, err := m.Match(eventOf(`{"v":` + quoted(want) + `}`))
				if err != nil || len(matches) != 1 || matches[0].Launches[0].Err != nil {
					t.Errorf("%s: got %v, %v", want, matches, err)
					return
				}
				if got := *matches[0].Launches[0].Request.Overrides.ContainerOverrides[0].Environment[0].Value; got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			}
		})
	}
	wg.Wait()
}

// What differs between two events is not in memory that both requests share.
func TestRequestsShareNothingThatDiffers(t *testing.T) {
	m := bound(t, source("count: ${event.detail.n}", `tags: {a: fixed, b: "${event.detail.v}"}`,
		`overrides: {containerOverrides: [{name: main, command: [x, "${event.detail.v}"], environment: {V: "${event.detail.v}"}}]}`))
	request := func(detail string) *task.Request {
		got := match(t, m, detail)
		if got.Err != nil {
			t.Fatal(got.Err)
		}
		return &got.Request
	}
	first := request(`{"n":1,"v":"one"}`)
	before, err := json.Marshal(first)
	if err != nil {
		t.Fatal(err)
	}
	second := request(`{"n":2,"v":"two"}`)
	after, err := json.Marshal(first)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Errorf("the second event changed the first request:\ngot  %s\nwant %s", after, before)
	}
	a, b := first.Overrides.ContainerOverrides, second.Overrides.ContainerOverrides
	if first.Count == second.Count || first.Overrides == second.Overrides || &a[0] == &b[0] || &first.Tags[0] == &second.Tags[0] ||
		&a[0].Command[0] == &b[0].Command[0] || a[0].Environment[0].Value == b[0].Environment[0].Value {
		t.Error("the requests share a part that differs")
	}
}

// The event's bytes may change after the match: nothing of the request is in them.
func TestRequestDoesNotAliasTheEvent(t *testing.T) {
	m := bound(t, source(variable("${event.detail.v}")))
	e := eventOf(`{"v":"before"}`)
	matches, err := m.Match(e)
	if err != nil {
		t.Fatal(err)
	}
	clear(e.JSON)
	if got := *matches[0].Launches[0].Request.Overrides.ContainerOverrides[0].Environment[0].Value; got != "before" {
		t.Errorf("got %q", got)
	}
}

func TestUnknownRule(t *testing.T) {
	e := eventOf(`{}`)
	e.Rule = strings.Repeat("x", 1000)
	_, err := bound(t, source()).Match(e)
	if !errors.Is(err, mapping.ErrUnknownRule) || !strings.Contains(err.Error(), "convert") || len(err.Error()) > 300 {
		t.Errorf("got %v", err)
	}
}
