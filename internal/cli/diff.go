package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/mapping/compile"
)

func diffVerb() verb {
	return verb{
		name:     "diff",
		summary:  "say what changes between two mappings",
		synopsis: []string{"[flags] OLD NEW"},
		about: "says what changes in behaviour between two mappings: rules, permissions and, given events, which launches appear, vanish or change. " +
			"For pull requests; OLD or NEW may be -, such as git show main:taskbridge.yaml gives.",
		operands: fileOperands,
		exits:    "0 they behave the same; 1 they differ, or one has findings; 3 a file could not be read, or an event is none.",
		examples: []string{"git show main:taskbridge.yaml | taskbridge diff - taskbridge.yaml"},
		output:   []any{diffOutput{}},
		bind: func(f *flags) runner {
			var o diffOptions
			f.list(&o.events, "events", "FILE", "an event to try both with, a folder of them, or the name of a sample")
			o.params.declare(f)
			f.list(&o.env, "env", "NAME=VALUE", "environment of the function")
			f.choice(&o.format, "format", "json: one object on stdout", "text", "json")
			return func(c *Command, files []string) int { return c.diff(&o, files) }
		},
	}
}

type diffOptions struct {
	format      string
	events, env list
	params      paramFlags
}

// diffOutput is the JSON output of diff.
type diffOutput struct {
	Old         string             `json:"old" doc:"its file"`
	New         string             `json:"new" doc:"its file"`
	Same        bool               `json:"same" doc:"nothing changes"`
	Rules       []ruleChange       `json:"rules" doc:"that change"`
	Permissions []permissionChange `json:"permissions" doc:"that the function needs or needs no longer"`
	Events      int                `json:"events" doc:"how many both were tried with"`
	Launches    []launchChange     `json:"launches" doc:"of the events, that change"`
}

// The kinds of change.
const (
	changeAdded   = "added"
	changeRemoved = "removed"
	changeChanged = "changed"
)

// ruleChange is a rule that is not the same in both.
type ruleChange struct {
	Rule    string   `json:"rule" doc:"its name"`
	Change  string   `json:"change" doc:"added, removed or changed"`
	Changes []change `json:"changes,omitempty" doc:"what changes in it"`
}

// change is one value that is not the same in both.
type change struct {
	Path string `json:"path" doc:"in the mapping's words"`
	Old  string `json:"old" doc:"JSON; empty: nothing"`
	New  string `json:"new" doc:"likewise"`
}

// permissionChange is one action on one resource.
type permissionChange struct {
	Change     string   `json:"change" doc:"added or removed"`
	Action     string   `json:"action" doc:"such as ecs:RunTask"`
	Resource   string   `json:"resource" doc:"ARN, with CloudFormation's pseudo parameters"`
	Conditions []string `json:"conditions,omitempty" doc:"such as ArnEquals ecs:cluster ARN"`
}

// launchChange is a launch that only one of them makes, or that differs.
type launchChange struct {
	Event   string   `json:"event" doc:"the file, and the number of the event in it if there are several"`
	Rule    string   `json:"rule" doc:"its name"`
	Element int      `json:"element" doc:"index under forEach, else 0"`
	Change  string   `json:"change" doc:"added, removed or changed"`
	Changes []change `json:"changes,omitempty" doc:"what changes in the request, the key or the error"`
}

func (c *Command) diff(o *diffOptions, files []string) int {
	if len(files) != 2 {
		return c.usageError("write taskbridge diff OLD NEW", "diff takes two mappings, got %d", len(files))
	}
	if files[0] == "-" && files[1] == "-" {
		return c.usageError("", "standard input can be read only once")
	}
	if status := c.checkEnv(o.env); status != ExitOK {
		return status
	}
	plans, status := c.diffPlans(o, files)
	if status != ExitOK {
		return status
	}
	out := diffOutput{
		Old: files[0], New: files[1], Rules: ruleChanges(plans[0], plans[1]), Launches: []launchChange{},
	}
	env := c.functionEnv(o.env)
	var err error
	if out.Permissions, err = permissionChanges(plans[0], plans[1], env); err == nil {
		err = c.launchChanges(o, plans, &out)
	}
	if err != nil {
		return c.fail(err)
	}
	out.Same = len(out.Rules)+len(out.Permissions)+len(out.Launches) == 0
	if o.format == "json" {
		if err := c.writeJSON(&out); err != nil {
			return c.fail(err)
		}
	} else {
		c.printDiff(&out)
	}
	if !out.Same {
		return ExitFailed
	}
	return ExitOK
}

// diffPlans compiles both. A parameter that only one of them declares is given to
// that one alone.
func (c *Command) diffPlans(o *diffOptions, files []string) (plans [2]*mapping.Plan, status int) {
	all, status := c.options(&o.params)
	if status != ExitOK {
		return plans, status
	}
	var sources [2][]byte
	var declared [2][]string
	for i, file := range files {
		source, err := c.read(file)
		if err != nil {
			return plans, c.fail(err)
		}
		sources[i] = source
		declared[i] = compile.ReadDocument(file, source).Root().Member("params").Keys()
	}
	for _, name := range slices.Sorted(maps.Keys(all.Params)) {
		if !slices.Contains(slices.Concat(declared[0], declared[1]), name) {
			return plans, c.usageError("", "neither mapping has the parameter %q", name)
		}
	}
	for i, file := range files {
		own := compile.Options{Params: map[string]any{}}
		for _, name := range declared[i] {
			if v, ok := all.Params[name]; ok {
				own.Params[name] = v
			}
		}
		plan, findings := own.Compile(file, sources[i])
		if plan == nil {
			c.printFindings(file, findings, sources[i])
			return plans, ExitFailed
		}
		plans[i] = plan
	}
	return plans, ExitOK
}

func (c *Command) printDiff(out *diffOutput) {
	s := c.style()
	if out.Same {
		fmt.Fprintf(c.Stdout, "%s and %s behave the same%s\n", out.Old, out.New, c.triedWith(out))
		return
	}
	p := diffPrinter{c, s}
	if len(out.Rules) > 0 {
		fmt.Fprintln(c.Stdout, s.bold("rules"))
		for i := range out.Rules {
			r := &out.Rules[i]
			p.entry(r.Change, r.Rule)
			p.changes(r.Changes)
		}
	}
	if len(out.Permissions) > 0 {
		fmt.Fprintln(c.Stdout, s.bold("permissions"))
		for i := range out.Permissions {
			q := &out.Permissions[i]
			p.entry(q.Change, q.Action+" on "+q.Resource)
			for _, condition := range q.Conditions {
				fmt.Fprintf(c.Stdout, "      %s\n", s.dim("if "+condition))
			}
		}
	}
	if out.Events > 0 {
		fmt.Fprintf(c.Stdout, "%s of %s: %d change\n", s.bold("launches"), count(out.Events, "event"), len(out.Launches))
	}
	event := ""
	for i := range out.Launches {
		l := &out.Launches[i]
		if l.Event != event {
			event = l.Event
			fmt.Fprintf(c.Stdout, "  %s\n", event)
		}
		name := l.Rule
		if l.Element > 0 {
			name += fmt.Sprintf(", element %d", l.Element)
		}
		fmt.Fprint(c.Stdout, "  ")
		p.entry(l.Change, name)
		p.changes(l.Changes)
	}
}

func (c *Command) triedWith(out *diffOutput) string {
	if out.Events == 0 {
		return ""
	}
	return ", with " + count(out.Events, "event")
}

type diffPrinter struct {
	c     *Command
	style style
}

// entry writes one line with the sign of its change.
func (p *diffPrinter) entry(kind, text string) {
	sign := map[string]string{
		changeAdded: p.style.paint("32", "+"), changeRemoved: p.style.paint("31", "-"), changeChanged: p.style.paint("33", "~"),
	}[kind]
	fmt.Fprintf(p.c.Stdout, "  %s %s\n", sign, printable(text))
}

func (p *diffPrinter) changes(list []change) {
	for _, ch := range list {
		if ch.Path != "" {
			fmt.Fprintf(p.c.Stdout, "      %s\n", printable(ch.Path))
		}
		for _, line := range []string{"        old " + p.style.paint("31", orNothing(ch.Old)), "        new " + p.style.paint("32", orNothing(ch.New))} {
			fmt.Fprintln(p.c.Stdout, strings.TrimRight(line, " "))
		}
	}
}
