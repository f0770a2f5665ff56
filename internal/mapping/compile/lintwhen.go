package compile

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/taskbridge/taskbridge/internal/diag"
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

// lintWhen looks for a condition, or a part of one, that comes out the same for
// everything that the pattern lets through, and for parts that repeat each other.
func (c *compiler) lintWhen(n *node, p *part, s scope) {
	const never = "is false for every event that match lets through: the rule never starts anything"
	value, ok := always(p.result.Node, s.pins)
	if ok && value {
		c.warn(n, CodeWhenConstant, "remove when", "the condition is true for every event that match lets through")
		return
	}
	operands := c.operands(n, p, s)
	for i, o := range operands {
		switch v, known := always(o.node, s.pins); {
		case known && !v:
			c.warnAt(o, "correct it, or match", "this part of the condition "+never)
			return
		case ok: // the false one is to be found
		case known:
			c.warnAt(o, "remove it from the condition", "this part of the condition is true for every event that match lets through")
		default:
			if first := slices.IndexFunc(operands[:i], o.same); first >= 0 {
				f := c.warnAt(o, "remove it, or correct one of them", fmt.Sprintf("this part of the condition repeats the one at %s", operands[first].pos))
				c.related(f, operands[first].pos, "the same part")
			}
		}
	}
	if ok {
		c.warn(n, CodeWhenConstant, "correct it, or match", "the condition "+never)
	}
}

// An operand is one of those that && joins to a condition.
type operand struct {
	node  *expr.Node
	pos   diag.Pos
	width int
}

func (c *compiler) warnAt(o operand, hint, message string) *diag.Finding {
	f := c.add(o.pos, o.width, CodeWhenConstant, hint, "%s", message)
	f.Severity = diag.Warning
	return f
}

// same reports whether two operands ask for the same.
func (o operand) same(other operand) bool {
	a, errA := o.node.MarshalJSON()
	b, errB := other.node.MarshalJSON()
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// operands are those of a condition that is an && at its top; none if it is not, or
// if what a parameter makes of one is not known yet.
func (c *compiler) operands(n *node, p *part, s scope) []operand {
	var all []operand
	offset := 0
	for _, text := range conjuncts(p.source) {
		source := strings.TrimSpace(text)
		result, errs := c.lower(source, s.Scope)
		if len(errs) > 0 || !c.use(result.Params) {
			return nil
		}
		at := p.offset + utf8.RuneCountInString(p.source[:offset+strings.Index(text, source)])
		line, _, _ := strings.Cut(source, "\n")
		all = append(all, operand{result.Node, c.within(n, at), utf8.RuneCountInString(line)})
		offset += len(text) + len("&&")
	}
	return all
}

// conjuncts cuts an expression at the && at its top. It returns nothing for one that
// has none there, or an operator that binds less.
func conjuncts(s string) []string {
	var all []string
	depth, start := 0, 0
	for i := 0; i < len(s); i++ {
		n := skipped(s, i)
		if n < 0 { // a comment up to the end
			break
		}
		switch c := s[i]; {
		case n > 0:
			i += n - 1
		case strings.IndexByte("([{", c) >= 0:
			depth++
		case strings.IndexByte(")]}", c) >= 0:
			depth--
		case depth > 0:
		case strings.HasPrefix(s[i:], "||"), c == '?' && (i == 0 || s[i-1] != '.'):
			return nil
		case strings.HasPrefix(s[i:], "&&"):
			all = append(all, s[start:i])
			start = i + len("&&")
			i++
		}
	}
	if all == nil {
		return nil
	}
	return append(all, s[start:])
}

// always is what a condition comes to for everything that the pins allow, if that is
// one and the same.
func always(when *expr.Node, pins []pin) (value, ok bool) {
	cases := []*expr.Node{when}
	for _, p := range pins {
		if !readsPath(when, p.path) {
			continue
		}
		if len(cases)*len(p.values) > maxCases {
			return false, false
		}
		var next []*expr.Node
		for _, v := range p.values {
			for _, n := range cases {
				next = append(next, n.Given(p.path, expr.String(v)))
			}
		}
		cases = next
	}
	first, ok := decided(cases[0])
	return first, ok && !slices.ContainsFunc(cases, func(n *expr.Node) bool { v, ok := decided(n); return !ok || v != first })
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
