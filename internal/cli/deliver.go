package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/taskbridge/taskbridge/internal/dispatch"
	"github.com/taskbridge/taskbridge/internal/locallambda"
	"github.com/taskbridge/taskbridge/internal/mapping"
)

// errRunFailed says that something went wrong that the output already shows.
var errRunFailed = errors.New("run failed")

// delivery is what became of one payload.
type delivery struct {
	Event    string `json:"event" doc:"name of the file"`
	Expected string `json:"expected,omitempty" doc:"\"failure\" for a sample that must fail"`
	OK       bool   `json:"ok" doc:"it ended as it should"`
	Rows     []row  `json:"outcomes" doc:"one for each launch, or one that says why there is none"`
}

// row is one line of the table.
type row struct {
	dispatch.Outcome
	Result string `json:"outcome" doc:"\"launched\", \"duplicate\", \"no match\", \"no event\" or \"failed\""`
}

// The words of the outcome column.
const (
	resultLaunched  = "launched"
	resultDuplicate = "duplicate"
	resultNoMatch   = "no match"
	resultSkipped   = "skipped"
	resultNoEvent   = "no event"
	resultFailed    = "failed"
)

type result struct {
	Deliveries  []delivery `json:"deliveries"`
	Redelivered *delivery  `json:"redelivered,omitempty" doc:"one of them, delivered again"`
	Launched    int        `json:"launched" doc:"requests"`
	Duplicates  int        `json:"duplicates" doc:"requests that had been launched before"`
	Unmatched   int        `json:"unmatched" doc:"events"`
	Failed      int        `json:"failed" doc:"launches"`
	Unexpected  int        `json:"unexpected" doc:"deliveries that did not end as they should"`
}

// deliverAll makes every invocation and prints the result.
func (c *Command) deliverAll(ctx context.Context, o *runOptions, plan *mapping.Plan) error {
	payloads, err := c.payloads(o)
	if err != nil {
		return err
	}
	if o.live {
		if err := c.announce(ctx, o, plan, payloads); err != nil {
			return err
		}
	}
	f, err := c.startFunction(o, plan)
	if err != nil {
		return err
	}
	defer f.close()
	var res result
	progress := c.progress(len(payloads))
	var again *payload
	for i := range payloads {
		p := &payloads[i]
		progress(i, p.name)
		d, err := f.deliver(ctx, p)
		if err != nil {
			progress(-1, "")
			return err
		}
		if again == nil && d.OK && !p.fails && d.has(resultLaunched) {
			again = p
		}
		res.add(d)
	}
	progress(-1, "")
	if o.samples != "" && again != nil {
		if err := f.redeliver(ctx, again, &res); err != nil {
			return err
		}
	}
	if err := c.printResult(o, &res, f.endpoint()); err != nil {
		return err
	}
	if res.Unexpected > 0 {
		return errRunFailed
	}
	return nil
}

func (d *delivery) has(result string) bool {
	return slices.ContainsFunc(d.Rows, func(r row) bool { return r.Result == result })
}

func (r *result) add(d delivery) {
	r.Deliveries = append(r.Deliveries, d)
	for _, row := range d.Rows {
		switch row.Result {
		case resultLaunched:
			r.Launched++
		case resultDuplicate:
			r.Duplicates++
		case resultNoMatch:
			r.Unmatched++
		case resultFailed:
			r.Failed++
		}
	}
	if !d.OK {
		r.Unexpected++
	}
}

// function is the real binary with what it writes.
type function struct {
	lambda  *locallambda.Lambda
	ecs     *embedded // nil with --live
	cleanup func()

	mu     sync.Mutex
	lines  map[string][]logLine // by request id
	done   map[string]chan struct{}
	stderr []string        // lines that are no log records, newest last
	seen   map[string]bool // task ARNs
	rules  map[string]int  // their places in the mapping
}

func rulesOf(plan *mapping.Plan) map[string]int {
	places := map[string]int{}
	for i := range plan.Rules {
		places[plan.Rules[i].Name] = i
	}
	return places
}

// logLine is a record of the function's log.
type logLine struct {
	Message   string `json:"message"`
	RequestID string `json:"requestId"`
	dispatch.Outcome
}

// output takes one line of the function. It is never called concurrently, but
// while deliver reads.
func (f *function) output(line locallambda.Line) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var l logLine
	if json.Unmarshal([]byte(line.Text), &l) != nil || l.RequestID == "" {
		const most = 20
		if f.stderr = append(f.stderr, line.Text); len(f.stderr) > most {
			f.stderr = f.stderr[1:]
		}
		return
	}
	f.lines[l.RequestID] = append(f.lines[l.RequestID], l)
	if l.Message == dispatch.LogInvocation {
		close(f.finished(l.RequestID))
	}
}

// finished is closed when the log of an invocation is complete. f.mu is held.
func (f *function) finished(requestID string) chan struct{} {
	if f.done[requestID] == nil {
		f.done[requestID] = make(chan struct{})
	}
	return f.done[requestID]
}

// logWait bounds the wait for the last log line of an invocation that has
// answered; it is in the pipe already.
const logWait = 5 * time.Second

// deliver makes one invocation.
func (f *function) deliver(ctx context.Context, p *payload) (delivery, error) {
	d := delivery{Event: p.name}
	if p.fails {
		d.Expected = "failure"
	}
	answer, err := f.lambda.Invoke(ctx, p.data)
	if err != nil {
		return d, err
	}
	f.mu.Lock()
	finished := f.finished(answer.RequestID)
	f.mu.Unlock()
	timeout := logWait
	if answer.FunctionError != nil && answer.FunctionError.Type != "InvocationError" {
		timeout = 100 * time.Millisecond // it crashed: there may be no last line
	}
	select {
	case <-finished:
	case <-time.After(timeout):
	case <-ctx.Done():
		return d, ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range f.lines[answer.RequestID] {
		if r, ok := f.row(l); ok {
			d.Rows = append(d.Rows, r)
		}
	}
	f.sort(d.Rows, p.data)
	if e := answer.FunctionError; e != nil && !d.has(resultFailed) {
		text := strings.Join(append(slices.Clone(f.stderr), e.Message), "\n")
		d.Rows = append(d.Rows, row{dispatch.Outcome{Reason: e.Type, Error: text}, resultFailed})
	}
	if len(d.Rows) == 0 {
		d.Rows = append(d.Rows, row{Result: resultNoEvent})
	}
	d.OK = d.has(resultFailed) == p.fails
	return d, nil
}

// sort brings rows, which come as launches end, into the order of the payload and
// the mapping.
func (f *function) sort(rows []row, payload []byte) {
	slices.SortStableFunc(rows, func(a, b row) int {
		return cmp.Or(
			bytes.Index(payload, []byte(a.Item))-bytes.Index(payload, []byte(b.Item)),
			f.rules[a.Rule]-f.rules[b.Rule],
			a.Element-b.Element,
		)
	})
}

// row reads a log line. A launch whose tasks have been seen before is a
// duplicate: ECS replays the answer without saying so.
func (f *function) row(l logLine) (row, bool) {
	switch l.Message {
	case dispatch.LogLaunched:
		r := row{l.Outcome, resultLaunched}
		fresh := false
		for _, arn := range l.TaskARNs {
			fresh = fresh || !f.seen[arn]
			f.seen[arn] = true
		}
		if !fresh || l.Duplicate {
			r.Result = resultDuplicate
		}
		return r, true
	case dispatch.LogFailed:
		return row{l.Outcome, resultFailed}, true
	case dispatch.LogUnmatched:
		return row{l.Outcome, resultNoMatch}, true
	case dispatch.LogSkipped:
		return row{l.Outcome, resultSkipped}, true
	}
	return row{}, false
}

// redeliver delivers a payload that launched once more and checks that nothing
// starts.
func (f *function) redeliver(ctx context.Context, p *payload, res *result) error {
	before := f.tasks()
	d, err := f.deliver(ctx, p)
	if err != nil {
		return err
	}
	if after := f.tasks(); after != before || d.has(resultLaunched) {
		d.OK = false
		d.Rows = append(d.Rows, row{dispatch.Outcome{
			Reason: "StartedTwice", Error: fmt.Sprintf("%d tasks started by a redelivery", after-before),
		}, resultFailed})
	}
	if !d.OK {
		res.Unexpected++
	}
	res.Redelivered = &d
	return nil
}

func (f *function) close() {
	_ = f.lambda.Close() // always nil
	f.cleanup()
}
