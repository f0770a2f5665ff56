//go:build !unix

package locallambda

import (
	"os"
	"syscall"
)

func childAttr() *syscall.SysProcAttr { return nil }

// signalGroup ends the child: there are neither groups nor signals here.
func signalGroup(p *os.Process, _ syscall.Signal) { _ = p.Kill() }
