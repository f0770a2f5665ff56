package verify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/scan"
	"github.com/taskbridge/taskbridge/internal/task"
)

// A Target is what a rule asks RunTask for, as far as that is known without an
// event.
type Target struct {
	Rule string
	Line int // of the rule's name in the mapping
	Col  int
	// Unset are the environment variables that the rule reads and that have no
	// value here.
	Unset []string

	request *task.Request       // a field that is not known is empty
	open    []string            // the paths of such fields
	choices map[string][]string // the texts that an open field can have, where that is known
	failed  []failedField       // open because the environment makes their expression fail
}

type failedField struct {
	field string
	err   error
}

// Targets returns what each rule of the plan asks for. env is the function's
// environment.
func Targets(plan *mapping.Plan, env func(string) (string, bool)) ([]Target, error) {
	targets := make([]Target, len(plan.Rules))
	for i := range plan.Rules {
		r := &plan.Rules[i]
		b := resolver{rule: r, env: env, target: Target{Rule: r.Name, choices: map[string][]string{}}}
		// What is no position has the position of the file.
		_, _ = fmt.Sscanf(r.Pos, "%d:%d", &b.target.Line, &b.target.Col)
		if err := b.resolve(&r.Task, ""); err != nil {
			return nil, fmt.Errorf("rule %q: %w", r.Name, err)
		}
		b.target.request = &task.Request{}
		if err := json.Unmarshal(b.text.Bytes(), b.target.request); err != nil {
			return nil, fmt.Errorf("rule %q: request: %w", r.Name, err)
		}
		if len(b.target.request.Tags) > 0 && !r.Untagged { // the function adds them, and they count
			b.target.request.Tags = task.AddProvenance(b.target.request.Tags, r.Name, "")
		}
		b.target.Unset = unique(b.target.Unset)
		targets[i] = b.target
	}
	return targets, nil
}

// resolver writes a template as JSON, null for what an event decides.
type resolver struct {
	rule   *mapping.Rule
	env    func(string) (string, bool)
	text   bytes.Buffer
	target Target
}

func (b *resolver) resolve(t *mapping.Template, field string) error {
	switch {
	case t.Value != nil:
		b.text.Write(t.Value)
	case t.Expr != nil:
		b.expression(t.Expr, field)
	case t.Items != nil:
		b.text.WriteByte('[')
		for i := range t.Items {
			if i > 0 {
				b.text.WriteByte(',')
			}
			if err := b.resolve(&t.Items[i], fmt.Sprintf("%s[%d]", field, i)); err != nil {
				return err
			}
		}
		b.text.WriteByte(']')
	default:
		b.text.WriteByte('{')
		for i := range t.Fields {
			if i > 0 {
				b.text.WriteByte(',')
			}
			name := t.Fields[i].Name
			b.text.WriteString(strconv.Quote(name) + ":") // names of RunTask: plain ASCII
			if err := b.resolve(&t.Fields[i].Value, task.FieldPath(field, name)); err != nil {
				return err
			}
		}
		b.text.WriteByte('}')
	}
	return nil
}

// expression writes the value of an expression if no event can change it, and
// else notes what it can be.
func (b *resolver) expression(n *expr.Node, field string) {
	p, err := n.Bind(&scan.Paths{}, expr.Scope{Rule: b.rule.Name, Env: b.env})
	if errors.Is(err, expr.ErrEnv) {
		b.unset(n)
	}
	if err == nil && p.Fixed() {
		v, err := p.Eval(nil)
		if err != nil {
			b.target.failed = append(b.target.failed, failedField{field, err})
		} else if text, ok := appendValue(nil, v); ok {
			b.text.Write(text)
			return
		}
	}
	choices := b.outcomes(n)
	if choices == nil {
		choices = b.planned(field)
	}
	if len(choices) == 1 {
		text, _ := expr.String(choices[0]).AppendLiteral(nil)
		b.text.Write(text)
		return
	}
	b.text.WriteString("null")
	b.target.open = append(b.target.open, field)
	b.target.choices[field] = choices
}

func (b *resolver) unset(n *expr.Node) {
	n.Walk(func(n *expr.Node) {
		if name := n.EnvName(); name != "" && n.Optional == 0 {
			if _, ok := b.env(name); !ok {
				b.target.Unset = append(b.target.Unset, name)
			}
		}
	})
}

// appendValue writes a scalar or a list of scalars.
func appendValue(dst []byte, v expr.Value) ([]byte, bool) {
	elements, ok := v.Elements()
	if !ok {
		return v.AppendLiteral(dst)
	}
	dst = append(dst, '[')
	for i, e := range elements {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, ok = e.AppendLiteral(dst); !ok {
			return dst, false
		}
	}
	return append(dst, ']'), true
}

// outcomes are the texts that n can give, nil if they are not all known.
func (b *resolver) outcomes(n *expr.Node) []string {
	outcomes, ok := n.Outcomes()
	if !ok {
		return nil
	}
	var texts []string
	for _, o := range outcomes {
		text, ok := o.Value.Str()
		if len(o.Env) > 0 {
			text, ok = b.joined(o.Text)
		}
		if !ok {
			return nil
		}
		texts = append(texts, text)
	}
	return unique(texts)
}

// planned are the texts that the plan says a field can have.
func (b *resolver) planned(field string) []string {
	var texts []string
	for _, choice := range b.rule.Choices[field[strings.LastIndexByte(field, '.')+1:]] {
		text, ok := b.joined(choice)
		if !ok {
			return nil
		}
		texts = append(texts, text)
	}
	return unique(texts)
}

func (b *resolver) joined(parts []expr.Part) (string, bool) {
	var text strings.Builder
	for _, p := range parts {
		text.WriteString(p.Text)
		if p.Env != "" {
			value, ok := b.env(p.Env)
			if !ok {
				return "", false
			}
			text.WriteString(value)
		}
	}
	return text.String(), len(parts) > 0
}

// isOpen reports whether an event decides the field, or a list that it is in.
func (t *Target) isOpen(field string) bool {
	for _, open := range t.open {
		if rest, ok := strings.CutPrefix(field, open); ok && (rest == "" || rest[0] == '[') {
			return true
		}
	}
	return false
}

// undecided reports whether a field gets a text of which nothing is known.
func (t *Target) undecided(field string) bool { return t.isOpen(field) && t.choices[field] == nil }

// element is the path of the element of a list that is a text, or of the list if
// an expression gives it.
func element(field string, list []string, text string) string {
	if i := slices.Index(list, text); i >= 0 {
		return fmt.Sprintf("%s[%d]", field, i)
	}
	return field
}

// anyOpen reports whether the list at field, or one of its elements, is of no known
// value.
func (t *Target) anyOpen(field string) bool {
	for _, open := range t.open {
		if rest, ok := strings.CutPrefix(open, field); ok && (rest == "" || rest[0] == '[') && t.choices[open] == nil {
			return true
		}
	}
	return false
}

// values are the texts that a field can have, given what the request has there.
func (t *Target) values(field, text string) []string {
	if text != "" {
		return []string{text}
	}
	return t.choices[field]
}

// texts are values of one of the request's own fields.
func (t *Target) texts(field string) []string {
	r := t.request
	switch field {
	case "taskDefinition":
		return t.values(field, r.TaskDefinition)
	case "cluster":
		return t.values(field, r.Cluster)
	case "launchType":
		return t.values(field, r.LaunchType)
	}
	return nil
}

// clusters are what the cluster can be; RunTask's own default is "default".
func (t *Target) clusters() []string {
	if t.request.Cluster == "" && !t.isOpen("cluster") {
		return []string{"default"}
	}
	return t.texts("cluster")
}

// providers are the capacity providers of the request's strategy.
func (t *Target) providers() []string {
	var names []string
	for i := range t.request.CapacityProviderStrategy {
		field := fmt.Sprintf("capacityProviderStrategy[%d].capacityProvider", i)
		names = append(names, t.values(field, t.request.CapacityProviderStrategy[i].CapacityProvider)...)
	}
	return names
}

const vpcField = "networkConfiguration.awsvpcConfiguration"

// vpc is the request's network configuration, nil if it has none.
func (t *Target) vpc() *task.AwsvpcConfiguration {
	if t.request.NetworkConfiguration == nil {
		return nil
	}
	return t.request.NetworkConfiguration.AwsvpcConfiguration
}

func (t *Target) subnets() []string {
	if c := t.vpc(); c != nil {
		return t.items(vpcField+".subnets", c.Subnets)
	}
	return nil
}

func (t *Target) securityGroups() []string {
	if c := t.vpc(); c != nil {
		return t.items(vpcField+".securityGroups", c.SecurityGroups)
	}
	return nil
}

// items are the texts that the elements of a list can have.
func (t *Target) items(field string, list []string) []string {
	var all []string
	for i, text := range list {
		all = append(all, t.values(fmt.Sprintf("%s[%d]", field, i), text)...)
	}
	return all
}

// A roleUse is a role that a request names, and the service that assumes it; or an
// open field for one of which nothing is known.
type roleUse struct {
	arn, field, service string
	open                bool
}

// The services that assume the roles of tasks and of EBS volumes
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-iam-roles.html).
const (
	tasksService  = "ecs-tasks.amazonaws.com"
	volumeService = "ecs.amazonaws.com"
)

func (t *Target) roles() []roleUse {
	var uses []roleUse
	add := func(field, text, service string) {
		if t.undecided(field) {
			uses = append(uses, roleUse{field: field, open: true})
		}
		for _, arn := range t.values(field, text) {
			uses = append(uses, roleUse{arn: arn, field: field, service: service})
		}
	}
	if o := t.request.Overrides; o != nil {
		add("overrides.taskRoleArn", o.TaskRoleARN, tasksService)
		add("overrides.executionRoleArn", o.ExecutionRoleARN, tasksService)
	}
	for i := range t.request.VolumeConfigurations {
		if e := t.request.VolumeConfigurations[i].ManagedEBSVolume; e != nil {
			add(fmt.Sprintf("volumeConfigurations[%d].managedEBSVolume.roleArn", i), e.RoleARN, volumeService)
		}
	}
	return uses
}

// arnAccount is the account of an ARN.
func arnAccount(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return parts[4]
}
