package importer

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// emit writes the mapping. Only parameters that a rule uses are declared.
func (s *session) emit(rules []Rule) string {
	var body strings.Builder
	w := writer{out: &body, used: map[*Param]bool{}}
	body.WriteString("rules:\n")
	for i := range rules {
		if i > 0 {
			body.WriteByte('\n')
		}
		w.rule(&rules[i])
	}
	s.params = slices.DeleteFunc(s.params, func(p *Param) bool { return !w.used[p] })
	var head strings.Builder
	head.WriteString("# Made by taskbridge import. Check it: taskbridge validate\nversion: 1\n")
	if len(s.params) > 0 {
		head.WriteString("\n# Values that only the deployment knows: --param NAME=VALUE, or --params FILE.\nparams:\n")
		for _, p := range s.params {
			fmt.Fprintf(&head, "  %s: {type: %s", p.Name, p.Type)
			if text, ok := p.Default.(string); ok && (p.Type == "int" && digits.MatchString(text) || p.Type == "bool" && (text == "true" || text == "false")) {
				p.Default = json.Number(text) // as it is written: the compiler checks it
			}
			if p.Default != nil {
				fmt.Fprintf(&head, ", default: %v", scalarOf(p.Default))
			}
			fmt.Fprintf(&head, ", description: %s}\n", scalarText(p.Source))
		}
	}
	return head.String() + "\n" + body.String()
}

type writer struct {
	out  *strings.Builder
	used map[*Param]bool
}

func (w *writer) rule(r *Rule) {
	fmt.Fprintf(w.out, "  # %s\n  - name: %s\n", strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return 0x20
		}
		return c
	}, r.Origin), r.Name)
	rest := object{"description": r.about, "bus": r.bus, "task": r.task}
	if r.off == true {
		rest["enabled"] = false
	}
	if r.match != nil {
		rest["match"] = r.match
	}
	if r.sched != nil {
		rest["schedule"] = r.sched
	}
	if r.retry != nil {
		rest["retry"] = r.retry
	}
	for _, key := range []string{"description", "enabled", "match", "schedule", "bus", "task", "retry"} {
		if v, ok := rest[key]; ok && v != nil && v != "" {
			w.member(key, v, 4)
		}
	}
}

// leading are keys that are written first, in this order.
var leading = []string{
	"name", "source", "detail-type", "cluster", "taskDefinition", "count", "launchType", "capacityProviderStrategy", "platformVersion",
	"networkConfiguration", "expression", "command", "environment",
}

func keys(o object) []string {
	rank := func(name string) int {
		if i := slices.Index(leading, name); i >= 0 {
			return i
		}
		return len(leading)
	}
	return slices.SortedFunc(maps.Keys(o), func(a, b string) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
}

// member writes a key and its value; what is short goes on its line.
func (w *writer) member(key string, v any, indent int) {
	pad := strings.Repeat(" ", indent)
	line := pad + scalarText(key) + ": "
	if short, ok := w.short(v, 100-len(line)); ok {
		w.out.WriteString(line + short + "\n")
		return
	}
	w.out.WriteString(pad + scalarText(key) + ":\n")
	switch v := v.(type) {
	case object:
		for _, name := range keys(v) {
			w.member(name, v[name], indent+2)
		}
	case []any:
		for _, item := range v {
			w.item(item, indent+2)
		}
	}
}

func (w *writer) item(v any, indent int) {
	pad := strings.Repeat(" ", indent)
	if short, ok := w.short(v, 100-indent); ok {
		w.out.WriteString(pad + "- " + short + "\n")
		return
	}
	var inner strings.Builder
	one := writer{&inner, w.used}
	switch v := v.(type) {
	case object:
		for _, name := range keys(v) {
			one.member(name, v[name], indent+2)
		}
	case []any:
		for _, item := range v {
			one.item(item, indent+2)
		}
	}
	w.out.WriteString(pad + "- " + inner.String()[indent+2:])
}

// short is v on one line; false if it is too long for one.
func (w *writer) short(v any, room int) (string, bool) {
	switch v := v.(type) {
	case object:
		if len(v) == 0 {
			return "{}", true
		}
		var parts []string
		for _, name := range keys(v) {
			inner, ok := w.short(v[name], room)
			if !ok {
				return "", false
			}
			parts = append(parts, scalarText(name)+": "+inner)
		}
		out := "{" + strings.Join(parts, ", ") + "}"
		return out, len(out) <= min(room, 70)
	case []any:
		var parts []string
		for _, item := range v {
			inner, ok := w.short(item, room)
			if !ok {
				return "", false
			}
			parts = append(parts, inner)
		}
		out := "[" + strings.Join(parts, ", ") + "]"
		return out, len(out) <= room
	}
	return w.scalar(v), true
}

func (w *writer) scalar(v any) string {
	switch v := v.(type) {
	case string:
		return scalarText(strings.ReplaceAll(v, "${", "$${"))
	case ref:
		w.used[v.param] = true
		return scalarText("${param." + v.param.Name + "}")
	case code:
		if v.text == "" || v.text == v.whole {
			return scalarText("${" + v.whole + "}")
		}
		return scalarText("${" + v.text + "}")
	case text:
		return scalarText(w.text(v))
	}
	return escaped(jsonText(v))
}

// text is a text with its expressions. Within a text numbers print by themselves;
// alone, string() makes a text of them.
func (w *writer) text(t text) string {
	if len(t) == 1 {
		if c, ok := t[0].(code); ok {
			return "${" + c.text + "}"
		}
	}
	var b strings.Builder
	for _, piece := range t {
		switch p := piece.(type) {
		case string:
			b.WriteString(strings.ReplaceAll(p, "${", "$${"))
		case ref:
			w.used[p.param] = true
			b.WriteString("${param." + p.param.Name + "}")
		case code:
			b.WriteString("${" + p.whole + "}")
		case text:
			b.WriteString(w.text(p))
		}
	}
	return b.String()
}

// plain is a string that YAML reads as that string without quotes, anywhere.
var plain = regexp.MustCompile(`^[A-Za-z/_][A-Za-z0-9 ./_@:+-]*$`)

// scalarText is a string in YAML: plain, in single quotes, or as in JSON.
func scalarText(s string) string {
	words := []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
	switch {
	// A colon before a space, or at the end, would begin a value.
	case plain.MatchString(s) && !slices.Contains(words, strings.ToLower(s)) && !strings.Contains(s, ": ") &&
		!strings.HasSuffix(s, ":") && !strings.HasSuffix(s, " "):
		return s
	case strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) || strings.Contains(s, "'"):
		return escaped(jsonText(s))
	}
	return "'" + s + "'"
}

// scalarOf is the value of a parameter.
func scalarOf(v any) string {
	if s, ok := v.(string); ok {
		return scalarText(s)
	}
	return fmt.Sprint(v)
}

func jsonText(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "null"
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// escaped is JSON in which every character is one that YAML takes as it is.
func escaped(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r) // YAML has no surrogates
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
