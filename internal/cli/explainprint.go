package cli

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// nearestShown is how many rules that do not match are shown without --all.
const nearestShown = 5

func (c *Command) printExplanation(o *explainOptions, x *explainer) int {
	status := ExitOK
	for i := range x.out.Events {
		if x.out.Events[i].Error != "" {
			status = ExitError
		}
	}
	if o.format == "json" {
		if err := c.writeJSON(&x.out); err != nil {
			return c.fail(err)
		}
		return status
	}
	p := explainPrinter{w: c.Stdout, style: c.style(), mapping: x.out.Mapping, all: o.all}
	for i := range x.out.Events {
		e := &x.out.Events[i]
		if e.Error != "" {
			c.errorf("%s: %s", e.where(), e.Error)
			continue
		}
		p.event(e)
	}
	if x.unset {
		c.hintf("pass environment variables with --env NAME=VALUE")
	}
	return status
}

// where names the payload and the message of an event.
func (e *explainedEvent) where() string {
	if e.Item == "" {
		return e.Event
	}
	return e.Event + ", message " + shorten(printable(e.Item), 80)
}

// explainPrinter writes events for people.
type explainPrinter struct {
	w       io.Writer
	style   style
	mapping string
	all     bool
	columns columns
	begun   bool
}

// columns are the widths of a predicate's place, field and what is wanted; what
// the event has takes the rest. They are the same for all rules of an event.
type columns struct{ at, field, wanted, saw int }

// The gaps of a row: two in front, one behind the mark, two between cells.
const (
	indent = 2
	gap    = 2
)

func (p *explainPrinter) event(e *explainedEvent) {
	if p.begun {
		fmt.Fprintln(p.w)
	}
	p.begun = true
	if e.Source == "" {
		fmt.Fprintf(p.w, "%s holds no event\n", e.where())
		return
	}
	about := []string{e.where() + ": " + shorten(e.Source, 80), shorten(e.DetailType, 80)}
	if e.ID != "" {
		about = append(about, "id "+shorten(e.ID, 80))
	}
	fmt.Fprintln(p.w, p.style.bold(printable(strings.Join(about, ", "))))
	shown, matched := p.shown(e.Rules)
	names := ""
	for i := range matched {
		names += ", " + e.Rules[i].Rule
		if e.Rules[i].Skipped != "" {
			names += " (but launches nothing)"
		}
	}
	if e.OnlyRule != "" {
		names += fmt.Sprintf("; the event is for rule %q alone", shorten(e.OnlyRule, 80))
	}
	fmt.Fprintf(p.w, "%d of %s matched%s\n", matched, count(len(e.Rules), "rule"), shorten(strings.Replace(names, ", ", ": ", 1), 200))
	p.columns = p.measure(shown)
	if len(shown) > 0 {
		fmt.Fprintf(p.w, "\n    %s\n", p.style.dim(p.row("AT", "FIELD", "WANTED", "EVENT HAS")))
	}
	for i := range shown {
		fmt.Fprintln(p.w)
		p.rule(&shown[i])
	}
	if rest := len(e.Rules) - len(shown); rest > 0 {
		fmt.Fprintf(p.w, "\nand %s that did not match; --all shows them\n", count(rest, "more rule"))
	}
}

// shown is the rules that are written, and how many of them match.
func (p *explainPrinter) shown(rules []explainedRule) (shown []explainedRule, matched int) {
	for matched < len(rules) && rules[matched].trace != nil && rules[matched].Matched {
		matched++
	}
	if p.all {
		return rules, matched
	}
	return rules[:min(len(rules), matched+nearestShown)], matched
}

// measure finds the widths of the columns. Without a limit the longest cells
// stick out, so that they do not push all others apart.
func (p *explainPrinter) measure(rules []explainedRule) columns {
	const usual = 48
	c := columns{at: len("AT"), field: len("FIELD"), wanted: len("WANTED"), saw: len("EVENT HAS")}
	for i := range rules {
		if rules[i].trace == nil {
			continue
		}
		for _, q := range rules[i].Predicates {
			c.at = max(c.at, len(q.at()))
			c.field = max(c.field, utf8.RuneCountInString(printable(q.Field)))
			c.wanted = max(c.wanted, utf8.RuneCountInString(printable(string(q.Wanted))))
			c.saw = max(c.saw, utf8.RuneCountInString(printable(q.saw())))
		}
	}
	c.field, c.wanted = min(c.field, usual), min(c.wanted, usual)
	if p.style.width > 0 {
		const least = 30 // narrower terminals wrap
		room := max(p.style.width-indent-2-c.at-3*gap, least)
		c.field = min(c.field, room*2/5)
		room -= c.field
		c.wanted = min(c.wanted, max(room/2, room-c.saw))
		c.saw = room - c.wanted
	}
	return c
}

func (p *predicate) at() string { return fmt.Sprintf("%d:%d", p.Line, p.Col) }

func (p *explainPrinter) rule(r *explainedRule) {
	at := p.style.dim(fmt.Sprintf("%s:%d:%d", p.mapping, r.Line, r.Col))
	if r.Schedule != "" {
		verdict := "the event is its schedule's: " + r.Schedule
		if !r.Matched {
			verdict = fmt.Sprintf("no event matches it, it has a schedule: %s; --rule %s shows its launch", r.Schedule, r.Rule)
		}
		fmt.Fprintf(p.w, "%s %s  %s  %s\n", p.style.mark(r.Matched), p.style.bold(r.Rule), at, verdict)
		p.outcome(r)
		return
	}
	if r.trace == nil {
		fmt.Fprintf(p.w, "%s %s  %s  %s\n", p.style.mark(false), p.style.bold(r.Rule), at, r.Error)
		return
	}
	fmt.Fprintf(p.w, "%s %s  %s  %s\n", p.style.mark(r.Matched), p.style.bold(r.Rule), at, r.verdict())
	hint := ""
	for i := range r.Predicates {
		q := &r.Predicates[i]
		fmt.Fprintf(p.w, "  %s %s\n", p.style.mark(q.Met), p.row(q.at(), printable(q.Field), printable(string(q.Wanted)), printable(q.saw())))
		if q.Hint != "" && q.Hint != hint {
			fmt.Fprintf(p.w, "    hint: %s\n", printable(q.Hint))
		}
		hint = q.Hint
	}
	p.outcome(r)
}

// row lays cells into the columns.
func (p *explainPrinter) row(at, field, wanted, saw string) string {
	c := p.columns
	if p.style.width > 0 {
		field, wanted, saw = shorten(field, c.field), shorten(wanted, c.wanted), shorten(saw, c.saw)
	}
	return padded(at, c.at) + padded(field, c.field) + padded(wanted, c.wanted) + saw
}

// padded is a cell of a row with the gap behind it.
func padded(text string, width int) string {
	return text + strings.Repeat(" ", gap+max(width-utf8.RuneCountInString(text), 0))
}
