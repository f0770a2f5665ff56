package lower

import (
	"slices"
	"strings"

	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// syntax words what the parser says. Its first line says what is wrong; the
// lists of tokens that follow help nobody.
func (c *compiler) syntax(errs []*common.Error) {
	for _, e := range errs {
		msg, _, _ := strings.Cut(e.Message, "\n")
		msg = strings.TrimPrefix(msg, "Syntax error: ")
		msg, _, _ = strings.Cut(msg, " expecting {")
		hint := ""
		if strings.Contains(msg, "<EOF>") {
			hint = "the expression ends too early"
		}
		c.errs = append(c.errs, &Error{
			Line: e.Location.Line(), Col: e.Location.Column() + 1, Width: 1, Code: CodeSyntax, Msg: msg, Hint: hint,
		})
	}
}

// explain words what the type checker says.
func (c *compiler) explain(tree *ast.AST, errs []*common.Error) {
	nodes := map[int64]ast.Expr{}
	ast.PostOrderVisit(tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) { nodes[e.ID()] = e }))
	for _, e := range errs {
		at, ok := nodes[e.ExprID]
		if !ok {
			c.errs = append(c.errs, &Error{Line: e.Location.Line(), Col: e.Location.Column() + 1, Width: 1, Code: CodeType, Msg: e.Message})
			continue
		}
		name := between(e.Message, "'", "'")
		switch {
		case strings.HasPrefix(e.Message, "undeclared reference to '"):
			c.undeclared(at, name)
		case strings.HasPrefix(e.Message, "undefined field '"):
			c.undefined(tree, at, name)
		case strings.HasPrefix(e.Message, "found no matching overload for '"):
			c.mismatch(tree, at, operation(name))
		case strings.Contains(e.Message, "does not support field selection"):
			c.selected(tree, at)
		default:
			msg, _, _ := strings.Cut(e.Message, "\n")
			c.fail(at, CodeType, "", "%s", strings.ReplaceAll(msg, "'", `"`))
		}
	}
}

// between is the text of s between two marks, "" if they are not there.
func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, ok := strings.Cut(s, to)
	if !ok {
		return ""
	}
	return s
}

func (c *compiler) undeclared(at ast.Expr, name string) {
	if at.Kind() == ast.CallKind {
		names := make([]string, 0, 100)
		for f := range c.env.cel.Functions() {
			if isIdentifier(strings.ReplaceAll(f, ".", "_")) {
				names = append(names, f)
			}
		}
		slices.Sort(names)
		c.fail(at, CodeReference, nearest(name, names), "unknown function %q", name)
		return
	}
	names := c.variables()
	hint := nearest(name, names)
	switch {
	case name == "param":
		c.fail(at, CodeReference, "write param.NAME", "param is no value of its own")
		return
	case !c.scope.Each && (name == "item" || name == "index"):
		hint = name + " is there in rules with forEach"
	case hint == "":
		hint = "a text is written in quotes: " + quote(name)
	}
	c.fail(at, CodeReference, hint, "unknown name %q, expected one of %s", name, strings.Join(names, ", "))
}

// undefined is about a field that the schema of an object does not have.
func (c *compiler) undefined(tree *ast.AST, at ast.Expr, name string) {
	operand := operandOf(at)
	if operand == nil {
		c.fail(at, CodeReference, "", "unknown field %q", name)
		return
	}
	from, width := c.field(at)
	t := c.env.objects.object(tree.GetType(operand.ID()))
	if t == nil {
		c.failAt(from, width, CodeReference, "", "unknown field %q", name)
		return
	}
	names := fieldNames(t)
	const most = 20
	list := strings.Join(names[:min(len(names), most)], ", ")
	if len(names) > most {
		list += ", …"
	}
	c.failAt(from, width, CodeReference, nearest(name, names), "unknown field %q, %s has %s", name, c.text(operand), list)
}

func operandOf(e ast.Expr) ast.Expr {
	switch {
	case e.Kind() == ast.SelectKind:
		return e.AsSelect().Operand()
	case e.Kind() == ast.CallKind && len(e.AsCall().Args()) == 2:
		return e.AsCall().Args()[0]
	}
	return nil
}

// selected is about a field of what is no object.
func (c *compiler) selected(tree *ast.AST, at ast.Expr) {
	operand := operandOf(at)
	from, width := c.field(at)
	what, t := "this", "value"
	if operand != nil {
		what, t = c.text(operand), c.typeText(tree.GetType(operand.ID()))
	}
	c.failAt(from, width, CodeType, "", "%s is a %s, which has no fields", what, t)
}

// mismatch is about an operator or function that does not take values of these
// types.
func (c *compiler) mismatch(tree *ast.AST, at ast.Expr, op string) {
	call := at.AsCall()
	args := call.Args()
	if call.IsMemberFunction() {
		args = append([]ast.Expr{call.Target()}, args...)
	}
	got := make([]string, len(args))
	for i, a := range args {
		got[i] = c.typeText(tree.GetType(a.ID()))
	}
	if op == "_[_]" || op == operators.Index {
		op = "[…]"
	}
	c.fail(at, CodeType, c.conversion(op, got), "%s does not take (%s)", op, strings.Join(got, ", "))
}

// conversion is the hint for the usual mismatches.
func (c *compiler) conversion(op string, got []string) string {
	has := func(t string) bool { return slices.Contains(got, t) }
	switch {
	case op == "[…]" && len(got) == 2 && strings.HasPrefix(got[0], "object"):
		return "an index of an object is a constant name; write dyn(…)[…] for one that is not"
	case op == "+" && has("string") && (has("int") || has("double") || has("bool")):
		return "write string(…) to make it a text"
	case slices.Contains([]string{"==", "!=", "<", "<=", ">", ">="}, op) && has("string") && (has("int") || has("double")):
		return "write a number without quotes, or int(…), double(…) or string(…)"
	case has("int") && has("double"):
		return "write double(…) or int(…): ints and doubles are not mixed"
	}
	for _, t := range got {
		if strings.HasPrefix(t, "optional") {
			return "write .orValue(…) to say what stands for a value that is not there"
		}
		if t == "object" {
			return "write dyn(…) to take the object as a map"
		}
	}
	return ""
}

// typeText is a type in a message.
func (c *compiler) typeText(t *types.Type) string {
	if t == nil {
		return "?"
	}
	if t.Kind() == types.StructKind {
		return "object"
	}
	return typeOf(t).String()
}
