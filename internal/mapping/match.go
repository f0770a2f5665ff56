package mapping

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/taskbridge/taskbridge/internal/event"
	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/task"
)

// MaxElements is how many launches forEach may make of one event. It is the
// project's own limit: each is at least one call of RunTask.
const MaxElements = 1000

// A Match is a rule that an event is for, with what it launches.
type Match struct {
	Rule    string
	EventID string // for logs
	// Skipped says why the rule launches nothing although it matched; it is ""
	// exactly if there are Launches.
	Skipped Skip
	// Launches has one element; under forEach, one for each element of its list,
	// in the order of the list. A mistake in when, or in forEach itself, is one
	// Launch with that error.
	Launches []Launch
}

// A Skip is a reason for which a rule that matched launches nothing.
type Skip string

// The reasons of a Skip.
const (
	SkipDisabled Skip = "disabled" // the mapping has enabled: false
	SkipWhen     Skip = "when"     // when is false
	SkipEmpty    Skip = "forEach"  // the list of forEach is empty
)

// A Launch is one launch of a rule, ready to be made, or why it cannot be.
type Launch struct {
	// Launch is read-only: its request shares parts with other requests. If Err is
	// set, only Rule and Element count.
	task.Launch
	// Err is permanent: joined [*RenderError]s, or joined [*task.LimitError]s.
	Err error
}

// ErrUnknownRule is the kind of error for an event that asks for a rule that the
// mapping does not have.
var ErrUnknownRule = errors.New("unknown rule")

// Match returns the rules that e is for, in the order of the file, each with its
// launches rendered and checked: the same event gives the same launches, byte for
// byte. An event that names a rule is for that rule alone, and must match its
// pattern; a rule with a schedule has none, and no other event is for it. The
// error is about the event as a whole; what goes wrong in one launch keeps no
// other from being made.
func (m *Mapping) Match(e event.Event) ([]Match, error) { return m.Explain(e, nil) }

// Explain is Match, and says in t, which is emptied first, how it came to its
// answer. A nil t costs nothing.
func (m *Mapping) Explain(e event.Event, t *Trace) ([]Match, error) {
	r := m.events.Get().(*reading)
	defer m.events.Put(r)
	hits, err := m.hits(e, r)
	if err != nil {
		return nil, err
	}
	if t != nil {
		*t = Trace{Rules: make([]RuleTrace, len(hits))}
	}
	matches := make([]Match, len(hits))
	if len(hits) > 0 {
		r.id, r.at = m.identity.Heading(&r.doc)
	}
	for i, hit := range hits {
		l := &r.launching
		l.Mapping, l.rule, l.event, l.trace = m, &m.rules[hit], e, nil
		if t != nil {
			l.trace = &t.Rules[i]
		}
		matches[i] = l.match()
	}
	return matches, nil
}

// hits scans e and returns the indexes of the rules that it is for.
func (m *Mapping) hits(e event.Event, r *reading) ([]int, error) {
	only := -1
	if e.Rule != "" {
		if only = m.index(e.Rule); only < 0 {
			return nil, fmt.Errorf("%w %q: the mapping has %s", ErrUnknownRule, clip(e.Rule), m.names())
		}
	}
	if err := m.paths.Scan(e.JSON, &r.doc); err != nil {
		return nil, fmt.Errorf("scan event: %w", err)
	}
	r.in.Doc = &r.doc
	r.hits = r.hits[:0]
	if only >= 0 && m.rules[only].scheduled {
		return append(r.hits, only), nil
	}
	patterns, err := m.matcher.Match(&r.doc, &r.state)
	if err != nil {
		return nil, err
	}
	for _, p := range patterns {
		if i := int(m.matched[p]); only < 0 || i == only {
			r.hits = append(r.hits, i)
		}
	}
	return r.hits, nil
}

// launching is one rule on its way from an event to launches, with the memory
// for it.
type launching struct {
	*Mapping
	*rule
	*bound
	event event.Event
	id    string    // of the event
	at    time.Time // when it happened
	in    expr.Input
	trace *RuleTrace // nil in production
	frame frame
	text  []byte
}

func (l *launching) match() Match {
	m := Match{Rule: l.name, EventID: l.id}
	l.in.Item, l.in.Index = expr.Value{}, 0
	if l.disabled {
		m.Skipped = SkipDisabled
		return m
	}
	if l.bound, m.Launches = l.ready(); m.Launches != nil {
		return m
	}
	if l.when != nil {
		yes, err := l.condition()
		switch {
		case err != nil:
			m.Launches = l.refused(err)
			return m
		case !yes:
			m.Skipped = SkipWhen
			return m
		}
	}
	if l.forEach == nil {
		m.Launches = make([]Launch, 1)
		l.grow(1)
		l.launch(&m.Launches[0])
		return m
	}
	elements, err := l.elements()
	switch {
	case err != nil:
		m.Launches = l.refused(err)
	case len(elements) == 0:
		m.Skipped = SkipEmpty
	default:
		m.Launches = make([]Launch, len(elements))
		l.grow(len(elements))
		for i := range elements {
			l.in.Item, l.in.Index = elements[i], i
			l.launch(&m.Launches[i])
		}
	}
	return m
}

// ready binds the rule; what keeps it from being bound is that of its only launch.
func (l *launching) ready() (*bound, []Launch) {
	b, err := l.Mapping.bind(l.rule)
	if err == nil && l.trace != nil {
		b, err = l.again(l.rule, true)
	}
	if err != nil {
		return nil, l.refused(err)
	}
	return b, nil
}

func (l *launching) refused(err error) []Launch {
	return []Launch{{Launch: task.Launch{Rule: l.name}, Err: err}}
}

func (l *launching) condition() (bool, error) {
	v, err := l.eval(l.when, l.traceOf(whenField))
	if err != nil {
		return false, err
	}
	yes, ok := v.Bool()
	if !ok {
		return false, l.when.fail(l.name, mismatch("a bool", v))
	}
	return yes, nil
}

func (l *launching) elements() ([]expr.Value, error) {
	v, err := l.eval(l.forEach, l.traceOf(forEachField))
	if err != nil {
		return nil, err
	}
	elements, ok := v.Elements()
	if !ok {
		return nil, l.forEach.fail(l.name, mismatch("a list", v))
	}
	if len(elements) > MaxElements {
		return nil, l.forEach.fail(l.name,
			fmt.Errorf("the list has %d elements, and one event may make %d launches: send its parts as several events", len(elements), MaxElements))
	}
	return elements, nil
}

// launch makes the launch for the element that the input is at.
func (l *launching) launch(out *Launch) {
	out.Rule, out.Element, out.Time, out.Retry, out.Confirm = l.name, l.in.Index, l.at, l.retry, l.confirm
	f := &l.frame
	f.rule, f.in, f.trace, f.errs = l.name, &l.in, l.traceOf(taskField), nil
	l.task.render(&out.Request, f)
	key, err := l.identify()
	if err != nil {
		f.errs = append(f.errs, err)
	}
	if len(f.errs) > 0 {
		out.Request, out.Err = task.Request{}, errors.Join(f.errs...)
		return
	}
	out.Key = key
	if out.Request.StartedBy == "" {
		out.Request.StartedBy = task.StartedBy(l.name, key)
	}
	if len(out.Request.Tags) > 0 && !l.untagged {
		out.Request.Tags = task.AddProvenance(out.Request.Tags, l.name, key)
	}
	if err := task.ValidateLaunch(&out.Request); err != nil {
		out.Request, out.Err = task.Request{}, err
	}
}

// identify returns the key, which makes a repeated launch the same one.
func (l *launching) identify() (string, error) {
	x := l.key
	if x == nil {
		l.text = l.identity.Append(l.text[:0], l.event, l.in.Doc)
		return string(l.text), nil
	}
	v, err := l.eval(x, l.traceOf(keyField))
	if err != nil {
		return "", err
	}
	key, ok := v.Str()
	switch {
	case !ok:
		return "", x.fail(l.name, mismatch("a string", v))
	case key == "":
		return "", x.fail(l.name, errors.New("the key is empty: all such events would be one launch"))
	}
	return key, nil
}

func (m *Mapping) index(name string) int {
	for i := range m.rules {
		if m.rules[i].name == name {
			return i
		}
	}
	return -1
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
