package lower

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// cel-go gives a position for each node: of a selection the dot, of an index or
// a call the bracket, of an operator the operator. Messages point at names.

func isNameRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// start is the character where cel-go places e.
func (c *compiler) start(e ast.Expr) int {
	at, _ := c.info.GetOffsetRange(e.ID())
	return min(max(int(at.Start), 0), len(c.runes))
}

// extent is where the name or operator of e stands, and how long it is.
func (c *compiler) extent(e ast.Expr) (from, width int) {
	from = c.start(e)
	switch e.Kind() {
	case ast.SelectKind:
		return c.field(e)
	case ast.CallKind, ast.ComprehensionKind:
		if from < len(c.runes) && c.runes[from] == '(' {
			end := from
			for from > 0 && isNameRune(c.runes[from-1]) {
				from--
			}
			return from, end - from
		}
	}
	return from, c.tokenWidth(from)
}

// tokenWidth is the length of the name, number or operator that begins at from.
func (c *compiler) tokenWidth(from int) int {
	end := from
	for end < len(c.runes) && isNameRune(c.runes[end]) {
		end++
	}
	if end == from {
		for end < len(c.runes) && strings.ContainsRune("=!<>&|", c.runes[end]) {
			end++
		}
	}
	return max(end-from, 1)
}

// field is where the name of a selected field stands, quotes left out.
func (c *compiler) field(e ast.Expr) (from, width int) {
	from = c.start(e)
	for from < len(c.runes) && strings.ContainsRune(".?[\"'` \t\n", c.runes[from]) {
		from++
	}
	name := ""
	switch e.Kind() {
	case ast.SelectKind:
		name = e.AsSelect().FieldName()
	case ast.CallKind:
		name, _ = stringLiteral(e.AsCall().Args()[1])
	}
	if strings.HasPrefix(string(c.runes[from:]), name) {
		return from, len([]rune(name))
	}
	return c.start(e), 1
}

// text is a path as CEL writes it, "…" for what is no path.
func (c *compiler) text(e ast.Expr) string {
	switch e.Kind() {
	case ast.IdentKind:
		return e.AsIdent()
	case ast.SelectKind:
		s := e.AsSelect()
		if !isIdentifier(s.FieldName()) {
			return c.text(s.Operand()) + "[" + quote(s.FieldName()) + "]"
		}
		return c.text(s.Operand()) + "." + s.FieldName()
	case ast.CallKind:
		if args := e.AsCall().Args(); e.AsCall().FunctionName() == operators.Index && args[1].Kind() == ast.LiteralKind {
			return fmt.Sprintf("%s[%v]", c.text(args[0]), args[1].AsLiteral().Value())
		}
	}
	return "…"
}

func isIdentifier(s string) bool {
	for i, r := range s {
		if !isNameRune(r) || i == 0 && unicode.IsDigit(r) {
			return false
		}
	}
	return s != ""
}

func quote(s string) string { return strconv.Quote(s) }
