package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/schema"
)

// nearMiss looks for a value that the event has and that is almost what the
// predicate wants: a misspelling, the usual reason why a rule does not match.
func (p *predicate) nearMiss() (hint string, ok bool) {
	var entries []any
	if json.Unmarshal(p.Wanted, &entries) != nil {
		return "", false
	}
	for _, raw := range p.Saw {
		var saw string
		if json.Unmarshal(raw, &saw) != nil {
			hint, ok := p.otherType(entries, string(raw))
			if ok {
				return hint, true
			}
			continue
		}
		for _, entry := range entries {
			want, part := literal(entry, saw)
			switch {
			case want == "" || part == "" || want == part:
			case p.Field == "detail-type" && isDetailType(want) && isDetailType(part): // Object Created and Object Deleted
			case strings.EqualFold(want, part):
				return fmt.Sprintf("%s and %s differ in upper and lower case alone", quote(want), quote(part)), true
			case diag.Nearest(part, []string{want}) != "":
				return fmt.Sprintf("%s and %s differ in little: is one misspelt?", quote(want), quote(part)), true
			}
		}
	}
	return "", false
}

// isDetailType reports whether AWS sends events of that name.
func isDetailType(name string) bool {
	return slices.ContainsFunc(schema.Known(), func(k schema.KnownEvent) bool { return k.DetailType == name })
}

// otherType finds a value that is wanted as a string where the event has another
// type.
func (p *predicate) otherType(entries []any, saw string) (string, bool) {
	for _, entry := range entries {
		if text, ok := entry.(string); ok && text == saw {
			return fmt.Sprintf("the event has %s, not the string %q: write it without quotes", saw, text), true
		}
	}
	return "", false
}

// literal is the text that an entry of a pattern compares, and the part of a value
// that it compares it with; "" for entries that compare something else.
func literal(entry any, saw string) (want, part string) {
	if text, ok := entry.(string); ok {
		return text, saw
	}
	object, _ := entry.(map[string]any)
	for name, operand := range object {
		text, ok := operand.(string)
		n := len(text)
		switch {
		case !ok:
		case name == "prefix":
			return text, saw[:min(n, len(saw))]
		case name == "suffix":
			return text, saw[max(len(saw)-n, 0):]
		case name == "equals-ignore-case" || name == "exactly":
			return text, saw
		}
	}
	return "", ""
}

func quote(text string) string {
	const most = 60
	return fmt.Sprintf("%q", shorten(strings.ToValidUTF8(text, ""), most))
}
