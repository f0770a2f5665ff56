package locallambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSuccess(t *testing.T) {
	t.Parallel()
	l := start(t, "handler")
	if n := len(l.Processes()); n != 0 {
		t.Errorf("%d processes before the first invocation", n)
	}
	res := invoke(t, l, order{Do: "echo", Text: "hi"})
	wantPayload(t, res, `"hi"`)
	if !res.ColdStart || res.InitDuration <= 0 || res.Duration <= 0 || res.Process != 1 {
		t.Errorf("first invocation: %+v", res)
	}
	wantCold(t, l, false, 1)
	if n := len(l.Processes()); n != 1 {
		t.Errorf("%d processes, want 1", n)
	}
}

func TestContext(t *testing.T) {
	t.Parallel()
	l := start(t, "handler", func(c *Config) {
		c.FunctionName, c.Region, c.Account, c.Timeout = "mapper", "us-gov-west-1", "111122223333", time.Minute
	})
	before := time.Now()
	res := invoke(t, l, order{Do: "context"})
	after := time.Now()
	var got contextReport
	if err := json.Unmarshal(res.Payload, &got); err != nil {
		t.Fatal(err)
	}
	if got.RequestID != res.RequestID {
		t.Errorf("request id: function has %q, result has %q", got.RequestID, res.RequestID)
	}
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(got.RequestID) {
		t.Errorf("request id %q is no UUID", got.RequestID)
	}
	if want := "arn:aws-us-gov:lambda:us-gov-west-1:111122223333:function:mapper"; got.ARN != want {
		t.Errorf("ARN: got %q, want %q", got.ARN, want)
	}
	if !regexp.MustCompile(`^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=[01]$`).MatchString(got.Trace) {
		t.Errorf("trace header %q", got.Trace)
	}
	earliest, latest := before.Add(time.Minute).Truncate(time.Millisecond), after.Add(time.Minute)
	if got.Deadline.Before(earliest) || got.Deadline.After(latest) {
		t.Errorf("deadline %v, want %v to %v", got.Deadline, earliest, latest)
	}
}

func TestHandlerErrors(t *testing.T) {
	t.Parallel()
	l := start(t, "handler")
	res := invoke(t, l, order{Do: "error", Text: "no such bucket"})
	wantFailure(t, res, "errorString", "no such bucket")
	if want := `{"errorMessage":"no such bucket","errorType":"errorString"}`; string(res.Payload) != want {
		t.Errorf("payload: got %s, want %s", res.Payload, want)
	}
	wantFailure(t, invoke(t, l, order{Do: "custom error", Text: "odd"}), "customError", "odd")
	wantFailure(t, invoke(t, l, order{Do: "broken reader"}), "customError", "torn")
	wantCold(t, l, false, 1) // an error is no reason to start again
}

func TestPanic(t *testing.T) {
	t.Parallel()
	out := newLines()
	l := start(t, "handler", func(c *Config) { c.Output = out.emit })
	res := invoke(t, l, order{Do: "panic", Text: "oh"})
	wantFailure(t, res, "string", "oh")
	if !strings.Contains(string(res.FunctionError.StackTrace), `"label":"handle"`) {
		t.Errorf("stack trace: %s", res.FunctionError.StackTrace)
	}
	if want := (Line{1, Stderr, "about to panic"}); !slices.Contains(out.all(), want) {
		t.Errorf("no line %+v in %+v", want, out.all())
	}
	wantCold(t, l, true, 2)
}

func TestCrash(t *testing.T) {
	t.Parallel()
	out := newLines()
	l := start(t, "handler", func(c *Config) { c.Output = out.emit })
	res := invoke(t, l, order{Do: "exit", N: 3})
	wantFailure(t, res, TypeExit, "RequestId: {id} Error: Runtime exited with error: exit status 3")
	var payload struct{ ErrorType, ErrorMessage string }
	if err := json.Unmarshal(res.Payload, &payload); err != nil || payload.ErrorMessage != res.FunctionError.Message {
		t.Errorf("payload %s (%v) does not say the same as %v", res.Payload, err, res.FunctionError)
	}
	if got, want := out.on(Stdout), []Line{{1, Stdout, "last line"}, {1, Stdout, "unfinished"}}; !slices.Equal(got, want) {
		t.Errorf("output: got %+v, want %+v", got, want)
	}
	wantFailure(t, invoke(t, l, order{Do: "exit"}), TypeExit, "RequestId: {id} Error: Runtime exited without providing a reason")
	wantCold(t, l, true, 3)
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	m := newMeeting(t)
	l := start(t, "handler", func(c *Config) { c.Timeout = 1500 * time.Millisecond })
	// A process that the function started dies with it, though it holds the pipe.
	res := invoke(t, l, order{Do: "spawn and hang", Addr: m.addr()})
	wantFailure(t, res, TypeTimeout, "RequestId: {id} Error: Task timed out after 1.50 seconds")
	if res.Duration < 1500*time.Millisecond {
		t.Errorf("took %v", res.Duration)
	}
	awaitEnd(t, m.receive())
	wantCold(t, l, true, 2)
}

func TestInitExit(t *testing.T) {
	t.Parallel()
	marker := filepath.Join(t.TempDir(), "repaired")
	out := newLines()
	l := start(t, "init exit", func(c *Config) { c.Args, c.Output = []string{marker}, out.emit })
	for process := 1; process <= 2; process++ {
		res := invoke(t, l, order{Do: "echo"})
		wantFailure(t, res, TypeExit, "RequestId: {id} Error: Runtime exited with error: exit status 1")
		if !res.ColdStart || res.InitDuration <= 0 || res.Duration != 0 || res.Process != process {
			t.Errorf("result: %+v", res)
		}
		if want := (Line{process, Stderr, "cannot initialise"}); !slices.Contains(out.all(), want) {
			t.Errorf("no line %+v in %+v", want, out.all())
		}
	}
	if err := os.WriteFile(marker, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantCold(t, l, true, 3)
}

func TestInitError(t *testing.T) {
	t.Parallel()
	out := newLines()
	l := start(t, "init error", func(c *Config) { c.Output = out.emit })
	res := invoke(t, l, order{Do: "echo"})
	wantFailure(t, res, "Config.Invalid", "no plan")
	if string(res.FunctionError.StackTrace) != `["main"]` {
		t.Errorf("stack trace: %s", res.FunctionError.StackTrace)
	}
	if got, want := out.on(Stdout), []Line{{1, Stdout, "said why"}}; !slices.Equal(got, want) {
		t.Errorf("output: got %+v, want %+v", got, want)
	}
	if res := invoke(t, l, order{}); res.Process != 2 || !res.ColdStart {
		t.Errorf("second invocation: %+v", res)
	}
}

func TestInitTimeout(t *testing.T) {
	t.Parallel()
	l := start(t, "init hang", func(c *Config) { c.InitTimeout = 100 * time.Millisecond })
	res := invoke(t, l, order{})
	wantFailure(t, res, TypeTimeout, "RequestId: {id} Error: Init timed out after 0.10 seconds")
	if pids := l.Processes(); len(pids) != 0 {
		t.Errorf("processes %v are left", pids)
	}
}

// A function that answers and goes on working is cut off at its deadline; what
// it answered stands.
func TestNoNext(t *testing.T) {
	t.Parallel()
	l := start(t, "no next", func(c *Config) { c.Timeout = 200 * time.Millisecond })
	for process := 1; process <= 2; process++ {
		res := invoke(t, l, order{})
		wantPayload(t, res, `"done"`)
		if res.Process != process {
			t.Errorf("process %d, want %d", res.Process, process)
		}
	}
}

func TestOddClient(t *testing.T) {
	t.Parallel()
	l := start(t, "odd client")
	wantPayload(t, invoke(t, l, order{Do: "no content type"}), "not JSON")
	wantFailure(t, invoke(t, l, order{Do: "error that is none"}), "Runtime.Unknown", "it broke")
	wantPayload(t, invoke(t, l, order{Do: "ask again"}), `"asked twice"`)
	res := invoke(t, l, order{Do: "big error"})
	wantFailure(t, res, TypeResponseTooLarge, "Response payload size exceeded maximum allowed payload size (6291556 bytes).")
	if res.Process != 1 {
		t.Errorf("process %d, want 1", res.Process)
	}
	res = invoke(t, l, order{Do: "die in the middle"})
	wantFailure(t, res, TypeExit, "RequestId: {id} Error: Runtime exited with error: exit status 7")
}

func TestResponseLimit(t *testing.T) {
	t.Parallel()
	l := start(t, "handler")
	res := invoke(t, l, order{Do: "big", N: MaxResponseBytes})
	if res.FunctionError != nil || len(res.Payload) != MaxResponseBytes {
		t.Fatalf("response of %d bytes: %d bytes came, error %v", MaxResponseBytes, len(res.Payload), res.FunctionError)
	}
	res = invoke(t, l, order{Do: "big", N: MaxResponseBytes + 1})
	wantFailure(t, res, TypeResponseTooLarge, "Response payload size exceeded maximum allowed payload size (6291556 bytes).")
	wantCold(t, l, true, 2) // aws-lambda-go exits when its response is refused
}

func TestRequestLimits(t *testing.T) {
	t.Parallel()
	l := start(t, "odd client")
	fits := []byte(`{"do":"no content type","text":"`)
	fits = append(fits, strings.Repeat("x", MaxRequestBytes-len(fits)-2)...)
	fits = append(fits, `"}`...)
	res, err := l.Invoke(t.Context(), fits)
	if err != nil {
		t.Fatalf("request of %d bytes: %v", len(fits), err)
	}
	wantPayload(t, res, "not JSON")

	for name, tt := range map[string]struct {
		payload []byte
		want    string
	}{
		"too large": {append(fits, ' '), "RequestTooLargeException"},
		"not JSON":  {[]byte(`{"a":`), "InvalidRequestContentException"},
	} {
		_, err := l.Invoke(t.Context(), tt.payload)
		var refused *RequestError
		if !errors.As(err, &refused) || refused.Type != tt.want {
			t.Errorf("%s: got %v, want %s", name, err, tt.want)
		}
	}
}

func TestEmptyPayload(t *testing.T) {
	t.Parallel()
	l := start(t, "handler")
	res, err := l.Invoke(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	wantFailure(t, res, "errorString", `unknown order ""`) // {} decodes, nothing would not
}

// Not parallel: a child started elsewhere at the same moment could hold the file
// open for writing, and then it is "busy".
func TestDoesNotStart(t *testing.T) {
	tests := []struct{ name, content, want string }{
		{"other architecture", "\x7fELF and then nothing", "built for another architecture or system; build it for this one, such as with make build ARCH="},
		{"no interpreter", "#!/nowhere/sh\n", "dynamic loader it names is not: build it with CGO_ENABLED=0"},
	}
	for _, tt := range tests {
		path := filepath.Join(t.TempDir(), "bootstrap")
		if err := os.WriteFile(path, []byte(tt.content), 0o700); err != nil {
			t.Fatal(err)
		}
		l := start(t, "handler", func(c *Config) { c.Bootstrap = path })
		_, err := l.Invoke(t.Context(), nil)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q in it", tt.name, err, tt.want)
		}
		if pids := l.Processes(); len(pids) != 0 {
			t.Errorf("%s: processes %v", tt.name, pids)
		}
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	m := newMeeting(t)
	l := start(t, "handler")
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := l.Invoke(ctx, event(t, order{Do: "meet", Addr: m.addr()}))
		failed <- err
	}()
	conn := m.receive()

	// The only slot is taken: this one waits, and gives up first.
	waiting, stop := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer stop()
	if _, err := l.Invoke(waiting, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while waiting: got %v, want a deadline exceeded", err)
	}

	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want canceled", err)
	}
	awaitEnd(t, conn)
	if _, err := l.Invoke(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
	wantCold(t, l, true, 2)
}

func TestCancelInit(t *testing.T) {
	t.Parallel()
	l := start(t, "init hang")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := l.Invoke(ctx, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want a deadline exceeded", err)
	}
	if pids := l.Processes(); len(pids) != 0 {
		t.Errorf("processes %v are left", pids)
	}
}

func TestConcurrency(t *testing.T) {
	t.Parallel()
	const n = 3
	m := newMeeting(t)
	l := start(t, "handler", func(c *Config) { c.Concurrency = n })
	results := make(chan Result, n+1)
	for i := range n + 1 {
		go func() {
			res, err := l.Invoke(t.Context(), event(t, order{Do: "meet", Addr: m.addr(), Text: fmt.Sprint(i)}))
			if err != nil {
				t.Errorf("invocation %d: %v", i, err)
			}
			results <- res
		}()
	}
	conns := make([]net.Conn, n)
	for i := range conns {
		conns[i] = m.receive()
	}
	if pids := l.Processes(); len(pids) != n {
		t.Errorf("processes: %v, want %d", pids, n)
	}
	// One process is free again and serves the invocation that waited.
	conns[0].Close()
	first := <-results
	m.receive().Close()
	second := <-results
	if !first.ColdStart || second.ColdStart || first.Process != second.Process {
		t.Errorf("first %+v, then %+v, want the same process, warm", first, second)
	}
	conns[1].Close()
	third := <-results
	conns[2].Close()
	last := <-results
	if last.Process == third.Process || last.Process == first.Process {
		t.Errorf("process %d served two at a time", last.Process)
	}
	// Of the three that are idle, the one used last comes first.
	for range 3 {
		wantCold(t, l, false, last.Process)
	}
}
