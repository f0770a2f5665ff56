package expr

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// A Node is written as JSON in the smallest form that needs no schema: a scalar
// constant is itself, everything else an array that begins with its operation.
//
//	"text"  5  1.5  true  null
//	["event","detail","object",0]       the path
//	["event?",2,"detail","object","x"]  optional from the third step on
//	["item",…]  ["env","NAME"]  ["var",0,"x",…]  ["get",operand,step,…]
//	["[]",…]  ["all","x",range,body]  ["split",text,","]

// MarshalJSON writes n as UnmarshalJSON reads it.
func (n *Node) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	if err := n.write(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (n *Node) write(b *bytes.Buffer) error {
	if n.Op == OpConst {
		text, ok := n.Value.AppendLiteral(b.AvailableBuffer())
		if !ok {
			return fmt.Errorf("a constant %s has no form in a plan", n.Value.Kind)
		}
		b.Write(text)
		return nil
	}
	b.WriteByte('[')
	op := n.Op
	if n.Optional > 0 {
		op += "?"
	}
	b.Write(appendJSONText(b.AvailableBuffer(), op))
	if n.Op == OpVar {
		fmt.Fprintf(b, ",%d", n.Depth)
	}
	if named(n.Op) {
		b.WriteByte(',')
		b.Write(appendJSONText(b.AvailableBuffer(), n.Name))
	}
	if n.Optional > 0 {
		fmt.Fprintf(b, ",%d", n.Optional-1)
	}
	for _, a := range n.Args {
		b.WriteByte(',')
		if err := a.write(b); err != nil {
			return err
		}
	}
	for _, s := range n.Path {
		b.WriteByte(',')
		if err := s.write(b); err != nil {
			return err
		}
	}
	b.WriteByte(']')
	return nil
}

// named reports whether a node of the operation has a Name.
func named(op string) bool { return declares(op) || op == OpVar || op == OpType || op == OpAs }

func (s Step) write(b *bytes.Buffer) error {
	switch {
	case s.Key != nil:
		return s.Key.write(b)
	case s.Name != nil:
		b.Write(appendJSONText(b.AvailableBuffer(), *s.Name))
	default:
		b.WriteString(strconv.FormatInt(s.Index, 10))
	}
	return nil
}

// AppendLiteral appends v as the JSON that reads back as v. ok is false if there
// is none: v is no null, bool, int, finite double or string of valid UTF-8.
func (v Value) AppendLiteral(dst []byte) (text []byte, ok bool) {
	switch v.Kind {
	case Null:
		return append(dst, "null"...), true
	case Bool:
		return strconv.AppendBool(dst, v.n != 0), true
	case Int:
		return strconv.AppendInt(dst, v.int(), 10), true
	case Double:
		if math.IsInf(v.float(), 0) || math.IsNaN(v.float()) {
			return dst, false
		}
		return appendJSONDouble(dst, v.float()), true
	case StringKind:
		if strings.ToValidUTF8(v.str(), "") != v.str() {
			return dst, false
		}
		return appendJSONText(dst, v.str()), true
	}
	return dst, false
}

// UnmarshalJSON reads what MarshalJSON wrote. It accepts operations that no
// program can be made of; [Node.Bind] refuses those.
func (n *Node) UnmarshalJSON(data []byte) error {
	v, err := scan.Read(data)
	if err != nil {
		return err
	}
	return n.read(v)
}

// ReadNode is UnmarshalJSON for a value that is read already.
func ReadNode(v scan.Value) (*Node, error) {
	n := &Node{}
	return n, n.read(v)
}

func (n *Node) read(v scan.Value) error {
	if v.Kind != scan.Array {
		if v.Kind == scan.Object {
			return errors.New("an expression is no object")
		}
		// The plan's bytes may be reused: constants keep their own.
		n.Op, n.Value = OpConst, FromJSON(v).owned()
		return nil
	}
	it := scan.Elements(v)
	if !it.Next() || it.Value().Kind != scan.String {
		return errors.New("expected the name of an operation")
	}
	op, optional := strings.CutSuffix(it.Value().Text(), "?")
	n.Op = op
	if op == OpVar {
		if err := n.readInt(&it, &n.Depth); err != nil {
			return err
		}
	}
	if named(op) {
		if !it.Next() || it.Value().Kind != scan.String {
			return fmt.Errorf("%s: expected a name", op)
		}
		n.Name = it.Value().Text()
	}
	if optional {
		if err := n.readInt(&it, &n.Optional); err != nil {
			return err
		}
		n.Optional++
	}
	switch op {
	case OpEvent, OpItem, OpVar, OpEnv:
		return n.readPath(&it)
	case OpGet:
		return errors.Join(n.readArgs(&it, 1), n.readPath(&it))
	}
	return n.readArgs(&it, math.MaxInt)
}

func (n *Node) readInt(it *scan.Iter, i *int) error {
	if it.Next() {
		if v, ok := it.Value().Int(); ok && v >= 0 && v < 1<<16 {
			*i = int(v)
			return nil
		}
	}
	return fmt.Errorf("%s: expected a small number", n.Op)
}

func (n *Node) readArgs(it *scan.Iter, most int) error {
	for len(n.Args) < most && it.Next() {
		a := &Node{}
		if err := a.read(it.Value()); err != nil {
			return err
		}
		n.Args = append(n.Args, a)
	}
	return nil
}

func (n *Node) readPath(it *scan.Iter) error {
	for it.Next() {
		var s Step
		switch v := it.Value(); v.Kind {
		case scan.String:
			name := v.Text()
			s.Name = &name
		case scan.Number:
			i, ok := v.Int()
			if !ok {
				s.Key = Const(FromJSON(v))
			}
			s.Index = i
		default:
			s.Key = &Node{}
			if err := s.Key.read(v); err != nil {
				return err
			}
		}
		n.Path = append(n.Path, s)
	}
	return nil
}

// owned is the scalar v without ties to the event.
func (v Value) owned() Value {
	if v.as.held == inEvent {
		return String(strings.Clone(v.str()))
	}
	return v
}

var _ interface {
	json.Marshaler
	json.Unmarshaler
} = (*Node)(nil)
