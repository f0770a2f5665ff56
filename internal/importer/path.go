package importer

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/taskbridge/taskbridge/internal/schema"
)

// step is one step of a JSON path: a name or an index.
var step = regexp.MustCompile(`^(?:\.([A-Za-z0-9_-]+)|\[(\d+)\]|\[['"]([^'"]+)['"]\])`)

// parsePath reads the JSON paths that EventBridge takes: $, .name, [0], ['name'].
func parsePath(path string) ([]any, error) {
	rest, ok := strings.CutPrefix(path, "$")
	if !ok {
		return nil, fmt.Errorf("%q is no JSON path", path)
	}
	var steps []any
	for rest != "" {
		m := step.FindStringSubmatch(rest)
		switch {
		case m == nil:
			return nil, fmt.Errorf("%q is no path that leads to one value", path)
		case m[2] != "":
			n, err := strconv.Atoi(m[2])
			if err != nil {
				return nil, fmt.Errorf("%q: %w", path, err)
			}
			steps = append(steps, n)
		default:
			steps = append(steps, m[1]+m[3])
		}
		rest = rest[len(m[0]):]
	}
	return steps, nil
}

var celName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// celPath is a path as CEL, whose steps from optional on may be missing; -1:
// none may.
func celPath(steps []any, optional int) string {
	var b strings.Builder
	b.WriteString("event")
	for i, s := range steps {
		mark := ""
		if i == optional {
			mark = "?"
		}
		name, isName := s.(string)
		switch {
		case !isName:
			fmt.Fprintf(&b, "[%s%d]", mark, s)
		case celName.MatchString(name):
			b.WriteString("." + mark + name)
		default:
			fmt.Fprintf(&b, "[%s%q]", mark, name)
		}
	}
	return b.String()
}

// variables makes the codes of an input transformer's paths. match is the
// pattern, which says what an event has for certain.
func (s *session) variables(origin string, paths object, match any) map[string]code {
	vars := map[string]code{}
	for name, c := range reserved {
		vars[name] = c
	}
	typ := eventType(match)
	for _, name := range sorted(paths) {
		path, ok := paths[name].(string)
		if !ok {
			s.note(Lost, origin, "the input path of <%s> is not known before the deployment", name)
			continue
		}
		steps, err := parsePath(path)
		if err != nil {
			s.note(Lost, origin, "the input path of <%s>: %v", name, err)
			continue
		}
		vars[name] = s.variable(origin, name, path, steps, typ, match)
	}
	return vars
}

// variable is the code of one path.
func (s *session) variable(origin, name, path string, steps []any, typ *schema.Type, match any) code {
	if len(steps) == 0 {
		return reserved["aws.events.event.json"]
	}
	at, optional, known := reach(typ, match, steps)
	if !known {
		s.note(Finding, origin, "the events of the rule have no %s: EventBridge gives <%s> as an empty text, and so it stays", path, name)
		return code{}
	}
	isText := at != nil && at.Kind == schema.String
	cel := celPath(steps, optional)
	c := code{text: cel, whole: cel}
	if optional >= 0 {
		c = code{text: cel + `.orValue("")`, whole: cel + `.orValue("")`}
	}
	if !isText {
		c.text = "string(" + c.text + ")"
	}
	return c
}

// reach is the type at the end of a path, and the first step that an event may
// lack, -1 if it lacks none; known is false if no event has the path.
func reach(typ *schema.Type, match any, steps []any) (at *schema.Type, optional int, known bool) {
	at, optional = typ, -1
	for i, st := range steps {
		next, certain, known := follow(at, st)
		if !known {
			return nil, i, false
		}
		if !certain && optional < 0 && !demands(match, steps[:i+1]) {
			optional = i
		}
		at = next
	}
	return at, optional, true
}

// follow is the type at a step; certain: every event has it; known is false if
// none does. A nil type is any.
func follow(at *schema.Type, st any) (next *schema.Type, certain, known bool) {
	if at == nil || at.Kind == schema.Dyn {
		return nil, false, true
	}
	name, isName := st.(string)
	switch {
	case at.Kind == schema.Object && isName:
		f := at.Field(name)
		if f == nil {
			return nil, false, at.Open
		}
		return f.Type, !f.Optional, true
	case at.Kind == schema.Map && isName, at.Kind == schema.List && !isName:
		return at.Elem, false, true
	}
	return nil, false, false
}

// eventType is the type of the events of a pattern that pins source and
// detail-type; nil if it does not, or if they are not known.
func eventType(match any) *schema.Type {
	pattern, _ := match.(object)
	sources, detailTypes := literals(pattern["source"]), literals(pattern["detail-type"])
	var types []*schema.Type
	for _, source := range sources {
		for _, detailType := range detailTypes {
			t, ok := schema.Event(source, detailType)
			if !ok {
				return envelopeType
			}
			types = append(types, t)
		}
	}
	if len(types) == 0 {
		return envelopeType
	}
	return schema.Union(types...)
}

// envelopeType is what every event has: EventBridge user guide, "Events".
var envelopeType = &schema.Type{Kind: schema.Object, Open: true, Fields: []schema.Field{
	{Name: "account", Type: &schema.Type{Kind: schema.String}},
	{Name: "detail", Type: &schema.Type{Kind: schema.Object, Open: true}},
	{Name: "detail-type", Type: &schema.Type{Kind: schema.String}},
	{Name: "id", Type: &schema.Type{Kind: schema.String}},
	{Name: "region", Type: &schema.Type{Kind: schema.String}},
	{Name: "resources", Type: &schema.Type{Kind: schema.List, Elem: &schema.Type{Kind: schema.String}}},
	{Name: "source", Type: &schema.Type{Kind: schema.String}},
	{Name: "time", Type: &schema.Type{Kind: schema.String}},
}}

// literals are the strings of a pattern's list; nil if anything else is in it.
func literals(v any) []string {
	list, _ := v.([]any)
	var out []string
	for _, item := range list {
		s, ok := item.(string)
		if !ok {
			return nil
		}
		out = append(out, s)
	}
	return out
}

// demands reports whether an event that matches has a value at a path for
// certain.
func demands(match any, steps []any) bool {
	at := match
	for _, st := range steps {
		name, isName := st.(string)
		pattern, ok := at.(object)
		if !isName || !ok {
			return false
		}
		if at, ok = pattern[name]; !ok {
			return false
		}
	}
	list, ok := at.([]any)
	if !ok {
		return at != nil // an object in the pattern: something in it has to be there
	}
	return !slices.ContainsFunc(list, func(item any) bool {
		o, _ := item.(object)
		exists, ok := o["exists"].(bool)
		return ok && !exists
	})
}
