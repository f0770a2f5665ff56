package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/mapping/compile"
)

func explainVerb() verb {
	return verb{
		name:     "explain",
		summary:  "say which rules an event matches, and why not",
		synopsis: []string{"--event FILE [flags] [FILE]"},
		about: "says for an event which rules of the mapping match, with the RunTask request that each makes of it, " +
			"and which do not: every field of their patterns with what it may be and what the event has there, the nearest miss first.",
		operands: fileOperands,
		exits: "0 whatever matches; 1 the mapping has findings; 3 a payload holds what is no event, " +
			"or an event asks for a rule that the mapping does not have.",
		examples: []string{"taskbridge explain --event events/samples/s3-eventbridge.json"},
		output:   []any{explanation{}},
		bind: func(f *flags) runner {
			var o explainOptions
			f.list(&o.events, "event", "FILE", "a payload as the function gets it: an event, an SQS batch, an S3 notification, …; - is standard input")
			f.text(&o.rule, "rule", "NAME", "look at this rule alone")
			f.bool(&o.all, "all", "show every rule that does not match, not the nearest 5")
			f.list(&o.env, "env", "NAME=VALUE", "environment of the function")
			f.choice(&o.format, "format", "json: one object on stdout", "text", "json")
			return func(c *Command, files []string) int { return c.explain(&o, files) }
		},
	}
}

type explainOptions struct {
	rule, format string
	events, env  list
	all          bool
}

// explanation is the JSON output of explain.
type explanation struct {
	Mapping string           `json:"mapping" doc:"its file"`
	Events  []explainedEvent `json:"events" doc:"of all payloads"`
}

// explainedEvent is one event of a payload; of Error and Rules exactly one is set.
type explainedEvent struct {
	Event      string          `json:"event" doc:"the file of the payload"`
	Item       string          `json:"item,omitempty" doc:"id of the SQS or SNS message"`
	ID         string          `json:"id,omitempty" doc:"of the event"`
	Source     string          `json:"source,omitempty" doc:"of the event"`
	DetailType string          `json:"detailType,omitempty" doc:"of the event"`
	OnlyRule   string          `json:"onlyRule,omitempty" doc:"the event is for this rule alone"`
	Error      string          `json:"error,omitempty" doc:"why it was not looked at; then there are no rules"`
	Rules      []explainedRule `json:"rules,omitzero" doc:"those that match in the order of the mapping, then the others, the nearest miss first"`
}

// explainedRule is what a rule makes of an event; of Error and trace exactly one
// is set, of Request and RequestError one if the rule matches.
type explainedRule struct {
	Rule  string `json:"rule" doc:"its name"`
	Line  int    `json:"line" doc:"of the rule in the mapping"`
	Col   int    `json:"col" doc:"of the rule in the mapping"`
	Error string `json:"error,omitempty" doc:"why its pattern could not be tried"`
	*trace
	Request      json.RawMessage `json:"request,omitempty" doc:"RunTask's, ready for aws ecs run-task --cli-input-json"`
	RequestError string          `json:"requestError,omitempty" doc:"why there is no request although the rule matches"`
}

func (c *Command) explain(o *explainOptions, files []string) int {
	if len(files) == 0 {
		files = []string{defaultMapping}
	}
	if status := c.checkExplain(o, files); status != ExitOK {
		return status
	}
	plan, source, status := c.load(files[0])
	if plan == nil {
		return status
	}
	if status := c.checkRule(plan, o.rule); status != ExitOK {
		return status
	}
	x := explainer{
		rule: o.rule, plan: plan, env: c.functionEnv(o.env), place: compile.Places(files[0], source),
		out: explanation{Mapping: files[0], Events: []explainedEvent{}},
	}
	for _, file := range o.events {
		data, err := c.read(file)
		if err == nil {
			err = x.payload(file, data)
		}
		if err != nil {
			x.out.Events = append(x.out.Events, explainedEvent{Event: file, Error: err.Error()})
		}
	}
	return c.printExplanation(o, &x)
}

func (c *Command) checkExplain(o *explainOptions, files []string) int {
	switch {
	case len(o.events) == 0:
		hint := "name its file with --event FILE"
		if strings.HasSuffix(files[0], ".json") {
			hint = "write --event " + files[0]
		}
		return c.usageError(hint, "explain needs an event")
	case len(files) > 1:
		return c.usageError("events are named with --event", "explain takes one mapping, got %d", len(files))
	}
	stdin := 0
	for _, file := range append(files, o.events...) {
		if file == "-" {
			stdin++
		}
	}
	if stdin > 1 {
		return c.usageError("", "standard input can be read only once, - is given %d times", stdin)
	}
	return c.checkEnv(o.env)
}

// checkRule refuses the name of a rule that the mapping does not have.
func (c *Command) checkRule(plan *mapping.Plan, name string) int {
	if name == "" {
		return ExitOK
	}
	var names []string
	for i := range plan.Rules {
		if plan.Rules[i].Name == name {
			return ExitOK
		}
		names = append(names, plan.Rules[i].Name)
	}
	hint := "the mapping has " + shorten(strings.Join(names, ", "), 200)
	if near := diag.Nearest(name, names); near != "" {
		hint = fmt.Sprintf("did you mean --rule %s?", near)
	}
	return c.usageError(hint, "the mapping has no rule %q", name)
}
