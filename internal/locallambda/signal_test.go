//go:build unix

package locallambda

import (
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"time"
)

func TestKilledWhileIdle(t *testing.T) {
	t.Parallel()
	l := start(t, "handler")
	wantCold(t, l, true, 1)
	l.mu.Lock()
	p := l.processes[0]
	l.mu.Unlock()
	if err := syscall.Kill(l.Processes()[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-p.exited
	wantCold(t, l, true, 2)
}

// An idle process that dies just as it is picked has not seen the event: another
// process serves it.
func TestKilledWhenPicked(t *testing.T) {
	t.Parallel()
	l := start(t, "handler")
	wantCold(t, l, true, 1)
	l.mu.Lock()
	p := l.processes[0]
	l.mu.Unlock()
	p.kill()
	l.mu.Lock()
	l.idle = append(l.idle, p)
	l.mu.Unlock()
	wantCold(t, l, true, 2)
}

func TestKilledWhileBusy(t *testing.T) {
	t.Parallel()
	m := newMeeting(t)
	l := start(t, "handler")
	done := make(chan Result, 1)
	go func() {
		res, err := l.Invoke(t.Context(), event(t, order{Do: "meet", Addr: m.addr()}))
		if err != nil {
			t.Error(err)
		}
		done <- res
	}()
	m.receive()
	if err := syscall.Kill(l.Processes()[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	wantFailure(t, <-done, TypeExit, "RequestId: {id} Error: Runtime exited with error: signal: killed")
	wantCold(t, l, true, 2)
}

// Kills at random moments: every invocation ends, as a success or as a crash.
func TestKilledAnytime(t *testing.T) {
	t.Parallel()
	l := start(t, "handler", func(c *Config) { c.Concurrency = 2 })
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			for _, pid := range l.Processes() {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
			select {
			case <-stop:
				return
			case <-time.After(40 * time.Millisecond):
			}
		}
	}()
	for range 20 {
		res := invoke(t, l, order{Do: "echo", Text: "x"})
		if e := res.FunctionError; e != nil && e.Type != TypeExit {
			t.Errorf("function error: %v", e)
		}
	}
	close(stop)
	<-stopped
}

func TestParentDies(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("there is no signal on the death of a parent on " + runtime.GOOS)
	}
	m := newMeeting(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = []string{childEnv + "=parent", "ADDR=" + m.addr()}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	conn := m.receive()
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	awaitEnd(t, conn)
}
