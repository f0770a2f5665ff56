package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/mapping/compile"
	"github.com/taskbridge/taskbridge/internal/mappingtest"
)

const defaultTests = "taskbridge" + mappingtest.Suffix

func testVerb() verb {
	return verb{
		name:     "test",
		summary:  "run the tests beside a mapping",
		synopsis: []string{"[flags] [FILE|DIR…]"},
		about: "runs test files: events in, expectations about the launches that the mapping makes of them. Nothing is launched; " +
			"the environment is that of the test file, and there is no clock. " +
			"FILE is taskbridge_test.yaml unless given; of DIR it is every *_test.yaml in it and below.\n\n" +
			"A case has a name, an event (written out, the path of its file, or the name of a sample), and expect: " +
			"launches (a number, or the list of rules with parts of their requests), because (pattern, when, forEach or disabled, beside launches: 0), " +
			"golden (a file with whole requests) or error (a code). taskbridge init writes an example.",
		operands: fileOperands,
		exits:    "0 all passed; 1 a case failed, or a file has findings; 3 a file could not be read.",
		examples: []string{"taskbridge test --run 'video' --coverage"},
		output:   []any{testOutput{}},
		bind: func(f *flags) runner {
			var o testOptions
			f.text(&o.run, "run", "REGEXP", "only the cases whose name it matches")
			f.bool(&o.update, "update", "write golden files instead of comparing them; what stands in a test file itself stays")
			f.bool(&o.coverage, "coverage", "say which rules, predicates and branches of expressions no case exercises")
			f.bool(&o.watch, "watch", "run again whenever a file changes")
			f.choice(&o.format, "format", "json: one object on stdout; junit: XML for CI", "text", "json", "junit")
			return func(c *Command, args []string) int { return c.test(&o, args) }
		},
	}
}

type testOptions struct {
	run, format             string
	update, coverage, watch bool
	pattern                 *regexp.Regexp
}

// testOutput is the JSON output of test.
type testOutput struct {
	Passed int                   `json:"passed" doc:"cases of all files"`
	Failed int                   `json:"failed" doc:"cases of all files"`
	Suites []*mappingtest.Report `json:"suites" doc:"one for each test file"`
}

func (c *Command) test(o *testOptions, args []string) int {
	if o.run != "" {
		var err error
		if o.pattern, err = regexp.Compile(o.run); err != nil {
			return c.usageError("", "--run: %v", err)
		}
	}
	if o.watch {
		switch {
		case o.format != "text":
			return c.usageError("", "--watch prints text, not %s", o.format)
		case o.update:
			return c.usageError("", "--watch and --update exclude each other")
		}
		return c.watch(func() ([]string, int) { return c.testOnce(o, args) })
	}
	_, status := c.testOnce(o, args)
	return status
}

// testOnce runs the tests and returns the files that they depend on.
func (c *Command) testOnce(o *testOptions, args []string) (files []string, status int) {
	tests, status := c.testFiles(args)
	if status != ExitOK {
		return args, status
	}
	out := testOutput{Suites: []*mappingtest.Report{}}
	cases := 0
	var untested []string // files that could not be run, which stderr says
	for _, file := range tests {
		suite, report, failed := c.testFile(o, file)
		files = append(files, file)
		status = max(status, failed)
		if suite != nil {
			files = append(files, suite.Files()...)
			cases += len(suite.Cases)
		}
		if report == nil {
			untested = append(untested, file)
			continue
		}
		out.Suites = append(out.Suites, report)
		out.Passed += report.Passed
		out.Failed += report.Failed
	}
	if out.Failed > 0 {
		status = max(status, ExitFailed)
	}
	if status == ExitOK && cases > 0 && out.Passed == 0 {
		return files, c.usageError("", "--run %s matches none of %s", o.run, count(cases, "case"))
	}
	var err error
	switch o.format {
	case "json":
		err = c.writeJSON(&out)
	case "junit":
		err = c.writeJUnit(&out, untested)
	default:
		c.printTests(&out)
	}
	if err != nil {
		return files, c.fail(err)
	}
	if o.update && out.Failed > 0 {
		c.hintf("--update writes golden files; what a test file itself expects is changed by hand")
	}
	return files, status
}

// testFiles finds the test files that the arguments name.
func (c *Command) testFiles(args []string) ([]string, int) {
	if len(args) == 0 {
		if _, err := os.Stat(defaultTests); errors.Is(err, fs.ErrNotExist) {
			c.errorf("no %s in this folder", defaultTests)
			c.hintf("taskbridge init writes one; or name the test file, or a folder")
			return nil, ExitError
		}
		return []string{defaultTests}, ExitOK
	}
	var files []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, c.fail(misspelt(arg, err))
		}
		if !info.IsDir() {
			files = append(files, besideMapping(arg))
			continue
		}
		before := len(files)
		err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.HasSuffix(path, mappingtest.Suffix) {
				files = append(files, path)
			}
			return err
		})
		if err == nil && len(files) == before {
			err = fmt.Errorf("no *%s in %s", mappingtest.Suffix, arg)
		}
		if err != nil {
			return nil, c.fail(err)
		}
	}
	slices.Sort(files)
	return slices.Compact(files), ExitOK
}

// besideMapping is the test file of a mapping, or the file itself.
func besideMapping(file string) string {
	if strings.HasSuffix(file, mappingtest.Suffix) {
		return file
	}
	test := strings.TrimSuffix(file, filepath.Ext(file)) + mappingtest.Suffix
	if _, err := os.Stat(test); err != nil {
		return file
	}
	return test
}

// testFile runs one file. Without a report there are findings, or an error, on
// stderr.
func (c *Command) testFile(o *testOptions, file string) (*mappingtest.Suite, *mappingtest.Report, int) {
	source, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, c.fail(err)
	}
	suite, findings := mappingtest.Read(file, source)
	if suite == nil {
		c.printFindings(file, findings, source)
		return nil, nil, ExitFailed
	}
	text, err := os.ReadFile(suite.Mapping)
	if err != nil {
		c.errorf("%s: mapping: %v", file, err)
		c.hintf("a test file tests the mapping of its name, or the one that it names with mapping: FILE")
		return suite, nil, ExitError
	}
	options := mappingtest.Options{
		Update: o.update, Coverage: o.coverage,
		Compile: func(params map[string]json.RawMessage) (*mapping.Plan, error) {
			return compileWith(suite.Mapping, text, params)
		},
	}
	if o.pattern != nil {
		options.Run = o.pattern.MatchString
	}
	report, err := suite.Run(&options)
	var found diag.List
	switch {
	case errors.As(err, &found):
		c.printFindings(suite.Mapping, found, text)
		return suite, nil, ExitFailed
	case err != nil:
		return suite, nil, c.fail(err)
	}
	if report.Coverage != nil {
		placeMissing(report, compile.Places(suite.Mapping, text))
	}
	return suite, report, ExitOK
}

// compileWith compiles a mapping with parameters; findings are the error.
func compileWith(file string, source []byte, params map[string]json.RawMessage) (*mapping.Plan, error) {
	o := compile.Options{Params: map[string]any{}}
	for name, text := range params {
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.UseNumber()
		var value any
		if err := dec.Decode(&value); err != nil {
			return nil, fmt.Errorf("params: %s: %w", name, err)
		}
		o.Params[name] = value
	}
	plan, findings := o.Compile(file, source)
	if plan == nil {
		return nil, findings
	}
	return plan, nil
}

// placeMissing gives the predicates of a report their places in the mapping.
func placeMissing(report *mappingtest.Report, place func(rule int, path []string) diag.Pos) {
	rules := map[string]int{}
	for i := range report.Rules {
		rules[report.Rules[i]] = i
	}
	for i := range report.Coverage.Missing {
		m := &report.Coverage.Missing[i]
		if m.Path != nil {
			m.Pos = place(rules[m.Rule], m.Path).String()
		}
	}
}
