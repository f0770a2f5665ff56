package expr

func optionalOf(_ *Input, a Value) (Value, error) { return someValue(a), nil }

func optionalNone() Value { return Value{} }

// optionalOfNonZero is optional.of, or none for what is empty, zero or null.
func optionalOfNonZero(_ *Input, a Value) (Value, error) {
	zero := false
	switch a.Kind {
	case Null:
		zero = true
	case Bool, Int, Uint, Duration:
		zero = a.n == 0
	case Double:
		zero = a.float() == 0
	case StringKind, Bytes:
		zero = a.str() == ""
	case List, Map:
		zero = a.length() == 0
	case Timestamp:
		zero = a.time().IsZero()
	}
	if zero {
		return Value{}, nil
	}
	return someValue(a), nil
}

func hasValue(_ *Input, a Value) (Value, error) {
	if a.Kind != Optional {
		return Value{}, errOverload
	}
	return BoolValue(a.as.some > 0), nil
}

func optionalValue(_ *Input, a Value) (Value, error) {
	if a.Kind != Optional {
		return Value{}, errOverload
	}
	v, ok := a.unwrap()
	if !ok {
		return Value{}, errorf("value() of an optional without a value")
	}
	return v, nil
}
