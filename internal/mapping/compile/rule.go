package compile

import (
	"errors"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/pattern"
	"github.com/taskbridge/taskbridge/internal/scan"
	"github.com/taskbridge/taskbridge/internal/task"
)

// ruleName is what rule names may be made of: client tokens, names of
// provisioned rules and metrics are made from them.
var ruleName = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

func (c *compiler) rule(n, defaults *node) mapping.Rule {
	r := mapping.Rule{Pos: n.pos.String()}
	if !c.isMap(n, "a rule", "name, match, task") {
		return r
	}
	c.keys(n, "a rule", "name", "description", "match", "task")
	r.Name = c.ruleName(n)
	if d := n.member("description"); d != nil {
		if d.kind != scalarNode || d.tag != "!!str" {
			c.at(d, CodeShape, "", "description must be text, got %s", d.what())
		}
		r.Description = d.text
	}
	if m := n.member("match"); m != nil {
		r.Match = c.pattern(m)
	} else if n.member("schedule") == nil {
		c.at(n, CodeMissingKey, "write the event pattern of the events that start the task", "the rule has no match")
	}
	t := n.member("task")
	if t == nil {
		c.at(n, CodeMissingKey, "write the RunTask request in RunTask's field names", "the rule has no task")
		return r
	}
	if !c.isMap(t, "task", "RunTask's fields") {
		return r
	}
	r.Task = c.task(t, defaults)
	return r
}

func (c *compiler) ruleName(n *node) string {
	name := n.member("name")
	switch {
	case name == nil:
		c.at(n, CodeMissingKey, "give the rule a name that will not change", "the rule has no name")
		return ""
	case name.kind != scalarNode || !ruleName.MatchString(name.text):
		c.at(name, CodeRuleName, "", "a rule's name has 1 to 64 letters, digits and hyphens, got %s", name.what())
		return ""
	}
	if first, ok := c.names[name.text]; ok {
		c.at(name, CodeDuplicateRule, "rename one of them", "rule %q is defined twice, first at %s", name.text, first)
	}
	c.names[name.text] = name.pos
	return name.text
}

// pattern checks an event pattern and returns it as JSON.
func (c *compiler) pattern(n *node) []byte {
	text, err := n.json()
	if err != nil {
		c.at(n, "pattern-shape", "", "%v", err)
		return nil
	}
	_, err = pattern.Compile(&scan.Paths{}, text)
	for _, err := range unjoin(err) {
		var e *pattern.Error
		if !errors.As(err, &e) {
			c.at(n, "pattern-shape", "", "%v", err)
			continue
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
		switch n.kind {
		case mapNode:
			for _, m := range n.members {
				if m.key == name {
					at, width, n = m.pos, len([]rune(m.key)), m.value
					break
				}
			}
		case listNode:
			if i, err := strconv.Atoi(name); err == nil && i < len(n.items) {
				n = n.items[i]
				at, width = n.pos, n.width
			}
		}
	}
	return at, width
}

func unjoin(err error) []error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

// task builds the template of a rule's request: its own fields over the
// defaults.
func (c *compiler) task(own, defaults *node) mapping.Template {
	if defaults != nil {
		own = merge(defaults, own)
	}
	before := len(c.findings)
	b := templateBuilder{compiler: c, places: map[string]*node{}}
	t := b.build(own, reflect.TypeFor[task.Request](), "")
	if own.member("taskDefinition") == nil {
		c.at(own, CodeMissingKey, "write family, family:revision or an ARN", "the task has no taskDefinition")
	}
	if len(c.findings) == before {
		b.limits(own, &t)
	}
	return t
}

// merge returns over laid on base: objects merge, everything else replaces, null
// removes.
func merge(base, over *node) *node {
	if base.kind != mapNode || over.kind != mapNode {
		return over
	}
	n := &node{kind: mapNode, pos: over.pos, width: over.width}
	for _, m := range base.members {
		if o := over.member(m.key); o == nil {
			n.members = append(n.members, m)
		}
	}
	for _, m := range over.members {
		if b := base.member(m.key); b != nil {
			m.value = merge(b, m.value)
		}
		if !m.value.null() {
			n.members = append(n.members, m)
		}
	}
	return n
}

// limits reports what RunTask would refuse whatever the expressions give.
func (b *templateBuilder) limits(n *node, t *mapping.Template) {
	r, err := t.Literal()
	if err != nil {
		b.at(n, CodeFieldType, "", "%v", err)
		return
	}
	for _, err := range unjoin(task.ValidatePartial(r, b.dynamic)) {
		var limit *task.LimitError
		if !errors.As(err, &limit) {
			continue
		}
		at := n
		for field := limit.Field; field != ""; field = parent(field) {
			if place, ok := b.places[field]; ok {
				at = place
				break
			}
		}
		b.at(at, CodeFieldLimit, limit.Hint, "%s: %s", limit.Field, limit.Msg)
	}
}

// dynamic reports whether an expression gives the value of the field, or of a
// list that the field is in.
func (b *templateBuilder) dynamic(field string) bool {
	for _, e := range b.expressions {
		if rest, ok := strings.CutPrefix(field, e); ok && (rest == "" || rest[0] == '[') {
			return true
		}
	}
	return false
}

func parent(field string) string {
	return field[:max(strings.LastIndexAny(field, ".["), 0)]
}
