package mapping

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"

	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/scan"
	"github.com/taskbridge/taskbridge/internal/task"
)

// The function reads plans without encoding/json: to learn the types by reflection
// takes longer than to read what they hold.

// reader reads members and remembers the first mistake.
type reader struct{ err error }

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// members calls f for each member of the object v.
func (r *reader) members(v scan.Value, what string, f func(name string, v scan.Value)) {
	if v.Kind != scan.Object {
		r.fail("%s: expected an object, got %s", what, v.Kind)
	}
	for it := scan.Members(v); it.Next() && r.err == nil; {
		f(it.Key(), it.Value())
	}
}

// elements calls f for each element of the list v. null goes for an empty list.
func (r *reader) elements(v scan.Value, f func(v scan.Value)) {
	if v.Kind != scan.Array && v.Kind != scan.Null {
		r.fail("expected a list, got %s", v.Kind)
	}
	for it := scan.Elements(v); it.Next() && r.err == nil; {
		f(it.Value())
	}
}

func (r *reader) text(v scan.Value) string {
	if v.Kind != scan.String {
		r.fail("expected a string, got %s", v.Kind)
		return ""
	}
	return v.Text()
}

func (r *reader) texts(v scan.Value) (list []string) {
	r.elements(v, func(v scan.Value) { list = append(list, r.text(v)) })
	return list
}

func (r *reader) bool(v scan.Value) bool {
	if v.Kind != scan.True && v.Kind != scan.False {
		r.fail("expected true or false, got %s", v.Kind)
	}
	return v.Kind == scan.True
}

func (r *reader) int(v scan.Value) int {
	n, ok := v.Int()
	if !ok || n != int64(int(n)) {
		r.fail("expected an int, got %s", v.Kind)
	}
	return int(n)
}

// size reads the size of a line.
func (r *reader) size(v scan.Value) int {
	n := r.int(v)
	if n < 0 || n >= math.MaxInt32 {
		r.fail("%d is not the size of a line", n)
	}
	return n
}

// read reads the second line of a file, in one pass over its rules.
func (h *head) read(line []byte) error {
	r, c := &reader{}, scan.NewCursor(line)
	if c.Kind() != scan.Object {
		r.fail("head: expected an object, got %s", c.Kind())
	}
	for more := r.err == nil && c.Enter(); more && r.err == nil; more = c.Following() {
		if name := c.Name(); name.Is("rules") && c.Kind() == scan.Array {
			h.Rules = make([]entry, 0, bytes.Count(line[c.Offset():], []byte("["))) // at most: each is a list
			for more := c.Enter(); more && r.err == nil; more = c.Following() {
				h.Rules = append(h.Rules, r.entry(c))
			}
		} else if v := c.Value(); c.Err() == nil {
			r.head(h, name.Text(), v)
		}
	}
	if r.err == nil && c.Err() == nil && c.Offset() != len(line) {
		r.fail("unexpected text after the head")
	}
	return errors.Join(r.err, c.Err())
}

func (r *reader) head(h *head, name string, v scan.Value) {
	switch name {
	case "file":
		h.File = r.text(v)
	case "sha256":
		h.SHA256 = r.text(v)
	case "accept":
		h.Accept = r.texts(v)
	case "env":
		h.Env = r.texts(v)
	case "paths":
		r.elements(v, func(v scan.Value) { h.Paths = append(h.Paths, r.texts(v)) })
	case "constants":
		r.elements(v, func(v scan.Value) { h.Constants = append(h.Constants, r.constant(v)) })
	case "rules":
		r.elements(v, func(scan.Value) {}) // null
	default:
		r.fail("unknown member %q", clip(name))
	}
}

func (r *reader) constant(v scan.Value) (c constant) {
	r.members(v, "constant", func(name string, v scan.Value) {
		switch name {
		case "rule":
			c.Rule = r.text(v)
		case "field":
			c.Field = r.text(v)
		case "value":
			r.template(v, &c.Value)
		default:
			r.fail("unknown member %q", clip(name))
		}
	})
	return c
}

func (r *reader) entry(c *scan.Cursor) (e entry) {
	i := 0
	for more := c.Enter(); more && r.err == nil; more = c.Following() {
		switch v := c.Value(); i {
		case 0:
			e.name = r.text(v)
		case 1:
			e.disabled = r.bool(v)
		case 2:
			e.pattern = r.size(v)
		case 3:
			e.rule = r.size(v)
		case 4:
			n, ok := v.Int()
			if e.sum = uint32(n); !ok || n != int64(e.sum) {
				r.fail("expected a checksum, got %s", v.Kind)
			}
		}
		i++
	}
	if i != 5 {
		r.fail("a rule's entry has %d elements", i)
	}
	return e
}

// rule reads what the function needs of a rule's line.
func (r *reader) rule(line []byte, rule *Rule) {
	v, err := scan.Read(line)
	if err != nil {
		r.err = err
		return
	}
	r.members(v, "rule", func(name string, v scan.Value) {
		switch name {
		case "when":
			rule.When = r.pointer(v)
		case "forEach":
			rule.ForEach = r.pointer(v)
		case "task":
			r.template(v, &rule.Task)
		case "key":
			rule.Key = r.pointer(v)
		case "retry":
			rule.Retry = r.retry(v)
		case "confirm":
			rule.Confirm = r.confirm(v)
		case "untagged":
			rule.Untagged = r.bool(v)
		case "allow":
			rule.Allow = map[string][]string{}
			r.members(v, name, func(field string, v scan.Value) { rule.Allow[field] = r.texts(v) })
		case "description", "pos", "bus", "schedule", "choices": // for those who provision
		default:
			r.fail("unknown member %q", clip(name))
		}
	})
}

func (r *reader) pointer(v scan.Value) *Template {
	t := &Template{}
	r.template(v, t)
	return t
}

func (r *reader) retry(v scan.Value) *task.Retry {
	retry := &task.Retry{}
	r.members(v, "retry", func(name string, v scan.Value) {
		switch n := r.int(v); name {
		case "attempts":
			retry.Attempts = &n
		case "backoffMillis":
			retry.BackoffMillis = n
		case "maxAgeSeconds":
			retry.MaxAgeSeconds = n
		default:
			r.fail("unknown member %q", clip(name))
		}
	})
	return retry
}

func (r *reader) confirm(v scan.Value) *task.Confirm {
	confirm := &task.Confirm{}
	r.members(v, "confirm", func(name string, v scan.Value) {
		switch name {
		case "until":
			confirm.Until = r.text(v)
		case "timeoutSeconds":
			confirm.TimeoutSeconds = r.int(v)
		default:
			r.fail("unknown member %q", clip(name))
		}
	})
	return confirm
}

func (r *reader) template(v scan.Value, t *Template) {
	r.members(v, "template", func(name string, v scan.Value) {
		switch name {
		case "o":
			r.elements(v, func(v scan.Value) { t.Fields = append(t.Fields, r.field(v)) })
		case "l":
			r.elements(v, func(v scan.Value) {
				t.Items = append(t.Items, Template{})
				r.template(v, &t.Items[len(t.Items)-1])
			})
		case "v":
			t.Value = v.Raw
		case "e":
			var err error
			if t.Expr, err = expr.ReadNode(v); err != nil {
				r.fail("expression: %w", err)
			}
		case "s":
			t.Source = r.text(v)
		case "p":
			t.Pos = r.text(v)
		default:
			r.fail("unknown member %q", clip(name))
		}
	})
	if (t.Fields != nil && t.Items != nil) || (t.Value != nil && t.Expr != nil) {
		r.fail("a template is one of several things")
	}
}

func (r *reader) field(v scan.Value) (f Field) {
	r.members(v, "field", func(name string, v scan.Value) {
		switch name {
		case "k":
			f.Name = r.text(v)
		case "t":
			r.template(v, &f.Value)
		default:
			r.fail("unknown member %q", clip(name))
		}
	})
	return f
}

// UnmarshalJSON reads a template strictly.
func (t *Template) UnmarshalJSON(text []byte) error {
	v, err := scan.Read(bytes.Clone(text))
	if err != nil {
		return err
	}
	r := &reader{}
	*t = Template{}
	r.template(v, t)
	return r.err
}

// ReadPlan reads what Marshal wrote. Anything else is refused with an error of
// kind ErrPlan: another format or version, a truncated or altered file, members
// that this version does not know, a head that does not fit the rules.
func ReadPlan(file []byte) (*Plan, error) {
	f, err := openPlan(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	p := &Plan{File: f.File, SHA256: f.SHA256, Accept: f.Accept, Rules: make([]Rule, len(f.Rules))}
	for i := range f.Rules {
		e, r := &f.Rules[i], &p.Rules[i]
		text, err := f.line(e)
		if err != nil {
			return nil, err
		}
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.DisallowUnknownFields()
		if err := errors.Join(dec.Decode(r), check(text)); err != nil {
			return nil, planError("damaged: rule %q: %v", e.name, err)
		}
		r.Name, r.Disabled, r.Match = e.name, e.disabled, f.patterns[i]
	}
	again, err := p.Marshal()
	if err != nil || !bytes.Equal(again, file) {
		return nil, planError("damaged: it is not as it was written")
	}
	return p, nil
}

// check reports whether the two readers of a rule's line agree that it is right.
func check(line []byte) error {
	r := &reader{}
	r.rule(line, &Rule{})
	return r.err
}

// literal stores the JSON v in dst, strictly: names, kinds and ranges.
func (f *frame) literal(v scan.Value, dst reflect.Value) error {
	switch dst.Kind() {
	case reflect.Pointer:
		dst.Set(reflect.New(dst.Type().Elem()))
		return f.literal(v, dst.Elem())
	case reflect.Struct:
		r := &reader{}
		r.members(v, dst.Type().Name(), func(name string, v scan.Value) {
			sf, ok := task.FieldByName(dst.Type(), name)
			if !ok {
				r.fail("unknown field %q", clip(name))
			} else if err := f.literal(v, dst.Field(sf.Index[0])); err != nil {
				r.fail("%s: %w", name, err)
			}
		})
		return r.err
	case reflect.Slice:
		if v.Kind != scan.Array {
			return fmt.Errorf("expected a list, got %s", v.Kind)
		}
		n := 0
		for it := scan.Elements(v); it.Next(); n++ {
		}
		dst.Set(reflect.MakeSlice(dst.Type(), n, n))
		for it, i := scan.Elements(v), 0; it.Next(); i++ {
			if err := f.literal(it.Value(), dst.Index(i)); err != nil {
				return fmt.Errorf("[%d]: %w", i, err)
			}
		}
		return nil
	}
	return f.setScalar(dst, expr.FromJSON(v))
}
