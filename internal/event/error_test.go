package event

import (
	"errors"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/scan"
)

func TestParseRefuses(t *testing.T) {
	tests := []struct {
		name, payload, want string
		unsupported         bool
	}{
		{"nothing", ``, `payload: invalid JSON: unexpected end of JSON`, false},
		{"cut off", `{"source":"x"`, `payload: invalid JSON: unexpected end of JSON at byte 13`, false},
		{"two values", custom + custom, `payload: invalid JSON: unexpected text after the value at byte 68`, false},
		{"null", `null`, `null;`, true},
		{"string", `"x"`, `a string;`, true},
		{"list", `[` + custom + `]`, `a list;`, true},
		{"empty object", `{}`, `an empty object;`, true},
		{"other members", `{"orderId":1,"secret":"s3cr3t"}`, `an object with the members "orderId", "secret";`, true},
		{"many members", `{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1}`, `"g", "h" and 2 more;`, true},
		{"long name", `{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaéx":1}`, `members "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…";`, true},
		{"source number", `{"source":1,"detail-type":"T","detail":{}}`, `"source": expected a non-empty string, got a number;`, true},
		{"source empty", `{"source":"","detail-type":"T","detail":{}}`, `"source": expected a non-empty string, got an empty string;`, true},
		{"source missing", `{"detail-type":"T","detail":{}}`, `"source": expected a non-empty string, it is missing;`, true},
		{"detail-type list", `{"source":"s","detail-type":["T"],"detail":{}}`, `"detail-type": expected a non-empty string, got a list;`, true},
		{"detail-type missing", `{"source":"s","detail":{}}`, `"detail-type": expected a non-empty string, it is missing;`, true},
		{"detail missing", `{"source":"s","detail-type":"T"}`, `"detail": expected an object, it is missing;`, true},
		{"detail null", `{"source":"s","detail-type":"T","detail":null}`, `"detail": expected an object, got null;`, true},
		{"Records object", `{"Records":{}}`, `"Records": expected a list, got an object;`, true},
		{"Records empty", `{"Records":[]}`, `"Records" is an empty list, expected at least one record;`, true},
		{"Records of Kinesis", `{"Records":[{"eventSource":"aws:kinesis"}]}`, `the first one's source is aws:kinesis;`, true},
		{"Records of a secret", `{"Records":[{"eventSource":"aws:S3CR3T"}]}`, `the first one's source is a string that names no AWS source;`, true},
		{"Records of numbers", `{"Records":[1]}`, `the first one's source is missing;`, true},
		{"eventSource number", `{"Records":[{"eventSource":3}]}`, `the first one's source is a number;`, true},
		{"rule number", `{"rule":1,"event":{}}`, `"rule": expected a non-empty string, got a number;`, true},
		{"rule empty", `{"rule":"","event":{}}`, `"rule": expected a non-empty string, got an empty string;`, true},
		{"event string", `{"rule":"r","event":"{}"}`, `"event" beside "rule": expected an object, got a string;`, true},
		{"event missing", `{"rule":"r"}`, `"event" beside "rule": expected an object, it is missing;`, true},
		{"Message object", `{"Type":"Notification","TopicArn":"t","Message":{}}`, `"Message": expected a string, got an object;`, true},
		{"TopicArn missing", `{"Type":"Notification","Message":"{}"}`, `"TopicArn": expected a string, it is missing;`, true},
		{"Type number", `{"Type":1,"TopicArn":"t","Message":"{}"}`, `members "Type", "TopicArn", "Message";`, true},
		{"Service number", `{"Service":1,"Event":"s3:TestEvent"}`, `members "Service", "Event";`, true},
		{"subscription", `{"Type":"SubscriptionConfirmation","Message":"m","TopicArn":"t"}`, `members "Type", "Message", "TopicArn";`, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, err := Parse([]byte(tt.payload), Accept{SQS: true, SNS: true})
			var parseErr *ParseError
			if !errors.As(err, &parseErr) || len(b.Items) != 0 {
				t.Fatalf("got %v and error %v, want a ParseError", b, err)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %q, want it to have %q", err, tt.want)
			}
			if got := errors.Is(err, ErrUnsupported); got != tt.unsupported {
				t.Errorf("errors.Is(err, ErrUnsupported) = %t, want %t", got, tt.unsupported)
			}
			if strings.Contains(strings.ToLower(err.Error()), "s3cr3t") {
				t.Errorf("%q repeats a value of the payload", err)
			}
		})
	}
}

func TestParseItemErrors(t *testing.T) {
	s3 := s3Notification(s3RecordOf("ObjectCreated:Put", "k"))
	ruled := `{"rule":"r","event":` + custom + `}`
	record := func(members string) string {
		return `{"Records":[{"eventSource":"aws:sqs",` + members + `}]}`
	}
	sns := func(members string) string {
		return `{"Records":[{"EventSource":"aws:sns","Sns":{` + members + `}}]}`
	}
	tests := []struct {
		name, payload, want string
		unsupported         bool
	}{
		{"detail holds no object", `{"source":"s","detail-type":"T","detail":"[]"}`,
			`detail: expected an object, got a string that holds none`, false},
		{"detail holds no JSON", `{"source":"s","detail-type":"T","detail":"x"}`,
			`detail: expected an object, got a string that holds none`, false},
		{"messageId missing", record(`"body":"{}"`), `Records[0].messageId: expected a non-empty string, it is missing`, false},
		{"messageId empty", record(`"messageId":"","body":"{}"`), `Records[0].messageId: expected a non-empty string, got an empty string`, false},
		{"messageId number", record(`"messageId":7,"body":"{}"`), `Records[0].messageId: expected a non-empty string, got a number`, false},
		{"body missing", record(`"messageId":"m"`), `Records[0].body: expected a string, it is missing`, false},
		{"body object", record(`"messageId":"m","body":` + custom), `Records[0].body: expected a string, got an object`, false},
		{"body no JSON", sqsBatch(`hello`), `Records[0].body: invalid JSON: expected a value`, false},
		{"body empty", sqsBatch(``), `Records[0].body: invalid JSON: unexpected end of JSON`, false},
		{"body cut off", sqsBatch(`{"source":`), `Records[0].body: invalid JSON: unexpected end of JSON at byte 10`, false},
		{"body unknown", sqsBatch(`{"a":1}`), `Records[0].body: no event of a known kind: an object with the members "a";`, true},
		{"body's list empty", sqsBatch(`{"Records":[]}`), `Records[0].body: no event of a known kind: "Records" is an empty list`, true},
		{"message unknown", sqsBatch(snsNotification(`{"a":1}`)), `Records[0].body.Message: no event of a known kind: an object with the members "a";`, true},
		{"message no JSON", sqsBatch(snsNotification(`hi`)), `Records[0].body.Message: invalid JSON: expected a value`, false},
		{"Sns missing", `{"Records":[{"EventSource":"aws:sns"}]}`, `Records[0].Sns: expected an object, it is missing`, false},
		{"MessageId missing", sns(`"Message":"{}"`), `Records[0].Sns.MessageId: expected a non-empty string, it is missing`, false},
		{"Message number", sns(`"MessageId":"n","Message":1`), `Records[0].Sns.Message: expected a string, got a number`, false},
		{"SNS message unknown", snsInvocation(`[]`), `Records[0].Sns.Message: no event of a known kind: a list;`, true},
		{"rule's event unknown", `{"rule":"r","event":{"a":1}}`, `event: no event of a known kind: an object with the members "a";`, true},
		{"S3 key far inside", sqsBatch(snsNotification(`{"rule":"r","event":` + s3Notification(s3RecordOf("ObjectCreated:Put", "a%2")) + `}`)),
			`Records[0].body.Message.event.Records[0].s3.object.key: expected two hexadecimal digits after % at byte 1`, false},

		{"too deep: SQS in SQS", sqsBatch(sqsBatch(custom)), `Records[0].body.Records[0]: an SQS record must not lie here`, false},
		{"too deep: SQS in SNS", snsInvocation(sqsBatch(custom)), `Records[0].Sns.Message.Records[0]: an SQS record must not lie here`, false},
		{"too deep: SNS in SNS", snsInvocation(snsNotification(custom)), `Records[0].Sns.Message: an SNS notification must not lie here`, false},
		{"too deep: SNS record in SNS", snsInvocation(snsInvocation(custom)), `Records[0].Sns.Message.Records[0]: an SNS record must not lie here`, false},
		{"too deep: SNS in SNS in SQS", sqsBatch(snsNotification(snsNotification(custom))), `Records[0].body.Message: an SNS notification must not lie here`, false},
		{"too deep: rule in rule", `{"rule":"r","event":` + ruled + `}`, `event: {"rule","event"} must not lie here`, false},
		{"too deep: SNS in rule", `{"rule":"r","event":` + snsNotification(s3) + `}`, `event: an SNS notification must not lie here`, false},
		{"too deep: SQS in rule", `{"rule":"r","event":` + sqsBatch(s3) + `}`, `event.Records[0]: an SQS record must not lie here`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := parse(t, tt.payload, Accept{})
			if len(b.Items) != 1 || len(b.Items[0].Events) != 0 {
				t.Fatalf("got %+v, want one item without events", b)
			}
			err := b.Items[0].Err
			var parseErr *ParseError
			if !errors.As(err, &parseErr) || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got error %v, want %s…", err, tt.want)
			}
			if got := errors.Is(err, ErrUnsupported); got != tt.unsupported {
				t.Errorf("errors.Is(err, ErrUnsupported) = %t, want %t", got, tt.unsupported)
			}
		})
	}
}

// TestParseTooDeep: JSON may be as deep as the scanner allows, but not deeper
// once a text within it has become a part of it.
func TestParseTooDeep(t *testing.T) {
	nested := `{"a":` + strings.Repeat("[", scan.MaxDepth-1) + strings.Repeat("]", scan.MaxDepth-1) + `}`
	event := `{"source":"s","detail-type":"T","detail":` + quoted(nested) + `}`
	for _, payload := range []string{event, sqsBatch(nested)} {
		b := parse(t, payload, Accept{SQS: true})
		if err := b.Items[0].Err; err == nil || !strings.Contains(err.Error(), "nested too deeply") || len(b.Items[0].Events) != 0 {
			t.Errorf("got events %v and error %v, want it nested too deeply", b.Items[0].Events, err)
		}
	}
}
