package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/importer"
)

func importVerb() verb {
	return verb{
		name:     "import",
		summary:  "make a mapping of EventBridge rules and schedules",
		synopsis: []string{"[flags] FILE…"},
		about: "makes a mapping of what starts ECS tasks today. FILE is a CloudFormation template (SAM and cdk synth, too); " +
			"a plan, as terraform show -json prints it; or what the AWS CLI prints: events describe-rule followed by events list-targets-by-rule, or scheduler get-schedule.\n\n" +
			"The mapping goes to stdout, a report to stderr: what was not carried over and why, what only the deployment knows and so is a parameter, " +
			"and a proof: the mapping beside a model of EventBridge's input transformer, on events made from the patterns and on yours.",
		operands: fileOperands,
		exits:    "0; 1 nothing was carried over, the mapping needs work, or an event comes out differently; 3 a file could not be read, or is none of these.",
		examples: []string{"taskbridge import template.yaml -o taskbridge.yaml"},
		output:   []any{importer.Result{}},
		bind: func(f *flags) runner {
			var o importOptions
			f.text(&o.out, "o", "FILE", "where to write the mapping; a file that exists is not overwritten")
			f.list(&o.events, "events", "FILE", "an event to prove the mapping with, or a folder of them")
			f.choice(&o.format, "format", "json: mapping and report as one object on stdout", "text", "json")
			return func(c *Command, files []string) int { return c.importFiles(&o, files) }
		},
	}
}

type importOptions struct {
	out, format string
	events      list
}

func (c *Command) importFiles(o *importOptions, files []string) int {
	if len(files) == 0 {
		return c.usageError("write taskbridge import template.yaml", "import needs a file")
	}
	input, err := c.inputs(files)
	if err != nil {
		return c.fail(err)
	}
	paths, err := eventFiles(o.events)
	if err != nil {
		return c.fail(err)
	}
	events, err := c.inputs(paths)
	if err != nil {
		return c.fail(err)
	}
	res, err := importer.Import(input, events)
	if err != nil {
		return c.fail(err)
	}
	if o.out != "" && res.Mapping != "" {
		if err := writeNew(o.out, []byte(res.Mapping)); err != nil {
			return c.fail(err)
		}
	}
	switch {
	case o.format == "json":
		if err := c.writeJSON(res); err != nil {
			return c.fail(err)
		}
	case o.out == "":
		fmt.Fprint(c.Stdout, res.Mapping)
	}
	if o.format == "text" {
		c.printImport(o, res)
	}
	if len(res.Proofs) == 0 || slices.ContainsFunc(res.Proofs, func(p importer.Proof) bool { return !p.Same }) {
		return ExitFailed
	}
	return ExitOK
}

func (c *Command) inputs(files []string) ([]importer.File, error) {
	var out []importer.File
	for _, file := range files {
		data, err := c.read(file)
		if err != nil {
			return nil, err
		}
		out = append(out, importer.File{Name: file, Data: data})
	}
	return out, nil
}

// eventFiles are files, and the .json files of folders.
func eventFiles(args []string) ([]string, error) {
	var out []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil || !info.IsDir() {
			out = append(out, arg) // reading it gives the error
			continue
		}
		err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.HasSuffix(path, ".json") {
				out = append(out, path)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// printImport writes the report.
func (c *Command) printImport(o *importOptions, res *importer.Result) {
	w := c.Stderr
	where := ""
	if o.out != "" && res.Mapping != "" {
		where = ", written to " + o.out
	}
	fmt.Fprintf(w, "%s carried over%s\n", count(len(res.Rules), "rule"), where)
	for _, r := range res.Rules {
		fmt.Fprintf(w, "  %s  from %s\n", r.Name, r.Origin)
	}
	if len(res.Params) > 0 {
		fmt.Fprintln(w, "\nparameters, which only the deployment knows:")
		for _, p := range res.Params {
			fmt.Fprintf(w, "  %s  %s, from %s\n", p.Name, p.Type, printable(p.Source))
		}
	}
	for _, kind := range []string{importer.Lost, importer.Finding} {
		title := map[string]string{importer.Lost: "not carried over", importer.Finding: "findings"}[kind]
		for _, n := range res.Notes {
			if n.Kind != kind {
				continue
			}
			if title != "" {
				fmt.Fprintf(w, "\n%s:\n", title)
				title = ""
			}
			fmt.Fprintf(w, "  %s: %s\n", printable(n.Origin), printable(n.What))
		}
	}
	c.printProofs(len(res.Rules), res.Proofs)
}

func (c *Command) printProofs(rules int, proofs []importer.Proof) {
	if len(proofs) == 0 {
		if rules > 0 {
			fmt.Fprintln(c.Stderr, "\nnothing could be proved: the mapping does not compile before its findings are seen to")
		}
		return
	}
	same := 0
	for i := range proofs {
		if proofs[i].Same {
			same++
		}
	}
	fmt.Fprintf(c.Stderr, "\nproof: %d of %s come out as with EventBridge\n", same, count(len(proofs), "event"))
	for i := range proofs {
		if p := &proofs[i]; !p.Same {
			fmt.Fprintf(c.Stderr, "  %s, %s\n    EventBridge: %s\n    the mapping: %s\n", p.Rule, p.Event, printable(p.Want), printable(p.Got))
		}
	}
}
