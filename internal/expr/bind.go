package expr

import (
	"errors"
	"fmt"
	"math/bits"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// Scope is what an expression can refer to besides the event.
type Scope struct {
	Rule string
	Env  func(name string) (string, bool) // os.LookupEnv
	// Traced programs tell Input.Trace what every part of them gives.
	Traced bool
}

// ErrEnv is the kind of error that Bind returns for an environment variable
// that is not set.
var ErrEnv = errors.New("environment variable is not set")

// A Program is a Node that is ready to run. It may be used by any number of
// goroutines at once.
type Program struct {
	eval  evaluator
	reads bool   // the event, or the element of forEach
	vars  uint64 // a bit for each variable of an enclosing macro that is read
	size  int    // operations: the price of one turn of a macro
	known bool   // value is what eval gives
	value Value
}

type evaluator func(*Input) (Value, error)

// An Input is what programs read for one launch. It also holds their working
// memory, so it serves one goroutine at a time; use it again for the next event.
type Input struct {
	Doc   *scan.Doc // of the event
	Item  Value     // under forEach
	Index int       // under forEach
	// Trace is called for each part of a traced program that is evaluated and is
	// no constant, the innermost first.
	Trace func(part *Node, v Value, err error)

	vars    []Value // of the macros that are running, outermost first
	steps   int     // left
	scratch []byte
	text    []byte // not yet given away by own
}

// spend takes n steps from the budget of the evaluation.
func (in *Input) spend(n int) error {
	if in.steps -= n; in.steps < 0 {
		return errSteps
	}
	return nil
}

// spendText is spend for work that goes through n bytes.
func (in *Input) spendText(n int) error { return in.spend(n / 256) }

// made makes a string of bytes that the scratch memory may hold.
func (in *Input) made(b []byte) (Value, error) {
	if len(b) > MaxText {
		return Value{}, errText
	}
	if err := in.spendText(len(b)); err != nil {
		return Value{}, err
	}
	in.scratch = b[:0]
	return String(in.own(b)), nil
}

// own makes a string of b, which may be used again. One allocation serves many short
// strings.
func (in *Input) own(b []byte) string {
	const chunk, short = 1024, 256
	if len(b) > short {
		return string(b)
	}
	if len(b) > len(in.text) {
		in.text = make([]byte, chunk)
	}
	n := copy(in.text, b)
	own := textOf(in.text[:n])
	in.text = in.text[n:]
	return own
}

// Eval returns the value of the program for what in holds. The value may alias
// the event. An error is an [*Error], or of kind [ErrLimit] when the evaluation
// was given up.
func (p *Program) Eval(in *Input) (Value, error) {
	if in == nil {
		in = &Input{}
	}
	if p.known && in.Trace == nil {
		return p.value, nil
	}
	in.steps = MaxSteps
	in.vars = in.vars[:0]
	return p.eval(in)
}

// Fixed reports whether the value is the same for every event; Eval then takes
// a nil Input.
func (p *Program) Fixed() bool { return !p.reads && p.vars == 0 }

// Paths gives the slots of paths in the event, as [scan.Paths] does.
type Paths interface {
	Value(path ...string) int
}

// Bind makes n ready to run and registers what it reads of the event in paths.
// It fails if n is not one of the forms above or if a variable of the
// environment is not set (ErrEnv) and the expression has no other value for it.
func (n *Node) Bind(paths Paths, scope Scope) (*Program, error) {
	b := &binder{paths: paths, scope: scope}
	return b.bind(n)
}

type binder struct {
	paths Paths
	scope Scope
	depth int // macros around the node
}

// maxDepth is how deep macros nest: a bit of Program.vars for each.
const maxDepth = bits.UintSize

func (b *binder) bind(n *Node) (*Program, error) {
	p, err := b.untraced(n)
	if err != nil || !b.scope.Traced || n.Op == OpConst {
		return p, err
	}
	eval := p.eval
	p.eval = func(in *Input) (Value, error) {
		v, err := eval(in)
		if in.Trace != nil {
			in.Trace(n, v, err)
		}
		return v, err
	}
	return p, nil
}

func (b *binder) untraced(n *Node) (*Program, error) {
	if n == nil {
		return nil, errors.New("expression is missing")
	}
	switch n.Op {
	case OpConst:
		return constant(n.Value), nil
	case OpRule:
		return constant(String(b.scope.Rule)), nil
	case OpType:
		return constant(TypeValue(n.Name)), nil
	case OpAs:
		return b.as(n)
	case OpEnv:
		return b.env(n)
	case OpIndex:
		return &Program{size: 1, reads: true, eval: func(in *Input) (Value, error) { return IntValue(int64(in.Index)), nil }}, nil
	case OpEvent, OpItem, OpVar, OpGet:
		return b.path(n)
	}
	if declares(n.Op) {
		return b.macro(n)
	}
	return b.call(n)
}

func constant(v Value) *Program {
	return &Program{size: 1, known: true, value: v, eval: func(*Input) (Value, error) { return v, nil }}
}

func (b *binder) env(n *Node) (*Program, error) {
	name := n.EnvName()
	if name == "" || n.Optional > 1 {
		return nil, errors.New("env needs the name of one variable")
	}
	value, ok := b.scope.Env(name)
	v := String(value)
	switch {
	case n.Optional > 0 && !ok:
		v = Value{}
	case n.Optional > 0:
		v = someValue(v)
	case !ok:
		return nil, fmt.Errorf("%w: %s", ErrEnv, name)
	}
	return constant(v), nil
}

// as binds a test of a value's kind.
func (b *binder) as(n *Node) (*Program, error) {
	args, err := b.args(n.Args)
	if err != nil {
		return nil, err
	}
	if len(args) != 1 {
		return nil, unsupported(n)
	}
	p, eval := combined(args), args[0].eval
	p.eval = func(in *Input) (Value, error) {
		v, err := eval(in)
		if err == nil && v.Kind.String() != n.Name {
			return Value{}, errorf("expected %s, got %s", n.Name, n.Args[0].what(v))
		}
		return v, err
	}
	return p.folded(), nil
}

// args binds all arguments, even when one fails, so that every missing variable
// is reported at once.
func (b *binder) args(nodes []*Node) ([]*Program, error) {
	args := make([]*Program, len(nodes))
	errs := make([]error, len(nodes))
	for i, a := range nodes {
		args[i], errs[i] = b.bind(a)
	}
	return args, errors.Join(errs...)
}

// call binds an operation that is given the values of its arguments.
func (b *binder) call(n *Node) (*Program, error) {
	if !Supports(n.Op, len(n.Args)) {
		return nil, unsupported(n)
	}
	args, err := b.args(n.Args)
	if err != nil {
		return nil, err
	}
	p := combined(args)
	if p.eval, err = evaluate(n, args); err != nil {
		return nil, err
	}
	return p.folded(), nil
}

func unsupported(n *Node) error {
	for args := range 5 {
		if Supports(n.Op, args) {
			return fmt.Errorf("%s does not take %d arguments", n.Op, len(n.Args))
		}
	}
	return fmt.Errorf("unknown operation %q", n.Op)
}

// combined is a program that does what the parts do, without its eval.
func combined(parts []*Program) *Program {
	p := &Program{size: 1}
	for _, a := range parts {
		p.reads = p.reads || a.reads
		p.vars |= a.vars
		p.size += a.size
	}
	return p
}

// folded evaluates a program whose value is fixed now instead of for each event.
func (p *Program) folded() *Program {
	if p.Fixed() {
		if v, err := p.Eval(nil); err == nil {
			return constant(v)
		}
	}
	return p
}

// evaluate is the evaluator of an operation on args.
func evaluate(n *Node, args []*Program) (evaluator, error) {
	switch n.Op {
	case "&&", "||", "?:", "orValue", "or", OpConcat, OpList, OpMap:
		return special(n, args), nil
	case "+":
		if len(args) > 2 {
			return sum(n, args), nil
		}
	}
	fn, err := prepared(n, args)
	if err != nil {
		return nil, err
	}
	switch fn := fn.(type) {
	case unary:
		return fn.evaluator(n, args[0].eval), nil
	case binary:
		return fn.evaluator(n, args[0].eval, args[1].eval), nil
	case ternary:
		return fn.evaluator(n, args), nil
	case quaternary:
		return fn.evaluator(n, args), nil
	case nullary:
		return func(*Input) (Value, error) { return fn(), nil }, nil
	}
	return nil, unsupported(n)
}

// The shapes of functions. They return errOverload for kinds they do not take.
type (
	nullary    func() Value
	unary      func(in *Input, a Value) (Value, error)
	binary     func(in *Input, a, b Value) (Value, error)
	ternary    func(in *Input, a, b, c Value) (Value, error)
	quaternary func(in *Input, a, b, c, d Value) (Value, error)
)

func (fn unary) evaluator(n *Node, x evaluator) evaluator {
	return func(in *Input) (Value, error) {
		a, err := x(in)
		if err != nil {
			return Value{}, err
		}
		v, err := fn(in, a)
		if err == errOverload {
			err = n.overload(a)
		}
		return v, err
	}
}

func (fn binary) evaluator(n *Node, x, y evaluator) evaluator {
	return func(in *Input) (Value, error) {
		a, err := x(in)
		if err != nil {
			return Value{}, err
		}
		b, err := y(in)
		if err != nil {
			return Value{}, err
		}
		v, err := fn(in, a, b)
		if err == errOverload {
			err = n.overload(a, b)
		}
		return v, err
	}
}

func (fn ternary) evaluator(n *Node, args []*Program) evaluator {
	x, y, z := args[0].eval, args[1].eval, args[2].eval
	return func(in *Input) (Value, error) {
		a, err := x(in)
		if err != nil {
			return Value{}, err
		}
		b, err := y(in)
		if err != nil {
			return Value{}, err
		}
		c, err := z(in)
		if err != nil {
			return Value{}, err
		}
		v, err := fn(in, a, b, c)
		if err == errOverload {
			err = n.overload(a, b, c)
		}
		return v, err
	}
}

func (fn quaternary) evaluator(n *Node, args []*Program) evaluator {
	return func(in *Input) (Value, error) {
		var v [4]Value
		for i, a := range args {
			var err error
			if v[i], err = a.eval(in); err != nil {
				return Value{}, err
			}
		}
		result, err := fn(in, v[0], v[1], v[2], v[3])
		if err == errOverload {
			err = n.overload(v[:]...)
		}
		return result, err
	}
}
