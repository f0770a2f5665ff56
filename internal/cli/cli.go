// Package cli is the taskbridge command: one file for each verb.
//
// Data goes to stdout, messages to stderr. A command is a value with its streams
// in it, so that tests play the whole program in process.
package cli

import (
	"fmt"
	"io"
	"strings"
)

// Exit statuses.
const (
	ExitOK     = 0 // fine
	ExitFailed = 1 // a check or test failed
	ExitUsage  = 2 // bad command line
	ExitError  = 3 // could not do it: files, AWS, credentials
)

// A Command is one run of the program.
type Command struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Environ        []string // as os.Environ gives it
	Executable     string   // path of the program, to find the function's binary near it
}

// Main runs the program with its arguments, without the program's name, and
// returns the exit status.
func (c *Command) Main(args []string) int {
	if len(args) == 0 {
		fmt.Fprint(c.Stderr, usage())
		return ExitUsage
	}
	switch args[0] {
	case "-h", "-help", "--help":
		return c.help(nil)
	case "-v", "-version", "--version":
		args = []string{"version"}
	}
	v, ok := c.findVerb(args[0])
	if !ok {
		return ExitUsage
	}
	return c.perform(&v, args[1:])
}

// errorf writes an error in the program's voice: lower case, no stop.
func (c *Command) errorf(format string, args ...any) {
	fmt.Fprintf(c.Stderr, "taskbridge: error: "+format+"\n", args...)
}

func (c *Command) hintf(format string, args ...any) {
	fmt.Fprintf(c.Stderr, "taskbridge: hint: "+format+"\n", args...)
}

func (c *Command) usageError(hint, format string, args ...any) int {
	c.errorf(format, args...)
	if hint != "" {
		c.hintf("%s", hint)
	}
	return ExitUsage
}

// fail reports that the program could not do its work.
func (c *Command) fail(err error) int {
	c.errorf("%v", err)
	return ExitError
}

// env looks a variable up in the program's environment.
func (c *Command) env(name string) (string, bool) {
	for i := len(c.Environ) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(c.Environ[i], name+"="); ok {
			return value, true
		}
	}
	return "", false
}
