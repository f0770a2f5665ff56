package lower

import (
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/taskbridge/taskbridge/internal/expr"
)

// cel-go expands macros while it parses: all that is left is a loop with an
// accumulator. The shapes of the loops tell which macro it was.

// macro lowers a loop.
func (c *compiler) macro(e ast.Expr) *expr.Node {
	m := e.AsComprehension()
	if m.HasIterVar2() {
		return c.unsupported(e, "a macro with two variables")
	}
	if isBool(m.LoopCondition(), false) { // no loop: the accumulator is a variable
		n := &expr.Node{Op: expr.OpLet, Name: m.AccuVar(), Args: []*expr.Node{c.node(m.AccuInit())}}
		n.Args = append(n.Args, c.within(m.AccuVar(), m.Result())...)
		return c.folded(n)
	}
	op, bodies := shape(m)
	if op == "" {
		return c.unsupported(e, "this macro")
	}
	n := &expr.Node{Op: op, Name: m.IterVar(), Args: []*expr.Node{c.node(m.IterRange())}}
	n.Args = append(n.Args, c.within(m.IterVar(), bodies...)...)
	return c.folded(n)
}

// within lowers expressions in which a macro's variable is known.
func (c *compiler) within(name string, bodies ...ast.Expr) []*expr.Node {
	c.locals = append(c.locals, name)
	var nodes []*expr.Node
	for _, b := range bodies {
		nodes = append(nodes, c.node(b))
	}
	c.locals = c.locals[:len(c.locals)-1]
	return nodes
}

// shape is the macro that a loop was made of, and what it does for each element.
func shape(m ast.ComprehensionExpr) (op string, bodies []ast.Expr) {
	step := m.LoopStep().AsCall()
	args := step.Args()
	switch step.FunctionName() {
	case operators.LogicalAnd:
		return "all", args[1:]
	case operators.LogicalOr:
		return "exists", args[1:]
	case operators.Add:
		return "map", args[1].AsList().Elements()
	case operators.Conditional:
		inner := args[1].AsCall().Args()[1] // what is added to the accumulator
		switch {
		case inner.Kind() == ast.LiteralKind:
			return "exists_one", args[:1]
		case inner.Kind() != ast.ListKind:
			return "", nil
		}
		element := inner.AsList().Elements()[0]
		if element.Kind() == ast.IdentKind && element.AsIdent() == m.IterVar() {
			return "filter", args[:1]
		}
		return "map", []ast.Expr{args[0], element}
	}
	return "", nil
}

func isBool(e ast.Expr, want bool) bool {
	return e.Kind() == ast.LiteralKind && e.AsLiteral() == types.Bool(want)
}
