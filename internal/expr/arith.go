package expr

import (
	"math"
	"math/bits"
	"time"
)

var (
	errOverflow = &Error{Msg: "the number does not fit 64 bits"}
	errZero     = &Error{Msg: "division by zero"}
)

// add is the operator +.
func add(in *Input, a, b Value) (Value, error) {
	switch {
	case a.Kind == Timestamp && b.Kind == Duration:
		return addTime(a.time(), b.int())
	case a.Kind == Duration && b.Kind == Timestamp:
		return addTime(b.time(), a.int())
	case a.Kind != b.Kind:
		return Value{}, errOverload
	}
	switch a.Kind {
	case Int, Duration:
		sum := a.int() + b.int()
		if (sum < a.int()) != (b.int() < 0) {
			return Value{}, errOverflow
		}
		return Value{Kind: a.Kind, n: uint64(sum)}, nil
	case Uint:
		sum, carry := bits.Add64(a.n, b.n, 0)
		if carry != 0 {
			return Value{}, errOverflow
		}
		return UintValue(sum), nil
	case Double:
		return DoubleValue(a.float() + b.float()), nil
	case StringKind, Bytes:
		v, err := in.made(append(append(in.scratch[:0], a.str()...), b.str()...))
		v.Kind = a.Kind
		return v, err
	case List:
		return in.joinLists(a, b)
	}
	return Value{}, errOverload
}

func (in *Input) joinLists(a, b Value) (Value, error) {
	x, err := in.elements(a)
	if err != nil {
		return Value{}, err
	}
	y, err := in.elements(b)
	if err != nil {
		return Value{}, err
	}
	joined := make([]Value, 0, len(x)+len(y))
	return ListValue(append(append(joined, x...), y...)), nil
}

// sum is + of three and more: texts are put together in one go.
func sum(n *Node, args []*Program) evaluator {
	return func(in *Input) (Value, error) {
		values := make([]Value, 0, 8)
		length, texts := 0, true
		for _, a := range args {
			v, err := a.eval(in)
			if err != nil {
				return Value{}, err
			}
			values = append(values, v)
			length += len(v.str())
			texts = texts && v.Kind == StringKind
		}
		if texts {
			if length > MaxText {
				return Value{}, errText
			}
			text := in.scratch[:0]
			for _, v := range values {
				text = append(text, v.str()...)
			}
			return in.made(text)
		}
		total := values[0]
		for i, v := range values[1:] {
			next, err := add(in, total, v)
			if err == errOverload {
				err = errorf("%s does not take (%s, %s)", n.Op, total.Kind, n.Args[i+1].got(v))
			}
			if err != nil {
				return Value{}, err
			}
			total = next
		}
		return total, nil
	}
}

func subtract(_ *Input, a, b Value) (Value, error) {
	switch {
	case a.Kind == Timestamp && b.Kind == Duration:
		if b.int() == math.MinInt64 {
			return Value{}, errOverflow
		}
		return addTime(a.time(), -b.int())
	case a.Kind == Timestamp && b.Kind == Timestamp:
		return timeBetween(a.time(), b.time())
	case a.Kind != b.Kind:
		return Value{}, errOverload
	}
	switch a.Kind {
	case Int, Duration:
		diff := a.int() - b.int()
		if (diff > a.int()) != (b.int() < 0) {
			return Value{}, errOverflow
		}
		return Value{Kind: a.Kind, n: uint64(diff)}, nil
	case Uint:
		if b.n > a.n {
			return Value{}, errOverflow
		}
		return UintValue(a.n - b.n), nil
	case Double:
		return DoubleValue(a.float() - b.float()), nil
	}
	return Value{}, errOverload
}

func multiply(_ *Input, a, b Value) (Value, error) {
	if a.Kind != b.Kind {
		return Value{}, errOverload
	}
	switch a.Kind {
	case Int:
		x, y := a.int(), b.int()
		if x != 0 && (x*y/x != y || x == -1 && y == math.MinInt64) {
			return Value{}, errOverflow
		}
		return IntValue(x * y), nil
	case Uint:
		high, low := bits.Mul64(a.n, b.n)
		if high != 0 {
			return Value{}, errOverflow
		}
		return UintValue(low), nil
	case Double:
		return DoubleValue(a.float() * b.float()), nil
	}
	return Value{}, errOverload
}

func divide(_ *Input, a, b Value) (Value, error) {
	if a.Kind != b.Kind {
		return Value{}, errOverload
	}
	if a.Kind == Double {
		return DoubleValue(a.float() / b.float()), nil
	}
	if err := divisible(a, b); err != nil {
		return Value{}, err
	}
	if a.Kind == Int {
		return IntValue(a.int() / b.int()), nil
	}
	return UintValue(a.n / b.n), nil
}

func modulo(_ *Input, a, b Value) (Value, error) {
	if a.Kind != b.Kind {
		return Value{}, errOverload
	}
	if err := divisible(a, b); err != nil {
		return Value{}, err
	}
	if a.Kind == Int {
		return IntValue(a.int() % b.int()), nil
	}
	return UintValue(a.n % b.n), nil
}

// divisible says why the integer a cannot be divided by b.
func divisible(a, b Value) error {
	switch {
	case a.Kind != Int && a.Kind != Uint:
		return errOverload
	case b.n == 0:
		return errZero
	case a.Kind == Int && a.int() == math.MinInt64 && b.int() == -1:
		return errOverflow
	}
	return nil
}

func negate(_ *Input, a Value) (Value, error) {
	switch a.Kind {
	case Int, Duration:
		if a.int() == math.MinInt64 {
			return Value{}, errOverflow
		}
		return Value{Kind: a.Kind, n: -a.n}, nil
	case Double:
		return DoubleValue(-a.float()), nil
	}
	return Value{}, errOverload
}

func not(_ *Input, a Value) (Value, error) {
	if a.Kind != Bool {
		return Value{}, errOverload
	}
	return BoolValue(a.n == 0), nil
}

// wholeInt is f as an int, if it is whole and in the range that CEL converts.
func wholeInt(f float64) (int64, bool) {
	if !(f > math.MinInt64 && f < math.MaxInt64) || f != math.Trunc(f) {
		return 0, false
	}
	return int64(f), true
}

func wholeUint(f float64) (uint64, bool) {
	if !(f >= 0 && f < 1<<64) || f != math.Trunc(f) {
		return 0, false
	}
	return uint64(f), true
}

const (
	minUnix = -62135596800 // 0001-01-01T00:00:00Z
	maxUnix = 253402300799 // 9999-12-31T23:59:59Z
)

// addTime is t + d nanoseconds, within the years that CEL has.
func addTime(t time.Time, d int64) (Value, error) {
	sum := t.Add(time.Duration(d))
	if sum.Unix() < minUnix || sum.Unix() > maxUnix {
		return Value{}, &Error{Msg: "the timestamp is outside the years 1 to 9999"}
	}
	return timestampValue(sum), nil
}

// timeBetween is a - b, if a duration can hold it.
func timeBetween(a, b time.Time) (Value, error) {
	d := a.Sub(b)
	if b.Add(d).Equal(a) {
		return durationValue(d), nil
	}
	return Value{}, errOverflow
}
