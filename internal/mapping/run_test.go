package mapping_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/event"
	"github.com/taskbridge/taskbridge/internal/expr/lower"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/task"
)

// expression is a template of one expression.
func expression(tb testing.TB, source string) *mapping.Template {
	tb.Helper()
	result, errs := lower.Compile(source, lower.Scope{Each: true})
	if len(errs) > 0 {
		tb.Fatalf("%s: %v", source, errs[0])
	}
	return &mapping.Template{Expr: result.Node, Source: source, Pos: "9:7"}
}

// changed is a mapping whose only rule is changed.
func changed(tb testing.TB, source string, change func(*mapping.Rule)) *mapping.Mapping {
	tb.Helper()
	plan := compiled(tb, source)
	change(&plan.Rules[0])
	file, err := plan.Marshal()
	if err != nil {
		tb.Fatal(err)
	}
	m, err := mapping.Load(bytes.NewReader(file), noEnv)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// only is what the only rule makes of an event.
func only(tb testing.TB, m *mapping.Mapping, e event.Event) mapping.Match {
	tb.Helper()
	matches, err := m.Match(e)
	if err != nil || len(matches) != 1 {
		tb.Fatalf("%s: got %v, %v; want one match", e.JSON, matches, err)
	}
	return matches[0]
}

func TestWhen(t *testing.T) {
	m := changed(t, source(), func(r *mapping.Rule) { r.When = expression(t, `event.detail.n > 1`) })
	if got := only(t, m, eventOf(`{"n":2}`)); got.Skipped != "" || len(got.Launches) != 1 || got.Launches[0].Err != nil {
		t.Errorf("true: got %+v", got)
	}
	if got := only(t, m, eventOf(`{"n":1}`)); got.Skipped != mapping.SkipWhen || got.Launches != nil {
		t.Errorf("false: got %+v", got)
	}
	for detail, want := range map[string]string{`{}`: "event.detail.n: no such field", `{"n":"marker"}`: "> does not take (event.detail.n: string, int)"} {
		got := only(t, m, eventOf(detail))
		var e *mapping.RenderError
		if got.Skipped != "" || len(got.Launches) != 1 || !errors.As(got.Launches[0].Err, &e) {
			t.Fatalf("%s: got %+v, want one launch that fails", detail, got)
		}
		if e.Field != "when" || e.Pos != "9:7" || e.Source != "event.detail.n > 1" || e.Class() != "permanent" || !strings.Contains(e.Error(), want) {
			t.Errorf("%s: got %v, want %s", detail, e, want)
		}
	}
	m = changed(t, source(), func(r *mapping.Rule) { r.When = expression(t, `event.detail.n`) })
	if got := only(t, m, eventOf(`{"n":1}`)); got.Launches == nil || !strings.Contains(got.Launches[0].Err.Error(), "when (line 9:7, ${event.detail.n}): expected a bool, got int") {
		t.Errorf("got %+v", got)
	}
}

func TestForEach(t *testing.T) {
	m := changed(t, source(), func(r *mapping.Rule) {
		r.ForEach = expression(t, `event.detail.shards`)
		r.Task.Value = nil
		r.Task.Fields = []mapping.Field{
			{Name: "taskDefinition", Value: mapping.Template{Value: json.RawMessage(`"t"`)}},
			{Name: "group", Value: *expression(t, `item.id + "-" + string(index)`)},
		}
	})
	got := only(t, m, eventOf(`{"shards":[{"id":"a"},{},{"id":"c"}]}`))
	if got.Skipped != "" || len(got.Launches) != 3 {
		t.Fatalf("got %+v, want three launches", got)
	}
	for i, want := range []string{"a-0", "", "c-2"} {
		l := got.Launches[i]
		if l.Element != i || l.Request.Group != want || (want == "") != (l.Err != nil) {
			t.Errorf("%d: got %+v, want group %q", i, l, want)
		}
	}
	if a, c := got.Launches[0], got.Launches[2]; a.Key != c.Key || a.Request.StartedBy != c.Request.StartedBy {
		t.Error("launches of one event differ in more than their element")
	}
	if err := got.Launches[1].Err; err == nil || !strings.Contains(err.Error(), "item.id: no such field") {
		t.Errorf("got %v", err)
	}
	if got := only(t, m, eventOf(`{"shards":[]}`)); got.Skipped != mapping.SkipEmpty || got.Launches != nil {
		t.Errorf("empty: got %+v", got)
	}
	many := `{"shards":[` + strings.TrimSuffix(strings.Repeat(`{"id":"a"},`, mapping.MaxElements+1), ",") + `]}`
	for detail, want := range map[string]string{
		many:                    "the list has 1001 elements, and one event may make 1000 launches",
		`{"shards":"marker"}`:   "forEach (line 9:7, ${event.detail.shards}): expected a list, got string",
		`{"shards":{"a":1}}`:    "expected a list, got map",
		`{}`:                    "event.detail.shards: no such field",
		`{"shards":null,"a":1}`: "expected a list, got null",
	} {
		got := only(t, m, eventOf(detail))
		if len(got.Launches) != 1 || got.Launches[0].Err == nil || !strings.Contains(got.Launches[0].Err.Error(), want) {
			t.Errorf("%.40s: got %.200v, want %s", detail, got.Launches, want)
		}
	}
	if got := only(t, m, eventOf(strings.Replace(many, `{"id":"a"},`, ``, 1))); len(got.Launches) != mapping.MaxElements {
		t.Errorf("got %d launches, want %d", len(got.Launches), mapping.MaxElements)
	}
}

func TestKey(t *testing.T) {
	key := func(source string) *mapping.Mapping {
		return changed(t, `version: 1
rules: [{name: convert, match: {source: [com.example]}, task: {taskDefinition: convert}}]
`, func(r *mapping.Rule) {
			if source != "" {
				r.Key = expression(t, source)
			}
		})
	}
	e := eventOf(`{"id":"i-1","n":5}`)
	if got := only(t, key(""), e).Launches[0]; got.Key != e.Identity() || got.Key == "" {
		t.Errorf("default: got %q, want %q", got.Key, e.Identity())
	}
	if got := only(t, key("event.detail.id"), e).Launches[0]; got.Key != "i-1" || got.Request.StartedBy != task.StartedBy("convert", "i-1") {
		t.Errorf("got %+v", got)
	}
	for source, want := range map[string]string{
		"event.detail.n":  "idempotency.key (line 9:7, ${event.detail.n}): expected a string, got int",
		"event.detail.no": "no such field",
		`""`:              "the key is empty",
	} {
		got := only(t, key(source), e).Launches[0]
		if got.Err == nil || !strings.Contains(got.Err.Error(), want) || got.Request.TaskDefinition != "" {
			t.Errorf("%s: got %+v, want %s", source, got, want)
		}
	}
}

func TestAllow(t *testing.T) {
	m := changed(t, source(), func(r *mapping.Rule) {
		r.Task = mapping.Template{Fields: []mapping.Field{
			{Name: "taskDefinition", Value: *expression(t, `event.detail.td`)},
			{Name: "capacityProviderStrategy", Value: mapping.Template{Items: []mapping.Template{
				{Fields: []mapping.Field{{Name: "capacityProvider", Value: *expression(t, `event.detail.cp`)}}},
				{Value: json.RawMessage(`{"capacityProvider":"mine","weight":1}`)},
			}}},
		}}
		r.Allow = map[string][]string{"taskDefinition": {"small", "large"}, "capacityProvider": {"other"}}
	})
	if got := only(t, m, eventOf(`{"td":"large","cp":"other"}`)).Launches[0]; got.Err != nil || got.Request.TaskDefinition != "large" {
		t.Errorf("got %+v", got)
	}
	got := only(t, m, eventOf(`{"td":"marker","cp":"marker"}`)).Launches[0]
	if got.Err == nil {
		t.Fatal("a value that is not allowed passes")
	}
	for _, want := range []string{
		`rule "convert": taskDefinition (line 9:7, ${event.detail.td}): the event chooses a value that is not allowed; allowed are small, large`,
		`capacityProviderStrategy[0].capacityProvider`, `allowed are other`,
	} {
		if !strings.Contains(got.Err.Error(), want) {
			t.Errorf("got %v, want %q in it", got.Err, want)
		}
	}
	if strings.Contains(got.Err.Error(), "marker") {
		t.Errorf("%v holds a value of the event", got.Err)
	}
}

func TestSchedule(t *testing.T) {
	m := changed(t, source(), func(r *mapping.Rule) { r.Match, r.Schedule = nil, &mapping.Schedule{Expression: "rate(1 day)"} })
	matches, err := m.Match(eventOf(`{}`))
	if err != nil || len(matches) != 0 {
		t.Errorf("a plain event: got %v, %v; want no match", matches, err)
	}
	e := eventOf(`{"attempt":"1"}`)
	e.Rule = "convert"
	if got := only(t, m, e); len(got.Launches) != 1 || got.Launches[0].Err != nil || got.Launches[0].Request.TaskDefinition != "convert" {
		t.Errorf("got %+v", got)
	}
}

func TestDisabled(t *testing.T) {
	m := changed(t, source("cluster: ${env.UNSET}"), func(r *mapping.Rule) { r.Disabled = true })
	e := eventOf(`{}`)
	for _, e.Rule = range []string{"", "convert"} {
		if got := only(t, m, e); got.Skipped != mapping.SkipDisabled || got.Launches != nil {
			t.Errorf("got %+v", got)
		}
	}
}

func TestProvenance(t *testing.T) {
	keys := func(m *mapping.Mapping) string {
		var keys []string
		for _, tag := range only(t, m, eventOf(`{}`)).Launches[0].Request.Tags {
			keys = append(keys, tag.Key)
		}
		return strings.Join(keys, " ")
	}
	for want, m := range map[string]*mapping.Mapping{
		"":                                   bound(t, source()),
		"a taskbridge:rule taskbridge:event": bound(t, source("tags: {a: b}")),
		"a":                                  changed(t, source("tags: {a: b}"), func(r *mapping.Rule) { r.Untagged = true }),
	} {
		if got := keys(m); got != want {
			t.Errorf("got tags %q, want %q", got, want)
		}
	}
	if got := only(t, bound(t, source("startedBy: me")), eventOf(`{}`)).Launches[0].Request.StartedBy; got != "me" {
		t.Errorf("got startedBy %q", got)
	}
}

// A retry that differed in a byte would be a conflict.
func TestSameEventSameLaunches(t *testing.T) {
	text := source(`tags: {t: "${json(event.detail)}"}`, variable(`${json(event.detail.list)}`))
	change := func(r *mapping.Rule) {
		r.ForEach, r.Key = expression(t, `event.detail.list`), expression(t, `json(event.detail)`)
	}
	var first []byte
	for range 20 {
		got, err := json.Marshal(only(t, changed(t, text, change), eventOf(`{"list":[1,{"b":2,"a":1}],"x":{"z":1,"y":2}}`)))
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = got
		}
		if !bytes.Equal(first, got) {
			t.Fatalf("got\n%s\nand\n%s", first, got)
		}
	}
}

func TestExplain(t *testing.T) {
	m := changed(t, source(variable("${event.detail.v}"), "group: ${event.detail.none}"), func(r *mapping.Rule) {
		r.When = expression(t, `event.detail.n > 1 && event.detail.list.exists(x, x == 2) && event.detail.v.startsWith("a")`)
		r.ForEach = expression(t, `event.detail.list`)
		r.Key = expression(t, `event.detail.v + string(index)`)
	})
	var trace mapping.Trace
	e := eventOf(`{"v":"a\"b","n":2,"list":[1,2]}`)
	matches, err := m.Explain(e, &trace)
	if err != nil || len(matches) != 1 || len(trace.Rules) != 1 || len(trace.Rules[0].Launches) != 2 {
		t.Fatalf("got %v, %v, %+v", matches, err, trace)
	}
	r := trace.Rules[0]
	var parts []string
	for _, p := range r.When.Parts {
		parts = append(parts, p.Source+" = "+p.Value)
	}
	want := []string{
		"event.detail.n = 2", "event.detail.n > 1 = true", "event.detail.list = [1,2]", "x = 1", "x == 2 = false", "x = 2", "x == 2 = true",
		"event.detail.list.exists(x, x == 2) = true", `event.detail.v = "a\"b"`, `event.detail.v.startsWith("a") = true`,
	}
	if r.When.Field != "when" || r.When.Value != "true" || !slices.Equal(parts, want) {
		t.Errorf("got %+v, want parts\n%s", r.When, strings.Join(want, "\n"))
	}
	if r.ForEach.Value != "[1,2]" || r.ForEach.Pos != "9:7" {
		t.Errorf("got %+v", r.ForEach)
	}
	for i, l := range r.Launches {
		if l.Key.Value != fmt.Sprintf(`"a\"b%d"`, i) {
			t.Errorf("got key %+v", l.Key)
		}
		got := map[string]mapping.Evaluation{}
		for _, f := range l.Fields {
			got[f.Field] = f
		}
		if f := got["overrides.containerOverrides[0].environment[0].value"]; f.Value != `"a\"b"` || f.Source != "event.detail.v" {
			t.Errorf("got %+v", f)
		}
		if f := got["group"]; f.Err == nil || f.Value != "" {
			t.Errorf("got %+v, want an error", f)
		}
	}
	// The trace changes nothing.
	plain, err := m.Match(e)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := fmt.Sprint(plain), fmt.Sprint(matches); a != b {
		t.Errorf("with a trace\n%s\nwithout\n%s", b, a)
	}
}
