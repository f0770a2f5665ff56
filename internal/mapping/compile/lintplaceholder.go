package compile

import (
	"regexp"
	"strings"
)

// foreign are placeholders of other languages that people bring along, each with
// what stands for the place in the event, in its first group.
var foreign = []struct {
	of   string
	form *regexp.Regexp
}{
	{"a template", regexp.MustCompile(`\{\{\s*[.$]?((?:event|detail|item|env|param)\b[^{}]*?)\s*\}\}`)},
	{"CloudFormation", regexp.MustCompile(`(\{\{resolve:[^{}]*\}\})`)},
	{"an input path", regexp.MustCompile(`^\$\.((?:detail|source|id|time|region|account|resources)\b[^\s]*)$`)},
	{"an input transformer", regexp.MustCompile(`^<([A-Za-z][A-Za-z0-9_.-]*)>$`)},
	{"a shell", regexp.MustCompile(`^\$((?:event|detail)\.[^\s]+)$`)},
}

// lintPlaceholders looks for placeholders that are none here: they would reach the
// task as they are.
func (b *templateBuilder) lintPlaceholders() {
	for _, n := range b.places {
		if !n.isText() || n.made || strings.Contains(n.text, "${") {
			continue
		}
		for _, f := range foreign {
			m := f.form.FindStringSubmatch(n.text)
			if m == nil {
				continue
			}
			b.warn(n, CodePlaceholder, placeholderHint(m[1]), "%s reaches the task as it is: it is a placeholder of %s", inQuotes(n.text), f.of)
			break
		}
	}
}

// placeholderHint is the expression that was probably meant.
func placeholderHint(path string) string {
	switch root, _, dotted := strings.Cut(path, "."); {
	case strings.HasPrefix(path, "{{"):
		return "give the value when the mapping is compiled, as a parameter: ${param.NAME}"
	case root == "event" || root == "item" || root == "env" || root == "param":
		return "write ${" + path + "}"
	case dotted || root == "source" || root == "id" || root == "time" || root == "region" || root == "account" || root == "resources":
		return "write ${event." + path + "}"
	}
	return "write the path in the event: ${event.detail…}"
}
