package mapping_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/event"
	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/task"
)

// What ECS would refuse is a clear error, and nothing of the value is in it.
func TestHostileValues(t *testing.T) {
	m := bound(t, source(variable("<${event.detail.v}>"), "count: ${event.detail.n}"))
	long := strings.Repeat("marker", 180_000)
	tests := []struct{ name, detail, code string }{
		{"NUL", `{"v":"marker\u0000","n":1}`, "runtask-text-nul"},
		{"invalid UTF-8", "{\"v\":\"marker\xff\",\"n\":1}", "runtask-text-utf8"},
		{"too long", `{"v":"` + long[:10_000] + `","n":1}`, "runtask-overrides-bytes"},
		{"count", `{"v":"marker","n":1001}`, "runtask-count-range"},
		{"no count", `{"v":"marker","n":0}`, "runtask-count-range"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := match(t, m, tt.detail)
			var e *task.LimitError
			if !errors.As(got.Err, &e) || e.Code != tt.code || e.Class() != "permanent" {
				t.Fatalf("got %v, want %s", got.Err, tt.code)
			}
			if strings.Contains(got.Err.Error(), "marker") || got.Request.TaskDefinition != "" {
				t.Errorf("got %.200v with request %.200v", got.Err, got.Request)
			}
		})
	}
	if got := match(t, m, `{"v":"`+long+`","n":1}`); !errors.Is(got.Err, expr.ErrLimit) || len(got.Err.Error()) > 1000 {
		t.Errorf("1 MB: got %.200v, want a limit", got.Err)
	}
	if got := match(t, m, `{"v":"a","n":25}`); got.Err != nil || *got.Request.Count != 25 {
		t.Errorf("got %v", got.Err)
	}
}

// A plan whose lines are not what its head says fails when a rule matches, not
// before, and tells what to do.
func TestDamagedRule(t *testing.T) {
	file := string(planFile(t, source("group: ${event.detail.v}")))
	for _, replaced := range [][2]string{
		{`["event","detail","v"]`, `["event","detail","w"]`}, // a path that is not registered
		{`["event","detail","v"]`, `["floor","detail","v"]`},
		{`"k":"group"`, `"k":"grope"`},
		{`"task":{`, `"tusk":{`},
		{`{"pos":`, `{"poz":`},
	} {
		_, rest, _ := strings.Cut(strings.ReplaceAll(file, replaced[0], replaced[1]), "\n")
		if strings.Contains(rest, replaced[0]) || !strings.Contains(rest, replaced[1]) {
			t.Errorf("%q is not in the plan:\n%s", replaced[0], file)
			continue
		}
		damaged := sealed([]byte(rest))
		p, err := mapping.ReadPlan(damaged)
		if err == nil {
			_, err = p.Bind(noEnv)
		}
		if !errors.Is(err, mapping.ErrPlan) {
			t.Errorf("%q: ReadPlan and Bind: got %v", replaced[1], err)
		}
		m, err := mapping.Load(bytes.NewReader(damaged), noEnv)
		if err != nil {
			t.Errorf("%q: Load: got %v", replaced[1], err)
			continue
		}
		for range 2 {
			got := match(t, m, `{"v":"a"}`)
			if !errors.Is(got.Err, mapping.ErrPlan) || !strings.Contains(got.Err.Error(), "taskbridge compile") {
				t.Errorf("%q: got %+v", replaced[1], got)
			}
		}
		if matches, err := m.Match(event.Event{JSON: []byte(`{"source":"other"}`)}); err != nil || len(matches) != 0 {
			t.Errorf("%q: got %v, %v", replaced[1], matches, err)
		}
	}
}
