package dispatch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/taskbridge/taskbridge/internal/mapping/compile"
	"github.com/taskbridge/taskbridge/internal/task"
)

const oneRule = `version: 1
rules:
  - name: convert
    match: {source: [com.example], detail-type: [T]}
    task:
      taskDefinition: convert
      cluster: media
      overrides:
        containerOverrides:
          - name: main
            environment:
              KEY: ${event.detail.key}
`

const twoRules = oneRule + `
  - name: note
    match: {source: [com.example]}
    task:
      taskDefinition: note
      overrides:
        containerOverrides:
          - name: main
            environment:
              NOTE: ${event.detail.note}
`

// fakeLauncher records launches. It fails those whose rule or environment has
// an error.
type fakeLauncher struct {
	mu       sync.Mutex
	launches []task.Launch
	errs     map[string]error // by rule or by value of the first variable
	dup      bool
}

func (f *fakeLauncher) Launch(_ context.Context, l task.Launch) (task.Launched, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.launches = append(f.launches, l)
	for _, key := range []string{l.Rule, *l.Request.Overrides.ContainerOverrides[0].Environment[0].Value} {
		if err := f.errs[key]; err != nil {
			return task.Launched{ClientToken: "token"}, err
		}
	}
	return task.Launched{TaskARNs: []string{"arn:1"}, ClientToken: "token", Duplicate: f.dup}, nil
}

func (f *fakeLauncher) keys() []string {
	var keys []string
	for _, l := range f.launches {
		keys = append(keys, *l.Request.Overrides.ContainerOverrides[0].Environment[0].Value)
	}
	slices.Sort(keys) // launches do not wait for each other
	return keys
}

// classedError is a failure as a launcher makes it.
type classedError struct{ class, code, msg string }

func (e *classedError) Error() string { return e.msg }
func (e *classedError) Class() string { return e.class }
func (e *classedError) Code() string  { return e.code }

var errCapacity = &classedError{"transient", "RESOURCE:CPU", "no place"}

// bench is a handler with what surrounds it.
type bench struct {
	*Handler
	launcher *fakeLauncher
	log      *bytes.Buffer
}

func newBench(t *testing.T, source string) *bench {
	t.Helper()
	plan, findings := compile.Compile("taskbridge.yaml", []byte(source))
	if len(findings) > 0 {
		t.Fatalf("the mapping does not compile:\n%s", findings.Text([]byte(source)))
	}
	m, err := plan.Bind(func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{launcher: &fakeLauncher{errs: map[string]error{}}, log: &bytes.Buffer{}}
	b.Handler = New(m, b.launcher, slog.New(slog.NewJSONHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Options{})
	return b
}

// lines are the log lines with the message msg.
func (b *bench) lines(t *testing.T, msg string) []map[string]any {
	t.Helper()
	var lines []map[string]any
	dec := json.NewDecoder(bytes.NewReader(b.log.Bytes()))
	for {
		var line map[string]any
		if err := dec.Decode(&line); errors.Is(err, io.EOF) {
			return lines
		} else if err != nil {
			t.Fatal(err)
		}
		if line["msg"] == msg {
			lines = append(lines, line)
		}
	}
}

// failures invokes with an SQS payload and returns the ids of the failed messages.
func (b *bench) failures(t *testing.T, payload string) []string {
	t.Helper()
	reply, err := b.Invoke(t.Context(), []byte(payload))
	if err != nil {
		t.Fatalf("an SQS batch fails by item, got error %v", err)
	}
	var p partial
	if err := json.Unmarshal(reply, &p); err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, f := range p.BatchItemFailures {
		ids = append(ids, f.ItemIdentifier)
	}
	return ids
}

// invocationError invokes with a payload that must fail as a whole.
func (b *bench) invocationError(t *testing.T, payload string) *InvocationError {
	t.Helper()
	reply, err := b.Invoke(t.Context(), []byte(payload))
	var e *InvocationError
	if !errors.As(err, &e) || reply != nil {
		t.Fatalf("got %s, %v; want an InvocationError and no reply", reply, err)
	}
	return e
}

func custom(id, key string) string {
	return `{"id":` + quoted(id) + `,"source":"com.example","detail-type":"T","detail":{"key":` + quoted(key) + `}}`
}

// quoted is s as a JSON string.
func quoted(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text)
}

type message struct{ id, group, body string }

// sqsBatch is an SQS payload; with a group, a message is of a FIFO queue.
func sqsBatch(messages ...message) string {
	var records []string
	for _, m := range messages {
		queue, attributes := "q", `"SentTimestamp":"1773480413000"`
		if m.group != "" {
			queue = "q.fifo"
			attributes += fmt.Sprintf(`,"MessageGroupId":%q`, m.group)
		}
		records = append(records, fmt.Sprintf(`{"messageId":%s,"body":%s,"attributes":{%s},"messageAttributes":{},`+
			`"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-central-1:111122223333:%s","awsRegion":"eu-central-1"}`,
			quoted(m.id), quoted(m.body), attributes, queue))
	}
	return `{"Records":[` + strings.Join(records, ",") + `]}`
}

func TestDirect(t *testing.T) {
	tests := []struct {
		name, payload, want string
		dup                 bool
	}{
		{"launched", custom("1", "a"), `{"launched":[{"eventId":"1","rule":"convert","cluster":"media","taskDefinition":"convert",` +
			`"taskArns":["arn:1"],"clientToken":"token"}],"failed":[],"unmatched":0}`, false},
		{"duplicate", custom("1", "a"), `{"launched":[{"eventId":"1","rule":"convert","cluster":"media","taskDefinition":"convert",` +
			`"taskArns":["arn:1"],"clientToken":"token","duplicate":true}],"failed":[],"unmatched":0}`, true},
		{"unmatched", `{"id":"2","source":"com.other","detail-type":"T","detail":{}}`, `{"launched":[],"failed":[],"unmatched":1}`, false},
		{"by rule", `{"rule":"convert","event":` + custom("3", "a") + `}`, `{"launched":[{"eventId":"3","rule":"convert","cluster":"media",` +
			`"taskDefinition":"convert","taskArns":["arn:1"],"clientToken":"token"}],"failed":[],"unmatched":0}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, oneRule)
			b.launcher.dup = tt.dup
			got, err := b.Invoke(t.Context(), []byte(tt.payload))
			if err != nil || string(got) != tt.want {
				t.Errorf("got %s, %v\nwant %s", got, err, tt.want)
			}
			if n := len(b.lines(t, LogLaunched)) + len(b.lines(t, LogUnmatched)); n != 1 || len(b.lines(t, LogInvocation)) != 1 {
				t.Errorf("want a line for the event and one for the invocation, got log\n%s", b.log)
			}
			if tt.dup && b.lines(t, LogLaunched)[0]["level"] != "WARN" {
				t.Errorf("a duplicate is a warning, got log\n%s", b.log)
			}
		})
	}
}

func TestDirectFailure(t *testing.T) {
	tests := []struct {
		name, payload string
		err           error
		launches      int
		words         []string
	}{
		{"launch", custom("1", "a"), fmt.Errorf("outer: %w", errCapacity), 1, []string{"transient RESOURCE:CPU", `in rule "convert"`, "no place"}},
		{"no class", custom("1", "a"), errors.New("odd"), 1, []string{"permanent", `"convert"`, "odd"}},
		{"render", `{"id":"1","source":"com.example","detail-type":"T","detail":{}}`, nil, 0, []string{"permanent RenderError", `"convert"`, "event.detail.key"}},
		{"limit", custom("1", "a\u0000"), nil, 0, []string{"permanent runtask-text-nul", "NUL"}},
		{"unknown rule", `{"rule":"nope","event":` + custom("1", "a") + `}`, nil, 0, []string{"permanent UnknownRule", "nope", "convert"}},
		{"no JSON", `{"id":`, nil, 0, []string{"permanent BadEvent", "invalid JSON"}},
		{"empty", ``, nil, 0, []string{"permanent BadEvent"}},
		{"unknown envelope", `{"hello":1}`, nil, 0, []string{"permanent UnsupportedEvent"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, oneRule)
			b.launcher.errs["convert"] = tt.err
			e := b.invocationError(t, tt.payload)
			for _, word := range tt.words {
				if !strings.Contains(e.Error(), word) {
					t.Errorf("got %q, want %q in it", e, word)
				}
			}
			if len(b.launcher.launches) != tt.launches {
				t.Errorf("got %d launches, want %d", len(b.launcher.launches), tt.launches)
			}
			if len(e.Failed) != 1 || len(b.lines(t, LogFailed)) != 1 || len(b.lines(t, LogInvocation)) != 1 {
				t.Errorf("want one failure, logged once, got %+v\n%s", e.Failed, b.log)
			}
		})
	}
}

func TestInvocationErrorIsShort(t *testing.T) {
	e := &InvocationError{make([]Outcome, 25)}
	if lines := strings.Split(e.Error(), "\n"); len(lines) != 11 || lines[10] != "and 15 more" {
		t.Errorf("got %q", lines)
	}
}

func TestBatch(t *testing.T) {
	var messages []message
	for i := range 10 {
		id := fmt.Sprintf("m%d", i)
		messages = append(messages, message{id: id, body: custom("e"+id, id)})
	}
	messages[3].body = `{"id":"cut off`
	messages[7].body = `{"hello":1}`
	b := newBench(t, oneRule)
	if got, want := b.failures(t, sqsBatch(messages...)), []string{"m3", "m7"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got failures %q, want %q", got, want)
	}
	if got, want := b.launcher.keys(), []string{"m0", "m1", "m2", "m4", "m5", "m6", "m8", "m9"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got launches of %q, want %q", got, want)
	}
	var logged []string
	for _, line := range b.lines(t, LogFailed) {
		logged = append(logged, fmt.Sprint(line["item"], " ", line["class"], " ", line["reason"]))
		if line["error"] == nil || line["level"] != "ERROR" {
			t.Errorf("got line %v", line)
		}
	}
	slices.Sort(logged)
	if want := []string{"m3 permanent BadEvent", "m7 permanent UnsupportedEvent"}; !reflect.DeepEqual(logged, want) {
		t.Errorf("logged %q, want %q", logged, want)
	}
}

func TestBatchWithoutFailures(t *testing.T) {
	for _, body := range []string{custom("1", "a"), `{"id":"2","source":"com.other","detail-type":"T","detail":{}}`} {
		got, err := newBench(t, oneRule).Invoke(t.Context(), []byte(sqsBatch(message{id: "m1", body: body})))
		if want := `{"batchItemFailures":[]}`; err != nil || string(got) != want {
			t.Errorf("got %s, %v; want %s", got, err, want)
		}
	}
}

// Lambda retries the whole batch for an empty identifier: there is no other way
// to have a message again that has none.
func TestMessageWithoutID(t *testing.T) {
	b := newBench(t, oneRule)
	if got := b.failures(t, sqsBatch(message{id: "", body: custom("1", "a")})); !reflect.DeepEqual(got, []string{""}) {
		t.Errorf("got %q", got)
	}
}

func TestGroups(t *testing.T) {
	batch := func(groups ...string) string {
		var messages []message
		for i, g := range groups {
			id := fmt.Sprintf("m%d", i)
			messages = append(messages, message{id, g, custom("e"+id, id)})
		}
		return sqsBatch(messages...)
	}
	tests := []struct {
		name     string
		payload  string
		launches []string
		failures []string
	}{
		{"later ones of its group", batch("a", "a", "b", "a", "b"), []string{"m0", "m1", "m2", "m4"}, []string{"m1", "m3"}},
		{"last of its group", batch("b", "a"), []string{"m0", "m1"}, []string{"m1"}},
		{"a standard queue has no order", batch("", "", ""), []string{"m0", "m1", "m2"}, []string{"m1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, oneRule)
			b.launcher.errs["m1"] = errCapacity
			if got := b.failures(t, tt.payload); !reflect.DeepEqual(got, tt.failures) {
				t.Errorf("got failures %q, want %q", got, tt.failures)
			}
			if got := b.launcher.keys(); !reflect.DeepEqual(got, tt.launches) {
				t.Errorf("got launches of %q, want %q", got, tt.launches)
			}
			if got := len(b.lines(t, LogFailed)); got != len(tt.failures) {
				t.Errorf("got %d failures in the log, want %d", got, len(tt.failures))
			}
		})
	}
}

// One rule's failure, of either kind, keeps no other rule from launching.
func TestRulesFailAlone(t *testing.T) {
	const whole = `{"id":"1","source":"com.example","detail-type":"T","detail":{"key":"a","note":"n"}}`
	tests := []struct {
		name, event string
		fail        string
		launches    []string
		rule        string
	}{
		{"render, first", `{"id":"1","source":"com.example","detail-type":"T","detail":{"note":"n"}}`, "", []string{"note"}, "convert"},
		{"render, last", `{"id":"1","source":"com.example","detail-type":"T","detail":{"key":"a"}}`, "", []string{"convert"}, "note"},
		{"launch, first", whole, "convert", []string{"convert", "note"}, "convert"},
		{"launch, last", whole, "note", []string{"convert", "note"}, "note"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, twoRules)
			if tt.fail != "" {
				b.launcher.errs[tt.fail] = errCapacity
			}
			e := b.invocationError(t, tt.event)
			var launches []string
			for _, l := range b.launcher.launches {
				launches = append(launches, l.Rule)
			}
			slices.Sort(launches)
			if !reflect.DeepEqual(launches, tt.launches) || len(e.Failed) != 1 || e.Failed[0].Rule != tt.rule {
				t.Errorf("got launches %q, failed %+v; want %q and %s", launches, e.Failed, tt.launches, tt.rule)
			}
		})
	}
}

func TestLogHoldsNoPayload(t *testing.T) {
	const marker = "s3cr3t-9917"
	payloads := []string{
		`{"id":"1","source":"com.example","detail-type":"T","detail":{"key":"` + marker + `","note":"` + marker + `"}}`,
		`{"id":"2","source":"com.example","detail-type":"T","detail":{"key":{"a":"` + marker + `"},"note":["` + marker + `"]}}`,
		`{"id":"3","source":"com.example","detail-type":"T","detail":{"key":"\u0000` + marker + `","note":{"note":"` + marker + `"}}}`,
		`{"id":"4","source":"com.example","detail-type":"T","detail":"` + marker + `"}`,
		`{"hello":"` + marker + `"}`,
		`{"id":"5","source":"com.example","detail":{"key":"` + marker,
		`"` + marker + `"`,
	}
	b := newBench(t, twoRules)
	for i, p := range payloads {
		_, direct := b.Invoke(t.Context(), []byte(p))
		reply, err := b.Invoke(t.Context(), []byte(sqsBatch(message{id: fmt.Sprint("m", i), body: p})))
		if err != nil || strings.Contains(string(reply), marker) || direct != nil && strings.Contains(direct.Error(), marker) {
			t.Errorf("%s: the reply is %s, %v or %v", p, reply, err, direct)
		}
	}
	if strings.Contains(b.log.String(), marker) {
		t.Errorf("the log holds a value of the payload:\n%s", b.log)
	}
	if len(b.launcher.launches) == 0 {
		t.Error("nothing was launched: the test shows nothing")
	}
}

func TestSameEventSameKey(t *testing.T) {
	b := newBench(t, oneRule)
	payloads := []string{
		custom("1", "a"),
		custom("1", "a"),
		sqsBatch(message{id: "m1", body: custom("1", "a")}),
		`{"rule":"convert","event":` + custom("1", "a") + `}`,
		custom("2", "a"),
	}
	for _, p := range payloads {
		if _, err := b.Invoke(t.Context(), []byte(p)); err != nil {
			t.Fatal(err)
		}
	}
	for i, l := range b.launcher.launches {
		same := l.Key == b.launcher.launches[0].Key
		if l.Key == "" || l.Rule != "convert" || same != (i < 4) {
			t.Errorf("launch %d has rule %s and key %s; the first has %s", i, l.Rule, l.Key, b.launcher.launches[0].Key)
		}
	}
}
