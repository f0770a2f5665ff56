package stacktest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/mapping/compile"
	"github.com/taskbridge/taskbridge/internal/sam"
	"github.com/taskbridge/taskbridge/internal/stacktest"
)

const text = `version: 1
rules:
  - {name: one, match: {source: [a]}, task: {cluster: c, taskDefinition: f}}
  - {name: two, schedule: rate(1 hour), task: {cluster: c, taskDefinition: "${env.FAMILY}"}}
`

func stack(t *testing.T, change func(string) string) *stacktest.Stack {
	t.Helper()
	plan, findings := compile.Compile("taskbridge.yaml", []byte(text))
	if plan == nil {
		t.Fatal(findings)
	}
	return of(t, plan, change)
}

func of(t *testing.T, plan *mapping.Plan, change func(string) string) *stacktest.Stack {
	t.Helper()
	template, err := sam.Template(plan, sam.Options{Defaults: map[string]string{"FAMILY": "g"}})
	if err != nil {
		t.Fatal(err)
	}
	changed := change(string(template))
	read, err := stacktest.Read([]byte(changed), map[string]string{"PassRoleArns": "none"})
	if err != nil {
		t.Fatal(err)
	}
	return &stacktest.Stack{Template: read, Plan: plan, Prefix: stacktest.StackName}
}

func same(s string) string { return s }

// What is changed in a template is a difference; a renamed resource is none.
func TestDifferences(t *testing.T) {
	stack(t, same).Check(t)
	rename := strings.NewReplacer("DeadLetters", "GivenUp", "HandlerRole", "Allowed", "Events.Arn", "Waiting.Arn", "Ref Events\n", "Ref Waiting\n", "\n  Events:", "\n  Waiting:", "Events.QueueName", "Waiting.QueueName").Replace
	if found := stacktest.Differences(t, stack(t, same), stack(t, rename)); len(found) > 0 {
		t.Errorf("%s", found)
	}
	for _, change := range [][2]string{
		{"MaximumRetryAttempts: 185", "MaximumRetryAttempts: 184"},
		{"task-definition/f:*", "task-definition/*"},
		{"rate(1 hour)", "rate(2 hours)"},
		{"Visibility: 360", "Visibility: 30"},
		{"Threshold: 900", "Threshold: 901"},
		{"Handler: bootstrap", "Handler: other"},
	} {
		changed := stack(t, func(s string) string {
			if !strings.Contains(s, change[0]) {
				t.Fatalf("the template has no %s", change[0])
			}
			return strings.Replace(s, change[0], change[1], 1)
		})
		if len(stacktest.Differences(t, stack(t, same), changed)) == 0 {
			t.Errorf("%v is no difference", change)
		}
	}
}

func TestAllows(t *testing.T) {
	statement := func(effect, action, resource string, condition map[string]any) map[string]any {
		return map[string]any{"Effect": effect, "Action": action, "Resource": []any{resource}, "Condition": condition}
	}
	likeA := map[string]any{"ArnLike": map[string]any{"aws:SourceArn": []any{"arn:a-*", "arn:b"}}}
	for i, tt := range []struct {
		statements []any
		context    map[string]string
		want       bool
	}{
		{nil, nil, false},
		{[]any{statement("Allow", "ecs:RunTask", "r", nil)}, nil, true},
		{[]any{statement("Allow", "ECS:Run*", "?", nil)}, nil, true},
		{[]any{statement("Allow", "ecs:RunTask", "r*x", nil)}, nil, false},
		{[]any{statement("Allow", "ecs:StopTask", "r", nil)}, nil, false},
		{[]any{statement("Allow", "ecs:RunTask", "r", nil), statement("Deny", "ecs:*", "*", nil)}, nil, false},
		{[]any{statement("Allow", "ecs:RunTask", "r", likeA)}, map[string]string{"aws:SourceArn": "arn:a-1"}, true},
		{[]any{statement("Allow", "ecs:RunTask", "r", likeA)}, map[string]string{"aws:SourceArn": "arn:b-1"}, false},
		{[]any{statement("Allow", "ecs:RunTask", "r", likeA)}, nil, false},
		{[]any{statement("Allow", "ecs:RunTask", "r", map[string]any{"StringEqualsIfExists": map[string]any{"k": "v"}})}, nil, true},
		{[]any{statement("Allow", "ecs:RunTask", "r", map[string]any{"StringEqualsIfExists": map[string]any{"k": "v"}})}, map[string]string{"k": "w"}, false},
	} {
		got, err := stacktest.Allows([]any{map[string]any{"Statement": tt.statements}}, stacktest.Call{Action: "ecs:RunTask", Resource: "r", Context: tt.context})
		if err != nil || got != tt.want {
			t.Errorf("%d: got %v, %v, want %v", i, got, err, tt.want)
		}
	}
	odd := statement("Allow", "ecs:RunTask", "r", map[string]any{"DateLessThan": map[string]any{"k": "v"}})
	if _, err := stacktest.Allows([]any{map[string]any{"Statement": odd}}, stacktest.Call{Action: "ecs:RunTask", Resource: "r", Context: map[string]string{"k": "v"}}); err == nil {
		t.Error("an unknown operator is no error")
	}
}

func TestRead(t *testing.T) {
	read, err := stacktest.Read([]byte(`
Parameters: {P: {Type: String}, L: {Type: CommaDelimitedList, Default: "a,b"}}
Conditions: {Yes: !Equals [!Ref P, p], No: !Not [!Condition Yes]}
Resources:
  Q: {Type: AWS::SQS::Queue}
  R:
    Type: T
    Properties:
      A: !Sub "${P}-${AWS::Region}-${Q.Arn}"
      B: !If [No, x, !Ref AWS::NoValue]
      C: !If [Yes, [!Ref L], x]
      D: {"Fn::Join": [":", [{"Ref": P}, {"Fn::Select": ["1", {"Fn::Split": ["/", "x/y"]}]}]]}
`), map[string]string{"P": "p"})
	if err != nil {
		t.Fatal(err)
	}
	want := "map[A:p-eu-central-1-arn:aws:sqs:eu-central-1:111122223333:Q C:[[a b]] D:p:y]"
	if got := fmt.Sprint(read.Resources["R"].Properties); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, bad := range []string{"Resources: {R: {Type: T, Properties: {A: !Ref Nothing}}}", "Resources: {R: {Type: T, Properties: {A: !Cidr [x]}}}", "Parameters: {P: {Type: String}}"} {
		if _, err := stacktest.Read([]byte(bad), nil); err == nil {
			t.Errorf("%s is read", bad)
		}
	}
}
