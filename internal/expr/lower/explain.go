package lower

import (
	"slices"
	"strings"

	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"

	"github.com/taskbridge/taskbridge/internal/schema"
)

// syntax words what the parser says. Its first error is the mistake, those behind
// it are where it did not find the way back; its lists of tokens help nobody.
func (c *compiler) syntax(errs []*common.Error) {
	if len(errs) == 0 {
		return
	}
	e := errs[0]
	msg, _, _ := strings.Cut(e.Message, "\n")
	msg = strings.TrimPrefix(msg, "Syntax error: ")
	msg, _, _ = strings.Cut(msg, " expecting ")
	hint := ""
	for _, prefix := range []string{"mismatched input ", "extraneous input ", "token recognition error at: ", "no viable alternative at input "} {
		token, ok := strings.CutPrefix(msg, prefix)
		if !ok {
			continue
		}
		token = strings.TrimSpace(strings.Trim(token, "'"))
		hint = instead[token]
		msg = "unexpected " + quote(token)
		if strings.Contains(token, "<EOF>") {
			msg = "the expression ends too early"
		}
	}
	if strings.HasPrefix(msg, "invalid argument to has()") {
		hint = "has takes a field; a name with a dash stands in backticks: has(event.detail.`a-b`)"
	}
	c.errs = append(c.errs, &Error{
		Line: e.Location.Line(), Col: e.Location.Column() + 1, Width: 1, Code: CodeSyntax, Msg: msg, Hint: hint,
	})
}

// instead is what CEL has for words of other languages.
var instead = map[string]string{
	"and": "write &&", "or": "write ||", "not": "write !", "=": "write ==", "===": "write ==",
	"|": "write a call for a filter: x.lowerAscii() for x | lower", "&": "write &&", "??": "write x.?y.orValue(z)",
	"$":           "write the name alone: an expression stands in ${…} as a whole",
	"toUpperCase": "write upperAscii", "upper": "write x.upperAscii()", "toLowerCase": "write lowerAscii", "lower": "write x.lowerAscii()",
	"len": "write size(x)", "length": "write size(x)", "count": "write size(x)", "includes": "write contains, or x in list",
	"toString": "write string(x)", "str": "write string(x)", "parseInt": "write int(x)", "strip": "write trim", "concat": "write x + y",
	"default": "write x.?y.orValue(z)", "coalesce": "write x.?y.orValue(z)", "orElse": "write orValue", "slugify": "write replace",
	"transformList": "write list.map(x, …)", "transformMap": "write list.map(x, …)",
	"base64": "write base64.encode(bytes(x))", "base64encode": "write base64.encode(bytes(x))", "toJson": "write json(x)", "jsonencode": "write json(x)",
	"jsondecode": "write fromJson(x)", "parseJson": "write fromJson(x)", "regex": "write x.matches(pattern)", "match": "write x.matches(pattern)",
	"now": noClock, "today": noClock, "date": noClock, "time": noClock, "uuid": noChance, "random": noChance, "rand": noChance,
}

// extensions are those of cel-go whose functions begin with their name, and that
// the evaluator does not cover, with what to write instead.
var extensions = map[string]string{
	"cel": "write the value out at each place where it is used", "sets": "write a.all(x, x in b), or a.exists(x, x in b)",
	"proto": "write event.detail.field",
}

const (
	noClock  = "there is no clock, so that a retry asks for the same; event.time is the time of the event"
	noChance = "there is no randomness, so that a retry asks for the same; event.id is one for each event"
)

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
		case strings.Contains(e.Message, "!error!") && len(errs) > 1: // what an argument that is wrong itself leads to
		case strings.HasPrefix(e.Message, "undeclared reference to '"):
			c.undeclared(at, name)
		case strings.HasPrefix(e.Message, "undefined field '"):
			c.undefined(at, name)
		case strings.HasPrefix(e.Message, "found no matching overload for '"):
			c.mismatch(at, operation(name), argumentTypes(e.Message))
		case strings.Contains(e.Message, "does not support field selection"):
			c.selected(at, typeWords(name))
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

// ofEvents are the fields of every event that are names.
var ofEvents = []string{"account", "detail", "id", "region", "resources", "source", "time"}

func (c *compiler) undeclared(at ast.Expr, name string) {
	if at.Kind() == ast.CallKind {
		names := make([]string, 0, 100)
		for f := range c.env.cel.Functions() {
			if isIdentifier(strings.ReplaceAll(f, ".", "_")) {
				names = append(names, f)
			}
		}
		slices.Sort(names)
		hint := instead[name]
		if hint == "" {
			hint = nearest(name, names)
		}
		c.fail(at, CodeReference, hint, "unknown function %q", name)
		return
	}
	names := c.variables()
	hint := nearest(name, names)
	switch {
	case name == "param":
		c.fail(at, CodeReference, "write param.NAME", "param is no value of its own")
		return
	case extensions[name] != "":
		c.fail(at, CodeUnsupported, extensions[name], "the extension %s is not supported", name)
		return
	case !c.scope.Each && (name == "item" || name == "index"):
		hint = name + " is there in rules with forEach"
	case slices.Contains(ofEvents, name):
		hint = "write event." + name
	case hint == "":
		hint = "a text is written in quotes: " + quote(name)
	}
	c.fail(at, CodeReference, hint, "unknown name %q, expected one of %s", name, strings.Join(names, ", "))
}

// undefined is about a field that the schema of an object does not have.
func (c *compiler) undefined(at ast.Expr, name string) {
	operand := operandOf(at)
	if operand == nil {
		c.fail(at, CodeReference, "", "unknown field %q", name)
		return
	}
	from, width := c.field(at)
	t := c.schemaOf(operand)
	if t == nil {
		c.failAt(from, width, CodeReference, "", "unknown field %q", name)
		return
	}
	names := t.Names()
	const most = 20
	list := strings.Join(names[:min(len(names), most)], ", ")
	if len(names) > most {
		list += ", …"
	}
	c.failAt(from, width, CodeReference, nearest(name, names), "unknown field %q, %s has %s", name, c.text(operand), list)
}

// schemaOf is the shape of what a path leads to, nil if it is not known. A tree
// with mistakes has no types of its own.
func (c *compiler) schemaOf(e ast.Expr) *schema.Type {
	switch e.Kind() {
	case ast.IdentKind:
		switch e.AsIdent() {
		case "event":
			return c.scope.Event
		case "item":
			return c.scope.Item
		}
	case ast.SelectKind:
		if t := c.schemaOf(e.AsSelect().Operand()); t != nil {
			if f := t.Field(e.AsSelect().FieldName()); f != nil {
				return f.Type
			}
		}
	case ast.CallKind:
		args := e.AsCall().Args()
		if len(args) != 2 {
			return nil
		}
		t := c.schemaOf(args[0])
		switch name, _ := stringLiteral(args[1]); {
		case t == nil:
		case e.AsCall().FunctionName() == operators.Index && (t.Kind == schema.List || t.Kind == schema.Map):
			return t.Elem
		case e.AsCall().FunctionName() == operators.OptSelect && t.Field(name) != nil:
			return t.Field(name).Type
		}
	}
	return nil
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
func (c *compiler) selected(at ast.Expr, t string) {
	from, width := c.field(at)
	what := "this"
	if operand := operandOf(at); operand != nil {
		what = c.text(operand)
	}
	c.failAt(from, width, CodeType, "", "%s is of type %s, which has no fields", what, t)
}

// mismatch is about an operator or function that does not take values of these
// types.
func (c *compiler) mismatch(at ast.Expr, op string, got []string) {
	if op == "_[_]" || op == operators.Index {
		op = "[…]"
	}
	hint := c.conversion(op, got)
	switch isMember := at.AsCall().IsMemberFunction(); {
	case hint != "":
	case !isMember && c.isMethod(op, true):
		hint = "write VALUE." + op + "(…)"
	case isMember && c.isMethod(op, false):
		hint = "write " + op + "(VALUE)"
	}
	c.fail(at, CodeType, hint, "%s does not take (%s)", op, strings.Join(got, ", "))
}

// isMethod reports whether a function always, or never, stands behind a value and
// a dot.
func (c *compiler) isMethod(name string, always bool) bool {
	f, ok := c.env.cel.Functions()[name]
	if !ok {
		return false
	}
	for _, o := range f.OverloadDecls() {
		if o.IsMemberFunction() != always {
			return false
		}
	}
	return true
}

// argumentTypes are the types in a message of the checker: applied to '(int,
// string)', or 'string.(int)' for a method.
func argumentTypes(message string) []string {
	_, text, _ := strings.Cut(message, "applied to '")
	text = strings.TrimSuffix(text, "'")
	receiver, args, isMethod := strings.Cut(text, ".(")
	if !isMethod {
		args = strings.TrimPrefix(text, "(")
	}
	args = strings.TrimSuffix(args, ")")
	var list []string
	if isMethod {
		list = append(list, typeWords(receiver))
	}
	depth, from := 0, 0
	for i, r := range args {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			list = append(list, typeWords(strings.TrimSpace(args[from:i])))
			from = i + 1
		}
	}
	if args != "" {
		list = append(list, typeWords(strings.TrimSpace(args[from:])))
	}
	return list
}

// typeWords is a type as the checker writes it, in the words of [Type].
func typeWords(t string) string {
	if strings.HasPrefix(t, "@object") {
		return "object"
	}
	for prefix, word := range map[string]string{"list(": "list", "optional_type(": "optional", "map(": "map"} {
		inner, ok := strings.CutPrefix(t, prefix)
		if !ok {
			continue
		}
		inner = strings.TrimSuffix(inner, ")")
		if word == "map" {
			_, inner, _ = strings.Cut(inner, ", ")
		}
		if inner = typeWords(inner); inner != "dyn" && inner != "" {
			return word + " of " + inner
		}
		return word
	}
	return t
}

// conversion is the hint for the usual mismatches.
func (c *compiler) conversion(op string, got []string) string {
	has := func(t string) bool { return slices.Contains(got, t) }
	switch {
	case op == "?:" && len(got) == 3 && got[0] != "bool":
		return "the condition must be true or false: compare it with something"
	case op == "?:":
		return "both values must be of one type, or write dyn(…) around one"
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
		if strings.HasSuffix(t, "object") {
			return "write dyn(…) to take the object as a map"
		}
	}
	return ""
}
