package localecs

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	targetPrefix = "AmazonEC2ContainerServiceV20141113."
	contentType  = "application/x-amz-json-1.1"
	// A request is at most this long. The largest that ECS accepts is a task definition
	// of 64 KB.
	maxBody = 1 << 20
)

// operations are those other than RunTask, which has a life of its own. They are
// called with the server's lock held.
var operations = map[string]func(*Server, []byte) (any, *apiError){
	"CreateCluster":            (*Server).createCluster,
	"DescribeClusters":         (*Server).describeClusters,
	"RegisterTaskDefinition":   (*Server).registerTaskDefinition,
	"DeregisterTaskDefinition": (*Server).deregisterTaskDefinition,
	"DescribeTaskDefinition":   (*Server).describeTaskDefinition,
	"DescribeTasks":            (*Server).describeTasks,
	"ListTasks":                (*Server).listTasks,
	"StopTask":                 (*Server).stopTask,
}

// ServeHTTP answers one request of the ECS API. An answer that a [Fault] loses ends in
// a panic with [http.ErrAbortHandler], which is how a handler closes the connection.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := s.answer(r)
	s.mu.Lock()
	s.requests++
	id := idUUID(s.opts.Seed, idRequest, s.requests)
	s.mu.Unlock()

	if a.lost {
		panic(http.ErrAbortHandler)
	}
	h := w.Header()
	h.Set("Content-Type", orDefault(a.contentType, contentType))
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	h.Set("X-Amzn-RequestId", id)
	w.WriteHeader(a.status)
	if !a.truncated {
		w.Write(a.body)
		return
	}
	w.Write(a.body[:a.sent])
	http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func (s *Server) answer(r *http.Request) answer {
	operation, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), targetPrefix)
	if !ok || r.Method != http.MethodPost {
		return errorAnswer(badRequest(codeUnknownOperation,
			"This endpoint answers POST requests whose X-Amz-Target starts with %s", targetPrefix))
	}
	if media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); strings.TrimSpace(media) != contentType {
		return errorAnswer(badRequest(codeSerialization, "The Content-Type must be %s.", contentType))
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return errorAnswer(&apiError{
			status:  http.StatusRequestEntityTooLarge,
			code:    codeRequestEntityTooLarge,
			message: "The request body is too large.",
		})
	}
	if err != nil {
		return errorAnswer(badRequest(codeSerialization, "The request body ended early."))
	}
	if operation == "RunTask" {
		return s.runTask(r.Context(), body)
	}
	serve, ok := operations[operation]
	if !ok {
		return errorAnswer(badRequest(codeUnknownOperation, "The operation %q is not one that this endpoint has.", operation))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.meterOf(operation).take(s.clock.Now()); err != nil {
		return errorAnswer(err)
	}
	out, apiErr := serve(s, body)
	if apiErr != nil {
		return errorAnswer(apiErr)
	}
	b, _ := json.Marshal(out) // strings, numbers, and JSON as it came
	return answer{status: http.StatusOK, body: b}
}

// meterOf returns the bucket that an operation other than RunTask draws from.
func (s *Server) meterOf(operation string) *meter {
	switch operation {
	case "StopTask":
		return &s.modify
	case "DescribeTasks", "ListTasks", "DescribeClusters":
		return &s.read
	}
	return &meter{}
}

func (s *Server) sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	if c, ok := s.clock.(sleeper); ok {
		c.Sleep(ctx, d)
		return
	}
	realClock{}.Sleep(ctx, d)
}

// An answer is what goes over the wire.
type answer struct {
	status      int
	contentType string // default AWS JSON 1.1
	body        []byte
	lost        bool // the connection is closed instead
	truncated   bool // the connection is closed after sent bytes of the body
	sent        int
}

// errorAnswer has the shape of ECS's errors: the code in __type and nowhere else.
func errorAnswer(e *apiError) answer {
	m := map[string]any{"__type": e.code, "message": e.message}
	if e.code == codeConflict {
		m["resourceIds"] = notNil(e.resourceIDs)
	}
	b, _ := json.Marshal(m)
	return answer{status: e.status, body: b}
}

// unavailable is what a load balancer says when there is nobody behind it.
func unavailable() answer {
	return answer{
		status:      http.StatusServiceUnavailable,
		contentType: "text/html",
		body:        []byte("<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>\n"),
	}
}
