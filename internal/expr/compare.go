package expr

import (
	"cmp"
	"math"
	"strings"
)

func compareNumbers[T cmp.Ordered](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func isNumber(k Kind) bool { return k == Int || k == Uint || k == Double }

// compareMixed orders two numbers of any kinds, none of which is NaN. An integer
// meets a double as the double nearest to it.
func compareMixed(a, b Value) int {
	switch {
	case a.Kind == Int && b.Kind == Int:
		return compareNumbers(a.int(), b.int())
	case a.Kind == Uint && b.Kind == Uint:
		return compareNumbers(a.n, b.n)
	case a.Kind == Int && b.Kind == Uint:
		if a.int() < 0 {
			return -1
		}
		return compareNumbers(a.n, b.n)
	case a.Kind == Uint && b.Kind == Int, a.Kind != Double && b.Kind == Double:
		return -compareMixed(b, a)
	}
	return compareDouble(a.float(), b)
}

func compareDouble(f float64, b Value) int {
	switch {
	case b.Kind == Double:
		return compareNumbers(f, b.float())
	case b.Kind == Int && f < math.MinInt64, b.Kind == Uint && f < 0:
		return -1
	case b.Kind == Int && f > math.MaxInt64, b.Kind == Uint && f > math.MaxUint64:
		return 1
	case b.Kind == Int:
		return compareNumbers(f, float64(b.int()))
	}
	return compareNumbers(f, float64(b.n))
}

func isNaN(v Value) bool { return v.Kind == Double && math.IsNaN(v.float()) }

// compare orders two values of one kind, or two numbers; ok is false for kinds
// that have no order.
func (in *Input) compare(a, b Value) (order int, ok bool, err error) {
	if isNumber(a.Kind) && isNumber(b.Kind) {
		return compareMixed(a, b), true, nil
	}
	if a.Kind != b.Kind {
		return 0, false, nil
	}
	switch a.Kind {
	case StringKind, Bytes:
		return strings.Compare(a.str(), b.str()), true, in.spendText(min(len(a.str()), len(b.str())))
	case Bool:
		return compareNumbers(a.n, b.n), true, nil
	case Duration:
		return compareNumbers(a.int(), b.int()), true, nil
	case Timestamp:
		return a.time().Compare(b.time()), true, nil
	}
	return 0, false, nil
}

// ordering is the operator that accepts some of the orders -1, 0 and 1.
func ordering(accept func(order int) bool) binary {
	return func(in *Input, a, b Value) (Value, error) {
		if isNaN(a) || isNaN(b) && comparable(a.Kind) {
			return BoolValue(false), nil
		}
		order, ok, err := in.compare(a, b)
		if !ok && err == nil {
			err = errOverload
		}
		return BoolValue(accept(order)), err
	}
}

// comparable reports whether values of the kind have an order.
func comparable(k Kind) bool {
	return isNumber(k) || k == StringKind || k == Bytes || k == Bool || k == Duration || k == Timestamp
}

// equal is CEL's equality: values of different kinds are unequal, except that
// numbers compare by value, and lists and maps by their elements.
func (in *Input) equal(a, b Value) (bool, error) {
	if isNumber(a.Kind) && isNumber(b.Kind) {
		return !isNaN(a) && !isNaN(b) && compareMixed(a, b) == 0, nil
	}
	if a.Kind != b.Kind {
		return false, nil
	}
	switch a.Kind {
	case StringKind, Bytes, TypeKind:
		return a.str() == b.str(), in.spendText(min(len(a.str()), len(b.str())))
	case Bool, Duration:
		return a.n == b.n, nil
	case Timestamp:
		return a.time().Equal(b.time()), nil
	case List:
		return in.equalLists(a, b)
	case Map:
		return in.equalMaps(a, b)
	case Optional:
		x, hasX := a.unwrap()
		y, hasY := b.unwrap()
		if !hasX || !hasY {
			return hasX == hasY, nil
		}
		return in.equal(x, y)
	}
	return true, nil // two nulls
}

func (in *Input) equalLists(a, b Value) (bool, error) {
	x, err := in.elements(a)
	if err != nil {
		return false, err
	}
	y, err := in.elements(b)
	if err != nil || len(x) != len(y) {
		return false, err
	}
	for i := range x {
		if same, err := in.equal(x[i], y[i]); !same || err != nil {
			return false, err
		}
	}
	return true, nil
}

func (in *Input) equalMaps(a, b Value) (bool, error) {
	keys, values, err := in.entries(a)
	if err != nil {
		return false, err
	}
	otherKeys, otherValues, err := in.entries(b)
	if err != nil || len(keys) != len(otherKeys) {
		return false, err
	}
	other := mapValue(otherKeys, otherValues)
	for i, key := range keys {
		found, ok := other.find(key)
		if !ok {
			return false, nil
		}
		if same, err := in.equal(values[i], found); !same || err != nil {
			return false, err
		}
	}
	return true, nil
}

func equals(in *Input, a, b Value) (Value, error) {
	same, err := in.equal(a, b)
	return BoolValue(same), err
}

func differs(in *Input, a, b Value) (Value, error) {
	same, err := in.equal(a, b)
	return BoolValue(!same), err
}
