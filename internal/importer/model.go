package importer

import (
	"bytes"
	"encoding/json"
	"strings"
)

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
