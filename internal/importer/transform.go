package importer

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
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
