package schema

import (
	"net/url"
	"strconv"
	"strings"
)

// A place is where a schema stands: the key under which its parent holds it. Its
// level is how deep the value that it describes lies in the event; its depth
// counts schemas, of which several may describe one value.
type place struct {
	parent       *place
	key          string // of a place without parent: a whole JSON pointer
	depth, level int
}

// within is the place of another schema for the same value.
func (p *place) within(keys ...string) *place {
	for _, key := range keys {
		p = &place{parent: p, key: key, depth: p.depth, level: p.level}
	}
	p.depth++
	return p
}

// below is the place of a schema for a part of the value.
func (p *place) below(keys ...string) *place {
	p = p.within(keys...)
	p.level++
	return p
}

// String is the JSON pointer (RFC 6901) to the place, long keys cut short.
func (p *place) String() string {
	if p.parent == nil {
		return clip(p.key)
	}
	key := strings.NewReplacer("~", "~0", "/", "~1").Replace(clip(p.key))
	return p.parent.String() + "/" + key
}

// A target is what a reference leads to, and the level of the value it describes.
type target struct {
	pointer string
	level   int
}

// reference is the type that a $ref stands for.
func (p *parser) reference(at *place, v any) *Type {
	ref, ok := v.(string)
	if !ok {
		p.fail(at, "expected a reference such as %q, got %s", "#/$defs/name", noun(v))
		return &Type{}
	}
	if !p.spend(at, len(ref)/16) {
		return &Type{}
	}
	fragment, ok := strings.CutPrefix(ref, "#")
	pointer, err := url.PathUnescape(fragment)
	if !ok || err != nil || pointer != "" && pointer[0] != '/' {
		p.fail(at, "expected a reference into the same document such as %q, got %q", "#/$defs/name", clip(ref))
		return &Type{}
	}
	schema, ok := p.lookup(pointer)
	if !ok {
		p.fail(at, "nothing is at %q", clip(ref))
		return &Type{}
	}
	for _, open := range p.refs {
		if open.pointer != pointer {
			continue
		}
		if open.level == at.level {
			p.fail(at, "%q leads back to itself", clip(ref))
		}
		return &Type{} // the value contains one like itself
	}
	p.refs = append(p.refs, target{pointer, at.level})
	defer func() { p.refs = p.refs[:len(p.refs)-1] }()
	return p.schema(&place{key: pointer, depth: at.depth, level: at.level}, schema)
}

// lookup follows a JSON pointer through the document.
func (p *parser) lookup(pointer string) (any, bool) {
	v := p.document
	if pointer == "" {
		return v, true
	}
	unescape := strings.NewReplacer("~1", "/", "~0", "~")
	for key := range strings.SplitSeq(pointer[1:], "/") {
		key = unescape.Replace(key)
		switch parent := v.(type) {
		case map[string]any:
			var ok bool
			if v, ok = parent[key]; !ok {
				return nil, false
			}
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(parent) {
				return nil, false
			}
			v = parent[i]
		default:
			return nil, false
		}
	}
	return v, true
}
