package compile

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/taskbridge/taskbridge/internal/diag"
)

// A Document is another YAML file than a mapping, read with the same care: places,
// duplicate keys, bounded aliases. Whoever reads it reports what is wrong with
// its values through it.
type Document struct {
	c    *compiler
	root *node
}

// ReadDocument reads one YAML document. It never fails: what is wrong is among
// the findings of the document, and its root may be the zero Value.
func ReadDocument(file string, source []byte) *Document {
	d := &Document{c: newCompiler(file, source)}
	d.root = d.c.parse()
	return d
}

// ReadTemplate is ReadDocument for a CloudFormation template: a tag such as !Sub
// is the object with the function's long name, Fn::Sub.
func ReadTemplate(file string, source []byte) *Document {
	d := &Document{c: newCompiler(file, source)}
	d.c.functions = true
	d.root = d.c.parse()
	return d
}

// Root is the value of the document.
func (d *Document) Root() Value { return Value{d.root} }

// Add records a finding about a value, whose place is the file's if there is none.
func (d *Document) Add(v Value, code, hint, format string, args ...any) {
	if v.n == nil {
		d.c.add(diag.Pos{}, 1, code, hint, format, args...)
		return
	}
	d.c.at(v.n, code, hint, format, args...)
}

// Keys refuses the members of an object that are not known, as the mapping does.
func (d *Document) Keys(v Value, what string, known ...string) {
	if v.n != nil {
		d.c.keyNames(v.n, what, known)
	}
}

// Findings are those so far, in the order of the file.
func (d *Document) Findings() diag.List {
	d.c.findings.Sort()
	return d.c.findings
}

// A Value is one of a document. The zero Value is what is absent.
type Value struct{ n *node }

// Member is the value of a key of an object; the zero Value if there is none.
func (v Value) Member(key string) Value {
	if v.n == nil {
		return Value{}
	}
	return Value{v.n.member(key)}
}

// Keys are those of an object, in the order of the file.
func (v Value) Keys() []string {
	var keys []string
	if v.n != nil {
		for _, m := range v.n.members {
			keys = append(keys, m.key)
		}
	}
	return keys
}

// Items are those of a list.
func (v Value) Items() []Value {
	var items []Value
	if v.n != nil {
		for _, item := range v.n.items {
			items = append(items, Value{item})
		}
	}
	return items
}

// Exists reports whether the value is in the file.
func (v Value) Exists() bool { return v.n != nil }

// IsObject reports whether the value has members.
func (v Value) IsObject() bool { return v.n != nil && v.n.kind == mapNode }

// IsList reports whether the value has items.
func (v Value) IsList() bool { return v.n != nil && v.n.kind == listNode }

// Text is that of a scalar, and whether it is a string.
func (v Value) Text() (string, bool) {
	if v.n == nil || v.n.kind != scalarNode {
		return "", false
	}
	return v.n.text, v.n.tag == "!!str"
}

// What names the value for a message.
func (v Value) What() string {
	if v.n == nil {
		return "nothing"
	}
	return v.n.what()
}

// Pos is where the value stands.
func (v Value) Pos() diag.Pos {
	if v.n == nil {
		return diag.Pos{}
	}
	return v.n.pos
}

// JSON is the value as JSON.
func (v Value) JSON() (json.RawMessage, error) {
	if v.n == nil {
		return nil, fmt.Errorf("no value")
	}
	return v.n.json()
}

// Beside is the path of a file that a document names, from the document's folder.
func (d *Document) Beside(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(d.c.file), path)
}
