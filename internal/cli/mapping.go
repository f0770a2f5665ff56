package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/mapping/compile"
)

const defaultMapping = "taskbridge.yaml"

// read reads a file, standard input for "-".
func (c *Command) read(path string) ([]byte, error) {
	if path != "-" {
		return os.ReadFile(path)
	}
	data, err := io.ReadAll(c.Stdin)
	if err != nil {
		return nil, fmt.Errorf("read standard input: %w", err)
	}
	return data, nil
}

// load reads and compiles a mapping and prints its findings. The plan is nil if
// status is not ExitOK.
func (c *Command) load(path string) (plan *mapping.Plan, source []byte, status int) {
	source, err := c.read(path)
	if err != nil {
		if os.IsNotExist(err) && path == defaultMapping {
			c.errorf("%v", err)
			c.hintf("name the mapping file, or go to the folder that holds it")
			return nil, nil, ExitError
		}
		return nil, nil, c.fail(err)
	}
	plan, findings := compile.Compile(path, source)
	if plan == nil {
		c.printFindings(path, findings, source)
		return nil, nil, ExitFailed
	}
	return plan, source, ExitOK
}

// printFindings writes what is wrong with a file to stderr.
func (c *Command) printFindings(file string, findings diag.List, source []byte) {
	fmt.Fprint(c.Stderr, findings.Text(source))
	fmt.Fprintf(c.Stderr, "\n%s: %s; each code is explained in docs/findings.md\n", file, count(len(findings), "finding"))
}

func count(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "ch"):
		return fmt.Sprintf("%d %ses", n, noun)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func validateVerb() verb {
	return verb{
		name:     "validate",
		summary:  "check mapping files; every mistake at once",
		synopsis: []string{"[--format text|json] [FILE…]"},
		about: "checks mapping files: YAML, keys, event patterns, expressions, types and RunTask's limits. " +
			"Every mistake is reported, with file:line:col, a code and what to do.",
		operands: fileOperands,
		exits:    "0 no findings; 1 there are findings; 3 a file could not be read.",
		examples: []string{"taskbridge validate --format json taskbridge.yaml"},
		output:   []any{finding{}},
		bind: func(f *flags) runner {
			var format string
			f.choice(&format, "format", "json: one list of findings on stdout", "text", "json")
			return func(c *Command, files []string) int { return c.validate(format, files) }
		},
	}
}

func (c *Command) validate(format string, files []string) int {
	if len(files) == 0 {
		files = []string{defaultMapping}
	}
	if format == "json" {
		return c.validateJSON(files)
	}
	worst := ExitOK
	for _, file := range files {
		plan, _, status := c.load(file)
		worst = max(worst, status)
		if plan != nil {
			fmt.Fprintf(c.Stdout, "%s: %s, no findings\n", file, count(len(plan.Rules), "rule"))
		}
	}
	return worst
}

// finding is a diag.Finding in the JSON output.
type finding struct {
	File    string `json:"file" doc:"as it was named"`
	Line    int    `json:"line" doc:"counts from 1; 0: the file as a whole"`
	Col     int    `json:"col" doc:"in characters, counts from 1"`
	Code    string `json:"code" doc:"stable; a section of docs/findings.md"`
	Message string `json:"message" doc:"what is wrong and what was expected"`
	Hint    string `json:"hint,omitempty" doc:"what to do"`
}

// findingsOf is findings for the JSON output; it is never null there.
func findingsOf(list diag.List) []finding {
	out := make([]finding, len(list))
	for i, f := range list {
		out[i] = finding{f.File, f.Pos.Line, f.Pos.Col, f.Code, f.Message, f.Hint}
	}
	return out
}

func (c *Command) validateJSON(files []string) int {
	var all diag.List
	for _, file := range files {
		source, err := c.read(file)
		if err != nil {
			return c.fail(err)
		}
		_, found := compile.Compile(file, source)
		all = append(all, found...)
	}
	if err := c.writeJSON(findingsOf(all)); err != nil {
		return c.fail(err)
	}
	if len(all) > 0 {
		return ExitFailed
	}
	return ExitOK
}

func (c *Command) writeJSON(v any) error {
	enc := json.NewEncoder(c.Stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func compileVerb() verb {
	return verb{
		name:     "compile",
		summary:  "write the plan that the function loads",
		synopsis: []string{"[-o FILE] [FILE]"},
		about: "checks a mapping file and writes the plan that the function loads at start. " +
			"The same mapping gives the same plan, byte for byte.",
		operands: fileOperands,
		exits:    "0; 1 the mapping has findings; 3 a file could not be read or written.",
		examples: []string{"taskbridge compile -o dist/handler/taskbridge.plan.json taskbridge.yaml"},
		bind: func(f *flags) runner {
			out := "-"
			f.text(&out, "o", "FILE", "where to write, standard output unless given; package it beside bootstrap as taskbridge.plan.json")
			return func(c *Command, files []string) int { return c.compile(out, files) }
		},
	}
}

func (c *Command) compile(out string, files []string) int {
	switch len(files) {
	case 0:
		files = []string{defaultMapping}
	case 1:
	default:
		return c.usageError("one plan holds one mapping", "compile takes one file, got %d", len(files))
	}
	plan, _, status := c.load(files[0])
	if plan == nil {
		return status
	}
	text, err := plan.Marshal()
	if err == nil {
		if out == "-" {
			_, err = c.Stdout.Write(text)
		} else {
			err = os.WriteFile(out, text, 0o644)
		}
	}
	if err != nil {
		return c.fail(err)
	}
	return ExitOK
}
