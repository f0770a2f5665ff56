package localecs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func (f *fixture) run(in *ecs.RunTaskInput) *ecs.RunTaskOutput {
	f.t.Helper()
	out, err := f.local().RunTask(f.t.Context(), in)
	if err != nil {
		f.t.Fatal(err)
	}
	return out
}

func arns(tasks []types.Task) []string {
	var list []string
	for _, t := range tasks {
		list = append(list, *t.TaskArn)
	}
	return list
}

func (f *fixture) outcomes() string {
	var list []string
	for _, c := range f.Calls() {
		list = append(list, string(c.Outcome))
	}
	return strings.Join(list, " ")
}

func TestReplay(t *testing.T) {
	f := newFixture(t, Options{Capacity: map[string]int{"FARGATE": 2}})
	first := f.run(requestN("t", 3))
	if len(first.Tasks) != 2 || len(first.Failures) != 1 {
		t.Fatalf("got %d tasks and %d failures, want 2 and 1", len(first.Tasks), len(first.Failures))
	}
	f.clock.Advance(30 * time.Second)
	again := f.run(requestN("t", 3))
	if !slices.Equal(arns(first.Tasks), arns(again.Tasks)) || *again.Failures[0].Reason != reasonFargate {
		t.Errorf("got %v and %v, want the first answer", arns(again.Tasks), again.Failures)
	}
	if *again.Tasks[0].LastStatus != "RUNNING" || again.Tasks[0].Group == nil {
		t.Errorf("got %+v, want the whole task as it is now", again.Tasks[0])
	}
	f.clock.Advance(2 * time.Minute)
	again = f.run(requestN("t", 3))
	k := again.Tasks[0]
	if *k.LastStatus != "STOPPED" || *k.DesiredStatus != "STOPPED" || k.Group != nil || k.StoppedReason != nil || len(k.Containers) != 0 {
		t.Errorf("got %+v, want only ARN and status of a stopped task", k)
	}
	if got, want := f.outcomes(), "launched replayed replayed"; got != want || len(f.Tasks()) != 2 {
		t.Errorf("got outcomes %s and %d tasks, want %s and 2", got, len(f.Tasks()), want)
	}
}

func TestConflict(t *testing.T) {
	f := newFixture(t, Options{})
	first := f.run(requestN("t", 2))
	in := requestN("t", 2)
	in.StartedBy = aws.String("else")
	_, err := f.client().RunTask(t.Context(), in)
	e := (*types.ConflictException)(nil)
	if !errors.As(err, &e) || !slices.Equal(e.ResourceIds, arns(first.Tasks)) {
		t.Fatalf("got %v, want a conflict with %v", err, arns(first.Tasks))
	}
	if got := f.outcomes(); got != "launched conflict" || len(f.Tasks()) != 2 {
		t.Errorf("got outcomes %s and %d tasks", got, len(f.Tasks()))
	}
	if c := f.Calls()[1]; !slices.Equal(c.TaskARNs, arns(first.Tasks)) || c.Launched() != 0 {
		t.Errorf("got call %+v", c)
	}
}

func TestTokenScope(t *testing.T) {
	f := newFixture(t, Options{})
	f.CreateCluster("other")
	f.run(request("t"))
	in := request("t")
	in.Cluster = aws.String("other")
	f.run(in)
	f.run(request("T"))
	if n := len(f.Tasks()); n != 3 {
		t.Errorf("got %d tasks, want 3: a token is of one cluster, and case-sensitive", n)
	}
	f.post("RunTask", `{"cluster":"media","taskDefinition":"legacy","clientToken":""}`)
	f.post("RunTask", `{"cluster":"media","taskDefinition":"legacy","clientToken":""}`)
	f.post("RunTask", `{"cluster":"media","taskDefinition":"legacy"}`)
	if n := len(f.Tasks()); n != 6 {
		t.Errorf("got %d tasks, want 6: no token, no idempotency", n)
	}
}

func TestTokenExpires(t *testing.T) {
	lifecycle := Lifecycle{Provisioning: time.Minute, Running: 9 * time.Minute}
	for _, tt := range []struct {
		name      string
		lifecycle Lifecycle
		lifetime  time.Duration
	}{
		{"an hour after the last task", lifecycle, 70 * time.Minute},
		{"a day if a task runs on", Lifecycle{Running: Forever}, 24 * time.Hour},
		{"a day if a task runs for longer", Lifecycle{Running: 48 * time.Hour}, 24 * time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t, Options{Lifecycle: tt.lifecycle})
			f.run(requestN("t", 2))
			f.clock.Set(testStart.Add(tt.lifetime - time.Millisecond))
			f.run(requestN("t", 2))
			f.clock.Set(testStart.Add(tt.lifetime))
			f.run(requestN("t", 1)) // other parameters are no conflict any more
			if got, want := f.outcomes(), "launched replayed launched"; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
	t.Run("a task that was stopped", func(t *testing.T) {
		f := newFixture(t, Options{Lifecycle: Lifecycle{Running: Forever}})
		out := f.run(request("t"))
		f.clock.Advance(time.Minute)
		if _, err := f.local().StopTask(t.Context(), &ecs.StopTaskInput{Cluster: aws.String("media"), Task: out.Tasks[0].TaskArn}); err != nil {
			t.Fatal(err)
		}
		f.clock.Advance(time.Hour - 1)
		f.run(request("t"))
		f.clock.Advance(1)
		f.run(request("t"))
		if got, want := f.outcomes(), "launched replayed launched"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestStoredFailures(t *testing.T) {
	f := newFixture(t, Options{Capacity: map[string]int{"FARGATE": 0}})
	f.run(requestN("t", 2))
	f.clock.Advance(time.Hour)
	if out := f.run(requestN("t", 2)); len(out.Tasks) != 0 || len(out.Failures) != 2 || *out.Failures[0].Reason != reasonFargate {
		t.Errorf("got %+v, want the stored failures", out.Failures)
	}
	f.clock.Advance(time.Second)
	if out := f.run(requestN("t", 2)); len(out.Failures) != 2 || out.Failures[0].Reason != nil {
		t.Errorf("got %+v, want only the number of failures after an hour", out.Failures)
	}
	f.clock.Advance(23 * time.Hour)
	f.run(requestN("t", 2))
	if got, want := f.outcomes(), "launched replayed replayed launched"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestErrorsDoNotBind(t *testing.T) {
	f := newFixture(t, Options{})
	in := request("t")
	in.TaskDefinition = aws.String("later")
	_, err := f.local().RunTask(t.Context(), in)
	wantCode(t, err, codeClient)
	f.Inject(Fault{Kind: FaultError})
	_, err = f.local().RunTask(t.Context(), request("t"))
	wantCode(t, err, codeServer)
	f.run(request("t"))
	if got, want := f.outcomes(), "refused refused launched"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestParameters(t *testing.T) {
	const first = `{"clientToken":"t","cluster":"media","taskDefinition":"legacy","tags":[{"key":"a","value":"1"},{"key":"b","value":"2"}]}`
	for _, tt := range []struct{ name, second, canonical, exact string }{
		{"same bytes", first, "replayed", "replayed"},
		{"order of members", `{"cluster":"media","clientToken":"t","tags":[{"value":"1","key":"a"},{"key":"b","value":"2"}],"taskDefinition":"legacy"}`, "replayed", "conflict"},
		{"null is absent", strings.Replace(first, "{", `{"group":null,`, 1), "replayed", "conflict"},
		{"order of a list", `{"clientToken":"t","cluster":"media","taskDefinition":"legacy","tags":[{"key":"b","value":"2"},{"key":"a","value":"1"}]}`, "conflict", "conflict"},
		{"a default", strings.Replace(first, "{", `{"count":1,`, 1), "conflict", "conflict"},
		{"a value", strings.Replace(first, `"2"`, `"3"`, 1), "conflict", "conflict"},
	} {
		for exact, want := range map[bool]string{false: tt.canonical, true: tt.exact} {
			t.Run(fmt.Sprintf("%s, exact %v", tt.name, exact), func(t *testing.T) {
				f := newFixture(t, Options{Tokens: TokenReading{ExactParameters: exact}})
				f.post("RunTask", first)
				f.post("RunTask", tt.second)
				if got := f.outcomes(); got != "launched "+want {
					t.Errorf("got %s, want launched %s", got, want)
				}
			})
		}
	}
}

func TestReadings(t *testing.T) {
	register := func(f *fixture) {
		f.RegisterTaskDefinition(TaskDefinition{Family: "transcode", Containers: []Container{{Name: "worker"}}})
	}
	deregister := func(f *fixture) {
		f.DeregisterTaskDefinition("transcode:1")
		f.DeregisterTaskDefinition("transcode:2")
	}
	full := map[string]int{"FARGATE": 0}
	for _, tt := range []struct {
		name     string
		opts     Options
		between  func(*fixture)
		outcomes string
	}{
		{"registration", Options{}, register, "launched replayed"},
		{"registration, resolved", Options{Tokens: TokenReading{ResolvedRevision: true}}, register, "launched conflict"},
		{"nothing placed", Options{Capacity: full}, nil, "launched replayed"},
		{"nothing placed, unbound", Options{Capacity: full, Tokens: TokenReading{FailuresUnbound: true}}, nil, "launched launched"},
		{"deregistration", Options{}, deregister, "launched replayed"},
		{"deregistration, checked", Options{Tokens: TokenReading{ReplayChecked: true}}, deregister, "launched refused"},
		{"checked", Options{Tokens: TokenReading{ReplayChecked: true}}, nil, "launched replayed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t, tt.opts)
			f.local().RunTask(t.Context(), request("t"))
			if tt.between != nil {
				tt.between(f)
			}
			f.local().RunTask(t.Context(), request("t"))
			if got := f.outcomes(); got != tt.outcomes {
				t.Errorf("got %s, want %s", got, tt.outcomes)
			}
		})
	}
}

func TestConcurrentCallsLaunchOnce(t *testing.T) {
	f := newFixture(t, Options{})
	c := f.client()
	var wg sync.WaitGroup
	answers := make([]string, 100)
	for i := range answers {
		wg.Go(func() {
			out, err := c.RunTask(t.Context(), requestN("t", 3))
			if err != nil {
				t.Error(err)
				return
			}
			answers[i] = strings.Join(arns(out.Tasks), " ")
		})
	}
	wg.Wait()
	for _, a := range answers {
		if a != answers[0] {
			t.Fatalf("got different answers: %s and %s", answers[0], a)
		}
	}
	if n := len(f.Tasks()); n != 3 {
		t.Errorf("got %d tasks, want 3", n)
	}
}

func TestExpiredTokensAreDropped(t *testing.T) {
	f := newFixture(t, Options{})
	for i := range 3000 {
		f.post("RunTask", fmt.Sprintf(`{"cluster":"media","taskDefinition":"legacy","clientToken":"%d"}`, i))
		f.clock.Advance(10 * time.Second)
	}
	if n := len(f.clusters["media"].tokens); n > 1024 {
		t.Errorf("got %d tokens after 8 hours, want about one hour's", n)
	}
}
