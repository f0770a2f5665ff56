package localecs

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func (f *fixture) describe(arn *string) types.Task {
	f.t.Helper()
	out, err := f.local().DescribeTasks(f.t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("media"), Tasks: []string{*arn}})
	if err != nil || len(out.Tasks) != 1 {
		f.t.Fatalf("got %v, %v", out, err)
	}
	return out.Tasks[0]
}

func TestLifecycle(t *testing.T) {
	f := newFixture(t, Options{Lifecycle: Lifecycle{
		Provisioning: 1 * time.Second, Pending: 2 * time.Second, Activating: 3 * time.Second, Running: 4 * time.Second,
		Deactivating: 5 * time.Second, Stopping: 6 * time.Second, Deprovisioning: 7 * time.Second, ExitCode: 3,
	}})
	arn := f.run(request("t")).Tasks[0].TaskArn
	for _, tt := range []struct {
		at                       int // seconds
		last, desired, container string
	}{
		{0, "PROVISIONING", "RUNNING", "PENDING"}, {1, "PENDING", "RUNNING", "PENDING"}, {3, "ACTIVATING", "RUNNING", "PENDING"},
		{6, "RUNNING", "RUNNING", "RUNNING"}, {9, "RUNNING", "RUNNING", "RUNNING"},
		{10, "DEACTIVATING", "STOPPED", "STOPPED"}, {15, "STOPPING", "STOPPED", "STOPPED"}, {21, "DEPROVISIONING", "STOPPED", "STOPPED"},
		{28, "STOPPED", "STOPPED", "STOPPED"},
	} {
		f.clock.Set(testStart.Add(time.Duration(tt.at) * time.Second))
		k := f.describe(arn)
		if *k.LastStatus != tt.last || *k.DesiredStatus != tt.desired || *k.Containers[0].LastStatus != tt.container {
			t.Errorf("after %d s: got %s, %s, %s, want %s, %s, %s", tt.at, *k.LastStatus, *k.DesiredStatus, *k.Containers[0].LastStatus, tt.last, tt.desired, tt.container)
		}
	}
	k := f.describe(arn)
	if k.StopCode != types.TaskStopCodeEssentialContainerExited || *k.Containers[1].ExitCode != 3 || k.Version != 8 ||
		!k.StartedAt.Equal(testStart.Add(6*time.Second)) || !k.StoppingAt.Equal(testStart.Add(10*time.Second)) || !k.StoppedAt.Equal(testStart.Add(28*time.Second)) {
		t.Errorf("got %+v", k)
	}
	f.clock.Advance(time.Hour - 1)
	f.describe(arn)
	f.clock.Advance(1)
	out, err := f.local().DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("media"), Tasks: []string{*arn}})
	if err != nil || len(out.Tasks) != 0 || *out.Failures[0].Reason != "MISSING" || *out.Failures[0].Arn != *arn {
		t.Errorf("an hour after stopping: got %+v, %v, want MISSING", out, err)
	}
	if s := f.Tasks(); len(s) != 1 || s[0].LastStatus != "STOPPED" || s[0].StoppedReason == "" {
		t.Errorf("got %+v", s)
	}
}

func TestTaskFailedToStart(t *testing.T) {
	f := newFixture(t, Options{Lifecycles: map[string]Lifecycle{"transcode": {
		Provisioning: time.Second, Pending: time.Second, Running: time.Hour, Deprovisioning: time.Second,
		StopCode: StopTaskFailedToStart, StoppedReason: "CannotPullContainerError: not found",
	}}})
	arn := f.run(request("t")).Tasks[0].TaskArn
	f.clock.Advance(2 * time.Second)
	if k := f.describe(arn); *k.LastStatus != "DEPROVISIONING" || *k.DesiredStatus != "STOPPED" {
		t.Errorf("got %s", *k.LastStatus)
	}
	f.clock.Advance(time.Second)
	k := f.describe(arn)
	if *k.LastStatus != "STOPPED" || k.StopCode != types.TaskStopCodeTaskFailedToStart || *k.StoppedReason != "CannotPullContainerError: not found" || k.Containers[0].ExitCode != nil || k.StartedAt != nil {
		t.Errorf("got %+v", k)
	}
}

func TestStopTask(t *testing.T) {
	l := Lifecycle{Provisioning: 10 * time.Second, Running: Forever, Deactivating: time.Second, Deprovisioning: time.Second}
	stop := func(f *fixture, task string) (*ecs.StopTaskOutput, error) {
		return f.local().StopTask(t.Context(), &ecs.StopTaskInput{Cluster: aws.String("media"), Task: &task, Reason: aws.String("enough")})
	}
	t.Run("running", func(t *testing.T) {
		f := newFixture(t, Options{Lifecycle: l})
		arn := *f.run(request("t")).Tasks[0].TaskArn
		f.clock.Advance(time.Minute)
		out, err := stop(f, arn[len(arn)-32:])
		if err != nil || *out.Task.LastStatus != "DEACTIVATING" || *out.Task.DesiredStatus != "STOPPED" {
			t.Fatalf("got %+v, %v", out, err)
		}
		f.clock.Advance(time.Second)
		if out, err := stop(f, arn); err != nil || *out.Task.LastStatus != "DEPROVISIONING" {
			t.Errorf("stopping again: got %+v, %v", out, err)
		}
		f.clock.Advance(time.Second)
		if k := f.describe(&arn); *k.LastStatus != "STOPPED" || k.StopCode != types.TaskStopCodeUserInitiated || *k.StoppedReason != "enough" || *k.Containers[0].ExitCode != 143 {
			t.Errorf("got %+v", k)
		}
	})
	t.Run("not started yet", func(t *testing.T) {
		f := newFixture(t, Options{Lifecycle: l})
		arn := *f.run(request("t")).Tasks[0].TaskArn
		f.clock.Advance(time.Second)
		if out, err := stop(f, arn); err != nil || *out.Task.LastStatus != "DEPROVISIONING" {
			t.Fatalf("got %+v, %v", out, err)
		}
		f.clock.Advance(time.Second)
		if k := f.describe(&arn); *k.LastStatus != "STOPPED" || k.Containers[0].ExitCode != nil {
			t.Errorf("got %+v", k)
		}
	})
	t.Run("unknown", func(t *testing.T) {
		f := newFixture(t, Options{})
		_, err := stop(f, idHex(1, 2, 3))
		wantCode(t, err, codeInvalidParameter)
		_, err = stop(f, "short")
		wantCode(t, err, codeInvalidParameter)
	})
}

// An instant life ends before anybody can look.
func TestShortLife(t *testing.T) {
	f := newFixture(t, Options{Lifecycle: Lifecycle{Provisioning: 1}})
	arn := f.run(request("t")).Tasks[0].TaskArn
	f.clock.Advance(1)
	if k := f.describe(arn); *k.LastStatus != "STOPPED" || *k.Containers[0].ExitCode != 0 {
		t.Errorf("got %+v", k)
	}
}

func TestListTasks(t *testing.T) {
	f := newFixture(t, Options{})
	for range 25 {
		in := requestN("", 10)
		in.StartedBy = aws.String("rule")
		f.run(in)
	}
	f.run(&ecs.RunTaskInput{Cluster: aws.String("media"), TaskDefinition: aws.String("legacy")})
	p := ecs.NewListTasksPaginator(f.local(), &ecs.ListTasksInput{Cluster: aws.String("media"), StartedBy: aws.String("rule")})
	seen := map[string]bool{}
	pages := 0
	for p.HasMorePages() {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, arn := range page.TaskArns {
			seen[arn] = true
		}
	}
	if pages != 3 || len(seen) != 250 {
		t.Errorf("got %d tasks on %d pages, want 250 on 3", len(seen), pages)
	}
	count := func(in *ecs.ListTasksInput) int {
		in.Cluster = aws.String("media")
		out, err := f.local().ListTasks(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		return len(out.TaskArns)
	}
	if n := count(&ecs.ListTasksInput{Family: aws.String("legacy"), LaunchType: types.LaunchTypeEc2}); n != 1 {
		t.Errorf("got %d of family legacy, want 1", n)
	}
	if n := count(&ecs.ListTasksInput{DesiredStatus: types.DesiredStatusStopped}); n != 0 {
		t.Errorf("got %d stopped, want none", n)
	}
	f.clock.Advance(10 * time.Minute)
	if n := count(&ecs.ListTasksInput{}); n != 0 {
		t.Errorf("got %d running, want none", n)
	}
	if n := count(&ecs.ListTasksInput{DesiredStatus: types.DesiredStatusStopped, MaxResults: aws.Int32(7)}); n != 7 {
		t.Errorf("got %d stopped, want 7", n)
	}
	for _, in := range []*ecs.ListTasksInput{
		{StartedBy: aws.String("x"), DesiredStatus: types.DesiredStatusStopped},
		{MaxResults: aws.Int32(101)}, {NextToken: aws.String("x")}, {DesiredStatus: "DONE"},
	} {
		in.Cluster = aws.String("media")
		_, err := f.local().ListTasks(t.Context(), in)
		wantCode(t, err, codeInvalidParameter)
	}
}

func TestDescribeTasks(t *testing.T) {
	f := newFixture(t, Options{})
	in := request("t")
	in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}
	in.EnableECSManagedTags = true
	arn := *f.run(in).Tasks[0].TaskArn
	if k := f.describe(&arn); len(k.Tags) != 0 {
		t.Errorf("got tags %v without asking", k.Tags)
	}
	out, err := f.local().DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("media"), Tasks: []string{arn, idHex(1, 1, 1)}, Include: []types.TaskField{types.TaskFieldTags}})
	if err != nil || len(out.Tasks) != 1 || len(out.Tasks[0].Tags) != 2 || len(out.Failures) != 1 {
		t.Errorf("got %+v, %v", out, err)
	}
	for _, tasks := range [][]string{{}, {"x"}, make([]string, 101)} {
		_, err := f.local().DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("media"), Tasks: tasks})
		wantCode(t, err, codeInvalidParameter)
	}
}
