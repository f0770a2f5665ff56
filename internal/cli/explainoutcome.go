package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/taskbridge/taskbridge/internal/task"
)

// How much of a rule is shown without --all: launches of a forEach, and calls of a
// launch.
const (
	launchesShown = 3
	callsShown    = 5
)

// outcome writes what a rule that matches makes of the event.
func (p *explainPrinter) outcome(r *explainedRule) {
	if r.RequestError != "" {
		p.line(1, "no request: %s", indented(r.RequestError, "      "))
		return
	}
	p.condition("when", r.When)
	p.condition("forEach", r.ForEach)
	switch r.Skipped {
	case "":
	case "disabled":
		p.line(1, "%s", p.style.paint("33", "launches nothing: enabled is false"))
	case "when":
		p.line(1, "%s", p.style.paint("33", "launches nothing: when is false"))
	default:
		p.line(1, "%s", p.style.paint("33", "launches nothing: the list of forEach is empty"))
	}
	shown := r.Launches
	if !p.all && len(shown) > launchesShown {
		shown = shown[:launchesShown]
	}
	for i := range shown {
		if len(r.Launches) > 1 {
			p.line(1, "%s", p.style.bold(fmt.Sprintf("element %d of %d", shown[i].Element, len(r.Launches))))
		}
		p.launch(&shown[i])
	}
	if more := len(r.Launches) - len(shown); more > 0 {
		p.line(1, "and %s; --all shows them", count(more, "more launch"))
	}
	p.permissions(r.Permissions)
	p.retry(r.Retry)
}

func (p *explainPrinter) retry(r *retryPlan) {
	if r == nil {
		return
	}
	age := ""
	if r.MaxAge > 0 {
		age = ", not after " + short(time.Duration(r.MaxAge)*time.Second) + " of the event"
	}
	p.line(1, "retry: %s", fmt.Sprintf("failures that pass %d times, throttling %d, no answer %d, unknown %d; pauses of up to %s, then twice as long, up to %s%s",
		r.Transient, r.Throttled, r.Ambiguous, r.Unknown,
		time.Duration(r.BackoffMillis)*time.Millisecond, time.Duration(r.MaxBackoffMillis)*time.Millisecond, age))
	p.line(1, "once: ECS starts nothing again for the same token until %s after the last task has stopped, %s at most",
		short(time.Duration(r.TokenAfterStopped)*time.Second), short(time.Duration(r.TokenLifetime)*time.Second))
}

// line writes a line that is indented by so many steps.
func (p *explainPrinter) line(steps int, format string, args ...any) {
	fmt.Fprintf(p.w, strings.Repeat("  ", steps)+format+"\n", args...)
}

// condition writes an expression of the rule with its parts.
func (p *explainPrinter) condition(name string, e *evaluation) {
	if e == nil {
		return
	}
	p.line(1, "%s is %s  %s", name, p.result(e.Value, e.Error), p.style.dim(fmt.Sprintf("%d:%d  %s", e.Line, e.Col, printable(e.Source))))
	p.parts(e, 2)
}

// result is a value or an error.
func (p *explainPrinter) result(value json.RawMessage, err string) string {
	if err != "" {
		return p.style.paint("31", "an error: "+printable(err))
	}
	return printable(string(value))
}

// parts writes the sub-expressions of e in two columns.
func (p *explainPrinter) parts(e *evaluation, steps int) {
	const most = 60
	width := 0
	seen := map[string]bool{}
	var shown []part
	for _, one := range e.Parts {
		key := one.Source + "\x00" + string(one.Value) + one.Error
		if !seen[key] && one.Source != e.Source {
			seen[key] = true
			shown = append(shown, one)
			width = max(width, min(utf8.RuneCountInString(one.Source), most))
		}
	}
	for _, one := range shown {
		p.line(steps, "%s%s", padded(printable(one.Source), width), p.fit(p.result(one.Value, one.Error), width+2*steps+gap))
	}
}

// fit shortens text to what the terminal has room for behind used columns.
func (p *explainPrinter) fit(text string, used int) string {
	const least = 20 // narrower terminals wrap
	if p.style.width == 0 || p.style.colour && strings.Contains(text, "\x1b") {
		return text
	}
	return shorten(text, max(p.style.width-used, least))
}

func (p *explainPrinter) launch(l *explainedLaunch) {
	if len(l.Limits) > 0 {
		p.overLimits(l)
		return
	}
	if l.Error != "" {
		p.line(1, "no request: %s", p.style.paint("31", indented(l.Error, "      ")))
		for i := range l.Fields {
			if l.Fields[i].Error != "" {
				p.parts(&l.Fields[i], 3)
			}
		}
		return
	}
	p.fields(l)
	p.line(1, "request: %s", printableJSON(l.Request))
	if l.OverrideBytes > 0 {
		p.line(1, "overrides: %d of %d bytes", l.OverrideBytes, task.MaxOverrideBytes)
	}
	from := "the identity of the event"
	if l.KeyFrom != nil {
		from = fmt.Sprintf("%d:%d  %s", l.KeyFrom.Line, l.KeyFrom.Col, printable(l.KeyFrom.Source))
	}
	p.line(1, "idempotency key: %s  %s", printable(l.Key), p.style.dim(from))
	if len(l.Calls) == 1 {
		p.line(1, "client token: %s", l.Calls[0].ClientToken)
		return
	}
	p.line(1, "calls: %d for %d tasks, as RunTask starts at most %d; the request is the first one's", len(l.Calls), l.Count, task.MaxCount)
	shown := l.Calls
	if !p.all && len(shown) > callsShown {
		shown = shown[:callsShown]
	}
	for i := range shown {
		p.line(2, "count %2d, client token: %s", shown[i].Count, shown[i].ClientToken)
	}
	if more := len(l.Calls) - len(shown); more > 0 {
		p.line(2, "and %s; --all shows them", count(more, "more call"))
	}
}

// overLimits writes what a request would be refused for, under the values that
// made it so.
func (p *explainPrinter) overLimits(l *explainedLaunch) {
	p.fields(l)
	p.line(1, "%s", p.style.paint("31", "no request: RunTask would refuse it"))
	for _, o := range l.Limits {
		p.line(2, "%s: %s [%s]", o.Field, o.Message, o.Code)
		if o.Hint != "" {
			p.line(3, "hint: %s", o.Hint)
		}
	}
}

// fields writes where the values of a request come from.
func (p *explainPrinter) fields(l *explainedLaunch) {
	if len(l.Fields) == 0 {
		return
	}
	const mostName, mostValue = 56, 40
	names := make([]string, len(l.Fields))
	name, value := 0, 0
	for i := range l.Fields {
		f := &l.Fields[i]
		names[i] = printable(label(f.Field, l.Request))
		name = max(name, min(utf8.RuneCountInString(names[i]), mostName))
		value = max(value, min(utf8.RuneCountInString(printable(string(f.Value))), mostValue))
	}
	p.line(1, "values:")
	for i := range l.Fields {
		f := &l.Fields[i]
		shown := printable(string(f.Value))
		if p.style.width > 0 {
			shown = shorten(shown, mostValue)
		}
		source := p.fit(printable("${"+f.Source+"}"), name+value+2*gap+4+len("000:00  "))
		p.line(2, "%s%s%s", padded(names[i], name), padded(shown, value), p.style.dim(fmt.Sprintf("%d:%d  %s", f.Line, f.Col, source)))
	}
}

// indexed is an element of a list in a path of RunTask's names.
var indexed = regexp.MustCompile(`(\w+)\[(\d+)\]`)

// label is a path of RunTask's names with the names of containers, variables and
// tags in it instead of their indexes,
// and without the names around them that say nothing.
func label(path string, request json.RawMessage) string {
	var v any
	if json.Unmarshal(request, &v) != nil {
		return path
	}
	out := ""
	for step := range strings.SplitSeq(path, ".") {
		m := indexed.FindStringSubmatch(step)
		if m == nil {
			v = memberOf(v, step)
			if step == "value" && strings.HasSuffix(out, "]") {
				continue // of a pair
			}
			out += "." + step
			continue
		}
		list, _ := memberOf(v, m[1]).([]any)
		index, _ := strconv.Atoi(m[2])
		name := m[2]
		if index < len(list) {
			v = list[index]
			for _, key := range []string{"name", "key"} {
				if text, ok := memberOf(v, key).(string); ok {
					name = text
				}
			}
		}
		out += "." + m[1] + "[" + name + "]"
	}
	for _, long := range []string{".overrides", ".networkConfiguration"} {
		out = strings.TrimPrefix(out, long)
	}
	return strings.TrimPrefix(out, ".")
}

func memberOf(v any, name string) any {
	object, _ := v.(map[string]any)
	return object[name]
}

func (p *explainPrinter) permissions(list []permission) {
	if len(list) == 0 {
		return
	}
	p.line(1, "permissions:")
	for i := range list {
		one := &list[i]
		p.line(2, "%s on %s", strings.Join(one.Actions, ", "), strings.Join(one.Resources, ", "))
		for _, condition := range one.Conditions {
			p.line(3, "%s", p.style.dim("if "+condition))
		}
	}
}

// printableJSON is JSON on lines, indented as the request of a rule.
func printableJSON(text []byte) string {
	var b bytes.Buffer
	_ = json.Indent(&b, text, "  ", "  ") // it has just been marshalled
	lines := strings.Split(b.String(), "\n")
	for i, line := range lines {
		lines[i] = printable(line)
	}
	return strings.Join(lines, "\n")
}
