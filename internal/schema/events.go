package schema

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"sync"
)

// Each file but the envelope's holds the events of one service: one branch of
// oneOf for each, which pins source and detail-type.
//
//go:embed events/*.json
var files embed.FS

const envelopeFile = "events/envelope.json"

// KnownEvent names one kind of event whose shape is known.
type KnownEvent struct {
	Source, DetailType string
}

// Event is the shape of the whole event, envelope included, that a service sends
// with this source and detail-type; ok is false if it is not known. It is safe
// for concurrent use.
func Event(source, detailType string) (t *Type, ok bool) {
	t, ok = load().types[KnownEvent{source, detailType}]
	return t, ok
}

// Envelope is the shape of every event that EventBridge delivers, with any detail. It
// must not be changed.
func Envelope() *Type { return load().envelope }

// Known lists the events whose shape is known, sorted by source and detail-type,
// for documentation and suggestions. The caller may keep and change the list.
func Known() []KnownEvent {
	c := load()
	known := make([]KnownEvent, 0, len(c.types))
	for k := range c.types {
		known = append(known, k)
	}
	slices.SortFunc(known, func(a, b KnownEvent) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.DetailType, b.DetailType))
	})
	return known
}

// A catalog is what the embedded files say.
type catalog struct {
	envelope *Type // of every event that EventBridge delivers
	types    map[KnownEvent]*Type
}

var load = sync.OnceValue(func() *catalog {
	c, err := readCatalog(files)
	if err != nil {
		panic("taskbridge: internal error: event schemas: " + err.Error())
	}
	return c
})

func readCatalog(files fs.FS) (*catalog, error) {
	names, err := fs.Glob(files, "events/*.json")
	if err != nil {
		return nil, err
	}
	p, err := readParser(files, envelopeFile)
	if err != nil {
		return nil, err
	}
	c := &catalog{envelope: p.schema(&place{}, p.document), types: map[KnownEvent]*Type{}}
	errs := p.errs
	for _, name := range names {
		if name == envelopeFile {
			continue
		}
		if p, err = readParser(files, name); err != nil {
			return nil, err
		}
		p.events(c)
		if err := errors.Join(p.errs...); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	return c, errors.Join(errs...)
}

func readParser(files fs.FS, name string) (*parser, error) {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	p, err := newParser(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return p, nil
}

// events adds every branch of the document to c: the branch, what the document
// says of all of them, and the envelope.
func (p *parser) events(c *catalog) {
	doc, _ := p.document.(map[string]any)
	branches, _ := doc["oneOf"].([]any)
	if len(branches) == 0 {
		p.fail(&place{}, `expected "oneOf" with the events`)
	}
	common := p.own(&place{}, doc)
	for i, branch := range branches {
		at := (&place{}).within("oneOf", strconv.Itoa(i))
		m, _ := branch.(map[string]any)
		known := KnownEvent{pinned(m, "source"), pinned(m, "detail-type")}
		if known.Source == "" || known.DetailType == "" || c.types[known] != nil {
			p.fail(at, `expected a pair of "source" and "detail-type" that no other event has, got %q`, known)
			continue
		}
		t := p.intersect(at, p.schema(at, branch), common)
		c.types[known] = p.intersect(at, t, c.envelope)
	}
}

// pinned is the constant that the schema m has for a property.
func pinned(m map[string]any, name string) string {
	properties, _ := m["properties"].(map[string]any)
	property, _ := properties[name].(map[string]any)
	s, _ := property["const"].(string)
	return s
}
