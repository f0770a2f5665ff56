package pattern

import (
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/scan"
)

// Operators names the operators that an entry of a list may use.
var Operators = []string{
	"anything-but", "cidr", "equals-ignore-case", "exactly", "exists", "numeric", "prefix", "suffix", "wildcard",
}

// condition makes a condition of the tests that were read.
func (p *parser) condition(slot int32) int32 {
	m := p.m
	c := condition{slot: slot, set: -1, anchor: -1}
	tests := p.tests
	c.set, tests = p.set(tests)
	for _, t := range tests {
		c.absent = c.absent || t.kind == isAbsent
	}
	c.first, c.n = int32(len(m.tests)), int32(len(tests))
	m.tests = append(m.tests, tests...)
	m.conditions = append(m.conditions, c)
	return int32(len(m.conditions) - 1)
}

// set moves the exact strings of a long list into a set and returns its index, -1
// for a short list, with the tests that are left.
func (p *parser) set(tests []test) (int32, []test) {
	n := 0
	for _, t := range tests {
		if t.kind == isString {
			n++
		}
	}
	if n < longList {
		return -1, tests
	}
	s := make(set, n)
	var rest []test
	for _, t := range tests {
		if t.kind == isString {
			s[string(p.text[t.text.at:t.text.at+t.text.n])] = struct{}{}
		} else {
			rest = append(rest, t)
		}
	}
	p.m.sets = append(p.m.sets, s)
	return int32(len(p.m.sets) - 1), rest
}

// textTest is a test with the characters of v.
func (p *parser) textTest(k kind, v scan.Value) test {
	at := len(p.text)
	if v.Kind == scan.String {
		p.text = v.AppendExact(p.text)
	} else {
		p.text = append(p.text, v.Raw...)
	}
	return test{kind: k, text: span{int32(at), int32(len(p.text) - at)}, set: -1}
}

func (p *parser) netTest(k kind, n net) test {
	p.m.nets = append(p.m.nets, n)
	return test{kind: k, aux: int32(len(p.m.nets) - 1), set: -1}
}

func (p *parser) rangeTest(k kind, low, high uint64) test {
	p.m.nums = append(p.m.nums, bound{low, high})
	return test{kind: k, aux: int32(len(p.m.nums) - 1), set: -1}
}

// value is the test for a value that stands in a list as it is.
func (p *parser) value(v scan.Value) test {
	switch v.Kind {
	case scan.String:
		if a, ok := parseAddr(v.Bytes()); ok {
			return p.netTest(isAddr, net{a, a})
		}
		return p.textTest(isString, v)
	case scan.Number:
		return p.number(v)
	}
	return test{kind: isLiteral, aux: int32(v.Kind), set: -1}
}

func (p *parser) number(v scan.Value) test {
	if n, ok := number(v.Raw); ok {
		return p.rangeTest(isNumber, ordered(n), ordered(n))
	}
	return p.textTest(isNumberText, v)
}

// operator reads an object that stands in a list.
func (p *parser) operator() {
	c := &p.cursor
	at := c.Offset()
	if !c.Enter() {
		p.failAt(at, CodeOperator, `write {"prefix": "text"}, or the value itself`, "expected one of %s, got an empty object", strings.Join(Operators, ", "))
		return
	}
	nameAt := c.Offset()
	name := c.Name()
	if name.Kind != scan.String {
		return
	}
	p.into(nameAt)
	p.operand(name, nameAt)
	p.out()
	p.leave("write one object for each operator")
}

// leave leaves an object that may have no second member.
func (p *parser) leave(hint string) {
	c := &p.cursor
	for c.Following() {
		at := c.Offset()
		if name := c.Name(); name.Kind == scan.String {
			p.failAt(at, CodeOperator, hint, "one operator an object, got a second one %q", name.Text())
		}
		c.Value()
	}
}

func (p *parser) operand(name scan.Value, nameAt int) {
	switch string(name.Bytes()) {
	case "exactly":
		if v, ok := p.textOperand("exactly"); ok {
			p.tests = append(p.tests, p.textTest(isString, v))
		}
	case "equals-ignore-case":
		if v, ok := p.textOperand("equals-ignore-case"); ok {
			p.tests = append(p.tests, p.textTest(isFold, v))
		}
	case "prefix":
		p.affix("prefix", isPrefix, isPrefixFold)
	case "suffix":
		p.affix("suffix", isSuffix, isSuffixFold)
	case "wildcard":
		at := p.cursor.Offset()
		if v, ok := p.textOperand("wildcard"); ok {
			p.wildcard(v, at)
		}
	case "cidr":
		p.cidr()
	case "exists":
		p.exists()
	case "numeric":
		p.numeric()
	case "anything-but":
		p.anythingBut()
	default:
		p.failAt(nameAt, CodeOperator, operatorHint(name.Text(), p.cursor.Kind()), "unknown operator %q, expected one of %s", name.Text(), strings.Join(Operators, ", "))
		p.cursor.Value()
	}
}

// textOperand reads an operand that is a string, of the last of some operators
// within each other.
func (p *parser) textOperand(operators ...string) (scan.Value, bool) {
	at := p.cursor.Offset()
	v := p.cursor.Value()
	if v.Kind != scan.String && v.Kind != scan.Missing {
		p.failAt(at, CodeOperand, textHint(operators, v), "%s takes a string, got a %s", operators[len(operators)-1], v.Kind)
	}
	return v, v.Kind == scan.String
}

// affix reads the operand of prefix or suffix.
func (p *parser) affix(name string, k, fold kind) {
	if p.cursor.Kind() == scan.Object {
		p.nested(name, []string{"equals-ignore-case"}, func(inner string) {
			if v, ok := p.textOperand(name, inner); ok {
				p.affixTests(fold, isFold, v)
			}
		})
		return
	}
	if v, ok := p.textOperand(name); ok {
		p.affixTests(k, isString, v)
	}
}

// affixTests appends the tests of a prefix or suffix. In event-ruler the quotes
// of a string take part: a prefix that ends with a quote, or a suffix that
// starts with one, is also met by the string that is the rest of it.
func (p *parser) affixTests(k, whole kind, v scan.Value) {
	t := p.textTest(k, v)
	p.tests = append(p.tests, t)
	if t.text.n == 0 {
		return
	}
	quote := t.text.at
	rest := span{t.text.at + 1, t.text.n - 1}
	if k == isPrefix || k == isPrefixFold {
		quote, rest = t.text.at+t.text.n-1, span{t.text.at, t.text.n - 1}
	}
	if p.text[quote] == '"' {
		p.tests = append(p.tests, test{kind: whole, text: rest, set: -1})
	}
}

// nested reads {"operator": operand} as the operand of another operator.
func (p *parser) nested(name string, inner []string, read func(inner string)) {
	c := &p.cursor
	at := c.Offset()
	want := strings.Join(inner, ", ")
	if !c.Enter() {
		p.failAt(at, CodeOperand, "write "+written([]string{name, inner[0]}, `"text"`), "inside %s, expected one of %s, got an empty object", name, want)
		return
	}
	at = c.Offset()
	key := c.Name()
	if key.Kind != scan.String {
		return
	}
	p.into(at)
	for _, op := range inner {
		if key.Is(op) {
			read(op)
			want = ""
		}
	}
	if want != "" {
		hint := "write " + written([]string{name, inner[0]}, `"text"`)
		if near := diag.Nearest(key.Text(), inner); near != "" {
			hint = "did you mean " + near + "?"
		}
		p.failAt(at, CodeOperator, hint, "inside %s, expected one of %s, got %q", name, want, key.Text())
		c.Value()
	}
	p.out()
	p.leave("write one matcher for each")
}

// wildcard reads a text with * for anything; \* and \\ are the characters.
func (p *parser) wildcard(v scan.Value, at int) {
	m := p.m
	t := test{kind: isWildcard, aux: int32(len(m.spans)), n: 1, set: -1}
	p.scratch = v.AppendExact(p.scratch[:0])
	s := p.scratch
	start := len(m.parts)
	for i := 0; i < len(s); i++ {
		switch next := i + 1; {
		case s[i] == '\\' && next < len(s) && (s[next] == '*' || s[next] == '\\'):
			m.parts = append(m.parts, s[next])
			i++
		case s[i] == '\\':
			p.failAt(at, CodeOperand, `write \\ for a backslash; in JSON each of them is doubled`, `\ may only stand before * and \ in a wildcard`)
			return
		case s[i] == '*' && next < len(s) && s[next] == '*':
			p.failAt(at, CodeOperand, "write one *", "two * in a row in a wildcard")
			return
		case s[i] == '*':
			m.spans = append(m.spans, span{int32(start), int32(len(m.parts) - start)})
			start = len(m.parts)
			t.n++
		default:
			m.parts = append(m.parts, s[i])
		}
	}
	m.spans = append(m.spans, span{int32(start), int32(len(m.parts) - start)})
	p.tests = append(p.tests, t)
}

func (p *parser) cidr() {
	at := p.cursor.Offset()
	v, ok := p.textOperand("cidr")
	if !ok {
		return
	}
	n, problem := parseNet(v.Text())
	if problem != "" {
		p.failAt(at, CodeOperand, cidrHint, "%s", problem)
		return
	}
	p.tests = append(p.tests, p.netTest(isNet, n))
}

func (p *parser) exists() {
	at := p.cursor.Offset()
	switch v := p.cursor.Value(); v.Kind {
	case scan.True:
		p.tests = append(p.tests, test{kind: isThere, set: -1})
	case scan.False:
		p.tests = append(p.tests, test{kind: isAbsent, set: -1})
	case scan.Missing:
	default:
		p.failAt(at, CodeOperand, `write {"exists": true} or {"exists": false}, without quotes around the word`, "exists takes true or false, got a %s", v.Kind)
	}
}
