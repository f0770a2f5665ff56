package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/event"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/mapping/derive"
	"github.com/taskbridge/taskbridge/internal/mappingtest"
)

// ruleChanges compares the rules of two plans by name.
func ruleChanges(before, after *mapping.Plan) []ruleChange {
	out := []ruleChange{}
	find := func(p *mapping.Plan, name string) *mapping.Rule {
		for i := range p.Rules {
			if p.Rules[i].Name == name {
				return &p.Rules[i]
			}
		}
		return nil
	}
	for i := range before.Rules {
		r := &before.Rules[i]
		now := find(after, r.Name)
		if now == nil {
			out = append(out, ruleChange{Rule: r.Name, Change: changeRemoved})
			continue
		}
		if changes := changesOf(plainJSON(ruleObject(r)), plainJSON(ruleObject(now))); len(changes) > 0 {
			out = append(out, ruleChange{Rule: r.Name, Change: changeChanged, Changes: changes})
		}
	}
	for i := range after.Rules {
		if name := after.Rules[i].Name; find(before, name) == nil {
			out = append(out, ruleChange{Rule: name, Change: changeAdded})
		}
	}
	return out
}

func changesOf(before, after []byte) []change {
	var out []change
	for _, d := range mappingtest.Compare(before, after) {
		out = append(out, change{d.Path, d.Want, d.Got})
	}
	return out
}

// ruleObject is a rule in the words of the mapping, with its defaults merged in
// and its parameters bound.
func ruleObject(r *mapping.Rule) map[string]any {
	out := map[string]any{"task": templateValue(&r.Task), "enabled": !r.Disabled}
	set := func(name string, t *mapping.Template) {
		if t != nil {
			out[name] = templateValue(t)
		}
	}
	set("when", r.When)
	set("forEach", r.ForEach)
	set("idempotency.key", r.Key)
	if r.Match != nil {
		out["match"] = r.Match
	}
	if r.Schedule != nil {
		out["schedule"] = r.Schedule
	}
	if r.Bus != "" {
		out["bus"] = r.Bus
	}
	if r.Retry != nil {
		out["retry"] = r.Retry
	}
	if r.Confirm != nil {
		out["confirm"] = r.Confirm
	}
	if r.Allow != nil {
		out["allow"] = r.Allow
	}
	return out
}

// templateValue is a template as a value, its expressions as they are written.
func templateValue(t *mapping.Template) any {
	switch {
	case t.Expr != nil:
		return "${" + t.Source + "}"
	case t.Value != nil:
		return t.Value
	case t.Items != nil:
		list := make([]any, len(t.Items))
		for i := range t.Items {
			list[i] = templateValue(&t.Items[i])
		}
		return list
	}
	object := map[string]any{}
	for i := range t.Fields {
		object[t.Fields[i].Name] = templateValue(&t.Fields[i].Value)
	}
	return object
}

// permissionChanges compares what two plans need, one action on one resource at a
// time. A variable that is not set stands for itself.
func permissionChanges(before, after *mapping.Plan, env func(string) (string, bool)) ([]permissionChange, error) {
	lookup := func(name string) (derive.Value, bool) {
		if text, ok := env(name); ok {
			return derive.Value{Text: text}, true
		}
		return derive.Value{Text: "${env." + name + "}", Deferred: true}, true
	}
	old, err := needed(before, lookup)
	if err != nil {
		return nil, err
	}
	now, err := needed(after, lookup)
	if err != nil {
		return nil, err
	}
	out := []permissionChange{}
	for _, p := range now {
		if !slices.ContainsFunc(old, p.equals) {
			p.Change = changeAdded
			out = append(out, p)
		}
	}
	for _, p := range old {
		if !slices.ContainsFunc(now, p.equals) {
			p.Change = changeRemoved
			out = append(out, p)
		}
	}
	return out, nil
}

func (p *permissionChange) equals(q permissionChange) bool {
	return p.Action == q.Action && p.Resource == q.Resource && slices.Equal(p.Conditions, q.Conditions)
}

func needed(p *mapping.Plan, env func(string) (derive.Value, bool)) ([]permissionChange, error) {
	statements, err := derive.PermissionsOf(p, derive.Options{Env: env})
	if err != nil {
		return nil, fmt.Errorf("permissions of %s: %w", p.File, err)
	}
	var out []permissionChange
	for i := range statements {
		s := &statements[i]
		var conditions []string
		for _, c := range s.Conditions {
			conditions = append(conditions, fmt.Sprintf("%s %s %s", c.Operator, c.Key, strings.Join(c.Values, ", ")))
		}
		for _, action := range s.Actions {
			for _, resource := range s.Resources {
				out = append(out, permissionChange{Action: action, Resource: resource, Conditions: conditions})
			}
		}
	}
	return out, nil
}

// launchOf is a launch as it is compared.
type launchOf struct {
	Rule    string          `json:"-"`
	Element int             `json:"-"`
	Key     string          `json:"key,omitempty"`
	Request json.RawMessage `json:"request,omitempty"`
	Error   string          `json:"error,omitempty"`
}

// launchChanges tries the events with both plans.
func (c *Command) launchChanges(o *diffOptions, plans [2]*mapping.Plan, out *diffOutput) error {
	files, err := eventFiles(o.events)
	if err != nil || len(files) == 0 {
		return err
	}
	var mappings [2]*mapping.Mapping
	for i, plan := range plans {
		if mappings[i], err = plan.Bind(c.functionEnv(o.env)); err != nil {
			return fmt.Errorf("%w (--env NAME=VALUE)", err)
		}
	}
	for _, file := range files {
		data, err := c.readEvent(file)
		if err != nil {
			return err
		}
		old, err := launchesOf(mappings[0], file, data)
		if err != nil {
			return err
		}
		now, err := launchesOf(mappings[1], file, data)
		if err != nil {
			return err
		}
		out.Events += max(len(old), len(now))
		for i := range max(len(old), len(now)) {
			name := file
			if max(len(old), len(now)) > 1 {
				name = fmt.Sprintf("%s, event %d", file, i+1)
			}
			out.Launches = append(out.Launches, compareLaunches(name, at(old, i), at(now, i))...)
		}
	}
	return nil
}

func at(list [][]launchOf, i int) []launchOf {
	if i < len(list) {
		return list[i]
	}
	return nil
}

// launchesOf is what a mapping launches for each event of a payload. A payload
// that it does not take has none.
func launchesOf(m *mapping.Mapping, file string, data []byte) ([][]launchOf, error) {
	batch, err := event.Parse(data, m.Accept)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var out [][]launchOf
	for _, item := range batch.Items {
		for _, e := range item.Events {
			matches, err := m.Match(e)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			list := []launchOf{}
			for i := range matches {
				for j := range matches[i].Launches {
					l := &matches[i].Launches[j]
					one := launchOf{Rule: matches[i].Rule, Element: l.Element}
					if l.Err != nil {
						one.Error = l.Err.Error()
					} else {
						one.Key, one.Request = l.Key, plainJSON(&l.Request)
					}
					list = append(list, one)
				}
			}
			out = append(out, list)
		}
	}
	return out, nil
}

func compareLaunches(name string, old, now []launchOf) []launchChange {
	var out []launchChange
	find := func(list []launchOf, l *launchOf) *launchOf {
		for i := range list {
			if list[i].Rule == l.Rule && list[i].Element == l.Element {
				return &list[i]
			}
		}
		return nil
	}
	for i := range old {
		l := &old[i]
		other := find(now, l)
		if other == nil {
			out = append(out, launchChange{Event: name, Rule: l.Rule, Element: l.Element, Change: changeRemoved})
			continue
		}
		if changes := changesOf(plainJSON(l), plainJSON(other)); len(changes) > 0 {
			out = append(out, launchChange{Event: name, Rule: l.Rule, Element: l.Element, Change: changeChanged, Changes: changes})
		}
	}
	for i := range now {
		if l := &now[i]; find(old, l) == nil {
			out = append(out, launchChange{Event: name, Rule: l.Rule, Element: l.Element, Change: changeAdded})
		}
	}
	return out
}
