package locallambda

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	if child, ok := children[os.Getenv(childEnv)]; ok {
		child()
		os.Exit(0)
	}
	code := m.Run()
	if left := leftovers(); left != "" && code == 0 {
		fmt.Fprintln(os.Stderr, left)
		code = 1
	}
	os.Exit(code)
}

// patience is how long a test waits for what should happen soon.
const patience = time.Minute

// leftovers waits for the goroutines of this package to end and describes those
// that do not. Each process has one until it is reaped, so that this finds
// processes too.
func leftovers() string {
	var stacks string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		buf := make([]byte, 1<<20)
		stacks = string(buf[:runtime.Stack(buf, true)])
		others := slices.DeleteFunc(strings.Split(stacks, "\n\n"), func(s string) bool {
			return !strings.Contains(s, "locallambda.(*") && !strings.Contains(s, "net/http.(*Server)")
		})
		if len(others) == 0 {
			return ""
		}
	}
	return "goroutines are left:\n" + stacks
}

// lines collects output and lets a test wait for a line.
type lines struct {
	mu  sync.Mutex
	got []Line
	add chan struct{} // closed and replaced when a line comes
}

func newLines() *lines { return &lines{add: make(chan struct{})} }

func (l *lines) emit(line Line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.got = append(l.got, line)
	close(l.add)
	l.add = make(chan struct{})
}

func (l *lines) all() []Line {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.got)
}

// on returns the lines of one stream. Instrumented children write to stderr too.
func (l *lines) on(stream Stream) []Line {
	return slices.DeleteFunc(l.all(), func(line Line) bool { return line.Stream != stream })
}

func (l *lines) await(t *testing.T, want Line) {
	t.Helper()
	timeout := time.After(patience)
	for {
		l.mu.Lock()
		found, add := slices.Contains(l.got, want), l.add
		l.mu.Unlock()
		if found {
			return
		}
		select {
		case <-add:
		case <-timeout:
			t.Fatalf("no line %+v; got %+v", want, l.all())
		}
	}
}

// start makes a Lambda whose function is the child of that name.
func start(t testing.TB, child string, change ...func(*Config)) *Lambda {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{
		Bootstrap: self,
		Dir:       t.TempDir(),
		Env:       []string{childEnv + "=" + child},
		Timeout:   30 * time.Second,
		Output:    func(l Line) { t.Logf("%d %s: %.200s", l.Process, l.Stream, l.Text) },
	}
	for _, c := range change {
		c(&cfg)
	}
	l, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func event(t testing.TB, o order) []byte {
	t.Helper()
	b, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func invoke(t testing.TB, l *Lambda, o order) Result {
	t.Helper()
	res, err := l.Invoke(t.Context(), event(t, o))
	if err != nil {
		t.Fatalf("Invoke(%+v): %v", o, err)
	}
	return res
}

func wantPayload(t testing.TB, res Result, want string) {
	t.Helper()
	if res.FunctionError != nil {
		t.Fatalf("function error: %v", res.FunctionError)
	}
	if string(res.Payload) != want {
		t.Errorf("payload: got %.200s, want %s", res.Payload, want)
	}
}

func wantFailure(t testing.TB, res Result, errorType, message string) {
	t.Helper()
	e := res.FunctionError
	if e == nil {
		t.Fatalf("no function error, payload %.200s", res.Payload)
		return // which staticcheck does not see in Fatalf of an interface
	}
	message = strings.ReplaceAll(message, "{id}", res.RequestID)
	if e.Type != errorType || e.Message != message {
		t.Errorf("got  %s: %s\nwant %s: %s", e.Type, e.Message, errorType, message)
	}
}

// wantCold checks that a function works and whether it took a new process.
func wantCold(t testing.TB, l *Lambda, cold bool, process int) {
	t.Helper()
	res := invoke(t, l, order{Do: "echo", Text: "alive"})
	wantPayload(t, res, `"alive"`)
	if res.ColdStart != cold || res.Process != process {
		t.Errorf("cold start %v in process %d, want %v in %d", res.ColdStart, res.Process, cold, process)
	}
	if (res.InitDuration > 0) != cold {
		t.Errorf("init took %v in an invocation with cold start %v", res.InitDuration, cold)
	}
}

// meeting is where children that meet are received.
type meeting struct {
	net.Listener
	t testing.TB
}

func newMeeting(t testing.TB) meeting {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return meeting{l, t}
}

func (m meeting) addr() string { return m.Listener.Addr().String() }

// receive waits for a child and returns its connection; closing it lets it go.
func (m meeting) receive() net.Conn {
	m.t.Helper()
	_ = m.Listener.(*net.TCPListener).SetDeadline(time.Now().Add(patience))
	conn, err := m.Accept()
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { conn.Close() })
	return conn
}

// awaitEnd waits until the child at the other end is dead.
func awaitEnd(t testing.TB, conn net.Conn) {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	_, err := conn.Read(make([]byte, 1))
	if err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("the process is still there: %v", err)
	}
}
