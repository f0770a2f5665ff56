package pattern

import (
	"encoding/json"
	"errors"
	"strings"
)

// naiveKind is the kind of a JSON value.
type naiveKind int

const (
	naiveNull naiveKind = iota
	naiveTrue
	naiveFalse
	naiveNumber
	naiveString
	naiveArray
	naiveObject
)

// naiveValue is a JSON value with what encoding/json's maps lose: the order of
// members, names that come twice, and how a number was written.
type naiveValue struct {
	kind     naiveKind
	text     string // a string's characters or a number as written
	elements []naiveValue
	members  []naiveMember
}

type naiveMember struct {
	name  string
	value naiveValue
}

// naiveRead reads the JSON value that text starts with. What follows it is
// ignored, as the reference does.
func naiveRead(text string) (naiveValue, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	return naiveReadValue(d)
}

func naiveReadValue(d *json.Decoder) (naiveValue, error) {
	token, err := d.Token()
	if err != nil {
		return naiveValue{}, err
	}
	switch t := token.(type) {
	case bool:
		if t {
			return naiveValue{kind: naiveTrue}, nil
		}
		return naiveValue{kind: naiveFalse}, nil
	case json.Number:
		return naiveValue{kind: naiveNumber, text: t.String()}, nil
	case string:
		return naiveValue{kind: naiveString, text: t}, nil
	case json.Delim:
		if t == '{' {
			return naiveReadObject(d)
		}
		return naiveReadArray(d)
	}
	return naiveValue{kind: naiveNull}, nil
}

func naiveReadObject(d *json.Decoder) (naiveValue, error) {
	v := naiveValue{kind: naiveObject}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return v, err
		}
		value, err := naiveReadValue(d)
		if err != nil {
			return v, err
		}
		v.members = append(v.members, naiveMember{name.(string), value})
	}
	return v, naiveClose(d, '}')
}

func naiveReadArray(d *json.Decoder) (naiveValue, error) {
	v := naiveValue{kind: naiveArray}
	for d.More() {
		element, err := naiveReadValue(d)
		if err != nil {
			return v, err
		}
		v.elements = append(v.elements, element)
	}
	return v, naiveClose(d, ']')
}

func naiveClose(d *json.Decoder, bracket json.Delim) error {
	token, err := d.Token()
	if err == nil && token != bracket {
		err = errors.New("mismatched bracket")
	}
	return err
}
