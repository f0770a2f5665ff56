package event

import (
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// parse parses a payload that is of a known kind.
func parse(tb testing.TB, payload string, accept Accept) Batch {
	tb.Helper()
	b, err := Parse([]byte(payload), accept)
	if err != nil {
		tb.Fatalf("Parse: %v\n%s", err, payload)
	}
	return b
}

// only parses a payload that holds one good event.
func only(tb testing.TB, payload []byte) Event {
	tb.Helper()
	b := parse(tb, string(payload), Accept{})
	return onlyOf(tb, b)
}

func onlyOf(tb testing.TB, b Batch) Event {
	tb.Helper()
	if len(b.Items) != 1 || len(b.Items[0].Events) != 1 || b.Items[0].Err != nil {
		tb.Fatalf("got %+v, want one item with one event", b)
	}
	return b.Items[0].Events[0]
}

// at is the text of the value at a path of members; "" if there is none.
func at(tb testing.TB, e Event, path string) string {
	tb.Helper()
	v, err := scan.Read(e.JSON)
	if err != nil {
		tb.Fatalf("event is no JSON: %v\n%s", err, e.JSON)
	}
	for _, name := range strings.Split(path, ".") {
		v = scan.Member(v, name)
	}
	if v.Kind == scan.Missing {
		return ""
	}
	return v.Text()
}

// quoted is s as a JSON string.
func quoted(s string) string { return string(appendString(nil, s)) }

// Envelopes around a text.

func sqsBatch(bodies ...string) string {
	var records []string
	for i, body := range bodies {
		records = append(records, sqsRecord("m"+string(rune('1'+i)), body))
	}
	return `{"Records":[` + strings.Join(records, ",") + `]}`
}

func sqsRecord(id, body string) string {
	return `{"messageId":` + quoted(id) + `,"body":` + quoted(body) +
		`,"attributes":{"SentTimestamp":"1773480413000","ApproximateReceiveCount":"2","SenderId":"A"},` +
		`"messageAttributes":{"a":{"stringValue":"b","dataType":"String"}},` +
		`"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-central-1:111122223333:q","awsRegion":"eu-central-1"}`
}

func snsNotification(message string) string {
	return `{"Type":"Notification","MessageId":"n1","TopicArn":"arn:aws:sns:eu-central-1:111122223333:t",` +
		`"Subject":"s","Message":` + quoted(message) + `,"Timestamp":"2026-03-14T09:27:09.369Z"}`
}

func snsInvocation(message string) string {
	return `{"Records":[{"EventSource":"aws:sns","EventVersion":"1.0","Sns":` + snsNotification(message) + `}]}`
}

func s3Notification(records ...string) string {
	return `{"Records":[` + strings.Join(records, ",") + `]}`
}

func s3RecordOf(name, key string) string {
	return `{"eventSource":"aws:s3","awsRegion":"eu-central-1","eventTime":"2026-03-14T09:26:53.589Z",` +
		`"eventName":` + quoted(name) + `,"userIdentity":{"principalId":"AWS:AROAEXAMPLE"},` +
		`"requestParameters":{"sourceIPAddress":"198.51.100.24"},"responseElements":{"x-amz-request-id":"R1"},` +
		`"s3":{"bucket":{"name":"b","arn":"arn:aws:s3:::b"},` +
		`"object":{"key":` + quoted(key) + `,"size":7,"eTag":"e","versionId":"v","sequencer":"00AB"}}}`
}

const custom = `{"id":"1","source":"com.example","detail-type":"T","detail":{"a":1}}`
