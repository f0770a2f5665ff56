package locallambda

import (
	"errors"
	"slices"
	"sync"
)

// ErrClosed is the error of an Invoke that Close ended or came before.
var ErrClosed = errors.New("local lambda is closed")

// Lambda runs one function. Its methods may be called from several goroutines.
type Lambda struct {
	cfg     Config
	out     output
	slots   chan struct{} // one element for each invocation in flight
	closing chan struct{} // closed by Close

	mu        sync.Mutex
	closed    bool
	invokes   sync.WaitGroup // Add only under mu and while not closed
	started   int            // processes started so far
	processes []*process     // all that are alive, in the order of their start
	idle      []*process     // those that wait for an invocation, last used last
}

// New checks the configuration and reports all that is wrong with it. It starts
// nothing: the first Invoke does.
func New(cfg Config) (*Lambda, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	return &Lambda{
		cfg:     cfg,
		out:     output{emit: cfg.Output},
		slots:   make(chan struct{}, cfg.Concurrency),
		closing: make(chan struct{}),
	}, nil
}

// Close ends all invocations, which return [ErrClosed], and all processes: with
// SIGTERM, then, after half a second, with SIGKILL. When it returns, no process is
// left and all output is delivered. Further calls do nothing. The error is always
// nil.
func (l *Lambda) Close() error {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.closing)
	}
	l.mu.Unlock()
	// After this nobody starts a process.
	l.invokes.Wait()

	l.mu.Lock()
	alive := slices.Clone(l.processes)
	l.mu.Unlock()
	var ends sync.WaitGroup
	for _, p := range alive {
		ends.Go(p.terminate)
	}
	ends.Wait()
	return nil
}

// Processes returns the process ids of the processes that are alive, in the order
// of their start. It is meant for tests that kill one. A process is listed until
// its output is delivered.
func (l *Lambda) Processes() []int {
	l.mu.Lock()
	defer l.mu.Unlock()
	pids := make([]int, 0, len(l.processes))
	for _, p := range l.processes {
		pids = append(pids, p.cmd.Process.Pid)
	}
	return pids
}

// process returns the idle process that was used last, or else a new one. There
// are never more processes than slots: whoever calls this holds one, and all
// processes that are not idle are held by others that do.
func (l *Lambda) process() (*process, error) {
	l.mu.Lock()
	if n := len(l.idle); n > 0 {
		p := l.idle[n-1]
		l.idle = l.idle[:n-1]
		l.mu.Unlock()
		return p, nil
	}
	l.started++
	number := l.started
	l.mu.Unlock()

	p, err := startProcess(&l.cfg, number, &l.out, l.forget)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !p.forgotten {
		l.processes = append(l.processes, p)
	}
	return p, nil
}

// release puts a process that asked for its next invocation among the idle ones.
func (l *Lambda) release(p *process) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if slices.Contains(l.processes, p) {
		l.idle = append(l.idle, p)
	}
}

// forget drops a process that has ended.
func (l *Lambda) forget(p *process) {
	is := func(q *process) bool { return q == p }
	l.mu.Lock()
	defer l.mu.Unlock()
	p.forgotten = true // it may end before it is listed
	l.processes = slices.DeleteFunc(l.processes, is)
	l.idle = slices.DeleteFunc(l.idle, is)
}
