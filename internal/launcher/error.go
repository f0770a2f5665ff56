package launcher

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
)

// An Error says why a launch is not done.
type Error struct {
	Kind     Class
	Reason   string   // ECS's error code, the reason of its failures, or one of the Reason constants
	TaskARNs []string // of tasks that did start
	Missing  int      // how many of the tasks asked for are not known to have started
	Err      error
}

// The reasons that are Taskbridge's own words.
const (
	ReasonNotAttempted  = "NotAttempted"   // no time was left for a call
	ReasonTimeout       = "Timeout"        // no answer in time
	ReasonConnection    = "ConnectionLost" // the connection broke, or there was none
	ReasonUndecodable   = "UndecodableAnswer"
	ReasonEmptyAnswer   = "EmptyAnswer" // status 200, fewer tasks than asked for, and no failures
	ReasonNotConfirmed  = "NotConfirmed"
	ReasonFailedToStart = "TaskFailedToStart" // also ECS's stop code
	ReasonLedger        = "Ledger"
	reasonNone          = "NoReason" // a failure without a reason
	codeConflict        = "ConflictException"
	failedToStartPrefix = "taskfailedtostart: "
)

func (e *Error) Error() string { return fmt.Sprintf("run task: %s: %s", e.Kind, brief(e.Err)) }

// brief is what the SDK's error says, without the hundred characters of
// transport that its own text begins with.
func brief(err error) string {
	var (
		api       smithy.APIError
		response  *http.ResponseError
		operation *smithy.OperationError
	)
	answered := errors.As(err, &response)
	switch {
	case errors.As(err, &api) && answered:
		return fmt.Sprintf("%s: %s (request %s)", api.ErrorCode(), api.ErrorMessage(), response.RequestID)
	case errors.As(err, &api):
		return fmt.Sprintf("%s: %s", api.ErrorCode(), api.ErrorMessage())
	case answered:
		return fmt.Sprintf("status %d: %v (request %s)", response.HTTPStatusCode(), response.Err, response.RequestID)
	case errors.As(err, &operation):
		return operation.Err.Error()
	}
	return err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// Class is the failure class as a word: permanent, transient, ambiguous, unknown.
func (e *Error) Class() string { return e.Kind.String() }

// Code is the Reason: a word to group by.
func (e *Error) Code() string { return e.Reason }
