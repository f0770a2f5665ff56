package jsonschema

import (
	"reflect"
	"strings"

	"github.com/taskbridge/taskbridge/internal/task"
)

// request is RunTask's request with expressions in it. It may be a part of one: what
// is missing can come from the defaults.
func request() object { return fields(reflect.TypeFor[task.Request](), false) }

// fields is an object of a struct type. In a list it is whole: there its required
// members are known to be required, since lists do not merge.
func fields(typ reflect.Type, whole bool) object {
	properties, required := object{}, []string{}
	for i := range typ.NumField() {
		f := typ.Field(i)
		tag := f.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		properties[name] = nullable(field(f.Type, task.BoundsOf(typ, name)))
		if options == "" {
			required = append(required, name)
		}
	}
	s := object{"type": "object", "properties": properties, "additionalProperties": false}
	if whole && len(required) > 0 {
		s["required"] = required
	}
	return s
}

func field(typ reflect.Type, b task.Bounds) object {
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	switch typ.Kind() {
	case reflect.Struct:
		return fields(typ, false)
	case reflect.Slice:
		return items(typ.Elem(), b)
	case reflect.Bool:
		return orExpression(object{"type": "boolean"})
	case reflect.Int32:
		s := object{"type": "integer"}
		if b.Max > 0 {
			s["minimum"], s["maximum"] = b.Min, b.Max
		}
		return orExpression(s)
	}
	s := object{"type": "string"}
	switch {
	case b.Enum != nil:
		s = object{"enum": b.Enum}
	case b.MaxLength > 0:
		s["maxLength"] = b.MaxLength
	default:
		return s // which a text with expressions is too
	}
	return orExpression(s)
}

func items(elem reflect.Type, b task.Bounds) object {
	list := object{"type": "array"}
	if b.MaxItems > 0 {
		list["maxItems"] = b.MaxItems
	}
	if elem.Kind() != reflect.Struct {
		list["items"] = object{"type": "string"}
		return orExpression(list)
	}
	list["items"] = fields(elem, true)
	if elem == reflect.TypeFor[task.KeyValuePair]() || elem == reflect.TypeFor[task.Tag]() {
		value := nullable(object{"type": "string"})
		return object{"anyOf": []any{list, object{"type": "object", "additionalProperties": value}}}
	}
	return list
}
