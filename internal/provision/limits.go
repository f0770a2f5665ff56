package provision

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/taskbridge/taskbridge/internal/mapping/derive"
)

// AWS's limits on what is provisioned, with their sources. Those that AWS raises
// on request are defaults of [Quotas].
const (
	maxRuleName       = 64    // EventBridge API reference, PutRule; Scheduler API reference, CreateSchedule
	maxDescription    = 512   // the same
	maxTemplate       = 8192  // EventBridge API reference, InputTransformer
	maxInlinePolicies = 10240 // IAM user guide, "IAM and AWS STS quotas": all inline policies of a role, without white space
	maxEnvironment    = 4096  // AWS Lambda developer guide, "Lambda quotas": all variables
	MaxResources      = 500   // CloudFormation user guide, "CloudFormation quotas": in a template
	MaxTemplateBytes  = 1 << 20
)

// Quotas are limits that AWS raises on request: EventBridge user guide, "Amazon
// EventBridge quotas". A Region may have a lower default.
type Quotas struct {
	RulesPerBus       int
	PatternCharacters int
}

// DefaultQuotas are those of an account for which nothing was raised.
var DefaultQuotas = Quotas{RulesPerBus: 300, PatternCharacters: 2048}

// A Stack is what [Check] looks at.
type Stack struct {
	Prefix      string // of rule names; "" if it is not known yet
	Sources     derive.Sources
	Permissions []derive.Statement
	Environment map[string]string // of the function, as far as it is known
	Quotas      Quotas
	// Account and Region are where it is deployed; "" if that is not known yet.
	Account, Region string
}

// Check returns an error that names each limit which the stack exceeds, and what
// to do about it.
func (s *Stack) Check() error {
	c := checker{}
	buses := map[string]int{}
	for _, r := range s.Sources.Rules {
		buses[busName(r.Bus)]++
		c.bus(s, &r)
		c.source(s.Prefix, r.Rule, r.Description)
		c.most(utf8.RuneCountInString(r.Pattern), s.Quotas.PatternCharacters, "characters in the pattern of rule %q", []any{r.Rule},
			"EventBridge's quota of an event pattern", "shorten it, or have the quota raised and say so")
		c.most(len(r.Template), maxTemplate, "characters in the input template of rule %q", []any{r.Rule}, "EventBridge's limit", "shorten the rule's name")
	}
	for bus, n := range buses {
		c.most(n, s.Quotas.RulesPerBus, "rules on event bus %q", []any{bus},
			"EventBridge's quota of rules for a bus", "merge rules, move some to another bus, or have the quota raised and say so")
	}
	for _, r := range s.Sources.Schedules {
		c.source(s.Prefix, r.Rule, r.Description)
		if r.Spec.DeleteAfterRun {
			c.errs = append(c.errs, fmt.Errorf("rule %q: CloudFormation has no schedule that deletes itself (deleteAfterRun): "+
				"leave it out, a schedule of the past does nothing", r.Rule))
		}
	}
	c.most(policySize(s.Permissions), maxInlinePolicies, "characters in the policies of the function's role", nil,
		"IAM's limit of a role's inline policies", "use fewer task definitions, clusters and roles, or split the mapping into two stacks")
	size := 0
	for name, value := range s.Environment {
		size += len(name) + len(value)
	}
	c.most(s.templateSize(), MaxTemplateBytes, "bytes of template at least", nil, "CloudFormation's limit", "shorten patterns and descriptions, or split the mapping into two stacks")
	c.most(size, maxEnvironment, "bytes in the function's environment", nil, "Lambda's limit of all variables", "move long values into the mapping, as params or text")
	return errors.Join(c.errs...)
}

// templateSize is less than the sources take in a template, in the most compact
// form: patterns and inputs are JSON in JSON, where each quote takes two bytes.
func (s *Stack) templateSize() int {
	const fixed = 600 // names of properties, references, retry policy
	size := 0
	for _, r := range s.Sources.Rules {
		size += fixed + len(r.Pattern) + strings.Count(r.Pattern, `"`) + len(r.Description)
	}
	for _, r := range s.Sources.Schedules {
		size += fixed + len(r.Input) + strings.Count(r.Input, `"`) + len(r.Description)
	}
	return size
}

type checker struct{ errs []error }

func (c *checker) most(got, most int, what string, args []any, limit, advice string) {
	if got > most {
		c.errs = append(c.errs, fmt.Errorf("%d "+what+", at most %d (%s): %s", append(append([]any{got}, args...), most, limit, advice)...))
	}
}

// bus refuses a bus that the stack cannot have rules on: a rule is a resource of the
// account and Region of its bus, and the queue takes events from this account.
func (c *checker) bus(s *Stack, r *derive.EventRule) {
	part := strings.Split(r.Bus, ":") // arn:PARTITION:events:REGION:ACCOUNT:event-bus/NAME
	if len(part) < 6 {
		return
	}
	for _, of := range []struct{ what, got, want string }{{"Region", part[3], s.Region}, {"account", part[4], s.Account}} {
		if of.want != "" && of.got != of.want {
			c.errs = append(c.errs, fmt.Errorf("rule %q: its bus is of %s %s, and the stack of %s: have a rule there send the events to a bus here, and name that one",
				r.Rule, of.what, of.got, of.want))
		}
	}
}

func (c *checker) source(prefix, rule, description string) {
	name := RuleName(prefix, rule)
	c.most(len(name), maxRuleName, "characters in %q, the name of a rule or schedule", []any{name},
		"EventBridge's limit", "shorten the prefix or the rule's name")
	c.most(utf8.RuneCountInString(description), maxDescription, "characters in the description of rule %q", []any{rule}, "EventBridge's limit", "shorten it")
}

// policySize is how long the policies of the role get: the statements with the
// longest Region and partition in place of the placeholders, and what the
// function needs of its own.
func policySize(statements []derive.Statement) int {
	longest := strings.NewReplacer(derive.Partition, "aws-us-gov", derive.Region, "ap-southeast-1", derive.AccountID, "111122223333")
	policy, err := derive.Policy(statements, longest.Replace)
	if err != nil {
		panic(fmt.Sprintf("taskbridge: internal error: policy: %v", err))
	}
	var document any
	if err := json.Unmarshal(policy, &document); err != nil {
		panic(fmt.Sprintf("taskbridge: internal error: policy: %v", err))
	}
	compact, err := json.Marshal(document)
	if err != nil {
		panic(fmt.Sprintf("taskbridge: internal error: policy: %v", err))
	}
	const own = 1024 // logs, queue, tracing
	return len(compact) + own
}
