package expr

import "math"

// rounding makes a function of a double that gives one.
func rounding(f func(float64) float64) unary {
	return func(_ *Input, a Value) (Value, error) {
		if a.Kind != Double {
			return Value{}, errOverload
		}
		return DoubleValue(f(a.float())), nil
	}
}

func doubleTest(f func(float64) bool) unary {
	return func(_ *Input, a Value) (Value, error) {
		if a.Kind != Double {
			return Value{}, errOverload
		}
		return BoolValue(f(a.float())), nil
	}
}

func isInf(f float64) bool    { return math.IsInf(f, 0) }
func isFinite(f float64) bool { return !math.IsInf(f, 0) && !math.IsNaN(f) }

func abs(_ *Input, a Value) (Value, error) {
	switch {
	case a.Kind == Double:
		return DoubleValue(math.Abs(a.float())), nil
	case a.Kind == Int && a.int() == math.MinInt64:
		return Value{}, errOverflow
	case a.Kind == Int && a.int() < 0:
		return IntValue(-a.int()), nil
	case a.Kind == Int || a.Kind == Uint:
		return a, nil
	}
	return Value{}, errOverload
}

func sign(_ *Input, a Value) (Value, error) {
	switch {
	case a.Kind == Double && isNaN(a):
		return a, nil
	case a.Kind == Double:
		return DoubleValue(float64(compareNumbers(a.float(), 0))), nil
	case a.Kind == Int:
		return IntValue(int64(compareNumbers(a.int(), 0))), nil
	case a.Kind == Uint:
		return UintValue(min(a.n, 1)), nil
	}
	return Value{}, errOverload
}

func sqrt(_ *Input, a Value) (Value, error) {
	switch a.Kind {
	case Double:
		return DoubleValue(math.Sqrt(a.float())), nil
	case Int:
		return DoubleValue(math.Sqrt(float64(a.int()))), nil
	case Uint:
		return DoubleValue(math.Sqrt(float64(a.n))), nil
	}
	return Value{}, errOverload
}

// bitwise makes a function of two ints or two uints.
func bitwise(f func(a, b uint64) uint64) binary {
	return func(_ *Input, a, b Value) (Value, error) {
		if a.Kind != b.Kind || a.Kind != Int && a.Kind != Uint {
			return Value{}, errOverload
		}
		return Value{Kind: a.Kind, n: f(a.n, b.n)}, nil
	}
}

func bitNot(_ *Input, a Value) (Value, error) {
	if a.Kind != Int && a.Kind != Uint {
		return Value{}, errOverload
	}
	return Value{Kind: a.Kind, n: ^a.n}, nil
}

// shift makes a function of an int or uint and a number of bits; an int is
// shifted as if it were a uint.
func shift(f func(a, bits uint64) uint64) binary {
	return func(_ *Input, a, b Value) (Value, error) {
		if a.Kind != Int && a.Kind != Uint || b.Kind != Int {
			return Value{}, errOverload
		}
		if b.int() < 0 {
			return Value{}, errorf("a shift by a negative number of bits")
		}
		return Value{Kind: a.Kind, n: f(a.n, b.n)}, nil
	}
}

// extreme makes math.least, for order 1, or math.greatest, for order -1, of two.
func extreme(order int) binary {
	return func(_ *Input, a, b Value) (Value, error) {
		if !isNumber(a.Kind) || !isNumber(b.Kind) {
			return Value{}, errOverload
		}
		return more(a, b, order)
	}
}

func more(a, b Value, order int) (Value, error) {
	if isNaN(a) || isNaN(b) {
		return Value{}, errorf("NaN has no order")
	}
	if compareMixed(a, b) == order {
		return b, nil
	}
	return a, nil
}

// extremeOf is extreme of one number or of the elements of a list.
func extremeOf(order int) unary {
	return func(in *Input, a Value) (Value, error) {
		if isNumber(a.Kind) {
			return a, nil
		}
		if a.Kind != List {
			return Value{}, errOverload
		}
		elements, err := in.elements(a)
		if err != nil {
			return Value{}, err
		}
		if len(elements) == 0 {
			return Value{}, errorf("the list has no elements")
		}
		best := elements[0]
		for _, e := range elements {
			if !isNumber(e.Kind) {
				return Value{}, errorf("expected a list of numbers, this one has %s", e.Kind.article())
			}
			if best, err = more(best, e, order); err != nil {
				return Value{}, err
			}
		}
		return best, nil
	}
}
