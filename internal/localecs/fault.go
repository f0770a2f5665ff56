package localecs

import (
	"slices"
	"strings"
	"time"
)

// A FaultKind is something that goes wrong with a RunTask call.
type FaultKind string

// The kinds of faults. "Before" is before anything was launched, and leaves the client
// token unbound; "after" is after.
const (
	// FaultNone is no fault: the call proceeds, after its delay if it has one.
	FaultNone FaultKind = ""
	// FaultError answers with Code, Message and Status, and launches nothing.
	FaultError FaultKind = "error"
	// FaultFailures launches as many tasks as the request asked for less the number of
	// Failures, and answers with both. With no Failures it launches and answers with
	// neither.
	FaultFailures FaultKind = "failures"
	// FaultLoseBefore closes the connection without an answer, before.
	FaultLoseBefore FaultKind = "lose-before"
	// FaultLoseAfter closes the connection without an answer, after.
	FaultLoseAfter FaultKind = "lose-after"
	// FaultTruncate closes the connection after Bytes bytes of the answer's body
	// (half of it if 0), after.
	FaultTruncate FaultKind = "truncate"
	// FaultGarble answers with status 200 and the first Bytes bytes of the body as if
	// they were all of it (half of it if 0), after.
	FaultGarble FaultKind = "garble"
	// FaultUnavailable answers as a load balancer does, with status 503 and HTML,
	// before.
	FaultUnavailable FaultKind = "unavailable"
	// FaultUnavailableAfter does the same, after.
	FaultUnavailableAfter FaultKind = "unavailable-after"
)

// A Fault is something that goes wrong with RunTask calls, as plain data.
//
// It applies to the next call that Match fits, or the next Times such calls. A call that is
// refused, in conflict or replayed still uses it up; what the fault says about
// launching then has nothing to act on.
type Fault struct {
	Kind     FaultKind     `json:"kind,omitempty"`
	Match    FaultMatch    `json:"match,omitzero"`
	Times    int           `json:"times,omitempty"`    // 0 is once
	Code     string        `json:"code,omitempty"`     // FaultError; default ServerException
	Message  string        `json:"message,omitempty"`  // FaultError; a default for ServerException and ThrottlingException
	Status   int           `json:"status,omitempty"`   // FaultError; default 500 for ServerException, else 400
	Failures []Failure     `json:"failures,omitempty"` // FaultFailures
	Bytes    int           `json:"bytes,omitempty"`    // FaultTruncate, FaultGarble
	Delay    time.Duration `json:"delay,omitempty"`    // before the call is carried out, any kind
	Hold     time.Duration `json:"hold,omitempty"`     // before the answer is sent, any kind
}

// A FaultMatch selects calls; what is empty selects all.
type FaultMatch struct {
	Cluster   string `json:"cluster,omitempty"`   // as the request has it
	Family    string `json:"family,omitempty"`    // of the task definition
	StartedBy string `json:"startedBy,omitempty"` // as the request has it
	Token     string `json:"token,omitempty"`     // as the request has it
}

// A Failure is an element of an answer's failures.
type Failure struct {
	ARN    string `json:"arn,omitempty"`
	Reason string `json:"reason,omitempty"`
	Detail string `json:"detail,omitempty"`
}

func (m FaultMatch) fits(in *runTaskInput) bool {
	ref := in.TaskDefinition
	if i := strings.LastIndex(ref, "/"); i >= 0 {
		ref = ref[i+1:]
	}
	family, _, _ := strings.Cut(ref, ":")
	fits := func(want, got string) bool { return want == "" || want == got }
	return fits(m.Cluster, in.Cluster) && fits(m.Family, family) && fits(m.StartedBy, in.StartedBy) && fits(m.Token, in.ClientToken)
}

// Inject queues faults. Each RunTask call takes the first in the queue that fits it.
func (s *Server) Inject(f ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, fault := range f {
		fault.Times = max(fault.Times, 1)
		fault.Failures = slices.Clone(fault.Failures)
		s.faults = append(s.faults, fault)
	}
}

// takeFault returns the fault of a call; the zero Fault if it has none. The caller holds
// s.mu.
func (s *Server) takeFault(in *runTaskInput) Fault {
	for i := range s.faults {
		f := s.faults[i]
		if !f.Match.fits(in) {
			continue
		}
		if s.faults[i].Times--; s.faults[i].Times == 0 {
			s.faults = slices.Delete(s.faults, i, i+1)
		}
		return f
	}
	return Fault{}
}

// err is the answer of FaultError.
func (f *Fault) err() *apiError {
	e := &apiError{code: orDefault(f.Code, codeServer), message: f.Message, status: f.Status}
	if e.status == 0 {
		e.status = 400
		if e.code == codeServer {
			e.status = 500
		}
	}
	if e.message == "" {
		switch e.code {
		case codeServer:
			e.message = messageServiceUnavailable
		case codeThrottling:
			e.message = messageRateExceeded
		}
	}
	return e
}

// before reports whether the call ends before anything is carried out.
func (f *Fault) before() bool {
	return f.Kind == FaultError || f.Kind == FaultLoseBefore || f.Kind == FaultUnavailable
}

// cut returns how much of an answer of n bytes is sent.
func (f *Fault) cut(n int) int {
	if f.Bytes > 0 {
		return min(f.Bytes, n)
	}
	return n / 2
}
