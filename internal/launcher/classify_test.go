package launcher

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	nethttp "net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"
)

// samples has one message, or several, as ECS words them, for every row of the
// table that wants a message; keyed by the row's code and message. Rows for codes
// alone are tried with the code.
var samples = map[[2]string][]string{
	{"InvalidParameterException", "requestlimitexceeded"}: {
		"Error retrieving security group information for [sg-1]: Request throttled. (ErrorCode: RequestLimitExceeded)",
	},
	{"InvalidParameterException", "request limit exceeded"}:            {"Error retrieving subnet information for [subnet-1]: Request limit exceeded."},
	{"InvalidParameterException", "rate exceeded"}:                     {"Error retrieving subnet information for [subnet-1]: Rate exceeded (ErrorCode: Throttling)"},
	{"InvalidParameterException", "errorcode: throttling"}:             {"Error retrieving subnet information for [subnet-1]: slow down (ErrorCode: Throttling)"},
	{"InvalidParameterException", "no container instances were found"}: {"No Container Instances were found in your cluster."},
	{"InvalidParameterException", "taskdefinition is inactive"}:        {"TaskDefinition is inactive"},
	{"InvalidParameterException", "taskdefinition not found"}:          {"TaskDefinition not found."},
	{"InvalidParameterException", "the new arn and resource id format must be enabled"}: {
		"The new ARN and resource ID format must be enabled to add tags to the task. Opt in to the new format and try again.",
	},
	{"ClientException", "tasks provisioning capacity limit exceeded"}: {"Tasks provisioning capacity limit exceeded."},
	{"ClientException", "rate exceeded"}:                              {"Rate exceeded"},
	{"ClientException", "ecs was unable to assume the role"}: {
		"ECS was unable to assume the role 'arn:aws:iam::111122223333:role/x' that was provided for this task.",
	},
	{"ClientException", "taskdefinition not found"}:   {"TaskDefinition not found."},
	{"ClientException", "taskdefinition is inactive"}: {"TaskDefinition is inactive"},
	{"", "placement constraint unsatisfied"}:          {"MemberOf placement constraint unsatisfied.", "TaskFailedToStart: MemberOf placement constraint unsatisfied"},
	{"", "capacity is unavailable"}: {
		"Capacity is unavailable at this time. Please try again later or in a different availability zone",
	},
	{"", "you've reached the limit"}: {
		"You've reached the limit on the number of tasks you can run concurrently",
		"You’ve reached the limit on the number of vCPUs you can run concurrently",
		"You've reached the limit on the number of spot tasks you can run concurrently",
	},
	{"", "no container instances were found"}: {"No Container Instances were found in your cluster."},
	{"", "configuration is above your limit"}: {"The requested CPU configuration is above your limit.", "The requested MEMORY configuration is above your limit"},
	{"", "your account is currently blocked"}: {"Your account is currently blocked and cannot run tasks. Contact AWS Support."},
	{"", "rate exceeded"}:                     {"Rate exceeded"},
}

// reasons are the failures of RunTask by the row's code.
var reasons = map[string][]string{
	"RESOURCE:":               {"RESOURCE:CPU", "RESOURCE:MEMORY", "RESOURCE:PORTS", "RESOURCE:ENI", "RESOURCE:GPU", "RESOURCE:FARGATE", "Resource:CPU", "TaskFailedToStart: RESOURCE:CPU"},
	"AGENT":                   {"AGENT", "TaskFailedToStart: AGENT"},
	"EMPTY CAPACITY PROVIDER": {"EMPTY CAPACITY PROVIDER", "TaskFailedToStart: EMPTY CAPACITY PROVIDER"},
	"NO ACTIVE INSTANCES":     {"NO ACTIVE INSTANCES"},
	"LOCATION":                {"LOCATION"},
	"ATTRIBUTE":               {"ATTRIBUTE", "ATTRIBUTE: ecs.capability.efs", "TaskFailedToStart: ATTRIBUTE"},
}

// TestTable tries every row by itself: what it is for is classified by it and not
// by another.
func TestTable(t *testing.T) {
	for i := range table {
		r := &table[i]
		if r.message != normal(r.message) {
			t.Errorf("row %d: %q never fits: write it as %q", i, r.message, normal(r.message))
		}
		for _, text := range samplesOf(t, r) {
			t.Run(fmt.Sprintf("%d %s %s", i, r.code, text), func(t *testing.T) {
				got, word := judge(r, text)
				if got != *r {
					t.Errorf("got row %+v, want %+v", got, *r)
				}
				if r.of == errorCode && word != r.code || r.of == noAnswer && word != r.code {
					t.Errorf("got word %q, want %q", word, r.code)
				}
			})
		}
	}
}

func samplesOf(t *testing.T, r *row) []string {
	t.Helper()
	texts := samples[[2]string{r.code, r.message}]
	if r.message == "" {
		texts = []string{"whatever it says"}
		if r.of == failure {
			texts = reasons[r.code]
		}
	}
	if len(texts) == 0 {
		t.Errorf("the row %q %q has no sample", r.code, r.message)
	}
	return texts
}

func judge(r *row, text string) (row, string) {
	switch r.of {
	case failure:
		return classifyFailure(text), ""
	case noAnswer:
		errs := map[string]error{
			ReasonTimeout: context.DeadlineExceeded, ReasonConnection: io.ErrUnexpectedEOF, ReasonUndecodable: answered(302, errors.New("no JSON")),
		}
		if r.code == ReasonEmptyAnswer {
			r, _ := lookup(noAnswer, ReasonEmptyAnswer, 0, "")
			return r, ReasonEmptyAnswer
		}
		return classify(errs[r.code])
	case status:
		return classify(answered(max(r.status, 1)+r.status/500*3, apiError("NovelCode", text)))
	}
	return classify(answered(400, apiError(r.code, text)))
}

// TestClassify has errors as the SDK really returns them.
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
		{"unknown code, 429", answered(429, apiError("Novel", "")), Transient, "Novel"},
		{"unknown code, 400", answered(400, apiError("Novel", "")), Unknown, "Novel"},
		{"unknown code, no status", apiError("Novel", ""), Unknown, "Novel"},
		{"HTML, 502", answered(502, errors.New("deserialization failed: invalid character '<'")), Ambiguous, ReasonUndecodable},
		{"HTML, 403", answered(403, errors.New("deserialization failed: invalid character '<'")), Ambiguous, ReasonUndecodable},
		{"undecodable 200", answered(200, errors.New("invalid character")), Ambiguous, ReasonUndecodable},
		{"cut off", &smithy.OperationError{ServiceID: "ECS", OperationName: "RunTask", Err: io.ErrUnexpectedEOF}, Ambiguous, ReasonConnection},
		{"reset", &net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, Ambiguous, ReasonConnection},
		{"network timeout", &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, Ambiguous, ReasonTimeout},
		{"cancelled", context.Canceled, Ambiguous, ReasonTimeout},
		{"HTTP client timeout", fmt.Errorf("send: %w", nethttp.ErrHandlerTimeout), Ambiguous, ReasonConnection},
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

// Whatever the SDK takes for throttling is throttling here.
func TestThrottlingCodesOfSDK(t *testing.T) {
	for code := range retry.DefaultThrottleErrorCodes {
		if r, _ := classify(answered(400, apiError(code, "x"))); r.flag&throttled == 0 {
			t.Errorf("%s is not throttling", code)
		}
	}
}

func TestUnknownReasons(t *testing.T) {
	for _, reason := range []string{"", "Novel", "resource", "TaskFailedToStart: ", "MISSING", "INACTIVE"} {
		if got := classifyFailure(reason); got.class != Unknown || got.flag != few {
			t.Errorf("%q: got %+v, want unknown with a small budget", reason, got)
		}
	}
}
