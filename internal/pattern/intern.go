package pattern

import (
	"bytes"
	"hash/maphash"
)

// pathNode is a field that some pattern tests, or one above it.
type pathNode struct {
	path     string // names joined with dots
	slot     int32  // of its leaves, or -1
	children []*pathNode
	names    []string // of children
	index    map[string]*pathNode

	// The list that was read here last, which the next pattern often has too.
	last          []byte
	lastCondition int32

	first, next follower // the member inside that came first, the one that came next
}

// follower is a member of an earlier pattern: the patterns of a mapping resemble
// each other, and to compare is faster than to read.
type follower struct {
	above   *pathNode // what it is a member of
	written []byte    // its name with the colon
	node    *pathNode
}

// linearChildren is how many names are compared one by one before a map is
// faster.
const linearChildren = 8

// reach returns the node that name leads to from n. A dot in a name is a step.
func (n *pathNode) reach(name []byte, top bool) *pathNode {
	for {
		step, rest, more := bytes.Cut(name, []byte{'.'})
		n = n.child(step, top)
		if !more {
			return n
		}
		name, top = rest, false
	}
}

func (n *pathNode) child(name []byte, top bool) *pathNode {
	if n.index != nil {
		if c := n.index[string(name)]; c != nil {
			return c
		}
	} else {
		for i, known := range n.names {
			if known == string(name) {
				return n.children[i]
			}
		}
	}
	c := &pathNode{path: string(name), slot: -1}
	n.names = append(n.names, c.path)
	n.children = append(n.children, c)
	if n.index != nil {
		n.index[c.path] = c
	} else if len(n.names) > linearChildren {
		n.index = make(map[string]*pathNode)
		for i, known := range n.names {
			n.index[known] = n.children[i]
		}
	}
	if !top {
		c.path = n.path + "." + c.path
	}
	return c
}

// table finds a condition that is already known by its slot and its list as
// written: a hash table with open addressing.
type table struct {
	seed   maphash.Seed
	ids    []int32  // condition + 1; 0 for none
	hashes []uint64 // by condition
	lists  [][]byte
	slots  []int32
}

func newTable(n int) *table {
	size := 16
	for size < 2*n {
		size *= 2
	}
	return &table{seed: maphash.MakeSeed(), ids: make([]int32, size), hashes: make([]uint64, 0, n), lists: make([][]byte, 0, n), slots: make([]int32, 0, n)}
}

func (t *table) hash(slot int32, list []byte) uint64 {
	return maphash.Bytes(t.seed, list) + uint64(slot)*0x9e3779b97f4a7c15
}

// find returns the condition, or -1.
func (t *table) find(hash uint64, slot int32, list []byte) int32 {
	for at := hash % uint64(len(t.ids)); t.ids[at] != 0; at = (at + 1) % uint64(len(t.ids)) {
		id := t.ids[at] - 1
		if t.hashes[id] == hash && t.slots[id] == slot && bytes.Equal(t.lists[id], list) {
			return id
		}
	}
	return -1
}

// add enters the next condition.
func (t *table) add(hash uint64, slot int32, list []byte) {
	t.hashes, t.lists, t.slots = append(t.hashes, hash), append(t.lists, list), append(t.slots, slot)
	if 2*len(t.hashes) <= len(t.ids) {
		t.put(int32(len(t.hashes)))
		return
	}
	t.ids = make([]int32, 2*len(t.ids))
	for id := range t.hashes {
		t.put(int32(id + 1))
	}
}

func (t *table) put(id int32) {
	at := t.hashes[id-1] % uint64(len(t.ids))
	for t.ids[at] != 0 {
		at = (at + 1) % uint64(len(t.ids))
	}
	t.ids[at] = id
}
