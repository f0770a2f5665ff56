package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// read tells the forms apart by what is in the files.
func (s *session) read(files []File) ([]wiring, error) {
	if len(files) == 0 {
		return nil, errors.New("nothing to import")
	}
	var out []wiring
	var rules []wiring // of describe-rule, whose targets are to come
	for _, f := range files {
		root, err := parse(f)
		if err != nil {
			return nil, err
		}
		switch {
		case root["Resources"] != nil:
			c := cloudFormation{session: s, file: f.Name, root: root}
			out = append(out, c.wirings()...)
		case root["planned_values"] != nil || root["values"] != nil && root["terraform_version"] != nil:
			t := terraform{session: s, root: root}
			out = append(out, t.wirings()...)
		case root["Targets"] != nil && root["Name"] == nil:
			if len(rules) == 0 {
				return nil, fmt.Errorf("%s holds the targets of a rule: name the output of aws events describe-rule before it", f.Name)
			}
			rules[0].targets = s.apiTargets(root["Targets"])
			out = append(out, rules[0])
			rules = rules[1:]
		case root["Target"] != nil && root["ScheduleExpression"] != nil:
			out = append(out, s.apiSchedule(f.Name, root))
		case root["EventPattern"] != nil || root["ScheduleExpression"] != nil:
			w := s.apiRule(f.Name, root)
			if root["Targets"] != nil {
				w.targets = s.apiTargets(root["Targets"])
				out = append(out, w)
				continue
			}
			rules = append(rules, w)
		default:
			return nil, fmt.Errorf("%s is none of: a rule as aws events describe-rule prints it, targets as list-targets-by-rule does, "+
				"a schedule as aws scheduler get-schedule does, a CloudFormation template, a plan as terraform show -json prints it", f.Name)
		}
	}
	for i := range rules {
		return nil, fmt.Errorf("rule %v has no targets: name the output of aws events list-targets-by-rule behind it", rules[i].name)
	}
	if len(out) == 0 {
		s.note(Lost, files[0].Name, "it has no rule and no schedule of EventBridge")
	}
	return out, nil
}

// parse reads JSON, or YAML with CloudFormation's tags.
func parse(f File) (object, error) {
	data := f.Data
	if trimmed := bytes.TrimSpace(data); len(trimmed) == 0 || trimmed[0] != '{' && trimmed[0] != '[' || !json.Valid(data) {
		var err error
		if data, err = templateJSON(f.Name, data); err != nil {
			return nil, err
		}
	}
	v, err := decodeJSON(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	switch v := v.(type) {
	case object:
		return v, nil
	case []any: // targets alone, as put-targets takes them and --query Targets prints them
		return object{"Targets": v}, nil
	}
	return nil, fmt.Errorf("%s is neither an object nor a list of targets", f.Name)
}

// apiRule is a rule as the EventBridge API gives it.
func (s *session) apiRule(file string, r object) wiring {
	w := wiring{
		origin: fmt.Sprintf("rule %v", r["Name"]), name: r["Name"], fallback: strings.TrimSuffix(file, ".json"),
		about: r["Description"], enabled: r["State"], bus: r["EventBusName"],
	}
	w.pattern = s.patternOf(w.origin, r["EventPattern"])
	if e := r["ScheduleExpression"]; e != nil {
		w.schedule = object{"expression": e}
	}
	return w
}

// patternOf is a pattern, which may be JSON in a string.
func (s *session) patternOf(origin string, v any) any {
	text, ok := v.(string)
	if !ok {
		return v
	}
	out, err := decodeJSON([]byte(text))
	if err != nil {
		s.note(Lost, origin, "its event pattern is not JSON: %v", err)
		return nil
	}
	return out
}

func (s *session) apiTargets(v any) []target {
	list, _ := v.([]any)
	var out []target
	for _, item := range list {
		if t, ok := item.(object); ok {
			out = append(out, s.apiTarget(t))
		}
	}
	return out
}

// apiTarget is a target in the names of the EventBridge API, which are also those
// of CloudFormation and of EventBridge Scheduler.
func (s *session) apiTarget(t object) target {
	out := target{arn: t["Arn"], input: t["Input"], inputPath: t["InputPath"]}
	out.id, _ = t["Id"].(string)
	out.ecs, _ = t["EcsParameters"].(object)
	if it, ok := t["InputTransformer"].(object); ok {
		out.paths, _ = it["InputPathsMap"].(object)
		out.template = it["InputTemplate"]
	}
	out.retry, _ = t["RetryPolicy"].(object)
	if d, ok := t["DeadLetterConfig"].(object); ok && len(d) > 0 {
		out.deadLetters = d
	}
	if flat := (&transformer{}).flatten(out.arn); strings.HasSuffix(flat, ":aws-sdk:ecs:runTask") {
		s.universal(&out)
	}
	return out
}

// universal reads the request of a universal target, PascalCase in a JSON text.
func (s *session) universal(t *target) {
	if _, isRef := t.input.(ref); isRef || t.input == nil {
		t.unknown = "the request of its universal target is not known before the deployment: import what is deployed, as aws scheduler get-schedule or terraform show -json of the state print it"
		return
	}
	tr := transformer{session: s, origin: "a universal target", vars: reserved}
	v, err := tr.value(t.input)
	request, ok := v.(object)
	if err != nil || !ok {
		t.unknown = "the input of its universal target is no RunTask request"
		return
	}
	t.ecs, t.universal, t.raw, t.input = request, true, t.input, nil
}

// apiSchedule is a schedule as the EventBridge Scheduler API gives it, and
// CloudFormation, too.
func (s *session) apiSchedule(file string, r object) wiring {
	w := wiring{
		origin: fmt.Sprintf("schedule %v", r["Name"]), name: r["Name"], fallback: strings.TrimSuffix(file, ".json"),
		about: r["Description"], enabled: r["State"], schedule: object{"expression": r["ScheduleExpression"]},
	}
	copyIf := func(to string, v any) {
		if v != nil && v != "" {
			w.schedule[to] = v
		}
	}
	copyIf("timezone", r["ScheduleExpressionTimezone"])
	if g := r["GroupName"]; g != "default" {
		copyIf("group", g)
	}
	copyIf("start", r["StartDate"])
	copyIf("end", r["EndDate"])
	if window, ok := r["FlexibleTimeWindow"].(object); ok {
		if n, ok := number(window["MaximumWindowInMinutes"]); ok && window["Mode"] == "FLEXIBLE" {
			w.schedule["flexibleWindow"] = fmt.Sprintf("%dm", n)
		}
	}
	if r["ActionAfterCompletion"] == "DELETE" {
		w.schedule["deleteAfterRun"] = true
	}
	if t, ok := r["Target"].(object); ok {
		w.targets = []target{s.apiTarget(t)}
	}
	return w
}
