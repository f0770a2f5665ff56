// Package mappingtest runs the tests that stand beside a mapping: events in,
// expectations about the launches that the mapping makes of them.
//
// A test is frozen: it has neither a clock nor the environment of the process,
// only what its file says. The mapping is compiled and run as the function would
// run it; nothing is launched.
package mappingtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/mapping/compile"
)

// Suffix ends the name of a test file; what is before it is the mapping's name.
const Suffix = "_test.yaml"

// A Suite is a file of tests.
type Suite struct {
	File    string // as it was named
	Mapping string // the file of the mapping, from the working directory
	Cases   []Case
}

// A Case is one event with what is expected of it.
type Case struct {
	Name     string
	Pos      diag.Pos
	rule     string // the only rule to look at; "" for all
	event    compile.Value
	override json.RawMessage
	env      map[string]string
	params   map[string]json.RawMessage
	expect   expectation
}

// expectation is what a case demands; what is not set is not looked at.
type expectation struct {
	count    *int
	launches []wanted // nil: not listed
	because  string
	golden   string // path from the working directory
	code     string // of an error that has to happen
}

// wanted is one launch of a list.
type wanted struct {
	rule    string
	pos     diag.Pos
	element *int
	key     *string
	request json.RawMessage // a part of it; nil: any
}

// Why nothing is launched, in a case's because.
const (
	BecausePattern  = "pattern"  // no pattern matches
	BecauseWhen     = "when"     // a pattern matches, and its when is false
	BecauseForEach  = "forEach"  // a pattern matches, and the list of its forEach is empty
	BecauseDisabled = "disabled" // a rule that would launch is disabled
)

// Reasons are all that a case's because may be.
var Reasons = []string{BecausePattern, BecauseWhen, BecauseForEach, BecauseDisabled}

// Read reads the test file in source. The suite is nil exactly if there are
// findings.
func Read(file string, source []byte) (*Suite, diag.List) {
	r := reader{doc: compile.ReadDocument(file, source), file: file}
	s := r.suite()
	if findings := r.doc.Findings(); len(findings) > 0 {
		return nil, findings
	}
	return s, nil
}

type reader struct {
	doc  *compile.Document
	file string
}

func (r *reader) suite() *Suite {
	root := r.doc.Root()
	if !root.Exists() {
		return nil
	}
	if !r.object(root, "a test file", "cases") {
		return nil
	}
	r.doc.Keys(root, "a test file", "version", "mapping", "env", "params", "cases")
	if v := root.Member("version"); v.Exists() {
		if text, _ := v.Text(); text != "1" {
			r.doc.Add(v, compile.CodeVersion, "write version: 1", "this build reads version 1, got %s", v.What())
		}
	}
	s := &Suite{File: r.file, Mapping: strings.TrimSuffix(r.file, Suffix) + ".yaml"}
	if m := root.Member("mapping"); m.Exists() {
		s.Mapping = r.doc.Beside(r.text(m, "mapping"))
	} else if !strings.HasSuffix(r.file, Suffix) {
		r.doc.Add(root, compile.CodeMissingKey, "write mapping: taskbridge.yaml, or end the file's name in "+Suffix, "the test file names no mapping")
	}
	env, params := r.env(root.Member("env")), r.params(root.Member("params"))
	cases := root.Member("cases")
	if len(cases.Items()) == 0 {
		r.doc.Add(cases, compile.CodeMissingKey, "write cases: and a list of tests with name, event and expect", "the test file has no cases")
	}
	names := map[string]diag.Pos{}
	for _, item := range cases.Items() {
		c := r.oneCase(item, env, params)
		if first, ok := names[c.Name]; ok {
			r.doc.Add(item.Member("name"), compile.CodeDuplicateKey, "rename one of them", "case %q is there twice, first at %s", c.Name, first)
		}
		names[c.Name] = c.Pos
		s.Cases = append(s.Cases, c)
	}
	return s
}

func (r *reader) oneCase(v compile.Value, env map[string]string, params map[string]json.RawMessage) Case {
	c := Case{Pos: v.Pos(), env: env, params: params}
	if !r.object(v, "a case", "name, event, expect") {
		return c
	}
	r.doc.Keys(v, "a case", "name", "rule", "event", "override", "env", "params", "expect")
	if name := v.Member("name"); name.Exists() {
		c.Name, c.Pos = r.text(name, "name"), name.Pos()
	} else {
		r.doc.Add(v, compile.CodeMissingKey, "say in a sentence what the case shows", "the case has no name")
	}
	if rule := v.Member("rule"); rule.Exists() {
		c.rule = r.text(rule, "rule")
	}
	c.event = v.Member("event")
	if _, isText := c.event.Text(); !c.event.Exists() {
		r.doc.Add(v, compile.CodeMissingKey, "write the event, the path of its file, or the name of a sample", "the case has no event")
	} else if !isText && !c.event.IsObject() {
		r.doc.Add(c.event, compile.CodeShape, "", "event must be an event, the path of its file, or the name of a sample, got %s", c.event.What())
	}
	if o := v.Member("override"); o.Exists() && r.object(o, "override", "the members of the event to change") {
		c.override = r.json(o)
	}
	if own := r.env(v.Member("env")); own != nil {
		c.env = merged(env, own)
	}
	if own := r.params(v.Member("params")); own != nil {
		c.params = merged(params, own)
	}
	c.expect = r.expectation(v)
	return c
}

func merged[V any](base, over map[string]V) map[string]V {
	out := maps.Clone(base)
	if out == nil {
		out = map[string]V{}
	}
	maps.Copy(out, over)
	return out
}

func (r *reader) expectation(c compile.Value) expectation {
	var out expectation
	v := c.Member("expect")
	if !v.Exists() {
		r.doc.Add(c, compile.CodeMissingKey, "write expect: {launches: [RULE]}", "the case expects nothing")
		return out
	}
	if !r.object(v, "expect", "launches, because, golden or error") {
		return out
	}
	r.doc.Keys(v, "expect", "launches", "because", "golden", "error")
	if len(v.Keys()) == 0 {
		r.doc.Add(v, compile.CodeMissingKey, "write launches: [RULE], golden: FILE or error: CODE", "expect is empty: the case would show nothing")
	}
	if l := v.Member("launches"); l.Exists() {
		r.launches(l, &out)
	}
	if b := v.Member("because"); b.Exists() {
		out.because, _ = b.Text()
		switch {
		case !slices.Contains(Reasons, out.because):
			r.doc.Add(b, compile.CodeShape, "", "because must be one of %s, got %s", strings.Join(Reasons, ", "), b.What())
		case out.count == nil || *out.count != 0:
			r.doc.Add(b, compile.CodeShape, "write launches: 0 beside it", "because says why nothing is launched")
		}
	}
	if g := v.Member("golden"); g.Exists() {
		if path := r.text(g, "golden"); path != "" {
			out.golden = r.doc.Beside(path)
		}
	}
	if e := v.Member("error"); e.Exists() {
		out.code = r.text(e, "error")
	}
	return out
}

// launches reads how many there are, or which.
func (r *reader) launches(v compile.Value, out *expectation) {
	if text, isString := v.Text(); text != "" && !isString {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			r.doc.Add(v, compile.CodeShape, "", "launches must be a number or a list of rules, got %s", v.What())
			return
		}
		out.count = &n
		return
	}
	if !v.IsList() {
		r.doc.Add(v, compile.CodeShape, "write launches: [RULE], or launches: 0", "launches must be a number or a list of rules, got %s", v.What())
		return
	}
	out.launches = []wanted{}
	for _, item := range v.Items() {
		out.launches = append(out.launches, r.wanted(item))
	}
	n := len(out.launches)
	out.count = &n
}

func (r *reader) wanted(v compile.Value) wanted {
	w := wanted{pos: v.Pos()}
	if text, isString := v.Text(); isString {
		w.rule = text
		return w
	}
	if !r.object(v, "a launch", "rule, request") {
		return w
	}
	r.doc.Keys(v, "a launch", "rule", "element", "key", "request")
	if rule := v.Member("rule"); rule.Exists() {
		w.rule = r.text(rule, "rule")
	} else {
		r.doc.Add(v, compile.CodeMissingKey, "write rule: NAME", "the launch names no rule")
	}
	if e := v.Member("element"); e.Exists() {
		text, _ := e.Text()
		n, err := strconv.Atoi(text)
		if err != nil {
			r.doc.Add(e, compile.CodeShape, "", "element must be an index of forEach's list, got %s", e.What())
		}
		w.element = &n
	}
	if k := v.Member("key"); k.Exists() {
		text := r.text(k, "key")
		w.key = &text
	}
	if q := v.Member("request"); q.Exists() && r.object(q, "request", "RunTask's fields") {
		w.request = r.json(q)
	}
	return w
}

func (r *reader) env(v compile.Value) map[string]string {
	if !v.Exists() || !r.object(v, "env", "NAME: value") {
		return nil
	}
	out := map[string]string{}
	for _, name := range v.Keys() {
		out[name] = r.text(v.Member(name), "env."+name)
	}
	return out
}

func (r *reader) params(v compile.Value) map[string]json.RawMessage {
	if !v.Exists() || !r.object(v, "params", "NAME: value") {
		return nil
	}
	out := map[string]json.RawMessage{}
	for _, name := range v.Keys() {
		out[name] = r.json(v.Member(name))
	}
	return out
}

// object reports whether v is one, and records it if not.
func (r *reader) object(v compile.Value, what, has string) bool {
	if v.IsObject() {
		return true
	}
	r.doc.Add(v, compile.CodeShape, "", "%s must be an object with %s, got %s", what, has, v.What())
	return false
}

// text is a string, and records it if it is none.
func (r *reader) text(v compile.Value, what string) string {
	text, isString := v.Text()
	if !isString || text == "" && !strings.HasPrefix(what, "env.") {
		hint := ""
		if text != "" {
			hint = fmt.Sprintf("write %q", text)
		}
		r.doc.Add(v, compile.CodeShape, hint, "%s must be text, got %s", what, v.What())
	}
	return text
}

func (r *reader) json(v compile.Value) json.RawMessage {
	text, err := v.JSON()
	if err != nil {
		r.doc.Add(v, compile.CodeShape, "", "%v", err)
	}
	return text
}

// Files are those that the suite depends on, apart from the mapping: what to
// watch.
func (s *Suite) Files() []string {
	files := []string{s.File, s.Mapping}
	for i := range s.Cases {
		c := &s.Cases[i]
		if name, isText := c.event.Text(); isText && isPath(name) {
			files = append(files, filepath.Join(filepath.Dir(s.File), name))
		}
		if c.expect.golden != "" {
			files = append(files, c.expect.golden)
		}
	}
	return files
}
