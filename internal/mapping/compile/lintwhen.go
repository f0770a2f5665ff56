package compile

import (
	"slices"

	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/schema"
)

// A pin is a field of the event that has one of a few texts, because the rule's
// pattern says so.
type pin struct {
	path   []string
	values []string
}

// envelope are the fields that are texts in every event.
var envelope = []string{"source", "detail-type", "account", "region"}

// pins are those of a pattern, for events of a shape. A field that may be a list
// is none: the pattern is content with one of its elements.
func pins(match *node, t *schema.Type) []pin {
	var all []pin
	var visit func(n *node, t *schema.Type, path []string)
	visit = func(n *node, t *schema.Type, path []string) {
		for _, m := range n.members {
			field := fieldOf(t, m.key)
			if m.key == "$or" || field == nil {
				continue
			}
			path := append(path[:len(path):len(path)], m.key)
			visit(m.value, field, path)
			values := pinned(m.value)
			if len(values) > 0 && (field.Kind == schema.String || len(path) == 1 && slices.Contains(envelope, m.key)) {
				all = append(all, pin{path, values})
			}
		}
	}
	if t == nil {
		t = &schema.Type{}
	}
	visit(match, t, nil)
	return all
}

// maxCases bounds the combinations of pinned values that a condition is tried for.
const maxCases = 64

// lintWhen looks for a condition that comes out the same for everything that the
// pattern lets through.
func (c *compiler) lintWhen(n *node, when *expr.Node, pins []pin) {
	cases := []*expr.Node{when}
	for _, p := range pins {
		if !readsPath(when, p.path) {
			continue
		}
		if len(cases)*len(p.values) > maxCases {
			return
		}
		var next []*expr.Node
		for _, v := range p.values {
			for _, n := range cases {
				next = append(next, n.Given(p.path, expr.String(v)))
			}
		}
		cases = next
	}
	first, _ := decided(cases[0])
	if slices.ContainsFunc(cases, func(n *expr.Node) bool { v, ok := decided(n); return !ok || v != first }) {
		return
	}
	if first {
		c.warn(n, CodeWhenConstant, "remove when", "the condition is true for every event that match lets through")
		return
	}
	c.warn(n, CodeWhenConstant, "correct it, or match", "the condition is false for every event that match lets through: the rule never starts anything")
}

func readsPath(n *expr.Node, path []string) bool {
	reads := false
	n.Walk(func(n *expr.Node) {
		names, ok := n.EventPath()
		reads = reads || ok && slices.Equal(names, path)
	})
	return reads
}

// decided is what a condition comes to, if that is known.
func decided(n *expr.Node) (value, ok bool) {
	switch n.Op {
	case "!":
		value, ok = decided(n.Args[0])
		return !value, ok
	case "&&", "||":
		all := true
		for _, a := range n.Args {
			v, ok := decided(a)
			if ok && v == (n.Op == "||") {
				return v, true
			}
			all = all && ok
		}
		return n.Op == "&&", all
	}
	outcomes, ok := n.Outcomes()
	if !ok || len(outcomes) != 1 {
		return false, false
	}
	return outcomes[0].Value.Bool()
}
