package dispatch

import (
	"encoding/json"
	"io"
	"slices"
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
		c = &counts{failed: map[string]int{}}
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
	m.count(rule, func(c *counts) { c.failed[class]++ })
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

// datum is one metric of a line.
type datum struct {
	name, unit string
	value      any
}

// label is a dimension and its value.
type label struct{ name, value string }

// flush writes what has been counted, for each rule a line, and one for each class
// of its failures.
func (m *metrics) flush(events, unmatched int) {
	if m.to == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	m.line(now, nil, datum{metric.Events, "Count", events}, datum{metric.Unmatched, "Count", unmatched})
	for _, rule := range sortedKeys(m.rules) {
		c := m.rules[rule]
		var of []label // none for what no rule is to blame for
		if rule != "" {
			of = []label{{metric.Rule, rule}}
			list := []datum{
				{metric.Matched, "Count", c.matched}, {metric.Launched, "Count", c.launched}, {metric.Duplicate, "Count", c.duplicate},
				{metric.Throttled, "Count", c.throttled}, {metric.Shortfall, "Count", c.shortfall},
			}
			if len(c.latencies) > 0 {
				list = append(list, datum{metric.LaunchLatency, "Milliseconds", c.latencies})
			}
			m.line(now, of, list...)
		}
		for _, class := range sortedKeys(c.failed) {
			m.line(now, append(of, label{metric.Class, class}), datum{metric.Failed, "Count", c.failed[class]})
		}
	}
	clear(m.rules)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// line writes one record. Its metrics are there by all its labels and also, summed
// up, without the rule.
func (m *metrics) line(now time.Time, labels []label, list ...datum) {
	all, sum := []string{}, []string{}
	record := map[string]any{}
	for _, l := range labels {
		record[l.name] = l.value
		all = append(all, l.name)
		if l.name != metric.Rule {
			sum = append(sum, l.name)
		}
	}
	dimensions := [][]string{sum}
	if len(all) > len(sum) {
		dimensions = append(dimensions, all)
	}
	type definition struct {
		Name string
		Unit string
	}
	var definitions []definition
	for _, v := range list {
		definitions = append(definitions, definition{v.name, v.unit})
		record[v.name] = v.value
	}
	record["_aws"] = map[string]any{
		"Timestamp": now.UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{
			"Namespace": m.namespace, "Dimensions": dimensions, "Metrics": definitions,
		}},
	}
	text, err := json.Marshal(record)
	if err != nil {
		panic("taskbridge: internal error: " + err.Error())
	}
	// Metrics that cannot be written are lost; the launches were made all the same.
	_, _ = m.to.Write(append(text, '\n'))
}
