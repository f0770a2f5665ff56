package localecs

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

func TestFaults(t *testing.T) {
	tests := []struct {
		name     string
		fault    Fault
		code     string // of the error; "-" for an error that has none
		tasks    int    // in the answer
		launched int
		outcome  Outcome
		again    Outcome // of the same request after it
	}{
		{"server error", Fault{Kind: FaultError}, codeServer, 0, 0, OutcomeRefused, OutcomeLaunched},
		{"throttling", Fault{Kind: FaultError, Code: codeThrottling}, codeThrottling, 0, 0, OutcomeRefused, OutcomeLaunched},
		{"access denied", Fault{Kind: FaultError, Code: "AccessDeniedException", Message: "User: x is not authorized"}, "AccessDeniedException", 0, 0, OutcomeRefused, OutcomeLaunched},
		{"partial answer", Fault{Kind: FaultFailures, Failures: []Failure{{Reason: "AGENT", ARN: "x", Detail: "y"}}}, okay, 2, 2, OutcomeLaunched, OutcomeReplayed},
		{"only failures", Fault{Kind: FaultFailures, Failures: make([]Failure, 3)}, okay, 0, 0, OutcomeLaunched, OutcomeReplayed},
		{"empty answer", Fault{Kind: FaultFailures}, okay, 0, 0, OutcomeLaunched, OutcomeReplayed},
		{"lost before", Fault{Kind: FaultLoseBefore}, "-", 0, 0, OutcomeDropped, OutcomeLaunched},
		{"lost after", Fault{Kind: FaultLoseAfter}, "-", 0, 3, OutcomeLaunched, OutcomeReplayed},
		{"truncated", Fault{Kind: FaultTruncate, Bytes: 20}, "-", 0, 3, OutcomeLaunched, OutcomeReplayed},
		{"garbled", Fault{Kind: FaultGarble}, "-", 0, 3, OutcomeLaunched, OutcomeReplayed},
		{"503 before", Fault{Kind: FaultUnavailable}, "-", 0, 0, OutcomeDropped, OutcomeLaunched},
		{"503 after", Fault{Kind: FaultUnavailableAfter}, "-", 0, 3, OutcomeLaunched, OutcomeReplayed},
		{"delay", Fault{Delay: time.Minute, Hold: time.Minute}, okay, 3, 3, OutcomeLaunched, OutcomeReplayed},
	}
	for _, tt := range tests {
		for name, client := range map[string]func(*fixture) *ecs.Client{"HTTP": (*fixture).client, "transport": (*fixture).local} {
			t.Run(tt.name+" over "+name, func(t *testing.T) {
				f := newFixture(t, Options{})
				c := client(f)
				f.Inject(tt.fault)
				out, err := c.RunTask(t.Context(), requestN("t", 3))
				switch {
				case tt.code == "-" && err == nil:
					t.Error("got no error")
				case tt.code == okay && err != nil:
					t.Error(err)
				case tt.code != okay && tt.code != "-":
					wantCode(t, err, tt.code)
				}
				if err == nil && len(out.Tasks) != tt.tasks {
					t.Errorf("got %d tasks in the answer, want %d", len(out.Tasks), tt.tasks)
				}
				if err == nil {
					checkFailures(t, out.Failures, tt.fault.Failures)
				}
				if n := len(f.Tasks()); n != tt.launched {
					t.Errorf("got %d tasks, want %d", n, tt.launched)
				}
				again, err := c.RunTask(t.Context(), requestN("t", 3))
				if err != nil {
					t.Fatal(err)
				}
				if tt.again == OutcomeReplayed && len(again.Tasks) != tt.launched {
					t.Errorf("the replay has %d tasks, want %d", len(again.Tasks), tt.launched)
				}
				if tt.again == OutcomeReplayed {
					checkFailures(t, again.Failures, tt.fault.Failures)
				}
				calls := f.Calls()
				if len(calls) != 2 || calls[0].Outcome != tt.outcome || calls[1].Outcome != tt.again || calls[0].Fault != tt.fault.Kind {
					t.Errorf("got calls %+v, want %s and %s", calls, tt.outcome, tt.again)
				}
			})
		}
	}
}

// checkFailures compares what a client sees with what was injected.
func checkFailures(t *testing.T, got []types.Failure, want []Failure) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("got %d failures, want %d", len(got), len(want))
		return
	}
	for i, f := range got {
		g := Failure{ARN: aws.ToString(f.Arn), Reason: aws.ToString(f.Reason), Detail: aws.ToString(f.Detail)}
		if g != want[i] {
			t.Errorf("failure %d: got %+v, want %+v", i, g, want[i])
		}
	}
}

func TestFaultStatus(t *testing.T) {
	f := newFixture(t, Options{})
	for _, tt := range []struct {
		fault  Fault
		status int
	}{
		{Fault{Kind: FaultError}, 500},
		{Fault{Kind: FaultError, Code: codeClient}, 400},
		{Fault{Kind: FaultError, Code: "InternalFailure", Status: 502}, 502},
		{Fault{Kind: FaultUnavailable}, 503},
	} {
		f.Inject(tt.fault)
		_, err := f.client().RunTask(t.Context(), request(""))
		response := (*smithyhttp.ResponseError)(nil)
		if !errors.As(err, &response) || response.HTTPStatusCode() != tt.status {
			t.Errorf("%+v: got %v, want status %d", tt.fault, err, tt.status)
		}
	}
	f.Inject(Fault{Kind: FaultError, Code: codeThrottling})
	_, err := f.client().RunTask(t.Context(), request(""))
	if api := (*smithy.GenericAPIError)(nil); !errors.As(err, &api) || api.Message != "Rate exceeded" {
		t.Errorf("got %v, want an error that is not in ECS's model", err)
	}
}

func TestFaultDelayIsVirtual(t *testing.T) {
	f := newFixture(t, Options{})
	f.Inject(Fault{Delay: time.Hour, Hold: 2 * time.Hour})
	f.run(request("t"))
	if now := f.clock.Now(); !now.Equal(testStart.Add(3 * time.Hour)) {
		t.Errorf("the clock stands at %v, want three hours later", now)
	}
	if k := f.Tasks()[0]; !k.CreatedAt.Equal(testStart.Add(time.Hour)) {
		t.Errorf("created at %v, want after the delay and before the hold", k.CreatedAt)
	}
}

// A client that stops waiting does not undo its request.
func TestFaultDelayOutlivesClient(t *testing.T) {
	s := New(Options{})
	s.CreateCluster("media")
	s.RegisterTaskDefinition(TaskDefinition{Family: "transcode", Containers: []Container{{Name: "worker"}}})
	f := &fixture{Server: s, t: t}
	s.Inject(Fault{Delay: time.Hour})
	canceled, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	if _, err := f.local().RunTask(canceled, request("t")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the client's deadline", err)
	}
	if n := len(s.Tasks()); n != 1 {
		t.Errorf("got %d tasks, want 1", n)
	}
}

func TestFaultQueue(t *testing.T) {
	f := newFixture(t, Options{})
	f.Inject(
		Fault{Kind: FaultError, Code: "A", Match: FaultMatch{Token: "other"}},
		Fault{Kind: FaultError, Code: "B", Times: 2, Match: FaultMatch{Family: "transcode", Cluster: "media"}},
		Fault{Kind: FaultError, Code: "C"},
	)
	for _, want := range []string{"B", "B", "C"} {
		_, err := f.local().RunTask(t.Context(), request("t"))
		wantCode(t, err, want)
	}
	f.run(request("t"))
	_, err := f.local().RunTask(t.Context(), request("other"))
	wantCode(t, err, "A")
}

func TestFaultIsPlainData(t *testing.T) {
	want := Fault{Kind: FaultFailures, Match: FaultMatch{StartedBy: "x"}, Times: 3, Failures: []Failure{{Reason: "AGENT"}}, Delay: time.Second}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Fault
	if err := json.Unmarshal(b, &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v from %s", got, err, b)
	}
	if b, _ := json.Marshal(Fault{Kind: FaultGarble}); strings.Contains(string(b), "match") {
		t.Errorf("got %s", b)
	}
}
