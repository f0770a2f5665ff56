package importer

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// rules are those that a wiring becomes: one for each ECS target.
func (s *session) rules(w *wiring) []Rule {
	var ecs []*target
	for i := range w.targets {
		t := &w.targets[i]
		switch {
		case t.ecs != nil:
			ecs = append(ecs, t)
			continue
		case t.unknown != "":
			s.note(Lost, w.origin, "%s", t.unknown)
			continue
		}
		s.note(Lost, w.origin, "%s is no ECS task but %s", targetOf(t), serviceOf(t.arn))
	}
	if len(w.targets) == 0 {
		s.note(Lost, w.origin, "it has no targets in the input")
	}
	var out []Rule
	for _, t := range ecs {
		name := w.fallback
		if literal, ok := w.name.(string); ok {
			name = literal
		}
		if len(ecs) > 1 {
			name += "-" + t.id
		}
		r := Rule{Name: s.ruleName(name), Origin: w.origin, about: w.about, bus: s.bus(w.bus), off: s.disabled(w), target: t}
		switch {
		case w.schedule != nil:
			r.sched = w.schedule
			nameFields(w.schedule)
			if w.pattern != nil {
				s.note(Lost, w.origin, "it has a schedule and a pattern; a rule of a mapping has one: the pattern is left out")
			}
		case w.pattern == nil:
			s.note(Lost, w.origin, "%s", withoutPattern(w))
			continue
		default:
			r.match = w.pattern
			s.look(w.origin, w.pattern)
		}
		r.task = s.task(w.origin, t, r.match)
		r.retry = s.retry(w.origin, t)
		if t.deadLetters != nil {
			s.note(Finding, w.origin, "its dead-letter queue is that of the target; with Taskbridge the deployed stack has one for the function")
		}
		out = append(out, r)
	}
	return out
}

// withoutPattern says why a wiring has neither a schedule nor a pattern.
func withoutPattern(w *wiring) string {
	if w.hidden == "" {
		return "it has neither an event pattern nor a schedule in the input"
	}
	return "its event pattern is not known before the deployment, for it refers to " + w.hidden +
		": import what is deployed, as aws events describe-rule or terraform show -json of the state print it"
}

// nameFields says to the parameters of a schedule what they are for, so that a
// proof has values that fit.
func nameFields(schedule object) {
	for name, v := range schedule {
		switch v := v.(type) {
		case ref:
			v.param.field = name
		case text:
			for _, piece := range v {
				if r, ok := piece.(ref); ok {
					r.param.field = "part of a schedule"
				}
			}
		}
	}
}

// targetOf names a target. That of a schedule has no id.
func targetOf(t *target) string {
	if t.id == "" {
		return "its target"
	}
	return fmt.Sprintf("target %q", t.id)
}

// serviceOf says in words what an ARN is of.
func serviceOf(arn any) string {
	flat := (&transformer{}).flatten(arn)
	parts := strings.Split(flat, ":")
	if len(parts) < 3 || parts[0] != "arn" {
		switch r, ok := arn.(ref); {
		case ok && r.param.of != "":
			return "the " + r.param.of + " " + r.param.Source
		case ok:
			return "what " + r.param.Source + " is"
		}
		return "something else"
	}
	if _, action, universal := strings.Cut(flat, ":aws-sdk:"); universal {
		return "the universal target " + action
	}
	names := map[string]string{
		"lambda": "an AWS Lambda function", "states": "a Step Functions state machine", "sqs": "an SQS queue", "sns": "an SNS topic",
		"logs": "a CloudWatch log group", "batch": "an AWS Batch job", "codebuild": "a CodeBuild project", "codepipeline": "a CodePipeline pipeline",
		"kinesis": "a Kinesis stream", "firehose": "a Firehose stream", "events": "an event bus or API destination", "ssm": "a Systems Manager action",
	}
	if name, ok := names[parts[2]]; ok {
		return name
	}
	return "of the service " + parts[2]
}

var notInName = regexp.MustCompile(`[^A-Za-z0-9]+`)

// ruleName makes a name that a rule of a mapping may have, and that no other has.
func (s *session) ruleName(name string) string {
	const most = 60 // of 64, so that a number fits behind it
	base := strings.Trim(notInName.ReplaceAllString(name, "-"), "-")
	if base == "" {
		base = "rule"
	}
	base = strings.Trim(base[:min(len(base), most)], "-")
	name = base
	for i := 2; s.used[name]; i++ {
		name = fmt.Sprintf("%s-%d", base, i)
	}
	s.used[name] = true
	return name
}

// bus is a bus of its own; nil for the default one.
func (s *session) bus(v any) any {
	if v == nil || v == "default" || v == "" {
		return nil
	}
	return v
}

// disabled is true for a wiring that is.
func (s *session) disabled(w *wiring) any {
	switch v := w.enabled.(type) {
	case bool:
		if !v {
			return true
		}
	case string:
		if v == "DISABLED" || v == "false" {
			return true
		}
	case ref, text:
		s.note(Lost, w.origin, "whether it is enabled is decided at deployment: the rule is enabled")
	}
	return nil
}

// retry carries the retry policy of a target over.
func (s *session) retry(origin string, t *target) object {
	out := object{}
	if n, ok := number(t.retry["MaximumRetryAttempts"]); ok {
		out["attempts"] = json.Number(strconv.Itoa(n))
	}
	if n, ok := number(t.retry["MaximumEventAgeInSeconds"]); ok {
		out["maxAge"] = fmt.Sprintf("%ds", n)
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// number is v as an int, if it is one.
func number(v any) (int, bool) {
	switch v := v.(type) {
	case json.Number:
		n, err := v.Int64()
		return int(n), err == nil
	case string:
		n, err := strconv.Atoi(v)
		return n, err == nil
	}
	return 0, false
}

// look finds in a pattern what is often meant otherwise.
func (s *session) look(origin string, v any) {
	switch v := v.(type) {
	case object:
		for _, name := range sorted(v) {
			s.look(origin, v[name])
		}
	case []any:
		has := map[string]bool{}
		for _, item := range v {
			if o, ok := item.(object); ok {
				for operator := range o {
					has[operator] = true
				}
			}
			s.look(origin, item)
		}
		if has["prefix"] && has["suffix"] {
			s.note(Finding, origin, "a list with prefix and suffix in its pattern matches what has the one or the other, not only what has both; wildcard says both: {wildcard: \"prefix*suffix\"}")
		}
	}
}

// decodeJSON is a JSON text as a value.
func decodeJSON(data []byte) (any, error) {
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	return v, nil
}
