package compile

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/task"
)

// templateBuilder turns the task part of a rule into a template, by the Go type
// of each field of the request.
type templateBuilder struct {
	*compiler
	places      map[string]*node // of each field, for findings of limits
	expressions []string         // fields whose value an expression gives
}

// guarded are the fields that choose what runs where and as whom. The event may
// not: they take constants and env only.
var guarded = []string{
	"cluster", "taskDefinition", "launchType", "platformVersion", "capacityProvider", "executionRoleArn", "taskRoleArn", "roleArn", "kmsKeyId",
	"subnets", "securityGroups", "assignPublicIp", "enableExecuteCommand",
}

func (b *templateBuilder) build(n *node, typ reflect.Type, field string) mapping.Template {
	b.places[field] = n
	if n.kind == scalarNode && n.tag == "!!str" && strings.Contains(n.text, "${") {
		return b.text(n, typ, field)
	}
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	switch typ.Kind() {
	case reflect.Struct:
		return b.object(n, typ, field)
	case reflect.Slice:
		return b.list(n, typ, field)
	default:
		return b.scalar(n, typ, field)
	}
}

func (b *templateBuilder) object(n *node, typ reflect.Type, field string) mapping.Template {
	var t mapping.Template
	names := task.FieldNames(typ)
	if n.kind != mapNode {
		b.at(n, CodeFieldType, "", "%s is an object with %s in ECS, got %s", last(field), strings.Join(names, ", "), n.what())
		return t
	}
	for _, m := range n.members {
		sf, ok := task.FieldByName(typ, m.key)
		if !ok {
			b.unknownField(m, field, names)
			continue
		}
		if m.value.null() {
			continue
		}
		t.Fields = append(t.Fields, mapping.Field{Name: m.key, Value: b.build(m.value, sf.Type, task.FieldPath(field, m.key))})
	}
	return t.Folded()
}

func (b *templateBuilder) unknownField(m member, field string, names []string) {
	if why := task.Refused(m.key); why != "" {
		b.add(m.pos, len([]rune(m.key)), CodeUnknownKey, why, "%q cannot be set", m.key)
		return
	}
	what := last(field)
	if what == "" {
		what = "task"
	}
	b.unknownKey(m, what, names)
}

func (b *templateBuilder) list(n *node, typ reflect.Type, field string) mapping.Template {
	var t mapping.Template
	elem := typ.Elem()
	if n.kind == mapNode && (elem == reflect.TypeFor[task.KeyValuePair]() || elem == reflect.TypeFor[task.Tag]()) {
		n = pairs(n, elem)
	}
	if n.kind != listNode {
		b.at(n, CodeFieldType, "", "%s is a list in ECS, got %s", last(field), n.what())
		return t
	}
	for i, item := range n.items {
		t.Items = append(t.Items, b.build(item, elem, fmt.Sprintf("%s[%d]", field, i)))
	}
	if t.Items == nil {
		t.Value = json.RawMessage("[]")
	}
	return t.Folded()
}

// pairs is the list form of environment or tags written as a map.
func pairs(n *node, elem reflect.Type) *node {
	key := task.FieldNames(elem)[0] // name of a variable, key of a tag
	list := &node{kind: listNode, pos: n.pos, width: n.width}
	for _, m := range n.members {
		if m.value.null() {
			continue
		}
		name := &node{kind: scalarNode, pos: m.pos, width: len([]rune(m.key)), tag: "!!str", text: m.key}
		list.items = append(list.items, &node{kind: mapNode, pos: m.pos, width: name.width, members: []member{
			{key, m.pos, name}, {"value", m.pos, m.value},
		}})
	}
	return list
}

func (b *templateBuilder) scalar(n *node, typ reflect.Type, field string) mapping.Template {
	want := map[reflect.Kind]string{reflect.String: "!!str", reflect.Int32: "!!int", reflect.Bool: "!!bool"}[typ.Kind()]
	word := map[string]string{"!!str": "a string", "!!int": "a number", "!!bool": "true or false"}[want]
	switch {
	case n.kind != scalarNode || n.tag != want:
		hint := ""
		if n.kind == scalarNode && want == "!!str" && !n.null() {
			hint = fmt.Sprintf("write %q", n.text)
		}
		b.at(n, CodeFieldType, hint, "%s is %s in ECS, got %s", last(field), word, n.what())
		return mapping.Template{}
	case n.text == "" && b.required(field):
		b.at(n, CodeFieldType, "leave it out, or null to remove a default", "%s is empty", last(field))
	}
	raw, err := n.scalarJSON()
	if err == nil {
		err = json.Unmarshal(raw, reflect.New(typ).Interface())
	}
	if err != nil {
		b.at(n, CodeFieldType, "", "%s does not fit the field: %s", last(field), n.what())
		return mapping.Template{}
	}
	return mapping.Template{Value: raw}
}

// required reports whether an empty text in the field would be left out of the
// request; only the values of variables, tags and arguments may be empty.
func (b *templateBuilder) required(field string) bool {
	name := last(field)
	return name != "value" && !strings.HasPrefix(name, "command[")
}

// text builds a string that holds ${…}.
func (b *templateBuilder) text(n *node, typ reflect.Type, field string) mapping.Template {
	parts, ok := b.parts(n)
	if !ok {
		return mapping.Template{}
	}
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	elem := typ
	if typ.Kind() == reflect.Slice {
		elem = typ.Elem()
	}
	if elem.Kind() == reflect.Struct || elem.Kind() == reflect.Pointer {
		b.at(n, CodeFieldType, "write its fields, with expressions for their values", "an expression cannot give all of %s", last(field))
		return mapping.Template{}
	}
	t, constant := parts.template()
	if typ.Kind() != reflect.String && (constant || len(parts) > 1) {
		b.at(n, CodeFieldType, "write the expression alone, without text around it", "%s is no string in ECS", last(field))
		return mapping.Template{}
	}
	if constant {
		return t
	}
	b.expressions = append(b.expressions, field)
	name := strings.TrimRight(last(field), "[]0123456789")
	if slices.Contains(guarded, name) && t.Expr.Uses("event") {
		at, width := parts.place(n)
		b.add(at, width, CodeUnbounded, "write a constant, or env.NAME for what differs between deployments",
			"event data may not choose %s: whoever sends events would decide it", name)
	}
	return t
}

func last(field string) string { return field[strings.LastIndexByte(field, '.')+1:] }

// place is where the first expression stands.
func (p parts) place(n *node) (diag.Pos, int) {
	for _, part := range p {
		if part.node != nil {
			return part.pos, len([]rune(part.source))
		}
	}
	return n.pos, n.width
}
