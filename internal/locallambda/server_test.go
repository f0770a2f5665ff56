package locallambda

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func newAPI(t *testing.T) *runtimeAPI {
	t.Helper()
	a, err := listenRuntimeAPI("arn:aws:lambda:us-east-1:123456789012:function:f")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.close)
	return a
}

type reply struct {
	status int
	header http.Header
	body   string
}

func request(t *testing.T, ctx context.Context, a *runtimeAPI, method, path, body string) (reply, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, "http://"+a.addr+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, strings.TrimSpace(string(b))}, nil
}

// expect sends a request and checks status and error type, "" for accepted.
func expect(t *testing.T, a *runtimeAPI, method, path, body string, status int, errorType string) {
	t.Helper()
	got, err := request(t, t.Context(), a, method, path, body)
	if err != nil {
		t.Fatal(err)
	}
	var object struct{ ErrorType, ErrorMessage, Status string }
	if err := json.Unmarshal([]byte(got.body), &object); err != nil {
		t.Fatalf("%s %s: body %q: %v", method, path, got.body, err)
	}
	ok := errorType == "" && object.Status == "OK" || errorType != "" && object.ErrorMessage != ""
	if got.status != status || object.ErrorType != errorType || !ok {
		t.Errorf("%s %s: got %d %s, want %d %q", method, path, got.status, got.body, status, errorType)
	}
	if ct := got.header.Get("Content-Type"); ct != "application/json" {
		t.Errorf("%s %s: content type %q", method, path, ct)
	}
}

func TestProtocol(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	const root = "/2018-06-01/runtime/"
	expect(t, a, "GET", "/", "", 404, "NotFound")
	expect(t, a, "GET", "/2018-06-01/runtime/invocation/soon", "", 404, "NotFound")
	expect(t, a, "POST", root+"invocation/next", "", 404, "NotFound")
	expect(t, a, "POST", root+"invocation/one/response", "", 400, "InvalidRequestID")

	inv := newInvocation("one", "trace", []byte(`{"a":1}`), time.Minute)
	a.offer(inv)
	expect(t, a, "POST", root+"invocation/two/response", "", 400, "InvalidRequestID")
	got, err := request(t, t.Context(), a, "GET", root+"invocation/next", "")
	if err != nil || got.status != 200 || got.body != `{"a":1}` || got.header.Get("Content-Type") != "application/json" {
		t.Fatalf("next: %+v, %v", got, err)
	}
	expect(t, a, "POST", root+"init/error", "{}", 403, "InvalidStateTransition")
	expect(t, a, "POST", root+"invocation/two/error", "{}", 400, "InvalidRequestID")
	expect(t, a, "POST", root+"invocation/one/response", `"r"`, 202, "")
	expect(t, a, "POST", root+"invocation/one/response", `"r"`, 403, "InvalidStateTransition")
	expect(t, a, "POST", root+"invocation/one/error", "{}", 403, "InvalidStateTransition")
	if ans := <-inv.answered; string(ans.payload) != `"r"` || ans.err != nil {
		t.Errorf("answer: %+v", ans)
	}
	select {
	case <-inv.settled:
		t.Error("settled before the process asked for the next invocation")
	default:
	}
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	big := strings.Repeat("x", MaxResponseBytes+1)
	expect(t, a, "POST", "/2018-06-01/runtime/init/error", big, 413, "RequestEntityTooLarge")
	inv := newInvocation("one", "trace", nil, time.Minute)
	a.offer(inv)
	expect(t, a, "POST", "/2018-06-01/runtime/invocation/one/response", big, 413, "RequestEntityTooLarge")
	if ans := <-inv.answered; ans.err == nil || ans.err.Type != TypeResponseTooLarge {
		t.Errorf("answer: %+v", ans)
	}
}

func TestInitErrorTwice(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	expect(t, a, "POST", "/2018-06-01/runtime/init/error", "{}", 202, "")
	expect(t, a, "POST", "/2018-06-01/runtime/init/error", "{}", 403, "InvalidStateTransition")
}

// A request for the next invocation that the client gave up does not swallow it,
// whether or not the server has noticed.
func TestNextGivenUp(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	ctx, giveUp := context.WithCancel(t.Context())
	old := make(chan error, 1)
	go func() {
		_, err := request(t, ctx, a, "GET", "/2018-06-01/runtime/invocation/next", "")
		old <- err
	}()
	<-a.ready
	giveUp()
	if err := <-old; err == nil {
		t.Error("the request that was given up was answered")
	}
	fresh := make(chan reply, 1)
	go func() {
		got, _ := request(t, t.Context(), a, "GET", "/2018-06-01/runtime/invocation/next", "")
		fresh <- got
	}()
	a.offer(newInvocation("one", "trace", []byte("1"), time.Minute))
	if got := <-fresh; got.status != 200 || got.body != "1" {
		t.Errorf("got %+v", got)
	}
}

func TestNextTwiceAtATime(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	replies := make(chan reply, 2)
	for range 2 {
		go func() {
			got, _ := request(t, t.Context(), a, "GET", "/2018-06-01/runtime/invocation/next", "")
			replies <- got
		}()
	}
	if got := <-replies; got.status != 403 || !strings.Contains(got.body, "InvalidStateTransition") {
		t.Errorf("the older request: %+v", got)
	}
	a.offer(newInvocation("one", "trace", []byte("1"), time.Minute))
	if got := <-replies; got.status != 200 || got.body != "1" {
		t.Errorf("the younger request: %+v", got)
	}
}

func TestReportedFailure(t *testing.T) {
	t.Parallel()
	tests := []struct{ header, body, wantType, wantMessage string }{
		{"", `{"errorType":"A","errorMessage":"m"}`, "A", "m"},
		{"B", `{"errorType":"A","errorMessage":"m"}`, "A", "m"},
		{"B", `{"errorMessage":"m"}`, "B", "m"},
		{"", `{}`, "Runtime.Unknown", ""},
		{"B", ``, "B", ""},
		{"", `not JSON`, "Runtime.Unknown", "not JSON"},
		{"", `{"errorMessage":7}`, "Runtime.Unknown", `{"errorMessage":7}`},
	}
	for _, tt := range tests {
		e := reportedFailure(tt.header, []byte(tt.body)).err
		if e.Type != tt.wantType || e.Message != tt.wantMessage {
			t.Errorf("header %q, body %s: got %s: %s", tt.header, tt.body, e.Type, e.Message)
		}
	}
}
