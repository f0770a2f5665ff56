package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/event"
	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/pattern"
	"github.com/taskbridge/taskbridge/internal/scan"
)

// explainer explains the events of payloads.
type explainer struct {
	rule  string // the only one to look at, "" for all
	plan  *mapping.Plan
	env   func(string) (string, bool)
	place func(rule int, path []string) diag.Pos
	out   explanation
	unset bool // a request wants environment variables that are not set
}

// payload explains every event of a payload. The error is that it has none of a
// kind that the function takes.
func (x *explainer) payload(file string, data []byte) error {
	// What a mapping accepts is the same without its rules, which may want
	// variables that are not set.
	accepts, err := (&mapping.Plan{Accept: x.plan.Accept}).Bind(x.env)
	if err != nil {
		return err
	}
	batch, err := event.Parse(data, accepts.Accept)
	if err != nil {
		return err
	}
	for _, item := range batch.Items {
		for _, e := range item.Events {
			x.out.Events = append(x.out.Events, x.event(file, item.ID, e))
		}
		switch {
		case item.Err != nil:
			x.out.Events = append(x.out.Events, explainedEvent{Event: file, Item: item.ID, Error: item.Err.Error()})
		case len(item.Events) == 0:
			x.out.Events = append(x.out.Events, explainedEvent{Event: file, Item: item.ID, Rules: []explainedRule{}})
		}
	}
	return nil
}

func (x *explainer) event(file, item string, e event.Event) explainedEvent {
	if e.Rule == "" && x.scheduled() {
		e.Rule = x.rule // as its schedule would deliver it
	}
	out := explainedEvent{Event: file, Item: item, ID: e.ID(), OnlyRule: e.Rule, Rules: []explainedRule{}}
	if v, err := scan.Read(e.JSON); err == nil {
		out.Source, out.DetailType = scan.Member(v, "source").Text(), scan.Member(v, "detail-type").Text()
	}
	known := e.Rule == ""
	for i := range x.plan.Rules {
		name := x.plan.Rules[i].Name
		if e.Rule != "" && e.Rule != name {
			continue
		}
		known = true
		if x.rule == "" || x.rule == name {
			out.Rules = append(out.Rules, x.explainRule(i, e))
		}
	}
	if !known {
		out.Error = fmt.Sprintf("the event is for rule %q, which the mapping does not have", shorten(e.Rule, 80))
		out.Rules = nil
	}
	slices.SortStableFunc(out.Rules, nearerRule)
	return out
}

// scheduled reports whether the only rule to look at has a schedule.
func (x *explainer) scheduled() bool {
	return slices.ContainsFunc(x.plan.Rules, func(r mapping.Rule) bool { return r.Name == x.rule && r.Schedule != nil })
}

// nearerRule compares two rules in the order of the output: those that launch,
// those that match, the nearest misses, those that could not be tried.
func nearerRule(a, b explainedRule) int {
	if d := a.rank() - b.rank(); d != 0 || a.rank() != missRank {
		return d
	}
	if a.of == nil || b.of == nil { // a schedule's, which no event comes near
		return cmp.Compare(a.Schedule, b.Schedule)
	}
	return cmp.Or(pattern.Nearer(a.of, b.of), cmp.Compare(a.far, b.far))
}

const missRank = 2

func (r *explainedRule) rank() int {
	switch {
	case r.trace == nil:
		return missRank + 1
	case !r.Matched:
		return missRank
	case r.Skipped != "":
		return 1
	}
	return 0
}

// explainRule says how rule i and an event came to match or not.
func (x *explainer) explainRule(i int, e event.Event) explainedRule {
	r := &x.plan.Rules[i]
	at := x.place(i, nil)
	out := explainedRule{Rule: r.Name, Line: at.Line, Col: at.Col}
	if r.Schedule != nil {
		out.Schedule = r.Schedule.Expression
		out.trace = &trace{Matched: e.Rule == r.Name, Alternatives: 1, Predicates: []predicate{}}
	} else {
		t, err := pattern.Explain(r.Match, e.JSON)
		if err != nil {
			out.Error = err.Error()
			return out
		}
		out.trace = newTrace(t, e.JSON, func(p *pattern.Predicate) diag.Pos { return x.place(i, p.Path) })
	}
	if out.Matched {
		if err := x.launches(i, e, &out); err != nil {
			out.RequestError = x.why(r.Name, err)
		}
	}
	return out
}

// why is an error of a rule without what the output says already.
func (x *explainer) why(rule string, err error) string {
	if errors.Is(err, expr.ErrEnv) {
		x.unset = true
		err = cmp.Or(errors.Unwrap(err), err) // without the advice at the end
	}
	lines := strings.Split(err.Error(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, fmt.Sprintf("rule %q: ", rule))
	}
	return strings.Join(lines, "\n")
}
