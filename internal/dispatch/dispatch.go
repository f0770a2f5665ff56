// Package dispatch answers one invocation of the function: payload in, reply out.
//
// [Handler.Invoke] splits the payload into items, runs every event of an item
// through every matching rule, launches, and answers as the source of the
// payload wants. The unit of failure is the item: an SQS message, or the whole
// invocation otherwise.
package dispatch

import (
	"context"
	"log/slog"
	"strings"

	"github.com/taskbridge/taskbridge/internal/event"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/task"
)

// A Launcher makes launches happen, each once. It is called by several
// goroutines at once. An error may name its failure class by a method
// Class() string.
type Launcher interface {
	Launch(context.Context, task.Launch) (task.Launched, error)
}

// A Handler answers invocations. It is lambda.Handler, and may be used by any
// number of goroutines at once.
type Handler struct {
	mapping  *mapping.Mapping
	launcher Launcher
	log      *slog.Logger
}

// New returns a Handler. Its log gets one line for each launch and each failure
// and one for each invocation; never a value of the payload.
func New(m *mapping.Mapping, l Launcher, log *slog.Logger) *Handler {
	return &Handler{m, l, log}
}

// Invoke answers one invocation. For SQS the reply is a partial batch response;
// otherwise it is a [Report], and anything that failed is also an
// [*InvocationError], so that Lambda retries or sends the event to the on-failure
// destination.
func (h *Handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	batch, err := event.Parse(payload, h.mapping.Accept)
	if err != nil {
		run := &run{Handler: h}
		run.failed(ctx, Outcome{Reason: reasonOf(err)}, err)
		h.summary(ctx, "", run)
		return nil, &InvocationError{[]Outcome{run.report.Failed[0]}}
	}
	r := &run{Handler: h, items: len(batch.Items)}
	var blocked map[string]bool // FIFO groups in which a message failed
	for i := range batch.Items {
		item := &batch.Items[i]
		var ok bool
		if item.Group != "" && blocked[item.Group] {
			// Order within a group is a promise: what follows a failed message
			// waits for its retry.
			r.failed(ctx, Outcome{Item: item.ID, Reason: "NotAttempted"}, errBlocked)
		} else {
			ok = r.item(ctx, item)
		}
		if !ok {
			r.failures = append(r.failures, item.ID)
			if item.Group != "" {
				if blocked == nil {
					blocked = map[string]bool{}
				}
				blocked[item.Group] = true
			}
		}
	}
	h.summary(ctx, batch.Source.String(), r)
	return r.reply(batch.Source)
}

// errBlocked is the failure of a message that was not looked at.
var errBlocked error = blockedError{}

type blockedError struct{}

func (blockedError) Error() string { return "an earlier message of its group failed" }

// Class says that the message itself may be fine.
func (blockedError) Class() string { return "transient" }

// run is what has become of one invocation so far.
type run struct {
	*Handler
	items    int
	events   int
	report   Report
	failures []string // ids of failed items
}

// item runs the events of one item and reports whether all went well.
func (r *run) item(ctx context.Context, item *event.Item) bool {
	ok := true
	if item.Err != nil {
		ok = false
		for _, err := range unjoin(item.Err) {
			r.failed(ctx, Outcome{Item: item.ID, Reason: reasonOf(err)}, err)
		}
	}
	for _, e := range item.Events {
		ok = r.event(ctx, item.ID, e) && ok
	}
	return ok
}

// event runs one event through every rule that matches it.
func (r *run) event(ctx context.Context, itemID string, e event.Event) bool {
	r.events++
	matches, err := r.mapping.Match(e)
	out := Outcome{Item: itemID, EventID: clip(e.ID()), Rule: clip(e.Rule)}
	if err != nil {
		out.Reason = reasonOf(err)
		r.failed(ctx, out, err)
		return false
	}
	if len(matches) == 0 {
		r.unmatched(ctx, out)
		return true
	}
	ok := true
	for i := range matches {
		m := &matches[i]
		out.Rule = m.Rule
		if m.Skipped != "" {
			out.Reason = string(m.Skipped)
			r.skipped(ctx, out)
			continue
		}
		for j := range m.Launches {
			ok = r.launch(ctx, out, &m.Launches[j]) && ok
		}
	}
	return ok
}

// clip bounds what an event chose itself and the log repeats.
func clip(s string) string {
	const most = 128
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// launch makes one launch of one rule for one event.
func (r *run) launch(ctx context.Context, out Outcome, l *mapping.Launch) bool {
	out.Element = l.Element
	if l.Err != nil {
		out.Reason = reasonOf(l.Err)
		r.failed(ctx, out, l.Err)
		return false
	}
	out.TaskDefinition, out.Cluster = l.Request.TaskDefinition, l.Request.Cluster
	launched, err := r.launcher.Launch(ctx, l.Launch)
	out.TaskARNs, out.ClientToken = launched.TaskARNs, launched.ClientToken
	if err != nil {
		out.Reason = reasonOf(err)
		r.failed(ctx, out, err)
		return false
	}
	out.Duplicate = launched.Duplicate
	r.launched(ctx, out)
	return true
}
