package expr

import (
	"slices"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// An Outcome is one value that an expression can yield.
type Outcome struct {
	// Value is the value, if the outcome does not depend on the environment.
	Value Value
	// Text is otherwise the text that the value is, as far as that is known: in
	// order, constants and the variables that stand between them. It is nil where a
	// variable goes through a function, as in env.SUBNETS.split(",").
	Text []Part
	// Env is the environment variables that the value depends on.
	Env []string
}

// A Part of a text is a constant or, if Env is set, a variable's value.
type Part struct {
	Text string `json:"text,omitempty"`
	Env  string `json:"env,omitempty"`
}

// maxOutcomes bounds what is enumerated; people list a handful.
const maxOutcomes = 256

// Outcomes returns the values that n can yield, whatever the event; ok is false
// if the event's data can become the value or part of it, or if there are more
// than 256. The event may choose between them: by a condition, by a key into a
// constant map, by its absence.
func (n *Node) Outcomes() (outcomes []Outcome, ok bool) {
	all, ok := n.outcomes()
	if !ok {
		return nil, false
	}
	for _, o := range all {
		if !contain(outcomes, o) {
			outcomes = append(outcomes, o)
		}
	}
	return outcomes, true
}

func contain(list []Outcome, o Outcome) bool {
	for _, other := range list {
		if len(o.Env) > 0 || len(other.Env) > 0 {
			if sameText(o, other) {
				return true
			}
			continue
		}
		if same, err := unbounded().equal(o.Value, other.Value); same && err == nil && o.Value.Kind == other.Value.Kind {
			return true
		}
	}
	return false
}

func unbounded() *Input { return &Input{steps: MaxSteps} }

func sameText(a, b Outcome) bool { return a.Text != nil && slices.Equal(a.Text, b.Text) }

func (n *Node) outcomes() ([]Outcome, bool) {
	if name := n.EnvName(); name != "" {
		return []Outcome{{Text: []Part{{Env: name}}, Env: []string{name}}}, true
	}
	env := n.env()
	if !n.Reads() && len(env) == 0 {
		return n.computed()
	}
	switch n.Op {
	case "?:":
		return union(n.Args[1:])
	case "orValue", "or":
		return n.fallbacks()
	case OpGet:
		return n.chosen()
	case "==", "!=", "<", "<=", ">", ">=", "in", "!", "&&", "||", "hasValue", "contains", "startsWith", "endsWith", "matches",
		"all", "exists", "exists_one":
		return []Outcome{{Value: BoolValue(false)}, {Value: BoolValue(true)}}, true
	case OpEvent, OpItem, OpIndex:
		return nil, false
	}
	if outcomes, ok := n.applied(); ok || n.Reads() {
		return outcomes, ok
	}
	return []Outcome{{Env: env}}, true
}

func union(nodes []*Node) ([]Outcome, bool) {
	var all []Outcome
	for _, n := range nodes {
		outcomes, ok := n.outcomes()
		if all = append(all, outcomes...); !ok || len(all) > maxOutcomes {
			return nil, false
		}
	}
	return all, true
}

// fallbacks are the outcomes of x.orValue(y) and x.or(y).
func (n *Node) fallbacks() ([]Outcome, bool) {
	optional, ok := n.Args[0].outcomes()
	if !ok {
		return nil, false
	}
	var all []Outcome
	for _, o := range optional {
		if len(o.Env) == 0 && n.Op == "orValue" {
			inner, ok := o.Value.Unwrap()
			if !ok {
				continue
			}
			o.Value = inner
		}
		all = append(all, o)
	}
	others, ok := n.Args[1].outcomes()
	return append(all, others...), ok && len(all)+len(others) <= maxOutcomes
}

// chosen are the outcomes of a lookup in a list or map whose elements are known:
// the event may choose which.
func (n *Node) chosen() ([]Outcome, bool) {
	from := n.Args[0]
	if len(n.Path) != 1 || n.Path[0].Key == nil || from.Op != OpList && from.Op != OpMap {
		return n.applied()
	}
	values := from.Args
	if from.Op == OpMap {
		values = nil
		for i := 1; i < len(from.Args); i += 2 {
			values = append(values, from.Args[i])
		}
	}
	all, ok := union(values)
	if !ok || n.Optional == 0 {
		return all, ok
	}
	for i := range all {
		if len(all[i].Env) == 0 {
			all[i].Value = someValue(all[i].Value)
		}
	}
	return append(all, Outcome{}), true
}

// computed are the outcomes of an operation that reads neither the event nor the
// environment.
func (n *Node) computed() ([]Outcome, bool) {
	if n.Uses(OpRule) {
		return nil, false
	}
	p, err := n.Bind(&scan.Paths{}, Scope{})
	if err != nil {
		return nil, false
	}
	v, err := p.Eval(nil)
	if err != nil {
		return nil, true // it never gives a value
	}
	return []Outcome{{Value: v}}, true
}

// env are the variables of the environment that n reads.
func (n *Node) env() []string {
	var names []string
	n.Walk(func(n *Node) {
		if name := n.EnvName(); name != "" {
			names = append(names, name)
		}
	})
	return names
}

// applied are the outcomes of an operation on arguments that each have a known
// set of them.
func (n *Node) applied() ([]Outcome, bool) {
	if declares(n.Op) || slices.ContainsFunc(n.Path, func(s Step) bool { return s.Key != nil }) {
		return nil, false
	}
	combinations := [][]Outcome{nil}
	for _, a := range n.Args {
		outcomes, ok := a.outcomes()
		if !ok || len(combinations)*len(outcomes) > maxOutcomes {
			return nil, false
		}
		var next [][]Outcome
		for _, c := range combinations {
			for _, o := range outcomes {
				next = append(next, append(c[:len(c):len(c)], o))
			}
		}
		combinations = next
	}
	var all []Outcome
	for _, c := range combinations {
		if o, ok := n.apply(c); ok {
			all = append(all, o)
		}
	}
	return all, true
}

// apply is the outcome for one combination of arguments; ok is false if it is
// an error.
func (n *Node) apply(args []Outcome) (Outcome, bool) {
	var o Outcome
	texts := n.Op == OpConcat || n.Op == "+"
	nodes := make([]*Node, len(args))
	for i, a := range args {
		nodes[i] = Const(a.Value)
		o.Env = append(o.Env, a.Env...)
		if text, ok := a.Value.Text(); len(a.Env) == 0 && ok {
			o.Text = append(o.Text, Part{Text: text})
		} else {
			o.Text = append(o.Text, a.Text...)
			texts = texts && a.Text != nil
		}
	}
	if len(o.Env) > 0 {
		if !texts {
			o.Text = nil
		}
		return o, true
	}
	p, err := (&Node{Op: n.Op, Path: n.Path, Optional: n.Optional, Name: n.Name, Args: nodes}).Bind(&scan.Paths{}, Scope{})
	if err != nil {
		return Outcome{}, false
	}
	v, err := p.Eval(nil)
	return Outcome{Value: v}, err == nil
}

// Under is n for one launch of forEach: what reads the element or its index reads
// these values instead.
func (n *Node) Under(item Value, index int) *Node {
	return n.replaced(func(n *Node) {
		switch n.Op {
		case OpItem:
			n.Op, n.Args = OpGet, []*Node{Const(item)}
		case OpIndex:
			*n = *Const(IntValue(int64(index)))
		}
	})
}

// Given is n for events that have the value v at a path of names.
func (n *Node) Given(path []string, v Value) *Node {
	return n.replaced(func(n *Node) {
		names, ok := n.EventPath()
		switch {
		case !ok || len(names) != len(n.Path) || !slices.Equal(names, path):
		case n.Optional > 0:
			*n = *Const(someValue(v))
		default:
			*n = *Const(v)
		}
	})
}

// replaced is a copy of n in which f may change each node, the innermost first.
func (n *Node) replaced(f func(*Node)) *Node {
	made := *n
	made.Args = make([]*Node, len(n.Args))
	for i, a := range n.Args {
		made.Args[i] = a.replaced(f)
	}
	made.Path = make([]Step, len(n.Path))
	for i, s := range n.Path {
		if made.Path[i] = s; s.Key != nil {
			made.Path[i].Key = s.Key.replaced(f)
		}
	}
	f(&made)
	return &made
}
