package locallambda

import (
	"encoding/json"
	"fmt"
	"time"
)

// The payload limits of a synchronous invocation. AWS's quotas say 6 MB for each
// (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
// Exactly, a request may have 6 MiB and a response 100 bytes more: the service's
// own error messages name these numbers, and AWS's runtime interface emulator has
// the latter as MaxPayloadSize.
const (
	MaxRequestBytes  = 6 << 20
	MaxResponseBytes = 6<<20 + 100
)

// Error types that Lambda itself answers with.
const (
	TypeExit             = "Runtime.ExitError"
	TypeTimeout          = "Sandbox.Timedout"
	TypeResponseTooLarge = "Function.ResponseSizeTooLarge"
	typeUnknown          = "Runtime.Unknown"
)

// A Result is what one invocation came to.
type Result struct {
	RequestID string
	Process   int // the number of the process that served it, as in [Line]

	// Payload is the response of the function; with a FunctionError it is the
	// error object, as Lambda's Invoke returns it.
	Payload []byte

	// FunctionError is nil if the function succeeded.
	FunctionError *FunctionError

	// ColdStart is true if a process was started for this invocation, and
	// InitDuration is then the time from its start to its first request for work,
	// or until the initialisation failed.
	ColdStart    bool
	InitDuration time.Duration

	// Duration is the time from handing the event to the function until it
	// answered or failed.
	Duration time.Duration
}

// A FunctionError says that the function ran and failed, or that Lambda stopped
// it. The type is one of the function's own, or one of Lambda's, such as
// [TypeExit] and [TypeTimeout].
type FunctionError struct {
	Type       string          `json:"errorType"`
	Message    string          `json:"errorMessage"`
	StackTrace json.RawMessage `json:"stackTrace,omitempty"` // as the function sent it
}

func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }

// A RequestError says that the payload never reached the function, because
// Lambda's Invoke API refuses it. Type is the exception of that API.
type RequestError struct {
	Type    string
	Message string
}

func (e *RequestError) Error() string { return e.Type + ": " + e.Message }

// checkRequest applies the rules of Lambda's Invoke API to a payload.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
func checkRequest(payload []byte) ([]byte, error) {
	switch {
	case len(payload) == 0:
		return []byte("{}"), nil // what a function sees that is invoked without a payload
	case len(payload) > MaxRequestBytes:
		return nil, &RequestError{
			Type:    "RequestTooLargeException",
			Message: fmt.Sprintf("request of %d bytes exceeds the limit of %d", len(payload), MaxRequestBytes),
		}
	case !json.Valid(payload):
		return nil, &RequestError{
			Type:    "InvalidRequestContentException",
			Message: "the payload is not valid JSON",
		}
	}
	return payload, nil
}

// answer is how a function, or Lambda in its place, answers an invocation.
type answer struct {
	payload []byte
	err     *FunctionError
	at      time.Time
}

// failure makes Lambda's own answer. What happens to an invocation is told with
// its request id; what is wrong with a response is not.
func failure(errorType, message string) answer {
	e := &FunctionError{Type: errorType, Message: message}
	payload, _ := json.Marshal(e) // two strings: cannot fail
	return answer{payload: payload, err: e, at: time.Now()}
}

func exitFailure(requestID, status string) answer {
	message := "Runtime exited with error: " + status
	if status == "exit status 0" {
		message = "Runtime exited without providing a reason"
	}
	return failure(TypeExit, withID(requestID, message))
}

func timeoutFailure(requestID, what string, limit time.Duration) answer {
	message := fmt.Sprintf("%s timed out after %.2f seconds", what, limit.Seconds())
	return failure(TypeTimeout, withID(requestID, message))
}

func tooLargeFailure() answer {
	return failure(TypeResponseTooLarge, fmt.Sprintf(
		"Response payload size exceeded maximum allowed payload size (%d bytes).", MaxResponseBytes))
}

func withID(requestID, message string) string {
	return fmt.Sprintf("RequestId: %s Error: %s", requestID, message)
}

// reportedFailure reads the error object that a function posted. A body that is
// none is kept as the message: losing it would hide why the function failed.
func reportedFailure(headerType string, body []byte) answer {
	e := new(FunctionError)
	if json.Unmarshal(body, e) != nil {
		e = &FunctionError{Message: string(body)}
	}
	setDefault(&e.Type, headerType)
	setDefault(&e.Type, typeUnknown)
	return answer{payload: body, err: e, at: time.Now()}
}
