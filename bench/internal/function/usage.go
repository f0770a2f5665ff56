package function

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Usage is what a process holds and has spent.
type Usage struct {
	CPU     time.Duration // of all its threads
	RSS     int           // bytes
	PeakRSS int           // bytes
	Threads int
	Sockets int
}

// usage reads /proc: Linux alone has the figures of another process this exactly.
// The kernel documents schedstat as time on the CPU in nanoseconds
// (Documentation/scheduler/sched-stats.rst).
func usage(pid int) (Usage, error) {
	var u Usage
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	tasks, err := os.ReadDir(filepath.Join(dir, "task"))
	if err != nil {
		return u, fmt.Errorf("figures of a process: %w (they are read from Linux's /proc)", err)
	}
	for _, t := range tasks {
		text, err := os.ReadFile(filepath.Join(dir, "task", t.Name(), "schedstat"))
		if err != nil {
			continue // the thread has ended
		}
		ns, _, _ := strings.Cut(string(text), " ")
		n, err := strconv.ParseInt(ns, 10, 64)
		if err != nil {
			return u, fmt.Errorf("schedstat: %w", err)
		}
		u.CPU += time.Duration(n)
	}
	status, err := os.ReadFile(filepath.Join(dir, "status"))
	if err != nil {
		return u, fmt.Errorf("figures of a process: %w", err)
	}
	u.RSS, u.PeakRSS = field(status, "VmRSS:")<<10, field(status, "VmHWM:")<<10
	u.Threads = field(status, "Threads:")
	files, _ := os.ReadDir(filepath.Join(dir, "fd"))
	for _, f := range files {
		if to, err := os.Readlink(filepath.Join(dir, "fd", f.Name())); err == nil && strings.HasPrefix(to, "socket:") {
			u.Sockets++
		}
	}
	return u, nil
}

// field is the number after name in a text like /proc/PID/status.
func field(status []byte, name string) int {
	_, rest, ok := bytes.Cut(status, []byte(name))
	if !ok {
		return 0
	}
	words := bytes.Fields(rest[:min(len(rest), 40)])
	if len(words) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(string(words[0]))
	return n
}
