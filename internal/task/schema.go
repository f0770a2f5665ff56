package task

import (
	"reflect"
	"strings"
)

// FieldByName returns the field of the struct type typ whose name in RunTask's
// JSON is name.
func FieldByName(typ reflect.Type, name string) (reflect.StructField, bool) {
	for i := range typ.NumField() {
		if f := typ.Field(i); jsonName(f) == name {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

// FieldNames returns the names that a struct type has in RunTask's JSON, in
// alphabetical order.
func FieldNames(typ reflect.Type) []string {
	names := make([]string, typ.NumField())
	for i := range names {
		names[i] = jsonName(typ.Field(i))
	}
	return names
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// FieldPath is the path of the member name of the object at path, as messages
// and LimitError.Field have it. The request itself is at the empty path.
func FieldPath(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
