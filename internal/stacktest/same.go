package stacktest

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Differences are where two stacks of one mapping do not deploy the same: rules,
// schedules, queues, alarms, and what the function and the schedules may do.
// Logical ids may differ: they are replaced by what a resource is for.
func Differences(t testing.TB, a, b *Stack) []string {
	t.Helper()
	x, y := a.essence(t), b.essence(t)
	keys := map[string]bool{}
	for _, m := range []map[string]any{x, y} {
		for key := range m {
			keys[key] = true
		}
	}
	var found []string
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if !reflect.DeepEqual(x[key], y[key]) {
			found = append(found, fmt.Sprintf("%s:\n%s\nand\n%s", key, indented(x[key]), indented(y[key])))
		}
	}
	return found
}

func indented(v any) string {
	text, err := json.MarshalIndent(v, "  ", "  ")
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

// essence is what a stack deploys, by names that do not depend on the tool.
func (s *Stack) essence(t testing.TB) map[string]any {
	t.Helper()
	rename := s.roles(t)
	found := map[string]any{}
	add := func(key string, v any) { found[key] = canonical(v, rename) }
	for _, kind := range []string{"AWS::Events::Rule", "AWS::Scheduler::Schedule"} {
		for name, r := range s.named(t, kind) {
			add(kind+" "+name, r.Properties)
		}
	}
	for _, kind := range []string{"AWS::SQS::Queue", "AWS::Lambda::EventSourceMapping", "AWS::Lambda::EventInvokeConfig", "AWS::Lambda::Permission", "AWS::SQS::QueuePolicy"} {
		var all []any
		for _, r := range s.Template.Of(kind) {
			all = append(all, r.Properties)
		}
		add(kind, all)
	}
	for _, r := range s.Template.Of("AWS::CloudWatch::Alarm") {
		add(fmt.Sprint("alarm ", r.Properties["AlarmDescription"]), without(r.Properties, "AlarmActions", "OKActions"))
	}
	for _, r := range s.Template.Of("AWS::IAM::Role") {
		var statements []any
		for _, d := range s.Template.RolePolicies(r.ID) {
			for _, st := range many(object(d)["Statement"]) {
				statements = append(statements, single(st))
			}
		}
		add("policies of "+rename.Replace(r.ID), statements)
		add("trust of "+rename.Replace(r.ID), r.Properties["AssumeRolePolicyDocument"])
	}
	f := s.Function(t).Properties
	add("function", without(f, "Code", "CodeUri", "Environment", "Tags", "Description", "Tracing", "TracingConfig", "Events", "FunctionName"))
	variables := object(object(f["Environment"])["Variables"])
	add("environment", without(variables, "AWS_ENDPOINT_URL_ECS"))
	return found
}

// roles renames the logical ids that ARNs and names are made of.
func (s *Stack) roles(t testing.TB) renamer {
	t.Helper()
	ids := map[string]string{}
	name := func(v any, as string) {
		if text := fmt.Sprint(v); v != nil {
			id := text[max(strings.LastIndexByte(text, ':'), strings.LastIndexByte(text, '/'))+1:]
			ids[id] = as
		}
	}
	f := s.Function(t)
	name(f.Properties["Role"], "the role of the function")
	name(f.ID, "the function")
	name(object(f.Properties["LoggingConfig"])["LogGroup"], "the log")
	source := object(targetsOf(s.Template.sources()[0])[0])
	dead := object(source["DeadLetterConfig"])["Arn"]
	if queue := s.queue(source["Arn"]); queue != nil {
		name(source["Arn"], "the queue")
		dead = object(queue.Properties["RedrivePolicy"])["deadLetterTargetArn"]
		if dead != object(source["DeadLetterConfig"])["Arn"] {
			name(object(source["DeadLetterConfig"])["Arn"], "the undelivered")
		}
	}
	name(dead, "the dead letters")
	for _, schedule := range s.Template.Of("AWS::Scheduler::Schedule") {
		name(object(schedule.Properties["Target"])["RoleArn"], "the role of the schedules")
		break
	}
	return renamer{ids, regexp.MustCompile(`\b(` + strings.Join(slices.Sorted(maps.Keys(ids)), "|") + `)\b`)}
}

// renamer replaces logical ids, each as a whole word.
type renamer struct {
	ids map[string]string
	any *regexp.Regexp
}

func (r renamer) Replace(s string) string {
	return r.any.ReplaceAllStringFunc(s, func(id string) string { return r.ids[id] })
}

func without(m map[string]any, keys ...string) map[string]any {
	out := map[string]any{}
	for k, v := range m {
		if !slices.Contains(keys, k) {
			out[k] = v
		}
	}
	return out
}

// single is a statement without its name, a list of one as that one.
func single(v any) any {
	return without(object(v), "Sid")
}

// canonical is a value with names replaced, lists of one as that one, and lists in
// the order of their text: no list here means anything by its order.
func canonical(v any, rename renamer) any {
	switch v := v.(type) {
	case string:
		return rename.Replace(v)
	case map[string]any:
		out := map[string]any{}
		for k, item := range v {
			out[k] = canonical(item, rename)
		}
		return out
	case []any:
		texts := map[string]any{}
		for _, item := range v {
			c := canonical(item, rename)
			texts[fmt.Sprint(c)] = c
		}
		if len(v) == 1 {
			return canonical(v[0], rename)
		}
		var keys []string
		for k := range texts {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		var out []any
		for _, k := range keys {
			out = append(out, texts[k])
		}
		return out
	}
	return v
}
