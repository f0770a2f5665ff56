package cli

import (
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/taskbridge/taskbridge/internal/mappingtest"
)

// printTests writes the results for people: data, so all on stdout.
func (c *Command) printTests(out *testOutput) {
	s := c.style()
	for i, report := range out.Suites {
		if i > 0 {
			fmt.Fprintln(c.Stdout)
		}
		for j := range report.Cases {
			c.printCase(s, report.File, &report.Cases[j])
		}
		fmt.Fprintf(c.Stdout, "%s: %d passed, %d failed\n", report.File, report.Passed, report.Failed)
		if report.Coverage != nil {
			c.printCoverage(s, report)
		}
	}
	if len(out.Suites) > 1 {
		fmt.Fprintf(c.Stdout, "\n%s: %d passed, %d failed\n", count(len(out.Suites), "file"), out.Passed, out.Failed)
	}
}

func (c *Command) printCase(s style, file string, r *mappingtest.Result) {
	at := ""
	if !r.Passed {
		at = s.dim(fmt.Sprintf("  %s:%d:%d", file, r.Line, r.Col))
	}
	fmt.Fprintf(c.Stdout, "%s %s%s\n", s.mark(r.Passed), printable(r.Name), at)
	if r.Updated != "" {
		fmt.Fprintf(c.Stdout, "    wrote %s\n", r.Updated)
	}
	if r.Error != "" {
		fmt.Fprintf(c.Stdout, "    %s\n", indented(r.Error, "    "))
	}
	for _, d := range r.Differences {
		fmt.Fprintf(c.Stdout, "    %s\n      want %s\n      got  %s\n", d.Path,
			s.paint("32", printable(orNothing(d.Want))), s.paint("31", printable(orNothing(d.Got))))
	}
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}

// indented is a text of several lines, none of which does anything to a terminal.
func indented(text, indent string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = printable(line)
	}
	return strings.Join(lines, "\n"+indent)
}

func (c *Command) printCoverage(s style, report *mappingtest.Report) {
	v := report.Coverage
	share := func(part mappingtest.Share, noun string) string {
		return fmt.Sprintf("%d of %s", part.Covered, count(part.Total, noun))
	}
	fmt.Fprintf(c.Stdout, "coverage of %s: %s, %s, %s\n", report.Mapping,
		share(v.Rules, "rule"), share(v.Predicates, "predicate"), share(v.Branches, "branch"))
	rule := ""
	for i := range v.Missing {
		m := &v.Missing[i]
		if m.Rule != rule {
			rule = m.Rule
			fmt.Fprintf(c.Stdout, "  %s\n", s.bold(rule))
		}
		what := m.What + ": "
		if m.Kind == "rule" {
			what = ""
		}
		fmt.Fprintf(c.Stdout, "    %s  %s%s\n", s.dim(report.Mapping+":"+m.Pos), printable(what), m.Need)
	}
}

// The XML that CI systems read as JUnit's.
type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr,omitempty"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr,omitempty"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	File    string        `xml:"file,attr"`
	Line    int           `xml:"line,attr,omitempty"`
	Failure *junitFailure `xml:"failure"`
	Error   *junitFailure `xml:"error"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// writeJUnit writes the report. A file that could not be run has one test, which is
// in error: a CI system that sees the report alone would take it for passed.
func (c *Command) writeJUnit(out *testOutput, untested []string) error {
	doc := junitSuites{Tests: out.Passed + out.Failed, Failures: out.Failed}
	for _, report := range out.Suites {
		suite := junitSuite{Name: report.File, Tests: report.Passed + report.Failed, Failures: report.Failed}
		for i := range report.Cases {
			r := &report.Cases[i]
			one := junitCase{Class: report.Mapping, Name: r.Name, File: report.File, Line: r.Line}
			if !r.Passed {
				one.Failure = failureOf(report.File, r)
			}
			suite.Cases = append(suite.Cases, one)
		}
		doc.Suites = append(doc.Suites, suite)
	}
	for _, file := range untested {
		doc.Tests++
		doc.Errors++
		doc.Suites = append(doc.Suites, junitSuite{Name: file, Tests: 1, Errors: 1, Cases: []junitCase{{
			Class: file, Name: "the tests can be run", File: file,
			Error: &junitFailure{Message: "the file or its mapping has findings, or could not be read: see the messages of taskbridge test"},
		}}})
	}
	text, err := xml.MarshalIndent(&doc, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.Stdout, "%s%s\n", xml.Header, text)
	return err
}

func failureOf(file string, r *mappingtest.Result) *junitFailure {
	f := &junitFailure{Message: r.Error}
	lines := []string{fmt.Sprintf("%s:%d:%d", file, r.Line, r.Col)}
	if r.Error != "" {
		lines = append(lines, r.Error)
	}
	for _, d := range r.Differences {
		lines = append(lines, fmt.Sprintf("%s\n  want %s\n  got  %s", d.Path, orNothing(d.Want), orNothing(d.Got)))
	}
	if f.Message == "" {
		f.Message = fmt.Sprintf("%s not as expected, first: %s", count(len(r.Differences), "thing"), r.Differences[0].Path)
	}
	f.Text = strings.Join(lines, "\n")
	return f
}
