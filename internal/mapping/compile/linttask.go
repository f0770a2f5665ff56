package compile

import (
	"encoding/json"
	"fmt"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/task"
)

// lintValues looks for values of a task that do harm.
func (b *templateBuilder) lintValues() {
	for i := range b.expressions {
		b.lintShell(&b.expressions[i])
	}
	b.lintSecrets()
	b.lintPlaceholders()
}

// Programs that run a text which they are given as an argument, and the option
// that says so.
var (
	shells    = regexp.MustCompile(`^(sh|bash|dash|ash|zsh|ksh|fish|busybox|python[0-9.]*|perl|ruby|node|php|powershell|pwsh|cmd|cmd\.exe)$`)
	runOption = regexp.MustCompile(`^(-[a-z]*c|-e|--eval|-r|-Command|/c|/C)$`)
)

// lintShell is about event data inside a text that a shell runs: who sends the
// event would run commands in the task.
func (b *templateBuilder) lintShell(e *expression) {
	list, index, ok := strings.Cut(strings.TrimSuffix(e.field, "]"), ".command[")
	i, err := strconv.Atoi(index)
	if !ok || err != nil || i == 0 {
		return
	}
	command := b.places[list+".command"]
	if command == nil || i >= len(command.items) || !runOption.MatchString(command.items[i-1].text) {
		return
	}
	// Without a program in front, the image's entry point is one.
	if i > 1 && !slices.ContainsFunc(command.items[:i-1], func(n *node) bool { return shells.MatchString(path.Base(n.text)) }) {
		return
	}
	for j := range e.parts {
		p := &e.parts[j]
		if p.result == nil || !b.freeText(p) {
			continue
		}
		name := variableName(p.source)
		b.add(p.pos, utf8.RuneCountInString(p.source), CodeShell,
			fmt.Sprintf(`write environment: {%s: "${%s}"}, and "$%s" here`, name, strings.TrimSpace(p.source), name),
			"event data inside a command for %s: whoever sends events could run commands in the task", program(command.items[:i-1]))
	}
}

// program names what runs the text.
func program(front []*node) string {
	for _, n := range front {
		if base := path.Base(n.text); shells.MatchString(base) {
			return base
		}
	}
	return "a shell"
}

// freeText reports whether an expression gives text that an event chooses.
func (b *templateBuilder) freeText(p *part) bool {
	if t := p.result.Type; !b.scope.reads(p.result.Node) || !t.Dyn && t.Kind != expr.StringKind && t.Kind != expr.List {
		return false
	}
	_, finite := b.scope.outcomes(p.result.Node)
	return !finite
}

var lastName = regexp.MustCompile(`([A-Za-z_][A-Za-z0-9_-]*)["\]]*$`)

// variableName is a name for the environment variable that holds an expression.
func variableName(source string) string {
	if m := lastName.FindStringSubmatch(strings.TrimSpace(source)); m != nil {
		return strings.ToUpper(strings.ReplaceAll(m[1], "-", "_"))
	}
	return "VALUE"
}

// The forms of credentials that can be told by their look, with the name of each.
// Sources: the formats' own documentation.
var secretForms = []struct {
	what string
	form *regexp.Regexp
}{
	{"an AWS access key id", regexp.MustCompile(`\b(AKIA|ASIA)[A-Z2-7]{16}\b`)},
	{"a private key", regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----`)},
	{"a GitHub token", regexp.MustCompile(`\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})`)},
	{"a GitLab token", regexp.MustCompile(`\bglpat-[A-Za-z0-9_-]{20,}`)},
	{"a Slack token", regexp.MustCompile(`\bxox[abeprs]-[A-Za-z0-9-]{10,}`)},
	{"a Stripe key", regexp.MustCompile(`\b[rs]k_live_[A-Za-z0-9]{16,}`)},
	{"a JSON web token", regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.`)},
	{"a URL with a password", regexp.MustCompile(`\b[a-z][a-z0-9+.-]*://[^/\s:@$]+:[^/\s@$]+@`)},
}

var (
	secretName = regexp.MustCompile(`(?i)(^|_)(PASSWORD|PASSWD|PWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|CREDENTIALS?)$`)
	// reference is what names a secret without being one.
	reference = regexp.MustCompile(`^(arn:|/|https?://|[a-z0-9-]+/[a-z0-9/_-]+$|true$|false$|[0-9]{1,3}$|none$|$)`)
)

// lintSecrets looks for credentials in what is written into the mapping.
func (b *templateBuilder) lintSecrets() {
	for field, n := range b.places {
		if !n.isText() || strings.Contains(n.text, "${") && !n.made {
			continue
		}
		list := field[:max(strings.LastIndexByte(field, '['), 0)]
		switch last(list) {
		case "command":
			b.lintSecret(n, "the command", "")
		case "environment":
			if last(field) != "value" {
				continue
			}
			name := ""
			if at := b.places[strings.TrimSuffix(field, "value")+"name"]; at != nil {
				name = at.text
			}
			b.lintSecret(n, name, name)
		}
	}
}

func (b *templateBuilder) lintSecret(n *node, what, name string) {
	looks := ""
	for _, f := range secretForms {
		if f.form.MatchString(n.text) {
			looks = f.what
			break
		}
	}
	if looks == "" && secretName.MatchString(name) && !reference.MatchString(n.text) {
		looks = "a secret"
	}
	if looks == "" {
		return
	}
	b.warn(n, CodeSecret, "name it in the secrets of the task definition, from Secrets Manager or Parameter Store: plans and logs of API calls show the overrides",
		"the value of %s looks like %s", what, looks).Secret = true
}

// lintSize adds up how long the overrides can get.
func (b *templateBuilder) lintSize(t *mapping.Template) {
	total, terms := b.literalSize(t), map[string]int{}
	if total < 0 {
		return
	}
	text := fmt.Sprintf("%d without expressions", total)
	var order []string
	for i := range b.expressions {
		e := &b.expressions[i]
		if !strings.HasPrefix(e.field, "overrides.") {
			continue
		}
		for j := range e.parts {
			p := &e.parts[j]
			size := b.partSize(p)
			total += size
			if p.result == nil {
				terms["text around expressions"] += size
				continue
			}
			source := strings.TrimSpace(p.source)
			terms[source] += size
			if !slices.Contains(order, source) {
				order = append(order, source)
			}
		}
	}
	if total <= task.MaxOverrideBytes {
		return
	}
	slices.SortStableFunc(order, func(a, b string) int { return terms[b] - terms[a] })
	for _, source := range append(order, "text around expressions") {
		if terms[source] > 0 {
			text += fmt.Sprintf(" + %d of %s", terms[source], source)
		}
	}
	b.warn(b.places["overrides"], CodeOverrideSize, "pass the longest values once, or put them into S3 and pass where they are",
		"overrides can have %d bytes of JSON, RunTask takes at most %d: %s", total, task.MaxOverrideBytes, text)
}

// partSize is the most bytes of JSON that a part of a text can have: exactly where
// its values are known, by the maxima of the event's schema otherwise, which do not
// say what has to be escaped. What is not known counts nothing.
func (b *templateBuilder) partSize(p *part) int {
	if p.result == nil {
		return task.TextBytes(p.text)
	}
	outcomes, known := b.scope.outcomes(p.result.Node)
	most := 0
	for _, o := range outcomes {
		text, ok := o.Value.Text()
		known = known && ok && len(o.Env) == 0
		most = max(most, task.TextBytes(text))
	}
	if known {
		return most
	}
	return max(p.result.MaxLength, 0)
}

// literalSize is the size of the overrides in which each expression is an empty
// text, -1 if there are none.
func (b *templateBuilder) literalSize(t *mapping.Template) int {
	var undo []func()
	for i := range b.expressions {
		e := &b.expressions[i]
		at := t.Find(e.field)
		if at == nil || e.kind != reflect.String {
			continue
		}
		saved := *at
		undo = append(undo, func() { *at = saved })
		*at = mapping.Template{Value: json.RawMessage(`""`)}
	}
	r, err := t.Literal()
	for _, f := range undo {
		f()
	}
	if err != nil || r.Overrides == nil {
		return -1
	}
	return task.OverrideBytes(r.Overrides)
}
