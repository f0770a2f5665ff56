package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"
)

// watchEvery is how often files are looked at: often enough not to be waited
// for, and nothing that a laptop notices.
const watchEvery = 300 * time.Millisecond

// watch runs what again whenever one of the files that it returns changes, until
// it is interrupted. The status is that of the last run.
func (c *Command) watch(run func() (files []string, status int)) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	for {
		if isTerminal(c.Stdout) {
			fmt.Fprint(c.Stdout, "\x1b[H\x1b[2J\x1b[3J")
		}
		files, status := run()
		fmt.Fprintf(c.Stderr, "taskbridge: watching %s; interrupt to stop\n", count(len(files), "file"))
		before := stamps(files)
		for slices.Equal(before, stamps(files)) {
			select {
			case <-ctx.Done():
				return status
			case <-time.After(watchEvery):
			}
		}
	}
}

// stamps tells states of files apart. A file that is not there has one, too.
func stamps(files []string) []string {
	out := make([]string, len(files))
	for i, file := range files {
		if info, err := os.Stat(file); err == nil {
			out[i] = fmt.Sprint(info.ModTime().UnixNano(), info.Size())
		}
	}
	return out
}
