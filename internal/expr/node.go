// Package expr evaluates the expressions of a mapping.
//
// An expression is written in CEL and lowered to a [Node] when the mapping is
// compiled (package lower); the function only ever sees Nodes. [Node.Bind]
// turns one into a [Program] at start: event paths become slots of the one scan
// over the event, environment variables become constants, constant parts are
// evaluated. [Program.Eval] then runs it for one event.
//
// The values and the errors are CEL's: package lower holds the evaluator to
// cel-go by comparing the two on random expressions and events. Three things are
// this package's own, because a mapping is run again for a repeated event and
// must then give the same request: numbers of the event written as integers are
// ints of all 64 bits (cel-go's own JSON conversion makes them doubles), the keys
// of a map are visited in sorted order, and an evaluation is bounded ([MaxSteps],
// [MaxText]).
package expr

import (
	"fmt"
	"strings"
)

// The operations of a Node that read something. All others are CEL's operators,
// macros and functions under their own names; [Supports] knows them.
const (
	OpConst = "const" // Value
	OpEvent = "event" // the value at Path of the event
	OpItem  = "item"  // the value at Path of the element that forEach is at
	OpVar   = "var"   // the value at Path of the variable of the macro Depth
	OpEnv   = "env"   // the environment variable Path[0]
	OpRule  = "rule"  // the name of the rule
	OpIndex = "index" // the index of the element that forEach is at
	OpGet   = "get"   // the value at Path of Args[0]
)

// The operations that make something of other values and that no function of
// CEL is named after.
const (
	OpConcat = "concat" // the texts of Args, one after the other: scalars print as string() has it
	OpList   = "[]"     // a list of Args
	OpMap    = "{}"     // a map of Args: key, value, key, value, …
	OpLet    = "let"    // Args[1] where the variable Name is Args[0]
	OpNegate = "neg"    // -Args[0]
	OpType   = "typ"    // the type with CEL's name Name, as a value
	OpAs     = "as"     // Args[0], an error if it is not of the kind Name
)

// A Node is an expression as the plan stores it.
type Node struct {
	Op    string
	Value Value  // of OpConst
	Path  []Step // of the operations that read
	// Optional is 0, or 1 more than the number of leading steps of Path that
	// must be there. The value is then an optional.
	Optional int
	Depth    int    // of OpVar: how many macros are around the one that declares it
	Name     string // of a macro's variable, for messages; of OpType and OpAs
	Args     []*Node
}

// A Step is a member's name, an index of a list, or a key that is computed.
type Step struct {
	Name  *string
	Index int64
	Key   *Node // takes precedence over Name
}

// Const is the node of a constant.
func Const(v Value) *Node { return &Node{Op: OpConst, Value: v} }

// Concat is the node of a text made of parts, each printed as string() has it.
func Concat(parts ...*Node) *Node { return &Node{Op: OpConcat, Args: parts} }

// Walk calls f for n and every node below it.
func (n *Node) Walk(f func(*Node)) {
	f(n)
	for _, a := range n.Args {
		a.Walk(f)
	}
	for _, s := range n.Path {
		if s.Key != nil {
			s.Key.Walk(f)
		}
	}
}

// Uses reports whether n reads what op gives: [OpEvent], [OpItem], [OpEnv], ….
func (n *Node) Uses(op string) bool {
	uses := false
	n.Walk(func(n *Node) { uses = uses || n.Op == op })
	return uses
}

// Reads reports whether n reads the event or the element of forEach, so that its
// value is another for each launch.
func (n *Node) Reads() bool { return n.Uses(OpEvent) || n.Uses(OpItem) || n.Uses(OpIndex) }

// EventPath is the path in the event that [Node.Bind] registers for n itself: the
// names up to the first index. ok is false if n is no [OpEvent].
func (n *Node) EventPath() (names []string, ok bool) {
	for _, s := range n.Path {
		if s.Name == nil || s.Key != nil {
			break
		}
		names = append(names, *s.Name)
	}
	return names, n.Op == OpEvent
}

// EnvName is the environment variable that n reads, "" if n is no [OpEnv].
func (n *Node) EnvName() string {
	if n.Op != OpEnv || len(n.Path) != 1 || n.Path[0].Name == nil {
		return ""
	}
	return *n.Path[0].Name
}

// Ref is the path that n reads, as a person would write it:
// event.detail["a-b"][0]. It is "" for anything else.
func (n *Node) Ref() string {
	switch n.Op {
	case OpEvent, OpItem, OpEnv, OpRule, OpIndex:
		return pathText(n.Op, n.Path)
	case OpVar:
		if identifier(n.Name) { // others are of a macro's own making
			return pathText(n.Name, n.Path)
		}
	}
	return ""
}

func pathText(root string, path []Step) string {
	var b strings.Builder
	b.WriteString(root)
	for _, s := range path {
		switch {
		case s.Key != nil:
			b.WriteString("[…]")
		case s.Name == nil:
			fmt.Fprintf(&b, "[%d]", s.Index)
		case identifier(*s.Name):
			b.WriteString("." + *s.Name)
		default:
			b.WriteString("[" + quoted(*s.Name) + "]")
		}
	}
	return b.String()
}
