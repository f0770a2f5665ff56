package pattern

import (
	"maps"
	"slices"
	"strings"
)

// A naiveLeaf is a scalar of an event.
type naiveLeaf struct {
	value    naiveValue
	elements naiveElements
}

// naiveElements are elements of an event's arrays, one of each array: by the
// number of the array, the index.
type naiveElements map[int]int

// naiveLeaves returns the scalars of an event by their paths. A dot in a name is
// the same as a step down. Arrays are no steps; a name that comes twice gives
// the leaves of both.
func naiveLeaves(event naiveValue) map[string][]naiveLeaf {
	leaves, arrays := map[string][]naiveLeaf{}, 0
	var walk func(v naiveValue, path []string, in naiveElements)
	walk = func(v naiveValue, path []string, in naiveElements) {
		switch v.kind {
		case naiveObject:
			for _, m := range v.members {
				walk(m.value, append(slices.Clone(path), m.name), in)
			}
		case naiveArray:
			arrays++
			array := arrays
			for i, element := range v.elements {
				inner := in
				// A scalar in an array is no member of it: any two go together.
				if element.kind == naiveArray || element.kind == naiveObject {
					inner = maps.Clone(in)
					inner[array] = i
				}
				walk(element, path, inner)
			}
		default:
			at := strings.Join(path, ".")
			leaves[at] = append(leaves[at], naiveLeaf{v, in})
		}
	}
	walk(event, nil, naiveElements{})
	return leaves
}

// matches reports whether every field of r holds, all of them in the same
// element of each array. The fields choose in the order of their paths.
func (r naiveRule) matches(leaves map[string][]naiveLeaf) bool {
	return r.holds(slices.Sorted(maps.Keys(r)), leaves, naiveElements{})
}

// holds reports whether the fields at paths can hold, given the elements that
// the fields before them have chosen.
func (r naiveRule) holds(paths []string, leaves map[string][]naiveLeaf, chosen naiveElements) bool {
	if len(paths) == 0 {
		return true
	}
	field, absent := r[paths[0]], true
	for _, leaf := range leaves[paths[0]] {
		if !chosen.consistent(leaf.elements) {
			continue
		}
		absent = false
		if field.meets(leaf.value) && r.holds(paths[1:], leaves, chosen.with(leaf.elements)) {
			return true
		}
	}
	return absent && field.absent && r.holds(paths[1:], leaves, chosen)
}

func (f naiveField) meets(leaf naiveValue) bool {
	return slices.ContainsFunc(f.tests, func(test naiveTest) bool { return test(leaf) })
}

// consistent reports whether e and other do not lie in different elements of one
// array.
func (e naiveElements) consistent(other naiveElements) bool {
	for array, index := range other {
		if mine, ok := e[array]; ok && mine != index {
			return false
		}
	}
	return true
}

func (e naiveElements) with(other naiveElements) naiveElements {
	both := maps.Clone(e)
	maps.Copy(both, other)
	return both
}
