package mappingtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/events/samples"
	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/event"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/task"
)

// Codes of errors that a case may expect, beside those of limits of RunTask, which
// begin with runtask-.
const (
	CodeEvent       = "event"        // the payload, or a message in it, holds no event that is taken
	CodeUnknownRule = "unknown-rule" // the event is for a rule that the mapping does not have
	CodeRender      = "render"       // an expression has no value for this event
)

// Options say which cases are run and how.
type Options struct {
	Run      func(name string) bool // nil: all
	Update   bool                   // write golden files instead of comparing them
	Coverage bool
	// Compile compiles the mapping with parameters. It is given, so that who calls
	// decides what a mapping is compiled with besides.
	Compile func(params map[string]json.RawMessage) (*mapping.Plan, error)
}

// A Report is what came of a suite.
type Report struct {
	File     string    `json:"file" doc:"of the tests"`
	Mapping  string    `json:"mapping" doc:"its file"`
	Passed   int       `json:"passed" doc:"cases"`
	Failed   int       `json:"failed" doc:"cases"`
	Cases    []Result  `json:"cases" doc:"that were run, in the order of the file"`
	Coverage *Coverage `json:"coverage,omitempty" doc:"with --coverage"`
	Rules    []string  `json:"-"` // names of the mapping's, in its order; with Coverage
}

// A Result is what came of a case.
type Result struct {
	Name        string       `json:"name" doc:"of the case"`
	Line        int          `json:"line" doc:"of the case in the file of the tests"`
	Col         int          `json:"col" doc:"likewise"`
	Passed      bool         `json:"passed"`
	Differences []Difference `json:"differences,omitempty" doc:"what is not as expected"`
	Error       string       `json:"error,omitempty" doc:"why the case could not be run, or failed at run time"`
	Updated     string       `json:"updated,omitempty" doc:"the golden file that was written"`
}

// Run runs the cases of s. An error means that none could be run: the mapping
// does not compile.
func (s *Suite) Run(o *Options) (*Report, error) {
	r := &runner{suite: s, options: o, plans: map[string]*mapping.Plan{}}
	report := &Report{File: s.File, Mapping: s.Mapping, Cases: []Result{}}
	for i := range s.Cases {
		c := &s.Cases[i]
		if o.Run != nil && !o.Run(c.Name) {
			continue
		}
		result, err := r.run(c)
		if err != nil {
			return nil, err
		}
		if result.Passed {
			report.Passed++
		} else {
			report.Failed++
		}
		report.Cases = append(report.Cases, result)
	}
	if o.Coverage && r.coverage != nil {
		report.Coverage = r.coverage.report()
		for i := range r.coverage.plan.Rules {
			report.Rules = append(report.Rules, r.coverage.plan.Rules[i].Name)
		}
	}
	return report, nil
}

type runner struct {
	suite    *Suite
	options  *Options
	plans    map[string]*mapping.Plan // by parameters
	coverage *coverage
}

// outcome is everything that a payload led to.
type outcome struct {
	launches []mapping.Launch
	skips    []mapping.Skip // of rules that matched
	errs     []error
}

func (r *runner) run(c *Case) (Result, error) {
	result := Result{Name: c.Name, Line: c.Pos.Line, Col: c.Pos.Col}
	plan, err := r.plan(c)
	if err != nil {
		return result, err
	}
	out, err := r.evaluate(c, plan)
	if err != nil {
		result.Error = err.Error()
		return result, nil
	}
	cmp := &comparer{partial: true}
	c.expect.check(cmp, out, &result)
	if c.expect.golden != "" && result.Error == "" {
		r.golden(cmp, c, out, &result)
	}
	result.Differences = cmp.out
	result.Passed = len(cmp.out) == 0 && result.Error == ""
	return result, nil
}

func (r *runner) plan(c *Case) (*mapping.Plan, error) {
	key := text(c.params)
	if plan := r.plans[key]; plan != nil {
		return plan, nil
	}
	plan, err := r.options.Compile(c.params)
	if err != nil {
		return nil, err
	}
	r.plans[key] = plan
	if r.coverage == nil {
		r.coverage = newCoverage(plan)
	}
	return plan, nil
}

func (r *runner) evaluate(c *Case, plan *mapping.Plan) (*outcome, error) {
	payload, err := r.suite.payload(c)
	if err != nil {
		return nil, err
	}
	m, err := plan.Bind(func(name string) (string, bool) {
		value, ok := c.env[name]
		return value, ok
	})
	if err != nil {
		return nil, fmt.Errorf("%w\nwrite env: {NAME: value} in the test file", unwrapped(err))
	}
	out := &outcome{}
	batch, err := event.Parse(payload, m.Accept)
	if err != nil {
		out.errs = append(out.errs, err)
		return out, nil
	}
	for _, item := range batch.Items {
		if item.Err != nil {
			out.errs = append(out.errs, item.Err)
		}
		for _, e := range item.Events {
			if c.rule != "" {
				e.Rule = c.rule
			}
			r.event(m, plan, e, out)
		}
	}
	return out, nil
}

// unwrapped is an error of Bind without its advice, which is about the function.
func unwrapped(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}

func (r *runner) event(m *mapping.Mapping, plan *mapping.Plan, e event.Event, out *outcome) {
	var trace *mapping.Trace
	if r.options.Coverage {
		trace = &mapping.Trace{}
	}
	matches, err := m.Explain(e, trace)
	if err != nil {
		out.errs = append(out.errs, err)
		return
	}
	for i := range matches {
		if matches[i].Skipped != "" {
			out.skips = append(out.skips, matches[i].Skipped)
		}
		for _, l := range matches[i].Launches {
			if l.Err != nil {
				out.errs = append(out.errs, l.Err)
				continue
			}
			out.launches = append(out.launches, l)
		}
	}
	if trace != nil {
		r.coverage.see(plan, e, matches, trace)
	}
}

// payload is the event of a case with its override.
func (s *Suite) payload(c *Case) ([]byte, error) {
	payload, err := s.rawEvent(c)
	if err != nil || c.override == nil {
		return payload, err
	}
	base, err := decode(payload)
	if err != nil {
		return nil, fmt.Errorf("event: %w", err)
	}
	over, err := decode(c.override)
	if err != nil {
		return nil, fmt.Errorf("override: %w", err)
	}
	return marshal(patch(base, over), "")
}

// isPath tells the path of an event's file from the name of a sample.
func isPath(name string) bool {
	return strings.ContainsRune(name, '/') || strings.HasSuffix(name, ".json")
}

func (s *Suite) rawEvent(c *Case) ([]byte, error) {
	name, isText := c.event.Text()
	if !isText {
		return c.event.JSON()
	}
	if isPath(name) {
		path := name
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(s.File), name)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("event: %w", err)
		}
		return data, nil
	}
	data, err := samples.Read(name)
	if err != nil {
		hint := "taskbridge explain --list-samples lists them"
		if near := diag.Nearest(name, samples.Names()); near != "" {
			hint = fmt.Sprintf("did you mean %s?", near)
		}
		return nil, fmt.Errorf("event: %w; %s", err, hint)
	}
	return data, nil
}

// codes are those of everything that err joins or wraps.
func codes(err error) []string {
	var limit *task.LimitError
	var render *mapping.RenderError
	var parse *event.ParseError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, mapping.ErrUnknownRule):
		return []string{CodeUnknownRule}
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		found := map[string]bool{}
		for _, err := range joined.Unwrap() {
			for _, code := range codes(err) {
				found[code] = true
			}
		}
		return slices.Sorted(maps.Keys(found))
	}
	switch {
	case errors.As(err, &limit):
		return []string{limit.Code}
	case errors.As(err, &render):
		return []string{CodeRender}
	case errors.As(err, &parse), errors.Is(err, event.ErrUnsupported):
		return []string{CodeEvent}
	}
	return []string{"error"}
}
