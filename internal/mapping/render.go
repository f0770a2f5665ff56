package mapping

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"

	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/scan"
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

// target is the task part of a rule, bound: a request with all that does not depend
// on the event, and what sets the rest.
type target struct {
	prototype reflect.Value
	patch     patch
}

// patch sets what depends on the event in dst, which is a copy of the prototype. It
// replaces what it changes: the rest is shared by all requests.
type patch func(dst reflect.Value, f *frame)

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

// render writes the request into r and its mistakes into f.
func (t *target) render(r *task.Request, f *frame) {
	dst := reflect.ValueOf(r).Elem()
	dst.Set(t.prototype)
	if t.patch != nil {
		t.patch(dst, f)
	}
}

// target binds a template by the Go type of the field that each part of it is for.
func (b *binder) target(t *Template) target {
	prototype := reflect.New(reflect.TypeFor[task.Request]()).Elem()
	return target{prototype, b.bind(t, prototype, "")}
}

// bind writes what does not depend on the event into dst and returns what sets the
// rest, nil if there is none.
func (b *binder) bind(t *Template, dst reflect.Value, field string) patch {
	typ := dst.Type()
	switch {
	case t.Expr != nil:
		return b.bindExpr(t, dst, field)
	case t.Value != nil:
		v, err := scan.Read(t.Value)
		if err == nil {
			err = b.frame.literal(v, dst)
		}
		if err != nil {
			b.fail(field, err)
		}
		return nil
	case typ.Kind() == reflect.Pointer && typ.Elem().Kind() == reflect.Struct:
		return b.bindPointer(t, dst, field)
	case typ.Kind() == reflect.Struct:
		return b.bindFields(t, dst, field)
	case typ.Kind() == reflect.Slice:
		return b.bindItems(t, dst, field)
	}
	b.fail(field, fmt.Errorf("a list or object cannot be a %s", typ))
	return nil
}

func (b *binder) bindPointer(t *Template, dst reflect.Value, field string) patch {
	typ := dst.Type().Elem()
	dst.Set(reflect.New(typ))
	prototype := dst.Elem()
	inner := b.bind(t, prototype, field)
	if inner == nil {
		return nil
	}
	return func(dst reflect.Value, f *frame) {
		own := reflect.New(typ)
		own.Elem().Set(prototype)
		inner(own.Elem(), f)
		dst.Set(own)
	}
}

// part is a member or element that is patched.
type part struct {
	index int
	patch patch
}

func (b *binder) bindFields(t *Template, dst reflect.Value, field string) patch {
	var parts []part
	for i := range t.Fields {
		name := t.Fields[i].Name
		sf, ok := task.FieldByName(dst.Type(), name)
		if !ok {
			b.fail(field, fmt.Errorf("unknown field %q", name))
			continue
		}
		if p := b.bind(&t.Fields[i].Value, dst.Field(sf.Index[0]), task.FieldPath(field, name)); p != nil {
			parts = append(parts, part{sf.Index[0], p})
		}
	}
	if parts == nil {
		return nil
	}
	return func(dst reflect.Value, f *frame) {
		for _, p := range parts {
			p.patch(dst.Field(p.index), f)
		}
	}
}

func (b *binder) bindItems(t *Template, dst reflect.Value, field string) patch {
	var parts []part
	prototype := reflect.MakeSlice(dst.Type(), len(t.Items), len(t.Items))
	dst.Set(prototype)
	for i := range t.Items {
		if p := b.bind(&t.Items[i], prototype.Index(i), fmt.Sprintf("%s[%d]", field, i)); p != nil {
			parts = append(parts, part{i, p})
		}
	}
	if parts == nil {
		return nil
	}
	return func(dst reflect.Value, f *frame) {
		dst.SetZero()
		dst.Grow(prototype.Len())
		dst.SetLen(prototype.Len())
		reflect.Copy(dst, prototype)
		for _, p := range parts {
			p.patch(dst.Index(p.index), f)
		}
	}
}

func (b *binder) bindExpr(t *Template, dst reflect.Value, field string) patch {
	x, ok := b.expression(t, field)
	if !ok {
		return nil
	}
	// An empty string that is an element of a list is sent; one that is a field
	// of its own would be left out.
	omitted := dst.Kind() == reflect.String && !strings.HasSuffix(field, "]")
	set := func(dst reflect.Value, f *frame) {
		v, err := x.eval(f.in, f.trace)
		if err == nil {
			err = f.set(dst, v, omitted)
		}
		if err != nil {
			f.errs = append(f.errs, x.fail(f.rule, err))
		}
	}
	if !x.program.Fixed() {
		x.allowed = b.allow[lastName(field)]
		return set
	}
	f := &b.frame
	f.rule, f.errs = b.scope.Rule, nil
	if set(dst, f); len(f.errs) > 0 {
		// An env value of the wrong kind: every event would fail, so the start does.
		b.fail(field, errors.Join(f.errs...))
	}
	if b.scope.Traced {
		return set
	}
	return nil
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
