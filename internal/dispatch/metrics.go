package dispatch

import (
	"encoding/json"
	"io"
	"slices"
	"sync"
	"time"

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
	if !m.values[rule] {
		if m.values == nil {
			m.values, m.rules = map[string]bool{}, map[string]*counts{}
		}
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

func (m *metrics) matched(rule string) {
	m.count(rule, func(c *counts) { c.matched++ })
}

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

// metric is one of a line, in the order of the file.
type metric struct {
	name, unit string
	value      any
}

// flush writes what has been counted, for each rule a line, and one for each class
// of its failures.
func (m *metrics) flush(events, unmatched int) {
	if m.to == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	m.line(now, nil, metric{"Events", "Count", events}, metric{"Unmatched", "Count", unmatched})
	for _, rule := range sortedKeys(m.rules) {
		c := m.rules[rule]
		list := []metric{
			{"Matched", "Count", c.matched}, {"Launched", "Count", c.launched}, {"Duplicate", "Count", c.duplicate},
			{"Throttled", "Count", c.throttled}, {"Shortfall", "Count", c.shortfall},
		}
		if len(c.latencies) > 0 {
			list = append(list, metric{"LaunchLatency", "Milliseconds", c.latencies})
		}
		m.line(now, []string{"Rule", rule}, list...)
		for _, class := range sortedKeys(c.failed) {
			m.line(now, []string{"Rule", rule, "Class", class}, metric{"Failed", "Count", c.failed[class]})
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

// line writes one record. dimensions are names and values in turn.
func (m *metrics) line(now time.Time, dimensions []string, list ...metric) {
	names := []string{}
	record := map[string]any{}
	for i := 0; i < len(dimensions); i += 2 {
		names = append(names, dimensions[i])
		record[dimensions[i]] = dimensions[i+1]
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
			"Namespace": m.namespace, "Dimensions": [][]string{names}, "Metrics": definitions,
		}},
	}
	text, err := json.Marshal(record)
	if err != nil {
		panic("taskbridge: internal error: " + err.Error())
	}
	// Metrics that cannot be written are lost; the launches were made all the same.
	_, _ = m.to.Write(append(text, '\n'))
}
