// Package verify checks a mapping against the account that it will run in:
// whether what its rules refer to exists, and whether RunTask will take the
// combination.
//
// It knows no SDK. [Targets] says what each rule asks for, [Look] looks that up
// through an [Account] and gives a [Snapshot], and [Check] judges targets by a
// snapshot. A snapshot can be stored as a [Lock] and checked again without an
// account; [Lock.Drift] says what is different by now.
//
// What RunTask's rules say about the combination of a request and a task
// definition is asked of package task: the facts of the task definition and the
// cluster are written into the request as if they were overrides.
package verify

import (
	"fmt"
	"slices"
	"strings"
)

// A Status is how a check ended.
type Status string

// A check that could not be made is NotChecked, never OK. AtRunTime is one whose
// answer each event gives anew; the function makes it before the call.
const (
	OK         Status = "ok"
	NG         Status = "ng"
	Warning    Status = "warning"
	NotChecked Status = "not-checked"
	AtRunTime  Status = "at-run-time"
)

// A Result is one check of one rule.
type Result struct {
	Check   string `json:"check" doc:"stable; docs/verify.md explains it"`
	Subject string `json:"subject" doc:"what was looked at: cluster media"`
	Status  Status `json:"status" doc:"ok, ng, warning, not-checked or at-run-time"`
	Message string `json:"message" doc:"what was found"`
	Fix     string `json:"fix,omitempty" doc:"what to do"`
	Field   string `json:"field,omitempty" doc:"of the request, in RunTask's names"`
}

// A RuleReport is the checks of one rule.
type RuleReport struct {
	Rule    string   `json:"rule" doc:"name of the rule"`
	Line    int      `json:"line" doc:"of its name in the mapping"`
	Col     int      `json:"col"`
	Results []Result `json:"results" doc:"in the order of the tree"`
}

// Check judges each target by what was seen. unseen says what to do about what
// the snapshot knows nothing of.
func Check(targets []Target, s *Snapshot, unseen string) []RuleReport {
	reports := make([]RuleReport, len(targets))
	for i := range targets {
		t := &targets[i]
		c := checker{t: t, s: s, unseen: unseen, roleDone: map[string]bool{}}
		c.environment()
		for _, ref := range t.clusters() {
			c.cluster(ref)
		}
		if t.isOpen("cluster") && t.clusters() == nil {
			c.open("cluster-exists", "cluster", "cluster")
		}
		c.network()
		for _, ref := range t.texts("taskDefinition") {
			c.taskDefinition(ref)
		}
		if t.isOpen("taskDefinition") && t.texts("taskDefinition") == nil {
			c.open("task-definition-exists", "task definition", "taskDefinition")
		}
		c.roles(t.roles())
		reports[i] = RuleReport{Rule: t.Rule, Line: t.Line, Col: t.Col, Results: c.results}
	}
	return reports
}

// checker makes the checks of one rule.
type checker struct {
	t       *Target
	s       *Snapshot
	unseen  string
	subject string // of the results that follow
	results []Result

	roleDone map[string]bool // by ARN and service
}

func (c *checker) add(check string, status Status, field, fix, format string, args ...any) {
	r := Result{Check: check, Subject: c.subject, Status: status, Message: fmt.Sprintf(format, args...), Fix: fix, Field: field}
	// A permission that is missing for all subnets is said once.
	if n := len(c.results); n > 0 {
		last := c.results[n-1]
		if status == NotChecked {
			last.Field = field
		}
		if last == r {
			return
		}
	}
	c.results = append(c.results, r)
}

func (c *checker) ok(check, format string, args ...any) { c.add(check, OK, "", "", format, args...) }

func (c *checker) ng(check, field, fix, format string, args ...any) {
	c.add(check, NG, field, fix, format, args...)
}

// open notes a check that has no value to go by.
func (c *checker) open(check, subject, field string) {
	c.subject = subject
	switch {
	case len(c.t.Unset) > 0:
		c.add(check, NotChecked, field, "", "%s is not known without the environment", field)
	case c.t.failed != nil:
		c.add(check, NotChecked, field, "", "%s has no value", field)
	case strings.HasPrefix(field, vpcField): // which the function does not look up
		c.add(check, NotChecked, field, "write constants or ${env.NAME}, or pass --allow-unchecked",
			"each launch decides %s: whether they exist, and in one VPC, only RunTask knows", field)
	default:
		c.add(check, AtRunTime, field, "", "each event decides %s; the function checks what it can before the call", field)
	}
}

func (c *checker) environment() {
	c.subject = "environment"
	for _, f := range c.t.failed {
		c.ng("environment", f.field, "correct the variable or the expression: no launch gets past it", "the expression cannot be evaluated: %v", f.err)
	}
	if len(c.t.Unset) == 0 {
		return
	}
	c.add("environment", NotChecked, "", "give the function's environment with --env NAME=VALUE or --env-file FILE",
		"%s not set", names(c.t.Unset, "is", "are"))
}

// found reports whether a thing was seen, and says so if it was not.
func found[T any](c *checker, seen Seen[T], check, field, missing, fix string) bool {
	switch {
	case seen.Is != nil:
		return true
	case seen.Missing:
		c.ng(check, field, fix, "%s", missing)
	case seen.Needs != "":
		c.add(check, NotChecked, field, "let whoever runs this do it: docs/verify.md has the policy", "needs %s", seen.Needs)
	default:
		c.ng(check, field, c.unseen, "nobody looked it up")
	}
	return false
}

// names is a list in a sentence, with the verb that goes with it.
func names(list []string, one, many string) string {
	if len(list) == 1 {
		return list[0] + " " + one
	}
	return strings.Join(list, ", ") + " " + many
}

// quoted is a list of names as messages have it.
func quoted(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	texts := make([]string, len(list))
	for i, s := range list {
		texts[i] = fmt.Sprintf("%q", s)
	}
	return strings.Join(texts, ", ")
}

// Count is how many results of the reports have the status.
func Count(reports []RuleReport, status Status) int {
	n := 0
	for i := range reports {
		for j := range reports[i].Results {
			if reports[i].Results[j].Status == status {
				n++
			}
		}
	}
	return n
}

// missing are the texts of want that have has not.
func missing(want, have []string) []string {
	return slices.DeleteFunc(unique(want), func(s string) bool { return slices.Contains(have, s) })
}
