package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/mapping/compile"
)

const defaultMapping = "taskbridge.yaml"

// read reads a file, standard input for "-".
func (c *Command) read(path string) ([]byte, error) {
	if path != "-" {
		data, err := os.ReadFile(path)
		return data, misspelt(path, err)
	}
	data, err := io.ReadAll(c.Stdin)
	if err != nil {
		return nil, fmt.Errorf("read standard input: %w", err)
	}
	return data, nil
}

// misspelt adds to the error of a file that does not exist the one of the same
// folder that was probably meant.
func misspelt(path string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	entries, _ := os.ReadDir(filepath.Dir(path))
	near, ext := "", filepath.Ext(path)
	var stems []string
	for _, e := range entries {
		switch name := e.Name(); {
		case e.IsDir():
		case stem(name) == stem(path): // taskbridge.yml
			near = name
		case filepath.Ext(name) == ext:
			stems = append(stems, stem(name))
		}
	}
	if like := diag.Nearest(stem(path), stems); near == "" && like != "" {
		near = like + ext
	}
	if near == "" {
		return err
	}
	return fmt.Errorf("%w; did you mean %s?", err, filepath.Join(filepath.Dir(path), near))
}

func stem(path string) string {
	name := filepath.Base(path)
	return strings.TrimSuffix(name, filepath.Ext(name))
}

// load reads and compiles a mapping and prints its findings. The plan is nil if
// status is not ExitOK.
func (c *Command) load(path string, o compile.Options) (plan *mapping.Plan, source []byte, status int) {
	source, err := c.read(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) && path == defaultMapping {
			return nil, nil, c.noMapping(err)
		}
		return nil, nil, c.fail(err)
	}
	plan, findings := o.Compile(path, source)
	if len(findings) > 0 {
		c.printFindings(path, findings, source)
	}
	if plan == nil {
		return nil, nil, ExitFailed
	}
	return plan, source, ExitOK
}

func (c *Command) noMapping(err error) int {
	c.errorf("%v", err)
	c.hintf("name the mapping file, or go to the folder that holds it; taskbridge init writes one")
	return ExitError
}

// printFindings writes what is wrong with a file to stderr.
func (c *Command) printFindings(file string, findings diag.List, source []byte) {
	fmt.Fprint(c.Stderr, findings.Text(source))
	fmt.Fprintf(c.Stderr, "\n%s: %s; each code is explained in %s\n", file, findingCount(findings), strings.Join(pagesOf(findings), " and "))
}

// pagesOf are the pages that explain the codes of findings.
func pagesOf(findings diag.List) []string {
	var pages []string
	for _, f := range findings {
		page, _, _ := strings.Cut("docs/"+pageOf(f.Code), "#")
		if !slices.Contains(pages, page) {
			pages = append(pages, page)
		}
	}
	slices.Sort(pages)
	return pages
}

// findingCount says how many of the findings are what.
func findingCount(l diag.List) string {
	errors := l.Errors()
	warnings := len(l) - errors
	switch {
	case warnings == 0:
		return count(errors, "finding")
	case errors == 0:
		return count(warnings, "warning")
	}
	return count(errors, "error") + ", " + count(warnings, "warning")
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
		synopsis: []string{"[flags] [FILE…]"},
		about: "checks mapping files: YAML, keys, event patterns, expressions, types and RunTask's limits. " +
			"Every mistake is reported, with file:line:col, a code and what to do. " +
			"Parameters need no values: the mapping is then checked for any.",
		operands: fileOperands,
		exits:    "0 no findings, or warnings only; 1 there are errors; 3 a file could not be read, or a check of --lock could not be made.",
		examples: []string{"taskbridge validate --format json taskbridge.yaml"},
		output:   []any{finding{}},
		bind: func(f *flags) runner {
			var o validateOptions
			f.choice(&o.format, "format", "json: one list of findings on stdout; sarif: for code scanning; github: annotations in GitHub Actions", "text", "json", "sarif", "github")
			f.bool(&o.strict, "strict", "exit status 1 for warnings, too")
			o.params.declare(f)
			o.lock.declare(f)
			return func(c *Command, files []string) int { return c.validate(&o, files) }
		},
	}
}

type validateOptions struct {
	format string
	strict bool
	params paramFlags
	lock   lockFlags
}

func (c *Command) validate(v *validateOptions, files []string) int {
	if len(files) == 0 {
		files = []string{defaultMapping}
	}
	o, status := c.options(&v.params)
	if status != ExitOK {
		return status
	}
	o.Check = v.lock.file == "" // the checks of a lock are about one set of parameters
	env, status := c.fullEnv(v.lock.env, v.lock.envFiles)
	if status != ExitOK {
		return status
	}
	var all diag.List
	worst := ExitOK
	for _, file := range files {
		findings, status := c.check(file, o, &v.lock, env, v.format == "text")
		all = append(all, findings...)
		if len(findings) > 0 && v.strict || findings.Errors() > 0 {
			status = max(status, ExitFailed)
		}
		worst = max(worst, status)
	}
	if worst == ExitError {
		return worst
	}
	if err := c.writeFindings(v.format, all); err != nil {
		return c.fail(err)
	}
	return worst
}

// writeFindings writes findings in every format but text.
func (c *Command) writeFindings(format string, findings diag.List) error {
	switch format {
	case "json":
		return c.writeJSON(findingsOf(findings))
	case "sarif":
		return c.writeSARIF(findings)
	case "github":
		c.writeGitHub(findings)
	}
	return nil
}

// check looks for mistakes in a mapping, and prints them as text if asked to.
func (c *Command) check(file string, o compile.Options, lock *lockFlags, env func(string) (string, bool), text bool) (findings diag.List, status int) {
	source, err := c.read(file)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) && file == defaultMapping {
			return nil, c.noMapping(err)
		}
		return nil, c.fail(err)
	}
	plan, findings := o.Compile(file, source)
	if plan != nil && lock.file != "" {
		var wrong diag.List
		wrong, status = c.checkLock(lock, file, plan, env, o.FieldPlaces(file, source))
		findings = append(findings, wrong...)
		findings.Sort()
	}
	switch {
	case text && len(findings) > 0:
		c.printFindings(file, findings, source)
	case text && status == ExitOK:
		fmt.Fprintf(c.Stdout, "%s: %s, no findings\n", file, count(len(plan.Rules), "rule"))
	}
	return findings, status
}

// finding is a diag.Finding in the JSON output.
type finding struct {
	File     string    `json:"file" doc:"as it was named"`
	Line     int       `json:"line" doc:"counts from 1; 0: the file as a whole"`
	Col      int       `json:"col" doc:"in characters, counts from 1"`
	Severity string    `json:"severity" doc:"error or warning"`
	Code     string    `json:"code" doc:"stable; docs/findings.md explains it"`
	Message  string    `json:"message" doc:"what is wrong and what was expected"`
	Hint     string    `json:"hint,omitempty" doc:"what to do"`
	Related  []related `json:"related,omitempty" doc:"the other places that it is about"`
}

// related is another place that a finding is about.
type related struct {
	File    string `json:"file" doc:"as it was named"`
	Line    int    `json:"line" doc:"counts from 1"`
	Col     int    `json:"col" doc:"in characters, counts from 1"`
	Message string `json:"message" doc:"what is there"`
}

// findingsOf is findings for the JSON output; it is never null there.
func findingsOf(list diag.List) []finding {
	out := make([]finding, len(list))
	for i, f := range list {
		out[i] = finding{f.File, f.Pos.Line, f.Pos.Col, f.Severity.String(), f.Code, f.Message, f.Hint, nil}
		for _, r := range f.Related {
			out[i].Related = append(out[i].Related, related{r.File, r.Pos.Line, r.Pos.Col, r.Message})
		}
	}
	return out
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
		synopsis: []string{"[flags] [FILE]"},
		about: "checks a mapping file and writes the plan that the function loads at start. " +
			"The same mapping gives the same plan, byte for byte.",
		operands: fileOperands,
		exits:    "0; 1 the mapping has findings; 3 a file could not be read or written.",
		examples: []string{"taskbridge compile -o dist/handler/taskbridge.plan.json taskbridge.yaml"},
		bind: func(f *flags) runner {
			out := "-"
			var strict bool
			var params paramFlags
			f.text(&out, "o", "FILE", "where to write, standard output unless given; package it beside bootstrap as taskbridge.plan.json")
			f.bool(&strict, "strict", "write no plan if there are warnings")
			params.declare(f)
			return func(c *Command, files []string) int {
				o, status := c.options(&params)
				if status != ExitOK {
					return status
				}
				o.Strict = strict
				return c.compile(out, o, files)
			}
		},
	}
}

func (c *Command) compile(out string, o compile.Options, files []string) int {
	switch len(files) {
	case 0:
		files = []string{defaultMapping}
	case 1:
	default:
		return c.usageError("one plan holds one mapping", "compile takes one file, got %d", len(files))
	}
	plan, _, status := c.load(files[0], o)
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
