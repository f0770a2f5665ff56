package expr

import (
	"bytes"
	"encoding/base64"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/taskbridge/taskbridge/internal/scan"
)

func base64Encode(in *Input, a Value) (Value, error) {
	if a.Kind != Bytes {
		return Value{}, errOverload
	}
	if base64.StdEncoding.EncodedLen(len(a.str())) > MaxText {
		return Value{}, errText
	}
	return in.made(base64.StdEncoding.AppendEncode(in.scratch[:0], bytesOf(a.str())))
}

// base64Decode takes padding or does without.
func base64Decode(in *Input, a Value) (Value, error) {
	if a.Kind != StringKind {
		return Value{}, errOverload
	}
	b, err := base64.StdEncoding.DecodeString(a.str())
	if err != nil {
		b, err = base64.RawStdEncoding.DecodeString(a.str())
	}
	if err != nil {
		return Value{}, errConvert("base64")
	}
	return BytesValue(textOf(b)), in.spendText(len(a.str()))
}

// fromJSON is the value that a JSON text stands for.
func fromJSON(in *Input, a Value) (Value, error) {
	if a.Kind != StringKind {
		return Value{}, errOverload
	}
	if err := in.spendText(len(a.str())); err != nil {
		return Value{}, err
	}
	v, err := scan.Read(bytesOf(a.str()))
	if err != nil {
		return Value{}, errorf("the text is no JSON: %v", err)
	}
	return FromJSON(v), nil
}

// toJSON is v as JSON text without spaces, keys sorted. Every number reads back
// as one of its kind.
func toJSON(in *Input, a Value) (Value, error) {
	text, err := in.appendJSON(nil, a)
	if err != nil {
		return Value{}, err
	}
	return in.made(text)
}

func (in *Input) appendJSON(dst []byte, v Value) ([]byte, error) {
	switch v.Kind {
	case List:
		return in.appendJSONList(dst, v)
	case Map:
		return in.appendJSONMap(dst, v)
	case StringKind:
		dst = appendJSONText(dst, v.str())
	case Null, Bool, Int:
		dst, _ = v.AppendLiteral(dst)
	case Uint:
		dst = strconv.AppendUint(dst, v.n, 10)
	case Double:
		if !isFinite(v.float()) {
			return nil, errorf("JSON has no number for infinity and NaN")
		}
		dst = appendJSONDouble(dst, v.float())
	case Bytes:
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, bytesOf(v.str()))
		dst = append(dst, '"')
	case Timestamp:
		dst = v.time().UTC().AppendFormat(append(dst, '"'), time.RFC3339Nano)
		dst = append(dst, '"')
	case Duration:
		dst, _ = v.appendText(append(dst, '"'))
		dst = append(dst, '"')
	default:
		return nil, errorf("%s has no JSON", v.Kind.article())
	}
	if len(dst) > MaxText {
		return nil, errText
	}
	return dst, nil
}

func (in *Input) appendJSONList(dst []byte, v Value) ([]byte, error) {
	elements, err := in.elements(v)
	if err != nil {
		return nil, err
	}
	dst = append(dst, '[')
	for i, e := range elements {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = in.appendJSON(dst, e); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

func (in *Input) appendJSONMap(dst []byte, v Value) ([]byte, error) {
	keys, values, err := in.entries(v)
	if err != nil {
		return nil, err
	}
	dst = append(dst, '{')
	for i, k := range keys {
		if k.Kind != StringKind {
			return nil, errorf("a key of JSON is a string, this one is %s", k.Kind.article())
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendJSONText(dst, k.str()), ':')
		if dst, err = in.appendJSON(dst, values[i]); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}

// appendJSONDouble appends a finite f so that it reads back as a double.
func appendJSONDouble(dst []byte, f float64) []byte {
	from := len(dst)
	format := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	dst = strconv.AppendFloat(dst, f, format, -1, 64)
	if !bytes.ContainsAny(dst[from:], ".e") {
		dst = append(dst, ".0"...)
	}
	return dst
}

// appendJSONText appends s as a JSON string. What is no UTF-8 becomes U+FFFD.
func appendJSONText(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case r < ' ':
			dst = append(dst, `\u00`...)
			dst = append(dst, hex[r>>4], hex[r&15])
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}
