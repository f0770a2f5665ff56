package importer

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/event"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/mapping/compile"
	"github.com/taskbridge/taskbridge/internal/task"
)

// A Proof is one event that went through EventBridge's rule, as a model of it,
// and through the mapping.
type Proof struct {
	Rule  string `json:"rule" doc:"in the mapping"`
	Event string `json:"event" doc:"the file, or how it was made from the pattern"`
	Same  bool   `json:"same" doc:"both start the same task with the same overrides, or neither starts one"`
	Want  string `json:"want,omitempty" doc:"the overrides that EventBridge would give, or what it would do"`
	Got   string `json:"got,omitempty" doc:"those of the mapping"`
	input json.RawMessage
	fails bool // either way, on an event that was given
}

// prove compiles the mapping and compares, for each rule and event.
func (s *session) prove(out *Result, rules []Rule, events []File) ([]Proof, error) {
	options := compile.Options{Params: map[string]any{}}
	for _, p := range s.params {
		options.Params[p.Name] = placeholderOf(p)
	}
	plan, findings := options.Compile("taskbridge.yaml", []byte(out.Mapping))
	for _, f := range findings {
		s.note(Finding, "the mapping", "%s", f.String())
	}
	if plan == nil {
		return []Proof{}, nil
	}
	m, err := plan.Bind(func(string) (string, bool) { return "", false })
	if err != nil {
		return nil, err
	}
	proofs := []Proof{}
	for i := range rules {
		r := &rules[i]
		inputs, err := s.events(r, events)
		if err != nil {
			return nil, err
		}
		for _, p := range inputs {
			compare(m, r, &p)
			if !p.Same || p.fails {
				s.objects(r, &p)
			}
			proofs = append(proofs, p)
		}
	}
	return proofs, nil
}

// objects says which variables of an input are objects in an event: the usual
// reason why it comes out differently.
func (s *session) objects(r *Rule, p *Proof) {
	e, err := decodeJSON(p.input)
	if err != nil {
		return
	}
	paths := stringPaths(r.target.paths)
	for _, name := range slices.Sorted(maps.Keys(paths)) {
		if v, _ := lookup(name, paths, e, r.Name); v != nil {
			switch v.(type) {
			case object:
				s.note(Finding, r.Origin, "<%s> is an object in %s: within a text EventBridge takes its quotes away, and a mapping refuses it; json(…) writes it as JSON", name, p.Event)
			case []any:
				s.note(Finding, r.Origin, "<%s> is a list in %s, which a mapping refuses as a text; json(…) writes it as JSON, and .join(\",\") with commas", name, p.Event)
			}
		}
	}
}

// canonical is overrides with variables in alphabetical order: ECS gives their
// order no meaning.
func canonical(o *task.TaskOverride) any {
	out := clone(o)
	containers, _ := out.(object)["containerOverrides"].([]any)
	for _, item := range containers {
		c, _ := item.(object)
		if list, ok := c["environment"].([]any); ok {
			slices.SortFunc(list, func(a, b any) int { return strings.Compare(jsonText(a), jsonText(b)) })
		}
	}
	return out
}

// compare runs one event through both.
func compare(m *mapping.Mapping, r *Rule, p *Proof) {
	want, why := wanted(r, p.input)
	got, launched, err := launched(m, r, p.input)
	switch {
	case err != nil && why != "":
		p.Same, p.fails = true, true
	case err != nil:
		p.Want, p.Got = jsonText(want), err.Error()
	case why != "":
		p.Want, p.Got = why, jsonText(got)
	case !launched:
		p.Same = true // the pattern is EventBridge's own, and the matcher decides for both
	default:
		p.Same = reflect.DeepEqual(want, got)
		if !p.Same {
			p.Want, p.Got = jsonText(want), jsonText(got)
		}
	}
}

// launched is the overrides of what the mapping launches for a rule.
func launched(m *mapping.Mapping, r *Rule, input []byte) (overrides any, ok bool, err error) {
	batch, err := event.Parse(input, m.Accept)
	if err != nil {
		return nil, false, err
	}
	e := batch.Items[0].Events
	if len(e) == 0 {
		return nil, false, fmt.Errorf("no event")
	}
	e[0].Rule = r.Name
	matches, err := m.Match(e[0])
	if err != nil || len(matches) == 0 || len(matches[0].Launches) == 0 {
		return nil, false, err
	}
	l := &matches[0].Launches[0]
	if l.Err != nil {
		return nil, false, l.Err
	}
	if l.Request.Overrides == nil {
		return nil, true, nil
	}
	return canonical(l.Request.Overrides), true, nil
}

// wanted is the overrides that EventBridge gives RunTask; why says what it does
// instead.
func wanted(r *Rule, input []byte) (overrides any, why string) {
	e, err := decodeJSON(input)
	if err != nil {
		return nil, err.Error()
	}
	t := r.target
	source := t.input
	if t.template != nil {
		source = t.template
	}
	if t.universal {
		return universalOverrides(t, e, r.Name)
	}
	if source == nil || source == "" || r.task["overrides"] == nil {
		return nil, ""
	}
	return overridesOf(placeholderText(source), stringPaths(t.paths), e, r.Name)
}

func overridesOf(template string, paths map[string]string, e any, rule string) (any, string) {
	made, err := transformed(template, paths, e, rule)
	if err != nil {
		return nil, err.Error()
	}
	var o task.TaskOverride
	if err := json.Unmarshal([]byte(made), &o); err != nil {
		return nil, "EventBridge's input is no overrides for this event: " + made
	}
	return canonical(&o), ""
}

// universalOverrides are those of the request of a universal target: PascalCase,
// which encoding/json reads as well.
func universalOverrides(t *target, e any, rule string) (any, string) {
	made, err := transformed(placeholderText(t.raw), nil, e, rule)
	if err != nil {
		return nil, err.Error()
	}
	var request task.Request
	if err := json.Unmarshal([]byte(made), &request); err != nil {
		return nil, "the input is no request for this event: " + made
	}
	if request.Overrides == nil {
		return nil, ""
	}
	return canonical(request.Overrides), ""
}
