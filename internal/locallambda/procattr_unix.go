//go:build unix && !linux

package locallambda

import (
	"os"
	"syscall"
)

// childAttr puts the child into a process group of its own, so that its children
// die with it. There is no signal on the parent's death here: should this process
// be killed, the child ends when it next finds its runtime API gone.
func childAttr() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// signalGroup signals a child and all that it started in its process group.
func signalGroup(p *os.Process, sig syscall.Signal) { _ = syscall.Kill(-p.Pid, sig) }
