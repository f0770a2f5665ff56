package pattern

import "github.com/taskbridge/taskbridge/internal/scan"

const numericHint = `write [">", 0], or [">=", 0, "<", 10] for a range`

// numeric reads [op, n] or [lower, n, upper, n].
func (p *parser) numeric() {
	at := p.cursor.Offset()
	v := p.cursor.Value()
	if v.Kind == scan.Missing {
		return
	}
	var words [4]scan.Value
	n := 0
	for it := scan.Elements(v); it.Next(); n++ {
		if n < len(words) {
			words[n] = it.Value()
		}
	}
	if n != 2 && n != 4 {
		p.failAt(at, CodeOperand, numericHint, "numeric takes a list of an operator and a number, or two of each")
		return
	}
	b := bound{0, ^uint64(0)}
	var ends [2]float64
	for i := 0; i < n; i += 2 {
		var ok bool
		if words[i+1].Kind == scan.Number {
			ends[i/2], ok = number(words[i+1].Raw)
		}
		if !ok {
			p.failAt(at, CodeOperand, numericHint, "expected a number that a 64-bit float holds exactly, got %s", shown(words[i+1]))
			return
		}
		if !b.narrow(words[i], ordered(ends[i/2]), i == 0, i == n-2) {
			p.failAt(at, CodeOperand, numericHint, "%s is no comparison that may stand here", shown(words[i]))
			return
		}
	}
	if n == 4 && ends[0] >= ends[1] {
		p.failAt(at, CodeOperand, numericHint, "the range is empty: its lower end is not below its upper end")
		return
	}
	k := isRange
	if b.low == b.high {
		k = isNumber
	}
	p.tests = append(p.tests, p.rangeTest(k, b.low, b.high))
}

// narrow narrows b to what a comparison with the number at edge leaves of it. It
// reports whether op is a comparison that may stand where it does: a lower bound
// first, an upper one last, = alone.
func (b *bound) narrow(op scan.Value, edge uint64, first, last bool) bool {
	switch {
	case op.Is("=") && first && last:
		b.low, b.high = edge, edge
	case op.Is(">") && first:
		b.low = edge + 1
	case op.Is(">=") && first:
		b.low = edge
	case op.Is("<") && last:
		b.high = edge - 1
	case op.Is("<=") && last:
		b.high = edge
	default:
		return false
	}
	return true
}
