package locallambda

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

// childEnv turns the test binary into the function: its value names one of the
// children below.
const childEnv = "LOCALLAMBDA_TEST_CHILD"

var children = map[string]func(){
	"handler":        func() { lambda.Start(handle) },
	"init exit":      initExit,
	"init error":     initError,
	"init hang":      func() { hang() },
	"ignore SIGTERM": ignoreSIGTERM,
	"no next":        answerAndHang,
	"odd client":     oddClient,
	"parent":         parent,
	"hold":           func() { meet(os.Getenv("ADDR")) },
}

// order steers the handler. It is the event, and what the handler returns if it
// is to return something.
type order struct {
	Do    string `json:"do"`
	Text  string `json:"text,omitempty"`
	N     int    `json:"n,omitempty"`
	Addr  string `json:"addr,omitempty"`
	Pause string `json:"pause,omitempty"`
}

type customError struct{ text string }

func (e *customError) Error() string { return e.text }

func handle(ctx context.Context, o order) (any, error) {
	switch o.Do {
	case "echo":
		return o.Text, nil
	case "context":
		return reportContext(ctx), nil
	case "env":
		return os.Environ(), nil
	case "error":
		return nil, errors.New(o.Text)
	case "custom error":
		return nil, &customError{o.Text}
	case "panic":
		fmt.Fprintln(os.Stderr, "about to panic")
		panic(o.Text)
	case "exit":
		fmt.Println("last line")
		fmt.Print("unfinished")
		os.Exit(o.N)
	case "big":
		return strings.Repeat("x", o.N-2), nil // with its quotes, n bytes of JSON
	case "broken reader":
		return io.MultiReader(strings.NewReader(`"half`), brokenReader{}), nil
	case "print":
		fmt.Print(o.Text)
		fmt.Fprintln(os.Stderr, "to stderr")
		return nil, nil
	case "meet":
		meet(o.Addr)
		return o.Text, nil
	case "spawn and hang":
		cmd := exec.Command(os.Args[0])
		cmd.Env = []string{childEnv + "=hold", "ADDR=" + o.Addr}
		cmd.Stdout = os.Stdout
		if err := cmd.Start(); err != nil {
			return nil, err
		}
		hang()
	}
	return nil, fmt.Errorf("unknown order %q", o.Do)
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, &customError{"torn"} }

type contextReport struct {
	RequestID, ARN, Trace string
	Deadline              time.Time
}

func reportContext(ctx context.Context) contextReport {
	lc, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	return contextReport{lc.AwsRequestID, lc.InvokedFunctionArn, os.Getenv("_X_AMZN_TRACE_ID"), deadline}
}

// meet tells a test, by connecting to it, that it is here, and stays until the
// test says something or hangs up.
func meet(addr string) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	_, _ = conn.Read(make([]byte, 1))
}

// hang blocks until the process is killed. A bare select{} would be reported as a
// deadlock.
func hang() { time.Sleep(time.Hour) }

func runtimeURL(path string) string {
	return "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/" + path
}

// initExit fails to initialise, but only while the file named by its argument is
// missing.
func initExit() {
	if len(os.Args) > 1 {
		if _, err := os.Stat(os.Args[1]); err == nil {
			lambda.Start(handle)
		}
	}
	fmt.Fprintln(os.Stderr, "cannot initialise")
	os.Exit(1)
}

func initError() {
	body := `{"errorType":"Config.Invalid","errorMessage":"no plan","stackTrace":["main"]}`
	resp, err := http.Post(runtimeURL("init/error"), "text/plain", strings.NewReader(body))
	if err != nil || resp.StatusCode != http.StatusAccepted {
		panic(fmt.Sprint(resp, err))
	}
	fmt.Println("said why")
	os.Exit(1)
}

func ignoreSIGTERM() {
	signal.Ignore(syscall.SIGTERM)
	lambda.Start(handle)
}

// fetch asks for an invocation without any runtime library.
func fetch() (id string, o order) {
	resp, err := http.Get(runtimeURL("invocation/next"))
	if err != nil {
		os.Exit(1)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&o); err != nil {
		panic(err)
	}
	return resp.Header.Get("Lambda-Runtime-Aws-Request-Id"), o
}

func answerAndHang() {
	id, _ := fetch()
	resp, err := http.Post(runtimeURL("invocation/"+id+"/response"), "application/json", strings.NewReader(`"done"`))
	if err != nil || resp.StatusCode != http.StatusAccepted {
		panic(fmt.Sprint(resp, err))
	}
	hang()
}

// oddClient does what the event says, by hand, and not as one should.
func oddClient() {
	for {
		id, o := fetch()
		switch o.Do {
		case "no content type":
			req, _ := http.NewRequest(http.MethodPost, runtimeURL("invocation/"+id+"/response"), strings.NewReader("not JSON"))
			req.Header["Content-Type"] = []string{"a/b; c=/"}
			_, _ = http.DefaultClient.Do(req)
		case "error that is none":
			_, _ = http.Post(runtimeURL("invocation/"+id+"/error"), "", strings.NewReader("it broke"))
		case "ask again":
			if again, _ := fetch(); again != id {
				panic("another invocation")
			}
			_, _ = http.Post(runtimeURL("invocation/"+id+"/response"), "", strings.NewReader(`"asked twice"`))
		case "big error":
			_, _ = http.Post(runtimeURL("invocation/"+id+"/error"), "", bytes.NewReader(make([]byte, MaxResponseBytes+1)))
		case "die in the middle":
			conn, err := net.Dial("tcp", os.Getenv("AWS_LAMBDA_RUNTIME_API"))
			if err != nil {
				panic(err)
			}
			fmt.Fprintf(conn, "POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf", id)
			os.Exit(7)
		}
	}
}

// parent runs a Lambda of its own until it is killed: its function must not
// outlive it.
func parent() {
	l, err := New(Config{Bootstrap: os.Args[0], Env: []string{childEnv + "=handler"}})
	if err != nil {
		panic(err)
	}
	event, _ := json.Marshal(order{Do: "meet", Addr: os.Getenv("ADDR")})
	_, err = l.Invoke(context.Background(), event)
	panic(fmt.Sprint("not killed: ", err))
}
