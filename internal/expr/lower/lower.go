// Package lower compiles the CEL of a mapping into nodes that the function can
// evaluate. It is the only place that knows cel-go, and belongs to the compile
// side: the function does not link it.
//
// The way of an expression: cel-go parses it; rewrite.go turns parameters into
// constants and constant indexes into selections; cel-go checks the types;
// node.go and macro.go make nodes of the checked tree, folding constants on the
// way; length.go and optional.go look at the tree once more for what a lint wants
// to know. What cel-go accepts but the evaluator does not cover is an error that
// names the construct; explain.go words the errors of cel-go.
package lower

import (
	"cmp"
	"fmt"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/schema"
)

// The codes of errors and warnings. Each has a section in docs/findings.md.
const (
	CodeSyntax      = "expression-syntax"      // it is no CEL
	CodeReference   = "expression-reference"   // a name that is not there
	CodeType        = "expression-type"        // values of types that do not go together
	CodeUnsupported = "expression-unsupported" // CEL that the evaluator does not cover
	CodeFails       = "expression-fails"       // no event can give it a value
	CodeOptional    = "expression-optional"    // a warning: the field may be missing
)

// An Error is one mistake in an expression, or a warning about it.
type Error struct {
	Line, Col int // from 1, within the expression; Col counts characters
	Width     int // characters to underline, at least 1
	Code      string
	Msg       string
	Hint      string
	Path      []string // of CodeOptional: the names that lead from the event to the field
}

func (e *Error) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Col, e.Msg) }

// Scope is what an expression may refer to.
type Scope struct {
	Event  *schema.Type          // nil: dynamic
	Params map[string]expr.Value // param.NAME; scalars, and lists and maps of scalars
	Rule   string                // the value of rule; "": known only when it runs
	Each   bool                  // under forEach: item and index exist
	Item   *schema.Type          // of item; nil: dynamic
}

// A Type is what is known of a value before any event.
type Type struct {
	Dyn  bool      // nothing is known; otherwise Kind is
	Kind expr.Kind // of an event's object: Map
	Elem *Type     // of a List, an Optional and a Map's values; never nil there
}

func (t *Type) String() string {
	switch {
	case t.Dyn:
		return "dyn"
	case t.Elem != nil && !t.Elem.Dyn:
		return fmt.Sprintf("%s of %s", t.Kind, t.Elem)
	}
	return t.Kind.String()
}

// A Result is a compiled expression.
type Result struct {
	Node *expr.Node // nil exactly if there are errors
	Type *Type
	// Constant is set where the value needs neither event nor environment; Value
	// then is it.
	Constant bool
	Value    expr.Value
	// MaxLength is the greatest length of the value as text, from the literals
	// and the schema's maxima, in the unit of those: bytes for AWS's own names and
	// keys. -1: unknown.
	MaxLength int
	Params    []string // names of the parameters it refers to, sorted
	Warnings  []*Error
}

// Compile lowers one expression. The errors are the author's mistakes, sorted by
// position; the result is there even then, for its Params.
func Compile(source string, scope Scope) (*Result, []*Error) {
	c := &compiler{source: common.NewTextSource(source), runes: []rune(source), scope: scope, result: &Result{MaxLength: -1}}
	c.compile()
	slices.Sort(c.result.Params)
	c.result.Params = slices.Compact(c.result.Params)
	slices.SortStableFunc(c.errs, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	if len(c.errs) > 0 {
		c.result.Node = nil
	}
	return c.result, c.errs
}

// compiler is the state of one compilation.
type compiler struct {
	source common.Source
	runes  []rune
	scope  Scope
	env    *environment
	info   *ast.SourceInfo
	ast    *ast.AST // checked

	locals []string // variables of the macros around the node
	errs   []*Error
	result *Result
}

func (c *compiler) compile() {
	c.env = environmentFor(c.scope)
	parsed, issues := c.env.cel.ParseSource(c.source)
	if issues.Err() != nil {
		c.syntax(issues.Errors())
		return
	}
	c.info = parsed.NativeRep().SourceInfo()
	c.rewrite(parsed.NativeRep())
	checked, issues := c.env.cel.Check(parsed)
	if issues.Err() != nil {
		c.explain(parsed.NativeRep(), issues.Errors())
		return
	}
	if len(c.errs) > 0 {
		return
	}
	c.lower(checked)
}

// lower makes the result of a checked tree.
func (c *compiler) lower(checked *cel.Ast) {
	c.ast = checked.NativeRep()
	root := c.ast.Expr()
	n := c.node(root)
	if len(c.errs) > 0 {
		return
	}
	r := c.result
	r.Node, r.Type = n, typeOf(c.ast.GetType(root.ID()))
	r.MaxLength = c.maxLength(root)
	c.warnOptional()
	if c.isFixed(n) {
		value, err := evaluate(n)
		if err != nil {
			c.fail(root, CodeFails, "", "this has no value, whatever the event: %v", err)
			return
		}
		r.Constant, r.Value = true, value
		if text, ok := value.Text(); ok {
			r.MaxLength = len(text)
		}
	}
}

// fail records a mistake at e.
func (c *compiler) fail(e ast.Expr, code, hint, format string, args ...any) {
	from, width := c.extent(e)
	c.failAt(from, width, code, hint, format, args...)
}

func (c *compiler) failAt(from, width int, code, hint, format string, args ...any) {
	c.errs = append(c.errs, c.finding(from, width, code, hint, fmt.Sprintf(format, args...)))
}

// finding is at a number of characters from the start of the source.
func (c *compiler) finding(from, width int, code, hint, msg string) *Error {
	line, col := 1, 1
	for _, r := range c.runes[:min(from, len(c.runes))] {
		if col++; r == '\n' {
			line, col = line+1, 1
		}
	}
	return &Error{Line: line, Col: col, Width: max(width, 1), Code: code, Msg: msg, Hint: hint}
}

// typeOf is a type of CEL in the package's words.
func typeOf(t *types.Type) *Type {
	elem := func(i int) *Type {
		if i < len(t.Parameters()) {
			return typeOf(t.Parameters()[i])
		}
		return &Type{Dyn: true}
	}
	switch t.Kind() {
	case types.BoolKind:
		return &Type{Kind: expr.Bool}
	case types.IntKind:
		return &Type{Kind: expr.Int}
	case types.UintKind:
		return &Type{Kind: expr.Uint}
	case types.DoubleKind:
		return &Type{Kind: expr.Double}
	case types.StringKind:
		return &Type{Kind: expr.StringKind}
	case types.BytesKind:
		return &Type{Kind: expr.Bytes}
	case types.NullTypeKind:
		return &Type{Kind: expr.Null}
	case types.TimestampKind:
		return &Type{Kind: expr.Timestamp}
	case types.DurationKind:
		return &Type{Kind: expr.Duration}
	case types.TypeKind:
		return &Type{Kind: expr.TypeKind}
	case types.ListKind:
		return &Type{Kind: expr.List, Elem: elem(0)}
	case types.MapKind:
		return &Type{Kind: expr.Map, Elem: elem(1)}
	case types.StructKind:
		return &Type{Kind: expr.Map, Elem: &Type{Dyn: true}}
	case types.OpaqueKind:
		return &Type{Kind: expr.Optional, Elem: elem(0)}
	}
	return &Type{Dyn: true}
}
