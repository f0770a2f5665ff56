package compile

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
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
	meant := diag.Meant(n.members[i].key, known)
	if meant == "" || n.member(meant) != nil {
		return false
	}
	n.members[i].key = meant
	return true
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
