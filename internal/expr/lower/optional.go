package lower

import (
	"slices"

	"cel.dev/cel-go/common/ast"

	"github.com/taskbridge/taskbridge/internal/schema"
)

// warnOptional looks for fields that the schema calls optional and that are read
// as if they were always there. An expression that asks has() for a field
// anywhere is taken to know.
func (c *compiler) warnOptional() {
	var asked []string
	root := c.ast.Expr()
	ast.PostOrderVisit(root, ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() == ast.SelectKind && e.AsSelect().IsTestOnly() {
			asked = append(asked, c.text(e))
		}
	}))
	ast.PostOrderVisit(root, ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.SelectKind || e.AsSelect().IsTestOnly() || slices.Contains(asked, c.text(e)) {
			return
		}
		s := e.AsSelect()
		if f := c.optionalField(s); f != nil {
			from, width := c.field(e)
			w := c.finding(from, width, CodeOptional,
				"say what stands for it: "+c.text(s.Operand())+"[?"+quote(f.Name)+"].orValue(…), or test it with has()",
				"events without "+quote(f.Name)+" occur, and their launch would fail")
			w.Path = names(e)
			if !slices.ContainsFunc(c.result.Warnings, func(o *Error) bool { return o.Line == w.Line && o.Col == w.Col }) {
				c.result.Warnings = append(c.result.Warnings, w)
			}
		}
	}))
}

// optionalField is the field that s selects, if the schema calls it optional and
// the selection itself is not.
func (c *compiler) optionalField(s ast.SelectExpr) *schema.Field {
	t := c.ast.GetType(s.Operand().ID())
	object := c.env.objects.object(t)
	if object == nil || c.env.objects.byName[t.TypeName()] == nil {
		return nil
	}
	if f := object.Field(s.FieldName()); f != nil && f.Optional {
		return f
	}
	return nil
}

// names are the steps of a path from the event, nil if e is none.
func names(e ast.Expr) []string {
	switch {
	case e.Kind() == ast.IdentKind && e.AsIdent() == "event":
		return []string{}
	case e.Kind() == ast.SelectKind:
		if path := names(e.AsSelect().Operand()); path != nil {
			return append(path, e.AsSelect().FieldName())
		}
	}
	return nil
}
