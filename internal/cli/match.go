package cli

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/event"
	"github.com/taskbridge/taskbridge/internal/pattern"
	"github.com/taskbridge/taskbridge/internal/scan"
)

func matchVerb() verb {
	return verb{
		name:     "match",
		summary:  "test events against an event pattern, or cases",
		synopsis: []string{"--pattern FILE [EVENT-FILE…]", "--cases FILE.jsonl"},
		about: "says whether events match an event pattern, as aws events test-event-pattern would, offline: true or false on stdout; " +
			"with false, each field that is not met on stderr. Without EVENT-FILE, and for -, the event is read from standard input.\n\n" +
			`A case is one line, plain or gzip: {"id", "pattern", "event", "match": true|false}, {"id", "pattern", "invalid": true} or ` +
			`{"id", "pattern", "valid": true}; pattern and event are JSON or a string that holds it. Printed is {"id", "want", "got"} for ` +
			`each that came out differently, and at last N passed, N failed, with --format json as {"passed", "failed"}.`,
		operands: fileOperands,
		exits:    "0; 1 an event does not match, the pattern is invalid, or a case failed; 3 a file could not be read, or is no event, or a line is no case.",
		examples: []string{"taskbridge match --pattern upload.json events/samples/s3-eventbridge.json"},
		output:   []any{matchResult{}, difference{}, tally{}},
		bind: func(f *flags) runner {
			var o matchOptions
			f.text(&o.pattern, "pattern", "FILE", "a JSON file; - is standard input")
			f.text(&o.cases, "cases", "FILE", "a file of cases")
			f.bool(&o.quiet, "quiet", "do not say why")
			f.choice(&o.format, "format", "json: one object on stdout", "text", "json")
			return func(c *Command, events []string) int { return c.match(&o, events) }
		},
	}
}

type matchOptions struct {
	pattern, cases, format string
	quiet                  bool
}

// matchResult is the JSON output of match --pattern.
type matchResult struct {
	Pattern  string         `json:"pattern" doc:"its file"`
	Matched  bool           `json:"matched" doc:"the pattern is valid and every event matches"`
	Findings []finding      `json:"findings" doc:"about the pattern"`
	Events   []matchedEvent `json:"events"`
}

// matchedEvent is one event; of Error and trace exactly one is set.
type matchedEvent struct {
	Event string `json:"event" doc:"its file"`
	Error string `json:"error,omitempty" doc:"why it was not looked at"`
	*trace
}

func (c *Command) match(o *matchOptions, events []string) int {
	if status := c.checkMatch(o, events); status != ExitOK {
		return status
	}
	if o.cases != "" {
		return c.matchCases(o)
	}
	if len(events) == 0 {
		events = []string{"-"}
	}
	return c.matchPattern(o, events)
}

func (c *Command) checkMatch(o *matchOptions, events []string) int {
	stdin := 0
	for _, file := range append([]string{o.pattern}, events...) {
		if file == "-" {
			stdin++
		}
	}
	switch {
	case o.pattern != "" && o.cases != "":
		return c.usageError("each case has a pattern of its own", "--pattern and --cases exclude each other")
	case o.cases != "" && len(events) > 0:
		return c.usageError("each case has an event of its own", "--cases takes no event files, got %q", events[0])
	case o.cases != "" && o.quiet:
		return c.usageError("--cases says no reasons", "--quiet goes with --pattern")
	case o.cases != "":
	case o.pattern == "" && len(events) > 0:
		return c.usageError(fmt.Sprintf("write taskbridge match --pattern %s EVENT-FILE", events[0]), "match needs a pattern")
	case o.pattern == "":
		return c.usageError("name it with --pattern FILE, or a file of cases with --cases FILE", "match needs a pattern")
	case o.pattern == "-" && len(events) == 0:
		return c.usageError("name the files of the events", "--pattern - reads the pattern from standard input, not an event")
	case stdin > 1:
		return c.usageError("", "standard input can be read only once, - is given %d times", stdin)
	}
	return ExitOK
}

func (c *Command) matchPattern(o *matchOptions, events []string) int {
	if strings.HasPrefix(strings.TrimSpace(o.pattern), "{") {
		return c.usageError("write it to a file, or give it on standard input with --pattern -", "--pattern takes the name of a file, got a pattern")
	}
	text, err := c.read(o.pattern)
	if err != nil {
		return c.fail(err)
	}
	res := matchResult{Pattern: o.pattern, Findings: []finding{}, Events: []matchedEvent{}}
	if findings := patternFindings(o.pattern, text); len(findings) > 0 {
		return c.invalidPattern(o, &res, findings, text)
	}
	status := ExitOK
	for _, file := range events {
		e, data := c.matchEvent(o, text, file)
		res.Events = append(res.Events, e)
		switch {
		case e.trace == nil:
			status = ExitError
		case !e.Matched:
			status = max(status, ExitFailed)
		}
		if o.format == "text" {
			c.printMatch(o, &e, data, len(events) > 1)
		}
	}
	res.Matched = status == ExitOK
	if o.format == "json" {
		if err := c.writeJSON(&res); err != nil {
			return c.fail(err)
		}
	}
	return status
}

func (c *Command) invalidPattern(o *matchOptions, res *matchResult, findings diag.List, text []byte) int {
	if o.format == "json" {
		res.Findings = findingsOf(findings)
		if err := c.writeJSON(res); err != nil {
			return c.fail(err)
		}
		return ExitFailed
	}
	c.printFindings(o.pattern, findings, text)
	return ExitFailed
}

// matchEvent matches the event in one file; data is what the file holds.
func (c *Command) matchEvent(o *matchOptions, text []byte, file string) (e matchedEvent, data []byte) {
	e.Event = file
	data, err := c.read(file)
	if err != nil {
		e.Error = err.Error()
		return e, nil
	}
	t, err := pattern.Explain(text, data)
	if err != nil {
		e.Error = fmt.Sprintf("%s: %v", file, err)
		var syntax *scan.SyntaxError
		if errors.As(err, &syntax) {
			e.Error = fmt.Sprintf("%s:%s: not one JSON object: %s", file, posOf(data, syntax.Offset), syntax.Msg)
		}
		return e, data
	}
	e.trace = newTrace(t, data, func(p *pattern.Predicate) diag.Pos { return posOf(text, p.Offset) })
	if o.quiet {
		e.Predicates = []predicate{}
	}
	return e, data
}

// printMatch writes the answer to stdout and the reasons to stderr.
func (c *Command) printMatch(o *matchOptions, e *matchedEvent, data []byte, several bool) {
	switch {
	case e.trace == nil:
		c.errorf("%s", e.Error)
		return
	case several:
		fmt.Fprintf(c.Stdout, "%s: %t\n", e.Event, e.Matched)
	default:
		fmt.Fprintln(c.Stdout, e.Matched)
	}
	if e.Matched || o.quiet {
		return
	}
	if kind := envelope(data); kind != "" {
		fmt.Fprintf(c.Stderr, "%s: no match: it %s\n", e.Event, kind)
		c.hintf("match takes the event itself; taskbridge explain --event %s looks into it", e.Event)
		return
	}
	fmt.Fprintf(c.Stderr, "%s: no match: %s\n", e.Event, e.verdict())
	hint := ""
	for i := range e.Predicates {
		p := &e.Predicates[i]
		if p.Met && !e.Apart {
			continue
		}
		fmt.Fprintf(c.Stderr, "  %s:%d:%d: %s\n", o.pattern, p.Line, p.Col, p.sentence())
		if p.Hint != "" && p.Hint != hint {
			fmt.Fprintf(c.Stderr, "    hint: %s\n", printable(p.Hint))
		}
		hint = p.Hint
	}
}

// sentence says what a field should have had and what it has.
func (p *predicate) sentence() string {
	if len(p.Saw) == 0 {
		return printable(fmt.Sprintf("%s: wanted %s, it is absent", p.Field, p.Wanted))
	}
	return printable(fmt.Sprintf("%s: wanted %s, got %s", p.Field, p.Wanted, p.saw()))
}

// envelope says what a payload holds that is one of Lambda's envelopes, "" for
// any other.
func envelope(payload []byte) string {
	batch, err := event.Parse(payload, event.Accept{})
	if err != nil {
		return ""
	}
	plain := func(item event.Item) bool {
		return len(item.Events) == 1 && item.Events[0].Rule == "" && bytes.Equal(item.Events[0].JSON, bytes.TrimSpace(payload))
	}
	switch {
	case batch.Source == event.SQS:
		return "holds SQS messages"
	case batch.Source == event.SNS:
		return "holds SNS messages"
	case slices.ContainsFunc(batch.Items, plain):
		return ""
	}
	return "is an envelope around an event"
}
