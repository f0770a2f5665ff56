package cli

import (
	"encoding/json"
	"flag"
	"fmt"
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/mapping/compile"
)

const explainUsage = `usage: taskbridge explain --event FILE [flags] [FILE]

says for an event which rules of the mapping match, with the RunTask request that
each makes of it, and which do not: every field of their patterns with what it
may be and what the event has there, the nearest miss first.

  --event FILE         a payload as the function gets it: an event, an SQS batch,
                       an S3 notification, …; may be repeated; - is standard input
  --rule NAME          look at this rule alone
  --all                show every rule that does not match, not the nearest 5
  --env NAME=VALUE     environment of the function; may be repeated
  --format text|json   json: one object on stdout,
    {"mapping", "events": [{"event", "item", "id", "source", "detailType",
    "onlyRule", "error", "rules": [{"rule", "line", "col", "error", "matched",
    "apart", "alternatives", "predicates": [{"field", "met", "wanted", "saw",
    "more", "line", "col", "hint"}], "request", "requestError"}]}]}

exit status 0, whatever matches; 1: the mapping has findings; 3: a payload holds
what is no event, or an event asks for a rule that the mapping does not have
example: taskbridge explain --event events/samples/s3-eventbridge.json
`

type explainOptions struct {
	rule, format string
	events, env  list
	all          bool
}

// explanation is the JSON output of explain.
type explanation struct {
	Mapping string           `json:"mapping"`
	Events  []explainedEvent `json:"events"`
}

// explainedEvent is one event of a payload; of Error and Rules exactly one is set.
type explainedEvent struct {
	Event      string          `json:"event"`          // the file
	Item       string          `json:"item,omitempty"` // id of the SQS or SNS message
	ID         string          `json:"id,omitempty"`
	Source     string          `json:"source,omitempty"`
	DetailType string          `json:"detailType,omitempty"`
	OnlyRule   string          `json:"onlyRule,omitempty"` // the event is for this rule alone
	Error      string          `json:"error,omitempty"`
	Rules      []explainedRule `json:"rules,omitzero"` // that match, in the order of the mapping; then the others, the nearest miss first
}

// explainedRule is what a rule makes of an event; of Error and trace exactly one
// is set, of Request and RequestError one if the rule matches.
type explainedRule struct {
	Rule  string `json:"rule"`
	Line  int    `json:"line"`
	Col   int    `json:"col"`
	Error string `json:"error,omitempty"`
	*trace
	Request      json.RawMessage `json:"request,omitempty"`
	RequestError string          `json:"requestError,omitempty"`
}

func (c *Command) explain(args []string) int {
	var o explainOptions
	fs := flag.NewFlagSet("explain", flag.ContinueOnError)
	fs.Var(&o.events, "event", "")
	fs.StringVar(&o.rule, "rule", "", "")
	fs.BoolVar(&o.all, "all", false, "")
	fs.Var(&o.env, "env", "")
	fs.StringVar(&o.format, "format", "text", "")
	files, status, done := c.parse(fs, explainUsage, args)
	if done {
		return status
	}
	if len(files) == 0 {
		files = []string{defaultMapping}
	}
	if status := c.checkExplain(&o, files); status != ExitOK {
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
	return c.printExplanation(&o, &x)
}

func (c *Command) checkExplain(o *explainOptions, files []string) int {
	switch {
	case o.format != "text" && o.format != "json":
		return c.usageError("", "unknown format %q, expected text or json", o.format)
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
