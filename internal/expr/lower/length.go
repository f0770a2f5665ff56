package lower

import (
	"math"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/taskbridge/taskbridge/internal/schema"
)

// maxLength is the greatest length of the text that e comes to, -1 if it is not
// known.
func (c *compiler) maxLength(e ast.Expr) int {
	switch c.ast.GetType(e.ID()).Kind() {
	case types.BoolKind:
		return len("false")
	case types.IntKind:
		return len("-9223372036854775808")
	case types.UintKind:
		return len("18446744073709551615")
	case types.DoubleKind:
		return len("-1.7976931348623157e+308")
	case types.TimestampKind:
		return len("2026-11-30T08:15:00.123456789+01:00")
	}
	switch e.Kind() {
	case ast.LiteralKind:
		if s, ok := stringLiteral(e); ok {
			return len(s)
		}
	case ast.IdentKind:
		if e.AsIdent() == "rule" {
			return 64
		}
	case ast.SelectKind:
		return c.fieldLength(e.AsSelect().Operand(), e.AsSelect().FieldName())
	case ast.CallKind:
		return c.callLength(e.AsCall())
	}
	return -1
}

// fieldLength is the maximum that the schema has for a field of operand.
func (c *compiler) fieldLength(operand ast.Expr, name string) int {
	object := c.env.objects.object(c.ast.GetType(operand.ID()))
	if object == nil {
		return -1
	}
	if f := object.Field(name); f != nil && f.Type.Kind == schema.String && f.Type.MaxLength > 0 {
		return f.Type.MaxLength
	}
	return -1
}

func (c *compiler) callLength(call ast.CallExpr) int {
	args := call.Args()
	if call.IsMemberFunction() {
		args = append([]ast.Expr{call.Target()}, args...)
	}
	switch call.FunctionName() {
	case operators.Add:
		return add(c.maxLength(args[0]), c.maxLength(args[1]))
	case operators.Conditional:
		return either(c.maxLength(args[1]), c.maxLength(args[2]))
	case "orValue", "or":
		return either(c.maxLength(args[0]), c.maxLength(args[1]))
	case operators.OptSelect:
		name, _ := stringLiteral(args[1])
		return c.fieldLength(args[0], name)
	case "string", "lowerAscii", "upperAscii", "trim", "substring", "charAt", "reverse", "basename", "dirname", "ext",
		"optional.of", "value", "dyn":
		return c.maxLength(args[0])
	case "base64.encode", "bytes":
		if n := c.maxLength(args[0]); n >= 0 && call.FunctionName() == "base64.encode" {
			return (n + 2) / 3 * 4
		}
		return c.maxLength(args[0])
	}
	return -1
}

func add(a, b int) int {
	if a < 0 || b < 0 || a > math.MaxInt-b {
		return -1
	}
	return a + b
}

func either(a, b int) int {
	if a < 0 || b < 0 {
		return -1
	}
	return max(a, b)
}
