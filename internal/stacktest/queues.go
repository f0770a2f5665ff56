package stacktest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/provision"
)

// checkQueues: what the mapping's rules send arrives, and nobody else may send;
// partial replies are read; what is given up is kept.
func (s *Stack) checkQueues(t *testing.T) {
	t.Helper()
	for i := range s.Plan.Rules {
		r := &s.Plan.Rules[i]
		if r.Schedule != nil {
			s.checkSchedule(t, r)
			continue
		}
		source := s.named(t, "AWS::Events::Rule")[provision.RuleName(s.Prefix, r.Name)]
		if source == nil {
			continue // has been reported
		}
		target := object(targetsOf(source)[0])
		own := s.ruleARN(r, s.Prefix)
		for _, arn := range []any{target["Arn"], object(target["DeadLetterConfig"])["Arn"]} {
			s.want(t, true, arn, own, Account)
			s.want(t, false, arn, s.ruleARN(r, "other"), Account)
			s.want(t, false, arn, own, "999999999999")
		}
	}
	if len(s.Template.Of("AWS::Lambda::Permission")) > 2 {
		t.Errorf("%d permissions: they have to be as few for many rules", len(s.Template.Of("AWS::Lambda::Permission")))
	}
	for _, m := range s.Template.Of("AWS::Lambda::EventSourceMapping") {
		queue := s.queue(m.Properties["EventSourceArn"])
		if !strings.Contains(fmt.Sprint(m.Properties["FunctionResponseTypes"]), "ReportBatchItemFailures") {
			t.Errorf("%s does not read partial batch responses", m.ID)
		}
		if queue == nil || s.queue(object(queue.Properties["RedrivePolicy"])["deadLetterTargetArn"]) == nil {
			t.Errorf("%s: its queue has no dead-letter queue", m.ID)
		}
	}
}

func (s *Stack) ruleARN(r *mapping.Rule, prefix string) string {
	bus := r.Bus + "/"
	if _, name, ok := strings.Cut(bus, ":event-bus/"); ok {
		bus = name
	}
	if bus == "/" || bus == "default/" {
		bus = ""
	}
	return "arn:aws:events:" + Region + ":" + Account + ":rule/" + bus + provision.RuleName(prefix, r.Name)
}

// want asks whether a rule may send to a queue or invoke the function.
func (s *Stack) want(t *testing.T, want bool, arn any, rule, account string) {
	t.Helper()
	call := Call{
		Service: "events.amazonaws.com", Action: "sqs:SendMessage", Resource: fmt.Sprint(arn),
		Context: map[string]string{"aws:SourceArn": rule, "aws:SourceAccount": account, "aws:SecureTransport": "true"},
	}
	var documents []any
	if s.queue(arn) != nil {
		for _, p := range s.Template.Of("AWS::SQS::QueuePolicy") {
			documents = append(documents, p.Properties["PolicyDocument"])
		}
	} else {
		call.Action = "lambda:InvokeFunction"
		documents = s.permissions(call.Resource)
	}
	got, err := Allows(documents, call)
	if err != nil || got != want {
		t.Errorf("%s from %s of account %s: allowed is %v (%v), want %v", arn, rule, account, got, err, want)
	}
}

// permissions are AWS::Lambda::Permission as policy documents.
func (s *Stack) permissions(function string) []any {
	var documents []any
	for _, p := range s.Template.Of("AWS::Lambda::Permission") {
		documents = append(documents, map[string]any{"Statement": map[string]any{
			"Effect": "Allow", "Principal": map[string]any{"Service": p.Properties["Principal"]},
			"Action": p.Properties["Action"], "Resource": function,
			"Condition": map[string]any{
				"ArnLike":      map[string]any{"aws:SourceArn": p.Properties["SourceArn"]},
				"StringEquals": map[string]any{"aws:SourceAccount": p.Properties["SourceAccount"]},
			},
		}})
	}
	return documents
}

// checkSchedule: the role of a schedule may use its target and its dead-letter
// queue, and Scheduler may use the role for the schedule's group.
func (s *Stack) checkSchedule(t *testing.T, r *mapping.Rule) {
	t.Helper()
	source := s.named(t, "AWS::Scheduler::Schedule")[provision.RuleName(s.Prefix, r.Name)]
	if source == nil {
		return
	}
	target := object(source.Properties["Target"])
	arn := fmt.Sprint(target["RoleArn"])
	role := s.Template.Resources[arn[strings.LastIndexByte(arn, '/')+1:]]
	if role == nil {
		t.Errorf("rule %q: role %s is not in the template", r.Name, arn)
		return
	}
	for _, resource := range []any{target["Arn"], object(target["DeadLetterConfig"])["Arn"]} {
		action := "sqs:SendMessage"
		if s.queue(resource) == nil {
			action = "lambda:InvokeFunction"
		}
		if ok, err := Allows(s.Template.RolePolicies(role.ID), Call{Action: action, Resource: fmt.Sprint(resource)}); !ok || err != nil {
			t.Errorf("rule %q: its schedule may not send to %v: %v", r.Name, resource, err)
		}
	}
	group := r.Schedule.Group
	if group == "" {
		group = "default"
	}
	trust := map[string]any{"Statement": allResources(role.Properties["AssumeRolePolicyDocument"])}
	for name, want := range map[string]bool{group: true, "some-other-group": false} {
		got, err := Allows([]any{trust}, Call{
			Service: "scheduler.amazonaws.com", Action: "sts:AssumeRole", Resource: "role",
			Context: map[string]string{
				"aws:SourceAccount": Account,
				"aws:SourceArn":     "arn:aws:scheduler:" + Region + ":" + Account + ":schedule-group/" + name,
			},
		})
		if got != want || err != nil {
			t.Errorf("rule %q: a schedule of group %q may use the role: %v (%v), want %v", r.Name, name, got, err, want)
		}
	}
}

// allResources is a trust policy's statements, which have no resource.
func allResources(document any) []any {
	var out []any
	for _, s := range many(object(document)["Statement"]) {
		statement := map[string]any{"Resource": "*"}
		for k, v := range object(s) {
			statement[k] = v
		}
		out = append(out, statement)
	}
	return out
}
