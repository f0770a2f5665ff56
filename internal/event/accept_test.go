package event

import (
	"errors"
	"strings"
	"testing"
)

func TestAccept(t *testing.T) {
	const (
		sqsHead = `{"version":"0","id":"m1","detail-type":"Message","source":"taskbridge.sqs","account":"111122223333","region":"eu-central-1",` +
			`"time":"2026-03-14T09:26:53Z","resources":["arn:aws:sqs:eu-central-1:111122223333:q"],"detail":{"body":`
		sqsTail = `,"attributes":{"SentTimestamp":"1773480413000","SenderId":"A"},"messageAttributes":{"a":{"stringValue":"b","dataType":"String"}}}}`
		snsHead = `{"version":"0","id":"n1","detail-type":"Message","source":"taskbridge.sns","account":"111122223333","region":"eu-central-1",` +
			`"time":"2026-03-14T09:27:09Z","resources":["arn:aws:sns:eu-central-1:111122223333:t"],"detail":{"subject":"s","body":`
		invoke = `{"version":"0","id":"ID","detail-type":"Message","source":"taskbridge.invoke","detail":{"body":`
	)
	tests := []struct {
		name, payload string
		accept        Accept
		want          string
	}{
		{"SQS, JSON", sqsBatch(`{"a": 1}`), Accept{SQS: true}, sqsHead + `{"a": 1}` + sqsTail},
		{"SQS, text", sqsBatch("say \"hi\"\n"), Accept{SQS: true}, sqsHead + `"say \"hi\"\n"` + sqsTail},
		{"SQS, number", sqsBatch(`5`), Accept{SQS: true}, sqsHead + `5` + sqsTail},
		{"SQS, nothing", sqsBatch(``), Accept{SQS: true}, sqsHead + `""` + sqsTail},
		{"SQS, no rule", sqsBatch(`{"rule":"","event":{}}`), Accept{SQS: true}, sqsHead + `{"rule":"","event":{}}` + sqsTail},
		{"SQS, no record", sqsBatch(`{"Records":[]}`), Accept{SQS: true}, sqsHead + `{"Records":[]}` + sqsTail},
		{"SQS, records of others", sqsBatch(`{"Records":[{"a":1},{"b":2}]}`), Accept{SQS: true}, sqsHead + `{"Records":[{"a":1},{"b":2}]}` + sqsTail},
		{"SQS, event", sqsBatch(custom), Accept{SQS: true}, custom},
		{"SNS, JSON", snsInvocation(`[1]`), Accept{SNS: true}, snsHead + `[1]}}`},
		{"SNS, text", snsInvocation(`hi`), Accept{SNS: true}, snsHead + `"hi"}}`},
		{"SNS, event", snsInvocation(custom), Accept{SNS: true}, custom},
		{"SNS in SQS", sqsBatch(snsNotification(`hi`)), Accept{SNS: true, SQS: true}, snsHead + `"hi"}}`},
		{"SNS in SQS, only SQS accepted", sqsBatch(snsNotification(`hi`)), Accept{SQS: true}, sqsHead + snsNotification(`hi`) + sqsTail},
		{"SNS notification alone", snsNotification(`hi`), Accept{SNS: true}, snsHead + `"hi"}}`},
		{"SNS notification alone, only direct accepted", snsNotification(`hi`), Accept{Direct: true}, invoke + snsNotification(`hi`) + `}}`},
		{"direct, object", `{"a": 1}`, Accept{Direct: true}, invoke + `{"a": 1}}}`},
		{"direct, null", `null`, Accept{Direct: true}, invoke + `null}}`},
		{"direct, records of others", `{"Records":[{"eventSource":"aws:kinesis"}]}`, Accept{Direct: true},
			invoke + `{"Records":[{"eventSource":"aws:kinesis"}]}}}`},
		{"direct, event", custom, Accept{Direct: true}, custom},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := onlyOf(t, parse(t, tt.payload, tt.accept))
			if got, want := string(e.JSON), strings.Replace(tt.want, `"id":"ID"`, `"id":"`+e.ID()+`"`, 1); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if e.Rule != "" || len(e.ID()) == 0 {
				t.Errorf("got rule %q, id %q", e.Rule, e.ID())
			}
		})
	}
}

// TestAcceptIsPerDelivery: what is accepted of one delivery is not of another.
func TestAcceptIsPerDelivery(t *testing.T) {
	tests := []struct {
		name, payload string
		accept        Accept
	}{
		{"SQS", sqsBatch(`{}`), Accept{SNS: true, Direct: true}},
		{"SNS", snsInvocation(`{}`), Accept{SQS: true, Direct: true}},
		{"SNS in SQS", sqsBatch(snsNotification(`{}`)), Accept{Direct: true}},
		{"rule and no event", `{"rule":"r","event":{}}`, Accept{SQS: true, SNS: true, Direct: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := parse(t, tt.payload, tt.accept)
			if item := b.Items[0]; len(item.Events) != 0 || !errors.Is(item.Err, ErrUnsupported) {
				t.Errorf("got %d events, error %v, want ErrUnsupported", len(item.Events), item.Err)
			}
		})
	}
	if _, err := Parse([]byte(`{}`), Accept{SQS: true, SNS: true}); !errors.Is(err, ErrUnsupported) {
		t.Errorf("direct: got %v, want ErrUnsupported", err)
	}
	if _, err := Parse([]byte(`hi`), Accept{Direct: true}); err == nil || errors.Is(err, ErrUnsupported) {
		t.Errorf("direct: got %v, want a payload that is no JSON to be malformed", err)
	}
}

// TestAcceptKeepsMistakes: accept is for what is no event, not for bad events.
func TestAcceptKeepsMistakes(t *testing.T) {
	all := Accept{SQS: true, SNS: true, Direct: true}
	for _, payload := range []string{
		sqsBatch(s3Notification(s3RecordOf("ObjectCreated:Put", "%"))),
		sqsBatch(sqsBatch(custom)),
		sqsBatch(`{"source":"s","detail-type":"T","detail":"x"}`),
	} {
		b := parse(t, payload, all)
		if item := b.Items[0]; item.Err == nil || len(item.Events) != 0 {
			t.Errorf("got %d events, error %v, want an error\n%s", len(item.Events), item.Err, payload)
		}
	}
}

// TestAcceptRedelivery: the event does not tell how often a message was received.
func TestAcceptRedelivery(t *testing.T) {
	first := sqsBatch(`hi`)
	again := strings.Replace(first, `"ApproximateReceiveCount":"2"`, `"ApproximateReceiveCount":"3"`, 1)
	if first == again {
		t.Fatal("the message has no receive count")
	}
	a, b := onlyOf(t, parse(t, first, Accept{SQS: true})), onlyOf(t, parse(t, again, Accept{SQS: true}))
	if string(a.JSON) != string(b.JSON) || a.Identity() != b.Identity() {
		t.Errorf("got %s\nthen %s", a.JSON, b.JSON)
	}
}

// TestAcceptWithoutMetadata: what a message lacks is absent.
func TestAcceptWithoutMetadata(t *testing.T) {
	bare := `{"Records":[{"messageId":"m","eventSource":"aws:sqs","body":"hi","attributes":{"SentTimestamp":"soon"},"eventSourceARN":"q","awsRegion":"r"}]}`
	e := onlyOf(t, parse(t, bare, Accept{SQS: true}))
	want := `{"version":"0","id":"m","detail-type":"Message","source":"taskbridge.sqs","region":"r","resources":["q"],` +
		`"detail":{"body":"hi","attributes":{"SentTimestamp":"soon"}}}`
	if got := string(e.JSON); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	e = onlyOf(t, parse(t, `{"Type":"Notification","Message":"hi","TopicArn":"","Timestamp":"now"}`, Accept{SNS: true}))
	want = `{"version":"0","id":"` + e.ID() + `","detail-type":"Message","source":"taskbridge.sns","detail":{"body":"hi"}}`
	if got := string(e.JSON); got != want || len(e.ID()) != 36 {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestAcceptBytes: text that is no UTF-8 still becomes valid JSON, as
// encoding/json would write it.
func TestAcceptBytes(t *testing.T) {
	payload := strings.Replace(sqsBatch("x"), `"body":"x"`, "\"body\":\"a\xff\xc3b\u2028<\x7f\"", 1)
	e := onlyOf(t, parse(t, payload, Accept{SQS: true}))
	if got, want := at(t, e, "detail.body"), "a\ufffd\ufffdb\u2028<\x7f"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestAcceptTimes: a time that nobody can read is absent.
func TestAcceptTimes(t *testing.T) {
	for sent, want := range map[string]string{
		`"0"`:                    "1970-01-01T00:00:00Z",
		`"1773480413999"`:        "2026-03-14T09:26:53Z",
		`"253402300799999"`:      "9999-12-31T23:59:59Z",
		`"253402300800000"`:      "",
		`"-1"`:                   "",
		`"99999999999999999999"`: "",
		`1773480413999`:          "",
		`null`:                   "",
	} {
		payload := strings.Replace(sqsBatch("x"), `"SentTimestamp":"1773480413000"`, `"SentTimestamp":`+sent, 1)
		if got := at(t, onlyOf(t, parse(t, payload, Accept{SQS: true})), "time"); got != want {
			t.Errorf("SentTimestamp %s: got time %q, want %q", sent, got, want)
		}
	}
}
