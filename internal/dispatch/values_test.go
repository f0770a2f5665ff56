package dispatch

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/events/samples"
	"github.com/taskbridge/taskbridge/internal/mapping/compile"
	"github.com/taskbridge/taskbridge/internal/task"
)

const marker = "CONFIDENTIAL"

// shown are the members of a payload whose values logs and replies repeat: what
// identifies an event or a message, and the rule that an event asks for.
var shown = []string{"id", "messageId", "MessageId", "rule"}

// launches counts, and fails if it has an error.
type launches struct {
	n   int
	err error
}

func (l *launches) Launch(context.Context, task.Launch) (task.Launched, error) {
	l.n++
	return task.Launched{TaskARNs: []string{"arn:1"}}, l.err
}

// TestNoValuesInLogs changes each string of each sample in turn, in several ways
// that launch, that match nothing and that cannot be rendered, and looks for it in
// log, reply and error.
func TestNoValuesInLogs(t *testing.T) {
	source, err := os.ReadFile("../../taskbridge.yaml")
	if err != nil {
		t.Fatal(err)
	}
	plan, findings := compile.Compile("taskbridge.yaml", source)
	if plan == nil {
		t.Fatal(findings)
	}
	m, err := plan.Bind(func(name string) (string, bool) {
		return map[string]string{"SUBNET_A": "subnet-1", "SUBNET_B": "subnet-2", "SECURITY_GROUP": "sg-1"}[name], true
	})
	if err != nil {
		t.Fatal(err)
	}
	var launched, failed int
	for _, name := range samples.Names() {
		payload, err := samples.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, marked := range markings(t, payload) {
			for _, launchErr := range []error{nil, errCapacity} {
				var log bytes.Buffer
				l := &launches{err: launchErr}
				h := New(m, l, slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), Options{Metrics: &log, Parallel: 1})
				reply, err := h.Invoke(t.Context(), []byte(marked))
				text := log.String() + string(reply)
				if err != nil {
					text += err.Error()
				}
				if i := strings.Index(text, marker); i >= 0 {
					t.Fatalf("%s: a value of the payload is in\n%s\npayload %.2000s", name, text[max(0, i-300):min(len(text), i+100)], marked)
				}
				launched += l.n
				failed += strings.Count(text, `"msg":"failed"`)
			}
		}
	}
	if launched < 1000 || failed < 1000 {
		t.Errorf("%d launches, %d failures: too few to say anything", launched, failed)
	}
}

// markings are payloads in each of which one string is marked.
func markings(t *testing.T, payload []byte) []string {
	t.Helper()
	var list []string
	for _, mark := range []func(string) any{
		func(s string) any { return s + marker },
		func(s string) any { return marker + "\x00\"" + s },
		func(s string) any { return s + marker + strings.Repeat("x", 9000) },
		func(string) any { return map[string]any{marker: marker} },
	} {
		for n := 0; ; n++ {
			left := n
			text, ok := markNth(t, payload, &left, mark)
			if !ok {
				break
			}
			list = append(list, text)
		}
	}
	return list
}

// markNth marks the string with n others before it; strings of JSON are gone
// through.
func markNth(t *testing.T, text []byte, n *int, mark func(string) any) (string, bool) {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	done := false
	var walk func(v any) any
	walk = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				if !slices.Contains(shown, key) {
					v[key] = walk(v[key])
				}
			}
		case []any:
			for i := range v {
				v[i] = walk(v[i])
			}
		case string:
			if strings.HasPrefix(v, "{") && json.Valid([]byte(v)) {
				inner, ok := markNth(t, []byte(v), n, mark)
				done = done || ok
				return inner
			}
			if *n--; *n == -1 {
				done = true
				return mark(v)
			}
		}
		return v
	}
	out, err := json.Marshal(walk(v))
	if err != nil {
		t.Fatal(err)
	}
	return string(out), done
}
