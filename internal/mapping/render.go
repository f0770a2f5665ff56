package mapping

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"

	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/task"
)

// A RenderError says why an expression gave no value for a field of the request.
type RenderError struct {
	Rule   string
	Field  string // path in RunTask's names
	Pos    string // line:col of the expression in the mapping
	Source string // the expression as written
	Err    error
}

func (e *RenderError) Error() string {
	return fmt.Sprintf("rule %q: %s (line %s, ${%s}): %v", e.Rule, e.Field, e.Pos, e.Source, e.Err)
}

func (e *RenderError) Unwrap() error { return e.Err }

// Class says that trying again cannot help: the same event renders the same.
func (e *RenderError) Class() string { return "permanent" }

// target is the task part of a rule, bound.
type target struct{ build builder }

// builder writes one value into dst, which is settable and zero.
type builder func(dst reflect.Value, f *frame)

// frame is one rendering.
type frame struct {
	rule  string
	in    *expr.Input
	trace tracer
	errs  []error
	texts []string // not yet pointed to by a request
}

// pointer is a pointer to s. One allocation serves many.
func (f *frame) pointer(s string) *string {
	const chunk = 16
	if len(f.texts) == 0 {
		f.texts = make([]string, chunk)
	}
	p := &f.texts[0]
	*p, f.texts = s, f.texts[1:]
	return p
}

// render writes the request into r, which is zero, and its mistakes into f.
func (t *target) render(r *task.Request, f *frame) { t.build(reflect.ValueOf(r).Elem(), f) }

// target turns a template into builders, by the Go type of the field that each
// part of it is for. What does not depend on the event is built once and then
// shared by all requests.
func (b *binder) target(t *Template) target {
	build, _ := b.bind(t, reflect.TypeFor[task.Request](), "")
	return target{build}
}

func (b *binder) refuse(field string, err error) (builder, bool) {
	b.fail(field, err)
	return func(reflect.Value, *frame) {}, false
}

// bind returns what builds a typ from t and whether the result is always the same.
func (b *binder) bind(t *Template, typ reflect.Type, field string) (builder, bool) {
	var (
		build builder
		fixed bool
		known = len(b.errs)
	)
	switch {
	case t.Expr != nil:
		build, fixed = b.bindExpr(t, typ, field)
	case t.Value != nil:
		return b.bindLiteral(t, typ, field)
	case typ.Kind() == reflect.Pointer && typ.Elem().Kind() == reflect.Struct:
		inner, same := b.bind(t, typ.Elem(), field)
		build, fixed = func(dst reflect.Value, f *frame) {
			dst.Set(reflect.New(typ.Elem()))
			inner(dst.Elem(), f)
		}, same
	case typ.Kind() == reflect.Struct:
		build, fixed = b.bindFields(t, typ, field)
	case typ.Kind() == reflect.Slice:
		build, fixed = b.bindItems(t, typ, field)
	default:
		return b.refuse(field, fmt.Errorf("a list or object cannot be a %s", typ))
	}
	if !fixed || len(b.errs) > known || b.scope.Traced {
		return build, fixed
	}
	value := reflect.New(typ).Elem()
	f := frame{rule: b.scope.Rule, in: &expr.Input{}}
	build(value, &f)
	if len(f.errs) > 0 {
		// An env value of the wrong kind: every event would fail, so the start does.
		return b.refuse(field, errors.Join(f.errs...))
	}
	return func(dst reflect.Value, _ *frame) { dst.Set(value) }, true
}

func (b *binder) bindLiteral(t *Template, typ reflect.Type, field string) (builder, bool) {
	value := reflect.New(typ)
	if err := json.Unmarshal(t.Value, value.Interface()); err != nil {
		return b.refuse(field, err)
	}
	return func(dst reflect.Value, _ *frame) { dst.Set(value.Elem()) }, true
}

func (b *binder) bindFields(t *Template, typ reflect.Type, field string) (builder, bool) {
	type member struct {
		index int
		build builder
	}
	members := make([]member, 0, len(t.Fields))
	fixed := true
	for i := range t.Fields {
		name := t.Fields[i].Name
		sf, ok := task.FieldByName(typ, name)
		if !ok {
			return b.refuse(field, fmt.Errorf("unknown field %q", name))
		}
		build, same := b.bind(&t.Fields[i].Value, sf.Type, task.FieldPath(field, name))
		members = append(members, member{sf.Index[0], build})
		fixed = fixed && same
	}
	return func(dst reflect.Value, f *frame) {
		for _, m := range members {
			m.build(dst.Field(m.index), f)
		}
	}, fixed
}

func (b *binder) bindItems(t *Template, typ reflect.Type, field string) (builder, bool) {
	items := make([]builder, len(t.Items))
	fixed := true
	for i := range t.Items {
		var same bool
		items[i], same = b.bind(&t.Items[i], typ.Elem(), fmt.Sprintf("%s[%d]", field, i))
		fixed = fixed && same
	}
	return func(dst reflect.Value, f *frame) {
		dst.Grow(len(items))
		dst.SetLen(len(items))
		for i, build := range items {
			build(dst.Index(i), f)
		}
	}, fixed
}

func (b *binder) bindExpr(t *Template, typ reflect.Type, field string) (builder, bool) {
	x, ok := b.expression(t, field)
	if !ok {
		return func(reflect.Value, *frame) {}, false
	}
	fixed := x.program.Fixed()
	if !fixed {
		x.allowed = b.allow[lastName(field)]
	}
	// An empty string that is an element of a list is sent; one that is a field
	// of its own would be left out.
	omitted := typ.Kind() == reflect.String && !strings.HasSuffix(field, "]")
	return func(dst reflect.Value, f *frame) {
		v, err := x.eval(f.in, f.trace)
		if err == nil {
			err = f.set(dst, v, omitted)
		}
		if err != nil {
			f.errs = append(f.errs, x.fail(f.rule, err))
		}
	}, fixed
}

// lastName is the name of the field at a path, without the index of an element.
func lastName(field string) string {
	name := field[strings.LastIndexByte(field, '.')+1:]
	name, _, _ = strings.Cut(name, "[")
	return name
}

var stringPointer = reflect.TypeFor[*string]()

// set stores v in dst if it is of dst's type. Text never becomes a number nor a
// number text: the expression says so with string() where that is meant.
func (f *frame) set(dst reflect.Value, v expr.Value, omitted bool) error {
	typ := dst.Type()
	if typ == stringPointer {
		s, ok := f.in.Str(v)
		if !ok {
			return mismatch("a string", v)
		}
		dst.Set(reflect.ValueOf(f.pointer(s)))
		return nil
	}
	if typ.Kind() == reflect.Pointer {
		p := reflect.New(typ.Elem())
		if err := f.setScalar(p.Elem(), v); err != nil {
			return err
		}
		dst.Set(p)
		return nil
	}
	if typ.Kind() == reflect.Slice {
		elements, ok := v.Elements()
		if !ok {
			return mismatch("a list", v)
		}
		dst.Set(reflect.MakeSlice(typ, len(elements), len(elements)))
		for i, e := range elements {
			if err := f.setScalar(dst.Index(i), e); err != nil {
				return fmt.Errorf("element %d: %w", i, err)
			}
		}
		return nil
	}
	if omitted && v.Empty() {
		return errors.New("the value is empty, and an empty one would be left out of the request")
	}
	return f.setScalar(dst, v)
}

func (f *frame) setScalar(dst reflect.Value, v expr.Value) error {
	switch dst.Kind() {
	case reflect.String:
		s, ok := f.in.Str(v)
		if !ok {
			return mismatch("a string", v)
		}
		dst.SetString(s)
	case reflect.Int32:
		n, ok := v.Int()
		if !ok {
			return mismatch("an int", v)
		}
		if n < math.MinInt32 || n > math.MaxInt32 {
			return errors.New("the int does not fit the field's 32 bits")
		}
		dst.SetInt(n)
	case reflect.Bool:
		value, ok := v.Bool()
		if !ok {
			return mismatch("a bool", v)
		}
		dst.SetBool(value)
	default:
		return fmt.Errorf("an expression cannot give a %s", dst.Type())
	}
	return nil
}

func mismatch(want string, v expr.Value) error {
	hint := ""
	if want == "a string" && (v.Kind == expr.Int || v.Kind == expr.Bool || v.Kind == expr.Double) {
		hint = ": write string(…) to make it one"
	}
	return fmt.Errorf("expected %s, got %s%s", want, v.Kind, hint)
}
