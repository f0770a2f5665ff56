package compile

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/task"
)

// limits reports what RunTask would refuse whatever the expressions give, and
// what it would refuse for one of the few values that an expression can give.
// What is wrong already counts as present with a value nobody knows; what may be
// missing because of another mistake, as either.
func (b *templateBuilder) limits(n *node, t *mapping.Template) {
	r, err := t.Literal()
	if err != nil {
		b.at(n, CodeFieldType, "", "%v", err)
		return
	}
	whatever := b.refusals(r, b.dynamic)
	for _, limit := range whatever {
		b.at(b.nearest(n, limit.Field), limit.Code, limit.Hint, "%s: %s", limit.Field, limit.Msg)
	}
	for i := range b.expressions {
		b.outcomes(&b.expressions[i], t, whatever)
	}
}

// refusals are the limits that a request is over, without those that are a
// consequence of another mistake.
func (b *templateBuilder) refusals(r *task.Request, unknown func(field string) bool) []*task.LimitError {
	found := limitErrors(task.ValidatePartial(r, unknown))
	if len(b.gaps) == 0 {
		return found
	}
	filled := limitErrors(task.ValidatePartial(r, func(field string) bool { return unknown(field) || b.inGap(field) }))
	return slices.DeleteFunc(found, func(l *task.LimitError) bool { return !hasLimit(filled, l) })
}

func limitErrors(err error) []*task.LimitError {
	var list []*task.LimitError
	for _, err := range diag.Unjoin(err) {
		var limit *task.LimitError
		if errors.As(err, &limit) {
			list = append(list, limit)
		}
	}
	return list
}

func hasLimit(list []*task.LimitError, l *task.LimitError) bool {
	return slices.ContainsFunc(list, func(o *task.LimitError) bool { return o.Code == l.Code && o.Field == l.Field })
}

// inGap reports whether a field may be missing because of a mistake.
func (b *templateBuilder) inGap(field string) bool {
	for ; field != ""; field = parent(field) {
		if b.places[field] == nil && b.gaps[parent(field)] {
			return true
		}
	}
	return false
}

// nearest is where a field, or what it is in, stands in the mapping.
func (b *templateBuilder) nearest(n *node, field string) *node {
	for ; field != ""; field = parent(field) {
		if place, ok := b.places[field]; ok {
			return place
		}
	}
	return n
}

// outcomes checks each value that an expression can give, if those are few and
// known.
func (b *templateBuilder) outcomes(e *expression, t *mapping.Template, whatever []*task.LimitError) {
	outcomes, ok := b.scope.outcomes(e.node)
	if !ok || !e.parts.bound() {
		return
	}
	at := t.Find(e.field)
	if at == nil {
		return
	}
	for _, o := range outcomes {
		if len(o.Env) > 0 {
			continue
		}
		b.outcome(e, at, t, o.Value, whatever)
	}
}

// outcome checks the request in which an expression gives a value, for what is not
// wrong whatever it gives.
func (b *templateBuilder) outcome(e *expression, at *mapping.Template, t *mapping.Template, v expr.Value, whatever []*task.LimitError) {
	value, ok := e.at.valued(v)
	if !ok {
		return
	}
	text, err := value.json()
	if err != nil {
		return
	}
	saved := *at
	*at = mapping.Template{Value: json.RawMessage(text)}
	r, err := t.Literal()
	*at = saved
	if err != nil {
		return // its type is another finding, or an error when it runs
	}
	for _, limit := range b.refusals(r, func(field string) bool { return !isWithin(field, e.field) && b.dynamic(field) }) {
		if hasLimit(whatever, limit) {
			continue
		}
		pos, width := e.parts.place(e.at)
		shown, _ := v.Text()
		b.add(pos, width, limit.Code, limit.Hint, "%s can be %q: %s", e.field, shown, limit.Msg)
	}
}

// dynamic reports whether the value of the field, or of a list that the field is
// in, is given by an expression, or wrong.
func (b *templateBuilder) dynamic(field string) bool {
	if b.broken[field] {
		return true
	}
	for i := range b.expressions {
		if isWithin(field, b.expressions[i].field) {
			return true
		}
	}
	return false
}

// isWithin reports whether a path is that of a field or of one of its elements.
func isWithin(path, field string) bool {
	rest, ok := strings.CutPrefix(path, field)
	return ok && (rest == "" || rest[0] == '[')
}

func parent(field string) string {
	return field[:max(strings.LastIndexAny(field, ".["), 0)]
}
