package derive

import (
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/mapping"
)

// A Variable is one of the function's environment that the mapping reads.
type Variable struct {
	Name string
	// Required: the function does not start without it.
	Required bool
	// Decides is the fields of Choices that it is part of, such as cluster.
	Decides []string
}

// Variables returns the variables that the mapping reads, sorted by name. One
// that is only read with a fallback (env[?"NAME"].orValue(…)) is not required.
func Variables(p *mapping.Plan) []Variable {
	found := map[string]*Variable{}
	add := func(name string) *Variable {
		if found[name] == nil {
			found[name] = &Variable{Name: name}
		}
		return found[name]
	}
	for i := range p.Rules {
		r := &p.Rules[i]
		for _, t := range []*mapping.Template{&r.Task, r.When, r.ForEach, r.Key} {
			walk(t, func(n *expr.Node) {
				if name := n.EnvName(); name != "" {
					v := add(name)
					v.Required = v.Required || n.Optional == 0
				}
			})
		}
		for field, choices := range r.Choices {
			for _, part := range slices.Concat(choices...) {
				if part.Env != "" {
					v := add(part.Env)
					v.Decides = append(v.Decides, field)
				}
			}
		}
	}
	var all []Variable
	for _, v := range found {
		slices.Sort(v.Decides)
		v.Decides = slices.Compact(v.Decides)
		all = append(all, *v)
	}
	slices.SortFunc(all, func(a, b Variable) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// walk calls f for every node of a template's expressions.
func walk(t *mapping.Template, f func(*expr.Node)) {
	if t == nil {
		return
	}
	for i := range t.Fields {
		walk(&t.Fields[i].Value, f)
	}
	for i := range t.Items {
		walk(&t.Items[i], f)
	}
	if t.Expr != nil {
		t.Expr.Walk(f)
	}
}
