package launcher

import (
	"context"
	"errors"
	nethttp "net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/taskbridge/taskbridge/internal/task"
)

// fakeAPI answers RunTask.
type fakeAPI func(*ecs.RunTaskInput) (*ecs.RunTaskOutput, error)

func (f fakeAPI) RunTask(_ context.Context, in *ecs.RunTaskInput, _ ...func(*ecs.Options)) (*ecs.RunTaskOutput, error) {
	return f(in)
}

func (f fakeAPI) DescribeTasks(context.Context, *ecs.DescribeTasksInput, ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error) {
	return nil, errors.New("not asked for")
}

func ptr[T any](v T) *T { return &v }

func launchOf(count int32) task.Launch {
	return task.Launch{Rule: "convert", Key: "k1", Request: task.Request{TaskDefinition: "convert", Count: &count}}
}

// onceOf is launchOf for one try only.
func onceOf(count int32) task.Launch {
	l := launchOf(count)
	l.Retry = &task.Retry{Attempts: ptr(0)}
	return l
}

// launch makes one try of a launch against an API that gives out and err.
func launch(t *testing.T, count int32, out *ecs.RunTaskOutput, err error) (task.Launched, error) {
	t.Helper()
	api := fakeAPI(func(*ecs.RunTaskInput) (*ecs.RunTaskOutput, error) { return out, err })
	return New(api, Options{}).Launch(t.Context(), onceOf(count))
}

// launchError is the error of a launch that must fail.
func launchError(t *testing.T, err error) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got error %v, want a *launcher.Error", err)
	}
	return e
}

func started(arns ...string) []ecstypes.Task {
	now := time.Now()
	var tasks []ecstypes.Task
	for _, arn := range arns {
		tasks = append(tasks, ecstypes.Task{TaskArn: &arn, CreatedAt: &now})
	}
	return tasks
}

func TestLaunch(t *testing.T) {
	var inputs []*ecs.RunTaskInput
	l := New(fakeAPI(func(in *ecs.RunTaskInput) (*ecs.RunTaskOutput, error) {
		inputs = append(inputs, in)
		return &ecs.RunTaskOutput{Tasks: started("arn:1", "arn:2")}, nil
	}), Options{})
	want := task.Launched{TaskARNs: []string{"arn:1", "arn:2"}, ClientToken: Token(ptr(launchOf(2)), 0, 0), Attempts: 1}
	for range 2 {
		got, err := l.Launch(t.Context(), launchOf(2))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, %v; want %+v", got, err, want)
		}
	}
	for _, in := range inputs {
		if in.ClientToken == nil || *in.ClientToken != want.ClientToken {
			t.Errorf("client token of the input: got %v, want %s", in.ClientToken, want.ClientToken)
		}
	}
}

// The SDK writes into its input; nothing of that may reach another launch or the
// request, parts of which the mapping shares between launches.
func TestLaunchSharesNoInput(t *testing.T) {
	request := filled()
	before := marshal(t, request)
	seen := map[*ecs.RunTaskInput]bool{}
	l := New(fakeAPI(func(in *ecs.RunTaskInput) (*ecs.RunTaskOutput, error) {
		if seen[in] {
			t.Error("an input is used for two launches")
		}
		seen[in] = true
		if *in.ClientToken == "changed" || in.Cluster == nil || *in.Cluster == "changed" || in.Overrides.Cpu == nil {
			t.Errorf("an input begins with what another launch wrote")
		}
		*in.ClientToken, *in.Cluster = "changed", "changed"
		in.Overrides.Cpu, in.Overrides.ContainerOverrides[0].Name = nil, nil
		in.Tags[0] = ecstypes.Tag{}
		in.CapacityProviderStrategy[0].Weight = 77
		return &ecs.RunTaskOutput{Tasks: started("arn:1")}, nil
	}), Options{})
	request.Count = ptr(int32(1))
	before["count"] = float64(1)
	for range 2 {
		if _, err := l.Launch(t.Context(), task.Launch{Rule: "r", Key: "k", Request: *request}); err != nil {
			t.Fatal(err)
		}
	}
	if after := marshal(t, request); !reflect.DeepEqual(after, before) {
		t.Errorf("the request was changed: got %v, want %v", after, before)
	}
}

func TestFailures(t *testing.T) {
	failure := func(reason string) ecstypes.Failure {
		return ecstypes.Failure{Reason: &reason, Arn: ptr("arn:of:" + reason), Detail: ptr("detail of " + reason)}
	}
	tests := []struct {
		name     string
		failures []ecstypes.Failure
		tasks    []ecstypes.Task
		class    string
		code     string
		words    []string
	}{
		{"one", []ecstypes.Failure{failure("RESOURCE:CPU")}, nil, "transient", "RESOURCE:CPU", []string{"0 of 3", "RESOURCE:CPU", "arn:of:RESOURCE:CPU", "detail of"}},
		{"permanent", []ecstypes.Failure{failure("ATTRIBUTE"), failure("LOCATION")}, nil, "permanent", "ATTRIBUTE", []string{"ATTRIBUTE", "LOCATION"}},
		{"mixed, permanent first", []ecstypes.Failure{failure("ATTRIBUTE"), failure("AGENT")}, nil, "transient", "AGENT", []string{"ATTRIBUTE", "AGENT"}},
		{"mixed, permanent last", []ecstypes.Failure{failure("AGENT"), failure("ATTRIBUTE")}, nil, "transient", "AGENT", []string{"ATTRIBUTE", "AGENT"}},
		{"no reason", []ecstypes.Failure{{}}, nil, "unknown", "NoReason", []string{"no reason"}},
		{"partial", []ecstypes.Failure{failure("RESOURCE:MEMORY")}, started("arn:1", "arn:2"), "transient", "RESOURCE:MEMORY", []string{"2 of 3"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			launched, err := launch(t, 3, &ecs.RunTaskOutput{Failures: tt.failures, Tasks: tt.tasks}, nil)
			e := launchError(t, err)
			if e.Class() != tt.class || e.Code() != tt.code {
				t.Errorf("got %s %q, want %s %q", e.Class(), e.Code(), tt.class, tt.code)
			}
			for _, word := range tt.words {
				if !strings.Contains(e.Error(), word) {
					t.Errorf("got %q, want %q in it", e, word)
				}
			}
			if len(launched.TaskARNs) != len(tt.tasks) || len(e.TaskARNs) != len(tt.tasks) {
				t.Errorf("got ARNs %q and %q, want %d", launched.TaskARNs, e.TaskARNs, len(tt.tasks))
			}
			if launched.ClientToken != Token(ptr(launchOf(3)), 0, 0) {
				t.Errorf("got token %q", launched.ClientToken)
			}
		})
	}
}

func TestShortAnswerIsAmbiguous(t *testing.T) {
	for _, tasks := range [][]ecstypes.Task{nil, started("arn:1")} {
		launched, err := launch(t, 2, &ecs.RunTaskOutput{Tasks: tasks}, nil)
		e := launchError(t, err)
		if e.Kind != Ambiguous || e.Code() != "EmptyAnswer" || len(launched.TaskARNs) != len(tasks) {
			t.Errorf("%d tasks: got %v %s, ARNs %q", len(tasks), e, e.Code(), launched.TaskARNs)
		}
	}
	if _, err := New(fakeAPI(func(*ecs.RunTaskInput) (*ecs.RunTaskOutput, error) {
		return &ecs.RunTaskOutput{Tasks: started("arn:1")}, nil
	}), Options{}).Launch(t.Context(), task.Launch{}); err != nil {
		t.Errorf("without a count one task is enough: %v", err)
	}
}

func TestConflict(t *testing.T) {
	conflict := &ecstypes.ConflictException{Message: ptr("token in use"), ResourceIds: []string{"arn:1", "arn:2"}}
	for _, err := range []error{conflict, answered(400, conflict)} {
		got, err := launch(t, 1, nil, err)
		want := task.Launched{TaskARNs: []string{"arn:1", "arn:2"}, Duplicate: true, ClientToken: Token(ptr(launchOf(1)), 0, 0), Attempts: 1}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v; want %+v", got, err, want)
		}
	}
	_, err := launch(t, 1, nil, &ecstypes.ConflictException{Message: ptr("token in use")})
	if e := launchError(t, err); e.Kind != Ambiguous || e.Code() != "ConflictException" {
		t.Errorf("without resource ids: got %v", e)
	}
}

func TestReplay(t *testing.T) {
	old, now := time.Now().Add(-time.Hour), time.Now()
	three := func(arn string) ecstypes.Task {
		return ecstypes.Task{TaskArn: &arn, ClusterArn: ptr("arn:cluster"), LastStatus: ptr("RUNNING")}
	}
	tests := []struct {
		name      string
		tasks     []ecstypes.Task
		duplicate bool
	}{
		{"three fields", []ecstypes.Task{three("arn:1"), three("arn:2")}, true},
		{"long ago", []ecstypes.Task{{TaskArn: ptr("arn:1"), CreatedAt: &old}, {TaskArn: ptr("arn:2"), CreatedAt: &old}}, true},
		{"just now", []ecstypes.Task{{TaskArn: ptr("arn:1"), CreatedAt: &now}, {TaskArn: ptr("arn:2"), CreatedAt: &now}}, false},
		{"one of them just now", []ecstypes.Task{three("arn:1"), {TaskArn: ptr("arn:2"), CreatedAt: &now}}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := launch(t, 2, &ecs.RunTaskOutput{Tasks: tt.tasks}, nil)
			if err != nil || got.Duplicate != tt.duplicate || len(got.TaskARNs) != 2 {
				t.Errorf("got %+v, %v; want duplicate %t and two ARNs", got, err, tt.duplicate)
			}
		})
	}
}

// answered is err as the SDK returns what came with an HTTP status.
func answered(status int, err error) error {
	return &smithy.OperationError{ServiceID: "ECS", OperationName: "RunTask", Err: &http.ResponseError{
		RequestID: "req-1",
		ResponseError: &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: &nethttp.Response{StatusCode: status}},
			Err:      err,
		},
	}}
}

func apiError(code, message string) error {
	return &smithy.GenericAPIError{Code: code, Message: message}
}
