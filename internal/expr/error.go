package expr

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// Limits of one evaluation. They are far above what templates need and far
// below what could hurt: an event is written by anybody.
const (
	// MaxSteps is how many steps an evaluation may take. What a person wrote is
	// free; each turn of a macro costs the size of its body, and work on a text
	// or list one step for each element or 256 bytes.
	MaxSteps = 100_000
	// MaxText is the most bytes of a text that is made.
	MaxText = 1 << 20
)

// ErrLimit is the kind of error for an evaluation that reaches a limit.
var ErrLimit = errors.New("limit reached")

var (
	errSteps = fmt.Errorf("%w: the evaluation takes more than %d steps; the event has too much of what it goes through", ErrLimit, MaxSteps)
	errText  = fmt.Errorf("%w: a text is longer than %d bytes", ErrLimit, MaxText)
)

// An Error says why an expression has no value for an event.
type Error struct {
	Ref string // what was read: event.detail.object.key; may be empty
	Msg string // what the event had instead; never a value of the payload
}

func (e *Error) Error() string {
	if e.Ref == "" {
		return e.Msg
	}
	return e.Ref + ": " + e.Msg
}

func errorf(format string, args ...any) error { return &Error{Msg: fmt.Sprintf(format, args...)} }

// errOverload is what an operation returns for values of kinds that it does not
// take; its caller knows the names and writes the message.
var errOverload = errors.New("no such overload")

// overload names the operation, the kinds it was given and where they came from.
func (n *Node) overload(args ...Value) error {
	got := make([]string, len(args))
	for i, a := range args {
		got[i] = n.Args[i].got(a)
	}
	return errorf("%s does not take (%s)", n.Op, strings.Join(got, ", "))
}

// got is the kind of n's value and where it was read.
func (n *Node) got(v Value) string {
	if ref := n.Ref(); ref != "" {
		return ref + ": " + v.Kind.String()
	}
	return v.Kind.String()
}

// fieldNames lists the keys of the map v, clipped: their names are chosen by the
// event's source, the values are not shown.
func fieldNames(v Value) string {
	const most = 12
	var names []string
	more := 0
	add := func(name string) {
		switch {
		case len(names) == most:
			more++
		case identifier(name) && len(name) <= 64:
			names = append(names, name)
		default:
			names = append(names, quoted(name))
		}
	}
	if v.box() == nil {
		for it := scan.Members(v.raw()); it.Next(); {
			add(it.Key())
		}
	} else {
		for _, k := range v.box().keys {
			add(k.str())
		}
	}
	switch {
	case len(names) == 0:
		return "no fields"
	case more > 0:
		return fmt.Sprintf("%s and %d more", strings.Join(names, ", "), more)
	}
	return strings.Join(names, ", ")
}

// quoted is a short quote of a name.
func quoted(name string) string {
	if len(name) > 64 {
		return strconv.Quote(strings.ToValidUTF8(name[:64], "")) + "…"
	}
	return strconv.Quote(name)
}

func identifier(s string) bool {
	for i, c := range s {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
