package expr

import (
	"regexp"
	"sync"
)

// Most programs of a function never see the event that makes them match, so an
// expression of package regexp is compiled when it is first needed.

// pattern is a regular expression (RE2) that is compiled at its first use.
type pattern func() (*regexp.Regexp, error)

func newPattern(source string) pattern {
	return sync.OnceValues(func() (*regexp.Regexp, error) { return regexp.Compile(source) })
}

// search pays for a search in s, which is slower than other work on texts.
func (p pattern) search(in *Input, s string) (*regexp.Regexp, error) {
	re, err := p()
	if err != nil {
		return nil, errorf("the regular expression is wrong: %v", err)
	}
	return re, in.spend(len(s) / 16)
}

func (p pattern) matches(in *Input, a, _ Value) (Value, error) {
	if a.Kind != StringKind {
		return Value{}, errOverload
	}
	re, err := p.search(in, a.str())
	if err != nil {
		return Value{}, err
	}
	return BoolValue(re.MatchString(a.str())), nil
}

// extract is the first match, or what its one group matched, as an optional.
func (p pattern) extract(in *Input, a, _ Value) (Value, error) {
	re, group, err := p.extractor(in, a)
	if err != nil {
		return Value{}, err
	}
	m := re.FindStringSubmatchIndex(a.str())
	if m == nil || group == 1 && m[2] == m[3] {
		return Value{}, nil
	}
	a = a.with(a.str()[m[2*group]:m[2*group+1]])
	return someValue(a), nil
}

// extractAll is the list of all matches, or of what their one group matched.
func (p pattern) extractAll(in *Input, a, _ Value) (Value, error) {
	re, group, err := p.extractor(in, a)
	if err != nil {
		return Value{}, err
	}
	var found []Value
	for _, m := range re.FindAllStringSubmatchIndex(a.str(), in.steps+1) {
		if err := in.spend(1); err != nil {
			return Value{}, err
		}
		if group == 0 || m[2] != m[3] {
			part := a
			part = a.with(a.str()[m[2*group]:m[2*group+1]])
			found = append(found, part)
		}
	}
	return ListValue(found), nil
}

// extractor is the expression ready to go through a, with the group to extract:
// its only one, or 0 for the whole match.
func (p pattern) extractor(in *Input, a Value) (re *regexp.Regexp, group int, err error) {
	if a.Kind != StringKind {
		return nil, 0, errOverload
	}
	if re, err = p.search(in, a.str()); err != nil {
		return nil, 0, err
	}
	if group = re.NumSubexp(); group > 1 {
		return nil, 0, errorf("the regular expression has more than one group: write (?:…) for the others")
	}
	return re, group, nil
}
