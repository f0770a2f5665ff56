package compile

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/expr/lower"
	"github.com/taskbridge/taskbridge/internal/task"
)

// What has keys, in messages.
const (
	theFile = "the mapping file"
	aRule   = "a rule"
)

// envelopeKeys are what a pattern compares at the top of an event.
var envelopeKeys = []string{"source", "detail-type", "detail", "resources", "account", "region"}

// keyHint says where a key belongs that what does not have: a field of RunTask
// beside task, a line of a pattern beside match.
func keyHint(key, what string, known []string) string {
	near := otherName(key, known)
	if near == "" {
		near = diag.Nearest(key, known)
	}
	if near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	isField := slices.Contains(task.FieldNames(reflect.TypeFor[task.Request]()), key)
	switch {
	case what == aRule && isField:
		return key + " is a field of task: write it under task, indented"
	case what == aRule && slices.Contains(envelopeKeys, key):
		return key + " is a part of the pattern: write it under match, indented"
	case what == theFile && isField:
		return key + " is a field of RunTask: write it under defaults, for every rule, or under the task of one"
	case what == theFile && slices.ContainsFunc(ruleKeys, func(k Key) bool { return k.Name == key }):
		return key + " is of a rule: rules is a list, in which each begins with - name: …"
	}
	return ""
}

// has reports whether one of the keys of n is among names.
func (n *node) has(names []string) bool {
	return slices.ContainsFunc(n.members, func(m member) bool { return slices.Contains(names, m.key) })
}

// fieldHint is keyHint for a key within task: mostly it belongs into an object or
// a list that its neighbours do not have.
func fieldHint(m member, typ reflect.Type, field string) string {
	if isPair(typ) {
		name := task.FieldNames(typ)[0]
		return fmt.Sprintf("write {%s: %s, value: …}, or all of %s as an object: %s: …", name, m.key, fieldName(field), m.key)
	}
	if path := pathTo(m.key, typ); path != "" {
		return fmt.Sprintf("%s is a field of %s: write it under that, indented", m.key, path)
	}
	return ""
}

// pathTo is the object or list within a type that has a field of a name, such as
// overrides.containerOverrides; "" if there is none.
func pathTo(name string, typ reflect.Type) string {
	for i, outer := range task.FieldNames(typ) {
		inner := typ.Field(i).Type
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if inner.Kind() != reflect.Struct || isPair(inner) {
			continue
		}
		if slices.Contains(task.FieldNames(inner), name) {
			return outer
		}
		if rest := pathTo(name, inner); rest != "" {
			return outer + "." + rest
		}
	}
	return ""
}

func isPair(typ reflect.Type) bool {
	return typ == reflect.TypeFor[task.KeyValuePair]() || typ == reflect.TypeFor[task.Tag]()
}

// pairHint says how a text such as NAME=VALUE is written among variables or tags.
func pairHint(n *node, typ reflect.Type) string {
	if !isPair(typ) || !n.isText() {
		return ""
	}
	key, value, ok := strings.Cut(n.text, "=")
	if !ok {
		key, value = n.text, "…"
	}
	return fmt.Sprintf("write {%s: %s, value: %s}", task.FieldNames(typ)[0], key, inQuotes(value))
}

// listHint says how what stands for a list is written as one.
func listHint(n *node, elem reflect.Type) string {
	switch {
	case n.kind == mapNode:
		return "begin each object with a dash: - name: …"
	case n.isText() && elem.Kind() == reflect.String:
		words := strings.Fields(n.text)
		for i, word := range words {
			words[i] = inQuotes(word)
		}
		return "write [" + strings.Join(words, ", ") + "]"
	}
	return ""
}

var wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// scalarHint says how a value of another type is written.
func scalarHint(n *node, want string) string {
	switch {
	case n.kind != scalarNode || n.null():
		return ""
	case want == "!!str" && n.made:
		return "write string(…) to make it one"
	case want == "!!str":
		return "write " + inQuotes(n.text)
	case n.tag == "!!str" && (want == "!!int" && wholeNumber.MatchString(n.text) || want == "!!bool" && (n.text == "true" || n.text == "false")):
		return "write " + n.text + ", without quotes"
	}
	return ""
}

func inQuotes(s string) string { return fmt.Sprintf("%q", s) }

var notInName = regexp.MustCompile(`[^A-Za-z0-9]+`)

// nameHint is a name that a rule may have, made of one that it may not.
func nameHint(n *node) string {
	name := ""
	if n.isText() && strings.Contains(n.text, "${") {
		return "write it out: tokens and metrics are made from the name, which has no expressions"
	}
	if n.isText() {
		name = strings.Trim(notInName.ReplaceAllString(n.text, "-"), "-")
	}
	if name == "" || len(name) > 64 {
		return ""
	}
	return "write " + name
}

// eachHint says how a value of a type becomes a list to launch for.
func eachHint(t *lower.Type) string {
	switch t.Kind {
	case expr.StringKind:
		return "name the list itself; .split(\",\") makes one of a text, and [ ] around a value a list of one"
	case expr.Map:
		return "name a list within it"
	case expr.Optional:
		return "write .orValue([]) to say what stands for a list that is not there"
	}
	return ""
}

// objectHint says how what stands for an object is written as one.
func objectHint(n *node) string {
	switch {
	case n.null():
		return "write its keys on the lines below, indented, or remove it"
	case n.kind == listNode && len(n.items) == 1 && n.items[0].kind == mapNode:
		return "write its keys without the dash or bracket in front"
	}
	return "write {key: value}, or its keys on the lines below, indented"
}

// boolHint says how a switch is written.
func boolHint(n *node, key string) string {
	if n.kind == scalarNode {
		switch strings.ToLower(n.text) {
		case "true", "yes", "on", "1", "enabled", "y":
			return "write " + key + ": true"
		case "false", "no", "off", "0", "disabled", "n":
			return "write " + key + ": false"
		}
	}
	return "write " + key + ": true or " + key + ": false"
}

// valueOfHint says how a value of a parameter's type is written.
func valueOfHint(n *node, kind string) string {
	hint := ""
	switch kind {
	case "string":
		hint = scalarHint(n, "!!str")
	case "int":
		hint = scalarHint(n, "!!int")
	case "bool":
		hint = scalarHint(n, "!!bool")
	}
	if hint == "" {
		hint = "such as " + exampleOf(kind) + "; or declare another type"
	}
	return hint
}

func exampleOf(kind string) string {
	return map[string]string{"string": `"text"`, "int": "3", "bool": "true", "list": "[a, b]"}[kind]
}

// givenHint says how a value for a parameter is given.
func givenHint(p *param) string {
	example := exampleOf(p.kind)
	if p.kind == "list" {
		example = "a,b"
	}
	return "such as --param " + p.name + "=" + strings.Trim(example, `"`)
}
