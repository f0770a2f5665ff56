package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/taskbridge/taskbridge/internal/event"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/task"
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
	Duplicate      bool     `json:"duplicate,omitempty"`
	Class          string   `json:"class,omitempty"`  // of a failure
	Reason         string   `json:"reason,omitempty"` // of a failure, or why a rule was skipped, one word
	Error          string   `json:"error,omitempty"`
}

// An InvocationError says that an invocation that is no SQS batch failed, in a
// text that an on-failure destination shows.
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

// partial is the partial batch response of an SQS event source: AWS Lambda
// developer guide, "Handling errors for an SQS event source". An empty list says
// that all went well; null would too, but not to every reader.
type partial struct {
	BatchItemFailures []partialItem `json:"batchItemFailures"`
}

type partialItem struct {
	ItemIdentifier string `json:"itemIdentifier"`
}

func (r *run) reply(source event.Source) ([]byte, error) {
	if source == event.SQS {
		p := partial{BatchItemFailures: []partialItem{}}
		for _, id := range r.failures {
			p.BatchItemFailures = append(p.BatchItemFailures, partialItem{id})
		}
		return json.Marshal(p)
	}
	if len(r.report.Failed) > 0 {
		return nil, &InvocationError{r.report.Failed}
	}
	report := r.report
	if report.Launched == nil {
		report.Launched = []Outcome{}
	}
	report.Failed = []Outcome{}
	return json.Marshal(report)
}

// The messages of the log lines. taskbridge run reads them, so they are part of
// the function's interface.
const (
	LogLaunched   = "launched"
	LogFailed     = "failed"
	LogUnmatched  = "no rule matched"
	LogSkipped    = "skipped" // a rule that matched: reason is when, forEach or disabled
	LogInvocation = "invocation done"
)

func (r *run) launched(ctx context.Context, o Outcome) {
	r.report.Launched = append(r.report.Launched, o)
	level := slog.LevelInfo
	if o.Duplicate {
		level = slog.LevelWarn
	}
	r.log.LogAttrs(ctx, level, LogLaunched, o.attrs()...)
}

// failed records a failure; o.Reason is its word.
func (r *run) failed(ctx context.Context, o Outcome, err error) {
	o.Class, o.Error = classOf(err), err.Error()
	r.report.Failed = append(r.report.Failed, o)
	r.log.LogAttrs(ctx, slog.LevelError, LogFailed, o.attrs()...)
}

func (r *run) unmatched(ctx context.Context, o Outcome) {
	r.report.Unmatched++
	r.log.LogAttrs(ctx, slog.LevelInfo, LogUnmatched, o.attrs()...)
}

func (r *run) skipped(ctx context.Context, o Outcome) {
	r.report.Skipped++
	r.log.LogAttrs(ctx, slog.LevelInfo, LogSkipped, o.attrs()...)
}

func (h *Handler) summary(ctx context.Context, source string, r *run) {
	h.log.LogAttrs(ctx, slog.LevelInfo, LogInvocation,
		slog.String("source", source),
		slog.Int("items", r.items),
		slog.Int("events", r.events),
		slog.Int("launched", len(r.report.Launched)),
		slog.Int("failed", len(r.report.Failed)),
		slog.Int("unmatched", r.report.Unmatched),
		slog.Int("skipped", r.report.Skipped),
		slog.String("mapping", h.mapping.SHA256))
}

func (o *Outcome) attrs() []slog.Attr {
	var attrs []slog.Attr
	for _, a := range []struct{ key, value string }{
		{"item", o.Item}, {"eventId", o.EventID}, {"rule", o.Rule}, {"cluster", o.Cluster}, {"taskDefinition", o.TaskDefinition},
		{"clientToken", o.ClientToken}, {"class", o.Class}, {"reason", o.Reason}, {"error", o.Error},
	} {
		if a.value != "" {
			attrs = append(attrs, slog.String(a.key, a.value))
		}
	}
	if len(o.TaskARNs) > 0 {
		attrs = append(attrs, slog.Any("taskArns", o.TaskARNs))
	}
	if o.Element > 0 {
		attrs = append(attrs, slog.Int("element", o.Element))
	}
	if o.Duplicate {
		attrs = append(attrs, slog.Bool("duplicate", true))
	}
	return attrs
}

// classOf is the failure class of an error that says it; whatever is found out
// before any call is permanent.
func classOf(err error) string {
	var classed interface{ Class() string }
	if errors.As(err, &classed) {
		return classed.Class()
	}
	return "permanent"
}

// reasonOf is a word for an error, to group failures by.
func reasonOf(err error) string {
	var (
		reasoned interface{ Code() string }
		render   *mapping.RenderError
		limit    *task.LimitError
	)
	switch {
	case errors.As(err, &reasoned):
		return reasoned.Code()
	case errors.As(err, &render):
		return "RenderError"
	case errors.As(err, &limit):
		return "LimitExceeded"
	case errors.Is(err, mapping.ErrUnknownRule):
		return "UnknownRule"
	case errors.Is(err, event.ErrUnsupported):
		return "UnsupportedEvent"
	}
	return "BadEvent"
}

func unjoin(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}
