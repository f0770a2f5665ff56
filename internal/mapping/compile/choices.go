package compile

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/mapping"
)

// choices finds, for each field that decides what runs where and as whom, the
// values that it can have. It refuses a field for which they are not known.
func (b *templateBuilder) choices(r *mapping.Rule, n, allow *node) {
	allowed := b.allowed(allow)
	r.Choices = map[string][]mapping.Choice{}
	b.constants(&r.Task, "", r.Choices)
	for i := range b.expressions {
		e := &b.expressions[i]
		if name := fieldName(e.field); slices.Contains(Choosable, name) {
			b.chosen(r, e, name, allowed)
		}
	}
	for name, list := range allowed {
		if _, ok := r.Choices[name]; !ok && len(list.values) > 0 {
			b.at(list.at, CodeSetting, "remove it, or set the field", "allow lists values of %s, which the task does not set", name)
		}
	}
	if len(r.Choices) == 0 {
		r.Choices = nil
	}
}

// allowedValues are the values that a rule allows for a field.
type allowedValues struct {
	at     *node
	values []string
}

func (b *templateBuilder) allowed(n *node) map[string]allowedValues {
	all := map[string]allowedValues{}
	if n == nil {
		return all
	}
	if !b.isMap(n, "allow", strings.Join(Choosable, ", ")) {
		for _, name := range Choosable { // it may be meant to list any
			all[name] = allowedValues{}
		}
		return all
	}
	b.keyNames(n, "allow", Choosable)
	for _, m := range n.members {
		if !slices.Contains(Choosable, m.key) || m.value.unknown {
			continue
		}
		if m.value.kind != listNode || len(m.value.items) == 0 {
			b.at(m.value, CodeShape, fmt.Sprintf("write allow: {%s: [a, b]}", m.key), "allow lists values of %s, got %s", m.key, m.value.what())
			all[m.key] = allowedValues{at: m.value}
			continue
		}
		list := allowedValues{at: m.value}
		for _, item := range m.value.items {
			if !item.isText() || item.text == "" {
				b.at(item, CodeShape, scalarHint(item, "!!str"), "a value of %s is text, got %s", m.key, item.what())
				continue
			}
			if !slices.Contains(list.values, item.text) {
				list.values = append(list.values, item.text)
			}
		}
		all[m.key] = list
	}
	return all
}

// constants adds the values that stand in the template as they are.
func (b *templateBuilder) constants(t *mapping.Template, field string, into map[string][]mapping.Choice) {
	for i := range t.Fields {
		b.constants(&t.Fields[i].Value, t.Fields[i].Name, into)
	}
	for i := range t.Items {
		b.constants(&t.Items[i], field, into)
	}
	if t.Value != nil {
		var v any
		if err := json.Unmarshal(t.Value, &v); err == nil {
			constantsOf(v, field, into)
		}
	}
}

func constantsOf(v any, field string, into map[string][]mapping.Choice) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			constantsOf(member, name, into)
		}
	case []any:
		for _, item := range v {
			constantsOf(item, field, into)
		}
	case string:
		if slices.Contains(Choosable, field) {
			addChoice(into, field, mapping.Choice{{Text: v}})
		}
	}
}

// addChoice adds a value to those of a field. They are sorted, so that the plan
// does not depend on the order in which they are found.
func addChoice(into map[string][]mapping.Choice, field string, choice mapping.Choice) {
	at, found := slices.BinarySearchFunc(into[field], choice, compareChoices)
	if !found {
		into[field] = slices.Insert(into[field], at, choice)
	}
}

func compareChoices(a, b mapping.Choice) int {
	return slices.CompareFunc(a, b, func(x, y expr.Part) int {
		if d := strings.Compare(x.Text, y.Text); d != 0 {
			return d
		}
		return strings.Compare(x.Env, y.Env)
	})
}

// chosen adds the values that an expression can give to a field.
func (b *templateBuilder) chosen(r *mapping.Rule, e *expression, name string, allowed map[string]allowedValues) {
	outcomes, finite := b.scope.outcomes(e.node)
	list, listed := allowed[name]
	known := finite && !slices.ContainsFunc(outcomes, func(o expr.Outcome) bool { return len(o.Env) > 0 && o.Text == nil })
	switch {
	case !e.parts.bound():
		addChoice(r.Choices, name, nil) // there will be no plan
	case !known && listed:
		for _, v := range list.values {
			addChoice(r.Choices, name, mapping.Choice{{Text: v}})
		}
		if r.Allow == nil {
			r.Allow = map[string][]string{}
		}
		r.Allow[name] = list.values
	case !known:
		addChoice(r.Choices, name, nil) // so that allow is not missed twice
		b.unbounded(e, name, outcomes, finite)
	default:
		for _, o := range outcomes {
			b.addOutcome(r, e, name, o, list, listed)
		}
	}
}

func (b *templateBuilder) addOutcome(r *mapping.Rule, e *expression, name string, o expr.Outcome, list allowedValues, listed bool) {
	if len(o.Env) > 0 {
		addChoice(r.Choices, name, mapping.Choice(o.Text))
		return
	}
	text, ok := o.Value.Str()
	if !ok {
		return // no string: an error when it runs
	}
	addChoice(r.Choices, name, mapping.Choice{{Text: text}})
	if listed && len(list.values) > 0 && !slices.Contains(list.values, text) {
		at, width := e.parts.place(e.at)
		f := b.add(at, width, CodeSetting, "add it to allow", "%s can be %q, which allow does not list at %s", name, text, list.at.pos)
		b.related(f, list.at.pos, "the values that are allowed")
	}
}

// unbounded is about a field whose values are not known before deployment.
func (b *templateBuilder) unbounded(e *expression, name string, outcomes []expr.Outcome, finite bool) {
	at, width := e.parts.place(e.at)
	list := fmt.Sprintf("list the values that it may have: allow: {%s: [a, b]}", name)
	switch {
	case finite:
		i := slices.IndexFunc(outcomes, func(o expr.Outcome) bool { return len(o.Env) > 0 && o.Text == nil })
		env := outcomes[i].Env[0]
		b.add(at, width, CodeUnbounded, fmt.Sprintf("write ${env.%s} without a function around it, or %s", env, list),
			"permissions depend on %s, and what a function makes of env.%s is not known before deployment", name, env)
	case b.scope.reads(e.node):
		b.add(at, width, CodeUnbounded, list+", or choose among constants with a condition or a map",
			"event data may not choose %s freely: whoever sends events would decide it", name)
	default:
		b.add(at, width, CodeUnbounded, list, "the values of %s are not known before deployment", name)
	}
}
