package compile

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/expr/lower"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/schema"
)

// scope is what the expressions at one place may refer to.
type scope struct {
	lower.Scope
	sure     [][]string   // fields of the event that are there, whatever its schema says
	pins     []pin        // fields of the event that have few values
	elements []expr.Value // of forEach, if the mapping says them all
}

// parts is a string cut into literal text and expressions.
type parts []part

type part struct {
	text   string        // literal, if result is nil
	result *lower.Result // of the expression
	bound  bool          // the expression's parameters have values
	source string        // of the expression, as written
	offset int           // of the expression in the text, in characters
	pos    diag.Pos      // of the expression in the file
}

// constant reports whether the part is known now.
func (p *part) constant() bool { return p.result == nil || p.result.Constant && p.bound }

// bound reports whether the parameters in all parts have values.
func (p parts) bound() bool {
	for i := range p {
		if p[i].result != nil && !p[i].bound {
			return false
		}
	}
	return true
}

// parts cuts the text of n. It returns false, with findings, if an expression in
// it is wrong.
func (c *compiler) parts(n *node, s scope) (parts, bool) {
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
			c.add(c.within(n, utf8.RuneCountInString(n.text[:start])), 2, CodeUnterminated,
				"close it with }, or write $${ for the characters ${", "the expression that begins here has no end")
			return nil, false
		}
		source := rest[i+2 : i+2+length]
		p := c.expression(n, source, utf8.RuneCountInString(n.text[:start+2]), s)
		ok = ok && p.result != nil
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

// expression compiles an expression that stands behind offset characters of n's
// text. Its result is nil if it is wrong.
func (c *compiler) expression(n *node, source string, offset int, s scope) part {
	p := part{source: source, offset: offset, pos: c.within(n, offset)}
	if strings.TrimSpace(source) == "" {
		c.add(p.pos, 1, lower.CodeSyntax, "write what to put here, such as event.detail.bucket.name", "the expression is empty")
		return p
	}
	result, errs := c.lower(source, s.Scope)
	p.bound = c.use(result.Params)
	for _, e := range errs {
		c.add(c.inExpression(n, &p, e), e.Width, e.Code, e.Hint, "%s", e.Msg)
	}
	for _, w := range result.Warnings {
		if !s.isSure(w.Path) {
			c.add(c.inExpression(n, &p, w), w.Width, w.Code, w.Hint, "%s", w.Msg).Severity = diag.Warning
		}
	}
	if len(errs) == 0 {
		p.result = result
	}
	return p
}

// lowerKey is what the result of an expression depends on, beside the parameters.
type lowerKey struct {
	source      string
	event, item *schema.Type
	each        bool
	rule        string
}

type lowered struct {
	result *lower.Result
	errs   []*lower.Error
}

// lower compiles an expression, once wherever it stands: rules repeat them. What
// it returns is not to be changed.
func (c *compiler) lower(source string, s lower.Scope) (*lower.Result, []*lower.Error) {
	key := lowerKey{source: source, event: s.Event, item: s.Item, each: s.Each}
	if strings.Contains(source, "rule") {
		key.rule = s.Rule
	}
	l, ok := c.lowered[key]
	if !ok {
		s.Params = c.values
		l.result, l.errs = lower.Compile(source, s)
		c.lowered[key] = l
	}
	return l.result, l.errs
}

// inExpression is the place in the file that an error in an expression is about.
func (c *compiler) inExpression(n *node, p *part, e *lower.Error) diag.Pos {
	offset := p.offset
	lines := strings.SplitAfter(p.source, "\n")
	for _, line := range lines[:min(e.Line-1, len(lines))] {
		offset += utf8.RuneCountInString(line)
	}
	return c.within(n, offset+e.Col-1)
}

// constant is the value of the parts if all of them are known now.
func (p parts) constant(n *node) (*node, bool) {
	if len(p) == 1 && p[0].constant() && p[0].result != nil {
		return n.valued(p[0].result.Value)
	}
	text := ""
	for i := range p {
		if !p[i].constant() {
			return nil, false
		}
		part := p[i].text
		if p[i].result != nil {
			var ok bool
			if part, ok = p[i].result.Value.Text(); !ok {
				return nil, false
			}
		}
		text += part
	}
	return n.valued(expr.String(text))
}

// valued is a value at the place of n. It is not ok for values that YAML has no
// form for.
func (n *node) valued(v expr.Value) (made *node, ok bool) {
	made = &node{kind: scalarNode, pos: n.pos, width: n.width, made: true}
	if elements, ok := v.Elements(); ok {
		made.kind = listNode
		for _, e := range elements {
			item, ok := n.valued(e)
			if !ok {
				return nil, false
			}
			made.items = append(made.items, item)
		}
		return made, true
	}
	if keys, values, ok := v.Entries(); ok {
		made.kind = mapNode
		for i, k := range keys {
			value, ok := n.valued(values[i])
			name, isText := k.Str()
			if !ok || !isText {
				return nil, false
			}
			made.members = append(made.members, member{name, n.pos, value})
		}
		return made, true
	}
	switch v.Kind {
	case expr.StringKind:
		made.tag = "!!str"
	case expr.Int, expr.Uint:
		made.tag = "!!int"
	case expr.Double:
		made.tag = "!!float"
	case expr.Bool:
		made.tag = "!!bool"
	case expr.Null:
		made.tag, made.text = "!!null", "null"
		return made, true
	default:
		return nil, false
	}
	made.text, ok = v.Text()
	return made, ok
}

// template joins the parts, of which one at least is an expression: one alone
// keeps its type, anything else is a text.
func (p parts) template() mapping.Template {
	if len(p) == 1 {
		return mapping.Template{Expr: p[0].result.Node, Source: p[0].source, Pos: p[0].pos.String()}
	}
	concat := expr.Concat()
	var first *part
	var sources []string
	for i := range p {
		if p[i].result == nil {
			concat.Args = append(concat.Args, expr.Const(expr.String(p[i].text)))
			continue
		}
		if first == nil {
			first = &p[i]
		}
		concat.Args = append(concat.Args, p[i].result.Node)
		sources = append(sources, p[i].source)
	}
	return mapping.Template{Expr: concat, Source: strings.Join(sources, "}…${"), Pos: first.pos.String()}
}

// textual refuses, in a text of several parts, what has no form in a text.
func (c *compiler) textual(p parts) bool {
	ok := true
	for i := range p {
		if p[i].result == nil || len(p) == 1 {
			continue
		}
		switch t := p[i].result.Type; {
		case t.Dyn, t.Kind != expr.List && t.Kind != expr.Map && t.Kind != expr.Null && t.Kind != expr.Optional && t.Kind != expr.TypeKind:
		case t.Kind == expr.Optional:
			c.inText(&p[i], "write .orValue(…) to say what stands for a value that is not there")
			ok = false
		default:
			c.inText(&p[i], "write json(…) for its JSON, or .join(\",\") for a list of strings")
			ok = false
		}
	}
	return ok
}

func (c *compiler) inText(p *part, hint string) {
	c.add(p.pos, utf8.RuneCountInString(p.source), lower.CodeType, hint, "a value of type %s has no form inside a text", p.result.Type)
}

// literal is a template that is a text.
func literal(text string) mapping.Template {
	return mapping.Template{Value: json.RawMessage(quoted(text))}
}

// expressionEnd returns the length of the expression at the start of s, up to
// the brace that closes it; -1 if none does. It knows CEL's strings and
// comments, so that a brace inside them counts for nothing.
func expressionEnd(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		n := skipped(s, i)
		switch c := s[i]; {
		case n < 0:
			return -1
		case n > 0:
			i += n - 1
		case c == '{':
			depth++
		case c == '}' && depth == 0:
			return i
		case c == '}':
			depth--
		}
	}
	return -1
}

// skipped is the length of the string or comment of CEL that begins at s[i], 0 if
// none does, -1 if it has no end.
func skipped(s string, i int) int {
	switch c := s[i]; {
	case c == '"' || c == '\'':
		return stringLength(s[i:], i > 0 && (s[i-1] == 'r' || s[i-1] == 'R'))
	case c == '/' && strings.HasPrefix(s[i:], "//"):
		if n := strings.IndexByte(s[i:], '\n'); n >= 0 {
			return n + 1
		}
		return -1
	}
	return 0
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
