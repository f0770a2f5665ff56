package compile

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/expr/lower"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/task"
)

// templateBuilder turns the task part of a rule into a template, by the Go type
// of each field of the request.
type templateBuilder struct {
	*compiler
	scope       scope
	places      map[string]*node // of each field, for findings of limits
	expressions []expression     // fields whose value is not known now
	broken      map[string]bool  // fields that have a finding instead of a value
	gaps        map[string]bool  // objects of which some fields may be missing because of a mistake
}

// An expression gives the value of a field.
type expression struct {
	field string
	kind  reflect.Kind // of the field in the request
	at    *node
	parts parts
	node  *expr.Node
}

// guarded are the fields that decide where a task runs and what it can reach, but
// that no permission is derived from. The event may not choose them; for those of
// [Choosable] see choices.go.
var guarded = []string{"assignPublicIp", "enableExecuteCommand", "kmsKeyId", "platformVersion", "securityGroups", "subnets"}

func (c *compiler) builder(s scope) *templateBuilder {
	return &templateBuilder{compiler: c, scope: s, places: map[string]*node{}, broken: map[string]bool{}, gaps: map[string]bool{}}
}

// task builds the template of a rule's request: its own fields over the
// defaults.
func (c *compiler) task(r *mapping.Rule, own, defaults, allow *node, s scope) {
	c.spell(own, reflect.TypeFor[task.Request](), "")
	if defaults != nil {
		own = merge(defaults, own)
	}
	b := c.builder(s)
	if c.undefaulted {
		b.gaps[""] = true
	}
	r.Task = b.build(own, reflect.TypeFor[task.Request](), "")
	if own.member("taskDefinition") == nil {
		b.missing(own)
	}
	b.choices(r, own, allow)
	b.lintValues()
	before := len(c.findings)
	b.limits(own, &r.Task)
	if !slices.ContainsFunc(c.findings[before:], func(f diag.Finding) bool { return f.Code == "runtask-overrides-bytes" }) {
		b.lintSize(&r.Task)
	}
}

// missing refuses a task without a taskDefinition, unless the defaults may have it.
func (b *templateBuilder) missing(own *node) {
	b.broken["taskDefinition"] = true
	if !b.undefaulted {
		b.at(own, CodeMissingKey, "write family, family:revision or an ARN", "the task has no taskDefinition")
	}
}

// merge returns over laid on base: objects merge, everything else replaces, null
// removes.
func merge(base, over *node) *node {
	if base.kind != mapNode || over.kind != mapNode {
		return over
	}
	n := &node{kind: mapNode, pos: over.pos, width: over.width}
	for _, m := range base.members {
		if o := over.member(m.key); o == nil {
			n.members = append(n.members, m)
		}
	}
	for _, m := range over.members {
		if b := base.member(m.key); b != nil {
			m.value = merge(b, m.value)
		}
		if !m.value.null() {
			n.members = append(n.members, m)
		}
	}
	return n
}

func (b *templateBuilder) build(n *node, typ reflect.Type, field string) mapping.Template {
	b.places[field] = n
	if n.isText() && !n.made && strings.Contains(n.text, "${") {
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
		b.at(n, CodeFieldType, pairHint(n, typ), "%s is an object with %s in ECS, got %s", last(field), strings.Join(names, ", "), n.what())
		return b.breaks(typ, field)
	}
	for _, m := range n.members {
		sf, ok := task.FieldByName(typ, m.key)
		if !ok {
			b.unknownField(m, typ, field)
			continue
		}
		if m.value.null() {
			continue
		}
		t.Fields = append(t.Fields, mapping.Field{Name: m.key, Value: b.build(m.value, sf.Type, task.FieldPath(field, m.key))})
	}
	return t.Folded()
}

func (b *templateBuilder) unknownField(m member, typ reflect.Type, field string) {
	if why := task.Refused(strings.ToLower(m.key[:min(1, len(m.key))]) + m.key[min(1, len(m.key)):]); why != "" {
		b.add(m.pos, len([]rune(m.key)), CodeUnknownKey, why, "%q cannot be set", m.key)
		return
	}
	what := objectName(field)
	b.gaps[field] = true
	names := task.FieldNames(typ)
	hint := keyHint(m.key, what, names)
	if hint == "" {
		hint = fieldHint(m, typ, field)
	}
	b.unknownKey(m, what, hint, names)
}

// breaks stands for a value that is not known because it is wrong.
func (b *templateBuilder) breaks(typ reflect.Type, field string) mapping.Template {
	if typ.Kind() == reflect.Struct {
		b.gaps[field] = true
		return mapping.Template{}
	}
	b.broken[field] = true
	return mapping.Template{Value: json.RawMessage("null")}
}

func (b *templateBuilder) list(n *node, typ reflect.Type, field string) mapping.Template {
	var t mapping.Template
	elem := typ.Elem()
	if n.kind == mapNode && (elem == reflect.TypeFor[task.KeyValuePair]() || elem == reflect.TypeFor[task.Tag]()) {
		n = pairs(n, elem)
	}
	if n.kind != listNode {
		b.at(n, CodeFieldType, listHint(n, elem), "%s is a list in ECS, got %s", last(field), n.what())
		return b.breaks(typ, field)
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

// tagOf is the YAML tag of a Go kind of field, and its word in messages.
func tagOf(kind reflect.Kind) (tag, word string) {
	switch kind {
	case reflect.Int32:
		return "!!int", "a number"
	case reflect.Bool:
		return "!!bool", "true or false"
	default:
		return "!!str", "a string"
	}
}

func (b *templateBuilder) scalar(n *node, typ reflect.Type, field string) mapping.Template {
	want, word := tagOf(typ.Kind())
	switch {
	case n.kind != scalarNode || n.tag != want:
		b.at(n, CodeFieldType, scalarHint(n, want), "%s is %s in ECS, got %s", last(field), word, n.what())
		return b.breaks(typ, field)
	case n.text == "" && b.required(field):
		b.broken[field] = true
		b.at(n, CodeFieldType, "leave it out, or null to remove a default", "%s is empty", last(field))
	}
	raw, err := n.scalarJSON()
	if err == nil {
		err = json.Unmarshal(raw, reflect.New(typ).Interface())
	}
	if err != nil {
		b.at(n, CodeFieldType, "", "%s does not fit the field: %s", last(field), n.what())
		return b.breaks(typ, field)
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
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	parts, ok := b.parts(n, b.scope)
	if !ok {
		return b.breaks(typ, field)
	}
	if value, ok := parts.constant(n); ok {
		return b.build(value, typ, field)
	}
	elem := typ
	if typ.Kind() == reflect.Slice {
		elem = typ.Elem()
	}
	if elem.Kind() == reflect.Struct || elem.Kind() == reflect.Pointer {
		b.at(n, CodeFieldType, "write its fields, with expressions for their values", "an expression cannot give all of %s", last(field))
		return b.breaks(typ, field)
	}
	if typ.Kind() == reflect.Slice && len(parts) > 1 {
		b.at(n, CodeFieldType, "write a list, one argument each: [run, --in, \"${…}\"]", "%s is a list of strings in ECS, got a string", last(field))
		return b.breaks(typ, field)
	}
	if typ.Kind() != reflect.String && len(parts) > 1 {
		b.at(n, CodeFieldType, "write the expression alone, without text around it", "%s is no string in ECS", last(field))
		return b.breaks(typ, field)
	}
	if !b.textual(parts) || len(parts) == 1 && !b.fits(&parts[0], typ, field) {
		return b.breaks(typ, field)
	}
	t := parts.template()
	b.expressions = append(b.expressions, expression{field, typ.Kind(), n, parts, t.Expr})
	b.guard(n, parts, field, t.Expr)
	return t
}

// fits checks the type of an expression that is all of a field's value.
func (b *templateBuilder) fits(p *part, typ reflect.Type, field string) bool {
	t, list := p.result.Type, ""
	if typ.Kind() == reflect.Slice {
		if t.Dyn {
			return true
		}
		if t.Kind != expr.List {
			b.misfit(p, "", "%s is a list of strings in ECS, the expression gives a value of type %s", last(field), t)
			return false
		}
		t, typ, list = t.Elem, typ.Elem(), "a list of "
	}
	want := map[reflect.Kind]expr.Kind{reflect.String: expr.StringKind, reflect.Int32: expr.Int, reflect.Bool: expr.Bool}[typ.Kind()]
	if t.Dyn || t.Kind == want {
		return true
	}
	_, word := tagOf(typ.Kind())
	if list != "" {
		word = "strings"
	}
	b.misfit(p, fitHint(t, want, list != ""), "%s is %s%s in ECS, the expression gives a value of type %s", last(field), list, word, p.result.Type)
	return false
}

func (b *templateBuilder) misfit(p *part, hint, format string, args ...any) {
	b.add(p.pos, utf8.RuneCountInString(p.source), CodeFieldType, hint, format, args...)
}

// fitHint says how a value of type t becomes one of a kind.
func fitHint(t *lower.Type, want expr.Kind, inList bool) string {
	switch {
	case t.Kind == expr.Optional:
		return "write .orValue(…) to say what stands for a value that is not there"
	case want == expr.StringKind && inList:
		return "write .map(x, string(x)) to make them strings"
	case want == expr.StringKind && (t.Kind == expr.List || t.Kind == expr.Map):
		return "write json(…) for its JSON"
	case want == expr.StringKind && t.Kind != expr.Null:
		return "write string(…) to make it one"
	case want == expr.Int && (t.Kind == expr.StringKind || t.Kind == expr.Double || t.Kind == expr.Uint):
		return "write int(…) to make it one"
	}
	return ""
}

// guard refuses event data in the fields that it may not choose.
func (b *templateBuilder) guard(n *node, p parts, field string, e *expr.Node) {
	name := fieldName(field)
	if slices.Contains(guarded, name) && b.scope.reads(e) {
		at, width := p.place(n)
		b.add(at, width, CodeUnbounded, "write a constant, ${param.NAME}, or ${env.NAME} for what differs between deployments",
			"event data may not choose %s: whoever sends events would decide it", name)
	}
}

func last(field string) string { return field[strings.LastIndexByte(field, '.')+1:] }

// fieldName is the last name of a path, without indexes.
func fieldName(field string) string { return strings.TrimRight(last(field), "[]0123456789") }

// place is where the first expression stands.
func (p parts) place(n *node) (at diag.Pos, width int) {
	for i := range p {
		if p[i].result != nil {
			return p[i].pos, utf8.RuneCountInString(p[i].source)
		}
	}
	return n.pos, n.width
}
