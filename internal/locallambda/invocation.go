package locallambda

import (
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// invocation is one attempt to have a process handle one event. The runtime API
// of that process answers it; Lambda.Invoke waits for it.
type invocation struct {
	id        string
	trace     string
	payload   []byte
	offered   time.Time
	deadline  time.Time
	delivered atomic.Bool   // the process was sent the event, or part of it
	answered  chan answer   // holds the one answer
	settled   chan struct{} // closed when the process, having answered, asks for more
}

func newInvocation(id, trace string, payload []byte, timeout time.Duration) *invocation {
	now := time.Now()
	return &invocation{
		id:       id,
		trace:    trace,
		payload:  payload,
		offered:  now,
		deadline: now.Add(timeout),
		answered: make(chan answer, 1),
		settled:  make(chan struct{}),
	}
}

// send writes the event as the reply to a request for the next one. Lambda also
// sends Cognito identities and client contexts, where the caller of Invoke is a
// mobile application; here there is none.
func (inv *invocation) send(w http.ResponseWriter, functionARN string) {
	inv.delivered.Store(true)
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(inv.payload)))
	h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.deadline.UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", functionARN)
	h.Set("Lambda-Runtime-Trace-Id", inv.trace)
	_, _ = w.Write(inv.payload) // a process that hung up is noticed when it asks again, or exits
}
