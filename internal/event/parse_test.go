package event

import (
	"errors"
	"strings"
	"testing"
)

func TestParseEnvelopes(t *testing.T) {
	s3 := s3Notification(s3RecordOf("ObjectCreated:Put", "k"))
	const s3ID = `["s3","Object Created","b","k","v","ab"]`
	const customID = `["event","com.example","1"]`
	testEvent := `{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-03-14T08:00:00.123Z","Bucket":"b"}`
	ruled := `{"rule":"r","event":` + custom + `}`
	tests := []struct {
		name, payload string
		source        Source
		id            string // of the item
		want          string // identity; "" for no event
		rule          string
	}{
		{"EventBridge", custom, Direct, "", customID, ""},
		{"EventBridge, white space around", "\n " + custom + "\t", Direct, "", customID, ""},
		{"S3", s3, Direct, "", s3ID, ""},
		{"S3 test event", testEvent, Direct, "", "", ""},
		{"rule and event", ruled, Direct, "", customID, "r"},
		{"rule and S3", `{"rule":"r","event":` + s3 + `}`, Direct, "", s3ID, "r"},
		{"rule and S3 test event", `{"rule":"r","event":` + testEvent + `}`, Direct, "", "", ""},
		{"SNS notification alone", snsNotification(custom), Direct, "", customID, ""},
		{"SNS, EventBridge", snsInvocation(custom), SNS, "n1", customID, ""},
		{"SNS, S3", snsInvocation(s3), SNS, "n1", s3ID, ""},
		{"SNS, S3 test event", snsInvocation(testEvent), SNS, "n1", "", ""},
		{"SNS, rule and event", snsInvocation(ruled), SNS, "n1", customID, "r"},
		{"SQS, EventBridge", sqsBatch(custom), SQS, "m1", customID, ""},
		{"SQS, S3", sqsBatch(s3), SQS, "m1", s3ID, ""},
		{"SQS, S3 test event", sqsBatch(testEvent), SQS, "m1", "", ""},
		{"SQS, rule and event", sqsBatch(ruled), SQS, "m1", customID, "r"},
		{"SQS, SNS wrapped, EventBridge", sqsBatch(snsNotification(custom)), SQS, "m1", customID, ""},
		{"SQS, SNS wrapped, S3", sqsBatch(snsNotification(s3)), SQS, "m1", s3ID, ""},
		{"SQS, SNS wrapped, S3 test event", sqsBatch(snsNotification(testEvent)), SQS, "m1", "", ""},
		{"SQS, SNS wrapped, rule, S3: the deepest", sqsBatch(snsNotification(`{"rule":"r","event":` + s3 + `}`)), SQS, "m1", s3ID, "r"},
		{"SQS as a function's dead-letter queue", sqsBatch(snsInvocation(s3)), SQS, "m1", s3ID, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := parse(t, tt.payload, Accept{})
			if b.Source != tt.source || len(b.Items) != 1 {
				t.Fatalf("got source %v and %d items, want %v and 1", b.Source, len(b.Items), tt.source)
			}
			item := b.Items[0]
			if item.ID != tt.id || item.Group != "" || item.Err != nil {
				t.Errorf("got item %q, group %q, error %v, want item %q", item.ID, item.Group, item.Err, tt.id)
			}
			if tt.want == "" {
				if len(item.Events) != 0 {
					t.Errorf("got event %s, want none", item.Events[0].JSON)
				}
				return
			}
			e := onlyOf(t, b)
			if got := e.Identity(); got != tt.want || e.Rule != tt.rule {
				t.Errorf("got %s for rule %q, want %s for %q", got, e.Rule, tt.want, tt.rule)
			}
		})
	}
}

// TestParseAliases: an EventBridge event is passed on, not copied.
func TestParseAliases(t *testing.T) {
	payload := []byte(" " + custom)
	b, err := Parse(payload, Accept{})
	if err != nil {
		t.Fatal(err)
	}
	e := onlyOf(t, b)
	if &e.JSON[0] != &payload[1] || len(e.JSON) != len(custom) {
		t.Error("the event is a copy of the payload, want the payload itself")
	}
}

// TestBadAmongGood: what is malformed fails its own item, and the good records
// of that item stay.
func TestBadAmongGood(t *testing.T) {
	good, bad := s3RecordOf("ObjectCreated:Put", "k1"), s3RecordOf("ObjectCreated:Put", "%zz")
	mixed := s3Notification(good, bad, s3RecordOf("Replication:OperationNotTracked", "k"), s3RecordOf("ObjectCreated:Copy", "k2"))

	b := parse(t, mixed, Accept{})
	if len(b.Items) != 1 || len(b.Items[0].Events) != 2 {
		t.Fatalf("got %+v, want one item with two events", b)
	}
	want := "Records[1].s3.object.key: expected two hexadecimal digits after %\n" +
		"Records[2].eventName: Replication notifications cannot be turned into an EventBridge event"
	if err := b.Items[0].Err; err == nil || err.Error() != want {
		t.Errorf("got error\n%v\nwant\n%s", err, want)
	}

	b = parse(t, sqsBatch(custom, mixed, `{`, custom), Accept{})
	var got []int
	for _, item := range b.Items {
		n := len(item.Events)
		if item.Err != nil {
			n = -n
		}
		got = append(got, n)
	}
	if len(got) != 4 || got[0] != 1 || got[1] != -2 || got[2] != 0 || b.Items[2].Err == nil || got[3] != 1 {
		t.Errorf("got %v events per item, negative with an error; want 1, -2, 0, 1", got)
	}
	if err := b.Items[1].Err; !strings.HasPrefix(err.Error(), "Records[1].body.Records[1].s3.object.key: ") {
		t.Errorf("got error %v, want the path through the body", err)
	}
}

func TestMixedSources(t *testing.T) {
	s3 := s3RecordOf("ObjectCreated:Put", "k")
	sns := `{"EventSource":"aws:sns","Sns":` + snsNotification(custom) + `}`
	payload := s3Notification(s3, s3, `{"eventSource":"aws:kinesis"}`, sqsRecord("m", custom), sns, `7`, s3)
	b := parse(t, payload, Accept{})
	want := []struct {
		id     string
		events int
		err    string
	}{
		{"", 2, ""},
		{"", 0, "Records[2].eventSource: expected aws:s3, aws:sqs or aws:sns, it is aws:kinesis"},
		{"m", 1, ""},
		{"n1", 1, ""},
		{"", 0, "Records[5]: expected an object, got a number"},
		{"", 1, ""},
	}
	if b.Source != SQS || len(b.Items) != len(want) {
		t.Fatalf("got source %v and %d items, want sqs and %d", b.Source, len(b.Items), len(want))
	}
	for i, w := range want {
		item := b.Items[i]
		var msg string
		if item.Err != nil {
			msg = item.Err.Error()
		}
		if item.ID != w.id || len(item.Events) != w.events || msg != w.err {
			t.Errorf("item %d: got %q, %d events, error %q; want %+v", i, item.ID, len(item.Events), msg, w)
		}
	}
}

func TestFIFO(t *testing.T) {
	record := func(queue, group string) string {
		return `{"Records":[{"messageId":"m","body":` + quoted(custom) + `,"eventSource":"aws:sqs","eventSourceARN":` + queue +
			`,"attributes":{"MessageGroupId":` + group + `}}]}`
	}
	tests := []struct{ name, queue, group, want string }{
		{"FIFO", `"arn:aws:sqs:eu-central-1:111122223333:q.fifo"`, `"g"`, "g"},
		{"fair standard queue", `"arn:aws:sqs:eu-central-1:111122223333:q"`, `"g"`, ""},
		{"group number", `"arn:aws:sqs:eu-central-1:111122223333:q.fifo"`, `1`, ""},
		{"queue list", `[".fifo"]`, `"g"`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := parse(t, record(tt.queue, tt.group), Accept{})
			if got := b.Items[0].Group; got != tt.want || b.Items[0].Err != nil {
				t.Errorf("got group %q, error %v, want %q", got, b.Items[0].Err, tt.want)
			}
		})
	}
}

// TestDuplicateMembers: of two members with one name the last counts.
func TestDuplicateMembers(t *testing.T) {
	e := only(t, []byte(`{"source":1,"source":"s","detail-type":"T","detail":"{","detail":{"a":1},"id":"0","id":"1"}`))
	if got := e.Identity(); got != `["event","s","1"]` {
		t.Errorf("got identity %s", got)
	}
	if _, err := Parse([]byte(`{"source":"s","source":1,"detail-type":"T","detail":{}}`), Accept{}); !errors.Is(err, ErrUnsupported) {
		t.Errorf("got %v, want ErrUnsupported for the last source", err)
	}
	e = only(t, []byte(`{"detail":{"a":1},"source":"s","detail-type":"T","detail":"{\"b\":2}"}`))
	if got := string(e.JSON); got != `{"source":"s","detail-type":"T","detail":{"b":2}}` {
		t.Errorf("got %s", got)
	}
}

// TestStringDetail: a string that holds an object is that object.
func TestStringDetail(t *testing.T) {
	e := only(t, []byte(`{ "source": "aws.scheduler", "detail": "{\"a\": \"\\u00e9\"}", "detail-type": "Scheduled Event", "é\"": [1, 2] }`))
	want := `{"source":"aws.scheduler","detail-type":"Scheduled Event","é\"":[1, 2],"detail":{"a": "\u00e9"}}`
	if got := string(e.JSON); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestEventID(t *testing.T) {
	for json, want := range map[string]string{
		custom:                      "1",
		`{"id":7}`:                  "",
		`{}`:                        "",
		`{"id":"a\u00e9"}`:          "aé",
		`no JSON at all`:            "",
		`{"id":"first","id":"2nd"}`: "2nd",
	} {
		if got := (Event{JSON: []byte(json)}).ID(); got != want {
			t.Errorf("ID of %s is %q, want %q", json, got, want)
		}
	}
}

func TestSourceString(t *testing.T) {
	for source, want := range map[Source]string{Direct: "direct", SQS: "sqs", SNS: "sns"} {
		if got := source.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
