package expr

import (
	"fmt"
	"strings"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// path binds what reads a value at a path. Of the event's path, the names up to
// the first index are a slot of the scan; from there on, the value is walked.
func (b *binder) path(n *Node) (*Program, error) {
	if n.Optional > len(n.Path) {
		return nil, fmt.Errorf("optional step %d of a path of %d", n.Optional, len(n.Path))
	}
	r := &reader{node: n, steps: make([]step, len(n.Path)), optional: len(n.Path)}
	if n.Optional > 0 {
		r.optional = n.Optional - 1
	}
	p := &Program{size: 1, reads: n.Op == OpEvent || n.Op == OpItem}
	for i, s := range n.Path {
		if err := r.steps[i].bind(b, s); err != nil {
			return nil, err
		}
		if key := r.steps[i].key; key != nil {
			p.reads, p.vars, p.size = p.reads || key.reads, p.vars|key.vars, p.size+key.size
		}
	}
	switch n.Op {
	case OpEvent:
		r.slots = slots(b.paths, n)
		p.eval = r.event
	case OpItem:
		p.eval = func(in *Input) (Value, error) { return r.walk(in, in.Item, 0) }
	case OpVar:
		if n.Depth >= b.depth {
			return nil, fmt.Errorf("variable %d outside of its macro", n.Depth)
		}
		p.vars |= 1 << n.Depth
		p.eval = func(in *Input) (Value, error) { return r.walk(in, in.vars[n.Depth], 0) }
		if len(n.Path) == 0 {
			p.eval = func(in *Input) (Value, error) { return in.vars[n.Depth], nil }
		}
	case OpGet:
		args, err := b.args(n.Args)
		if err != nil {
			return nil, err
		}
		if len(args) != 1 {
			return nil, unsupported(n)
		}
		with := combined(args)
		p.reads, p.vars, p.size = p.reads || with.reads, p.vars|with.vars, p.size+with.size
		p.eval = func(in *Input) (Value, error) {
			v, err := args[0].eval(in)
			if err != nil {
				return Value{}, err
			}
			return r.walk(in, v, 0)
		}
	}
	return p.folded(), nil
}

// slots registers the event, and the value at each prefix of the path's leading
// names: they tell what is there when the value is not.
func slots(paths Paths, n *Node) []int {
	names, _ := n.EventPath()
	slots := make([]int, len(names)+1)
	for i := range slots {
		slots[i] = paths.Value(names[:i]...)
	}
	return slots
}

// reader reads the value at a path.
type reader struct {
	node     *Node
	steps    []step
	optional int   // the first step that may be missing
	slots    []int // of the event and of each prefix of its leading names
}

// step is a Step whose key, if it is computed, is ready to run.
type step struct {
	key   *Program // of a computed key
	value Value    // of the key otherwise
}

func (s *step) bind(b *binder, from Step) error {
	switch {
	case from.Key != nil:
		key, err := b.bind(from.Key)
		if err != nil {
			return err
		}
		s.key = key
	case from.Name != nil:
		s.value = String(*from.Name)
	default:
		s.value = IntValue(from.Index)
	}
	return nil
}

func (r *reader) event(in *Input) (Value, error) {
	last := len(r.slots) - 1
	v := in.Doc.Value(r.slots[last])
	if v.Kind == scan.Missing {
		return r.missing(in.Doc)
	}
	if last == len(r.steps) {
		if r.optional < last {
			return someValue(FromJSON(v)), nil
		}
		return FromJSON(v), nil
	}
	if r.optional < last {
		return r.walk(in, someValue(FromJSON(v)), last)
	}
	return r.walk(in, FromJSON(v), last)
}

// missing finds the first name that is not there and decides whether that is an
// error.
func (r *reader) missing(d *scan.Doc) (Value, error) {
	for i, slot := range r.slots[1:] {
		if d.Value(slot).Kind != scan.Missing {
			continue
		}
		container := FromJSON(d.Value(r.slots[i]))
		if container.Kind == Map && i >= r.optional {
			return Value{}, nil
		}
		return Value{}, r.noSuch(i, container, r.steps[i].value)
	}
	return Value{}, r.noSuch(0, FromJSON(d.Value(r.slots[0])), r.steps[0].value)
}

// walk follows the path from step i on, starting at v. Behind an optional all
// is optional, and the result too.
func (r *reader) walk(in *Input, v Value, i int) (Value, error) {
	optional := v.Kind == Optional
	if optional {
		inner, ok := v.unwrap()
		if !ok {
			return v, nil
		}
		v = inner
	}
	for ; i < len(r.steps); i++ {
		key := r.steps[i].value
		if program := r.steps[i].key; program != nil {
			var err error
			if key, err = program.eval(in); err != nil {
				return Value{}, err
			}
		}
		optional = optional || i >= r.optional
		next, found, err := in.lookup(v, key)
		if err != nil {
			return Value{}, err
		}
		if !found {
			if optional && mayMiss(v, key) {
				return Value{}, nil
			}
			return Value{}, r.noSuch(i, v, key)
		}
		v = next
	}
	if optional {
		return someValue(v), nil
	}
	return v, nil
}

// mayMiss reports whether v is of a kind that can have key, so that an optional
// step finds nothing instead of failing.
func mayMiss(v, key Value) bool {
	switch v.Kind {
	case Map:
		return key.Kind == StringKind || key.Kind == Int || key.Kind == Uint || key.Kind == Double || key.Kind == Bool
	case List:
		_, ok := key.index()
		return ok
	}
	return false
}

// noSuch says what v, where step i of the path leads from, has instead of key.
func (r *reader) noSuch(i int, v, key Value) error {
	ref, at := "", "it"
	if root := r.node.Op; root != OpGet {
		if root == OpVar {
			root = r.node.Name
		}
		ref = pathText(root, r.node.Path[:i+1])
		at = "the event"
		if i > 0 || root != OpEvent {
			at = pathText(root, r.node.Path[:i])
		}
	} else if key.Kind == StringKind {
		ref = quoted(key.str())
	}
	return &Error{Ref: ref, Msg: why(strings.TrimPrefix(at, "event."), v, key)}
}

func why(at string, v, key Value) string {
	switch {
	case v.Kind == Map && mayMiss(v, key):
		return fmt.Sprintf("no such field; %s has %s", at, fieldNames(v))
	case v.Kind == Map:
		return fmt.Sprintf("%s is no key", key.Kind.article())
	case v.Kind == List && mayMiss(v, key):
		return fmt.Sprintf("no such element; %s has %d", at, v.length())
	case v.Kind == List:
		return fmt.Sprintf("%s is no index of a list", key.Kind.article())
	}
	return fmt.Sprintf("no such field; %s is %s, not an object or list", at, v.Kind.article())
}
