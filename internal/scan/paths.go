package scan

import "strings"

// Paths is the set of paths that somebody wants to read. It is built once and
// then only read, by any number of concurrent scans.
//
// A path is wanted in one of two ways:
//
//   - [Paths.Value]: what an expression reads. Each step is one member name,
//     arrays are values, and of two members with one name the last counts, as
//     in encoding/json.
//   - [Paths.Leaves]: what a pattern tests. Arrays are transparent at any depth,
//     every scalar found counts, and a dot in a member's name is the same as a
//     step down, as EventBridge has it.
type Paths struct {
	root   node
	values int
	leaves int
}

// node is one step of a path.
type node struct {
	value    int    // slot + 1 of the value here; 0 if none is wanted here or below
	leaves   int    // slot + 1 of the leaves here
	below    bool   // leaves are wanted below here: arrays must be entered
	lengths  uint64 // of the names of children, a bit each, modulo 64
	starts   uint64 // of the names of children: their first bytes, a bit each, modulo 64; all bits if a name is empty
	children []child
	index    map[string]*node // children by name, once there are many
}

type child struct {
	name string
	node *node
}

// linearChildren is how many names are compared one by one before a map is
// faster.
const linearChildren = 8

// Value registers the value at path and returns its slot in [Doc.Value]. The
// same path gives the same slot. The empty path is the event itself.
func (p *Paths) Value(path ...string) int {
	return p.reach(path, false).value - 1
}

// Find is the slot of a path that [Paths.Value] has registered; ok is false if it
// has not. It changes nothing.
func (p *Paths) Find(path ...string) (slot int, ok bool) {
	n := &p.root
	for _, name := range path {
		if n = n.child(name); n == nil {
			return 0, false
		}
	}
	return n.value - 1, n.value > 0
}

// Leaves registers the leaves at path and returns their slot in [Doc.Leaves].
func (p *Paths) Leaves(path ...string) int {
	n := p.reach(strings.Split(strings.Join(path, "."), "."), true)
	if n.leaves == 0 {
		p.leaves++
		n.leaves = p.leaves
	}
	return n.leaves - 1
}

// reach returns the node at path, made if need be. Every node on the way to a
// wanted value has a slot too: that is how the scan knows that a member has come
// before.
func (p *Paths) reach(path []string, leaf bool) *node {
	n := &p.root
	for _, name := range path {
		p.mark(n, leaf)
		next := n.child(name)
		if next == nil {
			next = &node{}
			n.add(name, next)
		}
		n = next
	}
	if !leaf {
		p.mark(n, false)
	}
	return n
}

func (p *Paths) mark(n *node, leaf bool) {
	if leaf {
		n.below = true
	} else if n.value == 0 {
		p.values++
		n.value = p.values
	}
}

func (n *node) add(name string, c *node) {
	n.children = append(n.children, child{name, c})
	n.lengths |= 1 << (len(name) % 64)
	if name == "" {
		n.starts = ^uint64(0)
	} else {
		n.starts |= 1 << (name[0] % 64)
	}
	if n.index != nil {
		n.index[name] = c
	} else if len(n.children) > linearChildren {
		n.index = make(map[string]*node, len(n.children))
		for _, c := range n.children {
			n.index[c.name] = c.node
		}
	}
}

func (n *node) child(name string) *node {
	if n.index != nil {
		return n.index[name]
	}
	for i := range n.children {
		if n.children[i].name == name {
			return n.children[i].node
		}
	}
	return nil
}

// lookup is child for a name that is still bytes of the event; neither form of
// the conversion allocates.
func (n *node) lookup(name []byte) *node {
	if n.lengths>>(len(name)%64)&1 == 0 {
		return nil
	}
	if n.index != nil {
		return n.index[string(name)]
	}
	for i := range n.children {
		if n.children[i].name == string(name) {
			return n.children[i].node
		}
	}
	return nil
}
