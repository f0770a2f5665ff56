package mapping

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/scan"
	"github.com/taskbridge/taskbridge/internal/task"
)

// rule is a rule of a mapping. It is bound when it is used for the first time.
type rule struct {
	*entry    // where it is in the plan, unless from has it
	scheduled bool

	ready atomic.Pointer[bound] // nil until it is bound
	mu    sync.Mutex            // of who binds it
	from  *Rule                 // nil until it is read
}

// bound is what a rule does.
type bound struct {
	untagged           bool
	when, forEach, key *expression // nil if there is none
	task               target
	retry              *task.Retry
	confirm            *task.Confirm
}

// bind returns what r does. The error is about the plan; the next event tries again,
// because a file that could not be read may be there later.
func (m *Mapping) bind(r *rule) (*bound, error) {
	if b := r.ready.Load(); b != nil {
		return b, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if b := r.ready.Load(); b != nil {
		return b, nil
	}
	var err error
	if r.from == nil {
		if r.from, err = m.read(r); err != nil {
			return nil, err
		}
	}
	b, err := m.again(r, false)
	if err == nil {
		r.ready.Store(b)
	}
	return b, err
}

func (m *Mapping) read(r *rule) (*Rule, error) {
	line, err := m.text.line(r.entry)
	if err != nil {
		return nil, err
	}
	from, read := &Rule{Name: r.name}, &reader{}
	if read.rule(line, from); read.err != nil {
		return nil, planError("damaged: rule %q: %v", r.name, read.err)
	}
	return from, nil
}

// again binds r once more, in a mapping that is in use.
func (m *Mapping) again(r *rule, traced bool) (*bound, error) {
	paths := &registered{paths: &m.paths}
	b := m.binder(paths)
	b.scope.Traced = traced
	out := b.rule(r.from)
	if paths.lacks {
		b.errs = append(b.errs, errors.New("its head does not have all paths"))
	}
	if len(b.errs) > 0 {
		return nil, planError("damaged: rule %q: %v", r.name, errors.Join(b.errs...))
	}
	return out, nil
}

// registered are the paths of a mapping that is in use: no more can be added.
type registered struct {
	paths *scan.Paths
	lacks bool // a path was asked for that is not there
}

func (r *registered) Value(path ...string) int {
	slot, ok := r.paths.Find(path...)
	r.lacks = r.lacks || !ok
	return slot
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
		return v, x.fail(l.name, err)
	}
	return v, nil
}

// binder makes rules ready to run. It goes on after a mistake, so that every
// variable that is not set is named.
type binder struct {
	paths expr.Paths
	scope expr.Scope
	allow map[string][]string
	frame frame // for what is known at start
	errs  []error
}

func (m *Mapping) binder(paths expr.Paths) *binder {
	return &binder{paths: paths, scope: expr.Scope{Env: m.env}, frame: frame{in: &expr.Input{}}}
}

func (b *binder) fail(field string, err error) {
	b.errs = append(b.errs, fmt.Errorf("%s: %w", field, err))
}

// rule binds r. A disabled rule never runs, so it may want variables that are not
// set.
func (b *binder) rule(r *Rule) *bound {
	out := &bound{untagged: r.Untagged, retry: r.Retry, confirm: r.Confirm}
	b.scope.Rule, b.allow = r.Name, r.Allow
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

// constant checks an expression of the environment alone, for the field at a path.
func (b *binder) constant(t *Template, field string) {
	typ, ok := fieldType(field)
	if !ok || t.Expr == nil {
		b.fail(field, errors.New("no field for an expression"))
		return
	}
	b.bindExpr(t, reflect.New(typ).Elem(), field)
}

// fieldType is the type of the field of a request at a path in RunTask's names.
func fieldType(path string) (reflect.Type, bool) {
	typ := reflect.TypeFor[task.Request]()
	for name := range strings.SplitSeq(path, ".") {
		name, index, _ := strings.Cut(name, "[")
		if typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct {
			return nil, false
		}
		sf, ok := task.FieldByName(typ, name)
		if !ok {
			return nil, false
		}
		if typ = sf.Type; index != "" {
			if typ.Kind() != reflect.Slice {
				return nil, false
			}
			typ = typ.Elem()
		}
	}
	return typ, true
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
