package compile

import (
	"fmt"

	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/schema"
)

// declareElements makes the elements of forEach known to the expressions of a
// rule, if list depends on nothing.
func (c *compiler) declareElements(s *scope, list *expr.Node) {
	outcomes, ok := list.Outcomes()
	if list.Reads() || !ok || len(outcomes) != 1 {
		return
	}
	s.elements, _ = outcomes[0].Value.Elements()
	if len(s.elements) == 0 {
		return
	}
	types := make([]*schema.Type, len(s.elements))
	for i, e := range s.elements {
		types[i] = shapeOf(e)
	}
	s.Item = c.shared(schema.Union(types...))
}

// shapeOf is the shape of a value.
func shapeOf(v expr.Value) *schema.Type {
	switch v.Kind {
	case expr.StringKind:
		return &schema.Type{Kind: schema.String}
	case expr.Int:
		return &schema.Type{Kind: schema.Int}
	case expr.Double:
		return &schema.Type{Kind: schema.Double}
	case expr.Bool:
		return &schema.Type{Kind: schema.Bool}
	case expr.List:
		var types []*schema.Type
		elements, _ := v.Elements()
		for _, e := range elements {
			types = append(types, shapeOf(e))
		}
		return &schema.Type{Kind: schema.List, Elem: schema.Union(types...)}
	case expr.Map:
		t := &schema.Type{Kind: schema.Object}
		keys, values, _ := v.Entries()
		for i, k := range keys {
			name, ok := k.Str()
			if !ok {
				return &schema.Type{}
			}
			t.Fields = append(t.Fields, schema.Field{Name: name, Type: shapeOf(values[i])})
		}
		return t
	}
	return &schema.Type{}
}

// shared is the same type for each that is equal, see [compiler.union].
func (c *compiler) shared(t *schema.Type) *schema.Type {
	key := "item " + text(t)
	if first, ok := c.unions[key]; ok {
		return first
	}
	c.unions[key] = t
	return t
}

// text tells shapes of elements apart.
func text(t *schema.Type) string {
	s := t.Kind.String()
	if t.Elem != nil {
		s += "[" + text(t.Elem) + "]"
	}
	for _, f := range t.Fields {
		s += fmt.Sprintf(" %q:%t{%s}", f.Name, f.Optional, text(f.Type))
	}
	return s
}

// launches are what an expression comes to in each launch, where the mapping says
// all elements of forEach; otherwise the expression as it is.
func (s *scope) launches(n *expr.Node) []*expr.Node {
	if len(s.elements) == 0 || !n.Uses(expr.OpItem) && !n.Uses(expr.OpIndex) {
		return []*expr.Node{n}
	}
	var all []*expr.Node
	for i, e := range s.elements {
		all = append(all, n.Under(e, i))
	}
	return all
}

// outcomes are the values that an expression can give, as [expr.Node.Outcomes]
// has them.
func (s *scope) outcomes(n *expr.Node) ([]expr.Outcome, bool) {
	var all []expr.Outcome
	for _, launch := range s.launches(n) {
		outcomes, ok := launch.Outcomes()
		if !ok {
			return nil, false
		}
		all = append(all, outcomes...)
	}
	return all, true
}

// reads reports whether whoever sends the event has a say in what an expression
// gives.
func (s *scope) reads(n *expr.Node) bool { return s.launches(n)[0].Reads() }
