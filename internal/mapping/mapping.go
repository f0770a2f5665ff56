package mapping

import (
	"errors"
	"fmt"
	"sync"

	"github.com/taskbridge/taskbridge/internal/event"
	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/pattern"
	"github.com/taskbridge/taskbridge/internal/scan"
)

// A Mapping is a plan that is ready to run. It may be used by any number of
// goroutines at once.
type Mapping struct {
	// Accept says which sources may send what is no event.
	Accept event.Accept
	// SHA256 identifies the mapping file that the plan was compiled from.
	SHA256 string

	rules    []*rule
	matcher  *pattern.Matcher
	matched  []int32 // the rule of each pattern
	paths    scan.Paths
	identity *event.Identifier
	env      func(string) (string, bool)
	events   sync.Pool // of *reading
}

// reading is what one event needs while it is looked at.
type reading struct {
	doc   scan.Doc
	state pattern.State
	hits  []int
	launching
}

// Load makes the plan in file ready to run. env is the environment, as
// os.LookupEnv gives it: the mapping's references to it are resolved here, once,
// and every variable that is not set is named in the error.
func Load(file []byte, env func(string) (string, bool)) (*Mapping, error) {
	plan, err := ReadPlan(file)
	if err != nil {
		return nil, err
	}
	return plan.Bind(env)
}

// Bind is Load for a plan that is already read. The mapping keeps parts of p.
func (p *Plan) Bind(env func(string) (string, bool)) (*Mapping, error) {
	m := &Mapping{SHA256: p.SHA256, rules: make([]*rule, len(p.Rules)), env: env}
	m.identity = event.NewIdentifier(&m.paths)
	m.events.New = func() any { return new(reading) }
	if err := m.accept(p.Accept); err != nil {
		return nil, err
	}
	var errs []error
	var patterns [][]byte
	for i := range p.Rules {
		r := &p.Rules[i]
		b := binder{paths: &m.paths, scope: expr.Scope{Env: env}}
		m.rules[i] = b.rule(r)
		for _, err := range b.errs {
			if !errors.Is(err, expr.ErrEnv) && !isRender(err) {
				return nil, planError("damaged: rule %q: %v", r.Name, err)
			}
			errs = append(errs, fmt.Errorf("rule %q: %w", r.Name, err))
		}
		if r.Match != nil {
			patterns = append(patterns, r.Match)
			m.matched = append(m.matched, int32(i))
		}
	}
	if len(errs) > 0 {
		return nil, fmt.Errorf("%w\nset the function's environment variables, or give the expression another value with orValue", errors.Join(errs...))
	}
	var err error
	if m.matcher, err = pattern.Compile(&m.paths, patterns...); err != nil {
		var e *pattern.Error
		if errors.As(err, &e) {
			return nil, planError("damaged: rule %q: %v", m.rules[m.matched[e.Pattern]].name, e)
		}
		return nil, planError("damaged: %v", err)
	}
	return m, nil
}

// isRender reports whether err is about the value of an environment variable: of
// a plan that is as it was compiled, nothing else is evaluated at start.
func isRender(err error) bool {
	var e *RenderError
	return errors.As(err, &e)
}

func (m *Mapping) accept(sources []string) error {
	for _, source := range sources {
		switch source {
		case "sqs":
			m.Accept.SQS = true
		case "sns":
			m.Accept.SNS = true
		case "direct":
			m.Accept.Direct = true
		default:
			return planError("damaged: unknown source %q", source)
		}
	}
	return nil
}
