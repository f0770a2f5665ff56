package mappingtest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
)

// A Difference is one place where what was wanted and what came differ.
type Difference struct {
	Path string `json:"path" doc:"in the case's expect, or in the golden file"`
	Want string `json:"want" doc:"JSON, or words; empty: nothing"`
	Got  string `json:"got" doc:"likewise"`
}

// comparer collects differences. A partial comparison ignores members of objects
// that are not wanted.
type comparer struct {
	partial bool
	out     []Difference
}

func (c *comparer) differ(path, want, got string) {
	c.out = append(c.out, Difference{path, want, got})
}

// compareJSON compares two JSON texts.
func (c *comparer) compareJSON(path string, want, got []byte) {
	w, err := decode(want)
	if err != nil {
		c.differ(path, err.Error(), "")
		return
	}
	g, err := decode(got)
	if err != nil {
		c.differ(path, "", err.Error())
		return
	}
	c.compare(path, w, g)
}

func (c *comparer) compare(path string, want, got any) {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			// A map is how a mapping may write RunTask's lists of pairs.
			if g, ok = pairs(got); !ok {
				c.differ(path, text(want), text(got))
				return
			}
		}
		c.objects(path, w, g)
	case []any:
		g, ok := got.([]any)
		if !ok {
			c.differ(path, text(want), text(got))
			return
		}
		for i := range max(len(w), len(g)) {
			at := fmt.Sprintf("%s[%d]", path, i)
			switch {
			case i >= len(g):
				c.differ(at, text(w[i]), "")
			case i >= len(w):
				c.differ(at, "", text(g[i]))
			default:
				c.compare(at, w[i], g[i])
			}
		}
	case json.Number:
		if g, ok := got.(json.Number); !ok || !sameNumber(w, g) {
			c.differ(path, text(want), text(got))
		}
	default:
		if want != got {
			c.differ(path, text(want), text(got))
		}
	}
}

func (c *comparer) objects(path string, want, got map[string]any) {
	names := slices.Collect(maps.Keys(want))
	if !c.partial {
		for name := range got {
			if _, ok := want[name]; !ok {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	for _, name := range names {
		at := strings.TrimPrefix(path+"."+name, ".")
		w, wanted := want[name]
		g, there := got[name]
		switch {
		case !wanted:
			c.differ(at, "", text(g))
		case !there && w == nil: // null: it is not there
		case !there:
			c.differ(at, text(w), "")
		default:
			c.compare(at, w, g)
		}
	}
}

// pairs is a list of {name, value} or {key, value} as an object.
func pairs(v any) (map[string]any, bool) {
	list, ok := v.([]any)
	if !ok {
		return nil, false
	}
	out := map[string]any{}
	for _, item := range list {
		pair, _ := item.(map[string]any)
		name, ok := cmp.Or(pair["name"], pair["key"]).(string)
		if !ok {
			return nil, false
		}
		out[name] = pair["value"]
	}
	return out, true
}

func sameNumber(a, b json.Number) bool {
	if a == b {
		return true
	}
	x, okX := new(big.Float).SetString(a.String())
	y, okY := new(big.Float).SetString(b.String())
	return okX && okY && x.Cmp(y) == 0
}

func decode(text []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	return v, nil
}

// text is v as compact JSON.
func text(v any) string {
	out, err := marshal(v, "")
	if err != nil {
		return err.Error()
	}
	return string(out)
}

// marshal is v as JSON without HTML escapes.
func marshal(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// patch lays over on base: objects merge, null removes, everything else
// replaces. It is the merge patch of RFC 7396.
func patch(base, over any) any {
	o, ok := over.(map[string]any)
	if !ok {
		return over
	}
	b, ok := base.(map[string]any)
	if !ok {
		b = map[string]any{}
	}
	for name, v := range o {
		if v == nil {
			delete(b, name)
			continue
		}
		b[name] = patch(b[name], v)
	}
	return b
}

// Compare says where two JSON texts differ: Want is of the first, Got of the second.
func Compare(first, second []byte) []Difference {
	c := comparer{}
	c.compareJSON("", first, second)
	return c.out
}
