package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/taskbridge/taskbridge/events/samples"
	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/mapping/compile"
)

func explainVerb() verb {
	return verb{
		name:     "explain",
		summary:  "say which rules an event matches, and why not",
		synopsis: []string{"--event FILE [flags] [FILE]"},
		about: "says for an event which rules of the mapping match, with when and its parts, the RunTask request that each makes of it " +
			"(ready for aws ecs run-task --cli-input-json) and where its values come from, the idempotency key, the calls with their client tokens, the permissions and the retry plan; " +
			"and which do not match: every field of their patterns with what it may be and what the event has there, the nearest miss first.",
		operands: fileOperands,
		exits: "0 whatever matches; 1 the mapping has findings; 3 a payload holds what is no event, " +
			"or an event asks for a rule that the mapping does not have.",
		examples: []string{"taskbridge explain --event s3-eventbridge"},
		output:   []any{explanation{}},
		bind: func(f *flags) runner {
			var o explainOptions
			f.list(&o.events, "event", "FILE", "a payload as the function gets it: an event, an SQS batch, …; - is standard input; or the name of a sample")
			f.bool(&o.listSamples, "list-samples", "list the samples that come with the program")
			f.text(&o.rule, "rule", "NAME", "look at this rule alone")
			f.bool(&o.all, "all", "show every rule that does not match, not the nearest 5, every launch and every call")
			f.list(&o.env, "env", "NAME=VALUE", "environment of the function")
			o.params.declare(f)
			f.choice(&o.format, "format", "json: one object on stdout", "text", "json")
			return func(c *Command, files []string) int { return c.explain(&o, files) }
		},
	}
}

type explainOptions struct {
	rule, format string
	events, env  list
	params       paramFlags
	all          bool
	listSamples  bool
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

// explainedRule is what a rule makes of an event. Of Error, RequestError and what
// is behind it one is set if the rule matches.
type explainedRule struct {
	Rule     string `json:"rule" doc:"its name"`
	Line     int    `json:"line" doc:"of the rule in the mapping"`
	Col      int    `json:"col" doc:"of the rule in the mapping"`
	Error    string `json:"error,omitempty" doc:"why its pattern could not be tried"`
	Schedule string `json:"schedule,omitempty" doc:"the rule has this schedule and no pattern"`
	*trace
	RequestError string            `json:"requestError,omitempty" doc:"why nothing could be evaluated, such as variables that are not set"`
	Skipped      string            `json:"skipped,omitempty" doc:"why the rule launches nothing although it matches: disabled, when, forEach"`
	When         *evaluation       `json:"when,omitempty" doc:"of the rule's when"`
	ForEach      *evaluation       `json:"forEach,omitempty" doc:"of the rule's forEach"`
	Launches     []explainedLaunch `json:"launches,omitempty" doc:"one, or one for each element of forEach"`
	Permissions  []permission      `json:"permissions,omitempty" doc:"what IAM has to allow the function for these launches"`
	Retry        *retryPlan        `json:"retry,omitempty" doc:"how a launch that fails is repeated"`
}

// explainedLaunch is one launch of a rule; of Error and Request exactly one is set.
type explainedLaunch struct {
	Element       int             `json:"element" doc:"index under forEach, else 0"`
	Error         string          `json:"error,omitempty" doc:"why there is no request"`
	Limits        []overLimit     `json:"limits,omitempty" doc:"of RunTask that the request would be over, if that is why"`
	Request       json.RawMessage `json:"request,omitempty" doc:"RunTask's, ready for aws ecs run-task --cli-input-json; of several calls the first one's"`
	Count         int             `json:"count,omitempty" doc:"tasks that the launch asks for, by all its calls"`
	Calls         []explainedCall `json:"calls,omitempty" doc:"of RunTask, which starts at most ten tasks each; they differ in nothing else"`
	Fields        []evaluation    `json:"fields,omitempty" doc:"of the request that an expression gives"`
	OverrideBytes int             `json:"overrideBytes,omitempty" doc:"size of overrides as ECS counts it; at most 8192"`
	Key           string          `json:"key,omitempty" doc:"idempotency key"`
	KeyFrom       *evaluation     `json:"keyFrom,omitempty" doc:"of the rule's idempotency.key; absent: the key is the event's identity"`
	ClientTokens  []string        `json:"clientTokens,omitempty" doc:"of the calls of RunTask, one for each ten tasks; until an answer lacks tasks"`
}

// explainedCall is a call of RunTask.
type explainedCall struct {
	Count       int    `json:"count" doc:"tasks that it asks for"`
	ClientToken string `json:"clientToken" doc:"until an answer lacks tasks"`
}

// overLimit is a limit of RunTask that a request would be over.
type overLimit struct {
	Code    string `json:"code" doc:"stable; docs/limits.md explains it"`
	Field   string `json:"field" doc:"of the request, in RunTask's names"`
	Message string `json:"message" doc:"what is wrong"`
	Hint    string `json:"hint,omitempty" doc:"what to do"`
}

// retryPlan says how long ECS knows a launch, and how one that fails is repeated.
// Durations are in seconds.
type retryPlan struct {
	TokenLifetime     int `json:"tokenLifetime" doc:"seconds that ECS remembers a client token, at most"`
	TokenAfterStopped int `json:"tokenAfterStopped" doc:"seconds that it does after the last task has stopped, if that is sooner"`
	Transient         int `json:"transient" doc:"tries after the first within an invocation, for failures that pass"`
	Throttled         int `json:"throttled" doc:"likewise, when ECS throttles"`
	Ambiguous         int `json:"ambiguous" doc:"likewise, when no answer says what happened"`
	Unknown           int `json:"unknown" doc:"likewise, for what is in no table"`
	BackoffMillis     int `json:"backoffMillis" doc:"longest pause before the first of them"`
	MaxBackoffMillis  int `json:"maxBackoffMillis" doc:"longest pause"`
	MaxAge            int `json:"maxAge" doc:"seconds after which an event is not tried again; 0: no limit"`
}

// evaluation is one expression of the mapping with what it gave; of Value and
// Error exactly one is set.
type evaluation struct {
	Field   string          `json:"field" doc:"when, forEach, idempotency.key, or path in RunTask's names"`
	Line    int             `json:"line" doc:"of the expression in the mapping"`
	Col     int             `json:"col" doc:"likewise"`
	Source  string          `json:"source" doc:"the expression as written"`
	Value   json.RawMessage `json:"value,omitempty" doc:"what it gave; a string with its text if JSON has no such value"`
	Error   string          `json:"error,omitempty" doc:"why it gave nothing"`
	Parts   []part          `json:"parts,omitempty" doc:"its sub-expressions that were evaluated, the innermost first"`
	Allowed []string        `json:"allowed,omitempty" doc:"the only values that the field may have"`
}

// part is a sub-expression; of Value and Error exactly one is set.
type part struct {
	Source string          `json:"source" doc:"written anew: parameters are their values"`
	Value  json.RawMessage `json:"value,omitempty" doc:"as above"`
	Error  string          `json:"error,omitempty" doc:"as above"`
}

// permission is a statement of an IAM policy.
type permission struct {
	Actions    []string `json:"actions" doc:"such as ecs:RunTask"`
	Resources  []string `json:"resources" doc:"ARNs, with CloudFormation's pseudo parameters"`
	Conditions []string `json:"conditions,omitempty" doc:"such as ArnEquals ecs:cluster ARN"`
}

func (c *Command) explain(o *explainOptions, files []string) int {
	if o.listSamples {
		fmt.Fprintln(c.Stdout, strings.Join(samples.Names(), "\n"))
		return ExitOK
	}
	if len(files) == 0 {
		files = []string{defaultMapping}
	}
	if status := c.checkExplain(o, files); status != ExitOK {
		return status
	}
	options, status := c.options(&o.params)
	if status != ExitOK {
		return status
	}
	plan, source, status := c.load(files[0], options)
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
		data, err := c.readEvent(file)
		if err == nil {
			err = nearKey(x.payload(file, data), data)
		}
		if err != nil {
			x.out.Events = append(x.out.Events, explainedEvent{Event: file, Error: strings.TrimPrefix(err.Error(), "open "+file+": ")})
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
