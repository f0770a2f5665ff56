package importer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/taskbridge/taskbridge/internal/schema"
)

// variable is a placeholder of an input template.
var variable = regexp.MustCompile(`<([A-Za-z0-9_.-]+)>`)

// Reserved variables of input templates: EventBridge user guide, "Amazon
// EventBridge input transformation"; and the context attributes of EventBridge
// Scheduler: its user guide, "Adding context attributes".
var reserved = map[string]code{
	"aws.events.event.json":           {`json(event)`, `event`},
	"aws.scheduler.scheduled-time":    {`event.time`, `event.time`},
	"aws.scheduler.execution-id":      {`event.id`, `event.id`},
	"aws.scheduler.schedule-arn":      {`event.resources[0]`, `event.resources[0]`},
	"aws.scheduler.attempt-number":    {`string(event.detail.attempt)`, `event.detail.attempt`},
	"aws.events.rule-name":            {`rule`, `rule`},
	"aws.events.event.ingestion-time": {`event.time`, `event.time`},
}

// transformer turns an input template into values.
type transformer struct {
	session *session
	origin  string
	vars    map[string]code
	marks   []any // refs in the template, by the number of their mark
}

// The marks of refs in a template that is not read yet: characters for private
// use, which no template has.
const (
	markOpen  = "\ue000"
	markClose = "\ue001"
)

var mark = regexp.MustCompile(markOpen + `(\d+)` + markClose)

// flatten makes one string of a text, with a mark for each ref.
func (t *transformer) flatten(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case text:
		var b strings.Builder
		for _, piece := range v {
			b.WriteString(t.flatten(piece))
		}
		return b.String()
	case nil:
		return ""
	default:
		t.marks = append(t.marks, v)
		return fmt.Sprintf("%s%d%s", markOpen, len(t.marks)-1, markClose)
	}
}

// value reads a template: JSON in which variables stand within strings or in
// place of values. An error says why it is not JSON.
func (t *transformer) value(template any) (any, error) {
	source := t.flatten(template)
	if escaped := regexp.MustCompile(`\\u003c([A-Za-z0-9_.-]+)\\u003e`).FindStringSubmatch(source); escaped != nil {
		t.session.note(Finding, t.origin, `\u003c%s\u003e in the input template is no variable for EventBridge: the task is given the text <%s>, and so it stays`, escaped[1], escaped[1])
	}
	var b strings.Builder
	inString, escapedNext := false, false
	for i := 0; i < len(source); i++ {
		c := source[i]
		switch {
		case escapedNext:
			escapedNext = false
		case inString && c == '\\':
			escapedNext = true
		case c == '"':
			inString = !inString
		case c == '<' || strings.HasPrefix(source[i:], markOpen):
			token, whole := t.token(source[i:])
			if token == "" {
				break
			}
			// A value of its own becomes a string with nothing but the mark.
			if inString {
				b.WriteString(token)
			} else {
				b.WriteString(`"` + bareMark + token + `"`)
			}
			i += whole - 1
			continue
		}
		b.WriteByte(c)
	}
	dec := json.NewDecoder(strings.NewReader(b.String()))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("the input is not JSON: %w", err)
	}
	return t.resolve(v), nil
}

// bareMark begins a string that stands for a value of its own.
const bareMark = "\ue002"

// token replaces a variable at the start of source by the mark of its code, and
// says how long it is; "" if there is none.
func (t *transformer) token(source string) (token string, length int) {
	if m := mark.FindStringIndex(source); m != nil && m[0] == 0 {
		return source[:m[1]], m[1]
	}
	m := variable.FindStringSubmatchIndex(source)
	if m == nil || m[0] != 0 {
		return "", 0
	}
	c, ok := t.vars[source[m[2]:m[3]]]
	if name := source[m[2]:m[3]]; !ok && (strings.HasPrefix(name, "aws.events.") || strings.HasPrefix(name, "aws.scheduler.")) {
		t.session.note(Lost, t.origin, "<%s> has no form in a mapping: it is left as it is written", name)
	}
	if !ok {
		return "", 0 // EventBridge refuses templates with unknown variables; Scheduler leaves them
	}
	if c == (code{}) {
		t.marks = append(t.marks, "") // never there
	} else {
		t.marks = append(t.marks, c)
	}
	return fmt.Sprintf("%s%d%s", markOpen, len(t.marks)-1, markClose), m[1]
}

// resolve replaces marks by what they stand for.
func (t *transformer) resolve(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := object{}
		for _, name := range sorted(v) {
			out[name] = t.resolve(v[name])
		}
		return out
	case []any:
		for i := range v {
			v[i] = t.resolve(v[i])
		}
		return v
	case string:
		rest, bare := strings.CutPrefix(v, bareMark)
		pieces := t.pieces(rest)
		if bare && len(pieces) == 1 {
			if c, ok := pieces[0].(code); ok {
				return code{text: "", whole: c.whole}
			}
			return pieces[0]
		}
		if len(pieces) == 1 {
			if s, ok := pieces[0].(string); ok {
				return s
			}
		}
		if len(pieces) == 0 {
			return ""
		}
		return text(pieces)
	}
	return v
}

func (t *transformer) pieces(s string) []any {
	var out []any
	for s != "" {
		m := mark.FindStringSubmatchIndex(s)
		if m == nil {
			return append(out, s)
		}
		if m[0] > 0 {
			out = append(out, s[:m[0]])
		}
		n, _ := strconv.Atoi(s[m[2]:m[3]])
		if t.marks[n] != "" {
			out = append(out, t.marks[n])
		}
		s = s[m[1]:]
	}
	return out
}

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

// transformed is what EventBridge makes of a template for an event: its input
// transformer, as observed, written anew and apart from the conversion above so
// that one can be held against the other. Within a string a value loses its
// quotes; in place of a value it keeps them; a missing path is an empty text.
func transformed(template string, paths map[string]string, event any, rule string) (string, error) {
	inString, escaped := false, false
	var b bytes.Buffer
	for i := 0; i < len(template); i++ {
		c := template[i]
		switch {
		case escaped:
			escaped = false
		case inString && c == '\\':
			escaped = true
		case c == '"':
			inString = !inString
		case c == '<':
			m := variable.FindStringSubmatchIndex(template[i:])
			if m == nil || m[0] != 0 {
				break
			}
			value, ok := lookup(template[i+m[2]:i+m[3]], paths, event, rule)
			if !ok {
				break
			}
			out, err := asText(value, inString)
			if err != nil {
				return "", err
			}
			b.WriteString(out)
			i += m[1] - 1
			continue
		}
		b.WriteByte(c)
	}
	return b.String(), nil
}

// lookup is the value of a variable; a missing one is an empty text.
func lookup(name string, paths map[string]string, event any, rule string) (any, bool) {
	switch name {
	case "aws.events.event.json":
		return event, true
	case "aws.events.rule-name":
		return rule, true
	}
	path, ok := paths[name]
	if !ok {
		if p, scheduler := schedulerPaths[name]; scheduler {
			path = p
		} else {
			return nil, false
		}
	}
	steps, err := parsePath(path)
	if err != nil {
		return nil, false
	}
	at := event
	for _, st := range steps {
		switch v := at.(type) {
		case map[string]any:
			name, _ := st.(string)
			if at, ok = v[name]; !ok {
				return "", true
			}
		case []any:
			i, isIndex := st.(int)
			if !isIndex || i >= len(v) {
				return "", true
			}
			at = v[i]
		default:
			return "", true
		}
	}
	return at, true
}

// schedulerPaths are where an event of a schedule has what Scheduler's context
// attributes say.
var schedulerPaths = map[string]string{
	"aws.scheduler.scheduled-time": "$.time", "aws.scheduler.execution-id": "$.id",
	"aws.scheduler.schedule-arn": "$.resources[0]", "aws.scheduler.attempt-number": "$.detail.attempt",
	"aws.events.event.ingestion-time": "$.time",
}

func asText(v any, inString bool) (string, error) {
	if s, ok := v.(string); ok && inString {
		return s, nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	out := strings.TrimSuffix(b.String(), "\n")
	if inString {
		if _, isObject := v.(map[string]any); isObject {
			out = strings.ReplaceAll(out, `"`, "") // an object inside a text loses its quotes
		}
	}
	return out, nil
}
