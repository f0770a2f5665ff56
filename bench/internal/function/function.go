// Package function runs one process of a function behind a Runtime API of its
// own and tells what the process has spent at each step. internal/locallambda
// does what Lambda does; this does as little as can be, because it shares the
// machine with what it measures.
package function

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/taskbridge/taskbridge/bench/internal/wire"
)

// A Spec says what to run.
type Spec struct {
	Name string
	Args []string // the binary first
	Env  []string // besides what Lambda sets
}

// MemoryMB is the memory that functions are told they have.
const MemoryMB = 256

// A Process is a running function.
type Process struct {
	cmd     *exec.Cmd
	api     *wire.Server
	started time.Time
	output  tail

	polls   chan time.Time
	work    chan []byte
	replies chan reply
	exited  chan struct{}
	id      int
	once    sync.Once
}

type reply struct {
	at   time.Time
	body []byte
	err  bool
}

// A Sample is what a process has come to at one moment.
type Sample struct {
	Wall time.Duration // since its start
	Usage
}

// Start starts a process.
func Start(spec Spec) (*Process, error) {
	p := &Process{
		polls: make(chan time.Time, 1), work: make(chan []byte), replies: make(chan reply, 1), exited: make(chan struct{}),
	}
	var err error
	if p.api, err = wire.Listen(p.serve); err != nil {
		return nil, err
	}
	p.cmd = exec.Command(spec.Args[0], spec.Args[1:]...)
	p.cmd.Env = append([]string{
		"AWS_LAMBDA_RUNTIME_API=" + p.api.Addr(),
		"AWS_LAMBDA_FUNCTION_NAME=bench", "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=" + strconv.Itoa(MemoryMB),
		"AWS_LAMBDA_LOG_FORMAT=JSON", "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_EXECUTION_ENV=AWS_Lambda_provided.al2023", "AWS_REGION=eu-central-1", "AWS_DEFAULT_REGION=eu-central-1",
		"AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
		// A session token is as long as this.
		"AWS_SESSION_TOKEN=" + strings.Repeat("IQoJb3JpZ2luX2VjEXAMPLE/", 34),
		"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=en_US.UTF-8", "TZ=:UTC",
	}, spec.Env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.started = time.Now()
	if err := p.cmd.Start(); err != nil {
		p.api.Close()
		return nil, fmt.Errorf("start %s: %w", spec.Name, err)
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is in ProcessState
		close(p.exited)
	}()
	return p, nil
}

// serve is the Runtime API.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
func (p *Process) serve(r *http.Request, body []byte, w io.Writer) error {
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/invocation/next"):
		p.polls <- time.Now()
		payload, ok := <-p.work
		if !ok {
			return errors.New("no more work")
		}
		p.id++
		deadline := time.Now().Add(15 * time.Minute).UnixMilli()
		if err := wire.Head(w, "200 OK", len(payload), fmt.Sprintf("Content-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: "+
			"8476a536-e9f4-11e8-9739-%012x\r\nLambda-Runtime-Deadline-Ms: %d\r\nLambda-Runtime-Invoked-Function-Arn: "+
			"arn:aws:lambda:eu-central-1:111122223333:function:bench\r\nLambda-Runtime-Trace-Id: "+
			"Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0\r\n", p.id, deadline)); err != nil {
			return err
		}
		_, err := w.Write(payload)
		return err
	default:
		p.replies <- reply{time.Now(), bytes.Clone(body), strings.HasSuffix(path, "/error")}
		return wire.Head(w, "202 Accepted", 0, "")
	}
}

// Ready waits until the process asks for work, and tells what it has come to.
func (p *Process) Ready(ctx context.Context) (Sample, error) {
	at, err := p.Poll(ctx)
	if err != nil {
		return Sample{}, err
	}
	return p.sample(at)
}

// Poll is Ready without the sample, which takes a while.
func (p *Process) Poll(ctx context.Context) (time.Time, error) {
	select {
	case at := <-p.polls:
		return at, nil
	case r := <-p.replies:
		return time.Time{}, p.failed("initialise: %s", r.body)
	case <-p.exited:
		return time.Time{}, p.failed("ended: %s", p.cmd.ProcessState)
	case <-ctx.Done():
		return time.Time{}, p.failed("wait for its poll: %w", ctx.Err())
	}
}

// Invoke gives the process, which is ready, an event and waits for its answer.
// The caller calls Ready or Poll before the next one.
func (p *Process) Invoke(ctx context.Context, payload []byte) (body []byte, at time.Time, err error) {
	select {
	case p.work <- payload:
	case <-p.exited:
		return nil, at, p.failed("ended: %s", p.cmd.ProcessState)
	}
	select {
	case r := <-p.replies:
		if r.err {
			return r.body, r.at, fmt.Errorf("the function failed: %s", r.body)
		}
		return r.body, r.at, nil
	case <-p.exited:
		return nil, at, p.failed("ended: %s", p.cmd.ProcessState)
	case <-ctx.Done():
		return nil, at, p.failed("wait for its answer: %w", ctx.Err())
	}
}

// Sample is what the process has spent at this moment.
func (p *Process) Sample() (Sample, error) { return p.sample(time.Now()) }

func (p *Process) sample(at time.Time) (Sample, error) {
	u, err := usage(p.cmd.Process.Pid)
	return Sample{at.Sub(p.started), u}, err
}

func (p *Process) failed(format string, args ...any) error {
	return fmt.Errorf("%s: %w\n%s", p.cmd.Args[0], fmt.Errorf(format, args...), p.output.String())
}

// Goroutines ends the process by SIGQUIT and counts the goroutines in the trace
// that Go then prints.
func (p *Process) Goroutines() int {
	p.output.reset()
	_ = p.cmd.Process.Signal(syscall.SIGQUIT)
	select {
	case <-p.exited:
	case <-time.After(10 * time.Second):
	}
	p.Close()
	return strings.Count(p.output.String(), "\ngoroutine ")
}

// Close ends the process.
func (p *Process) Close() {
	p.once.Do(func() {
		_ = p.cmd.Process.Signal(os.Kill)
		<-p.exited
		close(p.work)
		p.api.Close()
	})
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailBytes = 1 << 20

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if len(t.text) > 2*tailBytes {
		t.text = append(t.text[:0], t.text[len(t.text)-tailBytes:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}

func (t *tail) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = t.text[:0]
}
