// Package compile turns a mapping file into a plan. Every check that can be made
// before deployment is made here, and all mistakes are reported at once.
//
// The way through the package is the way through the file: bytes → tree (yaml.go,
// syntax.go, inside.go), whose keys are corrected where it is clear what was meant
// (spelling.go) → parameters (params.go) → rules (rule.go, fields.go) with
// the shape of their events (typed.go) → templates (template.go, text.go). What is
// legal but hardly meant is looked for at the end of each (lint*.go).
// This is the only place that knows YAML; the function does not link it.
package compile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/schema"
	"github.com/taskbridge/taskbridge/internal/task"
)

// MaxBytes is the largest mapping file that is read.
const MaxBytes = 4 << 20

// Options are what a mapping is compiled with beside its text.
type Options struct {
	// Params are the values of the mapping's parameters by name: a string, a bool,
	// an integer of any type, a float64 or json.Number that is whole, a list of
	// strings or of any. A string is read as the type that the mapping declares, so
	// that "3" is an int and "a,b" or `["a","b"]` a list.
	Params map[string]any
	// Check is for a look at the file alone: a parameter without a value is a
	// warning, and the rest is checked for any value that it could have.
	Check bool
	// Strict gives no plan for a mapping with warnings.
	Strict bool
}

// Compile is [Options.Compile] for a mapping that is given no parameters.
func Compile(file string, source []byte) (*mapping.Plan, diag.List) {
	return Options{}.Compile(file, source)
}

// Compile checks the mapping in source and returns its plan. The findings are
// sorted by position. The plan is nil if one of them is an error, and under Check
// if a parameter has no value; warnings come with a plan unless Strict. file is the name used
// in messages; the plan keeps its last element.
func (o Options) Compile(file string, source []byte) (*mapping.Plan, diag.List) {
	c := newCompiler(file, source)
	c.options = o
	plan := c.mappingFile(c.parse())
	c.findings.Sort()
	c.findings = slices.CompactFunc(c.findings, func(a, b diag.Finding) bool { return a.String() == b.String() && a.Hint == b.Hint })
	if c.findings.Errors() > 0 || c.unbound || o.Strict && len(c.findings) > 0 {
		return nil, c.findings
	}
	if len(c.params) > 0 {
		c.identify(plan)
	}
	return plan, c.findings
}

// identify makes the plan's SHA256 depend on what the parameters have made of it.
func (c *compiler) identify(plan *mapping.Plan) {
	text, err := plan.Marshal()
	if err != nil {
		panic("taskbridge: internal error: " + err.Error()) // a plan without errors has a file
	}
	sum := sha256.Sum256(text)
	plan.SHA256 = hex.EncodeToString(sum[:])
}

func newCompiler(file string, source []byte) *compiler {
	return &compiler{
		file: file, source: source, lines: strings.Split(string(source), "\n"),
		rules: map[string]diag.Pos{}, unions: map[string]*schema.Type{}, launches: map[string]diag.Pos{}, lowered: map[lowerKey]lowered{},
	}
}

type compiler struct {
	options   Options
	file      string
	source    []byte
	lines     []string
	line      int // whose runes lineRunes are
	lineRunes []rune
	nodes     int // made so far, aliases expanded
	params    []*param
	values    map[string]expr.Value // of the parameters
	unbound   bool                  // a parameter has no value
	rules     map[string]diag.Pos   // names seen so far
	schemas   []userSchema
	unions    map[string]*schema.Type // by the events they join
	known     []schema.KnownEvent     // see knownEvents
	accepted  []string
	launches  map[string]diag.Pos // rules by what they launch
	lowered   map[lowerKey]lowered
	findings  diag.List
	functions bool // the file has CloudFormation's tags

	undefaulted bool // the defaults are wrong as a whole
}

func (c *compiler) add(at diag.Pos, width int, code, hint, format string, args ...any) *diag.Finding {
	if at.Line > len(c.lines) { // YAML counts a line break that the file does not end in
		at = diag.Pos{Line: len(c.lines), Col: utf8.RuneCountInString(c.lines[len(c.lines)-1]) + 1}
	}
	c.findings = append(c.findings, diag.Finding{
		File: c.file, Pos: at, Width: max(width, 1), Code: code, Message: fmt.Sprintf(format, args...), Hint: hint,
	})
	return &c.findings[len(c.findings)-1]
}

// at records a finding about a node.
func (c *compiler) at(n *node, code, hint, format string, args ...any) *diag.Finding {
	return c.add(n.pos, n.width, code, hint, format, args...)
}

// warn records a warning about a node.
func (c *compiler) warn(n *node, code, hint, format string, args ...any) *diag.Finding {
	f := c.at(n, code, hint, format, args...)
	f.Severity = diag.Warning
	return f
}

// related adds another place to a finding.
func (c *compiler) related(f *diag.Finding, at diag.Pos, message string) {
	f.Related = append(f.Related, diag.Place{File: c.file, Pos: at, Message: message})
}

func (c *compiler) mappingFile(root *node) *mapping.Plan {
	if root == nil {
		return nil
	}
	if !c.isMap(root, "the mapping file", "version, defaults, rules") {
		return nil
	}
	c.keys(root, theFile, Language.Keys)
	sum := sha256.Sum256(c.source)
	plan := &mapping.Plan{File: filepath.Base(c.file), SHA256: hex.EncodeToString(sum[:])}
	c.version(root)
	c.declare(root.member("params"))
	plan.Accept = c.accept(root.member("accept"))
	c.accepted = plan.Accept
	c.userSchemas(root.member("schemas"))
	defaults := root.member("defaults")
	if defaults != nil && !c.isMap(defaults, "defaults", "RunTask's fields") {
		defaults, c.undefaulted = nil, true
	}
	if defaults != nil {
		c.spell(defaults, reflect.TypeFor[task.Request](), "")
	}
	rules := root.member("rules")
	switch {
	case rules == nil:
		c.at(root, CodeMissingKey, "a rule says which events start which task", "the mapping file has no rules")
		return nil
	case rules.kind != listNode:
		c.at(rules, CodeShape, "write each rule as a list item: - name: …", "rules must be a list, got %s", rules.what())
		if rules = rules.listed(); len(rules.items) == 0 {
			return nil
		}
	case len(rules.items) == 0:
		c.at(rules, CodeMissingKey, "write a rule: - name: …, with match and task", "rules is empty: nothing would ever start")
	}
	for _, r := range rules.items {
		plan.Rules = append(plan.Rules, c.rule(r, defaults))
	}
	c.unused()
	return plan
}

func (c *compiler) version(root *node) {
	v := root.member("version")
	switch {
	case v == nil:
		c.at(root, CodeMissingKey, "write version: 1 at the top", "the mapping file has no version")
	case v.kind != scalarNode || v.text != "1":
		c.at(v, CodeVersion, "write version: 1", "this build reads version 1, got %s", v.what())
	}
}

func (c *compiler) accept(n *node) []string {
	if n == nil {
		return nil
	}
	if n.kind != listNode {
		c.at(n, CodeShape, "write accept: [sqs]", "accept must be a list of sqs, sns, direct, got %s", n.what())
		return []string{n.text}
	}
	known := []string{"sqs", "sns", "direct"}
	var sources []string
	for _, item := range n.items {
		source := item.text
		if item.kind != scalarNode || !slices.Contains(known, source) {
			hint := ""
			if source = diag.Nearest(source, known); source != "" {
				hint = fmt.Sprintf("did you mean %s?", source)
			}
			c.at(item, CodeShape, hint, "expected sqs, sns or direct, got %s", item.what())
		}
		sources = append(sources, source)
	}
	return sources
}

// isMap reports whether n is an object, and records it if not.
func (c *compiler) isMap(n *node, what, has string) bool {
	if n.kind == mapNode {
		return true
	}
	c.at(n, CodeShape, objectHint(n), "%s must be an object with %s, got %s", what, has, n.what())
	return false
}
