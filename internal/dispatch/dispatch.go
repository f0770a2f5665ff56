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
	"sync"
	"time"

	"github.com/taskbridge/taskbridge/internal/event"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/task"
)

// A Launcher makes launches happen, each once. It is called by several
// goroutines at once, and returns before the deadline of its context. An error may
// name its failure class by a method Class() string and its reason by a method
// Code() string.
type Launcher interface {
	Launch(context.Context, task.Launch) (task.Launched, error)
}

// A Handler answers invocations. It is lambda.Handler, and may be used by any
// number of goroutines at once.
type Handler struct {
	mapping  *mapping.Mapping
	launcher Launcher
	log      *slog.Logger
	opts     Options
	warn     sync.Once // about the reply to SQS
	metrics  metrics
}

// New returns a Handler. Its log gets one line for each launch and each failure,
// at DEBUG one for each invocation; never a value of the payload.
func New(m *mapping.Mapping, l Launcher, log *slog.Logger, opts Options) *Handler {
	return &Handler{mapping: m, launcher: l, log: log, opts: opts, metrics: metrics{to: opts.Metrics, namespace: opts.Namespace}}
}

// Invoke answers one invocation. For SQS the reply is a partial batch response;
// otherwise it is a [Report], and anything that failed is also an
// [*InvocationError], so that Lambda retries or sends the event to the on-failure
// destination.
//
// It answers before the deadline of ctx. What there was no time for fails with the
// reason NotAttempted.
func (h *Handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	batch, err := event.Parse(payload, h.mapping.Accept)
	if err != nil {
		r := newRun(h, 1)
		r.failed(ctx, &r.items[0], Outcome{Reason: reasonOf(err)}, err)
		report := r.report()
		r.summary(ctx, "", &report)
		return nil, &InvocationError{report.Failed}
	}
	if batch.Source == event.SQS && h.opts.SQS == SQSUnknown {
		h.warn.Do(func() { h.write(ctx, slog.LevelWarn, LogPartialReplies, nil) })
	}
	r := newRun(h, len(batch.Items))
	working, cancel := beforeAnswer(ctx)
	defer cancel()
	lanes := lanesOf(batch.Items)
	r.each(len(lanes), func(i int) { r.lane(working, batch.Items, lanes[i]) })
	report := r.report()
	r.summary(ctx, batch.Source.String(), &report)
	return r.reply(batch, &report)
}

// beforeAnswer is ctx with a deadline that leaves time to answer: half a second,
// of short invocations a tenth.
func beforeAnswer(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ctx, func() {}
	}
	left := time.Until(deadline)
	return context.WithDeadline(ctx, deadline.Add(-min(left/10, 500*time.Millisecond)))
}

// lanesOf groups the indexes of items: those of one FIFO group keep their order
// and form a lane, any other item is a lane of its own.
func lanesOf(items []event.Item) [][]int {
	lanes := make([][]int, 0, len(items))
	var groups map[string]int
	for i := range items {
		group := items[i].Group
		if group == "" {
			lanes = append(lanes, []int{i})
			continue
		}
		lane, ok := groups[group]
		if !ok {
			if groups == nil {
				groups = map[string]int{}
			}
			lane = len(lanes)
			groups[group] = lane
			lanes = append(lanes, nil)
		}
		lanes[lane] = append(lanes[lane], i)
	}
	return lanes
}

// run is one invocation.
type run struct {
	*Handler
	items []result
	extra chan struct{} // a place for each goroutine besides the first
}

// result is what has become of one item. One goroutine has it at a time, or holds
// mu.
type result struct {
	mu        sync.Mutex
	bad       bool
	events    int
	unmatched int
	skipped   int
	outcomes  []Outcome
}

func newRun(h *Handler, items int) *run {
	parallel := h.opts.Parallel
	if parallel == 0 {
		parallel = MaxParallel
	}
	return &run{Handler: h, items: make([]result, items), extra: make(chan struct{}, parallel-1)}
}

// each calls f for 0 to n-1, at the same time as far as there are places for
// goroutines, and returns when all calls have.
func (r *run) each(n int, f func(int)) {
	if n == 1 {
		f(0)
		return
	}
	var group sync.WaitGroup
	for i := range n {
		if i == n-1 {
			f(i)
			break
		}
		select {
		case r.extra <- struct{}{}:
			group.Go(func() {
				defer func() { <-r.extra }()
				f(i)
			})
		default:
			f(i)
		}
	}
	group.Wait()
}

// lane handles items in their order. Order within a FIFO group is a promise: what
// follows a failed message waits for its retry.
func (r *run) lane(ctx context.Context, items []event.Item, lane []int) {
	failed := false
	for _, i := range lane {
		switch res := &r.items[i]; {
		case failed:
			r.failed(ctx, res, Outcome{Item: items[i].ID, Reason: ReasonNotAttempted}, errBlocked)
		case ctx.Err() != nil:
			r.failed(ctx, res, Outcome{Item: items[i].ID, Reason: ReasonNotAttempted}, errNoTime)
		default:
			r.item(ctx, res, &items[i])
		}
		failed = r.items[i].bad
	}
}

// item runs the events of one item: in a FIFO group one after the other.
func (r *run) item(ctx context.Context, res *result, item *event.Item) {
	if item.Err != nil {
		for _, err := range unjoin(item.Err) {
			r.failed(ctx, res, Outcome{Item: item.ID, Reason: reasonOf(err)}, err)
		}
	}
	res.events = len(item.Events)
	if item.Group != "" {
		for i, e := range item.Events {
			r.event(ctx, res, Outcome{Item: item.ID, place: (i + 1) * perEvent}, e)
		}
		return
	}
	r.each(len(item.Events), func(i int) {
		r.event(ctx, res, Outcome{Item: item.ID, place: (i + 1) * perEvent}, item.Events[i])
	})
}

// perEvent is more than the launches of one event can be.
const perEvent = 1 << 30

// event runs one event through every rule that matches it. Their launches do not
// wait for each other.
func (r *run) event(ctx context.Context, res *result, out Outcome, e event.Event) {
	matches, err := r.mapping.Match(e)
	out.Rule = clip(e.Rule)
	if len(matches) > 0 {
		out.EventID = clip(matches[0].EventID)
	} else {
		out.EventID = clip(e.ID())
	}
	if err != nil {
		out.Reason, out.stray = reasonOf(err), true
		r.failed(ctx, res, out, err)
		return
	}
	if len(matches) == 0 {
		r.unmatched(ctx, res, out)
		return
	}
	var launches []*mapping.Launch
	for i := range matches {
		m := &matches[i]
		r.metrics.matched(m.Rule, len(m.Launches))
		if m.Skipped != "" {
			skipped := out
			skipped.Rule, skipped.Reason = m.Rule, string(m.Skipped)
			r.skipped(ctx, res, skipped)
		}
		for j := range m.Launches {
			launches = append(launches, &m.Launches[j])
		}
	}
	r.each(len(launches), func(i int) {
		l := launches[i]
		one := out
		one.place += i
		r.launch(ctx, res, one, l)
	})
}

// launch makes one launch of one rule for one event.
func (r *run) launch(ctx context.Context, res *result, out Outcome, l *mapping.Launch) {
	out.Rule, out.Element = l.Rule, l.Element
	if l.Err != nil {
		out.Reason = reasonOf(l.Err)
		r.failed(ctx, res, out, l.Err)
		return
	}
	out.TaskDefinition, out.Cluster = l.Request.TaskDefinition, l.Request.Cluster
	began := time.Now()
	launched, err := r.launcher.Launch(ctx, l.Launch)
	latency := time.Since(began)
	out.TaskARNs, out.ClientToken = launched.TaskARNs, launched.ClientToken
	out.Attempt, out.Generation, out.LatencyMillis = launched.Attempts, launched.Generation, latency.Milliseconds()
	r.metrics.launch(l.Rule, &launched, latency, err == nil)
	if err != nil {
		out.Reason = reasonOf(err)
		r.failed(ctx, res, out, err)
		return
	}
	out.Duplicate = launched.Duplicate
	r.launched(ctx, res, out)
}

// clip bounds what an event chose itself and the log repeats.
func clip(s string) string {
	const most = 128
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
