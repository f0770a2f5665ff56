package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// The bits of FuzzParse's second argument: what is accepted, and what the first
// argument is wrapped in, so that mutations reach the inside of texts.
const (
	acceptSQS = 1 << iota
	acceptSNS
	acceptDirect
	asKey
	inNotification
	inBatch
)

// FuzzParse: there is either a batch or an error; every event is an EventBridge
// event; parsing twice is equal; identities survive being marshalled anew.
func FuzzParse(f *testing.F) {
	for _, name := range sampleNames(f) {
		payload := sample(f, filepath.Base(name))
		f.Add(payload, uint8(0))
		f.Add(payload, uint8(inNotification|inBatch))
	}
	for _, payload := range []string{
		custom, sqsBatch(custom, `hi`, `{"a":1}`), snsInvocation(`hi`), sqsBatch(snsNotification(`hi`)), `{"a":1}`,
		s3Notification(s3RecordOf("ObjectRestore:Completed", "a%2"), s3RecordOf("IntelligentTiering", "%C3%A9")),
		`{"source":"aws.scheduler","detail-type":"T","detail":"{\"a\":1}"}`,
	} {
		f.Add([]byte(payload), uint8(acceptSQS|acceptSNS|acceptDirect))
		f.Add([]byte(payload), uint8(acceptSQS|acceptSNS|inBatch))
	}
	f.Add([]byte("incoming/2026/%C3%89t%C3%A9+%22%2B%22%00.mp4"), uint8(asKey|inBatch))
	f.Fuzz(func(t *testing.T, payload []byte, flags uint8) {
		if len(payload) > 64<<10 {
			return
		}
		accept := Accept{SQS: flags&acceptSQS != 0, SNS: flags&acceptSNS != 0, Direct: flags&acceptDirect != 0}
		payload = wrapped(payload, flags)
		before := bytes.Clone(payload)
		b, err := Parse(payload, accept)
		if !bytes.Equal(payload, before) {
			t.Fatal("the payload has changed")
		}
		if (err == nil) != (len(b.Items) > 0) {
			t.Fatalf("got both or neither of %d items and error %v", len(b.Items), err)
		}
		if again, errAgain := Parse(payload, accept); !reflect.DeepEqual(b, again) || !reflect.DeepEqual(err, errAgain) {
			t.Fatalf("got %+v, %v\nthen %+v, %v", b, err, again, errAgain)
		}
		for _, item := range b.Items {
			checkError(t, item.Err)
			for _, e := range item.Events {
				checkEvent(t, e)
			}
		}
		checkError(t, err)
	})
}

func wrapped(payload []byte, flags uint8) []byte {
	text := string(payload)
	if flags&asKey != 0 {
		text = s3Notification(s3RecordOf("ObjectCreated:Put", text))
	}
	if flags&inNotification != 0 {
		text = snsNotification(text)
	}
	if flags&inBatch != 0 {
		text = sqsBatch(text)
	}
	return []byte(text)
}

func checkError(t *testing.T, err error) {
	var parseErr *ParseError
	if err != nil && (!errors.As(err, &parseErr) || parseErr.Msg == "" || parseErr.Offset < 0) {
		t.Fatalf("%v is no good ParseError", err)
	}
}

func checkEvent(t *testing.T, e Event) {
	v, err := scan.Read(e.JSON)
	if err != nil || !json.Valid(e.JSON) || v.Kind != scan.Object {
		t.Fatalf("event is no JSON object: %v\n%s", err, e.JSON)
	}
	if !filled(scan.Member(v, "source")) || !filled(scan.Member(v, "detail-type")) || scan.Member(v, "detail").Kind != scan.Object {
		t.Fatalf("no EventBridge event: %s", e.JSON)
	}
	id := e.Identity()
	var parts []string
	if err := json.Unmarshal([]byte(id), &parts); err != nil || len(parts) < 2 {
		t.Fatalf("identity %q is no JSON array: %v", id, err)
	}
	if strings.HasPrefix(id, `["sha256",`) {
		return // by bytes
	}
	decoder := json.NewDecoder(bytes.NewReader(e.JSON))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		t.Fatalf("%v\n%s", err, e.JSON)
	}
	marshalled, err := json.Marshal(decoded)
	if err != nil {
		t.Fatal(err)
	}
	if got := (Event{JSON: marshalled, Rule: e.Rule}).Identity(); got != id {
		t.Fatalf("identity %s becomes %s\n%s\n%s", id, got, e.JSON, marshalled)
	}
}
