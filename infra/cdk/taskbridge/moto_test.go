//go:build moto

package taskbridge_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/mapping/derive"
	"github.com/taskbridge/taskbridge/internal/provision"
	"github.com/taskbridge/taskbridge/internal/stacktest"
)

// readBack is what tools/moto_deploy.py prints.
type readBack struct {
	Status string
	Rules  []struct {
		Name, Description, State, EventPattern string
		Targets                                []struct {
			Id, Arn          string
			InputTransformer struct{ InputTemplate string }
			DeadLetterConfig struct{ Arn string }
			RetryPolicy      derive.Retry
		}
	}
	Queues    []map[string]string
	Roles     map[string][]any
	Functions []struct{ FunctionArn, Role, Runtime string }
	Mappings  []struct {
		EventSourceArn, FunctionArn string
		BatchSize                   int
		FunctionResponseTypes       []string
		ScalingConfig               struct{ MaximumConcurrency int }
	}
}

// A CloudFormation of other hands deploys the example, and what its services then
// say is there is what the mapping says.
func TestMoto(t *testing.T) {
	p := props(t)
	file := filepath.Join(t.TempDir(), "template.json")
	if err := os.WriteFile(file, synthesized(t, p), 0o644); err != nil {
		t.Fatal(err)
	}
	python := exec.Command(filepath.Join(root, ".venv/moto/bin/python"), filepath.Join(root, "tools/moto_deploy.py"), file)
	python.Stderr = os.Stderr
	out, err := python.Output()
	if err != nil {
		t.Fatalf("%v: make cdk-moto installs moto", err)
	}
	var got readBack
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if got.Status != "CREATE_COMPLETE" || len(got.Functions) != 1 || len(got.Mappings) != 1 || len(got.Queues) != 2 {
		t.Fatalf("%s", out)
	}
	plan := compiled(t, p)
	checkRules(t, &got, derive.SourcesOf(plan))
	checkQueues(t, &got, derive.SourcesOf(plan))
	m := got.Mappings[0]
	if m.FunctionArn != got.Functions[0].FunctionArn || m.BatchSize != provision.BatchSize || m.ScalingConfig.MaximumConcurrency != provision.MaxConcurrency ||
		!reflect.DeepEqual(m.FunctionResponseTypes, []string{"ReportBatchItemFailures"}) {
		t.Errorf("event source mapping %+v", m)
	}
	const ecs = "arn:aws:ecs:eu-central-1:111122223333:"
	for _, tt := range []struct {
		definition, cluster string
		want                bool
	}{
		{"transcode:3", "acme-batch", true}, {"audit:12", "acme-batch", true}, {"audit:13", "acme-batch", false},
		{"transcode2:3", "acme-batch", false}, {"transcode:3", "acme-batch2", false},
	} {
		allowed, err := stacktest.Allows(got.Roles[got.Functions[0].Role], stacktest.Call{
			Action: "ecs:RunTask", Resource: ecs + "task-definition/" + tt.definition, Context: map[string]string{"ecs:cluster": ecs + "cluster/" + tt.cluster},
		})
		if err != nil || allowed != tt.want {
			t.Errorf("%s in %s: allowed is %v (%v), want %v", tt.definition, tt.cluster, allowed, err, tt.want)
		}
	}
}

func checkRules(t *testing.T, got *readBack, want derive.Sources) {
	t.Helper()
	if len(got.Rules) != len(want.Rules) {
		t.Fatalf("%d rules, want %d", len(got.Rules), len(want.Rules))
	}
	for i, w := range want.Rules { // both are sorted by name
		r := got.Rules[i]
		var a, b any
		if err := json.Unmarshal([]byte(r.EventPattern), &a); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(w.Pattern), &b); err != nil {
			t.Fatal(err)
		}
		if r.Name != provision.RuleName(stackName, w.Rule) || r.Description != w.Description || r.State != provision.State(w.Enabled) || !reflect.DeepEqual(a, b) {
			t.Errorf("rule %+v, want %+v", r, w)
		}
		if len(r.Targets) != 1 {
			t.Fatalf("rule %q has %d targets", r.Name, len(r.Targets))
		}
		target := r.Targets[0]
		if target.Arn != got.Mappings[0].EventSourceArn || target.InputTransformer.InputTemplate != w.Template || target.RetryPolicy != w.Retry {
			t.Errorf("target %+v, want %+v", target, w)
		}
		if !strings.Contains(target.DeadLetterConfig.Arn, "DeadLetters") {
			t.Errorf("dead-letter queue %s", target.DeadLetterConfig.Arn)
		}
	}
}

func checkQueues(t *testing.T, got *readBack, sources derive.Sources) {
	t.Helper()
	for _, q := range got.Queues {
		var policy any
		if err := json.Unmarshal([]byte(q["Policy"]), &policy); err != nil {
			t.Fatal(err)
		}
		for prefix, want := range map[string]bool{stackName: true, "other": false} {
			allowed, err := stacktest.Allows([]any{policy}, stacktest.Call{
				Service: "events.amazonaws.com", Action: "sqs:SendMessage", Resource: q["QueueArn"],
				Context: map[string]string{
					"aws:SourceAccount": "111122223333", "aws:SecureTransport": "true",
					"aws:SourceArn": "arn:aws:events:eu-central-1:111122223333:rule/" + provision.RuleName(prefix, sources.Rules[0].Rule),
				},
			})
			if err != nil || allowed != want {
				t.Errorf("%s from a rule of %s: allowed is %v (%v), want %v", q["QueueArn"], prefix, allowed, err, want)
			}
		}
		if q["QueueArn"] == got.Mappings[0].EventSourceArn && !strings.Contains(q["RedrivePolicy"], "DeadLetters") {
			t.Errorf("queue %v", q)
		}
	}
}
