package localecs

import (
	"encoding/json"
	"slices"
	"time"
)

// An Outcome says what became of a RunTask call in the endpoint, whatever the client
// got to see of it.
type Outcome string

// The outcomes of RunTask calls.
const (
	OutcomePending  Outcome = "pending"  // not carried out yet
	OutcomeLaunched Outcome = "launched" // status 200: tasks, failures, or both
	OutcomeReplayed Outcome = "replayed" // status 200 from an earlier call with this token
	OutcomeConflict Outcome = "conflict" // ConflictException
	OutcomeRefused  Outcome = "refused"  // any other error
	OutcomeDropped  Outcome = "dropped"  // a fault took the call before it was carried out
)

// A Call is an entry of the journal: one RunTask request.
type Call struct {
	Time     time.Time // of arrival
	Body     []byte    // as received
	Token    string
	Cluster  string // as the request has it
	Outcome  Outcome
	TaskARNs []string // launched, replayed, or in conflict with
	Failures []Failure
	Code     string    // of the error, if the outcome is one
	Message  string    // of the error
	Fault    FaultKind // that the call met with
}

// Launched returns how many tasks the call launched itself.
func (c *Call) Launched() int {
	if c.Outcome != OutcomeLaunched {
		return 0
	}
	return len(c.TaskARNs)
}

// The journal keeps this many calls, and this much of their bodies.
const (
	maxCalls     = 100_000
	maxCallBytes = 64 << 20
)

// record appends a call. The caller holds s.mu.
func (s *Server) record(body []byte, now time.Time) *Call {
	c := &Call{Time: now, Body: body, Outcome: OutcomePending}
	s.calls = append(s.calls, c)
	s.callBytes += len(body)
	for len(s.calls) > maxCalls || s.callBytes > maxCallBytes {
		s.callBytes -= len(s.calls[0].Body)
		s.calls[0] = nil
		s.calls = s.calls[1:]
	}
	return c
}

// note completes an entry with what became of the call. The caller holds s.mu.
func (c *Call) note(out *runTaskOutput, err *apiError) {
	switch {
	case err != nil && err.code == codeConflict:
		c.Outcome, c.TaskARNs = OutcomeConflict, err.resourceIDs
	case err != nil:
		c.Outcome = OutcomeRefused
	case out.replayed:
		c.Outcome, c.TaskARNs, c.Failures = OutcomeReplayed, out.arns, out.Failures
	default:
		c.Outcome, c.TaskARNs, c.Failures = OutcomeLaunched, out.arns, out.Failures
	}
	if err != nil {
		c.Code, c.Message = err.code, err.message
	}
}

// Calls returns every RunTask request in the order of arrival, refused and lost ones
// too. Of a great many only the latest are kept.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := make([]Call, 0, len(s.calls))
	for _, c := range s.calls {
		k := *c
		k.Body = slices.Clone(c.Body)
		k.TaskARNs = slices.Clone(c.TaskARNs)
		k.Failures = slices.Clone(c.Failures)
		calls = append(calls, k)
	}
	return calls
}

// runTaskOutput is the answer of status 200.
type runTaskOutput struct {
	Tasks    []any     `json:"tasks"`
	Failures []Failure `json:"failures"`

	replayed bool
	arns     []string
}

func (o *runTaskOutput) encode() []byte {
	b, _ := json.Marshal(o) // strings and numbers only
	return b
}
