package compile

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/task"
)

// limits reports what RunTask would refuse whatever the expressions give, and
// what it would refuse for one of the few values that an expression can give.
func (b *templateBuilder) limits(n *node, t *mapping.Template) {
	r, err := t.Literal()
	if err != nil {
		b.at(n, CodeFieldType, "", "%v", err)
		return
	}
	whatever := unjoin(task.ValidatePartial(r, b.dynamic))
	for _, err := range whatever {
		var limit *task.LimitError
		if errors.As(err, &limit) {
			b.at(b.nearest(n, limit.Field), limit.Code, limit.Hint, "%s: %s", limit.Field, limit.Msg)
		}
	}
	if len(whatever) == 0 {
		for i := range b.expressions {
			b.outcomes(&b.expressions[i], t)
		}
	}
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
func (b *templateBuilder) outcomes(e *expression, t *mapping.Template) {
	outcomes, ok := e.node.Outcomes()
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
		b.outcome(e, at, t, o.Value)
	}
}

// outcome checks the request in which an expression gives a value.
func (b *templateBuilder) outcome(e *expression, at *mapping.Template, t *mapping.Template, v expr.Value) {
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
	for _, err := range unjoin(task.ValidatePartial(r, func(field string) bool { return !isWithin(field, e.field) && b.dynamic(field) })) {
		var limit *task.LimitError
		if errors.As(err, &limit) {
			pos, width := e.parts.place(e.at)
			shown, _ := v.Text()
			b.add(pos, width, limit.Code, limit.Hint, "%s can be %q: %s", e.field, shown, limit.Msg)
		}
	}
}

// dynamic reports whether an expression gives the value of the field, or of a
// list that the field is in.
func (b *templateBuilder) dynamic(field string) bool {
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
