package compile

import "github.com/taskbridge/taskbridge/internal/diag"

// Places returns what finds the places of event patterns in the mapping in
// source, which must be one that [Compile] gives a plan for. Its arguments are
// the index of a rule in the plan and a path in the rule's match, as a
// pattern.Predicate has it; without a path it is the place of the rule's name.
func Places(file string, source []byte) func(rule int, path []string) diag.Pos {
	c := newCompiler(file, source)
	var rules []*node
	if root := c.parse(); root != nil {
		if list := root.member("rules"); list != nil {
			rules = list.items
		}
	}
	return func(rule int, path []string) diag.Pos {
		if rule >= len(rules) {
			return diag.Pos{}
		}
		at := "name"
		if len(path) > 0 {
			at = "match"
		}
		n := rules[rule].member(at)
		if n == nil {
			return rules[rule].pos
		}
		pos, _ := n.place(path)
		return pos
	}
}
