package compile

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/schema"
	"github.com/taskbridge/taskbridge/internal/task"
)

// keys refuses the members of n that are not known. Those that are clearly misspelt
// have their right names from then on: what is under them is checked, and nothing
// follows from their absence.
func (c *compiler) keys(n *node, what string, known []Key) { c.keyNames(n, what, names(known)) }

func (c *compiler) keyNames(n *node, what string, known []string) {
	for i, m := range n.members {
		if !slices.Contains(known, m.key) {
			c.unknownKey(m, what, keyHint(m.key, what, known), known)
			n.respell(i, known)
		}
	}
}

func (c *compiler) unknownKey(m member, what, hint string, known []string) {
	c.add(m.pos, len([]rune(m.key)), CodeUnknownKey, hint,
		"unknown key %q in %s, expected one of %s", m.key, what, strings.Join(known, ", "))
}

// respell gives member i the name that was meant. It returns false if there is none,
// or more than one, or if it is there as well.
func (n *node) respell(i int, known []string) bool {
	meant := otherName(n.members[i].key, known)
	if meant == "" {
		meant = diag.Meant(n.members[i].key, known)
	}
	if meant == "" || n.member(meant) != nil {
		return false
	}
	n.members[i].key = meant
	return true
}

// otherNames are what keys are called elsewhere, or for short.
var otherNames = map[string]string{
	"pattern": "match", "eventPattern": "match", "event_pattern": "match", "cron": "schedule", "rate": "schedule",
	"taskDef": "taskDefinition", "env": "environment", "cmd": "command", "provider": "capacityProvider",
}

// otherName is the known name that a key is another name of, "" if it is none.
func otherName(key string, known []string) string {
	if name := otherNames[key]; slices.Contains(known, name) {
		return name
	}
	return ""
}

// spell is keys for a request or a part of it, before defaults and task are merged:
// a wrong name would hide that both set the same field. What it cannot correct is
// left to the builder.
func (c *compiler) spell(n *node, typ reflect.Type, field string) {
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	switch {
	case n.kind == listNode && typ.Kind() == reflect.Slice:
		for i, item := range n.items {
			c.spell(item, typ.Elem(), fmt.Sprintf("%s[%d]", field, i))
		}
	case n.kind == mapNode && typ.Kind() == reflect.Struct:
		names := task.FieldNames(typ)
		for i, m := range n.members {
			if !slices.Contains(names, m.key) && task.Refused(m.key) == "" && n.respell(i, names) {
				what := objectName(field)
				c.unknownKey(m, what, keyHint(m.key, what, names), names)
			}
			name := n.members[i].key
			if sf, ok := task.FieldByName(typ, name); ok {
				c.spell(m.value, sf.Type, task.FieldPath(field, name))
			}
		}
	}
}

// objectName names an object of the request, for messages.
func objectName(field string) string {
	if field == "" {
		return "task"
	}
	return last(field)
}

// spellPattern is keys for the top of a pattern. Its result says as much of the
// events as was meant: a value that is wrong for being no list is a list of one.
func (c *compiler) spellPattern(match *node) *node {
	if match.kind != mapNode {
		return match
	}
	envelope := schema.Envelope()
	names := envelope.Names()
	meant := *match
	meant.members = slices.Clone(match.members)
	for i, m := range match.members {
		if !slices.Contains(names, m.key) && m.key != "$or" && !m.matchesAbsent() && meant.respell(i, names) {
			c.lintUnknown(m, envelope, "the event")
		}
		if m.value.isText() {
			meant.members[i].value = &node{kind: listNode, pos: m.value.pos, width: m.value.width, items: []*node{m.value}}
		}
	}
	return &meant
}

// listed is an object in the place of a list of objects as that list: with names
// as keys, or as the only one. Anything else is an empty list.
func (n *node) listed() *node {
	list := &node{kind: listNode, pos: n.pos, width: n.width}
	if n.kind == mapNode && n.has(names(ruleKeys)) {
		list.items = []*node{n}
		return list
	}
	for _, m := range n.members {
		if m.value.kind != mapNode {
			continue
		}
		if m.value.member("name") == nil {
			name := &node{kind: scalarNode, tag: "!!str", text: m.key, pos: m.pos, width: len([]rune(m.key))}
			m.value.members = append(m.value.members, member{"name", m.pos, name})
		}
		list.items = append(list.items, m.value)
	}
	return list
}
