package mappingtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/taskbridge/taskbridge/internal/event"
	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/pattern"
)

// Coverage says how much of a mapping the cases exercise.
//
// A rule is exercised if a case launches it. A predicate, one field of a pattern,
// is exercised if in some case it is met and in some case it alone keeps its rule
// from matching: without such a case it could be wrong, or left out, and no test
// would fail. A branch is one outcome of a condition in an expression: true or
// false, there or absent.
type Coverage struct {
	Rules      Share       `json:"rules" doc:"that are launched"`
	Predicates Share       `json:"predicates" doc:"fields of patterns that are met in one case and are all that is not met in another"`
	Branches   Share       `json:"branches" doc:"outcomes of conditions in expressions"`
	Missing    []Uncovered `json:"missing" doc:"what no case exercises, in the order of the mapping"`
}

// A Share is a part of a whole.
type Share struct {
	Covered int `json:"covered" doc:"how many are exercised"`
	Total   int `json:"total" doc:"of how many"`
}

// Uncovered is something that no case exercises.
type Uncovered struct {
	Rule string `json:"rule" doc:"its name"`
	Kind string `json:"kind" doc:"rule, predicate or branch"`
	What string `json:"what" doc:"the predicate's field or the condition"`
	Need string `json:"need" doc:"the case that is missing, in words"`
	// Place of the rule, or of the expression, in the mapping; Path leads from the
	// rule's match to a predicate.
	Pos  string   `json:"pos" doc:"line:col in the mapping, of the rule or the expression"`
	Path []string `json:"-"`
}

// coverage is what has been seen so far.
type coverage struct {
	plan     *mapping.Plan
	launched map[string]bool
	met      map[string]bool // predicates by rule and path
	alone    map[string]bool
	outcomes map[string]bool // branches by rule, field, condition and outcome
}

func newCoverage(plan *mapping.Plan) *coverage {
	return &coverage{plan, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}}
}

func key(parts ...string) string { return strings.Join(parts, "\x00") }

// see takes in what became of an event.
func (c *coverage) see(plan *mapping.Plan, e event.Event, matches []mapping.Match, trace *mapping.Trace) {
	for i := range matches {
		m := &matches[i]
		if m.Skipped == "" && slices.ContainsFunc(m.Launches, func(l mapping.Launch) bool { return l.Err == nil }) {
			c.launched[m.Rule] = true
		}
		t := &trace.Rules[i]
		c.evaluation(m.Rule, t.When)
		c.evaluation(m.Rule, t.ForEach)
		for j := range t.Launches {
			for k := range t.Launches[j].Fields {
				c.evaluation(m.Rule, &t.Launches[j].Fields[k])
			}
			c.evaluation(m.Rule, t.Launches[j].Key)
		}
	}
	for i := range plan.Rules {
		r := &plan.Rules[i]
		if r.Match == nil || e.Rule != "" && e.Rule != r.Name {
			continue
		}
		t, err := pattern.Explain(r.Match, e.JSON)
		if err != nil {
			continue // the pattern has been compiled: it is the event's mistake
		}
		for j := range t.Predicates {
			p := &t.Predicates[j]
			at := key(append([]string{r.Name}, p.Path...)...)
			switch {
			case p.Met:
				c.met[at] = true
			case t.Misses() == 1:
				c.alone[at] = true
			}
		}
	}
}

// evaluation takes in the values of an expression's parts.
func (c *coverage) evaluation(rule string, e *mapping.Evaluation) {
	if e == nil {
		return
	}
	for i := range e.Parts {
		c.outcomes[key(rule, e.Field, e.Parts[i].Source, outcomeOf(e.Parts[i].Value))] = true
	}
	c.outcomes[key(rule, e.Field, "", outcomeOf(e.Value))] = true
}

// outcomeOf is what a value means to a condition.
func outcomeOf(value string) string {
	switch {
	case value == "true" || value == "false":
		return value
	case strings.HasPrefix(value, "optional.of("):
		return "there"
	case value == "optional.none()":
		return "absent"
	}
	return ""
}

func (c *coverage) report() *Coverage {
	out := &Coverage{Missing: []Uncovered{}}
	for i := range c.plan.Rules {
		r := &c.plan.Rules[i]
		if !out.Rules.count(c.launched[r.Name] || r.Disabled) {
			out.Missing = append(out.Missing, Uncovered{
				Rule: r.Name, Kind: "rule", What: r.Name, Need: "a case in which it launches", Pos: r.Pos,
			})
		}
		for _, path := range leaves(r.Match) {
			at := key(append([]string{r.Name}, path...)...)
			need := ""
			switch {
			case !c.met[at]:
				need = "a case that meets it"
			case !c.alone[at]:
				need = "a case in which it alone is not met"
			}
			if !out.Predicates.count(need == "") {
				p := pattern.Predicate{Path: path}
				out.Missing = append(out.Missing, Uncovered{
					Rule: r.Name, Kind: "predicate", What: p.Field(), Need: need, Pos: r.Pos, Path: path,
				})
			}
		}
		c.branches(r, out)
	}
	return out
}

func (s *Share) count(covered bool) bool {
	s.Total++
	if covered {
		s.Covered++
	}
	return covered
}

// branches counts the outcomes of the conditions of a rule.
func (c *coverage) branches(r *mapping.Rule, out *Coverage) {
	one := func(t *mapping.Template, field, source string, outcome string) {
		if out.Branches.count(c.outcomes[key(r.Name, field, source, outcome)]) {
			return
		}
		what := source
		if what == "" {
			what = t.Source
		}
		out.Missing = append(out.Missing, Uncovered{
			Rule: r.Name, Kind: "branch", What: field + ": " + what, Need: "a case in which it is " + outcome, Pos: t.Pos,
		})
	}
	visit := func(t *mapping.Template, field string) {
		if t == nil || t.Expr == nil {
			return
		}
		seen := map[string]bool{}
		t.Expr.Walk(func(n *expr.Node) {
			for _, b := range conditions(n) {
				source := b.node.String()
				if b.node == t.Expr {
					source = ""
				}
				if b.node.Op == expr.OpConst || seen[source] {
					continue
				}
				seen[source] = true
				for _, outcome := range b.outcomes {
					one(t, field, source, outcome)
				}
			}
		})
	}
	if w := r.When; w != nil && w.Expr != nil {
		one(w, "when", "", "true")
		one(w, "when", "", "false")
	}
	visit(r.When, "when")
	visit(r.ForEach, "forEach")
	visit(r.Key, "idempotency.key")
	walkTemplate(&r.Task, "", visit)
}

// walkTemplate visits the expressions of a template with their paths in RunTask's
// names.
func walkTemplate(t *mapping.Template, path string, visit func(*mapping.Template, string)) {
	visit(t, path)
	for i := range t.Fields {
		f := &t.Fields[i]
		walkTemplate(&f.Value, strings.TrimPrefix(path+"."+f.Name, "."), visit)
	}
	for i := range t.Items {
		walkTemplate(&t.Items[i], fmt.Sprintf("%s[%d]", path, i), visit)
	}
}

// condition is a node whose outcome decides what else is evaluated.
type condition struct {
	node     *expr.Node
	outcomes []string
}

func conditions(n *expr.Node) []condition {
	switch n.Op {
	case "?:":
		return []condition{{n.Args[0], []string{"true", "false"}}}
	case "&&", "||":
		var out []condition
		for _, a := range n.Args {
			out = append(out, condition{a, []string{"true", "false"}})
		}
		return out
	case "orValue", "or":
		return []condition{{n.Args[0], []string{"there", "absent"}}}
	}
	return nil
}

// leaves are the paths of a pattern's fields, as pattern.Predicate has them.
func leaves(match json.RawMessage) [][]string {
	if match == nil {
		return nil
	}
	var out [][]string
	walkPattern(match, nil, &out)
	return out
}

func walkPattern(text []byte, path []string, out *[][]string) {
	dec := json.NewDecoder(bytes.NewReader(text))
	if _, err := dec.Token(); err != nil {
		return
	}
	for dec.More() {
		token, err := dec.Token()
		name, ok := token.(string)
		var value json.RawMessage
		if err != nil || !ok || dec.Decode(&value) != nil {
			return // a pattern of a plan is an object of objects and lists
		}
		at := append(slices.Clone(path), name)
		switch {
		case name == "$or":
			var branches []json.RawMessage
			if json.Unmarshal(value, &branches) == nil {
				for i, branch := range branches {
					walkPattern(branch, append(slices.Clone(at), strconv.Itoa(i)), out)
				}
			}
		case value[0] == '{':
			walkPattern(value, at, out)
		default:
			*out = append(*out, at)
		}
	}
}
