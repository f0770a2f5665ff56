package sim

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taskbridge/taskbridge/internal/launcher"
	"github.com/taskbridge/taskbridge/internal/mapping/compile"
)

// history is everything that decides what happens. It is plain data, so that it
// can be printed and made smaller.
type history struct {
	Seed       uint64
	Reading    reading
	FIFO       bool
	Direct     bool // asynchronous invocations instead of a queue
	Events     []simEvent
	Deliveries []delivery
	Faults     map[int]fault // by number of the call that ECS receives
	Shortages  []window      // while there is no capacity at all
	Crashes    map[int]int   // by number of the invocation: after how many steps
	DeployAt   time.Duration // of another mapping; 0 is never
	Redrive    time.Duration // how long after all is over; 0 is never

	Concurrency int
	Parallel    int // launches at a time in an invocation; 0 is for the default
	Batch       int
	Receives    int
	Timeout     time.Duration
	Visibility  time.Duration
	Latency     time.Duration // the longest leg of a call
	Lifetime    time.Duration // of a task
}

type simEvent struct {
	Kind  int // index of kinds
	Group int
	At    time.Duration
}

type delivery struct {
	Event int
	At    time.Duration
}

type window struct{ From, To time.Duration }

// rule is what is known of a rule of the mapping: how many tasks a launch has at
// least and at most, whichever mapping is deployed.
type rule struct {
	name, kind  string
	least, most int
}

var rules = []rule{
	{"one", "A", 1, 1}, {"three", "A", 2, 3}, {"dozen", "B", 12, 13}, {"instance", "C", 2, 2}, {"sure", "C", 1, 1}, {"each", "D", 2, 2},
}

var kinds = []string{"A", "A", "B", "C", "D"}

// rulesOf are the rules that an event starts.
func (h *history) rulesOf(event int) []rule {
	var list []rule
	for _, r := range rules {
		if r.kind == kinds[h.Events[event].Kind] {
			list = append(list, r)
		}
	}
	return list
}

const mappingText = `version: 1
defaults:
  cluster: c
  taskDefinition: TASK
  startedBy: ${rule}/${event.id}
  launchType: FARGATE
  networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-1]}}
rules:
  - name: one
    match: {source: [sim], detail-type: [A]}
    task: {}
  - name: three
    match: {source: [sim], detail-type: [A]}
    task: {count: THREE}
    retry: {attempts: 3, backoff: 500ms}
  - name: dozen
    match: {source: [sim], detail-type: [B]}
    task: {count: DOZEN}
  - name: instance
    match: {source: [sim], detail-type: [C]}
    task: {launchType: EC2, count: 2}
  - name: sure
    match: {source: [sim], detail-type: [C]}
    task: {}
    retry: {maxAge: 1m}
    confirm: {until: running, timeout: 20s}
  - name: each
    match: {source: [sim], detail-type: [D]}
    forEach: ${event.detail.list}
    task: {}
`

func TestMain(m *testing.M) {
	for i, values := range [][]string{{"TASK", "t:1", "THREE", "3", "DOZEN", "12"}, {"TASK", "t:2", "THREE", "2", "DOZEN", "13"}} {
		text := strings.NewReplacer(values...).Replace(mappingText)
		plan, findings := compile.Compile("taskbridge.yaml", []byte(text))
		if plan == nil {
			fmt.Fprintln(os.Stderr, findings)
			os.Exit(1)
		}
		var err error
		if mappings[i], err = plan.Bind(func(string) (string, bool) { return "", false }); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

func eventID(n int) string { return fmt.Sprint("e", n) }

func bodyOf(h *history, event int, at time.Time) string {
	return fmt.Sprintf(`{"id":%q,"source":"sim","detail-type":%q,"time":%q,"detail":{"list":[1,2]}}`,
		eventID(event), kinds[h.Events[event].Kind], at.UTC().Format(time.RFC3339Nano))
}

// generate makes the history of a seed.
func generate(seed uint64) *history {
	r := rand.New(rand.NewPCG(seed, 0x7461736b))
	chance := func(percent int) bool { return r.IntN(100) < percent }
	between := func(a, b time.Duration) time.Duration { return a + time.Duration(r.Int64N(int64(b-a)+1)) }
	h := &history{
		Seed: seed, Reading: []reading{bound, bound, busy, busy, unbound}[r.IntN(5)],
		FIFO: chance(30), Faults: map[int]fault{}, Crashes: map[int]int{},
		Concurrency: 1 + r.IntN(3), Batch: 1 + r.IntN(4), Receives: 1 + r.IntN(5),
		Timeout: between(3*time.Second, 40*time.Second), Latency: between(10*time.Millisecond, 2*time.Second),
		Lifetime: between(20*time.Second, 3*time.Hour),
	}
	if chance(20) {
		h.Parallel = 1
	}
	h.Visibility = 6 * h.Timeout
	if chance(25) {
		h.Visibility = between(time.Second, h.Timeout) // too short: messages come twice
	}
	if !h.FIFO && chance(20) {
		h.Direct, h.Batch = true, 1
	}
	for n := range 1 + r.IntN(4) {
		e := simEvent{Kind: r.IntN(len(kinds)), Group: r.IntN(2), At: between(0, 20*time.Second)}
		h.Events = append(h.Events, e)
		h.Deliveries = append(h.Deliveries, delivery{n, e.At})
		for !h.FIFO && chance(40) {
			h.Deliveries = append(h.Deliveries, delivery{n, e.At + between(0, []time.Duration{time.Second, 10 * time.Minute, 4 * time.Hour}[r.IntN(3)])})
		}
	}
	if density := r.IntN(50); chance(85) {
		for call := range 60 {
			if chance(density) {
				h.Faults[call] = fault(1 + r.IntN(int(faults)-1))
			}
		}
	}
	if chance(30) {
		from := between(0, 30*time.Second)
		h.Shortages = append(h.Shortages, window{from, from + between(time.Second, 20*time.Minute)})
	}
	for range r.IntN(4) {
		h.Crashes[r.IntN(8)] = r.IntN(12)
	}
	if chance(20) {
		h.DeployAt = between(time.Second, 5*time.Minute)
	}
	if chance(60) {
		h.Redrive = between(time.Minute, 40*time.Minute)
	}
	if h.Reading == unbound {
		// A request that is carried out after a later one with its token has been
		// answered without tasks starts some: then nothing could be safe.
		maps.DeleteFunc(h.Faults, func(_ int, f fault) bool { return f == late })
	}
	return h
}

// fault is what happens to the call of a number.
func (h *history) fault(call int) fault { return h.Faults[call] }

func (h *history) short(since time.Duration) bool {
	for _, w := range h.Shortages {
		if since >= w.From && since < w.To {
			return true
		}
	}
	return false
}

// play runs a history and returns the invariant that it breaks, if it does.
func play(h *history, traced bool) (broken, trace string) {
	w := &world{history: h, model: newModel(), started: map[string]int{}, outlived: map[string]bool{}, hopeless: map[string]bool{}}
	if traced {
		w.trace = &strings.Builder{}
	}
	if h.Reading == unbound {
		w.ledger = &ledger{records: map[string]launcher.Record{}, claims: map[string]time.Time{}}
	}
	w.model.reading, w.model.lifetime = h.Reading, h.Lifetime
	w.model.check, w.model.unsure, w.model.note = w.committed, w.unsure, w.note
	w.model.fault = func(call int) fault {
		switch {
		case w.isCalm():
			return none
		case h.short(time.Since(w.began)):
			return nothing
		}
		return h.fault(call)
	}
	w.run()
	if w.trace != nil {
		trace = w.trace.String()
	}
	return w.broken, trace
}

// smaller makes a history that breaks an invariant smaller for as long as it still
// breaks one.
func smaller(h *history, breaks func(*history) bool) *history {
	for again := true; again; {
		again = false
		for _, try := range reductions(h) {
			if breaks(try) {
				h, again = try, true
				break
			}
		}
	}
	return h
}

// reductions are histories with one thing less.
func reductions(h *history) []*history {
	var list []*history
	with := func(change func(*history)) {
		c := *h
		c.Faults, c.Crashes = maps.Clone(h.Faults), maps.Clone(h.Crashes)
		c.Deliveries, c.Shortages = slices.Clone(h.Deliveries), slices.Clone(h.Shortages)
		change(&c)
		list = append(list, &c)
	}
	for i := range h.Deliveries {
		if len(h.Deliveries) > 1 {
			with(func(c *history) { c.Deliveries = slices.Delete(c.Deliveries, i, i+1) })
		}
	}
	if n := slices.Sorted(maps.Keys(h.Faults)); len(n) > 3 {
		with(func(c *history) { clearKeys(c.Faults, n[len(n)/2:]) })
		with(func(c *history) { clearKeys(c.Faults, n[:len(n)/2]) })
	}
	for _, n := range slices.Sorted(maps.Keys(h.Faults)) {
		with(func(c *history) { delete(c.Faults, n) })
	}
	for _, n := range slices.Sorted(maps.Keys(h.Crashes)) {
		with(func(c *history) { delete(c.Crashes, n) })
	}
	if len(h.Shortages) > 0 {
		with(func(c *history) { c.Shortages = nil })
	}
	for _, simplify := range []func(*history){
		func(c *history) { c.DeployAt = 0 }, func(c *history) { c.Redrive = 0 }, func(c *history) { c.Concurrency = 1 },
		func(c *history) { c.Batch = 1 }, func(c *history) { c.Reading = bound },
	} {
		before := len(list)
		with(simplify)
		if c := list[before]; c.DeployAt == h.DeployAt && c.Redrive == h.Redrive && c.Concurrency == h.Concurrency && c.Batch == h.Batch && c.Reading == h.Reading {
			list = list[:before]
		}
	}
	return list
}

func clearKeys(m map[int]fault, keys []int) {
	for _, k := range keys {
		delete(m, k)
	}
}

func (h *history) String() string {
	type named struct {
		*history
		Faults map[int]string
	}
	n := named{h, map[int]string{}}
	for call, f := range h.Faults {
		n.Faults[call] = faultNames[f]
	}
	text, err := json.Marshal(n)
	if err != nil {
		panic(err)
	}
	return string(text)
}
