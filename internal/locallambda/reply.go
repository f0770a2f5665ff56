package locallambda

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// The headers and trailers with which a process tells the type of an error.
// aws-lambda-go sends the trailers if reading a response fails after its
// beginning was sent.
const (
	headerErrorType = "Lambda-Runtime-Function-Error-Type"
	headerErrorBody = "Lambda-Runtime-Function-Error-Body"
)

var errTooLarge = errors.New("too large")

// response takes the response of a function. Its content type is not looked at:
// what Invoke returns is bytes.
func (a *runtimeAPI) response(w http.ResponseWriter, r *http.Request) {
	a.conclude(w, r, func(body []byte) answer {
		if errorType := r.Trailer.Get(headerErrorType); errorType != "" {
			// A trailer that is no base64 leaves an error without a message.
			object, _ := base64.StdEncoding.DecodeString(r.Trailer.Get(headerErrorBody))
			return reportedFailure(errorType, object)
		}
		return answer{payload: body, at: time.Now()}
	})
}

// invocationError takes the error of a function.
func (a *runtimeAPI) invocationError(w http.ResponseWriter, r *http.Request) {
	a.conclude(w, r, func(body []byte) answer {
		return reportedFailure(r.Header.Get(headerErrorType), body)
	})
}

func (a *runtimeAPI) conclude(w http.ResponseWriter, r *http.Request, read func([]byte) answer) {
	inv, answered := a.running(r.PathValue("id"))
	switch {
	case inv == nil:
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return
	case answered:
		forbidden(w, "ResponseSent", "InvocationResponse")
		return
	}
	body, err := readBody(r)
	var ans answer
	switch {
	case errors.Is(err, errTooLarge):
		ans = tooLargeFailure()
	case err != nil:
		// The invocation stays open: most likely the process died while it sent
		// this, and how it died is the better answer.
		refuse(w, http.StatusBadRequest, "TruncatedHTTPRequest", "HTTP request detected as truncated")
		return
	default:
		ans = read(body)
	}
	switch {
	case !a.answer(inv, ans):
		forbidden(w, "ResponseSent", "InvocationResponse")
	case err != nil:
		tooLarge(w)
	default:
		accepted(w)
	}
}

// initError takes the error of a process that cannot initialise.
func (a *runtimeAPI) initError(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(r)
	switch {
	case errors.Is(err, errTooLarge):
		tooLarge(w)
	case err != nil:
		refuse(w, http.StatusBadRequest, "TruncatedHTTPRequest", "HTTP request detected as truncated")
	case !a.failInit(reportedFailure(r.Header.Get(headerErrorType), body)):
		forbidden(w, "Ready", "InitError")
	default:
		accepted(w)
	}
}

// readBody reads a body up to the limit. What is over it is read too, though not
// kept: a client that is still sending would not see the reply.
func readBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxResponseBytes+1))
	if err != nil {
		return nil, err
	}
	if len(body) > MaxResponseBytes {
		_, _ = io.Copy(io.Discard, r.Body)
		return nil, errTooLarge
	}
	return body, nil
}

func accepted(w http.ResponseWriter) {
	writeJSON(w, http.StatusAccepted, map[string]string{"status": "OK"})
}

func tooLarge(w http.ResponseWriter) {
	refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge",
		fmt.Sprintf("Exceeded maximum allowed payload size (%d bytes).", MaxResponseBytes))
}

func forbidden(w http.ResponseWriter, from, to string) {
	refuse(w, http.StatusForbidden, "InvalidStateTransition",
		fmt.Sprintf("State transition from %s to %s failed for runtime. Error: State transition is not allowed", from, to))
}

func notFound(w http.ResponseWriter, r *http.Request) {
	refuse(w, http.StatusNotFound, "NotFound", fmt.Sprintf("the runtime API has no %s %s", r.Method, r.URL.Path))
}

func refuse(w http.ResponseWriter, status int, errorType, message string) {
	writeJSON(w, status, &FunctionError{Type: errorType, Message: message})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // nobody to tell if the connection broke
}
