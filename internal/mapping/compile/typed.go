package compile

import (
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/schema"
)

// A userSchema is the shape of one kind of event that the mapping describes.
type userSchema struct {
	event schema.KnownEvent
	typ   *schema.Type // nil if it is wrong
	at    diag.Pos
}

// userSchemas reads schemas.
func (c *compiler) userSchemas(n *node) {
	if n == nil {
		return
	}
	if n.kind != listNode {
		c.at(n, CodeShape, "write each as a list item: - source: …", "schemas must be a list, got %s", n.what())
		return
	}
	for _, item := range n.items {
		if c.isMap(item, "a schema", "source, detail-type, schema") {
			c.userSchema(item)
		}
	}
}

func (c *compiler) userSchema(n *node) {
	c.keys(n, "a schema", schemaKeys)
	u := userSchema{at: n.pos}
	u.event.Source, _ = c.text(n, "source")
	u.event.DetailType, _ = c.text(n, "detail-type")
	for _, k := range schemaKeys {
		if n.member(k.Name) == nil {
			c.at(n, CodeMissingKey, "a schema is {source: …, detail-type: …, schema: …}", "the schema has no %s", k.Name)
			return
		}
	}
	for _, other := range c.schemas {
		if other.event == u.event {
			f := c.at(n, CodeConflict, "join them with oneOf", "the same events have a schema at %s", other.at)
			c.related(f, other.at, "the first schema of these events")
		}
	}
	u.typ = c.parseSchema(n.member("schema"))
	c.schemas = append(c.schemas, u)
}

func (c *compiler) parseSchema(n *node) *schema.Type {
	text, err := n.json()
	if err != nil {
		c.at(n, CodeSchema, "", "%v", err)
		return nil
	}
	t, err := schema.Parse(text)
	for _, err := range diag.Unjoin(err) {
		pointer, msg, ok := strings.Cut(strings.TrimPrefix(err.Error(), "#"), ": ")
		if !ok || !strings.HasPrefix(err.Error(), "#") {
			c.at(n, CodeSchema, "", "%v", err)
			continue
		}
		names := pointerNames(pointer)
		if _, quoted, ok := strings.Cut(msg, `"`); ok { // the keyword that is wrong, perhaps
			name, _, _ := strings.Cut(quoted, `"`)
			if n.at(names).member(name) != nil {
				names = append(names, name)
			}
		}
		at, width := n.place(names)
		c.add(at, width, CodeSchema, `docs/mapping.md, "Schemas", lists what of JSON Schema is read`, "%s", msg)
	}
	return t
}

// pointerNames are the steps of a JSON pointer.
func pointerNames(pointer string) []string {
	var names []string
	for _, name := range strings.Split(pointer, "/")[1:] {
		names = append(names, strings.NewReplacer("~1", "/", "~0", "~").Replace(name))
	}
	return names
}

// schemaFor is the shape of events of one kind, the mapping's own first.
func (c *compiler) schemaFor(e schema.KnownEvent) (*schema.Type, bool) {
	for _, u := range c.schemas {
		if u.event == e {
			return u.typ, u.typ != nil
		}
	}
	return schema.Event(e.Source, e.DetailType)
}

// knows reports whether the shape of events with this source or, if it is empty,
// this detail type is known.
func (c *compiler) knows(e schema.KnownEvent) bool {
	_, ok := c.schemaFor(e)
	return ok
}

// eventOf is the shape of the events that a pattern can match, nil where it pins
// no source and detail-type or that of one of them is not known.
func (c *compiler) eventOf(match *node) *schema.Type {
	sources, types := pinned(match.member("source")), pinned(match.member("detail-type"))
	var found []schema.KnownEvent
	for _, s := range sources {
		for _, t := range types {
			if e := (schema.KnownEvent{Source: s, DetailType: t}); c.knows(e) {
				found = append(found, e)
			}
		}
	}
	// Of several sources and types, not all pairs occur; but each must be in one.
	for _, s := range sources {
		if !slices.ContainsFunc(found, func(e schema.KnownEvent) bool { return e.Source == s }) {
			return nil
		}
	}
	for _, t := range types {
		if !slices.ContainsFunc(found, func(e schema.KnownEvent) bool { return e.DetailType == t }) {
			return nil
		}
	}
	return c.union(found)
}

// union is the shape of events that are one of some. It is made once for each
// set: the environments of expressions are kept by it.
func (c *compiler) union(events []schema.KnownEvent) *schema.Type {
	var key strings.Builder
	var types []*schema.Type
	for _, e := range events {
		t, _ := c.schemaFor(e)
		types = append(types, t)
		key.WriteString(e.Source + "\x00" + e.DetailType + "\x00")
	}
	if len(types) == 0 {
		return nil
	}
	t, ok := c.unions[key.String()]
	if !ok {
		t = schema.Union(types...)
		c.unions[key.String()] = t
	}
	return t
}

// pinned are the values of a field of a pattern that may have no others.
func pinned(n *node) []string {
	if n == nil || n.kind != listNode {
		return nil
	}
	var values []string
	for _, item := range n.items {
		if !item.isText() || item.unknown {
			return nil
		}
		values = append(values, item.text)
	}
	return values
}

// present are the paths of the fields that an event must have to match.
func present(match *node) [][]string {
	var paths [][]string
	var visit func(n *node, path []string)
	visit = func(n *node, path []string) {
		switch n.kind {
		case mapNode:
			for _, m := range n.members {
				if m.key != "$or" {
					visit(m.value, append(path[:len(path):len(path)], m.key))
				}
			}
		case listNode:
			if !slices.ContainsFunc(n.items, matchesAbsent) {
				paths = append(paths, path)
			}
		}
	}
	visit(match, nil)
	return paths
}

// matchesAbsent reports whether an entry of a pattern's list can match a field
// that is not there.
func matchesAbsent(n *node) bool {
	exists := n.member("exists")
	return exists != nil && exists.kind == scalarNode && strings.EqualFold(exists.text, "false")
}

// isSure reports whether the field at a path of the event is there.
func (s *scope) isSure(path []string) bool {
	return len(path) > 0 && slices.ContainsFunc(s.sure, func(sure []string) bool {
		return len(sure) >= len(path) && slices.Equal(sure[:len(path)], path)
	})
}

// asked notes the fields that a condition asks for with has(): whoever asks is
// taken to know.
func (s *scope) asked(when *expr.Node) {
	when.Walk(func(n *expr.Node) {
		if n.Op != "hasValue" || len(n.Args) != 1 || n.Args[0].Op != expr.OpEvent {
			return
		}
		if path, ok := stepNames(n.Args[0].Path); ok {
			s.sure = append(s.sure, path)
		}
	})
}

func stepNames(path []expr.Step) ([]string, bool) {
	names := make([]string, len(path))
	for i, step := range path {
		if step.Name == nil || step.Key != nil {
			return nil, false
		}
		names[i] = *step.Name
	}
	return names, true
}

// schemaOf is the shape of what an expression takes from an event of a shape, nil
// if that is not known.
func schemaOf(n *expr.Node, event *schema.Type) *schema.Type {
	if n.Op == "orValue" { // the other value is to be used in its place
		n = n.Args[0]
	}
	if n.Op != expr.OpEvent || event == nil {
		return nil
	}
	t := event
	for _, step := range n.Path {
		switch {
		case t.Kind == schema.List && step.Name == nil:
			t = t.Elem
		case t.Kind == schema.Object && step.Name != nil && t.Field(*step.Name) != nil:
			t = t.Field(*step.Name).Type
		case t.Kind == schema.Map && step.Name != nil:
			t = t.Elem
		default:
			return nil
		}
	}
	return t
}
