// Package cli is the taskbridge command: one file for each verb.
//
// Data goes to stdout, messages to stderr. A command is a value with its streams
// in it, so that tests play the whole program in process.
package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
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

const usage = `taskbridge starts the right Amazon ECS task for an event, from one mapping file.

usage: taskbridge VERB [flags] [arguments]

  validate [FILE…]      check mapping files; every mistake at once
  compile [FILE]        write the plan that the function loads
  explain [FILE]        say for an event which rules match, which do not and why
  match                 test events against an event pattern, or a file of cases
  run                   deliver events to the real function binary, against an
                        embedded ECS endpoint (or real AWS with --live)
  version               print the version
  help [VERB]           print this, or a verb's flags

FILE is taskbridge.yaml unless given; - reads standard input.
exit status: 0 fine, 1 a check failed, 2 bad command line, 3 could not do it

example: taskbridge run --event events/samples/s3-eventbridge.json
`

type verb struct {
	name  string
	about string
	run   func(c *Command, args []string) int
}

// verbs are in the order of usage. The list is made by a function because help
// is one of them and needs it.
func verbs() []verb {
	return []verb{
		{"validate", validateUsage, (*Command).validate},
		{"compile", compileUsage, (*Command).compile},
		{"explain", explainUsage, (*Command).explain},
		{"match", matchUsage, (*Command).match},
		{"run", runUsage, (*Command).runVerb},
		{"version", "usage: taskbridge version\n\nprints the version of the program and of the plans it writes\n", (*Command).version},
		{"help", usage, (*Command).help},
	}
}

// Main runs the program with its arguments, without the program's name, and
// returns the exit status.
func (c *Command) Main(args []string) int {
	if len(args) == 0 {
		fmt.Fprint(c.Stderr, usage)
		return ExitUsage
	}
	switch args[0] {
	case "-h", "-help", "--help":
		return c.help(nil)
	case "-v", "-version", "--version":
		return c.version(nil)
	}
	var names []string
	for _, v := range verbs() {
		if v.name == args[0] {
			return v.run(c, args[1:])
		}
		names = append(names, v.name)
	}
	hint := "taskbridge help lists the verbs"
	if near := diag.Nearest(args[0], names); near != "" {
		hint = fmt.Sprintf("did you mean taskbridge %s?", near)
	}
	return c.usageError(hint, "unknown verb %q", args[0])
}

func (c *Command) help(args []string) int {
	if len(args) == 0 {
		fmt.Fprint(c.Stdout, usage)
		return ExitOK
	}
	for _, v := range verbs() {
		if v.name == args[0] {
			fmt.Fprint(c.Stdout, v.about)
			return ExitOK
		}
	}
	return c.usageError("taskbridge help lists the verbs", "unknown verb %q", args[0])
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

// parse reads the flags of a verb; flags may stand behind arguments. done says
// that the verb is over, with status.
func (c *Command) parse(fs *flag.FlagSet, about string, args []string) (rest []string, status int, done bool) {
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	for {
		err := fs.Parse(args)
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprint(c.Stdout, about)
			return nil, ExitOK, true
		}
		if err != nil {
			return nil, c.flagError(fs, err), true
		}
		// The flag package stops at the first argument.
		if fs.NArg() == 0 {
			return rest, 0, false
		}
		rest = append(rest, fs.Arg(0))
		args = fs.Args()[1:]
	}
}

func (c *Command) flagError(fs *flag.FlagSet, err error) int {
	var names []string
	fs.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
	hint := fmt.Sprintf("taskbridge help %s lists the flags", fs.Name())
	if name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); ok {
		if near := diag.Nearest(strings.TrimLeft(name, "-"), names); near != "" {
			hint = fmt.Sprintf("did you mean --%s?", near)
		}
		return c.usageError(hint, "unknown flag --%s", strings.TrimLeft(name, "-"))
	}
	return c.usageError(hint, "%v", err)
}

// list is a flag that may be given more than once.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(s string) error {
	*l = append(*l, s)
	return nil
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
