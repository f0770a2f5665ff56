package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/taskbridge/taskbridge/internal/diag"
)

// A verb is one command of the program, described once: --help, docs/cli.md,
// completion and the reading of its flags all come from here.
type verb struct {
	name     string
	summary  string   // in the list of verbs: one line, at most 50 characters
	synopsis []string // without the program's name and the verb
	about    string   // paragraphs; lines are broken anew
	operands operands
	exits    string // what the exit statuses mean for this verb
	examples []string
	output   []any // a value of each type that it prints as JSON
	// bind declares the flags and returns what runs once they are read.
	bind func(f *flags) runner
}

// A runner does the work of a verb and returns the exit status.
type runner func(c *Command, args []string) int

// operands says what the arguments of a verb name, for completion.
type operands uint8

const (
	noOperands operands = iota
	fileOperands
	verbOperands
)

// verbs are in the order of the list that help prints. The table is made by a
// function because help is one of them and needs it.
func verbs() []verb {
	return []verb{
		initVerb(),
		validateVerb(),
		compileVerb(),
		explainVerb(),
		testVerb(),
		diffVerb(),
		importVerb(),
		matchVerb(),
		runVerb(),
		verifyVerb(),
		schemaVerb(),
		iamVerb(),
		samVerb(),
		packageVerb(),
		completionVerb(),
		versionVerb(),
		helpVerb(),
	}
}

func verbNames() []string {
	var names []string
	for _, v := range verbs() {
		names = append(names, v.name)
	}
	return names
}

// findVerb is the verb of a name; false, with a message on stderr, if there is none.
func (c *Command) findVerb(name string) (verb, bool) {
	all := verbs()
	if i := slices.IndexFunc(all, func(v verb) bool { return v.name == name }); i >= 0 {
		return all[i], true
	}
	hint := "taskbridge help lists the verbs"
	if near := diag.Nearest(name, verbNames()); near != "" {
		hint = fmt.Sprintf("did you mean taskbridge %s?", near)
	}
	c.usageError(hint, "unknown verb %q", name)
	return verb{}, false
}

// flags are those of one verb, in the order in which they are declared.
type flags struct {
	set  *flag.FlagSet
	docs []flagDoc
}

// A flagDoc is what help says about a flag.
type flagDoc struct {
	name    string
	value   string   // what stands for its value, "" for a switch
	choices []string // every value there is, if they are few
	help    string
}

func (d *flagDoc) usage() string {
	dashes := "--"
	if len(d.name) == 1 {
		dashes = "-"
	}
	return strings.TrimSpace(dashes + d.name + " " + d.value)
}

func newFlags(v *verb) (*flags, runner) {
	f := &flags{set: flag.NewFlagSet(v.name, flag.ContinueOnError)}
	f.set.SetOutput(io.Discard)
	f.set.Usage = func() {}
	return f, v.bind(f)
}

func (f *flags) declare(name, value, help string) {
	f.docs = append(f.docs, flagDoc{name: name, value: value, help: help})
}

// text is a flag with a value; what p holds already is its default.
func (f *flags) text(p *string, name, value, help string) {
	f.declare(name, value, help)
	f.set.StringVar(p, name, *p, "")
}

// list is a flag that may be given more than once.
func (f *flags) list(p *list, name, value, help string) {
	f.declare(name, value, help+"; may be repeated")
	f.set.Var(p, name, "")
}

// bool is a switch.
func (f *flags) bool(p *bool, name, help string) {
	f.declare(name, "", help)
	f.set.BoolVar(p, name, *p, "")
}

// optional is a flag that can stand alone, which means preset, or be given a value
// with =.
func (f *flags) optional(p *string, name, preset, help string) {
	f.declare(name, "", help)
	f.set.BoolFunc(name, "", func(value string) error {
		if value == "true" {
			value = preset
		}
		*p = value
		return nil
	})
}

// duration is a flag such as 30s; what p holds already is its default.
func (f *flags) duration(p *time.Duration, name, help string) {
	f.declare(name, short(*p), help)
	f.set.DurationVar(p, name, *p, "")
}

// short is a duration as people write it: 1m and 24h, not 1m0s and 24h0m0s.
func short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// choice is a flag that takes one of a few values; the first is the default.
func (f *flags) choice(p *string, name, help string, values ...string) {
	*p = values[0]
	f.docs = append(f.docs, flagDoc{name: name, value: strings.Join(values, "|"), choices: values, help: help})
	f.set.Func(name, "", func(got string) error {
		if !slices.Contains(values, got) {
			return &choiceError{flag: name, got: got, values: values}
		}
		*p = got
		return nil
	})
}

// choiceError is a value that a flag does not take.
type choiceError struct {
	flag, got string
	values    []string
}

func (e *choiceError) Error() string {
	last := len(e.values) - 1
	return fmt.Sprintf("unknown --%s %q, expected %s or %s", e.flag, e.got, strings.Join(e.values[:last], ", "), e.values[last])
}

// list is the values of a flag that may be given more than once.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(s string) error {
	*l = append(*l, s)
	return nil
}

// perform reads the flags of v and runs it. Flags may stand behind arguments;
// what follows -- is an argument whatever it looks like.
func (c *Command) perform(v *verb, args []string) int {
	f, run := newFlags(v)
	var rest []string
	for {
		err := f.set.Parse(args)
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprint(c.Stdout, v.help())
			return ExitOK
		}
		if err != nil {
			return c.flagError(v, f, err)
		}
		// The flag package stops at the first argument and behind --.
		left := f.set.Args()
		if len(left) == 0 {
			return run(c, rest)
		}
		if n := len(args) - len(left); n > 0 && args[n-1] == "--" {
			return run(c, append(rest, left...))
		}
		rest, args = append(rest, left[0]), left[1:]
	}
}

// flagError says what is wrong with a flag. The flag package has only text for
// it: its messages are told apart by how they begin and end.
func (c *Command) flagError(v *verb, f *flags, err error) int {
	hint := fmt.Sprintf("taskbridge help %s lists the flags", v.name)
	message := err.Error()
	if name, ok := strings.CutPrefix(message, "flag provided but not defined: -"); ok {
		var names []string
		for i := range f.docs {
			names = append(names, f.docs[i].name)
		}
		name = strings.TrimLeft(name, "-")
		if near := diag.Nearest(name, names); near != "" {
			hint = fmt.Sprintf("did you mean --%s?", near)
		}
		return c.usageError(hint, "unknown flag --%s", name)
	}
	if name, ok := strings.CutPrefix(message, "flag needs an argument: -"); ok {
		for i := range f.docs {
			if f.docs[i].name == name {
				hint = "write " + f.docs[i].usage()
			}
		}
		return c.usageError(hint, "--%s needs a value", name)
	}
	// The error of a choice is quoted whole behind the flag and its value.
	if _, text, ok := strings.Cut(message, ": unknown "); ok {
		return c.usageError("", "unknown %s", text)
	}
	return c.usageError(hint, "%v", err)
}
