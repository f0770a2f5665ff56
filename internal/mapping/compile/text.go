package compile

import (
	"encoding/json"
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/expr/lower"
	"github.com/taskbridge/taskbridge/internal/mapping"
)

// parts is a string cut into literal text and expressions.
type parts []part

type part struct {
	text   string     // literal, if node is nil
	node   *expr.Node // of the expression
	source string     // of the expression, as written
	pos    diag.Pos   // of the expression
}

// parts cuts the text of n. It returns false, with findings, if an expression in
// it is wrong.
func (b *templateBuilder) parts(n *node) (parts, bool) {
	var out parts
	ok := true
	literal := ""
	rest := n.text
	for {
		i := strings.Index(rest, "${")
		if i < 0 {
			literal += rest
			break
		}
		if i > 0 && rest[i-1] == '$' { // $${ is a literal ${
			literal += rest[:i-1] + "${"
			rest = rest[i+2:]
			continue
		}
		literal += rest[:i]
		start := len(n.text) - len(rest) + i
		length := expressionEnd(rest[i+2:])
		if length < 0 {
			at := n.within(n.text[:start])
			b.add(at, 2, CodeUnterminated, "close it with }, or write $${ for the characters ${", "the expression that begins here has no end")
			return nil, false
		}
		source := rest[i+2 : i+2+length]
		p := b.expression(n, source, n.text[:start+2])
		ok = ok && p.node != nil
		if literal != "" {
			out = append(out, part{text: literal})
			literal = ""
		}
		out = append(out, p)
		rest = rest[i+2+length+1:]
	}
	// A block scalar ends in a newline that nobody means.
	if literal != "" && !(literal == "\n" && len(out) == 1) {
		out = append(out, part{text: literal})
	}
	return out, ok
}

// expression compiles one expression; its node is nil if it is wrong. before is
// the text of n up to it.
func (b *templateBuilder) expression(n *node, source, before string) part {
	p := part{source: source, pos: n.within(before)}
	if strings.TrimSpace(source) == "" {
		b.add(p.pos, 1, "expression-syntax", "write what to put here, such as event.detail.bucket.name", "the expression is empty")
		return p
	}
	compiled, errs := lower.Compile(source, lower.Scope{})
	for _, e := range errs {
		at := p.pos
		if n.inner != (diag.Pos{}) && e.Line == 1 {
			at.Col += e.Col - 1
		}
		b.add(at, e.Width, e.Code, e.Hint, "%s", e.Msg)
	}
	p.node = compiled.Node
	return p
}

// within is the place behind the first characters of n's text, or n's own where
// the text does not stand in the file as it is.
func (n *node) within(before string) diag.Pos {
	if n.inner == (diag.Pos{}) {
		return n.pos
	}
	return diag.Pos{Line: n.inner.Line, Col: n.inner.Col + len([]rune(before))}
}

// template joins the parts: one expression alone keeps its type, anything else
// is a text. It reports whether the result is a constant without expressions.
func (p parts) template() (mapping.Template, bool) {
	if len(p) == 1 && p[0].node != nil {
		return mapping.Template{Expr: p[0].node, Source: p[0].source, Pos: p[0].pos.String()}, false
	}
	concat := expr.Concat()
	var first *part
	text := ""
	var sources []string
	for i := range p {
		if p[i].node == nil {
			text += p[i].text
			concat.Args = append(concat.Args, expr.Const(expr.String(p[i].text)))
			continue
		}
		if first == nil {
			first = &p[i]
		}
		concat.Args = append(concat.Args, p[i].node)
		sources = append(sources, p[i].source)
	}
	if first == nil {
		return mapping.Template{Value: json.RawMessage(quoted(text))}, true
	}
	return mapping.Template{Expr: concat, Source: strings.Join(sources, "}…${"), Pos: first.pos.String()}, false
}

// expressionEnd returns the length of the expression at the start of s, up to
// the brace that closes it; -1 if none does. It knows CEL's strings and
// comments, so that a brace inside them counts for nothing.
func expressionEnd(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '{':
			depth++
		case c == '}' && depth == 0:
			return i
		case c == '}':
			depth--
		case c == '"' || c == '\'':
			raw := i > 0 && (s[i-1] == 'r' || s[i-1] == 'R')
			n := stringLength(s[i:], raw)
			if n < 0 {
				return -1
			}
			i += n - 1
		case c == '/' && strings.HasPrefix(s[i:], "//"):
			n := strings.IndexByte(s[i:], '\n')
			if n < 0 {
				return -1
			}
			i += n
		}
	}
	return -1
}

// stringLength returns the length of the CEL string at the start of s, -1 if it
// has no end.
func stringLength(s string, raw bool) int {
	quote := s[:1]
	if strings.HasPrefix(s, strings.Repeat(quote, 3)) {
		quote = s[:3]
	}
	for i := len(quote); i < len(s); i++ {
		if s[i] == '\\' && !raw {
			i++
			continue
		}
		if strings.HasPrefix(s[i:], quote) {
			return i + len(quote)
		}
	}
	return -1
}
