//go:build darwin || linux

package cli

import (
	"os"
	"syscall"
	"unsafe"
)

// terminalWidth is the number of columns of a terminal, 0 if it does not say.
func terminalWidth(file *os.File) int {
	var size struct{ rows, cols, x, y uint16 }
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, file.Fd(), syscall.TIOCGWINSZ, uintptr(unsafe.Pointer(&size)))
	if errno != 0 {
		return 0
	}
	return int(size.cols)
}
