package compile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/schema"
)

// lintMatch looks for what keeps a pattern from ever matching, given the shape of
// the events that it pins.
func (c *compiler) lintMatch(match *node, event *schema.Type) {
	if match.kind != mapNode {
		return
	}
	c.lintAccept(match.member("source"))
	c.lintScheduled(match)
	if event == nil {
		c.lintDetailType(match)
		event = schema.Envelope()
	}
	c.lintFields(match, event, "the event")
}

// acceptedSources are the sources of events that are made of messages, with what
// accept has to list for them.
var acceptedSources = map[string]string{"taskbridge.sqs": "sqs", "taskbridge.sns": "sns", "taskbridge.invoke": "direct"}

func (c *compiler) lintAccept(source *node) {
	for _, value := range pinned(source) {
		word, ok := acceptedSources[value]
		if !ok || slices.Contains(c.accepted, word) {
			continue
		}
		i := slices.IndexFunc(source.items, func(n *node) bool { return n.text == value })
		c.at(source.items[i], CodePatternNever, fmt.Sprintf("write accept: [%s] at the top", word),
			"no event comes from %s unless the mapping accepts it", value)
	}
}

// lintScheduled is about the events of schedules: they go to the targets of the
// rule or the schedule that makes them, and to no rule that matches them.
// EventBridge user guide, "Creating a scheduled rule".
func (c *compiler) lintScheduled(match *node) {
	sources, types := match.member("source"), match.member("detail-type")
	clocks := pinned(sources)
	if len(clocks) == 0 || slices.ContainsFunc(clocks, func(s string) bool { return s != "aws.events" && s != "aws.scheduler" }) {
		return
	}
	if names := pinned(types); len(names) == 1 && names[0] == "Scheduled Event" {
		c.warn(types.items[0], CodePatternClock, "write schedule: rate(1 hour), or cron(…), in place of match; leave it if a schedule of somebody else's has this function as its target",
			"the bus gives this rule no event: that of a schedule goes to the schedule's own targets alone")
	}
}

// lintDetailType looks for a misspelt detail-type of a source whose events are
// known. Another one may be new.
func (c *compiler) lintDetailType(match *node) {
	types := match.member("detail-type")
	for _, source := range pinned(match.member("source")) {
		var known []string
		for _, k := range c.knownEvents() {
			if k.Source == source {
				known = append(known, k.DetailType)
			}
		}
		for i, t := range pinned(types) {
			if slices.Contains(known, t) {
				continue
			}
			if near := diag.Nearest(t, known); near != "" {
				c.warn(types.items[i], CodePatternUnknown, fmt.Sprintf("did you mean %q?", near),
					"%s is not known to send events with the detail-type %q", source, t)
			}
		}
	}
}

func (c *compiler) knownEvents() []schema.KnownEvent {
	if c.known == nil {
		c.known = schema.Known()
		for _, u := range c.schemas {
			c.known = append(c.known, u.event)
		}
	}
	return c.known
}

// lintFields compares the fields of a pattern with those of an object.
func (c *compiler) lintFields(n *node, t *schema.Type, what string) {
	for _, m := range n.members {
		if m.key == "$or" {
			for _, alternative := range m.value.items {
				if alternative.kind == mapNode {
					c.lintFields(alternative, t, what)
				}
			}
			continue
		}
		field := fieldOf(t, m.key)
		if field == nil {
			c.lintUnknown(m, t, what)
			continue
		}
		c.lintField(m, field)
	}
}

// fieldOf is the shape of a field of an object of shape t: that of any value
// where it is not known, nil if there is no such field. A dot in a name is a step
// down, and lists are looked into, as in a pattern.
func fieldOf(t *schema.Type, name string) *schema.Type {
	for t.Kind == schema.List {
		t = t.Elem
	}
	head, rest, dotted := strings.Cut(name, ".")
	switch t.Kind {
	case schema.Object:
		if f := t.Field(name); f != nil {
			return f.Type
		}
		if f := t.Field(head); f != nil && dotted {
			return fieldOf(f.Type, rest)
		}
		if !t.Open {
			return nil
		}
	case schema.Map:
		if !dotted {
			return t.Elem
		}
	case schema.Dyn:
	default: // nothing is in it
		return nil
	}
	return &schema.Type{}
}

// matchesAbsent reports whether a field of a pattern matches events without it.
func (m member) matchesAbsent() bool {
	return m.value.kind == listNode && slices.ContainsFunc(m.value.items, matchesAbsent)
}

// lintUnknown is about a field that the events do not have.
func (c *compiler) lintUnknown(m member, t *schema.Type, what string) {
	if m.matchesAbsent() {
		return
	}
	fields := t.Names()
	hint := ""
	if near := diag.Nearest(m.key, fields); near != "" {
		hint = fmt.Sprintf("did you mean %s?", near)
	}
	c.add(m.pos, len([]rune(m.key)), CodePatternNever, hint, "this never matches: %s has no field %q, but %s", what, m.key, strings.Join(fields, ", "))
}

// lintField compares what a pattern wants of a field with what it can be.
func (c *compiler) lintField(m member, t *schema.Type) {
	for t.Kind == schema.List { // a pattern looks into lists
		t = t.Elem
	}
	switch {
	case t.Kind == schema.Dyn:
	case m.value.kind == mapNode && (t.Kind == schema.Object || t.Kind == schema.Map):
		c.lintFields(m.value, t, m.key)
	case m.value.kind == mapNode:
		c.add(m.pos, len([]rune(m.key)), CodePatternNever, "write a list of values", "this never matches: %s is a %s, which has no fields", m.key, t.Kind)
	case m.value.kind == listNode && len(m.value.items) > 0:
		if !slices.ContainsFunc(m.value.items, func(entry *node) bool { return canMatch(entry, t.Kind) }) {
			c.at(m.value.items[0], CodePatternNever, valueHint(m.value.items[0], t.Kind), "this never matches: %s is %s", m.key, kindArticle(t.Kind))
		}
	}
}

func kindArticle(k schema.Kind) string {
	if k == schema.Int || k == schema.Object || k == schema.Map {
		return "an " + k.String()
	}
	return "a " + k.String()
}

func valueHint(entry *node, k schema.Kind) string {
	switch {
	case entry.kind == scalarNode && k == schema.String && !entry.null():
		return fmt.Sprintf("write %q", entry.text)
	case entry.isText() && (k == schema.Int || k == schema.Double || k == schema.Number || k == schema.Bool):
		return "write it without quotes"
	case k == schema.Object || k == schema.Map:
		return "write an object with the fields to compare"
	}
	return ""
}

// canMatch reports whether an entry of a pattern's list can match a value of a
// kind.
func canMatch(entry *node, k schema.Kind) bool {
	if entry.unknown {
		return true
	}
	if entry.kind == mapNode && len(entry.members) == 1 {
		switch entry.members[0].key {
		case "exists":
			return true
		case "numeric":
			return k == schema.Int || k == schema.Double || k == schema.Number
		case "anything-but":
			return k != schema.Object && k != schema.Map
		}
		return k == schema.String
	}
	if entry.kind != scalarNode {
		return true // it is wrong, which is another finding
	}
	switch entry.tag {
	case "!!str":
		return k == schema.String
	case "!!int", "!!float":
		return k == schema.Int || k == schema.Double || k == schema.Number
	case "!!bool":
		return k == schema.Bool
	}
	return false
}
