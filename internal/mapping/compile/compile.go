// Package compile turns a mapping file into a plan. Every check that can be made
// before deployment is made here, and all mistakes are reported at once.
//
// The way through the package is the way through the file: bytes → tree (yaml.go)
// → rules and their patterns (rule.go) → templates (template.go, text.go).
// This is the only place that knows YAML; the function does not link it.
package compile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/mapping"
)

// MaxBytes is the largest mapping file that is read.
const MaxBytes = 4 << 20

// Compile checks the mapping in source and returns its plan. The plan is nil
// exactly if there are findings; they are sorted by position. file is the name
// used in messages; the plan keeps its last element.
func Compile(file string, source []byte) (*mapping.Plan, diag.List) {
	c := &compiler{file: file, source: source, lines: strings.Split(string(source), "\n"), names: map[string]diag.Pos{}}
	plan := c.mappingFile(c.parse())
	if len(c.findings) > 0 {
		c.findings.Sort()
		return nil, slices.Compact(c.findings)
	}
	return plan, nil
}

type compiler struct {
	file      string
	source    []byte
	lines     []string
	line      int // whose runes lineRunes are
	lineRunes []rune
	names     map[string]diag.Pos // of rules seen so far
	nodes     int                 // made so far, aliases expanded
	findings  diag.List
}

func (c *compiler) add(at diag.Pos, width int, code, hint, format string, args ...any) {
	if at.Line > len(c.lines) { // YAML counts a line break that the file does not end in
		at = diag.Pos{Line: len(c.lines), Col: utf8.RuneCountInString(c.lines[len(c.lines)-1]) + 1}
	}
	c.findings = append(c.findings, diag.Finding{
		File: c.file, Pos: at, Width: max(width, 1), Code: code, Message: fmt.Sprintf(format, args...), Hint: hint,
	})
}

// at records a finding about a node.
func (c *compiler) at(n *node, code, hint, format string, args ...any) {
	c.add(n.pos, n.width, code, hint, format, args...)
}

// later names keys of the language that this version refuses, so that they are
// not taken for misspellings.
var later = []string{
	"params", "schemas", "enabled", "when", "schedule", "forEach", "idempotency", "retry", "bus", "allow", "confirm",
}

func (c *compiler) mappingFile(root *node) *mapping.Plan {
	if root == nil {
		return nil
	}
	if !c.isMap(root, "the mapping file", "version, defaults, rules") {
		return nil
	}
	c.keys(root, "the mapping file", "version", "accept", "defaults", "rules")
	sum := sha256.Sum256(c.source)
	plan := &mapping.Plan{File: filepath.Base(c.file), SHA256: hex.EncodeToString(sum[:])}
	c.version(root)
	plan.Accept = c.accept(root.member("accept"))
	defaults := root.member("defaults")
	if defaults != nil && !c.isMap(defaults, "defaults", "RunTask's fields") {
		defaults = nil
	}
	rules := root.member("rules")
	switch {
	case rules == nil:
		c.at(root, CodeMissingKey, "a rule says which events start which task", "the mapping file has no rules")
		return nil
	case rules.kind != listNode:
		c.at(rules, CodeShape, "write each rule as a list item: - name: …", "rules must be a list, got %s", rules.what())
		return nil
	case len(rules.items) == 0:
		c.at(rules, CodeMissingKey, "", "rules is empty: nothing would ever start")
	}
	for _, r := range rules.items {
		plan.Rules = append(plan.Rules, c.rule(r, defaults))
	}
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
		return nil
	}
	var sources []string
	for _, item := range n.items {
		if item.kind != scalarNode || !slices.Contains([]string{"sqs", "sns", "direct"}, item.text) {
			c.at(item, CodeShape, "", "expected sqs, sns or direct, got %s", item.what())
			continue
		}
		sources = append(sources, item.text)
	}
	return sources
}

// isMap reports whether n is an object, and records it if not.
func (c *compiler) isMap(n *node, what, has string) bool {
	if n.kind == mapNode {
		return true
	}
	c.at(n, CodeShape, "", "%s must be an object with %s, got %s", what, has, n.what())
	return false
}

// keys refuses the members of n that are not known.
func (c *compiler) keys(n *node, what string, known ...string) {
	for _, m := range n.members {
		if slices.Contains(known, m.key) {
			continue
		}
		c.unknownKey(m, what, known)
	}
}

func (c *compiler) unknownKey(m member, what string, known []string) {
	width := len([]rune(m.key))
	if slices.Contains(later, m.key) {
		c.add(m.pos, width, CodeUnsupportedKey, "", "%q is not supported by this version", m.key)
		return
	}
	hint := ""
	if near := diag.Nearest(m.key, known); near != "" {
		hint = fmt.Sprintf("did you mean %s?", near)
	}
	c.add(m.pos, width, CodeUnknownKey, hint, "unknown key %q in %s, expected one of %s", m.key, what, strings.Join(known, ", "))
}
