package sam_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/mapping/compile"
	"github.com/taskbridge/taskbridge/internal/provision"
	"github.com/taskbridge/taskbridge/internal/sam"
	"github.com/taskbridge/taskbridge/internal/stacktest"
)

const root = "../.."

const role = "arn:aws:iam::111122223333:role/tasks/worker"

func compiled(t *testing.T, text string) *mapping.Plan {
	t.Helper()
	plan, findings := compile.Compile("taskbridge.yaml", []byte(text))
	if plan == nil {
		t.Fatal(findings)
	}
	return plan
}

func example(t *testing.T) *mapping.Plan {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "taskbridge.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return compiled(t, string(text))
}

func stack(t *testing.T, p *mapping.Plan, text []byte, parameters map[string]string) *stacktest.Stack {
	t.Helper()
	template, err := stacktest.Read(text, parameters)
	if err != nil {
		t.Fatal(err)
	}
	return &stacktest.Stack{Template: template, Plan: p, Prefix: stacktest.StackName, PassRoles: []string{role}}
}

// The template of the repository is what the mapping of the repository gives,
// and what it deploys launches what the mapping says.
func TestExample(t *testing.T) {
	file := filepath.Join(root, "template.yaml")
	generated, err := sam.Template(example(t), sam.Options{CodeURI: "dist/handler/", Defaults: variables})
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, generated, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != string(generated) {
		t.Error("template.yaml is not what the mapping gives: run make sam-template")
	}
	s := stack(t, example(t), text, map[string]string{"PassRoleArns": role})
	s.Check(t)
	s.Drive(t, stacktest.Events(t, filepath.Join(root, "events", "samples")))
}

func TestTopologies(t *testing.T) {
	for _, topology := range []provision.Topology{{}, {FIFO: true}, {Direct: true}} {
		t.Run(fmt.Sprintf("%+v", topology), func(t *testing.T) {
			p := example(t)
			text, err := sam.Template(p, sam.Options{Topology: topology, CodeURI: "code", Defaults: variables})
			if err != nil {
				t.Fatal(err)
			}
			s := stack(t, p, text, map[string]string{"PassRoleArns": role})
			s.Check(t)
			s.Drive(t, stacktest.Events(t, filepath.Join(root, "events", "samples")))
		})
	}
}

var variables = map[string]string{
	"SUBNET_A": "subnet-0a1b2c3d4e5f60718", "SUBNET_B": "subnet-0f1e2d3c4b5a69788", "SECURITY_GROUP": "sg-0123456789abcdef0",
}

// Without an answer about the roles of the task definitions there is no
// template: the parameter has no default.
func TestPassRolesHaveToBeSaid(t *testing.T) {
	text, err := sam.Template(example(t), sam.Options{Defaults: variables})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stacktest.Read(text, nil); err == nil || !strings.Contains(err.Error(), "PassRoleArns") {
		t.Errorf("got %v", err)
	}
	s := stack(t, example(t), text, map[string]string{"PassRoleArns": "none"})
	s.PassRoles = nil
	s.Check(t)
}

// many is a mapping of n rules, each with a task definition of its own.
func many(n int) string {
	var b strings.Builder
	b.WriteString("version: 1\nrules:\n")
	for i := range n {
		fmt.Fprintf(&b, "  - name: rule-%d\n    match: {source: [s%d]}\n    task: {cluster: c%d, taskDefinition: family-%d}\n", i, i, i%3, i)
	}
	return b.String()
}

func TestGrowth(t *testing.T) {
	var policies []string
	for _, n := range []int{1, 30, 100} {
		p := compiled(t, many(n))
		text, err := sam.Template(p, sam.Options{})
		if err != nil {
			t.Fatal(err)
		}
		s := stack(t, p, text, map[string]string{"PassRoleArns": role})
		s.Check(t)
		size := ""
		for _, q := range s.Template.Of("AWS::SQS::QueuePolicy") {
			size += fmt.Sprint(q.Properties)
		}
		policies = append(policies, size)
	}
	if policies[0] != policies[1] || policies[0] != policies[2] {
		t.Errorf("queue policies grow with the rules: %q", policies)
	}
}

func TestLimits(t *testing.T) {
	long := "version: 1\nrules:\n  - {name: " + strings.Repeat("a", 70) + ", match: {source: [s]}, task: {taskDefinition: f}}\n"
	for _, tt := range []struct{ mapping, want string }{
		{many(301), `301 rules on event bus "default", at most 300 (EventBridge's quota of rules for a bus): merge rules`},
		{many(250), "characters in the policies of the function's role, at most 10240 (IAM's limit of a role's inline policies): use fewer"},
		{long, "EventBridge's limit): shorten the prefix or the rule's name"},
	} {
		plan, findings := compile.Compile("taskbridge.yaml", []byte(tt.mapping))
		if plan == nil {
			t.Log(findings) // the compiler knows this limit too
			continue
		}
		if _, err := sam.Template(plan, sam.Options{}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
}

// The order of the rules in the mapping does not show.
func TestOrder(t *testing.T) {
	p := example(t)
	want, err := sam.Template(p, sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(p.Rules)
	got, err := sam.Template(p, sam.Options{})
	if err != nil || string(got) != string(want) {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
}

// CloudFormation reads YAML 1.1, in which OFF, on and yes are booleans.
func TestWordsThatAreNoText(t *testing.T) {
	p := compiled(t, "version: 1\nrules:\n  - {name: \"on\", description: \"Yes\", schedule: rate(1 hour), task: {cluster: \"off\", taskDefinition: \"1_0\"}}\n")
	text, err := sam.Template(p, sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`Mode: "OFF"`, `Description: "Yes"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	stack(t, p, text, map[string]string{"PassRoleArns": role}).Check(t)
}

// Names that a logical id cannot tell apart, patterns that YAML would change.
func TestHardNames(t *testing.T) {
	pattern := `{"detail":{"n":[9007199254740993,null,1e3],"${AWS::Region}":["a\u00e9"]},"$or":[{"source":["x"]},{"source":[{"suffix":"y"}]}]}`
	p := compiled(t, "version: 1\nrules:\n"+
		"  - {name: a-1, match: "+pattern+", task: {taskDefinition: f}}\n"+
		"  - {name: a1, match: "+pattern+", task: {taskDefinition: f}}\n"+
		"  - {name: A1, match: "+pattern+", task: {taskDefinition: f}}\n")
	text, err := sam.Template(p, sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := stack(t, p, text, map[string]string{"PassRoleArns": role})
	s.Check(t)
	for _, n := range []string{"9007199254740993", "null"} {
		if !strings.Contains(fmt.Sprint(s.Template.Of("AWS::Events::Rule")[0].Properties["EventPattern"]), n) {
			t.Errorf("pattern lost %s", n)
		}
	}
}

// The sizes of the stack are the deployer's.
func TestSizes(t *testing.T) {
	p := example(t)
	const key = "arn:aws:kms:eu-central-1:111122223333:key/0a1b"
	text, err := sam.Template(p, sam.Options{Topology: provision.Topology{FIFO: true}, Defaults: variables})
	if err != nil {
		t.Fatal(err)
	}
	s := stack(t, p, text, map[string]string{
		"PassRoleArns": role, "MemorySize": "512", "Timeout": "300", "ReservedConcurrency": "7", "BatchSize": "3", "MaximumConcurrency": "9", "LogRetentionDays": "90", "KmsKeyArn": key,
		"MaxReceiveCount": "4", "NoLaunchesHours": "72",
	})
	s.Check(t)
	for _, q := range s.Template.Of("AWS::SQS::Queue") {
		if q.Properties["KmsMasterKeyId"] != key || q.Properties["SqsManagedSseEnabled"] != nil {
			t.Errorf("%s is not encrypted by the key: %v", q.ID, q.Properties)
		}
	}
	for _, name := range []string{"HandlerRole", "SchedulerRole"} {
		for _, action := range []string{"kms:Decrypt", "kms:GenerateDataKey"} {
			if ok, err := stacktest.Allows(s.Template.RolePolicies(name), stacktest.Call{Action: action, Resource: key}); !ok {
				t.Errorf("%s may not %s: %v", name, action, err)
			}
		}
	}
	got := fmt.Sprint(s.Template.Resources["Events"].Properties, s.Function(t).Properties, s.Template.Resources["HandlerLogs"].Properties, s.Template.Resources["NoLaunchesAlarm"].Properties)
	for _, want := range []string{"VisibilityTimeout:1800", "MemorySize:512", "Timeout:300", "ReservedConcurrentExecutions:7", "BatchSize:3", "MaximumConcurrency:9", "RetentionInDays:90", "maxReceiveCount:4", "EvaluationPeriods:72", "launched for 72 hours"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}

// Variables that are called like the template's own parameters and resources.
func TestNamesOfVariables(t *testing.T) {
	var environment, parameters = "", map[string]string{"PassRoleArns": role}
	names := []string{"TIMEOUT", "MEMORY_SIZE", "HANDLER", "EVENTS", "DASHBOARD", "R_RULE", "KMS_KEY", "ALARM_TOPIC", "NO_LAUNCHES_HOURS"}
	for _, name := range names {
		environment += name + ": \"${env[?'" + name + "'].orValue('')}\", "
	}
	p := compiled(t, "version: 1\nrules:\n  - name: r\n    match: {source: [s]}\n    task:\n      taskDefinition: f\n      overrides:\n        containerOverrides: [{name: c, environment: {"+environment+"}}]\n")
	defaults := map[string]string{}
	for _, name := range names {
		defaults[name] = "value of " + name
	}
	text, err := sam.Template(p, sam.Options{Defaults: defaults})
	if err != nil {
		t.Fatal(err)
	}
	s := stack(t, p, text, parameters)
	s.Check(t)
	got := fmt.Sprint(s.Function(t).Properties)
	for _, name := range names {
		if !strings.Contains(got, name+":value of "+name) {
			t.Errorf("no %s in %s", name, got)
		}
	}
	if !strings.Contains(got, "Timeout:60") || s.Template.Of("AWS::SQS::Queue")[0].Properties["KmsMasterKeyId"] != nil {
		t.Errorf("a variable has become a setting: %s", got)
	}
}
