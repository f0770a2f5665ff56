package lower

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/taskbridge/taskbridge/internal/expr"
)

// node makes the node of a checked expression. After a mistake it is some node,
// so that the rest is looked at too.
func (c *compiler) node(e ast.Expr) *expr.Node {
	switch e.Kind() {
	case ast.LiteralKind:
		return c.literal(e)
	case ast.IdentKind:
		return c.ident(e)
	case ast.SelectKind:
		return c.selection(e)
	case ast.CallKind:
		return c.call(e)
	case ast.ListKind:
		return c.list(e)
	case ast.MapKind:
		return c.mapLiteral(e)
	case ast.ComprehensionKind:
		return c.macro(e)
	}
	return c.unsupported(e, "an object of a type")
}

// unsupported records that e is valid CEL that the evaluator does not cover.
func (c *compiler) unsupported(e ast.Expr, what string) *expr.Node {
	c.fail(e, CodeUnsupported, alternative(what), "%s is not supported", what)
	return expr.Const(expr.NullValue())
}

// alternative says what to write instead.
func alternative(what string) string {
	switch what {
	case "an object of a type":
		return `write a map: {"name": value}`
	case "an optional element", "an optional entry":
		return "choose with a condition: has(x) ? [x] : []"
	case "hasOnly", "hasAll", "hasExactly":
		return "write list.all(x, x in other)"
	case "hasAny":
		return "write list.exists(x, x in other)"
	case "unwrapOpt", "optional.unwrap":
		return "write list.filter(x, x.hasValue()).map(x, x.value())"
	case "hasValue":
		return "write x.hasValue() && x.value() == y"
	case "regex.replace":
		return "write replace, or regex.extract"
	case "env as a value":
		return "write env.NAME or env[?\"NAME\"].orValue(…)"
	}
	return ""
}

func (c *compiler) literal(e ast.Expr) *expr.Node {
	var v expr.Value
	switch lit := e.AsLiteral().(type) {
	case types.String:
		v = expr.String(string(lit))
	case types.Int:
		v = expr.IntValue(int64(lit))
	case types.Double:
		v = expr.DoubleValue(float64(lit))
	case types.Bool:
		v = expr.BoolValue(bool(lit))
	case types.Null:
		v = expr.NullValue()
	case types.Uint:
		text := expr.String(strconv.FormatUint(uint64(lit), 10))
		return &expr.Node{Op: "uint", Args: []*expr.Node{expr.Const(text)}}
	case types.Bytes:
		text := expr.String(base64.StdEncoding.EncodeToString(lit))
		return &expr.Node{Op: "base64.decode", Args: []*expr.Node{expr.Const(text)}}
	default:
		return c.unsupported(e, "a constant of type "+e.AsLiteral().Type().TypeName())
	}
	return expr.Const(v)
}

func (c *compiler) ident(e ast.Expr) *expr.Node {
	name := e.AsIdent()
	if depth := slices.Index(c.locals, name); depth >= 0 {
		for i := depth; i < len(c.locals); i++ { // the innermost of a name
			if c.locals[i] == name {
				depth = i
			}
		}
		return &expr.Node{Op: expr.OpVar, Depth: depth, Name: name}
	}
	switch name {
	case "event":
		return &expr.Node{Op: expr.OpEvent}
	case "item":
		return &expr.Node{Op: expr.OpItem}
	case "index":
		return &expr.Node{Op: expr.OpIndex}
	case "rule":
		if c.scope.Rule != "" {
			return expr.Const(expr.String(c.scope.Rule))
		}
		return &expr.Node{Op: expr.OpRule}
	case "env":
		return c.unsupported(e, "env as a value")
	}
	if t := c.ast.GetType(e.ID()); t.Kind() == types.TypeKind { // int, string, …
		name = "type"
		if len(t.Parameters()) == 1 {
			name = t.Parameters()[0].TypeName()
		}
		return &expr.Node{Op: expr.OpType, Name: name}
	}
	return c.unsupported(e, name)
}

func (c *compiler) selection(e ast.Expr) *expr.Node {
	s := e.AsSelect()
	name := s.FieldName()
	n := c.step(e, s.Operand(), expr.Step{Name: &name}, s.IsTestOnly())
	if s.IsTestOnly() {
		n = &expr.Node{Op: "hasValue", Args: []*expr.Node{n}}
	}
	return c.folded(n)
}

// step is the node that reads one step further than operand.
func (c *compiler) step(e, operand ast.Expr, s expr.Step, optional bool) *expr.Node {
	if operand.Kind() == ast.IdentKind && operand.AsIdent() == "env" {
		if s.Name == nil {
			return c.unsupported(e, "env as a value")
		}
		n := &expr.Node{Op: expr.OpEnv, Path: []expr.Step{s}}
		if optional {
			n.Optional = 1
		}
		return n
	}
	n := c.node(operand)
	switch n.Op {
	case expr.OpEvent, expr.OpItem, expr.OpVar, expr.OpGet:
	default:
		n = &expr.Node{Op: expr.OpGet, Args: []*expr.Node{n}}
	}
	if optional && n.Optional == 0 {
		n.Optional = len(n.Path) + 1
	}
	n.Path = append(n.Path, s)
	return n
}

// key is the step of an index.
func (c *compiler) key(e ast.Expr) expr.Step {
	n := c.node(e)
	t := typeOf(c.ast.GetType(e.ID()))
	if e.Kind() == ast.LiteralKind && (t.Kind == expr.Null || t.Kind == expr.Bytes) || e.Kind() == ast.IdentKind && t.Kind == expr.TypeKind {
		// cel-go cannot plan an evaluation of it, whether it is come to or not.
		c.fail(e, CodeType, "write a name or a number", "%s is no key of a map and no index of a list", t.Kind)
	}
	if n.Op == expr.OpConst {
		if i, ok := n.Value.Int(); ok {
			return expr.Step{Index: i}
		}
		if s, ok := n.Value.Str(); ok {
			return expr.Step{Name: &s}
		}
	}
	return expr.Step{Key: n}
}

func (c *compiler) call(e ast.Expr) *expr.Node {
	call := e.AsCall()
	args := call.Args()
	switch call.FunctionName() {
	case operators.Index, operators.OptIndex:
		optional := call.FunctionName() == operators.OptIndex
		return c.folded(c.step(e, args[0], c.key(args[1]), optional))
	case operators.OptSelect:
		name, _ := stringLiteral(args[1])
		return c.folded(c.step(e, args[0], expr.Step{Name: &name}, true))
	}
	if call.IsMemberFunction() {
		args = append([]ast.Expr{call.Target()}, args...)
	}
	n := &expr.Node{Op: operation(call.FunctionName())}
	if !expr.Supports(n.Op, len(args)) {
		return c.unsupported(e, n.Op)
	}
	if c.extremeOfDyn(n.Op, args) {
		c.fail(args[0], CodeUnsupported, "write dyn(…) around the list", "%s of a list whose elements may be anything is not supported", n.Op)
		return n
	}
	guarded := len(c.ast.GetOverloadIDs(e.ID())) == 1 && overloaded(n.Op)
	for _, a := range args {
		arg := c.node(a)
		if kind := typeOf(c.ast.GetType(a.ID())); guarded && !kind.Dyn && c.loose(a) {
			arg = &expr.Node{Op: expr.OpAs, Name: kind.Kind.String(), Args: []*expr.Node{arg}}
		}
		n.Args = append(n.Args, arg)
	}
	if len(args) == 2 && expr.NeedsConstant(n.Op) && !c.checkConstant(n, args[1]) {
		return n
	}
	return c.folded(flat(n))
}

// overloaded reports whether the evaluator's operation takes values of several
// kinds where cel-go has a function for each, chosen by the checker.
func overloaded(op string) bool {
	switch op {
	case "string", "int", "uint", "double", "bool", "bytes", "timestamp", "duration":
		return true
	}
	return strings.HasPrefix(op, "math.") || strings.HasPrefix(op, "get")
}

// loose reports whether the value of e can be of another kind than its type says.
// The checker makes such types of what is dynamic: in list.last().orValue("") it
// concludes that the elements are strings. cel-go then calls the function for
// strings, whatever the event has.
func (c *compiler) loose(e ast.Expr) bool {
	if c.ast.GetType(e.ID()).Kind() == types.DynKind {
		return true
	}
	switch e.Kind() {
	case ast.IdentKind:
		return slices.Contains(c.locals, e.AsIdent())
	case ast.SelectKind:
		return !e.AsSelect().IsTestOnly() && c.loose(e.AsSelect().Operand())
	case ast.ListKind:
		return slices.ContainsFunc(e.AsList().Elements(), c.loose)
	case ast.ComprehensionKind:
		return c.loose(e.AsComprehension().IterRange())
	case ast.CallKind:
		call := e.AsCall()
		switch operation(call.FunctionName()) {
		case "?:":
			return slices.ContainsFunc(call.Args()[1:], c.loose)
		case "orValue", "or", "value", "optional.of", "optional.ofNonZeroValue", "first", "last", "slice", "reverse", "distinct",
			"flatten", "sort", "sortBy", "+", operators.Index, operators.OptIndex, operators.OptSelect, "[]":
			return call.IsMemberFunction() && c.loose(call.Target()) || slices.ContainsFunc(call.Args(), c.loose)
		}
	}
	return false
}

// extremeOfDyn reports whether the operation has one list that a method makes of
// something dynamic, as in event.detail.list.slice(0, 2): the checker of cel-go takes
// the first overload, for doubles, and its evaluator then refuses all other numbers.
func (c *compiler) extremeOfDyn(op string, args []ast.Expr) bool {
	if len(args) != 1 || op != "math.least" && op != "math.greatest" {
		return false
	}
	if c.ast.GetType(args[0].ID()).Kind() != types.ListKind {
		return false // dyn(…) has no type that could be guessed
	}
	found := false
	ast.PreOrderVisit(args[0], ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() == ast.CallKind && e.AsCall().IsMemberFunction() && c.ast.GetType(e.ID()).Kind() == types.ListKind {
			found = found || c.loose(e.AsCall().Target())
		}
	}))
	return found
}

// checkConstant looks at a regular expression or time zone.
func (c *compiler) checkConstant(n *expr.Node, at ast.Expr) bool {
	text, ok := n.Args[1].Value.Str()
	what, check := "time zone", func() error { _, err := expr.Location(text); return err }
	if n.Op == "matches" || n.Op == "regex.extract" || n.Op == "regex.extractAll" {
		what, check = "regular expression", func() error { _, err := regexp.Compile(text); return err }
	}
	if n.Args[1].Op != expr.OpConst || !ok {
		c.fail(at, CodeUnsupported, "write it as a constant, or as a parameter", "a %s that is no constant is not supported", what)
		return false
	}
	if err := check(); err != nil {
		c.fail(at, CodeType, "", "%v", err)
		return false
	}
	return true
}

// flat takes operands of the same operator into n: a + b + c is one sum.
func flat(n *expr.Node) *expr.Node {
	switch first := n.Args; {
	case n.Op == "+" && first[0].Op == "+":
		n.Args = append(slices.Clone(first[0].Args), first[1:]...)
	case n.Op == "&&" || n.Op == "||":
		var args []*expr.Node
		for _, a := range n.Args {
			if a.Op == n.Op {
				args = append(args, a.Args...)
			} else {
				args = append(args, a)
			}
		}
		n.Args = args
	}
	return n
}

// operation is the evaluator's name of a function of cel-go.
func operation(name string) string {
	switch name {
	case operators.Conditional:
		return "?:"
	case operators.Negate:
		return expr.OpNegate
	case "math.@min":
		return "math.least"
	case "math.@max":
		return "math.greatest"
	case "@sortByAssociatedKeys":
		return "sortBy"
	}
	if symbol, ok := operators.FindReverse(name); ok && symbol != "" {
		return symbol
	}
	return name
}

func (c *compiler) list(e ast.Expr) *expr.Node {
	if len(e.AsList().OptionalIndices()) > 0 {
		return c.unsupported(e, "an optional element")
	}
	n := &expr.Node{Op: expr.OpList}
	for _, a := range e.AsList().Elements() {
		n.Args = append(n.Args, c.node(a))
	}
	return c.folded(n)
}

func (c *compiler) mapLiteral(e ast.Expr) *expr.Node {
	n := &expr.Node{Op: expr.OpMap}
	for _, entry := range e.AsMap().Entries() {
		m := entry.AsMapEntry()
		if m.IsOptional() {
			return c.unsupported(m.Key(), "an optional entry")
		}
		switch t := c.ast.GetType(m.Key().ID()); t.Kind() {
		case types.StringKind, types.IntKind, types.UintKind, types.BoolKind:
		default:
			c.fail(m.Key(), CodeType, "write string(…)", "a key of a map is a string, int, uint or bool, got %s", typeOf(t))
		}
		n.Args = append(n.Args, c.node(m.Key()), c.node(m.Value()))
	}
	return c.folded(n)
}
