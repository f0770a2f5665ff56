package importer

import (
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/task"
)

// task is what a target asks RunTask for, in RunTask's own names.
func (s *session) task(origin string, t *target, match any) object {
	n := normaliser{session: s, origin: origin}
	if t.universal {
		request, _ := n.value(reflect.TypeFor[task.Request](), t.ecs, "").(object)
		s.tail(request, "cluster", "cluster/")
		s.tail(request, "taskDefinition", "task-definition/")
		return request
	}
	rest := object{}
	for _, name := range sorted(t.ecs) {
		v := t.ecs[name]
		switch folded(name) {
		case "taskdefinitionarn", "taskcount", "":
		case "taglist":
			rest["tags"] = v
		case "placementstrategies", "orderedplacementstrategy":
			rest["placementStrategy"] = v
		case "placementconstraint":
			rest["placementConstraints"] = v
		case "referenceid":
			s.note(Lost, origin, "ReferenceId: RunTask keeps it for itself")
		default:
			rest[name] = v
		}
	}
	request, _ := n.value(reflect.TypeFor[task.Request](), rest, "").(object)
	if t.arn != nil {
		request["cluster"] = t.arn
		s.tail(request, "cluster", "cluster/")
	}
	for _, name := range []string{"enableECSManagedTags", "enableExecuteCommand"} {
		if request[name] == false { // what RunTask does without it; the API and Terraform spell it out
			delete(request, name)
		}
	}
	for _, name := range sorted(t.ecs) {
		v := t.ecs[name]
		switch folded(name) {
		case "taskdefinitionarn":
			request["taskDefinition"] = v
			s.tail(request, "taskDefinition", "task-definition/")
		case "taskcount":
			if count := n.value(reflect.TypeFor[*int32](), v, "count"); count != json.Number("1") {
				request["count"] = count
			}
		}
	}
	if overrides := s.overrides(&n, t, match); overrides != nil {
		request["overrides"] = overrides
	}
	return request
}

// tail shortens an ARN in which something of the deployment is unknown to the
// name behind it: RunTask takes both.
func (s *session) tail(request object, field, before string) {
	v, ok := request[field].(text)
	if !ok {
		return
	}
	for i, piece := range v {
		literal, ok := piece.(string)
		if !ok {
			continue
		}
		if _, behind, found := strings.Cut(literal, before); found {
			rest := slices.Clone(v[i:])
			if rest[0] = behind; behind == "" {
				rest = rest[1:]
			}
			request[field] = simple(rest)
			return
		}
	}
}

// simple is a text as a string or ref if it is only that.
func simple(t text) any {
	switch len(t) {
	case 0:
		return ""
	case 1:
		switch v := t[0].(type) {
		case string, ref:
			return v
		}
	}
	return t
}

// overrides is what a target's input overrides.
func (s *session) overrides(n *normaliser, t *target, match any) any {
	tr := transformer{session: s, origin: n.origin, vars: map[string]code{}}
	source := t.input
	switch {
	case t.template != nil:
		tr.vars = s.variables(n.origin, t.paths, match)
		source = t.template
	case t.inputPath != nil:
		s.note(Lost, n.origin, "InputPath takes the overrides from the event itself: whoever sends events would choose all of them; write the ones that are meant")
		return nil
	case match == nil:
		tr.vars = reserved
	}
	if source == nil || source == "" {
		return nil
	}
	if r, ok := source.(ref); ok {
		s.note(Lost, n.origin, "its input is %s, which is not known before the deployment", r.param.Source)
		return nil
	}
	v, err := tr.value(source)
	if err != nil {
		s.note(Lost, n.origin, "%v", err)
		return nil
	}
	o, ok := v.(object)
	if !ok {
		s.note(Lost, n.origin, "its input is no object of overrides")
		return nil
	}
	out, _ := n.value(reflect.TypeFor[task.TaskOverride](), o, "overrides").(object)
	if len(out) == 0 {
		return nil
	}
	return out
}

// normaliser writes values in the names and types of RunTask's request, whatever
// the case and separators of the input.
type normaliser struct {
	session *session
	origin  string
}

// folded is a name without case and separators.
func folded(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, "_", ""))
}

var digits = regexp.MustCompile(`^-?\d+$`)

func (n *normaliser) value(typ reflect.Type, v any, path string) any {
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if list, ok := v.([]any); ok && typ.Kind() == reflect.Struct && len(list) == 1 {
		v = list[0] // a block of Terraform
	}
	switch v := v.(type) {
	case nil:
		return nil
	case ref:
		n.kind(typ, v, path)
		return v
	case object:
		switch {
		case typ.Kind() == reflect.Struct:
			return n.object(typ, v, path)
		case typ.Kind() == reflect.Slice && typ.Elem().Kind() == reflect.Struct && isPair(typ.Elem()):
			return v // a map of pairs
		}
	case []any:
		if typ.Kind() == reflect.Slice {
			return n.list(typ, v, path)
		}
	case bool:
		if typ.Kind() == reflect.String {
			if strings.HasSuffix(path, "assignPublicIp") {
				return map[bool]string{true: "ENABLED", false: "DISABLED"}[v]
			}
			return map[bool]string{true: "true", false: "false"}[v]
		}
		return v
	case json.Number:
		if typ.Kind() == reflect.String {
			return v.String()
		}
		return v
	case string:
		switch {
		case typ.Kind() == reflect.Int32 && digits.MatchString(v):
			return json.Number(v)
		case typ.Kind() == reflect.Bool && (v == "true" || v == "false"):
			return v == "true"
		case typ.Kind() == reflect.Slice:
			return []any{v}
		}
		return v
	case code:
		if typ.Kind() == reflect.String && v.whole == reserved["aws.events.event.json"].whole {
			n.session.note(Finding, n.origin, "%s is a string, and the input template puts the event there as an object, which ECS refuses: it is given as JSON text", path)
			asText := reserved["aws.events.event.json"].text
			return code{asText, asText}
		}
		return v
	case text:
		return v
	}
	n.session.note(Lost, n.origin, "%s: the value has another type than RunTask takes", path)
	return nil
}

// kind gives a parameter the type of the field that it is for.
func (n *normaliser) kind(typ reflect.Type, r ref, path string) {
	r.param.field = path[strings.LastIndexByte(path, '.')+1:]
	switch typ.Kind() {
	case reflect.Slice:
		r.param.Type = "list"
	case reflect.Int32:
		r.param.Type = "int"
	case reflect.Bool:
		r.param.Type = "bool"
	}
}

func isPair(typ reflect.Type) bool {
	names := task.FieldNames(typ)
	return len(names) == 2 && names[1] == "value" && names[0] != "type"
}

func (n *normaliser) object(typ reflect.Type, v object, path string) object {
	out := object{}
	names := task.FieldNames(typ)
	for _, name := range sorted(v) {
		member := v[name]
		if member == nil {
			continue
		}
		i := slices.IndexFunc(names, func(known string) bool { return folded(known) == folded(name) })
		if i < 0 && folded(name) == "awsvpcconfiguration" {
			i = slices.Index(names, "awsvpcConfiguration")
		}
		if i < 0 {
			if typ == reflect.TypeFor[task.NetworkConfiguration]() { // a block of Terraform has no object between
				inner, _ := out["awsvpcConfiguration"].(object)
				if inner == nil {
					inner = object{}
				}
				for k, m := range n.object(reflect.TypeFor[task.AwsvpcConfiguration](), object{name: member}, path+".awsvpcConfiguration") {
					inner[k] = m
				}
				out["awsvpcConfiguration"] = inner
				continue
			}
			n.session.note(Lost, n.origin, "%s: a mapping cannot set it", strings.TrimPrefix(path+"."+name, "."))
			continue
		}
		field, _ := task.FieldByName(typ, names[i])
		value := n.value(field.Type, member, task.FieldPath(path, names[i]))
		if list, ok := value.([]any); ok && len(list) == 0 || value == nil || value == "" && names[i] != "value" {
			continue
		}
		out[names[i]] = value
	}
	return out
}

func (n *normaliser) list(typ reflect.Type, v []any, path string) any {
	out := []any{}
	for _, item := range v {
		if value := n.value(typ.Elem(), item, path); value != nil {
			out = append(out, value)
		}
	}
	if typ.Elem().Kind() == reflect.Struct && isPair(typ.Elem()) {
		if pairs, ok := asMap(out); ok {
			return pairs
		}
	}
	if len(out) == 1 {
		if r, ok := out[0].(ref); ok && r.param.Type == "list" {
			return r // a list of one list
		}
	}
	return out
}

// asMap is a list of names and values as an object, if the names are literal and
// each is there once.
func asMap(list []any) (object, bool) {
	out := object{}
	for _, item := range list {
		pair, _ := item.(object)
		name, ok := pair["name"].(string)
		if !ok {
			name, ok = pair["key"].(string)
		}
		if _, twice := out[name]; !ok || twice {
			return nil, false
		}
		value := pair["value"]
		if value == nil {
			value = ""
		}
		out[name] = value
	}
	return out, len(out) > 0
}
