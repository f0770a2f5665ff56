package expr

import (
	"math"
	"strconv"
	"time"
)

func errConvert(kind string) error { return errorf("the text is no %s", kind) }

func toInt(_ *Input, a Value) (Value, error) {
	switch a.Kind {
	case Int:
		return a, nil
	case Uint:
		if a.n > math.MaxInt64 {
			return Value{}, errOverflow
		}
		return IntValue(int64(a.n)), nil
	case Double:
		i, ok := wholeInt(math.Trunc(a.float()))
		if !ok {
			return Value{}, errOverflow
		}
		return IntValue(i), nil
	case StringKind:
		i, err := strconv.ParseInt(a.str(), 10, 64)
		if err != nil {
			return Value{}, errConvert("int")
		}
		return IntValue(i), nil
	case Timestamp:
		return IntValue(a.time().Unix()), nil
	case Duration:
		return IntValue(a.int()), nil
	}
	return Value{}, errOverload
}

func toUint(_ *Input, a Value) (Value, error) {
	switch a.Kind {
	case Uint:
		return a, nil
	case Int:
		if a.int() < 0 {
			return Value{}, errOverflow
		}
		return UintValue(a.n), nil
	case Double:
		u, ok := wholeUint(math.Trunc(a.float()))
		if !ok || a.float() < 0 {
			return Value{}, errOverflow
		}
		return UintValue(u), nil
	case StringKind:
		u, err := strconv.ParseUint(a.str(), 10, 64)
		if err != nil {
			return Value{}, errConvert("uint")
		}
		return UintValue(u), nil
	}
	return Value{}, errOverload
}

func toDouble(_ *Input, a Value) (Value, error) {
	switch a.Kind {
	case Double:
		return a, nil
	case Int:
		return DoubleValue(float64(a.int())), nil
	case Uint:
		return DoubleValue(float64(a.n)), nil
	case StringKind:
		f, err := strconv.ParseFloat(a.str(), 64)
		if err != nil {
			return Value{}, errConvert("double")
		}
		return DoubleValue(f), nil
	}
	return Value{}, errOverload
}

func toBool(_ *Input, a Value) (Value, error) {
	switch a.Kind {
	case Bool:
		return a, nil
	case StringKind:
		b, err := strconv.ParseBool(a.str())
		if err != nil {
			return Value{}, errConvert("bool")
		}
		return BoolValue(b), nil
	}
	return Value{}, errOverload
}

func toBytes(_ *Input, a Value) (Value, error) {
	if a.Kind != Bytes && a.Kind != StringKind {
		return Value{}, errOverload
	}
	a.Kind = Bytes
	return a, nil
}

func toDuration(_ *Input, a Value) (Value, error) {
	switch a.Kind {
	case Duration:
		return a, nil
	case StringKind:
		d, err := time.ParseDuration(a.str())
		if err != nil {
			return Value{}, errConvert("duration")
		}
		return durationValue(d), nil
	}
	return Value{}, errOverload
}

func toTimestamp(_ *Input, a Value) (Value, error) {
	switch a.Kind {
	case Timestamp:
		return a, nil
	case Int:
		if a.int() < minUnix || a.int() > maxUnix {
			return Value{}, &Error{Msg: "the timestamp is outside the years 1 to 9999"}
		}
		return timestampValue(time.Unix(a.int(), 0).UTC()), nil
	case StringKind:
		t, err := time.Parse(time.RFC3339, a.str())
		if err != nil || !strictTime(a.str()) || t.Unix() < minUnix || t.Unix() > maxUnix {
			return Value{}, errConvert("timestamp such as 2026-11-30T08:15:00Z")
		}
		return timestampValue(t), nil
	}
	return Value{}, errOverload
}

// strictTime refuses what time.Parse takes although RFC 3339 does not have it:
// an hour of one digit, a comma before the fraction, an offset of 24 hours.
func strictTime(s string) bool {
	if len(s) < 20 || s[4] != '-' || s[7] != '-' || s[13] != ':' || s[16] != ':' {
		return false
	}
	rest := s[19:]
	if rest[0] == ',' {
		return false
	}
	if n := len(rest); n >= 6 && (rest[n-6] == '+' || rest[n-6] == '-') {
		hours, minutes := rest[n-5:n-3], rest[n-2:]
		return hours <= "23" && minutes <= "59"
	}
	return true
}

func typeOf(_ *Input, a Value) (Value, error) { return TypeValue(a.typeName()), nil }

func dyn(_ *Input, a Value) (Value, error) { return a, nil }
