package localecs

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func TestFargateCapacity(t *testing.T) {
	f := newFixture(t, Options{Capacity: map[string]int{"FARGATE": 4}})
	if out := f.run(requestN("a", 3)); len(out.Tasks) != 3 || len(out.Failures) != 0 {
		t.Fatalf("got %+v", out)
	}
	out := f.run(requestN("b", 3))
	if len(out.Tasks) != 1 || len(out.Failures) != 2 || *out.Failures[1].Reason != reasonFargate || out.Failures[1].Arn != nil {
		t.Fatalf("got %+v, want one task and two failures", out)
	}
	if c := f.Calls()[1]; c.Outcome != OutcomeLaunched || c.Launched() != 1 || len(c.Failures) != 2 {
		t.Errorf("got call %+v", c)
	}
	f.clock.Advance(2 * time.Minute) // all stopped
	if out := f.run(requestN("c", 5)); len(out.Tasks) != 4 {
		t.Errorf("got %d tasks, want 4", len(out.Tasks))
	}
}

func TestEC2Capacity(t *testing.T) {
	f := newFixture(t, Options{Capacity: map[string]int{"EC2": 1}})
	out := f.run(&ecs.RunTaskInput{Cluster: aws.String("media"), TaskDefinition: aws.String("legacy"), Count: aws.Int32(2)})
	if len(out.Tasks) != 1 || len(out.Failures) != 1 || *out.Failures[0].Reason != "RESOURCE:CPU" || !strings.Contains(*out.Failures[0].Arn, ":container-instance/media/") {
		t.Errorf("got %+v", out)
	}
	in := request("m")
	in.LaunchType = types.LaunchTypeEc2
	if out := f.run(in); *out.Failures[0].Reason != "RESOURCE:MEMORY" {
		t.Errorf("got %+v", out)
	}
}

func TestNoInstances(t *testing.T) {
	f := newFixture(t, Options{Capacity: map[string]int{"EC2": 0}})
	_, err := f.local().RunTask(t.Context(), &ecs.RunTaskInput{Cluster: aws.String("media"), TaskDefinition: aws.String("legacy")})
	var refused *types.InvalidParameterException
	if !errors.As(err, &refused) || refused.ErrorMessage() != "No Container Instances were found in your cluster." {
		t.Errorf("got %v", err)
	}
}

func TestStrategyCapacity(t *testing.T) {
	f := newFixture(t, Options{Capacity: map[string]int{"FARGATE_SPOT": 1}})
	in := requestN("a", 4)
	in.LaunchType = ""
	in.CapacityProviderStrategy = []types.CapacityProviderStrategyItem{
		{CapacityProvider: aws.String("FARGATE"), Base: 1, Weight: 1},
		{CapacityProvider: aws.String("FARGATE_SPOT"), Weight: 2},
	}
	out := f.run(in)
	var providers []string
	for _, k := range out.Tasks {
		providers = append(providers, *k.CapacityProviderName+"/"+string(k.LaunchType))
	}
	// Spot's second task is not placed on FARGATE instead.
	if got, want := strings.Join(providers, " "), "FARGATE/FARGATE FARGATE_SPOT/FARGATE FARGATE/FARGATE"; got != want || len(out.Failures) != 1 {
		t.Errorf("got %s and %d failures, want %s and 1", got, len(out.Failures), want)
	}
}

func TestDistribute(t *testing.T) {
	for _, tt := range []struct {
		strategy []strategyItem
		n        int
		want     string
	}{
		{[]strategyItem{{"a", 1, 0}}, 3, "a a a"},
		{[]strategyItem{{"a", 1, 0}, {"b", 1, 0}}, 4, "a b a b"},
		{[]strategyItem{{"a", 1, 2}, {"b", 3, 0}}, 6, "a a b b a b"},
		{[]strategyItem{{"a", 0, 1}, {"b", 1, 0}}, 3, "a b b"},
		{[]strategyItem{{"a", 1, 100}}, 2, "a a"},
		{[]strategyItem{{"a", 1, 0}}, 0, ""},
	} {
		if got := strings.Join(distribute(tt.strategy, tt.n), " "); got != tt.want {
			t.Errorf("%v, %d: got %s, want %s", tt.strategy, tt.n, got, tt.want)
		}
	}
}

// With the capacity provider of an Auto Scaling group lack of room is no failure of the
// call.
func TestProvisioning(t *testing.T) {
	f := newFixture(t, Options{Capacity: map[string]int{"asg": 1}})
	in := func() *ecs.RunTaskInput {
		return &ecs.RunTaskInput{
			Cluster: aws.String("media"), TaskDefinition: aws.String("legacy"), Count: aws.Int32(10),
			CapacityProviderStrategy: []types.CapacityProviderStrategyItem{{CapacityProvider: aws.String("asg"), Weight: 1}},
		}
	}
	out := f.run(in())
	if len(out.Tasks) != 10 || len(out.Failures) != 0 {
		t.Fatalf("got %+v", out)
	}
	f.clock.Advance(5 * time.Minute)
	var states []string
	for _, k := range f.Tasks() {
		states = append(states, k.LastStatus)
	}
	slices.Sort(states)
	if got := strings.Join(slices.Compact(states), " "); got != "PROVISIONING STOPPED" {
		t.Errorf("got states %s, want one that ran and nine that wait", got)
	}
	var err error
	for range 60 {
		if _, err = f.local().RunTask(t.Context(), in()); err != nil {
			break
		}
	}
	if wantCode(t, err, codeClient); !strings.Contains(err.Error(), "Tasks provisioning capacity limit exceeded.") {
		t.Errorf("got %v", err)
	}
	f.clock.Advance(10 * time.Minute)
	if k := f.Tasks()[1]; k.StopCode != StopTaskFailedToStart || k.LastStatus != "STOPPED" {
		t.Errorf("got %+v", k)
	}
	f.run(in())
}

func TestThrottle(t *testing.T) {
	f := newFixture(t, Options{Throttle: &Throttle{Modify: Bucket{Burst: 3, Refill: 2}, Read: Bucket{Burst: 1, Refill: 1}}})
	call := func(want string) {
		t.Helper()
		_, err := f.local().RunTask(t.Context(), request(""))
		if want == okay {
			if err != nil {
				t.Fatal(err)
			}
			return
		}
		wantCode(t, err, want)
	}
	for range 3 {
		call(okay)
	}
	call(codeThrottling)
	f.clock.Advance(499 * time.Millisecond)
	call(codeThrottling)
	f.clock.Advance(time.Millisecond)
	call(okay)
	call(codeThrottling)
	f.clock.Advance(time.Hour)
	for range 3 {
		call(okay)
	}
	call(codeThrottling)
	if status, m := f.post("ListTasks", `{"cluster":"media"}`); status != 200 {
		t.Errorf("got %v from another bucket", m)
	}
	if status, m := f.post("ListTasks", `{"cluster":"media"}`); status != 400 || m["message"] != "Rate exceeded" {
		t.Errorf("got %v, want Rate exceeded", m)
	}
}

func TestFargateThrottle(t *testing.T) {
	f := newFixture(t, Options{Throttle: DefaultThrottle()})
	var err error
	n := 0
	for ; err == nil && n < 100; n++ {
		_, err = f.local().RunTask(t.Context(), request(""))
	}
	wantCode(t, err, codeThrottling)
	if n != 21 {
		t.Errorf("call %d is throttled, want 21", n)
	}
	if status, m := f.post("RunTask", `{"cluster":"media","taskDefinition":"legacy"}`); status != 200 {
		t.Errorf("EC2: got %v", m)
	}
}
