package compile

import (
	"reflect"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/task"
)

// Places returns what finds the places of event patterns in the mapping in
// source, which must be one that [Compile] gives a plan for. Its arguments are
// the index of a rule in the plan and a path in the rule's match, as a
// pattern.Predicate has it; without a path it is the place of the rule's name.
func Places(file string, source []byte) func(rule int, path []string) diag.Pos {
	root := newCompiler(file, source).parse()
	rules := root.rules()
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

// rules are those of a mapping, which may be nil.
func (n *node) rules() []*node {
	if n == nil {
		return nil
	}
	list := n.member("rules")
	if list == nil {
		return nil
	}
	return list.items
}

// FieldPlaces returns what finds the fields of requests in the mapping in source,
// which must be one that [Options.Compile] gives a plan for. Its arguments are the
// index of a rule in the plan and the path of a field, as a task.LimitError has it.
// The place is that of the value in the rule or in the defaults, with its width in
// characters; of a field that neither has, of the nearest around it that one has.
func (o Options) FieldPlaces(file string, source []byte) func(rule int, field string) (at diag.Pos, width int) {
	c := newCompiler(file, source)
	c.options = o
	root := c.parse()
	rules := root.rules()
	if len(rules) > 0 {
		c.declare(root.member("params"))
	}
	built := map[int]*templateBuilder{}
	return func(rule int, field string) (diag.Pos, int) {
		if rule >= len(rules) || rules[rule].member("task") == nil {
			return diag.Pos{}, 0
		}
		own := rules[rule].member("task")
		b := built[rule]
		if b == nil {
			if defaults := root.member("defaults"); defaults != nil {
				own = merge(defaults, own)
			}
			b = c.builder(scope{})
			b.build(own, reflect.TypeFor[task.Request](), "") // for the places alone: what is wrong was found by Compile
			built[rule] = b
		}
		n := b.nearest(own, field)
		return n.pos, n.width
	}
}
