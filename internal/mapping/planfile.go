package mapping

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"

	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/task"
)

// The file of a plan is lines of JSON: an envelope, a head, the patterns, and then
// the rest of each rule, which the function reads when the rule matches for the
// first time. The head has the sizes of the lines, so that nobody has to look for
// their ends, and the checksums of those that are not read at start.

const planFormat = "taskbridge.plan"

// envelope is the first line. It can be read whatever the version.
type envelope struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	CRC32   string `json:"crc32"` // IEEE, of the head and the patterns with their ends
	Head    int    `json:"head"`  // size of the next line
	// Patterns is the size of all lines of patterns with their ends.
	Patterns int `json:"patterns"`
}

// head is the second line.
type head struct {
	File   string   `json:"file"`
	SHA256 string   `json:"sha256"`
	Accept []string `json:"accept"`
	// Env are the variables that must be set.
	Env []string `json:"env"`
	// Paths are what expressions read of the event.
	Paths [][]string `json:"paths"`
	// Constants are expressions of the environment alone. Their values are
	// checked at start, because the same would be wrong for every event.
	Constants []constant `json:"constants"`
	Rules     []entry    `json:"rules"`
}

// constant is an expression that gives one field of a rule's request.
type constant struct {
	Rule  string   `json:"rule"`
	Field string   `json:"field"`
	Value Template `json:"value"`
}

// entry is what the head says of a rule: its name, the sizes of its pattern, which a
// schedule has none of, and of its line, and the checksum of the line with its end.
type entry struct {
	name          string
	disabled      bool
	pattern, rule int
	sum           uint32
	at            int64 // of the rule's line in the file; not written
}

// patternLine is the size of the pattern's line with its end, 0 for a schedule.
func (e *entry) patternLine() int {
	if e.pattern == 0 {
		return 0
	}
	return e.pattern + 1
}

// MarshalJSON writes the entry as [name, disabled, pattern, rule, sum].
func (e entry) MarshalJSON() ([]byte, error) {
	return marshal([]any{e.name, e.disabled, e.pattern, e.rule, e.sum})
}

// Marshal returns the plan as the file that [ReadPlan] and [Load] read.
func (p *Plan) Marshal() ([]byte, error) {
	h := p.head()
	var patterns, rules []byte
	for i := range p.Rules {
		r := p.Rules[i]
		e := entry{name: r.Name, disabled: r.Disabled}
		if r.Match != nil {
			match, err := marshal(r.Match)
			if err != nil {
				return nil, fmt.Errorf("marshal plan: rule %q: %w", r.Name, err)
			}
			e.pattern = len(match)
			patterns = append(append(patterns, match...), '\n')
		}
		r.Name, r.Disabled, r.Match = "", false, nil // they are in the entry
		rule, err := marshal(r)
		if err != nil {
			return nil, fmt.Errorf("marshal plan: rule %q: %w", e.name, err)
		}
		line := append(rule, '\n')
		e.rule, e.sum = len(rule), crc32.ChecksumIEEE(line)
		rules = append(rules, line...)
		h.Rules = append(h.Rules, e)
	}
	first, err := marshal(h)
	if err != nil {
		return nil, fmt.Errorf("marshal plan: %w", err)
	}
	start := slices.Concat(first, []byte("\n"), patterns)
	file, err := marshal(envelope{planFormat, PlanVersion, checksum(crc32.ChecksumIEEE(start)), len(first), len(patterns)})
	if err != nil {
		return nil, fmt.Errorf("marshal plan: %w", err)
	}
	return slices.Concat(file, []byte("\n"), start, rules), nil
}

// head is that of p without its rules.
func (p *Plan) head() *head {
	h := &head{File: p.File, SHA256: p.SHA256, Accept: p.Accept}
	for i := range p.Rules {
		if r := &p.Rules[i]; !r.Disabled {
			r.walk(func(n *expr.Node) {
				if name := n.EnvName(); name != "" && n.Optional == 0 && !slices.Contains(h.Env, name) {
					h.Env = append(h.Env, name)
				}
				if path, ok := n.EventPath(); ok && !slices.ContainsFunc(h.Paths, func(p []string) bool { return slices.Equal(p, path) }) {
					h.Paths = append(h.Paths, path)
				}
			})
			h.constants(r.Name, &r.Task, "")
		}
	}
	slices.Sort(h.Env)
	slices.SortFunc(h.Paths, slices.Compare)
	return h
}

// walk calls f for every node of every expression of r.
func (r *Rule) walk(f func(*expr.Node)) {
	for _, t := range []*Template{r.When, r.ForEach, r.Key, &r.Task} {
		if t != nil {
			t.Walk(f)
		}
	}
}

// constants adds the expressions of t that read the environment and no event, each
// once for a field and a place in the mapping.
func (h *head) constants(rule string, t *Template, field string) {
	for i := range t.Fields {
		h.constants(rule, &t.Fields[i].Value, task.FieldPath(field, t.Fields[i].Name))
	}
	for i := range t.Items {
		h.constants(rule, &t.Items[i], field+"["+strconv.Itoa(i)+"]")
	}
	if t.Expr == nil || !t.Expr.Uses(expr.OpEnv) || t.Expr.Reads() {
		return
	}
	if !slices.ContainsFunc(h.Constants, func(c constant) bool { return c.Field == field && c.Value.Pos == t.Pos && c.Value.Source == t.Source }) {
		h.Constants = append(h.Constants, constant{rule, field, *t})
	}
}

func checksum(crc uint32) string { return fmt.Sprintf("%08x", crc) }

// marshal is json.Marshal without HTML escapes.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// ErrPlan is the kind of every error about a plan that cannot be used. Its text
// ends with what to do.
var ErrPlan = errors.New("plan")

func planError(format string, args ...any) error {
	return fmt.Errorf("%w: %s; write a new one with this build: taskbridge compile taskbridge.yaml -o %s",
		ErrPlan, fmt.Sprintf(format, args...), PlanFile)
}
