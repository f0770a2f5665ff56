package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/taskbridge/taskbridge/internal/dispatch"
	"github.com/taskbridge/taskbridge/internal/launcher"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/task"
)

func httpResponse(code int) *http.Response { return &http.Response{StatusCode: code} }

// rates of the instances: low, so that a few calls meet them.
var rates = launcher.Options{Fargate: launcher.Rate{PerSecond: 5, Burst: 3}, EC2: launcher.Rate{PerSecond: 8, Burst: 4}}

// world is one history on its way.
type world struct {
	history *history
	model   *model
	ledger  *ledger
	trace   *strings.Builder // nil unless wanted
	wires   sync.WaitGroup   // requests and answers under way
	began   time.Time

	mu        sync.Mutex
	broken    string // the first invariant that did not hold
	started   map[string]int
	outlived  map[string]bool // a token of the launch has been used after its life
	messages  []*message
	slots     []*instance
	instances int
	invoked   int
	deployed  bool
	calm      bool            // nothing goes wrong any more
	hopeless  map[string]bool // launches that were refused for good
}

// message is a message of the queue, or an event on its way to a direct
// invocation.
type message struct {
	id       string
	group    string
	event    int
	body     string
	visible  time.Time
	received int
	held     bool // by an invocation
	gone     bool // deleted
	dead     bool // in the dead-letter queue
	reason   string
}

// instance is a process of the function.
type instance struct {
	world  *world
	id     int
	h      *dispatch.Handler
	ctx    context.Context
	cancel context.CancelFunc

	mu    sync.Mutex
	dead  bool
	steps int // left until it crashes; negative is never
	seq   map[string]uint64
	sends map[string]*meter
}

// meter checks that no more is sent than the rate allows.
type meter struct {
	level float64
	at    time.Time
}

func (w *world) note(format string, args ...any) {
	if w.trace == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	fmt.Fprintf(w.trace, "%12s  %s\n", time.Since(w.began).Round(time.Microsecond), fmt.Sprintf(format, args...))
}

// breach records that an invariant does not hold.
func (w *world) breach(format string, args ...any) {
	w.note("BREACH "+format, args...)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken == "" {
		w.broken = fmt.Sprintf(format, args...)
	}
}

func (w *world) newInstance() *instance {
	w.instances++
	i := &instance{world: w, id: w.instances, steps: -1, seq: map[string]uint64{}, sends: map[string]*meter{}}
	i.ctx, i.cancel = context.WithCancel(context.Background())
	opts := rates
	opts.Rand = randOf(w.history.Seed, uint64(i.id))
	if w.ledger != nil {
		opts.Ledger = w.ledger
	}
	m := mappings[0]
	if w.deployed {
		m = mappings[1]
	}
	i.h = dispatch.New(m, staggered{w, launcher.New(client{w.model, i}, opts)}, slog.New(logTo{w}), dispatch.Options{SQS: dispatch.SQSPartial, Parallel: w.history.Parallel})
	return i
}

// staggered begins no two launches at the same instant, so that their order is the
// same each time.
type staggered struct {
	w *world
	*launcher.Launcher
}

func (s staggered) Launch(ctx context.Context, l task.Launch) (task.Launched, error) {
	h := s.w.history.Seed
	for _, c := range []byte(fmt.Sprint(l.Rule, l.Element, l.Key)) {
		h = mix(h, uint64(c))
	}
	time.Sleep(time.Duration(mix(h, uint64(l.Time.Nanosecond())) % 1000))
	return s.Launcher.Launch(ctx, l)
}

// randOf gives the same numbers for the same seed.
func randOf(seed, id uint64) func() float64 {
	var mu sync.Mutex
	state := mix(seed, id)
	return func() float64 {
		mu.Lock()
		defer mu.Unlock()
		state = mix(state, 1)
		return float64(state>>11) / (1 << 53)
	}
}

// mix is splitmix64's finaliser over both.
func mix(a, b uint64) uint64 {
	z := a + 0x9e3779b97f4a7c15*(b+1)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// latency is how long one leg of a call takes: up to two seconds, and never the
// same twice, so that no two things happen at the same instant.
func (i *instance) latency(token string, leg uint64) time.Duration {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.seq[token]++
	h := i.world.history.Seed ^ uint64(i.id)<<32 ^ i.seq[token]<<8 ^ leg
	for _, c := range []byte(token[:8]) {
		h = mix(h, uint64(c))
	}
	longest := i.world.history.Latency
	if i.world.isCalm() {
		longest = 10 * time.Millisecond
	}
	return time.Millisecond + time.Duration(mix(h, leg)%uint64(longest))
}

func (w *world) isCalm() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calm
}

// step is a point at which the instance may crash. It reports whether it has.
func (i *instance) step(where string) bool {
	if i.stepAfter() {
		i.kill(where)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.dead
}

func (i *instance) stepAfter() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.dead || i.steps < 0 {
		return false
	}
	i.steps--
	return i.steps < 0
}

func (i *instance) kill(where string) {
	i.mu.Lock()
	i.dead = true
	i.mu.Unlock()
	i.world.note("instance %d crashes %s", i.id, where)
	i.cancel()
}

// sent checks the rate of calls.
func (i *instance) sent(in *ecs.RunTaskInput) {
	i.mu.Lock()
	kind, limit := "fargate", rates.Fargate
	if in.LaunchType == "EC2" {
		kind, limit = "ec2", rates.EC2
	}
	kind += aws.ToString(in.Cluster)
	now, m := time.Now(), i.sends[kind]
	if m == nil {
		m = &meter{limit.Burst, now}
		i.sends[kind] = m
	}
	m.level = min(limit.Burst, m.level+now.Sub(m.at).Seconds()*limit.PerSecond) - 1
	m.at = now
	over := m.level < -1e-6
	i.mu.Unlock()
	if over {
		i.world.breach("rate: instance %d sends more than %v calls a second", i.id, limit.PerSecond)
	}
}

// isLate reports whether the next request with this token is held up on its way.
func (w *world) isLate() bool {
	calm := w.isCalm()
	w.model.mu.Lock()
	defer w.model.mu.Unlock()
	return !calm && w.history.fault(w.model.calls) == late
}

// logTo keeps the reasons of failures, and looks at what the function says has
// started.
type logTo struct{ w *world }

func (l logTo) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }
func (l logTo) WithAttrs([]slog.Attr) slog.Handler               { return l }
func (l logTo) WithGroup(string) slog.Handler                    { return l }
func (l logTo) Handle(_ context.Context, r slog.Record) error {
	if r.Message != dispatch.LogFailed {
		return nil
	}
	var item, class, reason, rule, event string
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "item":
			item = a.Value.String()
		case "class":
			class = a.Value.String()
		case "reason":
			reason = a.Value.String()
		case "rule":
			rule = a.Value.String()
		case "eventId":
			event = a.Value.String()
		}
		return true
	})
	l.w.note("failed: item %s rule %s: %s %s", item, rule, class, reason)
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	if reason == "ATTRIBUTE" { // ECS repeats it for an hour
		l.w.hopeless[rule+"/"+event] = true
	}
	for _, m := range l.w.messages {
		if m.id == item || item == "" {
			m.reason = class + " " + reason
		}
	}
	return nil
}

func (w *world) reasonOf(m *message) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return m.reason
}

// committed checks what a call has started.
func (w *world) committed(c *commit) {
	w.mu.Lock()
	w.outlived[c.key] = w.outlived[c.key] || c.expired
	before := w.started[c.key]
	w.started[c.key] += c.count
	now, outlived := w.started[c.key], w.outlived[c.key]
	w.mu.Unlock()
	w.note("  ECS starts %d for %s: %d now", c.count, c.key, now)
	if want := w.most(c.key); now > want && !outlived {
		w.breach("too many: %d tasks for %s, want %d", now, c.key, want)
	}
	if before == 0 && c.count > 0 && !outlived {
		w.ordered(c.key)
	}
}

// unsure is for a conflict that names no tasks: after a deployment nobody can tell
// what a launch has started, and it fails until its token expires.
func (w *world) unsure(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hopeless[key] = true
}

// ordered: nothing of a FIFO group starts before all that is ahead of it in its
// group has started, or has ended in the dead-letter queue.
func (w *world) ordered(key string) {
	w.mu.Lock()
	var late *message
	for _, m := range w.messages {
		if m.group == "" {
			continue
		}
		if strings.HasSuffix(key, "/"+eventID(m.event)) {
			late = m
			break
		}
	}
	var ahead *message
	if late != nil {
		for _, m := range w.messages {
			if m == late {
				break
			}
			if m.group == late.group && !m.gone && !m.dead && !w.complete(m) {
				ahead = m
				break
			}
		}
	}
	w.mu.Unlock()
	if ahead != nil {
		w.breach("order: %s starts before message %s of its group", key, ahead.id)
	}
}

// complete reports whether all tasks of a message have started. w.mu is held.
func (w *world) complete(m *message) bool {
	for _, rule := range w.history.rulesOf(m.event) {
		if w.started[rule.name+"/"+eventID(m.event)] < rule.least {
			return false
		}
	}
	return true
}

// most is how many tasks a launch may have.
func (w *world) most(key string) int {
	name, _, _ := strings.Cut(key, "/")
	for _, r := range rules {
		if r.name == name {
			return r.most
		}
	}
	return 0
}

// payload of one invocation.
func (w *world) payload(batch []*message) []byte {
	if w.history.Direct {
		return []byte(batch[0].body)
	}
	queue := "arn:aws:sqs:us-east-1:123456789012:q"
	if w.history.FIFO {
		queue += ".fifo"
	}
	var b strings.Builder
	b.WriteString(`{"Records":[`)
	for i, m := range batch {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"messageId":%q,"eventSource":"aws:sqs","eventSourceARN":%q,"attributes":{"MessageGroupId":%q},"body":%q}`,
			m.id, queue, m.group, m.body)
	}
	b.WriteString(`]}`)
	return []byte(b.String())
}

// result is the end of an invocation.
type result struct {
	slot   int
	batch  []*message
	reply  []byte
	err    error
	killed bool
}

// invoke runs one invocation on a slot.
func (w *world) invoke(slot int, batch []*message, done chan<- result) {
	inst := w.slots[slot]
	if inst == nil {
		inst = w.newInstance()
		w.slots[slot] = inst
	}
	steps := -1
	if n, ok := w.history.Crashes[w.invoked]; ok && !w.isCalm() {
		steps = n
	}
	inst.mu.Lock()
	inst.steps = steps
	inst.mu.Unlock()
	w.invoked++
	number := w.invoked
	names := make([]string, len(batch))
	for i, m := range batch {
		names[i] = m.id
	}
	w.note("invocation %d of %s on instance %d", number, strings.Join(names, " "), inst.id)
	payload, limit := w.payload(batch), w.history.Timeout
	go func() {
		time.Sleep(time.Duration(number) * time.Nanosecond) // invocations never begin at the same instant
		ctx, cancel := context.WithTimeout(inst.ctx, limit)
		defer cancel()
		deadline, _ := ctx.Deadline()
		reply, err := inst.h.Invoke(ctx, payload)
		if !time.Now().Before(deadline) {
			w.breach("deadline: invocation %d was still running", number)
		}
		killed := inst.step("before its reply")
		done <- result{slot, batch, reply, err, killed}
	}()
}

// settle takes the reply to an invocation.
func (w *world) settle(r *result) {
	if r.killed {
		w.slots[r.slot] = nil
	}
	failed := map[string]bool{}
	switch {
	case r.killed, r.err != nil:
		for _, m := range r.batch {
			failed[m.id] = true
		}
	case !w.history.Direct:
		var reply struct {
			BatchItemFailures []struct{ ItemIdentifier string }
		}
		if err := json.Unmarshal(r.reply, &reply); err != nil {
			w.breach("reply: %s: %v", r.reply, err)
		}
		for _, f := range reply.BatchItemFailures {
			failed[f.ItemIdentifier] = true
		}
	}
	w.note("instance slot %d answers: failed %v", r.slot, keys(failed))
	for _, m := range r.batch {
		m.held = false
		if failed[m.id] {
			if w.reasonOf(m) == "" && !r.killed {
				w.breach("silence: message %s failed without a reason", m.id)
			}
			continue
		}
		m.gone = true
		w.mu.Lock()
		complete := w.complete(m)
		w.mu.Unlock()
		if !complete {
			w.breach("lost: message %s was deleted before its tasks had started", m.id)
		}
	}
}

func keys(m map[string]bool) []string {
	var list []string
	for k := range m {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}

// receive takes a batch of messages that are visible, or says when one will be.
func (w *world) receive(now time.Time) (batch []*message, next time.Time) {
	size := w.history.Batch
	blocked := map[string]bool{}
	for _, m := range w.messages {
		if m.gone || m.dead || m.group != "" && blocked[m.group] {
			continue
		}
		if m.visible.After(now) {
			if next.IsZero() || m.visible.Before(next) {
				next = m.visible
			}
			if m.group != "" {
				blocked[m.group] = true
			}
			continue
		}
		if m.received >= w.history.Receives && !m.held {
			m.dead = true
			w.note("message %s goes to the dead-letter queue: %s", m.id, w.reasonOf(m))
			continue
		}
		m.received++
		m.visible = now.Add(w.history.Visibility)
		m.held = true
		if batch = append(batch, m); len(batch) == size {
			break
		}
	}
	return batch, next
}

// run plays the history until every message is deleted or dead.
func (w *world) run() {
	w.began = time.Now()
	w.deliver()
	w.drain()
	w.mu.Lock()
	broken := w.broken
	w.mu.Unlock()
	if broken == "" && w.history.Redrive > 0 {
		w.redrive()
	}
	w.wires.Wait()
	for _, i := range w.slots {
		if i != nil {
			i.cancel()
		}
	}
}

// deliver puts all messages into the queue. Each has the time at which its event
// is sent.
func (w *world) deliver() {
	for n, d := range w.history.Deliveries {
		// No two deliveries are quite the same, for staggered.
		at := w.began.Add(w.history.Events[d.Event].At + time.Duration(n))
		m := &message{id: fmt.Sprint("m", n), event: d.Event, visible: w.began.Add(d.At), body: bodyOf(w.history, d.Event, at)}
		if w.history.FIFO {
			m.group = string(rune('A' + w.history.Events[d.Event].Group))
		}
		w.messages = append(w.messages, m)
	}
	slices.SortStableFunc(w.messages, func(a, b *message) int { return a.visible.Compare(b.visible) })
}

func (w *world) drain() {
	done := make(chan result)
	running := 0
	free := make([]int, w.history.Concurrency)
	for i := range free {
		free[i] = i
	}
	if w.slots == nil {
		w.slots = make([]*instance, w.history.Concurrency)
	}
	for {
		now := time.Now()
		if w.history.DeployAt > 0 && now.Sub(w.began) >= w.history.DeployAt && !w.deployed {
			w.note("another mapping is deployed")
			w.deployed = true
			for _, i := range free {
				w.slots[i] = nil
			}
		}
		var next time.Time
		for len(free) > 0 {
			var batch []*message
			if batch, next = w.receive(now); len(batch) == 0 {
				break
			}
			w.invoke(free[0], batch, done)
			free = free[1:]
			running++
		}
		if running == 0 && next.IsZero() {
			return
		}
		var timer <-chan time.Time
		if !next.IsZero() && len(free) > 0 {
			timer = time.After(next.Sub(now))
		}
		select {
		case r := <-done:
			w.settle(&r)
			free = append(free, r.slot)
			running--
		case <-timer:
		}
	}
}

// calmTimeout is enough for any walk through what had been answered before.
const calmTimeout = 5 * time.Minute

// redrive moves what is dead back into the queue when nothing goes wrong any more:
// all of it must then be launched, unless it was refused for good.
func (w *world) redrive() {
	time.Sleep(w.history.Redrive)
	w.note("the dead-letter queue is redriven")
	w.mu.Lock()
	w.calm = true
	w.mu.Unlock()
	calm := *w.history
	calm.Timeout, calm.Visibility, calm.Receives = calmTimeout, calmTimeout, 8
	w.history = &calm
	w.mu.Lock()
	for _, m := range w.messages {
		if m.dead {
			m.dead, m.received, m.visible, m.reason = false, 0, time.Now(), ""
		}
	}
	w.mu.Unlock()
	w.drain()
	blocked := map[string]bool{} // by what is hopeless in their group
	for _, m := range w.messages {
		hopeless := blocked[m.group]
		for _, r := range w.history.rulesOf(m.event) {
			hopeless = hopeless || w.hopeless[r.name+"/"+eventID(m.event)]
		}
		blocked[m.group] = hopeless && m.group != ""
		if m.dead && !hopeless {
			w.breach("stuck: message %s failed although nothing goes wrong: %s", m.id, w.reasonOf(m))
		}
	}
}

// ledger is a launcher.Ledger that outlives everything.
type ledger struct {
	mu      sync.Mutex
	records map[string]launcher.Record
	claims  map[string]time.Time
}

func (l *ledger) Claim(_ context.Context, cluster, id string, until time.Time) (launcher.Record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r := l.records[cluster+id]; r.Done {
		return r, nil
	}
	if time.Now().Before(l.claims[cluster+id]) {
		return launcher.Record{}, launcher.ErrClaimed
	}
	l.claims[cluster+id] = until
	return l.records[cluster+id], nil
}

func (l *ledger) Save(_ context.Context, cluster, id string, r launcher.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.records[cluster+id] = r
	if r.Done {
		delete(l.claims, cluster+id)
	}
	return nil
}

// mappings are the two mappings, before and after a deployment.
var mappings [2]*mapping.Mapping
