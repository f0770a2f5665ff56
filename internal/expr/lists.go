package expr

import (
	"math"
	"slices"
	"strings"
)

func stringList(parts []string) Value {
	values := make([]Value, len(parts))
	for i, p := range parts {
		values[i] = String(p)
	}
	return ListValue(values)
}

func split(in *Input, a, b Value) (Value, error) { return splitN(in, a, b, IntValue(-1)) }

func splitN(in *Input, a, b, c Value) (Value, error) {
	if a.Kind != StringKind || b.Kind != StringKind || c.Kind != Int {
		return Value{}, errOverload
	}
	n := runeCount(a.str()) // the most parts, for an empty separator
	if b.str() != "" {
		n = strings.Count(a.str(), b.str()) + 1
	}
	if c.int() >= 0 {
		n = int(min(int64(n), c.int()))
	}
	if err := in.spend(n + len(a.str())/256); err != nil {
		return Value{}, err
	}
	v := stringList(strings.SplitN(a.str(), b.str(), int(c.int())))
	for i := range v.box().list {
		v.box().list[i].as.held = a.as.held
	}
	return v, nil
}

func replace(in *Input, a, b, c Value) (Value, error) {
	return replaceN(in, a, b, c, IntValue(-1))
}

func replaceN(in *Input, a, b, c, d Value) (Value, error) {
	if a.Kind != StringKind || b.Kind != StringKind || c.Kind != StringKind || d.Kind != Int {
		return Value{}, errOverload
	}
	n := int64(strings.Count(a.str(), b.str()))
	if d.int() >= 0 {
		n = min(n, d.int())
	}
	length := int64(len(a.str())) + n*int64(len(c.str())-len(b.str()))
	if length > MaxText {
		return Value{}, errText
	}
	if n == 0 {
		return a, in.spendText(len(a.str()))
	}
	return String(strings.Replace(a.str(), b.str(), c.str(), int(n))), in.spendText(len(a.str()) + int(length))
}

func join(in *Input, a Value) (Value, error) { return joinWith(in, a, String("")) }

func joinWith(in *Input, a, b Value) (Value, error) {
	if a.Kind != List || b.Kind != StringKind {
		return Value{}, errOverload
	}
	elements, err := in.elements(a)
	if err != nil {
		return Value{}, err
	}
	text := in.scratch[:0]
	for i, e := range elements {
		if e.Kind != StringKind {
			return Value{}, errorf("join takes a list of strings, this one has %s", e.Kind.article())
		}
		if i > 0 {
			text = append(text, b.str()...)
		}
		if text = append(text, e.str()...); len(text) > MaxText {
			return Value{}, errText
		}
	}
	return in.made(text)
}

// listMap makes a function of a list that gives one.
func listMap(f func(in *Input, elements []Value) ([]Value, error)) unary {
	return func(in *Input, a Value) (Value, error) {
		if a.Kind != List {
			return Value{}, errOverload
		}
		elements, err := in.elements(a)
		if err != nil {
			return Value{}, err
		}
		elements, err = f(in, elements)
		if err != nil {
			return Value{}, err
		}
		return ListValue(elements), nil
	}
}

func reverse(in *Input, a Value) (Value, error) {
	if a.Kind == StringKind {
		return stringMap(reverseText)(in, a)
	}
	return listMap(func(_ *Input, elements []Value) ([]Value, error) {
		elements = slices.Clone(elements)
		slices.Reverse(elements)
		return elements, nil
	})(in, a)
}

// distinct keeps the first of equal elements.
func distinct(in *Input, elements []Value) ([]Value, error) {
	var kept []Value
next:
	for _, e := range elements {
		if err := in.spend(len(kept) / 8); err != nil {
			return nil, err
		}
		for _, k := range kept {
			same, err := in.equal(e, k)
			if err != nil {
				return nil, err
			}
			if same {
				continue next
			}
		}
		kept = append(kept, e)
	}
	return kept, nil
}

func slice(in *Input, a, b, c Value) (Value, error) {
	if a.Kind != List || b.Kind != Int || c.Kind != Int {
		return Value{}, errOverload
	}
	elements, err := in.elements(a)
	if err != nil {
		return Value{}, err
	}
	from, to := b.int(), c.int()
	if from < 0 || from > to || to > int64(len(elements)) {
		return Value{}, errorf("the list has %d elements and no such part", len(elements))
	}
	return ListValue(elements[from:to:to]), nil
}

func flatten(in *Input, a Value) (Value, error) { return flattenTo(in, a, IntValue(1)) }

func flattenTo(in *Input, a, b Value) (Value, error) {
	if a.Kind != List || b.Kind != Int {
		return Value{}, errOverload
	}
	if b.int() < 0 {
		return Value{}, errorf("the depth of flatten is negative")
	}
	flat, err := in.flatten(nil, a, b.int())
	return ListValue(flat), err
}

func (in *Input) flatten(dst []Value, v Value, depth int64) ([]Value, error) {
	elements, err := in.elements(v)
	if err != nil || depth == 0 {
		return append(dst, elements...), err
	}
	for _, e := range elements {
		if e.Kind != List {
			dst = append(dst, e)
		} else if dst, err = in.flatten(dst, e, depth-1); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

func sorted(in *Input, a Value) (Value, error) { return sortBy(in, a, a) }

// sortBy sorts the elements of a by the keys b, which are of one kind that has an
// order.
func sortBy(in *Input, a, b Value) (Value, error) {
	if a.Kind != List || b.Kind != List {
		return Value{}, errOverload
	}
	elements, err := in.elements(a)
	if err != nil {
		return Value{}, err
	}
	keys, err := in.elements(b)
	if err != nil {
		return Value{}, err
	}
	order := make([]int, len(keys))
	for i, k := range keys {
		if k.Kind != keys[0].Kind || !comparable(k.Kind) {
			return Value{}, errorf("a list is sorted by keys of one kind that has an order, these are %s and %s", keys[0].Kind.article(), k.Kind.article())
		}
		order[i] = i
	}
	err = in.spend(len(keys) * 4)
	slices.SortStableFunc(order, func(i, j int) int {
		if in.steps < 0 {
			return 0
		}
		order, _, failed := in.compare(keys[i], keys[j])
		if err == nil {
			err = failed
		}
		return order
	})
	if err != nil {
		return Value{}, err
	}
	result := make([]Value, len(order))
	for i, at := range order {
		result[i] = elements[at]
	}
	return ListValue(result), nil
}

func listRange(in *Input, a Value) (Value, error) {
	if a.Kind != Int {
		return Value{}, errOverload
	}
	if a.int() < 0 {
		return Value{}, errorf("the size of a range is negative")
	}
	if err := in.spend(int(min(a.int(), math.MaxInt32))); err != nil {
		return Value{}, err
	}
	elements := make([]Value, a.int())
	for i := range elements {
		elements[i] = IntValue(int64(i))
	}
	return ListValue(elements), nil
}

// first is the first element of a list as an optional.
func first(in *Input, a Value) (Value, error) { return element(in, a, 0) }

func last(in *Input, a Value) (Value, error) {
	if a.Kind != List {
		return Value{}, errOverload
	}
	return element(in, a, a.length()-1)
}

func element(in *Input, a Value, i int) (Value, error) {
	if a.Kind != List {
		return Value{}, errOverload
	}
	v, ok, err := in.lookup(a, IntValue(int64(i)))
	if !ok || err != nil {
		return Value{}, err
	}
	return someValue(v), nil
}
