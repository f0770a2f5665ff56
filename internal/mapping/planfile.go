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
	"github.com/taskbridge/taskbridge/internal/scan"
	"github.com/taskbridge/taskbridge/internal/task"
)

// The file of a plan is lines of JSON: an envelope, a head with all that the
// function needs at start, and then for each rule its pattern and the rest of it,
// which the function reads when the rule matches for the first time. The head has
// the sizes of the lines, so that nobody has to look for their ends.

const planFormat = "taskbridge.plan"

// envelope is the first line. It can be read whatever the version.
type envelope struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	CRC32   string `json:"crc32"` // IEEE, of all that follows the line
	Head    int    `json:"head"`  // size of the next line
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

// entry is what the head says of a rule: its name, and the sizes of its pattern,
// which a schedule has none of, and of its line.
type entry struct {
	name          string
	disabled      bool
	pattern, rule int
}

// MarshalJSON writes the entry as [name, disabled, pattern, rule].
func (e entry) MarshalJSON() ([]byte, error) {
	return marshal([]any{e.name, e.disabled, e.pattern, e.rule})
}

// Marshal returns the plan as the file that [ReadPlan] and [Load] read.
func (p *Plan) Marshal() ([]byte, error) {
	h, lines := p.head(), bytes.Buffer{}
	for i := range p.Rules {
		r := p.Rules[i]
		e := entry{name: r.Name, disabled: r.Disabled}
		if r.Match != nil {
			match, err := marshal(r.Match)
			if err != nil {
				return nil, fmt.Errorf("marshal plan: rule %q: %w", r.Name, err)
			}
			e.pattern = len(match)
			lines.Write(append(match, '\n'))
		}
		r.Name, r.Disabled, r.Match = "", false, nil // they are in the entry
		rule, err := marshal(r)
		if err != nil {
			return nil, fmt.Errorf("marshal plan: rule %q: %w", e.name, err)
		}
		e.rule = len(rule)
		lines.Write(append(rule, '\n'))
		h.Rules = append(h.Rules, e)
	}
	first, err := marshal(h)
	if err != nil {
		return nil, fmt.Errorf("marshal plan: %w", err)
	}
	size := len(first)
	rest := append(append(first, '\n'), lines.Bytes()...)
	file, err := marshal(envelope{planFormat, PlanVersion, checksum(rest), size})
	if err != nil {
		return nil, fmt.Errorf("marshal plan: %w", err)
	}
	return append(append(file, '\n'), rest...), nil
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

func checksum(b []byte) string { return fmt.Sprintf("%08x", crc32.ChecksumIEEE(b)) }

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

// planFile is a file whose checksum fits, cut into its lines.
type planFile struct {
	head
	lines []lines // of each rule
}

// lines are the pattern of a rule, nil for a schedule, and the rest of it.
type lines struct{ pattern, rule []byte }

// openPlan reads the first two lines of a file and finds the others.
func openPlan(file []byte) (*planFile, error) {
	first, rest, _ := bytes.Cut(file, []byte("\n"))
	size, err := openEnvelope(first, rest)
	if err != nil {
		return nil, err
	}
	f := &planFile{}
	line, ok := take(&rest, size)
	if !ok {
		return nil, planError("damaged: it ends before it should")
	}
	if err := f.read(line); err != nil {
		return nil, planError("damaged: %v", err)
	}
	f.lines = make([]lines, len(f.Rules))
	for i := range f.Rules {
		e, l := &f.Rules[i], &f.lines[i]
		if e.pattern > 0 {
			l.pattern, ok = take(&rest, e.pattern)
		}
		if ok {
			l.rule, ok = take(&rest, e.rule)
		}
		if !ok {
			return nil, planError("damaged: it ends before it should")
		}
	}
	if len(rest) > 0 {
		return nil, planError("damaged: it goes on after its end")
	}
	return f, nil
}

// openEnvelope checks the first line of a file against the rest, and returns the
// size of the head.
func openEnvelope(line, rest []byte) (int, error) {
	v, err := scan.Read(line)
	if err != nil {
		return 0, planError("damaged: %v", err)
	}
	if !scan.Member(v, "format").Is(planFormat) {
		return 0, planError("not a Taskbridge plan")
	}
	if version, _ := scan.Member(v, "version").Int(); version != PlanVersion {
		return 0, planError("its format is version %d, this build reads version %d", version, PlanVersion)
	}
	size, ok := scan.Member(v, "head").Int()
	if !ok || size < 0 || size > int64(len(rest)) {
		return 0, planError("damaged: it ends before it should")
	}
	if !scan.Member(v, "crc32").Is(checksum(rest)) {
		return 0, planError("damaged: its checksum does not fit its content")
	}
	return int(size), nil
}

// take cuts a line of a size off text.
func take(text *[]byte, size int) (line []byte, ok bool) {
	if size < 0 || size >= len(*text) || (*text)[size] != '\n' {
		return nil, false
	}
	line, *text = (*text)[:size:size], (*text)[size+1:]
	return line, true
}
