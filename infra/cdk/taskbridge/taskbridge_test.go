package taskbridge_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/taskbridge/taskbridge/infra/cdk/taskbridge"
	"github.com/taskbridge/taskbridge/internal/stacktest"
	"github.com/taskbridge/taskbridge/internal/verify"
)

// What is deployed for the example launches what its mapping says, in every
// topology.
func TestExample(t *testing.T) {
	events := stacktest.Events(t, filepath.Join(root, "events", "samples"))
	for name, change := range map[string]func(*taskbridge.Props){
		"queue":  func(*taskbridge.Props) {},
		"fifo":   func(p *taskbridge.Props) { p.Fifo = jsii.Bool(true) },
		"direct": func(p *taskbridge.Props) { p.Delivery = taskbridge.DeliveryDirect },
	} {
		t.Run(name, func(t *testing.T) {
			p := props(t)
			change(p)
			s := deployed(t, p, synthesized(t, p))
			s.Check(t)
			s.Drive(t, events)
		})
	}
}

var hash = regexp.MustCompile(`[0-9a-f]{64}`)

// The template changes only if somebody means it to.
func TestGolden(t *testing.T) {
	got := hash.ReplaceAll(synthesized(t, props(t)), []byte("HASH"))
	const file = "testdata/example.template.json"
	if os.Getenv("UPDATE") != "" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got)+"\n" != string(want) {
		t.Errorf("the template of the example differs from %s: UPDATE=1 writes it anew; read the difference", file)
	}
}

// Patterns reach the template byte for byte, whatever CDK would do to them.
func TestVerbatimPattern(t *testing.T) {
	p := props(t)
	p.Mapping = written(t, `version: 1
rules:
  - name: exact
    bus: imports
    match: {"detail":{"n":[9007199254740993,null,2.50],"empty":[""],"${AWS::Region}":["a\u00e9<&>"]},"$or":[{"source":["x"]},{"source":[{"suffix":"y"}]}]}
    task: {taskDefinition: f}
`)
	s := deployed(t, p, synthesized(t, p))
	s.Check(t)
	rules := s.Template.Of("AWS::Events::Rule")
	if got := fmt.Sprint(rules[0].Properties["EventPattern"]); !strings.Contains(got, "[9007199254740993,null,2.50]") {
		t.Errorf("pattern %s", got)
	}
}

// The order of rules in the mapping changes nothing but the plan.
func TestOrder(t *testing.T) {
	one := "  - {name: one, match: {source: [a]}, task: {cluster: c, taskDefinition: f}}\n"
	two := "  - {name: two, schedule: rate(1 hour), task: {cluster: d, taskDefinition: g}}\n"
	var templates []string
	for _, text := range []string{one + two, two + one} {
		p := props(t)
		p.Mapping = written(t, "version: 1\nrules:\n"+text)
		templates = append(templates, hash.ReplaceAllString(string(synthesized(t, p)), "HASH"))
	}
	if templates[0] != templates[1] {
		t.Error("the order of the rules shows in the template")
	}
}

// Policies and permissions are of the same size for one rule and for a hundred.
func TestGrowth(t *testing.T) {
	for _, delivery := range []taskbridge.Delivery{taskbridge.DeliveryQueue, taskbridge.DeliveryDirect} {
		sizes := map[string]int{}
		for _, n := range []int{1, 30, 100} {
			p := props(t)
			p.Mapping, p.Delivery = written(t, many(n)), delivery
			text := synthesized(t, p)
			s := deployed(t, p, text)
			s.Check(t)
			policies := ""
			for _, kind := range []string{"AWS::SQS::QueuePolicy", "AWS::Lambda::Permission"} {
				for _, r := range s.Template.Of(kind) {
					policies += fmt.Sprint(r.Properties)
				}
			}
			sizes[policies] = n
			if len(s.Template.Resources) > 500 || len(text) > 1<<20 {
				t.Errorf("%d rules: %d resources, %d bytes", n, len(s.Template.Resources), len(text))
			}
		}
		if len(sizes) != 1 {
			t.Errorf("%s: policies grow with the rules: %v", delivery, sizes)
		}
	}
}

func TestRefused(t *testing.T) {
	_, stack := app(t)
	cluster := awsecs.NewCfnCluster(stack, jsii.String("Cluster"), nil)
	byEnv := `version: 1
rules:
  - {name: r, match: {source: [s]}, task: {cluster: "${env.CLUSTER}", taskDefinition: "${env.FAMILY}"}}
`
	param := "version: 1\nparams: {bucket: {type: string}}\nrules:\n  - {name: r, match: {source: [\"${param.bucket}\"]}, task: {taskDefinition: f}}\n"
	for _, tt := range []struct {
		change func(*taskbridge.Props)
		want   string
	}{
		{func(p *taskbridge.Props) { p.PassRoles = nil }, "PassRoles is required"},
		{func(p *taskbridge.Props) { p.NoPassRoles = jsii.Bool(true) }, "exclude each other"},
		{func(p *taskbridge.Props) { p.PassRoles = []*string{jsii.String("*")} }, `role of the task definitions: expected the ARN of a role, got "*"`},
		{func(p *taskbridge.Props) { p.PassRoles, p.Lock = nil, lock(t, "transcode") }, `the lock has not seen task definition "audit:12"`},
		{func(p *taskbridge.Props) { p.PassRoles, p.Lock = nil, p.Mapping }, "lock: damaged"},
		{func(p *taskbridge.Props) { p.Mapping = nil }, "Mapping is required"},
		{func(p *taskbridge.Props) { p.Mapping = written(t, "version: 1\nrules: []\n") }, "rules is empty"},
		{func(p *taskbridge.Props) { delete(p.Environment, "SUBNET_A") }, "the mapping reads ${env.SUBNET_A}: put SUBNET_A into Environment"},
		{func(p *taskbridge.Props) { p.Bootstrap = program(t, amd64) }, "built for EM_X86_64, and Architecture wants EM_AARCH64: build it with GOARCH=arm64"},
		{func(p *taskbridge.Props) { p.Bootstrap = p.Mapping }, "no program for Linux"},
		{func(p *taskbridge.Props) { p.Delivery = "pigeon" }, `unknown Delivery "pigeon"`},
		{func(p *taskbridge.Props) { p.Delivery, p.Fifo = taskbridge.DeliveryDirect, jsii.Bool(true) }, "Fifo is for DeliveryQueue"},
		{func(p *taskbridge.Props) { p.NoLaunchesHours = jsii.Number(169) }, "NoLaunchesHours takes 0 to 168"},
		{func(p *taskbridge.Props) { p.BatchSize = jsii.Number(11) }, "BatchSize takes 1 to 10, got 11"},
		{func(p *taskbridge.Props) { p.MaxConcurrency = jsii.Number(1) }, "MaxConcurrency takes 2 to 1000, got 1"},
		{func(p *taskbridge.Props) { p.MaxReceiveCount = jsii.Number(2.5) }, "MaxReceiveCount takes 1 to 1000, got 2.5"},
		{func(p *taskbridge.Props) { p.MemorySize = jsii.Number(64) }, "MemorySize takes 128 to 10240, got 64"},
		{func(p *taskbridge.Props) { p.RulePrefix = jsii.String(strings.Repeat("p", 60)) }, "the name of a rule or schedule, at most 64"},
		{func(p *taskbridge.Props) { p.Mapping = written(t, many(301)) }, `301 rules on event bus "default", at most 300`},
		{func(p *taskbridge.Props) { p.Mapping, p.RuleQuota = written(t, many(301)), jsii.Number(500) }, "at most 10240 (IAM's limit of a role's inline policies)"},
		{func(p *taskbridge.Props) { p.Environment["LONG"] = jsii.String(strings.Repeat("x", 4096)) }, "bytes in the function's environment, at most 4096"},
		{func(p *taskbridge.Props) {
			p.Mapping, p.Params = written(t, param), map[string]any{"bucket": cluster.Ref()}
		}, `param "bucket" is a CDK token`},
		{func(p *taskbridge.Props) {
			p.Mapping, p.Params = written(t, param), map[string]any{"bucket": []*string{jsii.String("a"), cluster.Ref()}}
		}, `param "bucket" is a CDK token`},
		{func(p *taskbridge.Props) {
			p.Mapping, p.Params = written(t, param), map[string]any{"bucket": awscdk.Token_AsList(cluster.Ref(), nil)}
		}, `param "bucket" is a CDK token`},
		{func(p *taskbridge.Props) {
			p.Mapping, p.Params = written(t, param), map[string]any{"bucket": awscdk.Fn_GetAtt(cluster.LogicalId(), jsii.String("Arn"))}
		}, `param "bucket" is a CDK token`},
		{func(p *taskbridge.Props) {
			p.Mapping, p.Params = written(t, param), map[string]any{"bucket": (*string)(nil)}
		}, `parameter "bucket"`},
		{func(p *taskbridge.Props) {
			p.Mapping = written(t, onBus("arn:aws:events:eu-central-1:999999999999:event-bus/theirs"))
		},
			`rule "r": its bus is of account 999999999999, and the stack of 111122223333`},
		{func(p *taskbridge.Props) {
			p.Mapping = written(t, onBus("arn:aws:events:eu-west-1:111122223333:event-bus/far"))
		},
			`rule "r": its bus is of Region eu-west-1, and the stack of eu-central-1`},
		{func(p *taskbridge.Props) {
			p.Mapping = written(t, byEnv)
			p.Environment = map[string]*string{"CLUSTER": cluster.AttrArn(), "FAMILY": jsii.String("f")}
		}, "CLUSTER is a CDK token and decides cluster: give the cluster's name"},
		{func(p *taskbridge.Props) {
			p.Mapping = written(t, byEnv)
			p.Environment = map[string]*string{"CLUSTER": jsii.String("c"), "FAMILY": cluster.Ref()}
		}, "FAMILY is a CDK token and decides taskDefinition"},
	} {
		p := props(t)
		tt.change(p)
		if got := refused(t, p); !strings.Contains(got, tt.want) {
			t.Errorf("got %s\nwant %s", got, tt.want)
		}
	}
}

func onBus(bus string) string {
	return "version: 1\nrules:\n  - {name: r, bus: \"" + bus + "\", match: {source: [s]}, task: {taskDefinition: f}}\n"
}

// A bus may be named by its ARN, the default one too.
func TestBuses(t *testing.T) {
	for _, bus := range []string{"default", "mine", "aws.partner/example.com/123/x"} {
		for _, place := range []string{"", "arn:aws:events:eu-central-1:111122223333:event-bus/"} {
			for _, delivery := range []taskbridge.Delivery{taskbridge.DeliveryQueue, taskbridge.DeliveryDirect} {
				p := props(t)
				p.Mapping, p.Delivery = written(t, onBus(place+bus)), delivery
				deployed(t, p, synthesized(t, p)).Check(t)
			}
		}
	}
}

// lock is a lock that has seen task definitions, each with the role of the tests.
func lock(t *testing.T, definitions ...string) *string {
	t.Helper()
	s := verify.Snapshot{TaskDefinitions: map[string]verify.Seen[verify.TaskDefinition]{}}
	for _, d := range definitions {
		s.TaskDefinitions[d] = verify.Seen[verify.TaskDefinition]{Is: &verify.TaskDefinition{ARN: d, ExecutionRoleARN: role}}
	}
	text, err := verify.MarshalLock(&s)
	if err != nil {
		t.Fatal(err)
	}
	return written(t, string(text))
}

// The roles of a lock are passed.
func TestLock(t *testing.T) {
	p := props(t)
	p.PassRoles, p.Lock = nil, lock(t, "transcode", "audit:12", "resize", "importer", "report", "sync")
	s := deployed(t, p, synthesized(t, p))
	s.Drive(t, stacktest.Events(t, filepath.Join(root, "events", "samples")))
}

// In an app of somebody else: names and roles of its own resources, a key, a
// bucket, parameters; two of them in one stack.
func TestInAnApp(t *testing.T) {
	_, stack := app(t)
	cluster := awsecs.NewCfnCluster(stack, jsii.String("Cluster"), nil)
	tasks := awsiam.NewRole(stack, jsii.String("Tasks"), &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil)})
	p := props(t)
	p.Mapping = written(t, `version: 1
params: {source: {type: string}, on: {type: bool}}
rules:
  - name: r
    enabled: ${param.on}
    match: {source: ["${param.source}"]}
    task: {cluster: "${env.CLUSTER}", taskDefinition: f}
`)
	p.Params = map[string]any{"source": jsii.String("mine"), "on": jsii.Bool(false)}
	p.Environment = map[string]*string{"CLUSTER": cluster.Ref()}
	p.PassRoles = []*string{tasks.RoleArn()}
	p.EncryptionKey = awskms.NewKey(stack, jsii.String("Key"), nil)
	p.NotifyBuckets = []awss3.IBucket{awss3.NewBucket(stack, jsii.String("Bucket"), nil)}
	p.AlarmTopicArn = jsii.String("arn:aws:sns:eu-central-1:111122223333:alarms")
	p.Tracing = jsii.Bool(true)
	p.Architecture, p.Bootstrap = awslambda.Architecture_X86_64(), program(t, amd64)
	taskbridge.NewTaskbridge(stack, jsii.String("Taskbridge"), p)
	q := props(t)
	q.NoAlarms, q.NoDashboard = jsii.Bool(true), jsii.Bool(true)
	other := taskbridge.NewTaskbridge(stack, jsii.String("Other"), q)
	if *other.Function.Node().Path() != stackName+"/Other/Function" {
		t.Errorf("path %s", *other.Function.Node().Path())
	}

	p.Params = map[string]any{"source": "mine", "on": false}
	text := template(t, stack)
	read, err := stacktest.Read(text, map[string]string{"BootstrapVersion": "23"})
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, r := range read.Of("AWS::Events::Rule") {
		names[fmt.Sprint(r.Properties["Name"])+" "+fmt.Sprint(r.Properties["State"])] = true
	}
	for _, want := range []string{"stack-r DISABLED", "stack-Other-audit-upload ENABLED"} {
		if !names[want] {
			t.Errorf("no rule %s in %v", want, names)
		}
	}
	for _, want := range []string{`"aws:SourceArn"`, `"EventBridgeConfiguration"`, `"AlarmActions"`, `"kms:GenerateDataKey"`, `"xray:PutTraceSegments"`, `"x86_64"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in the template", want)
		}
	}
	if strings.Contains(string(text), "Token[") {
		t.Error("a token has become text")
	}
}
