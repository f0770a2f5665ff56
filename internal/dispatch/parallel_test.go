package dispatch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskbridge/taskbridge/internal/task"
)

// slowLauncher takes its time, which is virtual, and notes when launches end.
type slowLauncher struct {
	takes func(l *task.Launch) time.Duration
	began time.Time

	mu    sync.Mutex
	ended map[string]time.Duration // by value of the first variable
	now   int
	most  int // at a time
}

func (s *slowLauncher) Launch(ctx context.Context, l task.Launch) (task.Launched, error) {
	key := *l.Request.Overrides.ContainerOverrides[0].Environment[0].Value
	s.mu.Lock()
	s.now++
	s.most = max(s.most, s.now)
	s.mu.Unlock()
	select {
	case <-time.After(s.takes(&l)):
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now--
	if ctx.Err() != nil {
		return task.Launched{}, &classedError{"ambiguous", "Timeout", "no answer"}
	}
	s.ended[key] = time.Since(s.began)
	return task.Launched{TaskARNs: []string{"arn:" + key}}, nil
}

// slow is a handler whose launches take as long as takes says.
func slow(t *testing.T, source string, opts Options, takes func(*task.Launch) time.Duration) (*Handler, *slowLauncher, *bench) {
	t.Helper()
	b := newBench(t, source)
	s := &slowLauncher{takes: takes, began: time.Now(), ended: map[string]time.Duration{}}
	return New(b.mapping, s, b.Handler.log, opts), s, b
}

func second(*task.Launch) time.Duration { return time.Second }

// A batch takes as long as its longest lane: a group waits for its own messages
// only.
func TestLanesDoNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, s, _ := slow(t, oneRule, Options{}, second)
		var messages []message
		for i := range 10 {
			id := fmt.Sprintf("m%d", i)
			messages = append(messages, message{id, string("aaaabbcdef"[i]), custom("e"+id, id)})
		}
		if _, err := h.Invoke(t.Context(), []byte(sqsBatch(messages...))); err != nil {
			t.Fatal(err)
		}
		want := []int{1, 2, 3, 4, 1, 2, 1, 1, 1, 1}
		for i, seconds := range want {
			if got := s.ended[fmt.Sprintf("m%d", i)]; got != time.Duration(seconds)*time.Second {
				t.Errorf("m%d ended after %s, want %d s", i, got, seconds)
			}
		}
	})
}

// A rule whose cluster is throttled holds up no other.
func TestRulesDoNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, s, _ := slow(t, twoRules, Options{}, func(l *task.Launch) time.Duration {
			if l.Rule == "convert" {
				return time.Minute
			}
			return time.Second
		})
		var messages []message
		for i := range 300 {
			id := fmt.Sprintf("m%d", i)
			body := fmt.Sprintf(`{"id":%q,"source":"com.example","detail-type":"T","detail":{"key":"k%d","note":"n%d"}}`, id, i, i)
			messages = append(messages, message{id: id, body: body})
		}
		if _, err := h.Invoke(t.Context(), []byte(sqsBatch(messages...))); err != nil {
			t.Fatal(err)
		}
		for i := range 300 {
			if got := s.ended[fmt.Sprintf("n%d", i)]; got != time.Second {
				t.Errorf("note %d ended after %s", i, got)
			}
		}
	})
}

func TestParallelIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, s, _ := slow(t, oneRule, Options{}, second)
		var messages []message
		for i := range 3000 {
			id := fmt.Sprintf("m%d", i)
			messages = append(messages, message{id: id, body: custom(id, id)})
		}
		if _, err := h.Invoke(t.Context(), []byte(sqsBatch(messages...))); err != nil {
			t.Fatal(err)
		}
		if s.most > MaxParallel || len(s.ended) != 3000 {
			t.Errorf("%d launches at a time, want at most %d; %d ended", s.most, MaxParallel, len(s.ended))
		}
	})
	b := newBench(t, twoRules)
	b.Handler = New(b.mapping, b.launcher, b.Handler.log, Options{Parallel: 1})
	for range 50 {
		_, _ = b.Invoke(t.Context(), []byte(`{"id":"1","source":"com.example","detail-type":"T","detail":{"key":"a","note":"n"}}`))
	}
	for i, l := range b.launcher.launches {
		if want := []string{"convert", "note"}[i%2]; l.Rule != want {
			t.Fatalf("launch %d is of rule %s, want %s: the order of the mapping", i, l.Rule, want)
		}
	}
}

// The reply comes before the deadline, and says what was not tried.
func TestAnswersBeforeDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, _, b := slow(t, oneRule, Options{}, func(*task.Launch) time.Duration { return 4 * time.Second })
		messages := []message{{"m0", "g", custom("0", "k0")}, {"m1", "g", custom("1", "k1")}, {"m2", "g", custom("2", "k2")}, {"m3", "h", custom("3", "k3")}}
		ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
		defer cancel()
		began := time.Now()
		reply, err := h.Invoke(ctx, []byte(sqsBatch(messages...)))
		if want := `{"batchItemFailures":[{"itemIdentifier":"m1"},{"itemIdentifier":"m2"}]}`; err != nil || string(reply) != want {
			t.Errorf("got %s, %v; want %s", reply, err, want)
		}
		if took := time.Since(began); took != 6500*time.Millisecond {
			t.Errorf("answered after %s", took)
		}
		var reasons []string
		for _, line := range b.lines(t, LogFailed) {
			reasons = append(reasons, fmt.Sprint(line["item"], " ", line["class"], " ", line["reason"]))
		}
		slices.Sort(reasons)
		if want := []string{"m1 ambiguous Timeout", "m2 transient NotAttempted"}; !reflect.DeepEqual(reasons, want) {
			t.Errorf("logged %q, want %q", reasons, want)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		h, s, _ := slow(t, oneRule, Options{}, second)
		ctx, cancel := context.WithTimeout(t.Context(), -time.Second)
		defer cancel()
		if _, err := h.Invoke(ctx, []byte(custom("1", "a"))); err == nil || !strings.Contains(err.Error(), "transient NotAttempted") || s.most > 0 {
			t.Errorf("got %v", err)
		}
	})
}

// The launch knows how old its event is.
func TestTimeOfEvent(t *testing.T) {
	b := newBench(t, oneRule)
	const payload = `{"id":"1","time":"2026-03-14T09:26:53Z","source":"com.example","detail-type":"T","detail":{"key":"a"}}`
	if _, err := b.Invoke(t.Context(), []byte(payload)); err != nil {
		t.Fatal(err)
	}
	if got := b.launcher.launches[0].Time; !got.Equal(time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)) {
		t.Errorf("got %v", got)
	}
}

func TestReplyToSQS(t *testing.T) {
	payload := sqsBatch(message{id: "m0", body: custom("0", "k0")}, message{id: "m1", body: custom("1", "bad")})
	for _, tt := range []struct {
		mode  SQSReply
		warns int
		reply string
	}{
		{SQSUnknown, 1, `{"batchItemFailures":[{"itemIdentifier":"m1"}]}`},
		{SQSPartial, 0, `{"batchItemFailures":[{"itemIdentifier":"m1"}]}`},
		{SQSError, 0, ""},
	} {
		b := newBench(t, oneRule)
		b.opts.SQS = tt.mode
		b.launcher.errs["bad"] = errCapacity
		for range 2 {
			reply, err := b.Invoke(t.Context(), []byte(payload))
			if string(reply) != tt.reply || (err != nil) != (tt.mode == SQSError) {
				t.Errorf("%q: got %s, %v", tt.mode, reply, err)
			}
			if err != nil && !strings.Contains(err.Error(), `transient RESOURCE:CPU in rule "convert"`) {
				t.Errorf("got %v", err)
			}
		}
		if got := len(b.lines(t, LogPartialReplies)); got != tt.warns {
			t.Errorf("%q: %d warnings, want %d", tt.mode, got, tt.warns)
		}
		delete(b.launcher.errs, "bad")
		if got := b.failures(t, payload); len(got) != 0 {
			t.Errorf("%q: got failures %q", tt.mode, got)
		}
	}
}

// Each line about a launch or a failure has the same eleven fields.
func TestLogFields(t *testing.T) {
	b := newBench(t, oneRule)
	b.launcher.errs["bad"] = &classedError{"unknown", "Novel", "never seen"}
	_, _ = b.Invoke(t.Context(), []byte(custom("1", "a")))
	_, _ = b.Invoke(t.Context(), []byte(custom("2", "bad")))
	_, _ = b.Invoke(t.Context(), []byte(`{"hello":1}`))
	lines := append(b.lines(t, LogLaunched), b.lines(t, LogFailed)...)
	if len(lines) != 3 {
		t.Fatalf("got %d lines", len(lines))
	}
	for _, line := range lines {
		for _, field := range []string{
			"eventId", "rule", "outcome", "class", "reason", "attempt", "generation", "taskArns", "clientToken", "latencyMs", "planHash",
		} {
			if _, ok := line[field]; !ok {
				t.Errorf("no field %s in %v", field, line)
			}
		}
		if got, want := line["alarm"] == LogUnclassified, line["class"] == "unknown"; got != want {
			t.Errorf("alarm of %v", line)
		}
	}
}

func TestMetrics(t *testing.T) {
	var out bytes.Buffer
	b := newBench(t, twoRules)
	b.Handler = New(b.mapping, b.launcher, b.Handler.log, Options{Metrics: &out, Namespace: "Test"})
	b.launcher.errs["note"] = errCapacity
	both := `{"id":"1","source":"com.example","detail-type":"T","detail":{"key":"a","note":"n"}}`
	_, _ = b.Invoke(t.Context(), []byte(sqsBatch(message{id: "m0", body: both}, message{id: "m1", body: both}, message{id: "m2", body: `{"id":"3","source":"other","detail-type":"T","detail":{}}`},
		message{id: "m3", body: `{"rule":"made-up","event":` + both + `}`}, message{id: "m4", body: "{"})))
	type record struct {
		Rule, Class                             string
		Events, Unmatched, Matched, Launched    *int
		Duplicate, Failed, Throttled, Shortfall *int
		LaunchLatency                           []float64
		Aws                                     struct {
			Timestamp         int64
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name, Unit string }
			}
		} `json:"_aws"`
	}
	records := map[string]record{}
	for dec := json.NewDecoder(&out); ; {
		var r record
		if err := dec.Decode(&r); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		records[r.Rule+" "+r.Class] = r
		directive := r.Aws.CloudWatchMetrics[0]
		if directive.Namespace != "Test" || time.Since(time.UnixMilli(r.Aws.Timestamp)) > time.Minute || len(directive.Metrics) == 0 {
			t.Errorf("got %+v", r.Aws)
		}
	}
	if r := records[" "]; *r.Events != 4 || *r.Unmatched != 1 {
		t.Errorf("got %+v", r)
	}
	if r := records["convert "]; *r.Matched != 2 || *r.Launched != 2 || *r.Duplicate != 0 || len(r.LaunchLatency) != 2 || r.Failed != nil {
		t.Errorf("got %+v", r)
	}
	if r := records[" permanent"]; *r.Failed != 2 || !reflect.DeepEqual(r.Aws.CloudWatchMetrics[0].Dimensions, [][]string{{"Class"}}) {
		t.Errorf("got %+v", r)
	}
	if r := records["note transient"]; *r.Failed != 2 || !reflect.DeepEqual(r.Aws.CloudWatchMetrics[0].Dimensions, [][]string{{"Class"}, {"Rule", "Class"}}) {
		t.Errorf("got %+v", r)
	}
}

// However many rules fire, and whatever rule names events make up, the metrics
// stay few.
func TestMetricsAreBounded(t *testing.T) {
	m := metrics{to: io.Discard}
	for i := range 500 {
		m.matched(fmt.Sprint("rule-", i), 1)
		m.matched(fmt.Sprint("rule-", i), 1)
	}
	if len(m.rules) != maxRules+1 || m.rules[otherRules].matched != 2*(500-maxRules) {
		t.Errorf("%d rules, others %+v", len(m.rules), m.rules[otherRules])
	}
	var out bytes.Buffer
	b := newBench(t, oneRule)
	b.Handler = New(b.mapping, b.launcher, b.Handler.log, Options{Metrics: &out})
	_, _ = b.Invoke(t.Context(), []byte(`{"rule":"made-up","event":`+custom("1", "a")+`}`))
	if strings.Contains(out.String(), "made-up") {
		t.Errorf("got %s", out.String())
	}
}

func TestOptionsFromEnv(t *testing.T) {
	read := func(namespace, reply, parallel string) (Options, error) {
		return OptionsFromEnv(func(name string) (string, bool) {
			return map[string]string{EnvNamespace: namespace, EnvSQSReply: reply, EnvParallel: parallel}[name], true
		}, io.Discard)
	}
	if o, err := read("", "", ""); err != nil || o != (Options{Metrics: io.Discard, Namespace: "Taskbridge"}) {
		t.Errorf("got %+v, %v", o, err)
	}
	if o, err := read("Mine", "error", "7"); err != nil || o != (Options{Metrics: io.Discard, Namespace: "Mine", SQS: SQSError, Parallel: 7}) {
		t.Errorf("got %+v, %v", o, err)
	}
	if o, err := read("off", "partial", ""); err != nil || o.Metrics != nil || o.SQS != SQSPartial {
		t.Errorf("got %+v, %v", o, err)
	}
	_, err := read(strings.Repeat("n", 256), "never", "0")
	for _, word := range []string{EnvNamespace, EnvSQSReply, "never", "partial or error", EnvParallel, "1 to 1000"} {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("got %v, want %q in it", err, word)
		}
	}
}
