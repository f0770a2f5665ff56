package expr

import (
	"math"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// length is the number of elements of a list or of keys of a map.
func (v Value) length() int {
	switch {
	case v.Kind == Map:
		keys, _ := v.entries()
		return len(keys)
	case v.box() != nil:
		return len(v.box().list)
	}
	n := 0
	for it := scan.Elements(v.raw()); it.Next(); {
		n++
	}
	return n
}

// elements returns the elements of a list, for which the evaluation pays.
func (in *Input) elements(v Value) ([]Value, error) {
	if err := in.spendText(len(v.str())); err != nil {
		return nil, err
	}
	elements := v.list()
	return elements, in.spend(len(elements))
}

// entries returns the keys and values of a map, for which the evaluation pays.
func (in *Input) entries(v Value) (keys, values []Value, err error) {
	if err := in.spendText(len(v.str())); err != nil {
		return nil, nil, err
	}
	keys, values = v.entries()
	return keys, values, in.spend(len(keys))
}

// lookup returns the value in the list or map v at key.
func (in *Input) lookup(v, key Value) (found Value, ok bool, err error) {
	if err := in.spendText(len(v.str())); err != nil {
		return Value{}, false, err
	}
	switch v.Kind {
	case Map:
		found, ok = v.find(key)
	case List:
		if i, isIndex := key.index(); isIndex {
			found, ok = v.at(i)
		}
	}
	return found, ok, nil
}

// index is the key of a list's element: a whole number of any kind.
func (v Value) index() (int64, bool) {
	switch v.Kind {
	case Int:
		return v.int(), true
	case Uint:
		return int64(v.n), v.n <= math.MaxInt64
	case Double:
		return wholeInt(v.float())
	}
	return 0, false
}

func (v Value) at(i int64) (Value, bool) {
	if v.box() != nil {
		if i < 0 || i >= int64(len(v.box().list)) {
			return Value{}, false
		}
		return v.box().list[i], true
	}
	for it := scan.Elements(v.raw()); it.Next(); i-- {
		if i == 0 {
			return FromJSON(it.Value()), true
		}
	}
	return Value{}, false
}

// find returns the value of key in the map v. A number finds a key of another
// kind of number that it equals, after one of its own kind.
func (v Value) find(key Value) (Value, bool) {
	if v.box() == nil {
		if key.Kind != StringKind {
			return Value{}, false
		}
		found := scan.Member(v.raw(), key.str())
		return FromJSON(found), found.Kind != scan.Missing
	}
	if found, ok := v.box().find(key); ok {
		return found, true
	}
	switch key.Kind {
	case Double:
		if i, ok := wholeInt(key.float()); ok {
			if found, ok := v.box().find(IntValue(i)); ok {
				return found, true
			}
		}
		if u, ok := wholeUint(key.float()); ok {
			return v.box().find(UintValue(u))
		}
	case Int:
		if key.int() >= 0 {
			return v.box().find(UintValue(key.n))
		}
	case Uint:
		if key.n <= math.MaxInt64 {
			return v.box().find(IntValue(int64(key.n)))
		}
	}
	return Value{}, false
}

// find is an exact search among the sorted keys.
func (b *box) find(key Value) (Value, bool) {
	if !isKey(key) {
		return Value{}, false
	}
	i, ok := slices.BinarySearchFunc(b.keys, key, compareKeys)
	if !ok {
		return Value{}, false
	}
	return b.list[i], true
}

// isKey reports whether v is of a kind that keys of maps may have.
func isKey(v Value) bool {
	return v.Kind == StringKind || v.Kind == Int || v.Kind == Uint || v.Kind == Bool
}

// compareKeys orders keys by their kind and then by their value.
func compareKeys(a, b Value) int {
	switch {
	case a.Kind != b.Kind:
		return int(a.Kind) - int(b.Kind)
	case a.Kind == StringKind:
		return strings.Compare(a.str(), b.str())
	case a.Kind == Int:
		return compareNumbers(a.int(), b.int())
	}
	return compareNumbers(a.n, b.n)
}

// makeMap is the map of pairs, which are keys and values in turn. Of two equal
// keys the last counts. A key of another kind than isKey has is refused.
func makeMap(pairs []Value) (Value, error) {
	type entry struct{ key, value Value }
	entries := make([]entry, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		if !isKey(pairs[i]) {
			return Value{}, errorf("a key of a map is a string, int, uint or bool, not %s", pairs[i].Kind.article())
		}
		entries = append(entries, entry{pairs[i], pairs[i+1]})
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return compareKeys(a.key, b.key) })
	keys, values := make([]Value, 0, len(entries)), make([]Value, 0, len(entries))
	for i, e := range entries {
		if i+1 < len(entries) && compareKeys(entries[i+1].key, e.key) == 0 {
			continue
		}
		keys, values = append(keys, e.key), append(values, e.value)
	}
	return mapValue(keys, values), nil
}

// contains is the operator in.
func contains(in *Input, key, container Value) (Value, error) {
	switch container.Kind {
	case Map:
		_, ok, err := in.lookup(container, key)
		return BoolValue(ok), err
	case List:
		elements, err := in.elements(container)
		if err != nil {
			return Value{}, err
		}
		for _, e := range elements {
			same, err := in.equal(key, e)
			if same || err != nil {
				return BoolValue(same), err
			}
		}
		return BoolValue(false), nil
	}
	return Value{}, errOverload
}

func size(in *Input, v Value) (Value, error) {
	switch v.Kind {
	case StringKind:
		return IntValue(int64(runeCount(v.str()))), in.spendText(len(v.str()))
	case Bytes:
		return IntValue(int64(len(v.str()))), nil
	case List, Map:
		return IntValue(int64(v.length())), in.spendText(len(v.str()))
	}
	return Value{}, errOverload
}
