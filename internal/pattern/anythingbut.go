package pattern

import (
	"fmt"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// anythingBut reads a value, a list of values of one kind, or one of the
// operators that may stand inside with a string or a list of strings.
func (p *parser) anythingBut() {
	outer := p.tests
	p.tests = nil
	if p.cursor.Kind() == scan.Object {
		p.nested("anything-but", []string{"prefix", "suffix", "equals-ignore-case", "wildcard"}, func(op string) {
			hint := "write " + written([]string{"anything-but", op}, `"text"`) + ", or a list of texts"
			p.operandList(op, hint, func(v scan.Value, at int) string { return p.notText(op, v, at) })
		})
	} else {
		var first scan.Kind
		p.operandList("anything-but", otherHint, func(v scan.Value, _ int) string {
			return p.notValue(v, &first)
		})
	}
	values := p.tests
	p.tests = outer
	if len(values) == 0 {
		return
	}
	t := test{kind: isOther}
	t.set, values = p.set(values)
	t.aux, t.n = int32(len(p.m.tests)), int32(len(values))
	p.m.tests = append(p.m.tests, values...)
	p.tests = append(p.tests, t)
}

// operandList reads one value or a list of values that is not empty. read
// returns what is wrong with a value.
func (p *parser) operandList(name, hint string, read func(v scan.Value, at int) (problem string)) {
	at := p.cursor.Offset()
	v := p.cursor.Value()
	if v.Kind == scan.Missing {
		return
	}
	if v.Kind != scan.Array {
		if problem := read(v, at); problem != "" {
			p.failAt(at, CodeOperand, hint, "%s", problem)
		}
		return
	}
	n := 0
	for it := scan.Elements(v); it.Next(); n++ {
		if problem := read(it.Value(), at); problem != "" {
			p.failAt(at, CodeOperand, hint, "%s", problem)
			return
		}
	}
	if n == 0 {
		p.failAt(at, CodeOperand, hint, "%s takes at least one value", name)
	}
}

func (p *parser) notValue(v scan.Value, first *scan.Kind) string {
	if *first == scan.Missing {
		*first = v.Kind
	}
	switch {
	case v.Kind != *first || v.Kind != scan.String && v.Kind != scan.Number:
		return fmt.Sprintf("anything-but takes strings or numbers, all of one kind, got a %s", v.Kind)
	case v.Kind == scan.String:
		p.tests = append(p.tests, p.textTest(isString, v))
	default:
		t := p.number(v)
		if t.kind != isNumber {
			return "anything-but takes numbers that a 64-bit float holds exactly, got " + shown(v)
		}
		p.tests = append(p.tests, t)
	}
	return ""
}

func (p *parser) notText(op string, v scan.Value, at int) string {
	if v.Kind != scan.String {
		return fmt.Sprintf("%s takes a string, got a %s", op, v.Kind)
	}
	switch {
	case op == "wildcard":
		p.wildcard(v, at)
	case op == "equals-ignore-case":
		p.tests = append(p.tests, p.textTest(isFold, v))
	case len(v.Raw) == len(`""`):
		return "an empty " + op + " inside anything-but would match nothing"
	case op == "prefix":
		p.affixTests(isPrefix, isString, v)
	default:
		p.affixTests(isSuffix, isString, v)
	}
	return ""
}
