// Package importer turns what starts ECS tasks today into a mapping: rules of
// EventBridge with an ECS target, and schedules of EventBridge Scheduler, as the
// AWS CLI prints them, as a CloudFormation template declares them, or as a
// Terraform plan has them.
//
// The way is always the same: a form (read.go, cfn.go, terraform.go) is read into
// wirings, in which what only the deployment knows is a parameter; a wiring
// becomes rules (rule.go, target.go), an input transformer expressions
// (transform.go, path.go); the rules are written as YAML (emit.go); and the mapping
// is compiled and run (prove.go), on events that are made for it (example.go),
// beside a model of EventBridge's own transformer (model.go). Whatever is not
// carried over is a note.
package importer

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// A File is an input.
type File struct {
	Name string
	Data []byte
}

// A Result is what became of the input.
type Result struct {
	Mapping string  `json:"mapping" doc:"the mapping file; empty if nothing could be carried over"`
	Rules   []Rule  `json:"rules" doc:"that were carried over"`
	Params  []Param `json:"params" doc:"values that only the deployment knows"`
	Notes   []Note  `json:"notes" doc:"what was not carried over, or behaves otherwise"`
	Proofs  []Proof `json:"proofs" doc:"the mapping beside EventBridge, on events"`
}

// A Rule is one that was carried over.
type Rule struct {
	Name   string `json:"name" doc:"in the mapping"`
	Origin string `json:"origin" doc:"where it comes from"`
	task   object
	match  any // an object, or nil
	sched  object
	bus    any
	about  any
	off    any // nil: enabled; true, or a ref that says so
	retry  object
	target *target
}

// A Param is a parameter of the mapping.
type Param struct {
	Name    string `json:"name" doc:"in the mapping"`
	Source  string `json:"source" doc:"what it was in the input"`
	Type    string `json:"type" doc:"string, int, bool or list"`
	Default any    `json:"default,omitempty" doc:"that the input gives"`
	field   string // the last name of the field of RunTask that it is for
	of      string // kind of the resource that it is of
}

// A Note says what was lost or what to know.
type Note struct {
	Kind   string `json:"kind" doc:"\"not carried over\" or \"finding\""`
	Origin string `json:"origin" doc:"where in the input"`
	What   string `json:"what" doc:"what, and why"`
}

// The kinds of notes.
const (
	Lost    = "not carried over"
	Finding = "finding"
)

// An object is a JSON object with the values of this package: those of
// encoding/json, json.Number for numbers, and ref, text and code.
type object = map[string]any

// ref is the value of a parameter.
type ref struct{ param *Param }

// code is an expression over the event. text is its form inside a text, where a
// missing field is empty; whole is its form alone.
type code struct{ text, whole string }

// text is strings, refs and codes, one after the other.
type text []any

// wiring is one rule or schedule of the input.
type wiring struct {
	origin   string
	name     any
	fallback string // if the name is no literal
	about    any
	enabled  any // nil: true
	bus      any
	pattern  any    // an object, or nil
	hidden   string // what the pattern refers to, if it is not known for that
	schedule object
	targets  []target
}

// target is one target of a wiring, in the names of the EventBridge API.
type target struct {
	id          string
	arn         any
	ecs         object // EcsParameters; nil if it is no ECS target
	universal   bool   // ecs is the request of aws-sdk:ecs:runTask
	input       any    // a JSON text, as a string or text
	raw         any    // the JSON text of a universal target's request
	inputPath   any
	paths       object // of the input transformer
	template    any    // of the input transformer
	retry       object // MaximumEventAgeInSeconds, MaximumRetryAttempts
	deadLetters any
	unknown     string // why it is an ECS target that cannot be read; "" if it is none or can
}

// session is one import.
type session struct {
	params []*Param
	notes  []Note
	used   map[string]bool // names of rules
}

func (s *session) note(kind, origin, format string, args ...any) {
	n := Note{kind, origin, fmt.Sprintf(format, args...)}
	if !slices.Contains(s.notes, n) {
		s.notes = append(s.notes, n)
	}
}

// param is the parameter for something that only the deployment knows.
func (s *session) param(source string) ref { return s.named(source, source) }

// named is the parameter for a source, with a name made of another text.
func (s *session) named(source, like string) ref {
	for _, p := range s.params {
		if p.Source == source {
			return ref{p}
		}
	}
	base := identifier(like)
	name := base
	for i := 2; slices.ContainsFunc(s.params, func(p *Param) bool { return p.Name == name }); i++ {
		name = fmt.Sprintf("%s%d", base, i)
	}
	p := &Param{Name: name, Source: source, Type: "string"}
	s.params = append(s.params, p)
	return ref{p}
}

var wordOf = regexp.MustCompile(`[A-Za-z0-9]+`)

// identifier makes a parameter's name, in camel case, of a source's.
func identifier(source string) string {
	const most = 60
	var b strings.Builder
	for i, word := range wordOf.FindAllString(source, -1) {
		if i == 0 {
			b.WriteString(uncapitalized(word))
			continue
		}
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	if b.Len() == 0 {
		return "value"
	}
	return b.String()[:min(b.Len(), most)]
}

// uncapitalized is a word that begins in lower case: subnetId, sg, awsRegion.
func uncapitalized(word string) string {
	n := 0
	for n < len(word) && word[n] >= 'A' && word[n] <= 'Z' {
		n++
	}
	switch {
	case word[0] >= '0' && word[0] <= '9':
		return "p" + word
	case n > 1 && n < len(word) && word[n] >= 'a' && word[n] <= 'z':
		n-- // the last capital begins the next word
	}
	return strings.ToLower(word[:n]) + word[n:]
}

// sorted are the keys of an object: everything is done in their order, so that the
// same input gives the same mapping.
func sorted(o object) []string { return slices.Sorted(maps.Keys(o)) }

// Import reads files of one form. The error says that they are of none.
func Import(files []File, events []File) (*Result, error) {
	s := &session{used: map[string]bool{}}
	wirings, err := s.read(files)
	if err != nil {
		return nil, err
	}
	var rules []Rule
	for i := range wirings {
		rules = append(rules, s.rules(&wirings[i])...)
	}
	out := &Result{Rules: rules, Params: []Param{}, Notes: s.notes, Proofs: []Proof{}}
	if out.Rules == nil {
		out.Rules = []Rule{}
	}
	if len(rules) > 0 {
		out.Mapping = s.emit(rules)
		if out.Proofs, err = s.prove(out, rules, events); err != nil {
			return nil, err
		}
	}
	for _, p := range s.params {
		out.Params = append(out.Params, *p)
	}
	if out.Notes = s.notes; out.Notes == nil {
		out.Notes = []Note{}
	}
	return out, nil
}
