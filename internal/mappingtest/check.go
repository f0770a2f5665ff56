package mappingtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/task"
)

// check compares an outcome with what is expected of it.
func (x *expectation) check(c *comparer, out *outcome, result *Result) {
	if x.code != "" {
		x.checkError(c, out)
	} else if len(out.errs) > 0 {
		result.Error = describe(out.errs)
		return
	}
	switch {
	case x.launches != nil:
		x.checkLaunches(c, out)
	case x.count != nil && *x.count != len(out.launches):
		c.differ("launches", fmt.Sprint(*x.count), fmt.Sprintf("%d%s", len(out.launches), listed(out)))
	case x.because != "" && len(out.launches) == 0:
		if got := out.because(); got != x.because {
			c.differ("because", x.because, got)
		}
	}
}

func (x *expectation) checkError(c *comparer, out *outcome) {
	var got []string
	for _, err := range out.errs {
		got = append(got, codes(err)...)
	}
	if slices.Contains(got, x.code) {
		return
	}
	if len(out.errs) == 0 {
		c.differ("error", x.code, "no error")
		return
	}
	c.differ("error", x.code, strings.Join(got, ", ")+": "+describe(out.errs))
}

func describe(errs []error) string {
	var codesOf []string
	for _, err := range errs {
		codesOf = append(codesOf, codes(err)...)
	}
	slices.Sort(codesOf)
	return fmt.Sprintf("%v [%s]", errors.Join(errs...), strings.Join(slices.Compact(codesOf), ", "))
}

// because is why nothing was launched.
func (o *outcome) because() string {
	if len(o.skips) == 0 {
		return BecausePattern
	}
	reasons := make([]string, len(o.skips))
	for i, skip := range o.skips {
		reasons[i] = string(skip)
	}
	slices.Sort(reasons)
	return strings.Join(slices.Compact(reasons), " and ")
}

// listed names the rules of an outcome.
func listed(out *outcome) string {
	if len(out.launches) == 0 {
		return " (" + out.because() + ")"
	}
	names := make([]string, len(out.launches))
	for i := range out.launches {
		names[i] = out.launches[i].Rule
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// checkLaunches compares launches one by one. If their rules differ from those
// that are wanted, only that is said: requests of other rules mean nothing.
func (x *expectation) checkLaunches(c *comparer, out *outcome) {
	want, got := []string{}, []string{}
	for _, w := range x.launches {
		want = append(want, w.rule)
	}
	for i := range out.launches {
		got = append(got, out.launches[i].Rule)
	}
	if !slices.Equal(want, got) {
		why := ""
		if len(got) == 0 {
			why = " (" + out.because() + ")"
		}
		c.differ("launches", text(want), text(got)+why)
		return
	}
	for i, w := range x.launches {
		w.compare(c, fmt.Sprintf("launches[%d]", i), &out.launches[i])
	}
}

func (w *wanted) compare(c *comparer, path string, got *mapping.Launch) {
	if w.element != nil && *w.element != got.Element {
		c.differ(path+".element", fmt.Sprint(*w.element), fmt.Sprint(got.Element))
	}
	if w.key != nil && *w.key != got.Key {
		c.differ(path+".key", text(*w.key), text(got.Key))
	}
	if w.request != nil {
		c.compareJSON(path+".request", w.request, []byte(text(&got.Request)))
	}
}

// goldenLaunch is a launch in a golden file.
type goldenLaunch struct {
	Rule    string        `json:"rule"`
	Element int           `json:"element,omitempty"`
	Key     string        `json:"key"`
	Request *task.Request `json:"request"`
}

// golden compares all launches with a file, or writes it.
func (r *runner) golden(c *comparer, k *Case, out *outcome, result *Result) {
	launches := make([]goldenLaunch, len(out.launches))
	for i := range out.launches {
		l := &out.launches[i]
		launches[i] = goldenLaunch{l.Rule, l.Element, l.Key, &l.Request}
	}
	got, err := marshal(launches, "  ")
	if err != nil {
		result.Error = err.Error()
		return
	}
	path := k.expect.golden
	want, err := os.ReadFile(path)
	if r.options.Update {
		if err == nil && bytes.Equal(bytes.TrimSpace(want), got) {
			return
		}
		if err := writeFile(path, append(got, '\n')); err != nil {
			result.Error = err.Error()
			return
		}
		result.Updated = path
		return
	}
	if err != nil {
		result.Error = fmt.Sprintf("golden: %v; --update writes it", err)
		return
	}
	if !json.Valid(want) {
		result.Error = fmt.Sprintf("golden: %s is not JSON; --update writes it anew", path)
		return
	}
	exact := comparer{}
	exact.compareJSON("", want, got)
	for _, d := range exact.out {
		c.differ(path+": "+d.Path, d.Want, d.Got)
	}
}

func writeFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}
