package dispatch

import (
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/taskbridge/taskbridge/internal/metric"
	"github.com/taskbridge/taskbridge/internal/task"
)

// metrics counts by rule and writes the counts in CloudWatch's embedded metric
// format: a line of JSON on the function's standard output, which CloudWatch Logs
// turns into metrics (CloudWatch user guide, "Specification: Embedded metric
// format"). Counts of concurrent invocations may come in one line.
type metrics struct {
	to        io.Writer
	namespace string

	mu     sync.Mutex
	rules  map[string]*counts
	values map[string]bool // of the dimension Rule, ever
	text   []byte          // of the lines
}

// counts are of one rule since the last line.
type counts struct {
	matched, launched, duplicate, throttled, shortfall int
	failed                                             map[string]int // by class
	latencies                                          []float64      // milliseconds
}

const (
	// maxRules bounds the values of the dimension Rule of one process, each of
	// which is a set of metrics that CloudWatch bills. Further rules share one.
	maxRules   = 100
	otherRules = "(other)"
	// maxValues is how many values one line may have for a metric (the same
	// specification). Launches are rarely that many; the later ones are left out.
	maxValues = 100
)

// of is the counts of a rule. The caller holds m.mu.
func (m *metrics) of(rule string) *counts {
	if m.rules == nil {
		m.values, m.rules = map[string]bool{}, map[string]*counts{}
	}
	if rule != "" && !m.values[rule] {
		if len(m.values) >= maxRules {
			rule = otherRules
		} else {
			m.values[rule] = true
		}
	}
	c := m.rules[rule]
	if c == nil {
		c = &counts{}
		m.rules[rule] = c
	}
	return c
}

func (m *metrics) matched(rule string, launches int) {
	m.count(rule, func(c *counts) { c.matched += launches })
}

// failed counts a failure. The rule is one of the mapping, or "" if none is to
// blame: events make up names of rules.
func (m *metrics) failed(rule, class string) {
	m.count(rule, func(c *counts) {
		if c.failed == nil {
			c.failed = map[string]int{}
		}
		c.failed[class]++
	})
}

func (m *metrics) launch(rule string, l *task.Launched, latency time.Duration, ok bool) {
	m.count(rule, func(c *counts) {
		switch {
		case ok && l.Duplicate:
			c.duplicate++
		case ok:
			c.launched++
		}
		c.throttled += l.Throttled
		c.shortfall += l.Shortfall
		if len(c.latencies) < maxValues {
			c.latencies = append(c.latencies, float64(latency.Microseconds())/1000)
		}
	})
}

func (m *metrics) count(rule string, f func(*counts)) {
	if m.to == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	f(m.of(rule))
}

// datum is one metric of a line. Names and units are the project's own, and need
// no escapes.
type datum struct {
	name, unit string
	count      int
	values     []float64 // instead of a count
}

// label is a dimension and its value.
type label struct{ name, value string }

// flush writes what has been counted, for each rule a line, and one for each class
// of its failures, all in one piece.
func (m *metrics) flush(events, unmatched int) {
	if m.to == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	m.text = m.text[:0]
	m.line(now, nil, datum{metric.Events, "Count", events, nil}, datum{metric.Unmatched, "Count", unmatched, nil})
	for _, rule := range sortedKeys(m.rules) {
		c := m.rules[rule]
		var of []label // none for what no rule is to blame for
		if rule != "" {
			of = []label{{metric.Rule, rule}}
			list := []datum{
				{metric.Matched, "Count", c.matched, nil}, {metric.Launched, "Count", c.launched, nil}, {metric.Duplicate, "Count", c.duplicate, nil},
				{metric.Throttled, "Count", c.throttled, nil}, {metric.Shortfall, "Count", c.shortfall, nil},
			}
			if len(c.latencies) > 0 {
				list = append(list, datum{metric.LaunchLatency, "Milliseconds", 0, c.latencies})
			}
			m.line(now, of, list...)
		}
		for _, class := range sortedKeys(c.failed) {
			m.line(now, append(of, label{metric.Class, class}), datum{metric.Failed, "Count", c.failed[class], nil})
		}
	}
	clear(m.rules)
	// Metrics that cannot be written are lost; the launches were made all the same.
	_, _ = m.to.Write(m.text)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// line appends one record to m.text. Its metrics are there by all its labels and
// also, summed up, without the rule. It is written by hand: encoding/json took as
// long for it as everything else that an event needs.
func (m *metrics) line(now time.Time, labels []label, list ...datum) {
	b := append(m.text, `{"_aws":{"Timestamp":`...)
	b = strconv.AppendInt(b, now.UnixMilli(), 10)
	b = append(b, `,"CloudWatchMetrics":[{"Namespace":`...)
	b = appendText(b, m.namespace)
	b = append(b, `,"Dimensions":[`...)
	b = appendNames(b, labels, true)
	if len(labels) > 0 && labels[0].name == metric.Rule {
		b = appendNames(append(b, ','), labels, false)
	}
	b = append(b, `],"Metrics":[`...)
	for i, d := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, `{"Name":"`...), d.name...)
		b = append(append(append(b, `","Unit":"`...), d.unit...), `"}`...)
	}
	b = append(b, `]}]}`...)
	for _, l := range labels {
		b = appendText(append(appendText(append(b, ','), l.name), ':'), l.value)
	}
	for _, d := range list {
		b = append(append(append(b, `,"`...), d.name...), `":`...)
		if d.values != nil {
			b = appendValues(b, d.values)
		} else {
			b = strconv.AppendInt(b, int64(d.count), 10)
		}
	}
	m.text = append(b, '}', '\n')
}

// appendNames appends the list of the names of labels, with or without the rule's,
// which is the first if there is one.
func appendNames(b []byte, labels []label, without bool) []byte {
	b = append(b, '[')
	first := true
	for _, l := range labels {
		if without && l.name == metric.Rule {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		b, first = appendText(b, l.name), false
	}
	return append(b, ']')
}

func appendValues(b []byte, values []float64) []byte {
	b = append(b, '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendFloat(b, v, 'f', -1, 64)
	}
	return append(b, ']')
}

// appendText appends s as JSON. Names of rules, classes and metrics are letters,
// digits and hyphens, but a namespace may be anything.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			text, err := json.Marshal(s)
			if err != nil {
				panic("taskbridge: internal error: " + err.Error())
			}
			return append(b, text...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}
