package importer

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/events/samples"
	"github.com/taskbridge/taskbridge/internal/schema"
)

// placeholderOf is a value for a parameter, for the time of a proof.
func placeholderOf(p *Param) any {
	if p.Default != nil {
		return p.Default
	}
	switch p.Type {
	case "int":
		return 1
	case "bool":
		return true
	}
	text := "param-" + p.Name
	for _, known := range placeholders {
		if known.name == p.Source || known.name == p.field {
			text = known.value
		}
	}
	if p.Type == "list" {
		return []string{text}
	}
	return text
}

// placeholders are what RunTask takes for a field, and CloudFormation's pseudo
// parameters.
var placeholders = []struct{ name, value string }{
	{"subnets", "subnet-0123456789abcdef0"}, {"securityGroups", "sg-0123456789abcdef0"}, {"assignPublicIp", "ENABLED"},
	{"cpu", "256"}, {"memory", "512"}, {"launchType", "FARGATE"}, {"platformVersion", "LATEST"}, {"propagateTags", "TASK_DEFINITION"},
	{"capacityProvider", "FARGATE"}, {"taskRoleArn", "arn:aws:iam::123456789012:role/task"},
	{"executionRoleArn", "arn:aws:iam::123456789012:role/execution"},
	{"AWS::AccountId", "123456789012"}, {"AWS::Region", "eu-central-1"}, {"AWS::Partition", "aws"}, {"AWS::URLSuffix", "amazonaws.com"},
	{"AWS::StackName", "stack"},
	{"expression", "rate(1 hour)"}, {"timezone", "UTC"}, {"start", "2026-12-01T00:00:00Z"}, {"end", "2099-12-01T00:00:00Z"},
	{"group", "default"}, {"part of a schedule", "1"},
}

// events are those that a rule is tried with: the given ones, and some that are
// made from its pattern and its input.
func (s *session) events(r *Rule, given []File) ([]Proof, error) {
	var out []Proof
	for _, f := range given {
		if !json.Valid(f.Data) {
			return nil, fmt.Errorf("%s is not JSON", f.Name)
		}
		out = append(out, Proof{Rule: r.Name, Event: f.Name, input: f.Data})
	}
	full := s.example(r)
	out = append(out, Proof{Rule: r.Name, Event: "made from the pattern", input: mustJSON(full)})
	paths := stringPaths(r.target.paths)
	for _, name := range slices.Sorted(maps.Keys(paths)) {
		steps, err := parsePath(paths[name])
		if err != nil || r.match == nil {
			continue
		}
		if _, optional, known := reach(eventType(r.match), r.match, steps); optional < 0 || !known {
			continue
		}
		lacking := remove(clone(full), steps)
		out = append(out, Proof{Rule: r.Name, Event: "made from the pattern, without <" + name + ">", input: mustJSON(lacking)})
	}
	if r.match != nil {
		other, _ := clone(full).(object)
		other["source"] = "com.example.other"
		out = append(out, Proof{Rule: r.Name, Event: "the same from another source", input: mustJSON(other)})
	}
	return out, nil
}

func stringPaths(paths object) map[string]string {
	out := map[string]string{}
	for name, v := range paths {
		if path, ok := v.(string); ok {
			out[name] = path
		}
	}
	return out
}

// example is an event that matches a rule's pattern and has a text at each path
// of its input.
func (s *session) example(r *Rule) object {
	e := object{
		"version": "0", "id": "7bf73129-1428-4cd3-a780-95db273d1602", "detail-type": "Scheduled Event", "source": "aws.scheduler",
		"account": "123456789012", "time": "2026-11-20T09:12:37Z", "region": "eu-central-1",
		"resources": []any{"arn:aws:scheduler:eu-central-1:123456789012:schedule/default/x"}, "detail": object{"attempt": json.Number("1")},
	}
	if pattern, ok := r.match.(object); ok {
		if slices.Contains(literals(pattern["source"]), "aws.s3") {
			if sample, err := samples.Read("s3-eventbridge"); err == nil {
				if v, err := decodeJSON(sample); err == nil {
					e, _ = v.(object)
				}
			}
		} else {
			e["source"], e["detail-type"], e["detail"] = "com.example", "Example", object{}
		}
		meet(e, pattern)
	}
	paths := stringPaths(r.target.paths)
	for _, name := range slices.Sorted(maps.Keys(paths)) {
		steps, err := parsePath(paths[name])
		if err != nil || len(steps) == 0 {
			continue
		}
		if at, _, known := reach(eventType(r.match), r.match, steps); known {
			put(e, steps, valueOf(at, name))
		}
	}
	return e
}

// meet changes an event so that it matches a pattern; a value for each operator.
func meet(e, pattern object) {
	for name, v := range pattern {
		if alternatives, ok := v.([]any); ok && name == "$or" && len(alternatives) > 0 {
			if first, ok := alternatives[0].(object); ok {
				meet(e, first)
			}
			continue
		}
		switch v := v.(type) {
		case object:
			inner, ok := e[name].(object)
			if !ok {
				inner = object{}
			}
			meet(inner, v)
			e[name] = inner
		case []any:
			value, remove := meeting(v)
			switch {
			case remove:
				delete(e, name)
			case name == "resources":
				e[name] = []any{value}
			default:
				e[name] = value
			}
		}
	}
}

// meeting is a value that one entry of a pattern's list matches; remove: the field
// has to be absent.
func meeting(list []any) (value any, remove bool) {
	if len(list) == 0 {
		return "x", false
	}
	switch entry := list[0].(type) {
	case object:
		for operator, operand := range entry {
			text, isText := operand.(string)
			switch {
			case operator == "exists":
				return "x", operand == false
			case operator == "prefix" && isText:
				return text + "x", false
			case operator == "suffix" && isText:
				return "x" + text, false
			case operator == "wildcard" && isText:
				return strings.ReplaceAll(text, "*", "x"), false
			case operator == "numeric":
				return within(operand), false
			case operator == "cidr" && isText:
				address, _, _ := strings.Cut(text, "/")
				return address, false
			case isText:
				return text, false
			}
		}
		return "something else", false
	case ref, text:
		return placeholderText(entry), false
	}
	return list[0], false
}

func placeholderText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case ref:
		return fmt.Sprint(placeholderOf(v.param))
	case text:
		var b strings.Builder
		for _, piece := range v {
			b.WriteString(placeholderText(piece))
		}
		return b.String()
	}
	return ""
}

// within is a number that meets the comparisons of numeric.
func within(operand any) any {
	list, _ := operand.([]any)
	for i := 0; i+1 < len(list); i += 2 {
		n, ok := number(list[i+1])
		if !ok {
			return list[i+1]
		}
		switch list[i] {
		case ">":
			return json.Number(fmt.Sprint(n + 1))
		case "<":
			return json.Number(fmt.Sprint(n - 1))
		default:
			return list[i+1]
		}
	}
	return json.Number("1")
}

// valueOf is a value of a type.
func valueOf(t *schema.Type, name string) any {
	if t != nil {
		switch t.Kind {
		case schema.Int, schema.Double, schema.Number:
			return json.Number("7")
		case schema.Bool:
			return true
		case schema.List:
			return []any{}
		case schema.Object, schema.Map:
			return object{}
		}
	}
	return "value of " + name
}

func put(e any, steps []any, value any) {
	for i, st := range steps {
		o, isObject := e.(object)
		name, isName := st.(string)
		if !isObject || !isName {
			return // a list: what the event has there is as good
		}
		if _, there := o[name]; there && i == len(steps)-1 {
			return
		}
		if i == len(steps)-1 {
			o[name] = value
			return
		}
		if o[name] == nil {
			if _, next := steps[i+1].(int); next {
				o[name] = []any{value}
				return
			}
			o[name] = object{}
		}
		e = o[name]
	}
}

// remove takes the value at a path out of e.
func remove(e any, steps []any) any {
	at := e
	for i, st := range steps {
		name, isName := st.(string)
		o, isObject := at.(object)
		if !isName || !isObject {
			return e
		}
		if i == len(steps)-1 {
			delete(o, name)
			return e
		}
		at = o[name]
	}
	return e
}

func clone(v any) any {
	out, err := decodeJSON(mustJSON(v))
	if err != nil {
		panic("taskbridge: internal error: " + err.Error())
	}
	return out
}

func mustJSON(v any) []byte { return []byte(jsonText(v)) }
