package locallambda

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestNew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, []byte("#!/bin/sh\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		cfg  Config
		want []string // each is in the error
	}{
		{"none", Config{}, []string{"no bootstrap given"}},
		{"missing", Config{Bootstrap: filepath.Join(dir, "nowhere")}, []string{"no such file"}},
		{"directory", Config{Bootstrap: dir}, []string{"not an executable file"}},
		{"not executable", Config{Bootstrap: plain}, []string{"not an executable file"}},
		{"no directory", Config{Bootstrap: self, Dir: plain}, []string{"not a directory"}},
		{
			"all at once",
			Config{
				Bootstrap: self, Timeout: time.Hour, InitTimeout: -1, MemoryMB: 1, Concurrency: -1,
				Env: []string{"A", "=b", "AWS_LAMBDA_RUNTIME_API=x"},
			},
			[]string{
				"timeout 1h0m0s: want more than 0 and at most 15m0s", "init timeout -1ns", "memory 1 MB: want 128 to 10240",
				"concurrency -1", `entry "A"`, `entry ""`, "AWS_LAMBDA_RUNTIME_API",
			},
		},
	}
	for _, tt := range tests {
		_, err := New(tt.cfg)
		if err == nil {
			t.Errorf("%s: no error", tt.name)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q is not in: %v", tt.name, want, err)
			}
		}
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("AWS_SECRET_ACCESS_KEY", "leak")
	t.Setenv("SOMETHING_ELSE", "leak")
	l := start(t, "handler", func(c *Config) {
		c.MemoryMB, c.Region, c.FunctionName = 256, "eu-central-1", "mapper"
		c.Env = append(c.Env, "TABLE=a=b", "LANG=C", "AWS_ACCESS_KEY_ID=given")
	})
	got := environment(t, invoke(t, l, order{Do: "env"}))
	if stream := got["AWS_LAMBDA_LOG_STREAM_NAME"]; !strings.Contains(stream, "/[$LATEST]") {
		t.Errorf("log stream %q", stream)
	}
	if !strings.HasPrefix(got["AWS_LAMBDA_RUNTIME_API"], "127.0.0.1:") {
		t.Errorf("runtime API at %q", got["AWS_LAMBDA_RUNTIME_API"])
	}
	want := map[string]string{
		"AWS_LAMBDA_RUNTIME_API":          got["AWS_LAMBDA_RUNTIME_API"],
		"AWS_LAMBDA_LOG_STREAM_NAME":      got["AWS_LAMBDA_LOG_STREAM_NAME"],
		"AWS_LAMBDA_FUNCTION_NAME":        "mapper",
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/mapper",
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_EXECUTION_ENV":               "AWS_Lambda_provided.al2023",
		"AWS_REGION":                      "eu-central-1",
		"AWS_DEFAULT_REGION":              "eu-central-1",
		"LAMBDA_TASK_ROOT":                l.cfg.Dir,
		"_HANDLER":                        filepath.Base(l.cfg.Bootstrap),
		"PATH":                            "/usr/local/bin:/usr/bin/:/bin:/opt/bin",
		"TZ":                              ":UTC",
		"_X_AMZN_TRACE_ID":                got["_X_AMZN_TRACE_ID"], // aws-lambda-go sets it
		"LANG":                            "C",
		"TABLE":                           "a=b",
		"AWS_ACCESS_KEY_ID":               "given",
		childEnv:                          "handler",
	}
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s: got %q, want %q", name, got[name], value)
		}
		delete(got, name)
	}
	if len(got) > 0 {
		t.Errorf("the function also sees %v", got)
	}
}

func TestPartition(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{"eu-west-1": "aws", "cn-north-1": "aws-cn", "us-gov-east-1": "aws-us-gov"} {
		if got := partition(region); got != want {
			t.Errorf("%s: got %s, want %s", region, got, want)
		}
	}
}

// environment reads what the function reports, without the PWD that os/exec adds
// where a directory is given.
func environment(t *testing.T, res Result) map[string]string {
	t.Helper()
	var list []string
	if err := json.Unmarshal(res.Payload, &list); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for _, entry := range list {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	delete(env, "PWD")
	return env
}

func TestOutput(t *testing.T) {
	t.Parallel()
	out := newLines()
	l := start(t, "handler", func(c *Config) { c.Output = out.emit })
	long := strings.Repeat("y", MaxLineBytes+1)
	invoke(t, l, order{Do: "print", Text: "one\n\n" + long + "\nthree\r\n"})
	out.await(t, Line{1, Stdout, "three\r"})
	out.await(t, Line{1, Stderr, "to stderr"})
	stdout := out.on(Stdout)
	want := []Line{
		{1, Stdout, "one"}, {1, Stdout, ""}, {1, Stdout, long[:MaxLineBytes]}, {1, Stdout, "y"}, {1, Stdout, "three\r"},
	}
	if !slices.Equal(stdout, want) {
		t.Errorf("stdout: %d lines, want %d: %.300v", len(stdout), len(want), stdout)
	}
}

// What a process wrote is delivered even if nobody looks for a while.
func TestSlowOutput(t *testing.T) {
	t.Parallel()
	out := newLines()
	slow := func(l Line) {
		if l.Text == "last line" {
			time.Sleep(2 * drainGrace)
		}
		out.emit(l)
	}
	l := start(t, "handler", func(c *Config) { c.Output = slow })
	invoke(t, l, order{Do: "exit", N: 1})
	if want := (Line{1, Stdout, "unfinished"}); !slices.Contains(out.all(), want) {
		t.Errorf("no line %+v in %+v", want, out.all())
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	m := newMeeting(t)
	l := start(t, "handler", func(c *Config) { c.Concurrency = 2 })
	wantCold(t, l, true, 1)
	failed := make(chan error, 3)
	for range cap(failed) { // two run, one waits
		go func() {
			_, err := l.Invoke(t.Context(), event(t, order{Do: "meet", Addr: m.addr()}))
			failed <- err
		}()
	}
	first, second := m.receive(), m.receive()
	if err := l.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	for range cap(failed) {
		if err := <-failed; !errors.Is(err, ErrClosed) {
			t.Errorf("invocation: got %v, want %v", err, ErrClosed)
		}
	}
	awaitEnd(t, first)
	awaitEnd(t, second)
	if pids := l.Processes(); len(pids) != 0 {
		t.Errorf("processes %v are left", pids)
	}
	if err := l.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
	if _, err := l.Invoke(t.Context(), nil); !errors.Is(err, ErrClosed) {
		t.Errorf("Invoke after Close: got %v, want %v", err, ErrClosed)
	}
}

func TestCloseDuringInit(t *testing.T) {
	t.Parallel()
	l := start(t, "init hang")
	failed := make(chan error, 1)
	go func() {
		_, err := l.Invoke(t.Context(), nil)
		failed <- err
	}()
	for len(l.Processes()) == 0 {
		time.Sleep(time.Millisecond)
	}
	l.Close()
	if err := <-failed; !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want %v", err, ErrClosed)
	}
}

func TestCloseKills(t *testing.T) {
	t.Parallel()
	l := start(t, "ignore SIGTERM")
	wantCold(t, l, true, 1)
	began := time.Now()
	l.Close()
	if took := time.Since(began); took < exitGrace {
		t.Errorf("Close took %v: the process had no time to end by itself", took)
	}
	if pids := l.Processes(); len(pids) != 0 {
		t.Errorf("processes %v are left", pids)
	}
}

func BenchmarkInvoke(b *testing.B) {
	l := start(b, "handler")
	invoke(b, l, order{Do: "echo"})
	payload := event(b, order{Do: "echo", Text: "hi"})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := l.Invoke(b.Context(), payload); err != nil {
			b.Fatal(err)
		}
	}
}
