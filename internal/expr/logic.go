package expr

// special is the evaluator of an operation that does not evaluate all of its
// arguments, or takes any number of them.
func special(n *Node, args []*Program) evaluator {
	switch n.Op {
	case "&&":
		return logical(n, args, Value.isFalse)
	case "||":
		return logical(n, args, Value.isTrue)
	case "?:":
		return conditional(n, args[0].eval, args[1].eval, args[2].eval)
	case "orValue", "or":
		return orElse(n, args[0].eval, args[1].eval)
	case OpConcat:
		return concat(n, args)
	case OpList:
		return list(args)
	default:
		return func(in *Input) (Value, error) {
			pairs, err := all(in, args)
			if err != nil {
				return Value{}, err
			}
			return makeMap(pairs)
		}
	}
}

// logical is && or ||. One decisive operand decides, even when others fail.
func logical(n *Node, args []*Program, decisive func(Value) bool) evaluator {
	result := BoolValue(n.Op == "&&")
	return func(in *Input) (Value, error) {
		var failed error
		for i, a := range args {
			v, err := a.eval(in)
			switch {
			case err == nil && decisive(v):
				return v, nil
			case err == nil && v.Kind != Bool:
				err = errorf("%s takes a bool, got %s", n.Op, n.Args[i].what(v))
			}
			if in.steps < 0 {
				return Value{}, err
			}
			if failed == nil {
				failed = err
			}
		}
		return result, failed
	}
}

// what names a value by its kind and where it was read.
func (n *Node) what(v Value) string {
	if ref := n.Ref(); ref != "" {
		return ref + ", which is " + v.Kind.article()
	}
	return v.Kind.article()
}

func conditional(n *Node, test, yes, no evaluator) evaluator {
	return func(in *Input) (Value, error) {
		v, err := test(in)
		switch {
		case err != nil:
			return Value{}, err
		case v.Kind != Bool:
			return Value{}, errorf("the condition before ? must be a bool, got %s", n.Args[0].what(v))
		case v.n != 0:
			return yes(in)
		}
		return no(in)
	}
}

// orElse is orValue, and or, which keeps the optional.
func orElse(n *Node, x, y evaluator) evaluator {
	unwraps := n.Op == "orValue"
	return func(in *Input) (Value, error) {
		v, err := x(in)
		if err != nil {
			return Value{}, err
		}
		if v.Kind != Optional {
			return Value{}, errorf("%s belongs to an optional, got %s", n.Op, n.Args[0].what(v))
		}
		inner, ok := v.unwrap()
		switch {
		case !ok:
			return y(in)
		case unwraps:
			return inner, nil
		}
		return v, nil
	}
}

// concat is the text of its arguments.
func concat(n *Node, args []*Program) evaluator {
	return func(in *Input) (Value, error) {
		// Other expressions may use the scratch memory while this one is half
		// done, so the text is begun in memory of its own.
		var local [256]byte
		text := local[:0]
		for i, a := range args {
			v, err := a.eval(in)
			if err != nil {
				return Value{}, err
			}
			var ok bool
			if text, ok = v.appendText(text); !ok {
				return Value{}, errorf("%s cannot stand inside a text", n.Args[i].what(v))
			}
			if len(text) > MaxText {
				return Value{}, errText
			}
		}
		return String(in.own(text)), in.spendText(len(text))
	}
}

func all(in *Input, args []*Program) ([]Value, error) {
	values := make([]Value, len(args))
	for i, a := range args {
		var err error
		if values[i], err = a.eval(in); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func list(args []*Program) evaluator {
	return func(in *Input) (Value, error) {
		values, err := all(in, args)
		if err != nil {
			return Value{}, err
		}
		return ListValue(values), nil
	}
}
