package compile

import (
	"errors"
	"strconv"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/pattern"
	"github.com/taskbridge/taskbridge/internal/scan"
)

// pattern checks an event pattern and returns it as JSON.
func (c *compiler) pattern(n *node) []byte {
	text, err := n.json()
	if err != nil {
		c.at(n, pattern.CodeShape, "", "%v", err)
		return nil
	}
	_, err = pattern.Compile(&scan.Paths{}, text)
	for _, err := range diag.Unjoin(err) {
		var e *pattern.Error
		if !errors.As(err, &e) {
			c.at(n, pattern.CodeShape, "", "%v", err)
			continue
		}
		if n.at(e.Path).isUnknown() {
			continue // a value that is not given yet may be right
		}
		at, width := n.place(e.Path)
		c.add(at, width, e.Code, e.Hint, "%s", e.Msg)
	}
	return text
}

// place is where the value at a path of names and indexes stands; for a member
// that is no object of its own, where its key does.
func (n *node) place(path []string) (diag.Pos, int) {
	at, width := n.pos, n.width
	for _, name := range path {
		next, pos, w := n.step(name)
		if next == nil {
			break
		}
		n, at, width = next, pos, w
	}
	return at, width
}

// at is the value at a path, or as far along it as there is one.
func (n *node) at(path []string) *node {
	for _, name := range path {
		next, _, _ := n.step(name)
		if next == nil {
			break
		}
		n = next
	}
	return n
}

// step is the member or item with a name, nil if there is none, and its place.
func (n *node) step(name string) (next *node, at diag.Pos, width int) {
	switch n.kind {
	case mapNode:
		for _, m := range n.members {
			if m.key == name {
				return m.value, m.pos, len([]rune(m.key))
			}
		}
	case listNode:
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(n.items) {
			return n.items[i], n.items[i].pos, n.items[i].width
		}
	}
	return nil, diag.Pos{}, 0
}
