package mapping

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/taskbridge/taskbridge/internal/event"
	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/pattern"
	"github.com/taskbridge/taskbridge/internal/scan"
	"github.com/taskbridge/taskbridge/internal/task"
)

// A Mapping is a plan that is ready to run. It may be used by any number of
// goroutines at once.
type Mapping struct {
	// Accept says which sources may send what is no event.
	Accept event.Accept
	// SHA256 identifies the mapping file that the plan was compiled from.
	SHA256 string

	rules   []rule
	matcher *pattern.Matcher
	paths   scan.Paths
	events  sync.Pool // of *reading
}

// reading is what one event needs while it is looked at.
type reading struct {
	doc   scan.Doc
	state pattern.State
}

type rule struct {
	name   string
	target *target
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

// Bind is Load for a plan that is already read.
func (p *Plan) Bind(env func(string) (string, bool)) (*Mapping, error) {
	m := &Mapping{SHA256: p.SHA256, rules: make([]rule, len(p.Rules))}
	m.events.New = func() any { return new(reading) }
	for _, source := range p.Accept {
		switch source {
		case "sqs":
			m.Accept.SQS = true
		case "sns":
			m.Accept.SNS = true
		case "direct":
			m.Accept.Direct = true
		default:
			return nil, planError("damaged: unknown source %q", source)
		}
	}
	var errs []error
	patterns := make([][]byte, len(p.Rules))
	for i := range p.Rules {
		r := &p.Rules[i]
		patterns[i] = r.Match
		b := binder{paths: &m.paths, scope: expr.Scope{Rule: r.Name, Env: env}}
		m.rules[i] = rule{r.Name, b.target(&r.Task)}
		for _, err := range b.errs {
			if !errors.Is(err, expr.ErrEnv) {
				return nil, planError("damaged: rule %q: %v", r.Name, err)
			}
			errs = append(errs, fmt.Errorf("rule %q: %w", r.Name, err))
		}
	}
	if len(errs) > 0 {
		return nil, fmt.Errorf("%w\nset the function's environment variables, or give the expression another value with orValue", errors.Join(errs...))
	}
	var err error
	if m.matcher, err = pattern.Compile(&m.paths, patterns...); err != nil {
		var e *pattern.Error
		if errors.As(err, &e) {
			return nil, planError("damaged: rule %q: %v", p.Rules[e.Pattern].Name, e)
		}
		return nil, planError("damaged: %v", err)
	}
	return m, nil
}

// A Match is a rule that matched an event, with the request it makes of it.
type Match struct {
	Rule    string
	Request *task.Request // read-only: parts of it are shared with other requests
	Err     error         // why there is no request: *RenderErrors or *task.LimitErrors, joined
}

// ErrUnknownRule is the kind of error for an event that asks for a rule that the
// mapping does not have.
var ErrUnknownRule = errors.New("unknown rule")

// Match returns the rules that match e, in the order of the file, each with its
// request rendered and checked. An event that names a rule is matched against
// that rule alone. The error is about the event as a whole; a rule that cannot
// render keeps no other rule from launching.
func (m *Mapping) Match(e event.Event) ([]Match, error) {
	if e.Rule != "" && !m.has(e.Rule) {
		return nil, fmt.Errorf("%w %q: the mapping has %s", ErrUnknownRule, clip(e.Rule), m.names())
	}
	r := m.events.Get().(*reading)
	defer m.events.Put(r)
	if err := m.paths.Scan(e.JSON, &r.doc); err != nil {
		return nil, fmt.Errorf("scan event: %w", err)
	}
	hits, err := m.matcher.Match(&r.doc, &r.state)
	if err != nil {
		return nil, err
	}
	var matches []Match
	for _, i := range hits {
		rule := &m.rules[i]
		if e.Rule != "" && e.Rule != rule.name {
			continue
		}
		request, err := rule.target.render(rule.name, &r.doc)
		if err == nil {
			err = task.Validate(request)
		}
		matches = append(matches, Match{Rule: rule.name, Request: request, Err: err})
	}
	return matches, nil
}

func (m *Mapping) has(name string) bool {
	for i := range m.rules {
		if m.rules[i].name == name {
			return true
		}
	}
	return false
}

func (m *Mapping) names() string {
	const most = 20
	var names []string
	for i := range m.rules {
		if i == most {
			names = append(names, fmt.Sprintf("%d more", len(m.rules)-most))
			break
		}
		names = append(names, m.rules[i].name)
	}
	if len(names) == 0 {
		return "no rules"
	}
	return strings.Join(names, ", ")
}

// clip bounds text of the event that goes into a message.
func clip(s string) string {
	const most = 80
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
