package expr

import "fmt"

// declares reports whether the operation has a variable of its own.
func declares(op string) bool {
	switch op {
	case "all", "exists", "exists_one", "map", "filter", OpLet:
		return true
	}
	return false
}

// round is one run of a macro.
type round struct {
	result Value
	err    error // of a body, absorbed if an element decides
	count  int
	list   []Value
}

// macro binds an operation with a variable. Args are the range, the body and,
// for map with three arguments, the filter between them.
func (b *binder) macro(n *Node) (*Program, error) {
	least, most := 2, 2
	if n.Op == "map" {
		most = 3
	}
	switch {
	case len(n.Args) < least || len(n.Args) > most:
		return nil, fmt.Errorf("%s does not take %d arguments", n.Op, len(n.Args))
	case b.depth == maxDepth:
		return nil, fmt.Errorf("macros nest deeper than %d", maxDepth)
	}
	over, err := b.bind(n.Args[0])
	if err != nil {
		return nil, err
	}
	depth := b.depth
	b.depth++
	inner, err := b.args(n.Args[1:])
	b.depth--
	if err != nil {
		return nil, err
	}
	p := combined(append(inner, over))
	p.vars &^= 1 << depth
	if n.Op == OpLet {
		p.eval = let(over.eval, inner[0].eval, depth)
	} else {
		m := &macro{node: n, over: over.eval, body: inner[len(inner)-1].eval, depth: depth, size: p.size}
		if len(inner) == 2 {
			m.filter = inner[0].eval
		}
		p.eval = m.run
	}
	return p.folded(), nil
}

// set gives the variable of the macro at depth its value.
func (in *Input) set(depth int, v Value) {
	for len(in.vars) <= depth {
		in.vars = append(in.vars, Value{})
	}
	in.vars[depth] = v
}

func let(value, body evaluator, depth int) evaluator {
	return func(in *Input) (Value, error) {
		v, err := value(in)
		if err != nil {
			return Value{}, err
		}
		in.set(depth, v)
		return body(in)
	}
}

type macro struct {
	node   *Node
	over   evaluator
	filter evaluator // of map with three arguments
	body   evaluator
	depth  int
	size   int
}

func (m *macro) run(in *Input) (Value, error) {
	over, err := m.over(in)
	if err != nil {
		return Value{}, err
	}
	elements, err := m.elements(in, over)
	if err != nil {
		return Value{}, err
	}
	var r round
	for _, e := range elements {
		if err := in.spend(m.size); err != nil {
			return Value{}, err
		}
		in.set(m.depth, e)
		done := m.turn(in, &r, e)
		if in.steps < 0 {
			return Value{}, r.err
		}
		if done {
			return r.result, r.err
		}
	}
	return m.finish(&r)
}

// elements is what the macro goes through: elements of a list or keys of a map.
// An empty text goes for an empty list: so has cel-go it.
func (m *macro) elements(in *Input, over Value) ([]Value, error) {
	switch {
	case over.Kind == List:
		return in.elements(over)
	case over.Kind == Map:
		keys, _, err := in.entries(over)
		return keys, err
	case (over.Kind == StringKind || over.Kind == Bytes) && over.str() == "":
		return nil, nil
	}
	return nil, errorf("%s goes through a list or map, got %s", m.node.Op, m.node.Args[0].what(over))
}

// turn is one turn; it reports whether r is complete.
func (m *macro) turn(in *Input, r *round, e Value) bool {
	if m.filter != nil {
		v, err := m.filter(in)
		if r.err = m.test(v, err); r.err != nil || v.isFalse() {
			return r.err != nil
		}
	}
	v, err := m.body(in)
	switch m.node.Op {
	case "map":
		r.list, r.err = append(r.list, v), err
		return err != nil
	case "filter":
		if r.err = m.test(v, err); v.isTrue() && r.err == nil {
			r.list = append(r.list, e)
		}
		return r.err != nil
	case "exists_one":
		if r.err = m.test(v, err); v.isTrue() {
			r.count++
		}
		return r.err != nil
	}
	// all and exists: one element decides, even when others fail.
	if err == nil && (m.node.Op == "all" && v.isFalse() || m.node.Op == "exists" && v.isTrue()) {
		r.result, r.err = v, nil
		return true
	}
	if err := m.test(v, err); r.err == nil || in.steps < 0 {
		r.err = err
	}
	return false
}

// test is the error of a body that must be a bool.
func (m *macro) test(v Value, err error) error {
	if err == nil && v.Kind != Bool {
		return errorf("%s needs a bool for each element, got %s", m.node.Op, v.Kind.article())
	}
	return err
}

func (m *macro) finish(r *round) (Value, error) {
	switch m.node.Op {
	case "all":
		return BoolValue(true), r.err
	case "exists":
		return BoolValue(false), r.err
	case "exists_one":
		return BoolValue(r.count == 1), nil
	}
	return ListValue(r.list), nil
}
