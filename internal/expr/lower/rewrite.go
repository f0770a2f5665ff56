package lower

import (
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/expr"
)

// rewrite changes the parsed tree before it is checked:
//
//   - an index that is a constant name becomes a selection, which is what the
//     objects of a schema have: event["detail-type"], event[?"detail-type"];
//   - a name with a dash, a subtraction to CEL, is reported and then read as the
//     author meant it, so that the rest is checked too;
//   - param.NAME becomes the parameter's value.
func (c *compiler) rewrite(tree *ast.AST) {
	r := &rewriter{compiler: c, ExprFactory: ast.NewExprFactory(), next: ast.MaxID(tree), dash: -1}
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(r.declared))
	ast.PostOrderVisit(tree.Expr(), ast.NewExprVisitor(r.visit))
}

type rewriter struct {
	*compiler
	ast.ExprFactory
	next   int64
	dash   int      // where the dashed name found last begins
	locals []string // variables of macros
}

func (r *rewriter) visit(e ast.Expr) {
	switch e.Kind() {
	case ast.CallKind:
		r.call(e)
	case ast.SelectKind:
		s := e.AsSelect()
		if s.Operand().Kind() == ast.IdentKind && s.Operand().AsIdent() == "param" {
			r.param(e, s.FieldName())
		}
	}
}

func (r *rewriter) call(e ast.Expr) {
	call := e.AsCall()
	args := call.Args()
	switch call.FunctionName() {
	case operators.Index:
		if name, ok := stringLiteral(args[1]); ok {
			e.SetKindCase(r.NewSelect(e.ID(), args[0], name))
			r.visit(e)
		}
	case operators.OptIndex:
		if name, ok := stringLiteral(args[1]); ok {
			e.SetKindCase(r.NewCall(e.ID(), operators.OptSelect, args[0], r.NewLiteral(args[1].ID(), types.String(name))))
		}
	case operators.Subtract:
		r.dashed(e, args[0], args[1])
	}
}

func stringLiteral(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := e.AsLiteral().(types.String)
	return string(s), ok
}

// dashed recognises field-name: a selection, a minus without spaces, a name that
// is nothing else.
func (r *rewriter) dashed(e, left, right ast.Expr) {
	path := []string{}
	for right.Kind() == ast.SelectKind && !right.AsSelect().IsTestOnly() {
		path = append(path, right.AsSelect().FieldName())
		right = right.AsSelect().Operand()
	}
	if left.Kind() != ast.SelectKind || right.Kind() != ast.IdentKind || r.isVariable(right.AsIdent()) || slices.Contains(r.locals, right.AsIdent()) {
		return
	}
	minus, _ := r.info.GetOffsetRange(e.ID())
	at := int(minus.Start)
	if at < 1 || at+1 >= len(r.runes) || r.runes[at-1] == ' ' || r.runes[at+1] == ' ' {
		return
	}
	operand := left.AsSelect().Operand()
	name := left.AsSelect().FieldName() + "-" + right.AsIdent()
	from := at - len([]rune(left.AsSelect().FieldName()))
	if from == r.dash { // a name of several dashes: the finding is about all of it
		r.errs = r.errs[:len(r.errs)-1]
	}
	r.dash = from
	r.failAt(from, len([]rune(name)), CodeReference, "write "+r.text(operand)+"["+quote(name)+"]",
		"%s is a subtraction: the dash is no part of a name", name)
	meant := r.NewSelect(e.ID(), operand, name)
	for _, field := range slices.Backward(path) {
		meant = r.NewSelect(r.id(e), meant, field)
	}
	e.SetKindCase(meant)
}

// isVariable reports whether a name stands for a value.
func (c *compiler) isVariable(name string) bool { return slices.Contains(c.variables(), name) }

// variables are the names that an expression may refer to.
func (c *compiler) variables() []string {
	names := []string{"event", "env", "rule", "param"}
	if c.scope.Each {
		names = append(names, "item", "index")
	}
	return names
}

// id is a new id for an expression that stands where e does.
func (r *rewriter) id(e ast.Expr) int64 {
	r.next++
	if at, ok := r.info.GetOffsetRange(e.ID()); ok {
		r.info.SetOffsetRange(r.next, at)
	}
	return r.next
}

// param puts a parameter's value in the place of e.
func (r *rewriter) param(e ast.Expr, name string) {
	value, ok := r.scope.Params[name]
	if !ok {
		names := make([]string, 0, len(r.scope.Params))
		for n := range r.scope.Params {
			names = append(names, n)
		}
		slices.Sort(names)
		from, width := r.field(e)
		r.failAt(from, width, CodeReference, nearest(name, names), "unknown parameter %q, %s", name, orNone(names))
		e.SetKindCase(r.NewCall(e.ID(), "dyn", r.NewLiteral(r.id(e), types.NullValue)))
		return
	}
	r.result.Params = append(r.result.Params, name)
	if e.AsSelect().IsTestOnly() {
		e.SetKindCase(r.NewLiteral(e.ID(), types.True))
		return
	}
	e.SetKindCase(r.literal(e, value))
}

// literal is a value as CEL would write it.
func (r *rewriter) literal(at ast.Expr, v expr.Value) ast.Expr {
	id := r.id(at)
	if elements, ok := v.Elements(); ok {
		var list []ast.Expr
		for _, e := range elements {
			list = append(list, r.literal(at, e))
		}
		return r.NewList(id, list, nil)
	}
	if keys, values, ok := v.Entries(); ok {
		var entries []ast.EntryExpr
		for i, k := range keys {
			entries = append(entries, r.NewMapEntry(r.id(at), r.literal(at, k), r.literal(at, values[i]), false))
		}
		return r.NewMap(id, entries)
	}
	var lit ref.Val = types.NullValue
	if s, ok := v.Str(); ok {
		lit = types.String(s)
	} else if i, ok := v.Int(); ok {
		lit = types.Int(i)
	} else if f, ok := v.Double(); ok {
		lit = types.Double(f)
	} else if b, ok := v.Bool(); ok {
		lit = types.Bool(b)
	}
	return r.NewLiteral(id, lit)
}

// declared notes the variable of a macro. It may not hide the names that every
// expression has: what stands for the event is the event.
func (r *rewriter) declared(e ast.Expr) {
	if e.Kind() != ast.ComprehensionKind {
		return
	}
	m := e.AsComprehension()
	r.locals = append(r.locals, m.IterVar(), m.AccuVar())
	for _, name := range []string{m.IterVar(), m.AccuVar()} {
		if r.isVariable(name) {
			r.fail(e, CodeReference, "choose another name", "the variable %q of the macro hides %s", name, name)
		}
	}
}

// nearest is the hint for a misspelt name, "" if no name is close.
func nearest(name string, names []string) string {
	if near := diag.Nearest(name, names); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "the mapping declares none"
	}
	return "expected one of " + strings.Join(names, ", ")
}
