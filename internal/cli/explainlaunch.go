package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/event"
	"github.com/taskbridge/taskbridge/internal/launcher"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/mapping/derive"
	"github.com/taskbridge/taskbridge/internal/task"
)

// launches evaluates rule i, whose pattern matches, as the function would. The
// rule is bound alone: the others may want variables that are not set.
func (x *explainer) launches(i int, e event.Event, out *explainedRule) error {
	alone := *x.plan
	alone.Rules = x.plan.Rules[i : i+1]
	m, err := alone.Bind(x.env)
	if err != nil {
		return err
	}
	var t mapping.Trace
	matches, err := m.Explain(e, &t)
	if err != nil {
		return err
	}
	if len(matches) == 0 {
		return fmt.Errorf("the rule makes nothing of this event")
	}
	out.Skipped = string(matches[0].Skipped)
	out.When, out.ForEach = evaluationOf(t.Rules[0].When), evaluationOf(t.Rules[0].ForEach)
	for j := range matches[0].Launches {
		var lt mapping.LaunchTrace
		if j < len(t.Rules[0].Launches) {
			lt = t.Rules[0].Launches[j]
		}
		out.Launches = append(out.Launches, x.launch(out.Rule, &matches[0].Launches[j], &lt))
	}
	if len(out.Launches) > 0 {
		out.Permissions = x.permissions(&alone)
		out.Retry = retryOf(alone.Rules[0].Retry)
	}
	return nil
}

func (x *explainer) launch(rule string, l *mapping.Launch, t *mapping.LaunchTrace) explainedLaunch {
	out := explainedLaunch{Element: l.Element, KeyFrom: evaluationOf(t.Key)}
	for i := range t.Fields {
		out.Fields = append(out.Fields, *evaluationOf(&t.Fields[i]))
	}
	if l.Err != nil {
		out.Error, out.Limits = x.why(rule, l.Err), limitsOf(l.Err)
		return out
	}
	out.Key = l.Key
	request := l.Request
	out.Count = 1
	if request.Count != nil {
		out.Count = int(*request.Count)
	}
	for i, n := range launcher.Parts(out.Count) {
		token := launcher.Token(&l.Launch, i, 0)
		out.Calls = append(out.Calls, explainedCall{n, token})
		out.ClientTokens = append(out.ClientTokens, token)
	}
	if len(out.Calls) > 1 {
		first := int32(out.Calls[0].Count)
		request.Count = &first
	}
	out.Request = plainJSON(&request)
	if l.Request.Overrides != nil {
		out.OverrideBytes = task.OverrideBytes(l.Request.Overrides)
	}
	return out
}

// limitsOf are the limits that a launch is over, nil if it failed otherwise.
func limitsOf(err error) []overLimit {
	var over []overLimit
	for _, err := range diag.Unjoin(err) {
		var l *task.LimitError
		if errors.As(err, &l) {
			over = append(over, overLimit{l.Code, l.Field, l.Msg, l.Hint})
		}
	}
	return over
}

func retryOf(r *task.Retry) *retryPlan {
	p := launcher.PlanOf(r)
	return &retryPlan{
		TokenLifetime: int(launcher.TokenLifetime.Seconds()), TokenAfterStopped: int(launcher.TokenAfterStopped.Seconds()),
		Transient: p.Transient, Throttled: p.Throttled, Ambiguous: p.Ambiguous, Unknown: p.Unknown,
		BackoffMillis: int(p.Backoff.Milliseconds()), MaxBackoffMillis: int(p.MaxBackoff.Milliseconds()), MaxAge: int(p.MaxAge.Seconds()),
	}
}

// permissions are what the launches of a plan take. A value that is no ARN and no
// name is said by iam and validate; here it means that there are none to show.
func (x *explainer) permissions(p *mapping.Plan) []permission {
	statements, err := derive.PermissionsOf(p, derive.Options{Env: func(name string) (derive.Value, bool) {
		text, ok := x.env(name)
		return derive.Value{Text: text}, ok
	}})
	if err != nil {
		return nil
	}
	var out []permission
	for i := range statements {
		s := &statements[i]
		p := permission{Actions: s.Actions, Resources: s.Resources}
		for _, c := range s.Conditions {
			p.Conditions = append(p.Conditions, fmt.Sprintf("%s %s %s", c.Operator, c.Key, strings.Join(c.Values, ", ")))
		}
		out = append(out, p)
	}
	return out
}

func evaluationOf(e *mapping.Evaluation) *evaluation {
	if e == nil {
		return nil
	}
	out := &evaluation{Field: e.Field, Source: e.Source, Allowed: e.Allowed}
	// The plan's own form, which is line:col.
	_, _ = fmt.Sscanf(e.Pos, "%d:%d", &out.Line, &out.Col)
	out.Value, out.Error = valueOf(e.Value, e.Err)
	for _, p := range e.Parts {
		one := part{Source: p.Source}
		one.Value, one.Error = valueOf(p.Value, p.Err)
		out.Parts = append(out.Parts, one)
	}
	return out
}

// valueOf is a value of a trace for the output.
func valueOf(text string, err error) (json.RawMessage, string) {
	if err != nil {
		return nil, err.Error()
	}
	if json.Valid([]byte(text)) {
		return json.RawMessage(text), ""
	}
	return plainJSON(text), ""
}

// plainJSON is v as JSON without HTML escapes. v is one of our own types, which
// marshal.
func plainJSON(v any) json.RawMessage {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("taskbridge: internal error: " + err.Error())
	}
	return json.RawMessage(strings.TrimSuffix(b.String(), "\n"))
}
