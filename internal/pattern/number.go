package pattern

import (
	"math"
	"strconv"
)

// number is the number that the JSON text raw holds. ok is false of a number
// that does not compare by value: one that a 64-bit float cannot hold so that
// the float's shortest decimal is the same number again. Any number of up to 15
// digits compares, longer ones when they happen to be exact.
func number(raw []byte) (f float64, ok bool) {
	if f, ok = integer(raw); ok {
		return f, true
	}
	d, ok := parseDecimal(raw)
	switch {
	case !ok:
		return 0, false
	case d.n == 0:
		return 0, true // also -0
	}
	scale := d.exp - d.n
	if d.n <= 15 && -len(powers) < scale && scale < len(powers) {
		// Both operands are exact, so the result is the nearest float.
		if f = d.mantissa(); scale < 0 {
			f /= powers[-scale]
		} else {
			f *= powers[scale]
		}
		if d.negative {
			f = -f
		}
		return f, true
	}
	var buf [48]byte
	text := append(buf[:0], d.digits[:d.n]...)
	text = strconv.AppendInt(append(text, 'e'), int64(scale), 10)
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.IsInf(f, 0) {
		return 0, false
	}
	shortest, _ := parseDecimal(strconv.AppendFloat(buf[:0], f, 'e', -1, 64))
	if shortest.n != d.n || shortest.exp != d.exp || shortest.digits != d.digits {
		return 0, false
	}
	if d.negative {
		f = -f
	}
	return f, true
}

// integer is the quick way for what most numbers are: up to 15 digits and
// nothing else.
func integer(raw []byte) (f float64, ok bool) {
	digits := raw
	if raw[0] == '-' {
		digits = raw[1:]
	}
	if len(digits) > 15 {
		return 0, false
	}
	n := int64(0)
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if len(digits) < len(raw) {
		n = -n
	}
	return float64(n), true
}

// powers are the powers of ten that a float64 holds exactly.
var powers = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// decimal is 0.digits × 10^exp, without zeros at either end of digits.
type decimal struct {
	digits   [17]byte // what follows the first n is zero
	n, exp   int
	negative bool
}

// parseDecimal reads a JSON number. ok is false if it has more digits than the
// shortest decimal of any float64.
func parseDecimal(raw []byte) (d decimal, ok bool) {
	i, fraction, zeros := 0, false, 0
	if raw[0] == '-' {
		d.negative = true
		i++
	}
	for ; i < len(raw); i++ {
		c := raw[i]
		switch {
		case c == '.':
			fraction = true
			continue
		case c == 'e' || c == 'E':
			d.exp += exponent(raw[i+1:])
			return d, true
		case c == '0' && d.n == 0:
			if fraction {
				d.exp--
			}
			continue
		case c == '0':
			zeros++
		default:
			if d.n+zeros >= len(d.digits) {
				return d, false
			}
			for ; zeros > 0; zeros-- {
				d.digits[d.n] = '0'
				d.n++
			}
			d.digits[d.n] = c
			d.n++
		}
		if !fraction {
			d.exp++
		}
	}
	return d, true
}

func (d *decimal) mantissa() float64 {
	var m int64
	for _, c := range d.digits[:d.n] {
		m = m*10 + int64(c-'0')
	}
	return float64(m)
}

// exponent reads what follows the e, as far as it makes a difference.
func exponent(raw []byte) int {
	const enough = 1 << 20
	negative, e := false, 0
	for _, c := range raw {
		switch {
		case c == '-':
			negative = true
		case c != '+' && e < enough:
			e = e*10 + int(c-'0')
		}
	}
	if negative {
		return -e
	}
	return e
}

// ordered maps floats to integers that are in the same order, so that open and
// closed bounds are both closed ones.
func ordered(f float64) uint64 {
	bits := math.Float64bits(f)
	if bits>>63 != 0 {
		return ^bits
	}
	return bits | 1<<63
}

// bound is a range of numbers, both ends included, by [ordered].
type bound struct{ low, high uint64 }

func (b bound) has(n uint64) bool { return b.low <= n && n <= b.high }
