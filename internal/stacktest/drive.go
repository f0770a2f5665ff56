package stacktest

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/taskbridge/taskbridge/internal/dispatch"
	"github.com/taskbridge/taskbridge/internal/event"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/mapping/derive"
	"github.com/taskbridge/taskbridge/internal/pattern"
	"github.com/taskbridge/taskbridge/internal/provision"
	"github.com/taskbridge/taskbridge/internal/scan"
	"github.com/taskbridge/taskbridge/internal/task"
)

// Events reads the payloads in a folder and returns every event in them by a name
// of its own, in the shape that it has on an event bus.
func Events(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no payloads in %s: %v", dir, err)
	}
	events := map[string][]byte{}
	for _, file := range files {
		payload, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, ".fails.json") {
			continue
		}
		batch, err := event.Parse(payload, event.Accept{})
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, item := range batch.Items {
			for _, e := range item.Events {
				if e.Rule == "" {
					events[fmt.Sprintf("%s#%d", filepath.Base(file), len(events))] = e.JSON
				}
			}
		}
	}
	return events
}

// Drive puts events on the bus. Each goes through the patterns, the input
// transformers and the delivery of the template to the function's own code; so
// does each schedule, once. Every rule has to launch at least once, each launch
// has to be allowed by the role of the function, and what is near it must not be.
func (s *Stack) Drive(t *testing.T, events map[string][]byte) {
	t.Helper()
	f := s.start(t)
	launched := map[string]int{}
	deliver := func(rule *mapping.Rule, payload []byte) {
		for _, l := range f.deliver(t, payload) {
			if l.Rule != rule.Name {
				t.Errorf("the source of rule %q launched rule %q", rule.Name, l.Rule)
			}
			launched[l.Rule]++
			s.CheckLaunch(t, rule, &l.Request)
		}
	}
	for i := range s.Plan.Rules {
		rule := &s.Plan.Rules[i]
		if rule.Schedule != nil {
			source := s.named(t, "AWS::Scheduler::Schedule")[provision.RuleName(s.Prefix, rule.Name)]
			deliver(rule, s.scheduled(fmt.Sprint(object(source.Properties["Target"])["Input"])))
			continue
		}
		source := s.named(t, "AWS::Events::Rule")[provision.RuleName(s.Prefix, rule.Name)]
		transformer := object(object(targetsOf(source)[0])["InputTransformer"])
		for _, name := range matching(t, fmt.Sprint(source.Properties["EventPattern"]), events) {
			deliver(rule, []byte(strings.ReplaceAll(fmt.Sprint(transformer["InputTemplate"]), derive.EventVariable, string(events[name]))))
		}
	}
	for _, rule := range s.Plan.Rules {
		if launched[rule.Name] == 0 {
			t.Errorf("no event reached rule %q", rule.Name)
		}
	}
}

// matching are the names of the events that a pattern matches.
func matching(t *testing.T, text string, events map[string][]byte) []string {
	t.Helper()
	var paths scan.Paths
	matcher, err := pattern.Compile(&paths, []byte(text))
	if err != nil {
		t.Fatalf("pattern %s: %v", text, err)
	}
	var names []string
	for name, event := range events {
		var doc scan.Doc
		var state pattern.State
		if err := paths.Scan(event, &doc); err != nil {
			t.Fatal(err)
		}
		hits, err := matcher.Match(&doc, &state)
		if err != nil {
			t.Fatal(err)
		}
		if len(hits) > 0 {
			names = append(names, name)
		}
	}
	return names
}

// scheduled is what Scheduler makes of a target's input.
func (s *Stack) scheduled(input string) []byte {
	return []byte(strings.NewReplacer(
		"<aws.scheduler.schedule-arn>", "arn:aws:scheduler:"+Region+":"+Account+":schedule/default/nightly",
		"<aws.scheduler.scheduled-time>", "2026-03-15T02:00:00Z",
		"<aws.scheduler.execution-id>", "f4979b7a-ae52-4455-b710-f2bb96c612fa",
		"<aws.scheduler.attempt-number>", "1",
	).Replace(input))
}

// function is the function's code, with a launcher that records.
type function struct {
	handler *dispatch.Handler
	queue   bool

	mu       sync.Mutex
	launches []task.Launch
}

func (s *Stack) start(t *testing.T) *function {
	t.Helper()
	variables := object(object(s.Function(t).Properties["Environment"])["Variables"])
	m, err := s.Plan.Bind(func(name string) (string, bool) {
		v, ok := variables[name].(string)
		return v, ok
	})
	if err != nil {
		t.Fatal(err)
	}
	f := &function{queue: s.queue(object(targetsOf(s.Template.sources()[0])[0])["Arn"]) != nil}
	f.handler = dispatch.New(m, f, slog.New(slog.DiscardHandler), dispatch.Options{})
	return f
}

func (t *Template) sources() []*Resource {
	return append(t.Of("AWS::Events::Rule"), t.Of("AWS::Scheduler::Schedule")...)
}

// Launch records a launch.
func (f *function) Launch(_ context.Context, l task.Launch) (task.Launched, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.launches = append(f.launches, l)
	return task.Launched{TaskARNs: []string{"arn:aws:ecs:" + Region + ":" + Account + ":task/c/1"}}, nil
}

// deliver invokes the function as its event source does, and returns what it
// launched.
func (f *function) deliver(t *testing.T, payload []byte) []task.Launch {
	t.Helper()
	f.launches = nil
	if f.queue {
		batch, err := json.Marshal(map[string]any{"Records": []any{map[string]any{
			"messageId": "m1", "body": string(payload), "eventSource": "aws:sqs", "attributes": map[string]any{}, "messageAttributes": map[string]any{},
			"eventSourceARN": "arn:aws:sqs:" + Region + ":" + Account + ":q", "awsRegion": Region,
		}}})
		if err != nil {
			t.Fatal(err)
		}
		payload = batch
	}
	reply, err := f.handler.Invoke(t.Context(), payload)
	if err != nil {
		t.Errorf("%v", err)
	}
	if f.queue && string(reply) != `{"batchItemFailures":[]}` {
		t.Errorf("reply %s", reply)
	}
	return f.launches
}
