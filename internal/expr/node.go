// Package expr evaluates the expressions of a mapping.
//
// An expression is written in CEL and lowered to a [Node] when the mapping is
// compiled (package lower); the function only ever sees Nodes. [Node.Bind]
// turns one into a [Program] at start: event paths become slots of the one scan
// over the event, environment variables become constants.
package expr

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// The operations of a Node.
const (
	OpConst   = "const"   // Value
	OpEvent   = "event"   // the value at Path of the event
	OpEnv     = "env"     // the environment variable Path[0]
	OpRule    = "rule"    // the name of the rule
	OpString  = "string"  // Args[0] as text
	OpOrValue = "orValue" // Args[0] if it is there, else Args[1]
	OpConcat  = "concat"  // the texts of Args, one after the other
)

// A Node is an expression as the plan stores it.
type Node struct {
	Op    string          `json:"op"`
	Value json.RawMessage `json:"value,omitempty"`
	Path  []Step          `json:"path,omitempty"`
	// Optional is the number of leading steps of Path that must be there; what
	// follows may be missing. Nil: all must.
	Optional *int    `json:"optional,omitempty"`
	Args     []*Node `json:"args,omitempty"`
}

// A Step is a member's name or, where Name is nil, an index of a list.
type Step struct {
	Name  *string
	Index int
}

// MarshalJSON writes a name as a string and an index as a number.
func (s Step) MarshalJSON() ([]byte, error) {
	if s.Name != nil {
		return json.Marshal(*s.Name)
	}
	return json.Marshal(s.Index)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *Step) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		s.Name = new(string)
		return json.Unmarshal(data, s.Name)
	}
	return json.Unmarshal(data, &s.Index)
}

// Walk calls f for n and every node below it.
func (n *Node) Walk(f func(*Node)) {
	f(n)
	for _, a := range n.Args {
		a.Walk(f)
	}
}

// Uses reports whether n reads what op gives: [OpEvent] or [OpEnv].
func (n *Node) Uses(op string) bool {
	uses := false
	n.Walk(func(n *Node) { uses = uses || n.Op == op })
	return uses
}

// A Program is a Node that is ready to run. It may be used by any number of
// goroutines at once.
type Program struct {
	eval  func(*scan.Doc) (Value, error)
	fixed bool // the result does not depend on the event
}

// Eval returns the value of the program for the event that d holds. The value
// may alias that event. An error is an [*Error].
func (p *Program) Eval(d *scan.Doc) (Value, error) { return p.eval(d) }

// Fixed reports whether the value is the same for every event; Eval then takes
// a nil Doc.
func (p *Program) Fixed() bool { return p.fixed }

// Scope is what an expression can refer to besides the event.
type Scope struct {
	Rule string
	Env  func(name string) (string, bool) // os.LookupEnv
}

// ErrEnv is the kind of error that Bind returns for an environment variable
// that is not set.
var ErrEnv = errors.New("environment variable is not set")

// Bind makes n ready to run and registers what it reads of the event in paths.
// It fails if n is not one of the forms above or if a variable of the
// environment is not set (ErrEnv) and the expression has no other value for it.
func (n *Node) Bind(paths *scan.Paths, scope Scope) (*Program, error) {
	if n == nil {
		return nil, errors.New("expression is missing")
	}
	switch n.Op {
	case OpConst:
		return n.bindConst()
	case OpEvent:
		return n.bindEvent(paths)
	case OpEnv:
		return n.bindEnv(scope)
	case OpRule:
		return constant(String(scope.Rule)), nil
	case OpString, OpConcat:
		return n.bindText(paths, scope)
	case OpOrValue:
		return n.bindOrValue(paths, scope)
	}
	return nil, fmt.Errorf("unknown operation %q", n.Op)
}

func constant(v Value) *Program {
	return &Program{fixed: true, eval: func(*scan.Doc) (Value, error) { return v, nil }}
}

func (n *Node) bindConst() (*Program, error) {
	raw, err := scan.Read(n.Value)
	if err != nil {
		return nil, fmt.Errorf("constant: %w", err)
	}
	return constant(FromJSON(raw)), nil
}

func (n *Node) bindEnv(scope Scope) (*Program, error) {
	if len(n.Path) != 1 || n.Path[0].Name == nil {
		return nil, errors.New("env needs the name of one variable")
	}
	name := *n.Path[0].Name
	value, ok := scope.Env(name)
	switch {
	case ok:
		return constant(String(value)), nil
	case n.Optional != nil:
		return constant(Value{}), nil
	}
	return nil, fmt.Errorf("%w: %s", ErrEnv, name)
}

// bindArgs binds all arguments, even when one fails, so that every missing
// variable is reported at once.
func (n *Node) bindArgs(paths *scan.Paths, scope Scope, want int) ([]*Program, bool, error) {
	if want >= 0 && len(n.Args) != want {
		return nil, false, fmt.Errorf("%s takes %d arguments, got %d", n.Op, want, len(n.Args))
	}
	args := make([]*Program, len(n.Args))
	errs := make([]error, len(n.Args))
	fixed := true
	for i, a := range n.Args {
		args[i], errs[i] = a.Bind(paths, scope)
		fixed = fixed && errs[i] == nil && args[i].fixed
	}
	return args, fixed, errors.Join(errs...)
}

func (n *Node) bindText(paths *scan.Paths, scope Scope) (*Program, error) {
	want := -1
	if n.Op == OpString {
		want = 1
	}
	args, fixed, err := n.bindArgs(paths, scope, want)
	if err != nil {
		return nil, err
	}
	p := &Program{fixed: fixed, eval: func(d *scan.Doc) (Value, error) {
		var text []byte
		for _, a := range args {
			v, err := a.eval(d)
			if err != nil {
				return Value{}, err
			}
			if text, err = v.appendText(text); err != nil {
				return Value{}, err
			}
		}
		return String(string(text)), nil
	}}
	return p.folded(), nil
}

func (n *Node) bindOrValue(paths *scan.Paths, scope Scope) (*Program, error) {
	args, fixed, err := n.bindArgs(paths, scope, 2)
	if err != nil {
		return nil, err
	}
	p := &Program{fixed: fixed, eval: func(d *scan.Doc) (Value, error) {
		v, err := args[0].eval(d)
		if err != nil || v.Kind != Missing {
			return v, err
		}
		return args[1].eval(d)
	}}
	return p.folded(), nil
}

// folded evaluates a program whose value is fixed now instead of for each event.
func (p *Program) folded() *Program {
	if p.fixed {
		if v, err := p.eval(nil); err == nil {
			return constant(v)
		}
	}
	return p
}
