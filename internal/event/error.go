package event

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// ErrUnsupported says that a payload, body or message is no event and no
// envelope of one.
var ErrUnsupported = errors.New("no event of a known kind")

// A ParseError is one mistake in a payload. It says what was expected and what
// kind of thing was there, never what it said: payloads hold secrets.
type ParseError struct {
	// Path leads to the mistake, through texts within texts, such as
	// Records[2].body.Records[0].s3.object.key. It is "" for the payload.
	Path string

	// Offset is the byte at which the text at Path goes wrong: JSON that ends
	// early, a bad escape in a key. It is 0 for a mistake that is no byte's.
	Offset int

	Msg string // lower case, without a stop
	Err error  // [ErrUnsupported], a [*scan.SyntaxError] or nil
}

func (e *ParseError) Error() string {
	path := e.Path
	if path == "" {
		path = "payload"
	}
	if e.Offset > 0 {
		return fmt.Sprintf("%s: %s at byte %d", path, e.Msg, e.Offset)
	}
	return path + ": " + e.Msg
}

// Unwrap returns the cause, nil if there is none.
func (e *ParseError) Unwrap() error { return e.Err }

// syntaxError says where a text stops being JSON.
func syntaxError(at path, err error) *ParseError {
	e := &ParseError{Path: at.String(), Msg: "invalid JSON: " + err.Error(), Err: err}
	var syntax *scan.SyntaxError
	if errors.As(err, &syntax) {
		e.Msg, e.Offset = "invalid JSON: "+syntax.Msg, syntax.Offset
	}
	return e
}

// path is the way from the payload to the value that is being read. It is
// turned into text only if there is something to say about it.
type path []step

type step struct {
	name  string
	index int // of the list element + 1, 0 if the value is no list
}

func (p path) String() string {
	var b strings.Builder
	for i, s := range p {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(s.name)
		if s.index > 0 {
			b.WriteByte('[')
			b.WriteString(strconv.Itoa(s.index - 1))
			b.WriteByte(']')
		}
	}
	return b.String()
}

// expected says what v should have been and what it is.
func expected(what string, v scan.Value) string {
	switch {
	case v.Kind == scan.Missing:
		return "expected " + what + ", it is missing"
	case v.Kind == scan.String && len(v.Raw) == len(`""`):
		return "expected " + what + ", got an empty string"
	default:
		return "expected " + what + ", got " + noun(v.Kind)
	}
}

// noun is a kind with its article.
func noun(k scan.Kind) string {
	switch k {
	case scan.Null:
		return "null"
	case scan.Object:
		return "an object"
	default:
		return "a " + k.String()
	}
}
