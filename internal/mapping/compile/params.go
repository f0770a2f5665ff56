package compile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/expr"
)

// paramName is what a parameter may be called: param.NAME must be CEL.
var paramName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)

// A param is a declared parameter.
type param struct {
	name  string
	at    member
	kind  string // of paramKeys' type
	enum  []expr.Value
	value expr.Value // something of its type if it is not bound
	bound bool       // the value is known
	used  bool
}

// otherTypes are what types are called elsewhere.
var otherTypes = map[string]string{"boolean": "bool", "integer": "int", "number": "int", "str": "string", "text": "string", "array": "list", "String": "string", "Number": "int", "CommaDelimitedList": "list"}

// placeholders stand for values that are not given.
var placeholders = map[string]expr.Value{
	"string": expr.String("param"), "int": expr.IntValue(1), "bool": expr.BoolValue(true), "list": expr.ListValue([]expr.Value{expr.String("param")}),
}

// declare reads params and binds them to the options' values.
func (c *compiler) declare(n *node) {
	if n != nil && c.isMap(n, "params", "a declaration for each parameter") {
		for _, m := range n.members {
			c.declareParam(m)
		}
	} else if n != nil {
		for _, item := range n.items { // names are what they seem to be
			c.params = append(c.params, &param{name: item.text, at: member{item.text, item.pos, item}, value: placeholders["string"], used: true})
		}
	}
	c.values = make(map[string]expr.Value, len(c.params))
	for _, p := range c.params {
		c.values[p.name] = p.value
	}
	for _, name := range slices.Sorted(maps.Keys(c.options.Params)) {
		if c.param(name) != nil {
			continue
		}
		known := make([]string, len(c.params))
		for i, p := range c.params {
			known[i] = p.name
		}
		at, hint := diag.Pos{}, "declare it: params: {"+name+": {type: string}}"
		if n != nil {
			at = n.pos
		}
		if near := diag.Nearest(name, known); near != "" {
			hint = fmt.Sprintf("did you mean %s?", near)
		}
		c.add(at, 1, CodeParamUnknown, hint, "a value is given for parameter %q, which the mapping does not declare", name)
	}
}

func (c *compiler) param(name string) *param {
	for _, p := range c.params {
		if p.name == name {
			return p
		}
	}
	return nil
}

func (c *compiler) declareParam(m member) {
	p := &param{name: m.key, at: m, kind: "string"}
	c.params = append(c.params, p)
	if !paramName.MatchString(m.key) {
		c.add(m.pos, len([]rune(m.key)), CodeParam, "write it as "+strings.Trim(notInName.ReplaceAllString(m.key, "_"), "_0123456789")+", or another name that param.NAME can be", "a parameter's name has 1 to 64 letters, digits and underscores, and begins with no digit")
	}
	if m.value.kind != mapNode {
		p.kind = ""
		c.at(m.value, CodeShape, "write "+m.key+": {type: string}", "a parameter must be an object with type and default, got %s", m.value.what())
	} else {
		c.keys(m.value, "a parameter", paramKeys)
		c.paramType(p, m)
	}
	p.value = placeholders[p.kind]
	if p.kind == "" {
		p.value = placeholders["string"]
		return
	}
	c.paramEnum(p, m.value.member("enum"))
	given, ok := c.options.Params[p.name]
	switch def := m.value.member("default"); {
	case ok:
		c.given(p, given)
	case def == nil:
		c.unbound = true
		f := c.add(m.pos, len([]rune(m.key)), CodeParamUnbound,
			fmt.Sprintf("give it with --param %s=… or in a file with --params, or declare a default", p.name), "parameter %q has no value", p.name)
		if c.options.Check {
			f.Severity = diag.Warning
		}
	default:
		c.paramDefault(p, def)
	}
}

func (c *compiler) paramType(p *param, m member) {
	t := m.value.member("type")
	known := paramKeys[0].Enum
	switch {
	case t == nil:
		c.add(m.pos, len([]rune(m.key)), CodeMissingKey, "write "+p.name+": {type: string}", "the parameter has no type")
	case t.kind != scalarNode || !slices.Contains(known, t.text):
		hint := "write type: string"
		near := otherTypes[t.text]
		if near == "" {
			near = diag.Nearest(t.text, known)
		}
		if near != "" {
			hint = fmt.Sprintf("did you mean %s?", near)
		}
		p.kind = "" // what the value would have to be is not known
		c.at(t, CodeParam, hint, "a parameter's type is one of %s, got %s", strings.Join(known, ", "), t.what())
	default:
		p.kind = t.text
	}
	if d := m.value.member("description"); d != nil && !d.isText() {
		c.at(d, CodeShape, scalarHint(d, "!!str"), "description must be text, got %s", d.what())
	}
}

func (c *compiler) paramEnum(p *param, n *node) {
	if n == nil {
		return
	}
	if n.kind != listNode || p.kind == "list" {
		c.at(n, CodeParam, "write enum: [a, b]; a parameter that is a list has none", "enum is a list of the values that a string, int or bool may have")
		return
	}
	for _, item := range n.items {
		v, ok := item.paramValue(p.kind)
		if !ok {
			c.at(item, CodeParam, valueOfHint(item, p.kind), "the parameter is %s, got %s", article(p.kind), item.what())
			continue
		}
		p.enum = append(p.enum, v)
	}
}

func (c *compiler) paramDefault(p *param, def *node) {
	v, ok := def.paramValue(p.kind)
	switch {
	case !ok:
		c.at(def, CodeParam, valueOfHint(def, p.kind), "the parameter is %s, got %s", article(p.kind), def.what())
	case !p.admits(v):
		c.at(def, CodeParam, "add it to enum, or take one of those", "the default is none of enum: %s", p.enumText())
	default:
		p.value, p.bound = v, true
	}
}

// given binds a parameter to a value from outside of the file.
func (c *compiler) given(p *param, given any) {
	v, ok := paramValue(p.kind, reflect.ValueOf(given))
	name, width := p.at.pos, len([]rune(p.name))
	switch {
	case !ok:
		c.add(name, width, CodeParamValue, givenHint(p), "parameter %q is %s, the value given for it is not", p.name, article(p.kind))
	case !p.admits(v):
		hint := ""
		if text, isText := v.Str(); isText {
			var known []string
			for _, e := range p.enum {
				s, _ := e.Str()
				known = append(known, s)
			}
			if near := diag.Nearest(text, known); near != "" {
				hint = fmt.Sprintf("did you mean %s?", near)
			}
		}
		c.add(name, width, CodeParamValue, hint, "the value given for parameter %q is none of %s", p.name, p.enumText())
	default:
		p.value, p.bound = v, true
	}
}

func (p *param) admits(v expr.Value) bool {
	text, _ := v.Text()
	return p.enum == nil || slices.ContainsFunc(p.enum, func(e expr.Value) bool {
		s, _ := e.Text()
		return s == text
	})
}

func (p *param) enumText() string {
	texts := make([]string, len(p.enum))
	for i, v := range p.enum {
		texts[i], _ = v.Text()
	}
	return strings.Join(texts, ", ")
}

func article(kind string) string {
	switch kind {
	case "int":
		return "an int"
	case "list":
		return "a list of strings"
	}
	return "a " + kind
}

// paramValue is n as a value of a parameter's type.
func (n *node) paramValue(kind string) (v expr.Value, ok bool) {
	switch {
	case kind == "string" && n.isText():
		return expr.String(n.text), true
	case kind == "bool" && n.kind == scalarNode && n.tag == "!!bool", kind == "int" && n.kind == scalarNode && n.tag == "!!int":
		text, err := n.scalarJSON()
		if err != nil {
			return v, false
		}
		return paramText(kind, string(text))
	case kind == "list" && n.kind == listNode:
		list := []expr.Value{}
		for _, item := range n.items {
			if !item.isText() {
				return v, false
			}
			list = append(list, expr.String(item.text))
		}
		return expr.ListValue(list), true
	}
	return v, false
}

// paramValue is a value from outside as one of a parameter's type.
func paramValue(kind string, given reflect.Value) (v expr.Value, ok bool) {
	for given.Kind() == reflect.Interface || given.Kind() == reflect.Pointer {
		given = given.Elem()
	}
	switch {
	case given.Kind() == reflect.String:
		return paramText(kind, given.String())
	case given.Kind() == reflect.Bool && kind == "bool":
		return expr.BoolValue(given.Bool()), true
	case given.CanInt() && kind == "int":
		return expr.IntValue(given.Int()), true
	case given.CanUint() && kind == "int" && given.Uint() <= math.MaxInt64:
		return expr.IntValue(int64(given.Uint())), true
	case given.CanFloat() && kind == "int" && given.Float() == math.Trunc(given.Float()) && math.Abs(given.Float()) < 1<<53:
		return expr.IntValue(int64(given.Float())), true
	case given.Kind() == reflect.Slice && kind == "list":
		list := []expr.Value{}
		for i := range given.Len() {
			item := given.Index(i)
			for item.Kind() == reflect.Interface || item.Kind() == reflect.Pointer {
				item = item.Elem()
			}
			if item.Kind() != reflect.String {
				return v, false
			}
			list = append(list, expr.String(item.String()))
		}
		return expr.ListValue(list), true
	}
	return v, false
}

// paramText reads a value as a command line or an environment has it.
func paramText(kind, text string) (v expr.Value, ok bool) {
	switch kind {
	case "string":
		return expr.String(text), true
	case "int":
		i, err := strconv.ParseInt(text, 10, 64)
		return expr.IntValue(i), err == nil
	case "bool":
		return expr.BoolValue(text == "true"), text == "true" || text == "false"
	}
	var items []string
	if strings.HasPrefix(text, "[") {
		dec := json.NewDecoder(bytes.NewReader([]byte(text)))
		if err := dec.Decode(&items); err != nil || dec.More() {
			return v, false
		}
	} else if text != "" {
		items = strings.Split(text, ",")
	}
	list := []expr.Value{}
	for _, s := range items {
		list = append(list, expr.String(s))
	}
	return expr.ListValue(list), true
}

// use notes the parameters that an expression refers to. It reports whether all
// of them have values.
func (c *compiler) use(names []string) (bound bool) {
	bound = true
	for _, name := range names {
		if p := c.param(name); p != nil {
			p.used = true
			bound = bound && p.bound
		}
	}
	return bound
}

func (c *compiler) unused() {
	for _, p := range c.params {
		if !p.used {
			f := c.add(p.at.pos, len([]rune(p.name)), CodeParamUnused, "remove it, or write ${param."+p.name+"} where it belongs",
				"parameter %q is used nowhere", p.name)
			f.Severity = diag.Warning
		}
	}
}

// ReadParams reads a file with values for [Options.Params]: YAML or JSON, one
// object of names and values.
func ReadParams(file string, source []byte) (map[string]any, diag.List) {
	c := newCompiler(file, source)
	values := map[string]any{}
	if root := c.parse(); root != nil && c.isMap(root, "a file of parameters", "a value for each name") {
		for _, m := range root.members {
			v, ok := m.value.plain()
			if !ok {
				c.at(m.value, CodeShape, "write "+m.key+": value, or "+m.key+": [a, b] for a list", "a parameter is text, a number, a bool or a list of text, got %s", m.value.what())
				continue
			}
			values[m.key] = v
		}
	}
	c.findings.Sort()
	return values, c.findings
}

// plain is n as a value of Options.Params.
func (n *node) plain() (v any, ok bool) {
	switch {
	case n.kind == listNode:
		list := []any{}
		for _, item := range n.items {
			if item.kind != scalarNode || item.null() {
				return nil, false
			}
			list = append(list, item.text)
		}
		return list, true
	case n.kind == mapNode || n.null():
		return nil, false
	case n.tag == "!!bool":
		return strings.EqualFold(n.text, "true"), true
	}
	return n.text, true
}
