package mapping

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/task"
)

// Folded is t as one Value if no part of it is an expression: the function then
// reads it in one piece.
func (t Template) Folded() Template {
	if t.dynamic() {
		return t
	}
	var b bytes.Buffer
	t.appendLiteral(&b)
	return Template{Value: b.Bytes()}
}

func (t *Template) dynamic() bool {
	if t.Expr != nil {
		return true
	}
	for i := range t.Fields {
		if t.Fields[i].Value.dynamic() {
			return true
		}
	}
	for i := range t.Items {
		if t.Items[i].dynamic() {
			return true
		}
	}
	return false
}

// Literal is the request with every field left out that an expression gives: in
// a list such an element is empty, so that the others keep their index.
func (t *Template) Literal() (*task.Request, error) {
	var b bytes.Buffer
	t.appendLiteral(&b)
	r := &task.Request{}
	if err := json.Unmarshal(b.Bytes(), r); err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	return r, nil
}

// Find is the part of a request's template that gives the field at a path such as
// overrides.containerOverrides[0].cpu, nil if there is none of its own.
func (t *Template) Find(path string) *Template {
	for path != "" {
		if strings.HasPrefix(path, "[") {
			number, rest, _ := strings.Cut(path[1:], "]")
			i, err := strconv.Atoi(number)
			if err != nil || i >= len(t.Items) {
				return nil
			}
			t, path = &t.Items[i], strings.TrimPrefix(rest, ".")
			continue
		}
		end := strings.IndexAny(path, ".[")
		if end < 0 {
			end = len(path)
		}
		i := slices.IndexFunc(t.Fields, func(f Field) bool { return f.Name == path[:end] })
		if i < 0 {
			return nil
		}
		t, path = &t.Fields[i].Value, strings.TrimPrefix(path[end:], ".")
	}
	return t
}

// appendLiteral writes t as JSON, null for an expression.
func (t *Template) appendLiteral(b *bytes.Buffer) {
	switch {
	case t.Value != nil:
		b.Write(t.Value)
	case t.Expr != nil:
		b.WriteString("null")
	case t.Items != nil:
		b.WriteByte('[')
		for i := range t.Items {
			if i > 0 {
				b.WriteByte(',')
			}
			t.Items[i].appendLiteral(b)
		}
		b.WriteByte(']')
	default:
		b.WriteByte('{')
		for i := range t.Fields {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(b, "%q:", t.Fields[i].Name) // names of RunTask: plain ASCII
			t.Fields[i].Value.appendLiteral(b)
		}
		b.WriteByte('}')
	}
}

// Walk calls f for every node of every expression in t.
func (t *Template) Walk(f func(*expr.Node)) {
	if t.Expr != nil {
		t.Expr.Walk(f)
	}
	for i := range t.Fields {
		t.Fields[i].Value.Walk(f)
	}
	for i := range t.Items {
		t.Items[i].Walk(f)
	}
}
