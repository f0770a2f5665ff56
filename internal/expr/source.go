package expr

import (
	"strconv"
	"strings"
)

// String is n as an expression that means the same, for people who trace an
// evaluation. It is not the text that was written: parameters are their values,
// and nobody knows any more where there was a space.
func (n *Node) String() string {
	var b strings.Builder
	n.print(&b, 0)
	return b.String()
}

// The precedence of CEL's operators, loosest first.
const (
	ternaryLevel = 1 + iota
	orLevel
	andLevel
	relationLevel
	sumLevel
	productLevel
	unaryLevel
	memberLevel
)

var levels = map[string]int{
	"?:": ternaryLevel, "||": orLevel, "&&": andLevel,
	"==": relationLevel, "!=": relationLevel, "<": relationLevel, "<=": relationLevel, ">": relationLevel, ">=": relationLevel, "in": relationLevel,
	"+": sumLevel, "-": sumLevel, "*": productLevel, "/": productLevel, "%": productLevel,
	"!": unaryLevel, OpNegate: unaryLevel,
}

// print writes n; within is the precedence of what it is an operand of.
func (n *Node) print(b *strings.Builder, within int) {
	if n.Op == OpAs {
		n.Args[0].print(b, within)
		return
	}
	level := levels[n.Op]
	switch {
	case level == 0:
		n.printMember(b)
	case level < within:
		b.WriteByte('(')
		n.printOperator(b, level)
		b.WriteByte(')')
	default:
		n.printOperator(b, level)
	}
}

func (n *Node) printOperator(b *strings.Builder, level int) {
	switch {
	case n.Op == OpNegate:
		printAll(b, "-(", n.Args, ")")
	case n.Op == "!":
		b.WriteByte('!')
		n.Args[0].print(b, level)
	case n.Op == "?:":
		n.Args[0].print(b, level+1)
		b.WriteString(" ? ")
		n.Args[1].print(b, level+1)
		b.WriteString(" : ")
		n.Args[2].print(b, level)
	default:
		for i, a := range n.Args {
			if i > 0 {
				b.WriteString(" " + n.Op + " ")
			}
			a.print(b, level+min(i, 1))
		}
	}
}

// printMember writes what binds closer than any operator.
func (n *Node) printMember(b *strings.Builder) {
	switch n.Op {
	case OpConst:
		b.WriteString(n.Value.Display())
	case OpEvent, OpItem, OpEnv, OpRule, OpIndex:
		b.WriteString(n.Op)
		n.printPath(b)
	case OpVar:
		b.WriteString(n.Name)
		n.printPath(b)
	case OpGet:
		n.Args[0].print(b, memberLevel)
		n.printPath(b)
	case OpType:
		b.WriteString(n.Name)
	case OpConcat:
		n.printText(b)
	case OpList:
		printAll(b, "[", n.Args, "]")
	case OpMap:
		n.printMap(b)
	case OpLet:
		printAll(b, "cel.bind("+n.Name+", ", n.Args, ")")
	default:
		n.printCall(b)
	}
}

// printText writes a text with expressions in it as the mapping has it.
func (n *Node) printText(b *strings.Builder) {
	b.WriteByte('"')
	for _, a := range n.Args {
		if text, ok := a.Value.Str(); ok && a.Op == OpConst {
			b.WriteString(text)
			continue
		}
		b.WriteString("${")
		a.print(b, 0)
		b.WriteByte('}')
	}
	b.WriteByte('"')
}

// printCall writes a function, or a method or macro of its first argument.
func (n *Node) printCall(b *strings.Builder) {
	args := n.Args
	if len(args) > 0 && !global(n.Op) {
		args[0].print(b, memberLevel)
		b.WriteByte('.')
		args = args[1:]
	}
	open := n.Op + "("
	if declares(n.Op) {
		open += n.Name + ", "
	}
	printAll(b, open, args, ")")
}

// global reports whether the function with the name is no method.
func global(name string) bool {
	switch name {
	case "size", "dyn", "type", "json", "fromJson", "basename", "dirname", "ext",
		"string", "int", "uint", "double", "bool", "bytes", "timestamp", "duration":
		return true
	}
	return strings.ContainsRune(name, '.') // math.abs, optional.of, …
}

func printAll(b *strings.Builder, open string, nodes []*Node, end string) {
	b.WriteString(open)
	for i, n := range nodes {
		if i > 0 {
			b.WriteString(", ")
		}
		n.print(b, 0)
	}
	b.WriteString(end)
}

func (n *Node) printMap(b *strings.Builder) {
	b.WriteByte('{')
	for i := 0; i+1 < len(n.Args); i += 2 {
		if i > 0 {
			b.WriteString(", ")
		}
		n.Args[i].print(b, 0)
		b.WriteString(": ")
		n.Args[i+1].print(b, 0)
	}
	b.WriteByte('}')
}

func (n *Node) printPath(b *strings.Builder) {
	for i, s := range n.Path {
		optional := n.Optional > 0 && i >= n.Optional-1
		mark := ""
		if optional {
			mark = "?"
		}
		switch {
		case s.Key != nil:
			b.WriteString("[" + mark)
			s.Key.print(b, 0)
			b.WriteByte(']')
		case s.Name == nil:
			b.WriteString("[" + mark + strconv.FormatInt(s.Index, 10) + "]")
		case identifier(*s.Name):
			b.WriteString("." + mark + *s.Name)
		default:
			b.WriteString("[" + mark + strconv.Quote(*s.Name) + "]")
		}
	}
}

// Display is v as a person reads it in a trace: JSON where JSON has it. A text
// of the event is not shortened.
func (v Value) Display() string {
	switch v.Kind {
	case Optional:
		inner, ok := v.unwrap()
		if !ok {
			return "optional.none()"
		}
		return "optional.of(" + inner.Display() + ")"
	case TypeKind:
		return v.str()
	case Timestamp, Duration:
		text, _ := v.Text()
		return v.Kind.String() + "(" + strconv.Quote(text) + ")"
	}
	text, err := unbounded().appendJSON(nil, v)
	if err != nil {
		return v.Kind.article()
	}
	return string(text)
}
