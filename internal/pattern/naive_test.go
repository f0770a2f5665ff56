package pattern

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The naive evaluator is the specification of event patterns, written to be read
// and to judge the package: it shares no code with it and takes all the time it
// likes. It says what AWS's event-ruler does, but for the reference's accidents,
// which naive_cases_test.go names.

// naiveMatch reports whether event matches pattern. An error means that the
// pattern is invalid. An event that is no JSON object matches nothing.
func naiveMatch(pattern, event string) (bool, error) {
	rules, err := naiveCompile(pattern)
	if err != nil {
		return false, err
	}
	v, err := naiveRead(event)
	if err != nil || v.kind != naiveObject {
		return false, nil
	}
	leaves := naiveLeaves(v)
	return slices.ContainsFunc(rules, func(r naiveRule) bool { return r.matches(leaves) }), nil
}

// A naiveRule is fields that must all hold, by their paths: a pattern, or one of
// the alternatives that a pattern's $or gives.
type naiveRule map[string]naiveField

// A naiveField holds if one of its tests does, for one of the leaves at its path.
type naiveField struct {
	tests  []naiveTest
	absent bool // it also holds if there is no leaf
}

// A naiveTest reports whether a leaf, a scalar of an event, is as an entry of a
// field's list asks for.
type naiveTest func(leaf naiveValue) bool

const (
	naiveMaxRules  = 1000
	naiveMaxFields = 256
)

// naiveCompile reads a pattern into rules of which one must match.
func naiveCompile(pattern string) ([]naiveRule, error) {
	v, err := naiveRead(pattern)
	if err != nil {
		return nil, err
	}
	rules, err := naiveObjectRules([]naiveRule{{}}, nil, v, false)
	if err != nil {
		return nil, err
	}
	for _, r := range rules {
		if len(r) > naiveMaxFields {
			return nil, errors.New("too many fields")
		}
	}
	return rules, nil
}

// naiveObjectRules adds what the object v at path asks for to each of rules. Of
// two members for one path the last counts, wherever they stand: the members
// take effect in the order of the document.
func naiveObjectRules(rules []naiveRule, path []string, v naiveValue, inOr bool) ([]naiveRule, error) {
	if v.kind != naiveObject || len(v.members) == 0 {
		return nil, errors.New("expected an object that is not empty")
	}
	for _, m := range v.members {
		inner := append(slices.Clone(path), m.name)
		var err error
		switch {
		case m.name == "$or":
			rules, err = naiveOrRules(rules, path, m.value)
		case inOr && slices.Contains(naiveReserved, m.name):
			err = fmt.Errorf("%q cannot be a field's name inside $or", m.name)
		case m.value.kind == naiveArray:
			var field naiveField
			field, err = naiveReadField(m.value)
			for _, r := range rules {
				r[strings.Join(inner, ".")] = field
			}
		default:
			rules, err = naiveObjectRules(rules, inner, m.value, inOr)
		}
		if err != nil {
			return nil, err
		}
	}
	return rules, nil
}

// naiveOrRules gives, for each branch of $or, each of the rules so far with the
// branch added to it.
func naiveOrRules(rules []naiveRule, path []string, v naiveValue) ([]naiveRule, error) {
	if v.kind != naiveArray || len(v.elements) < 2 {
		return nil, errors.New("$or takes a list of at least two objects")
	}
	var all []naiveRule
	for _, branch := range v.elements {
		var copies []naiveRule
		for _, r := range rules {
			copies = append(copies, maps.Clone(r))
		}
		copies, err := naiveObjectRules(copies, path, branch, true)
		if err != nil {
			return nil, err
		}
		if all = append(all, copies...); len(all) > naiveMaxRules {
			return nil, errors.New("too many combinations")
		}
	}
	return all, nil
}

// naiveReserved are operators, present and future ones: inside $or they cannot
// be the names of fields.
var naiveReserved = strings.Fields(`exactly equals-ignore-case prefix suffix anything-but exists wildcard numeric cidr
	= < <= > >= regex not-wildcard not-equals-ignore-case date-after date-on-or-after date-before date-on-or-before
	in-date-range ip-address-in-range ip-address-not-in-range`)

// naiveReadField reads the list of a field.
func naiveReadField(list naiveValue) (naiveField, error) {
	var f naiveField
	for _, entry := range list.elements {
		test, err := naiveEntry(entry)
		if err != nil {
			return f, err
		}
		f.tests = append(f.tests, test)
		f.absent = f.absent || naiveIsAbsent(entry)
	}
	if len(f.tests) == 0 {
		return f, errors.New("a field's list is empty")
	}
	return f, nil
}

// naiveIsAbsent reports whether entry, a valid one, is {"exists": false}.
func naiveIsAbsent(entry naiveValue) bool {
	return entry.kind == naiveObject && entry.members[0].name == "exists" && entry.members[0].value.kind == naiveFalse
}
