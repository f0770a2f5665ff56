package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Bounds on a schema. Those that EventBridge's registry exports have a few
// thousand keywords, a dozen deep.
const (
	maxSize  = 1 << 20 // bytes
	maxDepth = 100
	maxWork  = 250_000 // keywords and listed values, those that are referred to counted each time
)

// maxErrors keeps what is printed of a file that is no schema at all readable.
const maxErrors = 50

// Parse reads a JSON Schema of a whole event, at most 1 MiB; the package's
// documentation says what of JSON Schema it takes. The schema must describe the
// detail. What it does not say of the rest of the envelope is as in every event
// that EventBridge delivers. The error joins all mistakes, each with the place in
// the document as a JSON pointer.
func Parse(data []byte) (*Type, error) {
	p, err := newParser(data)
	if err != nil {
		return nil, err
	}
	at := &place{}
	root := p.document
	if doc, ok := root.(map[string]any); ok && (doc["openapi"] != nil || doc["components"] != nil) {
		const pointer = "/components/schemas/AWSEvent"
		if root, ok = p.lookup(pointer); !ok {
			return nil, fmt.Errorf("#%s: expected the event's schema, it is missing", pointer)
		}
		at = &place{key: pointer}
	}
	t := p.schema(at, root)
	switch detail := t.Field("detail"); {
	case len(p.errs) > 0:
	case t.Kind != Object:
		p.fail(at, "expected the schema of an event, which is an object, got that of %s", article(t.Kind))
	case detail == nil:
		p.fail(at, `expected the schema of a whole event, with a property "detail"`)
	case detail.Type.Kind != Object && detail.Type.Kind != Map && detail.Type.Kind != Dyn:
		p.fail(at, `the "detail" of an event is an object, got %s`, article(detail.Type.Kind))
	}
	if len(p.errs) > 0 {
		return nil, errors.Join(p.errs...)
	}
	return complete(t, load().envelope), nil
}

// complete adds the fields of the envelope that t does not have.
func complete(t, envelope *Type) *Type {
	c := *t
	c.Fields = slices.Clone(t.Fields)
	for _, f := range envelope.Fields {
		if t.Field(f.Name) == nil {
			c.Fields = append(c.Fields, f)
		}
	}
	sortFields(c.Fields)
	return &c
}

// A parser turns one document into types. Every reference is followed anew, so
// that types are trees and whoever walks one needs no bounds of its own.
type parser struct {
	document any
	refs     []target // the references being followed, outermost first
	work     int
	errs     []error
	reported map[string]bool
}

func newParser(data []byte) (*parser, error) {
	if len(data) > maxSize {
		return nil, fmt.Errorf("the schema has %d bytes, expected at most %d", len(data), maxSize)
	}
	p := &parser{reported: map[string]bool{}}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(&p.document); err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("read JSON: expected nothing after the schema")
	}
	return p, nil
}

// spend counts work. It reports false, and a mistake once, when there is too much.
func (p *parser) spend(at *place, n int) bool {
	before := p.work <= maxWork
	p.work += n
	if p.work > maxWork && before {
		p.fail(at, "the schema is too large: more than %d keywords once its references are followed", maxWork)
	}
	return p.work <= maxWork
}

// fail records a mistake, once for each place however often it is referred to.
func (p *parser) fail(at *place, format string, args ...any) {
	msg := fmt.Sprintf("#%s: %s", at, fmt.Sprintf(format, args...))
	if p.reported[msg] || len(p.errs) > maxErrors {
		return
	}
	p.reported[msg] = true
	if len(p.errs) == maxErrors {
		msg = fmt.Sprintf("and more; the first %d are listed", maxErrors)
	}
	p.errs = append(p.errs, errors.New(msg))
}

// sorted lists the names of m's members in order, so that mistakes are always
// reported in the same order.
func sorted(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

// maxQuote is how many bytes of a name a message repeats.
const maxQuote = 64

func clip(s string) string {
	if len(s) <= maxQuote {
		return s
	}
	return strings.ToValidUTF8(s[:maxQuote], "") + "…"
}

// noun names a value of the document for a message.
func noun(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return "a number"
	case string:
		return "a string"
	case []any:
		return "a list"
	default:
		return "an object"
	}
}

// article names a kind with its article.
func article(k Kind) string {
	switch k {
	case Dyn:
		return k.String()
	case Int, List, Map, Object:
		return "an " + k.String()
	default:
		return "a " + k.String()
	}
}
