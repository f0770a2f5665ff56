package main

import (
	"context"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taskbridge/taskbridge/internal/localecs"
	"github.com/taskbridge/taskbridge/internal/locallambda"
	"github.com/taskbridge/taskbridge/internal/mapping/compile"
)

// bootstrap is the real binary, built as it is deployed but for this machine.
var bootstrap string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "taskbridge-handler-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		bootstrap = filepath.Join(dir, "bootstrap")
		build := exec.Command("go", "build",
			"-tags", "lambda.norpc", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", bootstrap, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build the function: %v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

const testMapping = `
version: 1
rules:
  - name: a
    match: {source: [test]}
    task:
      cluster: c
      taskDefinition: family
      launchType: FARGATE
      networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-1]}}
      overrides:
        containerOverrides:
          - {name: main, environment: {KEY: "${event.detail.key}"}}
`

// world is a function with everything around it.
type world struct {
	ecs    *localecs.Server
	lambda *locallambda.Lambda

	mu  sync.Mutex
	log []string
}

func newWorld(t *testing.T, concurrency int) *world {
	t.Helper()
	w := &world{ecs: localecs.New(localecs.Options{})}
	w.ecs.CreateCluster("c")
	w.ecs.RegisterTaskDefinition(localecs.TaskDefinition{Family: "family", NetworkMode: "awsvpc", Containers: []localecs.Container{{Name: "main"}}})
	server := httptest.NewServer(w.ecs)
	t.Cleanup(server.Close)
	plan, findings := compile.Compile("taskbridge.yaml", []byte(testMapping))
	if plan == nil {
		t.Fatal(findings)
	}
	text, err := plan.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	w.lambda = start(t, locallambda.Config{
		Concurrency: concurrency,
		Timeout:     20 * time.Second,
		Env: []string{
			"TASKBRIDGE_PLAN=" + write(t, text), "AWS_ENDPOINT_URL_ECS=" + server.URL,
			"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_LAMBDA_LOG_FORMAT=JSON",
		},
		Output: func(l locallambda.Line) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.log = append(w.log, l.Text)
		},
	})
	return w
}

func start(t *testing.T, cfg locallambda.Config) *locallambda.Lambda {
	t.Helper()
	cfg.Bootstrap = bootstrap
	l, err := locallambda.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func write(t *testing.T, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plan.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func testEvent(id string) string {
	return fmt.Sprintf(`{"id":%q,"source":"test","detail-type":"T","detail":{"key":"k %s"}}`, id, id)
}

// TestOnce delivers one event two hundred times, first one after the other, then
// through eight processes at once.
func TestOnce(t *testing.T) {
	w := newWorld(t, 8)
	invoke := func() error {
		res, err := w.lambda.Invoke(context.Background(), []byte(testEvent("same")))
		if err == nil && res.FunctionError != nil {
			err = res.FunctionError
		}
		return err
	}
	for range 100 {
		if err := invoke(); err != nil {
			t.Fatal(err)
		}
	}
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			if err := invoke(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := len(w.ecs.Tasks()); n != 1 {
		t.Errorf("%d tasks started, want 1", n)
	}
}

// TestBatch delivers ten messages of which one is cut off and one is no event.
func TestBatch(t *testing.T) {
	w := newWorld(t, 1)
	var records []map[string]any
	for i := range 10 {
		id := fmt.Sprintf("m%d", i)
		body := testEvent(id)
		switch i {
		case 3:
			body = body[:30]
		case 7:
			body = `{"order":1}`
		}
		records = append(records, map[string]any{
			"messageId": id, "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:q", "body": body,
		})
	}
	payload, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		t.Fatal(err)
	}
	res, err := w.lambda.Invoke(context.Background(), payload)
	if err != nil || res.FunctionError != nil {
		t.Fatal(err, res.FunctionError)
	}
	const want = `{"batchItemFailures":[{"itemIdentifier":"m3"},{"itemIdentifier":"m7"}]}`
	if string(res.Payload) != want {
		t.Errorf("got %s, want %s", res.Payload, want)
	}
	if n := len(w.ecs.Tasks()); n != 8 {
		t.Errorf("%d tasks started, want 8", n)
	}
	_ = w.lambda.Close() // all output is delivered when it returns
	log := strings.Join(w.log, "\n")
	for _, want := range []string{`"item":"m3","error":"Records[3].body: invalid JSON`, `"item":"m7","error":"Records[7].body: no event of a known kind`, `"class":"permanent","reason":"BadEvent"`, `"CloudWatchMetrics":[`} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s:\n%s", want, log)
		}
	}
	if strings.Contains(log, "k m1") {
		t.Error("the log holds a value of the payload")
	}
}

// TestStartErrors starts the function with plans that it cannot use: one line
// that says what to do.
func TestStartErrors(t *testing.T) {
	plan, _ := compile.Compile("taskbridge.yaml", []byte(testMapping))
	text, err := plan.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, path, want string }{
		{"missing", filepath.Join(t.TempDir(), "none.json"), "package it beside bootstrap"},
		{"truncated", write(t, text[:len(text)/2]), "damaged"},
		{"altered", write(t, []byte(strings.Replace(string(text), `["test"]`, `["rest"]`, 1))), "checksum"},
		{"foreign version", write(t, []byte(strings.Replace(string(text), `"version":2`, `"version":99`, 1))), "version 99, this build reads version 2"},
		{"not a plan", write(t, []byte(`{"version":2}`)), "not a Taskbridge plan"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var mu sync.Mutex
			var lines []string
			l := start(t, locallambda.Config{Env: []string{
				"TASKBRIDGE_PLAN=" + tt.path, "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local",
			}, Output: func(l locallambda.Line) {
				mu.Lock()
				defer mu.Unlock()
				lines = append(lines, l.Text)
			}})
			res, err := l.Invoke(context.Background(), []byte(`{}`))
			if err != nil || res.FunctionError == nil {
				t.Fatalf("got %v and %s, want a failed start", err, res.Payload)
			}
			_ = l.Close()
			if len(lines) != 1 || !strings.Contains(lines[0], tt.want) || !strings.Contains(lines[0], "taskbridge compile") {
				t.Errorf("got %q, want one line with %q and what to do", lines, tt.want)
			}
		})
	}
}

// TestDependencies reads the binary itself: it links nothing of the compile side.
func TestDependencies(t *testing.T) {
	info, err := buildinfo.ReadFile(bootstrap)
	if err != nil {
		t.Fatal(err)
	}
	if len(info.Deps) == 0 {
		t.Fatal("the binary names no modules")
	}
	for _, dep := range info.Deps {
		switch module := strings.TrimSuffix(dep.Path, "/"); {
		case strings.HasPrefix(module, "github.com/aws/"):
		default:
			t.Errorf("the function links %s %s", dep.Path, dep.Version)
		}
	}
}
