package importer

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/events/samples"
	"github.com/taskbridge/taskbridge/internal/event"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/mapping/compile"
	"github.com/taskbridge/taskbridge/internal/schema"
	"github.com/taskbridge/taskbridge/internal/task"
)

// A Proof is one event that went through EventBridge's rule, as a model of it,
// and through the mapping.
type Proof struct {
	Rule  string `json:"rule" doc:"in the mapping"`
	Event string `json:"event" doc:"the file, or how it was made from the pattern"`
	Same  bool   `json:"same" doc:"both start the same task with the same overrides, or neither starts one"`
	Want  string `json:"want,omitempty" doc:"the overrides that EventBridge would give, or what it would do"`
	Got   string `json:"got,omitempty" doc:"those of the mapping"`
	input json.RawMessage
	fails bool // either way, on an event that was given
}

// prove compiles the mapping and compares, for each rule and event.
func (s *session) prove(out *Result, rules []Rule, events []File) ([]Proof, error) {
	options := compile.Options{Params: map[string]any{}}
	for _, p := range s.params {
		options.Params[p.Name] = placeholderOf(p)
	}
	plan, findings := options.Compile("taskbridge.yaml", []byte(out.Mapping))
	for _, f := range findings {
		s.note(Finding, "the mapping", "%s", f.String())
	}
	if plan == nil {
		return []Proof{}, nil
	}
	m, err := plan.Bind(func(string) (string, bool) { return "", false })
	if err != nil {
		return nil, err
	}
	proofs := []Proof{}
	for i := range rules {
		r := &rules[i]
		inputs, err := s.events(r, events)
		if err != nil {
			return nil, err
		}
		for _, p := range inputs {
			compare(m, r, &p)
			if !p.Same || p.fails {
				s.objects(r, &p)
			}
			proofs = append(proofs, p)
		}
	}
	return proofs, nil
}

// objects says which variables of an input are objects in an event: the usual
// reason why it comes out differently.
func (s *session) objects(r *Rule, p *Proof) {
	e, err := decodeJSON(p.input)
	if err != nil {
		return
	}
	paths := stringPaths(r.target.paths)
	for _, name := range slices.Sorted(maps.Keys(paths)) {
		if v, _ := lookup(name, paths, e, r.Name); v != nil {
			switch v.(type) {
			case object:
				s.note(Finding, r.Origin, "<%s> is an object in %s: within a text EventBridge takes its quotes away, and a mapping refuses it; json(…) writes it as JSON", name, p.Event)
			case []any:
				s.note(Finding, r.Origin, "<%s> is a list in %s, which a mapping refuses as a text; json(…) writes it as JSON, and .join(\",\") with commas", name, p.Event)
			}
		}
	}
}

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

// canonical is overrides with variables in alphabetical order: ECS gives their
// order no meaning.
func canonical(o *task.TaskOverride) any {
	out := clone(o)
	containers, _ := out.(object)["containerOverrides"].([]any)
	for _, item := range containers {
		c, _ := item.(object)
		if list, ok := c["environment"].([]any); ok {
			slices.SortFunc(list, func(a, b any) int { return strings.Compare(jsonText(a), jsonText(b)) })
		}
	}
	return out
}

// compare runs one event through both.
func compare(m *mapping.Mapping, r *Rule, p *Proof) {
	want, why := wanted(r, p.input)
	got, launched, err := launched(m, r, p.input)
	switch {
	case err != nil && why != "":
		p.Same, p.fails = true, true
	case err != nil:
		p.Want, p.Got = jsonText(want), err.Error()
	case why != "":
		p.Want, p.Got = why, jsonText(got)
	case !launched:
		p.Same = true // the pattern is EventBridge's own, and the matcher decides for both
	default:
		p.Same = reflect.DeepEqual(want, got)
		if !p.Same {
			p.Want, p.Got = jsonText(want), jsonText(got)
		}
	}
}

// launched is the overrides of what the mapping launches for a rule.
func launched(m *mapping.Mapping, r *Rule, input []byte) (overrides any, ok bool, err error) {
	batch, err := event.Parse(input, m.Accept)
	if err != nil {
		return nil, false, err
	}
	e := batch.Items[0].Events
	if len(e) == 0 {
		return nil, false, fmt.Errorf("no event")
	}
	e[0].Rule = r.Name
	matches, err := m.Match(e[0])
	if err != nil || len(matches) == 0 || len(matches[0].Launches) == 0 {
		return nil, false, err
	}
	l := &matches[0].Launches[0]
	if l.Err != nil {
		return nil, false, l.Err
	}
	if l.Request.Overrides == nil {
		return nil, true, nil
	}
	return canonical(l.Request.Overrides), true, nil
}

// wanted is the overrides that EventBridge gives RunTask; why says what it does
// instead.
func wanted(r *Rule, input []byte) (overrides any, why string) {
	e, err := decodeJSON(input)
	if err != nil {
		return nil, err.Error()
	}
	t := r.target
	source := t.input
	if t.template != nil {
		source = t.template
	}
	if t.universal {
		return universalOverrides(t, e, r.Name)
	}
	if source == nil || source == "" || r.task["overrides"] == nil {
		return nil, ""
	}
	return overridesOf(placeholderText(source), stringPaths(t.paths), e, r.Name)
}

func overridesOf(template string, paths map[string]string, e any, rule string) (any, string) {
	made, err := transformed(template, paths, e, rule)
	if err != nil {
		return nil, err.Error()
	}
	var o task.TaskOverride
	if err := json.Unmarshal([]byte(made), &o); err != nil {
		return nil, "EventBridge's input is no overrides for this event: " + made
	}
	return canonical(&o), ""
}

// universalOverrides are those of the request of a universal target: PascalCase,
// which encoding/json reads as well.
func universalOverrides(t *target, e any, rule string) (any, string) {
	made, err := transformed(placeholderText(t.raw), nil, e, rule)
	if err != nil {
		return nil, err.Error()
	}
	var request task.Request
	if err := json.Unmarshal([]byte(made), &request); err != nil {
		return nil, "the input is no request for this event: " + made
	}
	if request.Overrides == nil {
		return nil, ""
	}
	return canonical(request.Overrides), ""
}
