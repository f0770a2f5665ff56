package dispatch

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/event"
)

// A Report is the reply to an invocation that is no SQS batch.
type Report struct {
	Launched  []Outcome `json:"launched"`
	Failed    []Outcome `json:"failed"`
	Unmatched int       `json:"unmatched"`         // events that no rule matched
	Skipped   int       `json:"skipped,omitempty"` // rules that matched and launch nothing: when is false, forEach is empty, disabled
}

// An Outcome is what became of one rule for one event, or of an item that could
// not be read. It is also what is logged; values of the payload are not in it.
type Outcome struct {
	Item           string   `json:"item,omitempty"` // SQS or SNS message id
	EventID        string   `json:"eventId,omitempty"`
	Rule           string   `json:"rule,omitempty"`
	Element        int      `json:"element,omitempty"` // index under forEach
	Cluster        string   `json:"cluster,omitempty"`
	TaskDefinition string   `json:"taskDefinition,omitempty"`
	TaskARNs       []string `json:"taskArns,omitempty"`
	ClientToken    string   `json:"clientToken,omitempty"`
	Attempt        int      `json:"attempt,omitempty"`    // calls of RunTask by this launch
	Generation     int      `json:"generation,omitempty"` // of the client token
	LatencyMillis  int64    `json:"latencyMs,omitempty"`  // of the launch, pauses included
	Duplicate      bool     `json:"duplicate,omitempty"`
	Class          string   `json:"class,omitempty"`  // of a failure
	Reason         string   `json:"reason,omitempty"` // of a failure, or why a rule was skipped, one word
	Error          string   `json:"error,omitempty"`

	place int  // among the outcomes of its item
	stray bool // Rule is what the event says, not a rule of the mapping
}

// An InvocationError says that an invocation failed as a whole, in a text that an
// on-failure destination shows.
type InvocationError struct{ Failed []Outcome }

func (e *InvocationError) Error() string {
	const most = 10
	var lines []string
	for i, f := range e.Failed {
		if i == most {
			lines = append(lines, fmt.Sprintf("and %d more", len(e.Failed)-most))
			break
		}
		line := f.Class + " " + f.Reason
		if f.Rule != "" {
			line += fmt.Sprintf(" in rule %q", f.Rule)
		}
		lines = append(lines, line+": "+f.Error)
	}
	return strings.Join(lines, "\n")
}

// SQSReply is how an SQS batch is answered in which messages failed. Whether the
// event source has ReportBatchItemFailures is not told to a function: without it,
// Lambda deletes the failed messages of a batch that was answered in any way but
// with an error.
type SQSReply string

// The values of SQSReply.
const (
	SQSUnknown SQSReply = ""        // partial, with a warning at the first batch
	SQSPartial SQSReply = "partial" // the failed messages are named
	SQSError   SQSReply = "error"   // an error: the whole batch comes again, and starts nothing twice
)

// partial is the partial batch response of an SQS event source: AWS Lambda
// developer guide, "Handling errors for an SQS event source". An empty list says
// that all went well; null would too, but not to every reader.
type partial struct {
	BatchItemFailures []partialItem `json:"batchItemFailures"`
}

type partialItem struct {
	ItemIdentifier string `json:"itemIdentifier"`
}

func (r *run) reply(batch event.Batch, report *Report) ([]byte, error) {
	p := partial{BatchItemFailures: []partialItem{}}
	for i := range r.items {
		if r.items[i].bad {
			p.BatchItemFailures = append(p.BatchItemFailures, partialItem{batch.Items[i].ID})
		}
	}
	switch failed := len(p.BatchItemFailures) > 0; {
	case batch.Source == event.SQS && (!failed || r.opts.SQS != SQSError):
		return json.Marshal(p)
	case failed:
		return nil, &InvocationError{report.Failed}
	}
	return json.Marshal(report)
}

// report sums up the items, in their order; within one, events, rules and elements
// in theirs.
func (r *run) report() Report {
	report := Report{Launched: []Outcome{}, Failed: []Outcome{}}
	for i := range r.items {
		res := &r.items[i]
		report.Unmatched += res.unmatched
		report.Skipped += res.skipped
		slices.SortStableFunc(res.outcomes, func(a, b Outcome) int { return a.place - b.place })
		for _, o := range res.outcomes {
			if o.Class == "" {
				report.Launched = append(report.Launched, o)
			} else {
				report.Failed = append(report.Failed, o)
			}
		}
	}
	return report
}
