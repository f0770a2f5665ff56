package derive

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/taskbridge/taskbridge/internal/mapping"
)

// rule adds what the launches of one rule take.
func (n *needs) rule(r *mapping.Rule, env func(string) (Value, bool)) {
	v := values{rule: r, env: env}
	families := v.of("taskDefinition")
	if families == nil && len(v.errs) == 0 {
		v.errs = append(v.errs, fmt.Errorf("rule %q: the plan does not say which task definitions it starts; compile the mapping again", r.Name))
	}
	clusters := v.of("cluster")
	if clusters == nil {
		clusters = []Value{{Text: "default"}} // RunTask's own
	}
	exec := mayBeTrue(&r.Task, "enableExecuteCommand")
	for _, c := range clusters {
		cluster := v.arn("cluster", c, clusterARN)
		if n.families[cluster] == nil {
			n.families[cluster] = map[string][]Reason{}
		}
		for _, f := range families {
			arn := v.arn("taskDefinition", f, taskDefinitionARN)
			n.families[cluster][arn] = append(n.families[cluster][arn],
				Reason{r.Name, "taskDefinition", f.Text}, Reason{r.Name, "cluster", c.Text})
		}
		n.exec[cluster] = n.exec[cluster] || exec
		for _, field := range tagged(r) {
			n.tag[cluster] = append(n.tag[cluster], Reason{Rule: r.Name, Field: field})
		}
		if r.Confirm != nil && r.Confirm.Until == "running" { // accepted is what RunTask's answer says
			n.describe[cluster] = append(n.describe[cluster], Reason{r.Name, "confirm", r.Confirm.Until})
		}
	}
	for _, field := range []string{"taskRoleArn", "executionRoleArn"} {
		for _, role := range v.of(field) {
			arn := v.arn(field, role, roleARN)
			n.roles[arn] = append(n.roles[arn], Reason{r.Name, field, role.Text})
		}
	}
	for _, role := range v.of("roleArn") {
		arn := v.arn("roleArn", role, roleARN)
		n.infra[arn] = append(n.infra[arn], Reason{r.Name, "managedEBSVolume.roleArn", role.Text})
	}
	n.errs = append(n.errs, v.errs...)
}

// values reads the choices of one rule.
type values struct {
	rule *mapping.Rule
	env  func(string) (Value, bool)
	errs []error
}

// of returns the values that a field can have, none if it is not set.
func (v *values) of(field string) []Value {
	var all []Value
	for _, choice := range v.rule.Choices[field] {
		var value Value
		for _, part := range choice {
			text := Value{Text: part.Text}
			if part.Env != "" {
				var ok bool
				if text, ok = v.env(part.Env); !ok {
					v.errs = append(v.errs, fmt.Errorf("rule %q: %s: environment variable is not given: %s", v.rule.Name, field, part.Env))
				}
			}
			value.Text += text.Text
			value.Deferred = value.Deferred || text.Deferred
		}
		all = append(all, value)
	}
	return all
}

// arn is the ARN that a value stands for; a value that is none is an error.
func (v *values) arn(field string, value Value, of func(Value) (string, error)) string {
	arn, err := of(value)
	if err != nil && len(v.errs) == 0 { // a variable that is not given has said so
		v.errs = append(v.errs, fmt.Errorf("rule %q: %s: %w", v.rule.Name, field, err))
	}
	return arn
}

// tagged names what makes a rule's launches tag their tasks. Whether tags that
// ECS adds by itself take the permission is not documented, so they count.
func tagged(r *mapping.Rule) []string {
	var why []string
	if tags, ok := member(&r.Task, "tags"); ok && string(tags.Value) != "[]" {
		why = append(why, "tags")
	}
	if _, ok := member(&r.Task, "propagateTags"); ok {
		why = append(why, "propagateTags")
	}
	if mayBeTrue(&r.Task, "enableECSManagedTags") {
		why = append(why, "enableECSManagedTags")
	}
	return why
}

// mayBeTrue reports whether a boolean field of the request can be true.
func mayBeTrue(t *mapping.Template, name string) bool {
	f, ok := member(t, name)
	return ok && string(f.Value) != "false"
}

// member is a member of a template that is an object, constant or not.
func member(t *mapping.Template, name string) (mapping.Template, bool) {
	if i := slices.IndexFunc(t.Fields, func(f mapping.Field) bool { return f.Name == name }); i >= 0 {
		return t.Fields[i].Value, true
	}
	var object map[string]json.RawMessage
	if len(t.Value) == 0 || json.Unmarshal(t.Value, &object) != nil {
		return mapping.Template{}, false
	}
	raw, ok := object[name]
	return mapping.Template{Value: raw}, ok
}

// TaskDefinitions returns every task definition that the mapping can start, as
// RunTask is given it, sorted. env is as in [Options]; the error joins what is
// wrong with it.
func TaskDefinitions(p *mapping.Plan, env func(string) (Value, bool)) ([]string, error) {
	var all []string
	var errs []error
	for i := range p.Rules {
		v := values{rule: &p.Rules[i], env: env}
		for _, value := range v.of("taskDefinition") {
			all = append(all, value.Text)
		}
		errs = append(errs, v.errs...)
	}
	slices.Sort(all)
	return slices.Compact(all), errors.Join(errs...)
}
