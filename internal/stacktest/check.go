package stacktest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/mapping/derive"
	"github.com/taskbridge/taskbridge/internal/provision"
)

// A Stack is a template with what it was made from.
type Stack struct {
	Template *Template
	Plan     *mapping.Plan
	Prefix   string // of rule names
	// PassRoles are the ARNs of the roles of its task definitions, as the template
	// was given them.
	PassRoles []string
}

// Function is the function.
func (s *Stack) Function(t testing.TB) *Resource {
	t.Helper()
	for _, kind := range []string{"AWS::Lambda::Function", "AWS::Serverless::Function"} {
		for _, r := range s.Template.Of(kind) {
			if object(r.Properties["Environment"]) != nil {
				return r
			}
		}
	}
	t.Fatal("the template has no function with an environment")
	return nil
}

// Check holds what is true of every stack, whatever its mapping.
func (s *Stack) Check(t *testing.T) {
	t.Helper()
	s.checkSources(t)
	s.checkTargets(t)
	s.checkStatements(t)
	s.checkQueues(t)
	s.checkChoices(t)
}

// named returns the rules or schedules by name.
func (s *Stack) named(t testing.TB, kind string) map[string]*Resource {
	t.Helper()
	found := map[string]*Resource{}
	for _, r := range s.Template.Of(kind) {
		name, _ := r.Properties["Name"].(string)
		if found[name] != nil {
			t.Errorf("two of %s are called %q", kind, name)
		}
		found[name] = r
	}
	return found
}

// checkSources: each rule of the mapping has one source, which is what the
// mapping says; and there are no others.
func (s *Stack) checkSources(t *testing.T) {
	t.Helper()
	rules, schedules := s.named(t, "AWS::Events::Rule"), s.named(t, "AWS::Scheduler::Schedule")
	if got := len(rules) + len(schedules); got != len(s.Plan.Rules) {
		t.Errorf("%d sources for %d rules", got, len(s.Plan.Rules))
	}
	for i := range s.Plan.Rules {
		r := &s.Plan.Rules[i]
		name := provision.RuleName(s.Prefix, r.Name)
		got, kind := rules[name], "rule"
		if r.Schedule != nil {
			got, kind = schedules[name], "schedule"
		}
		if got == nil {
			t.Errorf("rule %q has no %s", r.Name, kind)
			continue
		}
		want := map[string]any{"State": provision.State(!r.Disabled), "Description": nilIfEmpty(r.Description)}
		if r.Schedule == nil {
			want["EventPattern"], want["EventBusName"] = string(r.Match), nilIfEmpty(r.Bus)
		} else {
			want["ScheduleExpression"], want["ScheduleExpressionTimezone"] = r.Schedule.Expression, nilIfEmpty(r.Schedule.Timezone)
			want["StartDate"], want["EndDate"], want["GroupName"] = nilIfEmpty(r.Schedule.Start), nilIfEmpty(r.Schedule.End), nilIfEmpty(r.Schedule.Group)
			minutes := any(nil)
			if r.Schedule.FlexibleWindowMinutes > 0 {
				minutes = fmt.Sprint(r.Schedule.FlexibleWindowMinutes)
			}
			if window := object(got.Properties["FlexibleTimeWindow"])["MaximumWindowInMinutes"]; window != minutes {
				t.Errorf("rule %q: window is %v, want %v", r.Name, window, minutes)
			}
		}
		for property, value := range want {
			if got.Properties[property] != value {
				t.Errorf("rule %q: %s is %v, want %v", r.Name, property, got.Properties[property], value)
			}
		}
	}
}

func nilIfEmpty(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// targetsOf are the targets of a rule, or the only one of a schedule.
func targetsOf(r *Resource) []any {
	if target := r.Properties["Target"]; target != nil {
		return []any{target}
	}
	return many(r.Properties["Targets"])
}

// checkTargets: each source has one target, with a dead-letter queue that exists
// and the retry policy of its rule.
func (s *Stack) checkTargets(t *testing.T) {
	t.Helper()
	sources := derive.SourcesOf(s.Plan)
	retries := map[string]derive.Retry{}
	for _, r := range sources.Rules {
		retries[provision.RuleName(s.Prefix, r.Rule)] = r.Retry
	}
	for _, r := range sources.Schedules {
		retries[provision.RuleName(s.Prefix, r.Rule)] = r.Retry
	}
	for _, r := range slices.Concat(s.Template.Of("AWS::Events::Rule"), s.Template.Of("AWS::Scheduler::Schedule")) {
		targets := targetsOf(r)
		if len(targets) != 1 {
			t.Errorf("%s has %d targets", r.ID, len(targets))
			continue
		}
		target := object(targets[0])
		if dead := object(target["DeadLetterConfig"])["Arn"]; s.queue(dead) == nil {
			t.Errorf("%s: dead-letter queue %v is not in the template", r.ID, dead)
		} else if s.queue(dead).Properties["FifoQueue"] != nil {
			t.Errorf("%s: its dead-letter queue is FIFO, which EventBridge does not take", r.ID)
		}
		want := retries[fmt.Sprint(r.Properties["Name"])]
		got := object(target["RetryPolicy"])
		if got["MaximumRetryAttempts"] != fmt.Sprint(want.MaximumRetryAttempts) || got["MaximumEventAgeInSeconds"] != fmt.Sprint(want.MaximumEventAgeInSeconds) {
			t.Errorf("%s: retry policy %v, want %+v", r.ID, got, want)
		}
	}
}

// queue is the queue of an ARN.
func (s *Stack) queue(arn any) *Resource {
	text := fmt.Sprint(arn)
	r := s.Template.Resources[text[strings.LastIndexByte(text, ':')+1:]]
	if r == nil || r.Type != "AWS::SQS::Queue" {
		return nil
	}
	return r
}

// checkStatements: no identity policy names every resource but for X-Ray, and
// whatever passes roles says to whom.
func (s *Stack) checkStatements(t *testing.T) {
	t.Helper()
	roles := s.Template.Of("AWS::IAM::Role")
	if len(roles) == 0 {
		t.Error("the template has no role")
	}
	for _, role := range roles {
		if role.Properties["ManagedPolicyArns"] != nil {
			t.Errorf("%s: managed policies allow more than is needed: %v", role.ID, role.Properties["ManagedPolicyArns"])
		}
		for _, d := range s.Template.RolePolicies(role.ID) {
			for _, st := range many(object(d)["Statement"]) {
				checkStatement(t, role.ID, object(st))
			}
		}
	}
}

func checkStatement(t *testing.T, role string, s map[string]any) {
	t.Helper()
	for _, action := range many(s["Action"]) {
		if slices.Contains(many(s["Resource"]), any("*")) && !strings.HasPrefix(fmt.Sprint(action), "xray:") {
			t.Errorf("%s: %v is allowed for every resource", role, action)
		}
		if strings.Contains(fmt.Sprint(action), "*") {
			t.Errorf("%s: %v is more than one action", role, action)
		}
		passed := object(object(s["Condition"])["StringEquals"])["iam:PassedToService"]
		if action == "iam:PassRole" && passed == nil {
			t.Errorf("%s: roles may be passed to any service", role)
		}
	}
	if len(many(s["Action"])) == 0 || len(many(s["Resource"])) == 0 {
		text, _ := json.Marshal(s)
		t.Errorf("%s: a statement without action or resource: %s", role, text)
	}
}
