// Package lower compiles the CEL of a mapping into nodes that the function can
// evaluate. It is the only place that knows cel-go, and belongs to the compile
// side: the function does not link it.
//
// cel-go parses and type-checks; what it accepts but the evaluator does not
// cover is an error that names the construct.
package lower

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/taskbridge/taskbridge/internal/expr"
)

// An Error is one mistake in an expression.
type Error struct {
	Line, Col int // from 1, within the expression; Col counts characters
	Code      string
	Msg       string
	Hint      string
}

func (e *Error) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Col, e.Msg) }

// environment declares what an expression may refer to. Making it takes
// milliseconds, so it is made once.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewEnv(
		cel.OptionalTypes(),
		cel.Variable("event", cel.DynType),
		cel.Variable("env", cel.MapType(cel.StringType, cel.StringType)),
		cel.Variable("rule", cel.StringType),
	)
})

// Compile lowers one expression. The errors are the author's mistakes; there is
// a node exactly if there are none.
func Compile(source string) (*expr.Node, []*Error) {
	env, err := environment()
	if err != nil {
		panic("taskbridge: internal error: CEL environment: " + err.Error())
	}
	checked, issues := env.Compile(source)
	if issues.Err() != nil {
		var errs []*Error
		for _, e := range issues.Errors() {
			errs = append(errs, celError(source, e.Location, e.Message))
		}
		return nil, errs
	}
	native := checked.NativeRep()
	l := lowerer{info: native.SourceInfo()}
	n := l.lower(native.Expr())
	if len(l.errs) > 0 {
		return nil, l.errs
	}
	return n, nil
}

// dashedName finds what reads like a field name with a dash, the usual mistake
// with AWS's events.
var dashedName = regexp.MustCompile(`\.[A-Za-z_][A-Za-z0-9_]*(-[A-Za-z_][A-Za-z0-9_]*)+`)

func celError(source string, at common.Location, msg string) *Error {
	// The first line says what is wrong; for syntax errors the parser adds lists
	// of tokens that help nobody.
	msg, _, _ = strings.Cut(msg, "\n")
	msg = strings.TrimPrefix(msg, "Syntax error: ")
	e := &Error{Line: at.Line(), Col: at.Column() + 1, Code: "expression-syntax", Msg: msg}
	if name, ok := strings.CutPrefix(msg, "undeclared reference to '"); ok {
		name, _, _ = strings.Cut(name, "'")
		e.Code = "expression-reference"
		e.Msg = fmt.Sprintf("unknown name %q, expected event, env or rule", name)
	}
	if dash := dashedName.FindString(source); dash != "" {
		e.Hint = fmt.Sprintf("- is a subtraction; a field whose name has a dash is written event[%q]", dash[1:])
	}
	return e
}

type lowerer struct {
	info *ast.SourceInfo
	errs []*Error
}

// unsupported records that e is valid CEL that the evaluator does not cover.
func (l *lowerer) unsupported(e ast.Expr, what, hint string) *expr.Node {
	at := l.info.GetStartLocation(e.ID())
	l.errs = append(l.errs, &Error{
		Line: at.Line(), Col: at.Column() + 1, Code: "expression-unsupported",
		Msg:  what + " is not supported by this version",
		Hint: hint,
	})
	return nil
}

const supported = `supported are paths such as event.detail["a-b"][0].c, optional paths with orValue, env.NAME, rule, constants and string(…)`

func (l *lowerer) lower(e ast.Expr) *expr.Node {
	switch e.Kind() {
	case ast.LiteralKind:
		return l.literal(e)
	case ast.IdentKind, ast.SelectKind:
		return l.path(e)
	case ast.CallKind:
		return l.call(e)
	case ast.ComprehensionKind:
		return l.unsupported(e, "a macro (all, exists, map, filter)", supported)
	}
	return l.unsupported(e, "a list, map or object literal", supported)
}

func (l *lowerer) literal(e ast.Expr) *expr.Node {
	var v any
	switch lit := e.AsLiteral().(type) {
	case types.String:
		v = string(lit)
	case types.Int:
		v = int64(lit)
	case types.Bool:
		v = bool(lit)
	case types.Null:
		v = nil
	default:
		return l.unsupported(e, "a constant of type "+e.AsLiteral().Type().TypeName(), supported)
	}
	raw, err := json.Marshal(v)
	if err != nil {
		panic("taskbridge: internal error: constant: " + err.Error())
	}
	return &expr.Node{Op: expr.OpConst, Value: raw}
}

func (l *lowerer) call(e ast.Expr) *expr.Node {
	c := e.AsCall()
	switch c.FunctionName() {
	case operators.Index, operators.OptIndex, operators.OptSelect:
		return l.path(e)
	case "string":
		return l.args(expr.OpString, c.Args()...)
	case "orValue":
		n := l.args(expr.OpOrValue, c.Target(), c.Args()[0])
		if n != nil && n.Args[0].Optional == nil {
			return l.unsupported(c.Target(), "orValue on what is no optional path", supported)
		}
		return n
	}
	name := c.FunctionName()
	if op, ok := operators.FindReverse(name); ok && op != "" {
		name = op
	}
	if name == operators.Conditional {
		name = "?:"
	}
	return l.unsupported(e, strconv.Quote(name), supported)
}

func (l *lowerer) args(op string, args ...ast.Expr) *expr.Node {
	n := &expr.Node{Op: op}
	for _, a := range args {
		n.Args = append(n.Args, l.lower(a))
	}
	if len(l.errs) > 0 {
		return nil
	}
	return n
}

// path lowers a chain of selections and indexes that starts at a variable.
func (l *lowerer) path(e ast.Expr) *expr.Node {
	root, steps, optional, ok := l.chain(e)
	if !ok {
		return nil
	}
	n := &expr.Node{Path: steps, Optional: optional}
	switch root {
	case "event":
		n.Op = expr.OpEvent
	case "env":
		if len(steps) != 1 || steps[0].Name == nil {
			return l.unsupported(e, "env as a value", "write env.NAME")
		}
		n.Op = expr.OpEnv
	case "rule": // a string: the checker lets nothing be selected from it
		n.Op = expr.OpRule
		if len(steps) > 0 {
			return l.unsupported(e, "an index of rule", supported)
		}
	default: // CEL's names of types, such as string and int
		return l.unsupported(e, "the type "+root+" as a value", supported)
	}
	return n
}

// chain returns the variable and the steps of a path, and from which step on it
// is optional.
func (l *lowerer) chain(e ast.Expr) (root string, steps []expr.Step, optional *int, ok bool) {
	var operand ast.Expr
	var step expr.Step
	isOptional := false
	switch e.Kind() {
	case ast.IdentKind:
		return e.AsIdent(), nil, nil, true
	case ast.SelectKind:
		s := e.AsSelect()
		if s.IsTestOnly() {
			l.unsupported(e, "has()", supported)
			return "", nil, nil, false
		}
		name := s.FieldName()
		operand, step = s.Operand(), expr.Step{Name: &name}
	case ast.CallKind:
		c := e.AsCall()
		isOptional = c.FunctionName() == operators.OptIndex || c.FunctionName() == operators.OptSelect
		if !isOptional && c.FunctionName() != operators.Index {
			l.unsupported(e, "selecting from the result of "+strconv.Quote(c.FunctionName()), supported)
			return "", nil, nil, false
		}
		operand = c.Args()[0]
		if step, ok = l.constantStep(c.Args()[1]); !ok {
			return "", nil, nil, false
		}
	default:
		l.unsupported(e, "selecting from this", supported)
		return "", nil, nil, false
	}
	root, steps, optional, ok = l.chain(operand)
	if isOptional && optional == nil {
		n := len(steps)
		optional = &n
	}
	return root, append(steps, step), optional, ok
}

func (l *lowerer) constantStep(e ast.Expr) (expr.Step, bool) {
	if e.Kind() == ast.LiteralKind {
		switch lit := e.AsLiteral().(type) {
		case types.String:
			name := string(lit)
			return expr.Step{Name: &name}, true
		case types.Int:
			if lit >= 0 && lit < 1<<31 {
				return expr.Step{Index: int(lit)}, true
			}
		}
	}
	l.unsupported(e, "an index that is no constant name or number", supported)
	return expr.Step{}, false
}
