package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"github.com/taskbridge/taskbridge/internal/provision"
)

func TestMain(m *testing.M) {
	if _, err := exec.LookPath("node"); err != nil {
		if os.Getenv("CI") != "" {
			fmt.Fprintln(os.Stderr, "the tests of the CDK app need Node")
			os.Exit(1)
		}
		fmt.Fprintln(os.Stderr, "left out: the tests of the CDK app need Node")
		return
	}
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// given is an app with a context.
func given(t *testing.T, context map[string]any) awscdk.App {
	t.Helper()
	return awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir()), Context: &context, AnalyticsReporting: jsii.Bool(false)})
}

// The project's own cdk.json sets the app up.
func TestSettings(t *testing.T) {
	t.Setenv("CDK_OUTDIR", "")
	props, err := appProps("cdk.json")
	if err != nil {
		t.Fatal(err)
	}
	s, err := settingsOf(given(t, *props.Context))
	if err != nil {
		t.Fatal(err)
	}
	p := s.props
	if *p.Mapping != "../../taskbridge.yaml" || s.stackName != "Taskbridge" || len(p.Environment) != 3 || len(p.PassRoles) != 2 {
		t.Errorf("%+v", s)
	}
}

// Whatever is wrong is said at once, with the setting and what it takes.
func TestWrongSettings(t *testing.T) {
	if _, err := settingsOf(given(t, nil)); err == nil || err.Error() != `cdk.json has no object "taskbridge" in its context` {
		t.Error(err)
	}
	_, err := settingsOf(given(t, map[string]any{
		"taskbridge": map[string]any{
			"maping": "x", "colour": "red", "fifo": "yes", "environment": map[string]any{"N": 1, "S": "s"}, "notifyBuckets": []any{1},
			"mapping": "", "architecture": "arm", "delivery": true,
		},
		"memory-size": "1", "timeout": "1000", "batchSize": "many", "logRetentionDays": "15", "encryptionKeyArn": "alias/mine", "memorySize": 12.5,
		"params": "{", "passRoles": map[string]any{}, "@aws-cdk/core:checkSecretUsage": true, "vpc-provider:account=1": "vpc-1",
	}))
	want := []string{
		`the settings in cdk.json or by -c are wrong:`,
		`unknown setting "colour", expected one of account, alarmTopicArn, `,
		`unknown setting "maping", did you mean "mapping"?`,
		`unknown setting "memory-size", did you mean "memorySize"?`,
		`architecture takes arm64 or x86_64, got "arm"`,
		`batchSize takes 1 to 10, got "many"`,
		`delivery takes direct or queue, got true`,
		`encryptionKeyArn takes the ARN of a KMS key, arn:aws:kms:REGION:ACCOUNT:key/ID, got "alias/mine"`,
		`environment.N takes text, got 1`,
		`fifo takes true or false, got "yes"`,
		`logRetentionDays takes one of 1, 3, 5, 7, 14, 30, `,
		`mapping takes text, got ""`,
		`memorySize takes 128 to 10240, got 12.5 (Lambda's limits)`,
		`notifyBuckets takes a list of texts (with -c separated by commas), got [1]`,
		`params takes an object (with -c as JSON text), got "{"`,
		`passRoles takes a list of texts (with -c separated by commas), got {}`,
		`timeout in seconds takes 1 to 900, got 1000 (Lambda's limits)`,
	}
	if err == nil {
		t.Fatal("no error")
	}
	got := strings.Split(err.Error(), "\n")
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || !strings.HasPrefix(got[i], want[i]) {
			t.Fatalf("line %d of\n%s\nwant\n%s", i+1, err, strings.Join(want, "\n"))
		}
	}
}

// -c goes before cdk.json, and everything gets to the template.
func TestSettingsOfTheCommandLine(t *testing.T) {
	const key = "arn:aws:kms:eu-central-1:111122223333:key/0a1b"
	bootstrap := filepath.Join(t.TempDir(), "bootstrap")
	build := exec.Command("go", "build", "-o", bootstrap, "./cmd/handler")
	build.Dir = "../.."
	build.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	app := given(t, map[string]any{
		"taskbridge": map[string]any{
			"mapping": "../../taskbridge.yaml", "passRoles": []any{"first"}, "memorySize": 256, "timeout": 30, "noLaunchesHours": 72,
			"environment": map[string]any{"SUBNET_A": "subnet-1", "SUBNET_B": "subnet-2"}, "account": "111122223333", "region": "eu-central-1",
		},
		"memorySize": "512", "timeout": "45", "reservedConcurrency": "9", "logRetentionDays": "90", "architecture": "x86_64", "bootstrap": bootstrap,
		"batchSize": "3", "maxConcurrency": "8", "maxReceiveCount": "4", "encryptionKeyArn": key, "passRoles": "second,third", "noDashboard": "true",
		"environment": `{"SUBNET_A":"subnet-3","SUBNET_B":"subnet-4","SECURITY_GROUP":"sg-5"}`, "rulePrefix": "mine", "tracing": "true",
		"alarmTopicArn": "arn:aws:sns:eu-central-1:111122223333:alarms", "stackName": "Other",
	})
	s, err := settingsOf(app)
	if err != nil {
		t.Fatal(err)
	}
	stack := s.stack(app)
	text, err := json.Marshal(assertions.Template_FromStack(stack, nil).ToJSON())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"MemorySize":512`, `"Timeout":45`, `"VisibilityTimeout":270`, `"ReservedConcurrentExecutions":9`, `"RetentionInDays":90`, `"Architectures":["x86_64"]`,
		`"BatchSize":3`, `"MaximumConcurrency":8`, `"maxReceiveCount":4`, `"KmsMasterKeyId":"` + key + `"`, `role/second`, `role/third`, `"subnet-3"`,
		`"Name":"mine-`, `"Mode":"Active"`, `"EvaluationPeriods":72`, `:alarms"`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s", want)
		}
	}
	for _, leftOut := range []string{"role/first", "subnet-1", "AWS::CloudWatch::Dashboard"} {
		if strings.Contains(string(text), leftOut) {
			t.Errorf("there is %s", leftOut)
		}
	}
	if t.Failed() {
		t.Logf("%s", text)
	}
	if *stack.StackName() != "Other" {
		t.Error(*stack.StackName())
	}
}

// The two lists are one, and docs/operations.md has each setting.
func TestSettingsAreDocumented(t *testing.T) {
	if len(retentions) != len(provision.LogRetentions) {
		t.Errorf("%d names for %d retentions", len(retentions), len(provision.LogRetentions))
	}
	docs, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	s := &settings{}
	for name := range s.readers() {
		if !strings.Contains(string(docs), "\n| `"+name+"` |") {
			t.Errorf("docs/operations.md has no row for %s", name)
		}
	}
	for name, value := range map[string]int{
		"batchSize": provision.BatchSize, "maxConcurrency": provision.MaxConcurrency, "maxReceiveCount": provision.MaxReceiveCount, "memorySize": provision.MemorySize,
		"timeout": provision.Timeout, "logRetentionDays": provision.LogRetention, "noLaunchesHours": provision.NoLaunchesHours,
		"ruleQuota": provision.DefaultQuotas.RulesPerBus, "patternQuota": provision.DefaultQuotas.PatternCharacters,
	} {
		if row := fmt.Sprintf("| `%s` | %d |", name, value); !strings.Contains(string(docs), row) {
			t.Errorf("docs/operations.md does not have %s", row)
		}
	}
}
