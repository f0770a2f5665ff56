package endpoint

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// The endpoint runs as a process of its own, so that what it spends is not counted
// as the measurer's: the binary that calls [Start] starts itself again, and its
// main calls [Main].
const (
	childFlag = "taskbridge-bench-endpoint"
	latency   = "latency="
	faults    = "faults="
	pair      = "pair="
)

// Main is the endpoint process, if this is one: it ends when stdin does.
func Main() {
	if len(os.Args) < 2 || os.Args[1] != childFlag {
		return
	}
	if err := child(os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "endpoint:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func child(args []string) (err error) {
	var opts Options
	for _, arg := range args {
		switch name, value, _ := strings.Cut(arg, "="); name + "=" {
		case latency:
			opts.Latency, err = time.ParseDuration(value)
		case faults:
			opts.FaultEvery, err = strconv.ParseInt(value, 10, 64)
		case pair:
			var c tls.Certificate
			c, err = tls.LoadX509KeyPair(value+".crt", value+".key")
			opts.TLS = &tls.Config{Certificates: []tls.Certificate{c}}
		}
		if err != nil {
			return err
		}
	}
	s, err := Listen(opts)
	if err != nil {
		return err
	}
	defer s.Close()
	fmt.Println(s.URL())
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() { // each line asks for the figures
		fmt.Println(s.Calls(), s.Connections(), s.Waited().Nanoseconds())
	}
	return nil
}

// A Process is an endpoint in a process of its own.
type Process struct {
	URL string

	cmd   *exec.Cmd
	stdin io.WriteCloser
	out   *bufio.Reader
}

// Start starts an endpoint process. certificate is the path of a .crt and .key
// without the ending, or empty for plain HTTP.
func Start(wait time.Duration, faultEvery int64, certificate string) (*Process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := []string{childFlag, latency + wait.String(), faults + strconv.FormatInt(faultEvery, 10)}
	if certificate != "" {
		args = append(args, pair+certificate)
	}
	p := &Process{cmd: exec.Command(self, args...)}
	p.cmd.Stderr = os.Stderr
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start endpoint: %w", err)
	}
	url, err := p.out.ReadString('\n')
	if err != nil {
		p.Close()
		return nil, fmt.Errorf("start endpoint: %w", err)
	}
	p.URL = strings.TrimSpace(url)
	return p, nil
}

// Figures are what an endpoint has come to so far.
type Figures struct {
	Calls       int           // of RunTask
	Connections int           // that it was opened
	Waited      time.Duration // before answers, in all: sleeping takes longer than it is asked to
}

// Figures asks for them.
func (p *Process) Figures() (f Figures, err error) {
	if _, err = io.WriteString(p.stdin, "\n"); err != nil {
		return
	}
	_, err = fmt.Fscanln(p.out, &f.Calls, &f.Connections, &f.Waited)
	return
}

// Close ends the process.
func (p *Process) Close() {
	_ = p.stdin.Close()
	_ = p.cmd.Wait()
}
