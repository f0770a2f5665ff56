package mapping

import (
	"errors"
	"fmt"
	"io"
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
	// SHA256 identifies the plan: mapping file and values of parameters.
	SHA256 string

	text     text // of the plan, for rules that are not read yet
	rules    []rule
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

// Load makes the plan in file ready to run. The mapping keeps file and reads from
// it when a rule matches for the first time, because most starts are for few of
// them: its content must not change. env is the environment, as os.LookupEnv gives
// it, and must not change either: the mapping's references to it are checked here,
// and every variable that is not set, or whose value does not fit, is named in the
// error.
func Load(file io.ReaderAt, env func(string) (string, bool)) (*Mapping, error) {
	f, err := openPlan(file)
	if err != nil {
		return nil, err
	}
	m := newMapping(f.SHA256, len(f.Rules), env)
	m.text = f.text
	for _, path := range f.Paths {
		m.paths.Value(path...)
	}
	patterns := f.patterns[:0] // without those of schedules
	m.matched = make([]int32, 0, len(f.Rules))
	for i := range f.Rules {
		e := &f.Rules[i]
		m.rules[i].entry, m.rules[i].scheduled = e, e.pattern == 0
		if e.pattern > 0 {
			patterns = append(patterns, f.patterns[i])
			m.matched = append(m.matched, int32(i))
		}
	}
	if err := m.complete(f.Accept, patterns); err != nil {
		return nil, err
	}
	if f.fits(m) {
		return m, nil
	}
	// The plan says it all, for each rule.
	all, err := f.part(0, int(f.size))
	if err != nil {
		return nil, err
	}
	p, err := ReadPlan(all)
	if err != nil {
		return nil, err
	}
	if _, err = p.Bind(env); err == nil {
		err = planError("damaged: its head does not fit its rules")
	}
	return nil, err
}

// fits reports whether the environment has what the plan needs of it.
func (f *planFile) fits(m *Mapping) bool {
	for _, name := range f.Env {
		if _, ok := m.env(name); !ok {
			return false
		}
	}
	b := m.binder(&registered{paths: &m.paths})
	for i := range f.Constants {
		c := &f.Constants[i]
		b.scope.Rule = c.Rule
		b.constant(&c.Value, c.Field)
	}
	return len(b.errs) == 0
}

// Bind is Load for a plan that is already read: every rule is bound at once. The
// mapping keeps parts of p.
func (p *Plan) Bind(env func(string) (string, bool)) (*Mapping, error) {
	m := newMapping(p.SHA256, len(p.Rules), env)
	var errs []error
	var patterns [][]byte
	for i := range p.Rules {
		r := &p.Rules[i]
		into := &m.rules[i]
		into.entry, into.scheduled, into.from = &entry{name: r.Name, disabled: r.Disabled}, r.Match == nil, r
		b := m.binder(&m.paths)
		into.ready.Store(b.rule(r))
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
	return m, m.complete(p.Accept, patterns)
}

func newMapping(sum string, rules int, env func(string) (string, bool)) *Mapping {
	m := &Mapping{SHA256: sum, rules: make([]rule, rules), env: env}
	m.paths.Value() // the event itself, which every path begins with
	m.identity = event.NewIdentifier(&m.paths)
	m.events.New = func() any { return new(reading) }
	return m
}

func (m *Mapping) complete(accept []string, patterns [][]byte) error {
	if err := m.accept(accept); err != nil {
		return err
	}
	var err error
	if m.matcher, err = pattern.Compile(&m.paths, patterns...); err != nil {
		var e *pattern.Error
		if errors.As(err, &e) {
			return planError("damaged: rule %q: %v", m.rules[m.matched[e.Pattern]].name, e)
		}
		return planError("damaged: %v", err)
	}
	return nil
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
