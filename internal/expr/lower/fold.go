package lower

import (
	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/scan"
)

// maxFolded is the longest text that is put into the plan instead of the
// expression that makes it.
const maxFolded = 4096

// folded replaces n by its value if that is a constant the plan can hold. Where
// evaluation fails, n stays: an operand of || and the branch of a condition may
// fail without harm.
func (c *compiler) folded(n *expr.Node) *expr.Node {
	if len(c.errs) > 0 {
		return n
	}
	if chosen := c.decided(n); chosen != nil {
		return chosen
	}
	if !c.isFixed(n) {
		return n
	}
	if value, err := evaluate(n); err == nil {
		if text, ok := value.AppendLiteral(nil); ok && len(text) <= maxFolded {
			return expr.Const(value)
		}
	}
	return n
}

// decided is what n comes to where a constant decides it: the branch of a
// condition, true || x.
func (c *compiler) decided(n *expr.Node) *expr.Node {
	switch n.Op {
	case "?:":
		if test, ok := n.Args[0].Value.Bool(); ok && n.Args[0].Op == expr.OpConst {
			if test {
				return n.Args[1]
			}
			return n.Args[2]
		}
	case "&&", "||":
		for _, a := range n.Args {
			if v, ok := a.Value.Bool(); ok && a.Op == expr.OpConst && v == (n.Op == "||") {
				return a
			}
		}
	}
	return nil
}

// isFixed reports whether n depends on nothing: neither on what it reads nor on
// the variable of a macro around it.
func (c *compiler) isFixed(n *expr.Node) bool {
	fixed := true
	var visit func(n *expr.Node, depth int)
	visit = func(n *expr.Node, depth int) {
		switch n.Op {
		case expr.OpEvent, expr.OpItem, expr.OpIndex, expr.OpEnv, expr.OpRule:
			fixed = false
		case expr.OpVar:
			fixed = fixed && n.Depth >= depth
		}
		for _, a := range n.Args {
			visit(a, depth)
		}
		for _, s := range n.Path {
			if s.Key != nil {
				visit(s.Key, depth)
			}
		}
	}
	visit(n, len(c.locals))
	return fixed
}

// evaluate is the value of a node that depends on nothing.
func evaluate(n *expr.Node) (expr.Value, error) {
	p, err := n.Bind(&scan.Paths{}, expr.Scope{})
	if err != nil {
		return expr.Value{}, err
	}
	return p.Eval(nil)
}
