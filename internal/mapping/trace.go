package mapping

import "github.com/taskbridge/taskbridge/internal/expr"

// A Trace says how a mapping came from an event to its launches. It holds values
// of the event: it is for the author of a mapping, not for logs.
type Trace struct {
	Rules []RuleTrace // one for each Match, in their order
}

// A RuleTrace is that of one rule that matched.
type RuleTrace struct {
	When    *Evaluation // nil without when
	ForEach *Evaluation // nil without forEach, or if it was not come to
	// Launches are in the order of those of the Match; none if when or forEach
	// failed.
	Launches []LaunchTrace
}

// A LaunchTrace is that of one launch.
type LaunchTrace struct {
	Fields []Evaluation // of the request that an expression gives, in its order
	Key    *Evaluation  // nil without idempotency.key: the key is the event's identity
}

// An Evaluation is one expression of the mapping with what it gave.
type Evaluation struct {
	Field  string // when, forEach, idempotency.key, or path in RunTask's names
	Pos    string // line:col of the expression in the mapping
	Source string // the expression as written; of a text with several, joined with "}…${"
	Value  string // as JSON where JSON has it; "" if Err is set
	Err    error
	// Parts are the sub-expressions that were evaluated, the innermost first. Of a
	// macro's body only the first elements are there, of all at most MaxParts.
	Parts []Part
	// Allowed are the only values that the field may have, nil if it may have any.
	Allowed []string
}

// A Part is a sub-expression. Its source is written anew: parameters are their
// values in it.
type Part struct {
	Source string
	Value  string
	Err    error
}

// MaxParts bounds Evaluation.Parts.
const MaxParts = 200

// maxTurns is how often one part of an expression is shown.
const maxTurns = 3

// The fields of evaluations outside the request.
const (
	whenField    = "when"
	forEachField = "forEach"
	keyField     = "idempotency.key"
	taskField    = "task" // stands for all of the request
)

// A tracer is where evaluations are written to, nil in production.
type tracer func(Evaluation)

// traceOf is where the evaluations of a field go.
func (l *launching) traceOf(field string) tracer {
	if l.trace == nil {
		return nil
	}
	switch field {
	case whenField:
		return func(e Evaluation) { l.trace.When = &e }
	case forEachField:
		return func(e Evaluation) { l.trace.ForEach = &e }
	case keyField:
		return func(e Evaluation) { l.trace.Launches[l.in.Index].Key = &e }
	}
	at := &l.trace.Launches[l.in.Index]
	return func(e Evaluation) { at.Fields = append(at.Fields, e) }
}

// grow makes room for the traces of n launches.
func (l *launching) grow(n int) {
	if l.trace != nil {
		l.trace.Launches = make([]LaunchTrace, n)
	}
}

// trace evaluates x for t.
func (x *expression) trace(in *expr.Input, t tracer) (expr.Value, error) {
	e := Evaluation{Field: x.field, Pos: x.pos, Source: x.source, Allowed: x.allowed}
	turns := map[*expr.Node]int{}
	in.Trace = func(part *expr.Node, v expr.Value, err error) {
		turns[part]++
		if part == x.node || turns[part] > maxTurns || len(e.Parts) == MaxParts {
			return
		}
		p := Part{Source: part.String(), Err: err}
		if err == nil {
			p.Value = v.Display()
		}
		e.Parts = append(e.Parts, p)
	}
	v, err := x.program.Eval(in)
	in.Trace = nil
	if err == nil {
		err = x.permits(v)
	}
	if e.Err = err; err == nil {
		e.Value = v.Display()
	}
	t(e)
	return v, err
}
