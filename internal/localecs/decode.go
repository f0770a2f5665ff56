package localecs

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"reflect"
	"strings"
	"unicode/utf8"
)

// decode reads the JSON object in body into the struct that into points to.
//
// encoding/json alone would not do: it takes "ContainerOverrides" for
// "containerOverrides", which AWS does not. Members that the struct does not know are
// ignored and null is the same as absent, as in every AWS JSON service.
func decode(body []byte, into any) *apiError {
	tree, err := parse(body)
	if err != nil {
		return err
	}
	return assign(tree, reflect.ValueOf(into).Elem())
}

// parse reads one JSON object, numbers as they were written.
func parse(body []byte) (map[string]any, *apiError) {
	if !utf8.Valid(body) {
		return nil, badRequest(codeSerialization, "The request body is not valid UTF-8.")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return nil, badRequest(codeSerialization, "The request body is not valid JSON.")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, badRequest(codeSerialization, "The request body has data after the JSON value.")
	}
	object, ok := tree.(map[string]any)
	if !ok {
		return nil, badRequest(codeSerialization, "The request body is not a JSON object.")
	}
	return object, nil
}

// assign stores a decoded value in dst, which decides what is acceptable.
func assign(v any, dst reflect.Value) *apiError {
	if v == nil {
		return nil
	}
	switch dst.Kind() {
	case reflect.Pointer:
		p := reflect.New(dst.Type().Elem())
		dst.Set(p)
		return assign(v, p.Elem())
	case reflect.Struct:
		return assignStruct(v, dst)
	case reflect.Slice:
		list, ok := v.([]any)
		if !ok {
			return mismatch(v, "a list")
		}
		dst.Set(reflect.MakeSlice(dst.Type(), len(list), len(list)))
		for i, e := range list {
			if err := assign(e, dst.Index(i)); err != nil {
				return err
			}
		}
		return nil
	default:
		return assignScalar(v, dst)
	}
}

func assignStruct(v any, dst reflect.Value) *apiError {
	object, ok := v.(map[string]any)
	if !ok {
		return mismatch(v, "a structure")
	}
	for i := range dst.NumField() {
		name, _, _ := strings.Cut(dst.Type().Field(i).Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		if err := assign(object[name], dst.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

func assignScalar(v any, dst reflect.Value) *apiError {
	switch dst.Kind() {
	case reflect.String:
		s, ok := v.(string)
		if !ok {
			return mismatch(v, "a String")
		}
		dst.SetString(s)
	case reflect.Bool:
		b, ok := v.(bool)
		if !ok {
			return mismatch(v, "a Boolean")
		}
		dst.SetBool(b)
	case reflect.Int32:
		n, ok := v.(json.Number)
		if !ok {
			return mismatch(v, "an Integer")
		}
		i, err := n.Int64()
		if err != nil || i < math.MinInt32 || i > math.MaxInt32 {
			return mismatch(v, "an Integer")
		}
		dst.SetInt(i)
	}
	return nil
}

// mismatch words a type error as AWS's JSON services do.
func mismatch(v any, want string) *apiError {
	got := ""
	switch v.(type) {
	case string:
		got = "STRING_VALUE"
	case json.Number:
		got = "NUMBER_VALUE"
	case bool:
		got = "BOOLEAN_VALUE"
	default:
		return badRequest(codeSerialization, "Start of structure or list found where not expected: %s is expected.", want)
	}
	return badRequest(codeSerialization, "%s can not be converted to %s", got, want)
}

// canonical returns the parameters of a request in a form in which equal
// parameters are equal bytes: members sorted, null left out, no client token.
func canonical(body []byte) []byte {
	tree, err := parse(body)
	if err != nil {
		return body
	}
	delete(tree, "clientToken")
	dropNulls(tree)
	b, _ := json.Marshal(tree) // came from JSON, goes to JSON
	return b
}

func dropNulls(v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if e == nil {
				delete(v, k)
				continue
			}
			dropNulls(e)
		}
	case []any:
		for _, e := range v {
			dropNulls(e)
		}
	}
}

// compactMember returns one member of the object in body, without insignificant
// white space, or nil if it is absent or null.
func compactMember(body []byte, name string) json.RawMessage {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return nil
	}
	var b bytes.Buffer
	if json.Compact(&b, members[name]) != nil || b.String() == "null" {
		return nil
	}
	return b.Bytes()
}
