package pattern

import (
	"bytes"
	"cmp"
	"slices"
)

// ranges finds which of many ranges of numbers hold a number: a binary search
// tree by the ranges' lower ends, laid out in a slice, where each node knows the
// highest upper end at and below it.
type ranges struct {
	items []rangeItem
	tops  []uint64 // by the middle of each part of items
}

type rangeItem struct {
	bound
	condition int32
}

func (r *ranges) add(b bound, condition int32) { r.items = append(r.items, rangeItem{b, condition}) }

func (r *ranges) finish() {
	slices.SortFunc(r.items, func(a, b rangeItem) int { return cmp.Compare(a.low, b.low) })
	r.tops = make([]uint64, len(r.items))
	r.top(0, len(r.items))
}

func (r *ranges) top(low, high int) uint64 {
	if low >= high {
		return 0
	}
	mid := (low + high) / 2
	r.tops[mid] = max(r.items[mid].high, r.top(low, mid), r.top(mid+1, high))
	return r.tops[mid]
}

// visit looks at the conditions of the ranges from low to high of items that
// hold n.
func (r *ranges) visit(s *State, low, high int, n uint64, l *leaf) {
	for low < high {
		mid := (low + high) / 2
		if r.tops[mid] < n {
			return
		}
		r.visit(s, low, mid, n, l)
		item := &r.items[mid]
		if item.low > n {
			return
		}
		if n <= item.high {
			s.hit(item.condition, l)
		}
		low = mid + 1
	}
}

// nets finds which of many blocks of addresses hold an address. Two blocks are
// either disjoint or one lies in the other, so the blocks that hold an address
// are the last one that starts before it, or lie around that one.
type nets struct {
	blocks []net
	heads  []int32 // of lists of links; until finish, conditions
	parent []int32 // the smallest block around it, or -1
}

func (n *nets) add(block net, condition int32) {
	n.blocks = append(n.blocks, block)
	n.heads = append(n.heads, condition)
}

func (n *nets) finish(b *indexer) {
	order := make([]int32, len(n.blocks))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(i, j int32) int {
		x, y := &n.blocks[i], &n.blocks[j]
		return cmp.Or(bytes.Compare(x.low[:], y.low[:]), bytes.Compare(y.high[:], x.high[:]))
	})
	var sorted nets
	for _, i := range order {
		if last := len(sorted.blocks) - 1; last < 0 || sorted.blocks[last] != n.blocks[i] {
			sorted.add(n.blocks[i], 0)
		}
		b.link(&sorted.heads[len(sorted.heads)-1], n.heads[i], -1)
	}
	sorted.parent = make([]int32, len(sorted.blocks))
	for i := range sorted.blocks {
		p := int32(i - 1)
		for p >= 0 && bytes.Compare(sorted.blocks[p].high[:], sorted.blocks[i].high[:]) < 0 {
			p = sorted.parent[p]
		}
		sorted.parent[i] = p
	}
	*n = sorted
}

// visit looks at the conditions of the blocks that hold a.
func (n *nets) visit(s *State, a *addr, l *leaf) {
	i, found := slices.BinarySearchFunc(n.blocks, a, func(b net, a *addr) int { return bytes.Compare(b.low[:], a[:]) })
	if !found {
		i--
	} else {
		// The smallest of the blocks that start at a comes last.
		for i+1 < len(n.blocks) && n.blocks[i+1].low == *a {
			i++
		}
	}
	for j := int32(i); j >= 0; j = n.parent[j] {
		if n.blocks[j].has(a) {
			s.visit(n.heads[j], l)
		}
	}
}
