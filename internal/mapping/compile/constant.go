package compile

import (
	"strings"
	"unicode/utf8"
)

// resolve is n with every ${…} in it replaced by its value. It is for what is
// needed before any event: parameters and constants may stand there, nothing
// else. Nodes without expressions are shared.
func (c *compiler) resolve(n *node) *node {
	switch {
	case n == nil || n.made:
		return n
	case n.kind == scalarNode:
		if n.tag != "!!str" || !strings.Contains(n.text, "${") {
			return n
		}
		return c.resolveText(n)
	}
	made := *n
	changed := false
	if n.kind == listNode {
		made.items = make([]*node, len(n.items))
		for i, item := range n.items {
			made.items[i] = c.resolve(item)
			changed = changed || made.items[i] != item
		}
	} else {
		made.members = make([]member, len(n.members))
		for i, m := range n.members {
			made.members[i] = member{m.key, m.pos, c.resolve(m.value)}
			changed = changed || made.members[i].value != m.value
		}
	}
	if !changed {
		return n
	}
	return &made
}

// resolveText is the value of a text of parameters and constants. Where it has
// none, with a finding, something stands in for it.
func (c *compiler) resolveText(n *node) *node {
	placeholder := &node{kind: scalarNode, pos: n.pos, width: n.width, tag: "!!str", text: n.text, made: true, unknown: true}
	parts, ok := c.parts(n, scope{})
	if !ok {
		return placeholder
	}
	bound := true
	for i := range parts {
		p := &parts[i]
		if p.result == nil {
			continue
		}
		bound = bound && p.bound
		if !p.result.Constant {
			c.add(p.pos, utf8.RuneCountInString(p.source), CodeNotConstant, "write ${param.NAME} for what differs between deployments",
				"this is needed before any event: only param may stand here")
			ok = false
		}
	}
	if !ok || !c.textual(parts) {
		return placeholder
	}
	for i := range parts {
		parts[i].bound = true
	}
	value, ok := parts.constant(n)
	if !ok {
		c.at(n, CodeNotConstant, "write string(…) to make it text", "the value of this expression has no form in YAML")
		return placeholder
	}
	value.unknown = !bound
	return value
}

// isUnknown reports whether a value at or below n is a placeholder.
func (n *node) isUnknown() bool {
	if n.unknown {
		return true
	}
	for _, m := range n.members {
		if m.value.isUnknown() {
			return true
		}
	}
	for _, item := range n.items {
		if item.isUnknown() {
			return true
		}
	}
	return false
}

// text is a member of n that is a text, "" if it is absent or no text.
func (c *compiler) text(n *node, key string) (text string, at *node) {
	m := n.member(key)
	if m == nil || m.unknown {
		return "", nil
	}
	if !m.isText() {
		c.at(m, CodeShape, scalarHint(m, "!!str"), "%s must be text, got %s", key, m.what())
		return "", nil
	}
	return m.text, m
}

// flag is a member of n that is true or false.
func (c *compiler) flag(n *node, key string, absent bool) bool {
	m := n.member(key)
	if m == nil || m.unknown {
		return absent
	}
	if m.kind != scalarNode || m.tag != "!!bool" {
		c.at(m, CodeShape, boolHint(m, key), "%s must be true or false, got %s", key, m.what())
		return absent
	}
	text, err := m.scalarJSON()
	if err != nil {
		c.at(m, CodeShape, "", "%v", err)
	}
	return string(text) == "true"
}
