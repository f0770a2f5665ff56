package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/taskbridge/taskbridge/internal/event"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/task"
)

// The messages of the log lines. taskbridge run reads them, so they are part of
// the function's interface.
const (
	LogLaunched   = "launched"
	LogFailed     = "failed"
	LogUnmatched  = "no rule matched"
	LogSkipped    = "skipped"         // a rule that matched: reason is when, forEach or disabled
	LogInvocation = "invocation done" // at DEBUG: it adds up what the others say
	// LogPartialReplies is logged by each process at its first SQS batch, unless it
	// has been told.
	LogPartialReplies = "failed messages are named in the reply, which only an event source with ReportBatchItemFailures " +
		"looks at: see that it has it and set TASKBRIDGE_SQS_REPLY=partial, or set it to error"
)

// LogUnclassified is the value of the field alarm of a failure that is not in the
// table of known ones: watch for it, and have it added.
const LogUnclassified = "unclassified failure"

// classUnknown is the class of such a failure.
const classUnknown = "unknown"

// ReasonNotAttempted is the reason of what was not tried: it is fine for all that
// is known, and comes again.
const ReasonNotAttempted = "NotAttempted"

// notAttempted is the failure of a message that was not looked at.
type notAttempted string

const (
	errBlocked notAttempted = "an earlier message of its group failed"
	errNoTime  notAttempted = "no time was left before the invocation's deadline"
)

func (e notAttempted) Error() string { return string(e) }

// Class says that the message itself may be fine.
func (notAttempted) Class() string { return "transient" }

func (r *run) launched(ctx context.Context, res *result, o Outcome) {
	res.add(o, false)
	outcome, level := LogLaunched, slog.LevelInfo
	if o.Duplicate {
		outcome, level = "duplicate", slog.LevelWarn
	}
	r.write(ctx, level, LogLaunched, r.attrs(&o, outcome))
}

// failed records a failure; o.Reason is its word.
func (r *run) failed(ctx context.Context, res *result, o Outcome, err error) {
	o.Class, o.Error = classOf(err), err.Error()
	res.add(o, true)
	rule := o.Rule
	if o.stray {
		rule = ""
	}
	r.metrics.failed(rule, o.Class)
	r.write(ctx, slog.LevelError, LogFailed, r.attrs(&o, LogFailed))
}

func (res *result) add(o Outcome, bad bool) {
	res.mu.Lock()
	defer res.mu.Unlock()
	res.outcomes = append(res.outcomes, o)
	res.bad = res.bad || bad
}

func (r *run) unmatched(ctx context.Context, res *result, o Outcome) {
	res.mu.Lock()
	res.unmatched++
	res.mu.Unlock()
	r.write(ctx, slog.LevelInfo, LogUnmatched, o.identity())
}

func (r *run) skipped(ctx context.Context, res *result, o Outcome) {
	res.mu.Lock()
	res.skipped++
	res.mu.Unlock()
	r.write(ctx, slog.LevelInfo, LogSkipped, append(o.identity(), slog.String("reason", o.Reason)))
}

// summary ends an invocation: with its metrics, and with a line that adds up.
func (r *run) summary(ctx context.Context, source string, report *Report) {
	events := 0
	for i := range r.items {
		events += r.items[i].events
	}
	r.metrics.flush(events, report.Unmatched)
	if !r.log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	r.write(ctx, slog.LevelDebug, LogInvocation, []slog.Attr{
		slog.String("source", source),
		slog.Int("items", len(r.items)),
		slog.Int("events", events),
		slog.Int("launched", len(report.Launched)),
		slog.Int("failed", len(report.Failed)),
		slog.Int("unmatched", report.Unmatched),
		slog.Int("skipped", report.Skipped),
		slog.String("mapping", r.mapping.SHA256),
	})
}

// write is slog's LogAttrs without the search for the line of code that logs,
// which is in no record.
func (h *Handler) write(ctx context.Context, level slog.Level, message string, attrs []slog.Attr) {
	if !h.log.Enabled(ctx, level) {
		return
	}
	line := slog.NewRecord(time.Now(), level, message, 0)
	line.AddAttrs(attrs...)
	_ = h.log.Handler().Handle(ctx, line) // as slog itself does: a log that cannot be written stops nothing
}

// identity says what a line is about.
func (o *Outcome) identity() []slog.Attr {
	attrs := make([]slog.Attr, 0, 20)
	for _, a := range []struct{ key, value string }{{"item", o.Item}, {"eventId", o.EventID}, {"rule", o.Rule}} {
		if a.value != "" {
			attrs = append(attrs, slog.String(a.key, a.value))
		}
	}
	return attrs
}

// attrs are the fields of a launch or a failure: the same eleven on each line,
// and behind them what is not always there.
func (r *run) attrs(o *Outcome, outcome string) []slog.Attr {
	arns := o.TaskARNs
	if arns == nil {
		arns = []string{}
	}
	attrs := append(make([]slog.Attr, 0, 18),
		slog.String("eventId", o.EventID), slog.String("rule", o.Rule), slog.String("outcome", outcome),
		slog.String("class", o.Class), slog.String("reason", o.Reason),
		slog.Int("attempt", o.Attempt), slog.Int("generation", o.Generation),
		slog.Any("taskArns", arns), slog.String("clientToken", o.ClientToken),
		slog.Int64("latencyMs", o.LatencyMillis), slog.String("planHash", r.mapping.SHA256))
	alarm := ""
	if o.Class == classUnknown {
		alarm = LogUnclassified
	}
	for _, a := range []struct{ key, value string }{
		{"item", o.Item}, {"cluster", o.Cluster}, {"taskDefinition", o.TaskDefinition}, {"error", o.Error}, {"alarm", alarm},
	} {
		if a.value != "" {
			attrs = append(attrs, slog.String(a.key, a.value))
		}
	}
	if o.Element > 0 {
		attrs = append(attrs, slog.Int("element", o.Element))
	}
	if o.Duplicate {
		attrs = append(attrs, slog.Bool("duplicate", true))
	}
	return slices.Clip(attrs)
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
		return limit.Code
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
