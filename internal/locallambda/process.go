package locallambda

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// exitGrace is how long a process may take to end by itself, after SIGTERM or
// after it posted that it cannot initialise, before it is killed. It is what
// Lambda gives a runtime in its Shutdown phase if it has an internal extension.
const exitGrace = 500 * time.Millisecond

// process is one running function binary, with its runtime API.
type process struct {
	number  int
	api     *runtimeAPI
	cmd     *exec.Cmd
	started time.Time
	used    bool // has been given an invocation; for the Invoke that holds the process

	exited chan struct{} // closed when the process is gone and its output delivered
	status string        // how it ended; valid once exited is closed

	mu     sync.Mutex
	reaped bool // its pid may belong to somebody else

	forgotten bool // guarded by Lambda.mu
}

// startProcess starts the function binary. gone is called when it has ended and
// its output is delivered, just before exited is closed.
func startProcess(cfg *Config, number int, out *output, gone func(*process)) (*process, error) {
	api, err := listenRuntimeAPI(cfg.functionARN())
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(cfg.Bootstrap, cfg.Args...)
	cmd.Dir = cfg.Dir
	cmd.Env = cfg.environ(api.addr, time.Now())
	cmd.SysProcAttr = childAttr()
	p := &process{number: number, api: api, cmd: cmd, started: time.Now(), exited: make(chan struct{})}

	// Pipes of our own rather than Cmd's: Cmd.Wait would close its own before
	// everything is read, or wait for ever for a descendant that holds them.
	streams, err := p.connect()
	if err != nil {
		api.close()
		return nil, err
	}
	result := make(chan error, 1)
	go p.run(streams, out, result, gone)
	if err := <-result; err != nil {
		api.close()
		return nil, startError(cfg.Bootstrap, err)
	}
	return p, nil
}

// streams are the ends of the pipes: ours to read, the child's to write.
type streams struct {
	stdout, stderr pipe
	child          [2]*os.File
}

func (p *process) connect() (*streams, error) {
	outR, outW, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("pipe for stdout: %w", err)
	}
	errR, errW, err := os.Pipe()
	if err != nil {
		_, _ = outR.Close(), outW.Close()
		return nil, fmt.Errorf("pipe for stderr: %w", err)
	}
	p.cmd.Stdout, p.cmd.Stderr = outW, errW
	return &streams{stdout: pipe{outR}, stderr: pipe{errR}, child: [2]*os.File{outW, errW}}, nil
}

func (s *streams) closeChildEnds() {
	for _, f := range s.child {
		_ = f.Close()
	}
}

// run starts the process, reports whether that worked, and sees it to its end.
func (p *process) run(s *streams, out *output, result chan<- error, gone func(*process)) {
	// On Linux the child is killed when its parent dies, and the parent is the
	// thread that started it: keep that thread until the child is gone.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer s.stdout.Close()
	defer s.stderr.Close()

	err := p.cmd.Start()
	s.closeChildEnds()
	result <- err
	if err != nil {
		return
	}
	var readers sync.WaitGroup
	readers.Go(func() { out.copy(s.stdout, p.number, Stdout) })
	readers.Go(func() { out.copy(s.stderr, p.number, Stderr) })

	_ = p.cmd.Wait() // how it ended is in ProcessState
	p.status = p.cmd.ProcessState.String()
	p.signalLeftovers()
	p.api.close()
	s.stdout.expireSoon()
	s.stderr.expireSoon()
	readers.Wait()
	gone(p)
	close(p.exited)
}

// signalLeftovers kills what the process started and left behind: in Lambda it
// would end with the execution environment. From here on nothing is signalled.
func (p *process) signalLeftovers() {
	p.mu.Lock()
	defer p.mu.Unlock()
	signalGroup(p.cmd.Process, syscall.SIGKILL)
	p.reaped = true
}

func (p *process) signal(sig syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.reaped {
		signalGroup(p.cmd.Process, sig)
	}
}

// kill ends the process at once and waits until it is gone.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.exited
}

// terminate asks the process to end, and kills it if it does not.
func (p *process) terminate() {
	p.signal(syscall.SIGTERM)
	p.awaitExit()
}

// awaitExit waits until the process has ended by itself, but not for long.
func (p *process) awaitExit() {
	grace := time.NewTimer(exitGrace)
	defer grace.Stop()
	select {
	case <-p.exited:
	case <-grace.C:
		p.kill()
	}
}

// startError explains the two ways in which an executable file does not execute.
func startError(bootstrap string, err error) error {
	switch {
	// The latter is what macOS says; its error number exists only there.
	case errors.Is(err, syscall.ENOEXEC), strings.Contains(err.Error(), "bad CPU type"):
		return fmt.Errorf("start bootstrap: %w: %q is no executable for this machine (%s/%s), "+
			"it was probably built for another architecture or system; "+
			"build it for this one, such as with make build ARCH=%[4]s",
			err, bootstrap, runtime.GOOS, runtime.GOARCH)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("start bootstrap: %w; if the file is there, the interpreter or dynamic loader it names is not: "+
			"build it with CGO_ENABLED=0", err)
	default:
		return fmt.Errorf("start bootstrap: %w", err)
	}
}
