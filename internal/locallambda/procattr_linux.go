package locallambda

import (
	"os"
	"syscall"
)

// childAttr puts the child into a process group of its own, so that its children
// die with it, and asks the kernel to kill it should this process be killed.
func childAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// signalGroup signals a child and all that it started in its process group.
func signalGroup(p *os.Process, sig syscall.Signal) { _ = syscall.Kill(-p.Pid, sig) }
