package launcher

import (
	"context"
	"errors"
	"fmt"
	"io"
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

func ptr[T any](v T) *T { return &v }

func launchOf(count int32) task.Launch {
	return task.Launch{Rule: "convert", Key: "k1", Request: task.Request{TaskDefinition: "convert", Count: &count}}
}

// launch makes one launch against an API that always gives the same answer.
func launch(t *testing.T, count int32, out *ecs.RunTaskOutput, err error) (task.Launched, error) {
	t.Helper()
	api := fakeAPI(func(*ecs.RunTaskInput) (*ecs.RunTaskOutput, error) { return out, err })
	return New(api).Launch(t.Context(), launchOf(count))
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

func TestToken(t *testing.T) {
	pairs := [][2]string{
		{"", ""},
		{"convert", "k1"},
		{"convert", "k2"},
		{"resize", "k1"},
		{"k1", "convert"},
		{"ab", "c"},
		{"a", "bc"},
		{"abc", ""},
		{"", "abc"},
		{"a\x00", "b"},
		{"a", "\x00b"},
		{"é", strings.Repeat("k", 4096)},
	}
	seen := map[string][2]string{}
	for _, p := range pairs {
		token := Token(task.Launch{Rule: p[0], Key: p[1]})
		if again := Token(task.Launch{Rule: p[0], Key: p[1]}); again != token {
			t.Errorf("%.20q: got %s and then %s, want the same token", p, token, again)
		}
		if other, ok := seen[token]; ok {
			t.Errorf("%.20q and %.20q have the same token %s", p, other, token)
		}
		seen[token] = p
		if token == "" || len(token) > 64 {
			t.Errorf("%.20q: token of %d characters, want 1 to 64", p, len(token))
		}
		for _, c := range []byte(token) {
			if c < 33 || c > 126 {
				t.Errorf("%.20q: token %q has byte %d, want ASCII 33 to 126", p, token, c)
			}
		}
	}
}

// A token that changes between releases starts everything in flight twice.
func TestTokenIsPinned(t *testing.T) {
	const want = "2ztqutmR6PklP_C38HUfgryWW3DyudoamcJ1uHKJ1pA"
	if got := Token(task.Launch{Rule: "convert", Key: "k1"}); got != want {
		t.Errorf("got %s, want %s: a new token needs a new tokenVersion", got, want)
	}
}

func TestTokenIgnoresRequest(t *testing.T) {
	l := launchOf(1)
	want := Token(l)
	l.Request = task.Request{Cluster: "other", TaskDefinition: "other:2"}
	if got := Token(l); got != want {
		t.Errorf("another request of the same launch has token %s, want %s", got, want)
	}
}

func TestLaunch(t *testing.T) {
	var inputs []*ecs.RunTaskInput
	l := New(fakeAPI(func(in *ecs.RunTaskInput) (*ecs.RunTaskOutput, error) {
		inputs = append(inputs, in)
		return &ecs.RunTaskOutput{Tasks: started("arn:1", "arn:2")}, nil
	}))
	want := task.Launched{TaskARNs: []string{"arn:1", "arn:2"}, ClientToken: Token(launchOf(2))}
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
	}))
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
		{"no reason", []ecstypes.Failure{{}}, nil, "unknown", "", []string{"no reason"}},
		{"partial", []ecstypes.Failure{failure("RESOURCE:MEMORY")}, started("arn:1", "arn:2"), "transient", "RESOURCE:MEMORY", []string{"2 of 3"}},
		{"all started and a failure", []ecstypes.Failure{failure("AGENT")}, started("arn:1", "arn:2", "arn:3"), "transient", "AGENT", []string{"3 of 3"}},
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
			if launched.ClientToken != Token(launchOf(3)) {
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
	})).Launch(t.Context(), task.Launch{}); err != nil {
		t.Errorf("without a count one task is enough: %v", err)
	}
}

func TestConflict(t *testing.T) {
	conflict := &ecstypes.ConflictException{Message: ptr("token in use"), ResourceIds: []string{"arn:1", "arn:2"}}
	for _, err := range []error{conflict, answered(400, conflict)} {
		got, err := launch(t, 1, nil, err)
		want := task.Launched{TaskARNs: []string{"arn:1", "arn:2"}, Duplicate: true, ClientToken: Token(launchOf(1))}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v; want %+v", got, err, want)
		}
	}
	_, err := launch(t, 1, nil, &ecstypes.ConflictException{Message: ptr("token in use")})
	if e := launchError(t, err); e.Kind != Permanent || e.Code() != "ConflictException" {
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

// errorSamples has a message, or several, for every row of errorTable, by code
// and part of the message.
var errorSamples = map[[2]string][]string{
	{"InvalidParameterException", "request limit exceeded"}:            {"Error retrieving subnet information for [subnet-1]: Request limit exceeded."},
	{"InvalidParameterException", "rate exceeded"}:                     {"Rate exceeded"},
	{"InvalidParameterException", "requestlimitexceeded"}:              {"DescribeSecurityGroups: RequestLimitExceeded"},
	{"InvalidParameterException", "no container instances were found"}: {"No Container Instances were found in your cluster."},
	{"ClientException", "tasks provisioning capacity limit exceeded"}:  {"The Tasks provisioning capacity limit exceeded."},
	{"ClientException", "ecs was unable to assume the role"}:           {"ECS was unable to assume the role 'arn:aws:iam::111122223333:role/x' that was provided for this task."},
	{"InvalidParameterException", ""}:                                  {"Override for container named x is not a container in the TaskDefinition.", ""},
	{"ClientException", ""}:                                            {"TaskDefinition is inactive", ""},
	{"AccessDeniedException", ""}:                                      {"User is not authorized to perform: ecs:RunTask"},
	{"BlockedException", ""}:                                           {"Your account is currently blocked."},
	{"ClusterNotFoundException", ""}:                                   {"Cluster not found."},
	{"ConflictException", ""}:                                          {"The token is in use."},
	{"PlatformTaskDefinitionIncompatibilityException", ""}:             {""},
	{"PlatformUnknownException", ""}:                                   {""},
	{"UnsupportedFeatureException", ""}:                                {""},
	{"ServerException", ""}:                                            {"Service Unavailable. Please try again later."},
	{"InternalFailure", ""}:                                            {""},
	{"ServiceUnavailable", ""}:                                         {""},
	{"ThrottlingException", ""}:                                        {"Rate exceeded"},
	{"Throttling", ""}:                                                 {"Rate exceeded"},
	{"ThrottledException", ""}:                                         {""},
	{"RequestLimitExceeded", ""}:                                       {""},
	{"RequestThrottled", ""}:                                           {""},
	{"RequestThrottledException", ""}:                                  {""},
	{"TooManyRequestsException", ""}:                                   {""},
	{"LimitExceededException", ""}:                                     {""},
	{"SlowDown", ""}:                                                   {""},
	{"ExpiredTokenException", ""}:                                      {"The security token included in the request is expired"},
	{"UnrecognizedClientException", ""}:                                {""},
	{"InvalidSignatureException", ""}:                                  {""},
	{"IncompleteSignature", ""}:                                        {""},
	{"MissingAuthenticationToken", ""}:                                 {""},
	{"OptInRequired", ""}:                                              {""},
	{"NotAuthorized", ""}:                                              {""},
	{"UnknownOperationException", ""}:                                  {""},
	{"SerializationException", ""}:                                     {""},
}

func TestErrorTable(t *testing.T) {
	rows := map[[2]string]bool{}
	for i, r := range errorTable {
		at := [2]string{r.code, r.message}
		if rows[at] {
			t.Errorf("row %d %q stands twice", i, at)
		}
		rows[at] = true
		if r.message != normal(r.message) {
			t.Errorf("row %d: %q never fits: write it as %q", i, r.message, normal(r.message))
		}
		samples := errorSamples[at]
		if len(samples) == 0 {
			t.Errorf("row %d %q has no sample", i, at)
		}
		for _, message := range samples {
			for j, earlier := range errorTable[:i] {
				if earlier.code == r.code && strings.Contains(normal(message), earlier.message) {
					t.Errorf("row %d %q is hidden by row %d for %q", i, at, j, message)
				}
			}
			_, err := launch(t, 1, nil, answered(400, apiError(r.code, message)))
			if e := launchError(t, err); e.Kind != r.class || e.Code() != r.code {
				t.Errorf("row %d, %q: got %s %s, want %s", i, message, e.Kind, e.Code(), r.class)
			}
		}
	}
	for at := range errorSamples {
		if !rows[at] {
			t.Errorf("the sample %q has no row", at)
		}
	}
}

func TestClassify(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want Class
		code string
	}{
		{"throttled inside a parameter error", answered(400, &ecstypes.InvalidParameterException{Message: ptr("Request limit exceeded.")}), Transient, "InvalidParameterException"},
		{"bad parameter", answered(400, &ecstypes.InvalidParameterException{Message: ptr("Invalid subnet.")}), Permanent, "InvalidParameterException"},
		{"provisioning quota", &ecstypes.ClientException{Message: ptr("Tasks provisioning capacity limit exceeded.")}, Transient, "ClientException"},
		{"access denied", &ecstypes.AccessDeniedException{}, Permanent, "AccessDeniedException"},
		{"cluster", &ecstypes.ClusterNotFoundException{}, Permanent, "ClusterNotFoundException"},
		{"server", answered(500, &ecstypes.ServerException{}), Ambiguous, "ServerException"},
		{"throttled with status 503", answered(503, apiError("ThrottlingException", "")), Transient, "ThrottlingException"},
		{"unknown code, 500", answered(500, apiError("Novel", "")), Ambiguous, "Novel"},
		{"unknown code, 503", answered(503, apiError("Novel", "")), Ambiguous, "Novel"},
		{"unknown code, 400", answered(400, apiError("Novel", "")), Unknown, "Novel"},
		{"unknown code, no status", apiError("Novel", ""), Unknown, "Novel"},
		{"no answer", &smithy.OperationError{ServiceID: "ECS", OperationName: "RunTask", Err: io.ErrUnexpectedEOF}, Ambiguous, "NoAnswer"},
		{"cancelled", context.DeadlineExceeded, Ambiguous, "NoAnswer"},
		{"undecodable 200", answered(200, errors.New("invalid character")), Ambiguous, "NoAnswer"},
		{"wrapped", fmt.Errorf("outer: %w", apiError("SlowDown", "")), Transient, "SlowDown"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := launch(t, 1, nil, tt.err)
			e := launchError(t, err)
			if e.Kind != tt.want || e.Code() != tt.code || e.Class() != tt.want.String() {
				t.Errorf("got %s %s, want %s %s", e.Kind, e.Code(), tt.want, tt.code)
			}
			if !errors.Is(err, tt.err) {
				t.Errorf("%v does not wrap its cause", err)
			}
			if !strings.HasPrefix(err.Error(), "run task: "+tt.want.String()+": ") {
				t.Errorf("got message %q", err)
			}
		})
	}
}

// reasonSamples has a reason, or several, for every row of reasonTable.
var reasonSamples = map[[2]string][]string{
	{"RESOURCE:", ""}: {"RESOURCE:CPU", "RESOURCE:MEMORY", "RESOURCE:PORTS", "RESOURCE:GPU", "RESOURCE:ENI"},
	{"AGENT", ""}:     {"AGENT"},
	{"LOCATION", ""}:  {"LOCATION"},
	{"ATTRIBUTE", ""}: {"ATTRIBUTE", "ATTRIBUTE: ecs.capability.efs"},
	{"", "capacity is unavailable"}: {
		"Capacity is unavailable at this time. Please try again later or in a different availability zone",
	},
	{"", "you've reached the limit"}: {
		"You've reached the limit on the number of tasks you can run concurrently",
		"You’ve reached the limit on the number of vCPUs you can run concurrently",
	},
	{"", "no container instances were found"}: {"No Container Instances were found in your cluster."},
	{"", "configuration is above your limit"}: {"The requested configuration is above your limit."},
	{"", "placement constraint unsatisfied"}:  {"memberOf placement constraint unsatisfied."},
	{"", "your account is currently blocked"}: {"Your account is currently blocked"},
}

func TestReasonTable(t *testing.T) {
	rows := map[[2]string]bool{}
	for i, r := range reasonTable {
		at := [2]string{r.code, r.message}
		rows[at] = true
		if r.code == "" && r.message == "" || r.message != normal(r.message) {
			t.Errorf("row %d %q fits everything or nothing", i, at)
		}
		if len(reasonSamples[at]) == 0 {
			t.Errorf("row %d %q has no sample", i, at)
		}
		for _, reason := range reasonSamples[at] {
			if got := classifyFailure(reason); got != r.class {
				t.Errorf("row %d, %q: got %s, want %s", i, reason, got, r.class)
			}
		}
	}
	for at := range reasonSamples {
		if !rows[at] {
			t.Errorf("the sample %q has no row", at)
		}
	}
	for _, reason := range []string{"", "Novel", "resource"} {
		if got := classifyFailure(reason); got != Unknown {
			t.Errorf("%q: got %s, want unknown", reason, got)
		}
	}
}
