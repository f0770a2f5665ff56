package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/scan"
	"github.com/taskbridge/taskbridge/internal/task"
)

// rule is a Rule that is ready to run.
type rule struct {
	from               *Rule
	name               string
	disabled           bool
	scheduled          bool
	untagged           bool
	when, forEach, key *expression // nil if there is none
	task               target
	retry              *task.Retry
	confirm            *task.Confirm
}

// expression is an expression of a rule that is ready to run.
type expression struct {
	program *expr.Program
	node    *expr.Node
	field   string // what its value is for
	pos     string
	source  string
	allowed []string // values that it may give, nil for any
}

// eval is the value of x for the input.
func (x *expression) eval(in *expr.Input, t tracer) (expr.Value, error) {
	if t != nil {
		return x.trace(in, t)
	}
	v, err := x.program.Eval(in)
	if err == nil && x.allowed != nil {
		err = x.permits(v)
	}
	return v, err
}

// permits refuses a value that is not allowed. It does not show the value, which
// the event chose.
func (x *expression) permits(v expr.Value) error {
	if x.allowed == nil {
		return nil
	}
	if s, ok := v.Str(); ok && slices.Contains(x.allowed, s) {
		return nil
	}
	return fmt.Errorf("the event chooses a value that is not allowed; allowed are %s", strings.Join(x.allowed, ", "))
}

func (x *expression) fail(rule string, err error) error {
	return &RenderError{rule, x.field, x.pos, x.source, err}
}

// eval is the value of an expression outside the request.
func (l *launching) eval(x *expression, t tracer) (expr.Value, error) {
	v, err := x.eval(&l.in, t)
	if err != nil {
		return v, x.fail(l.rule.name, err)
	}
	return v, nil
}

// binder makes rules ready to run. It goes on after a mistake, so that every
// variable that is not set is named.
type binder struct {
	paths *scan.Paths
	scope expr.Scope
	allow map[string][]string
	errs  []error
}

func (b *binder) fail(field string, err error) {
	b.errs = append(b.errs, fmt.Errorf("%s: %w", field, err))
}

// rule binds r. A disabled rule never runs, so it may want variables that are not
// set.
func (b *binder) rule(r *Rule) *rule {
	out := &rule{
		from: r, name: r.Name, disabled: r.Disabled, scheduled: r.Schedule != nil, untagged: r.Untagged, retry: r.Retry, confirm: r.Confirm,
	}
	b.scope.Rule, b.allow = r.Name, r.Allow
	if (r.Match == nil) != out.scheduled {
		b.fail("rule", errors.New("expected one of match and schedule"))
	}
	for field := range r.Allow {
		if !slices.Contains(choosable, field) {
			b.fail("allow", fmt.Errorf("unknown field %q", field))
		}
	}
	if !r.Disabled {
		out.when = b.optional(r.When, whenField)
		out.forEach = b.optional(r.ForEach, forEachField)
		out.key = b.optional(r.Key, keyField)
		out.task = b.target(&r.Task)
	}
	return out
}

// choosable are the fields that the event may choose where a rule allows it.
var choosable = []string{
	"cluster", "taskDefinition", "launchType", "platformVersion", "capacityProvider", "executionRoleArn", "taskRoleArn", "roleArn",
	"kmsKeyId", "subnets", "securityGroups", "assignPublicIp",
}

// optional binds an expression that need not be there.
func (b *binder) optional(t *Template, field string) *expression {
	if t == nil {
		return nil
	}
	x, ok := b.expression(t, field)
	if !ok {
		return nil
	}
	return x
}

func (b *binder) expression(t *Template, field string) (*expression, bool) {
	node := t.Expr
	if node == nil && t.Value != nil {
		v, err := scan.Read(t.Value)
		if err != nil {
			b.fail(field, err)
			return nil, false
		}
		node = expr.Const(expr.FromJSON(v))
	}
	program, err := node.Bind(b.paths, b.scope)
	if err != nil {
		b.fail(field, err)
		return nil, false
	}
	return &expression{program: program, node: node, field: field, pos: t.Pos, source: t.Source}, true
}
