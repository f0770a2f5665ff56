package event

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestS3Kinds(t *testing.T) {
	const (
		restore = `,"glacierEventData":{"restoreEventData":{"lifecycleRestorationExpiryTime":"2026-04-01T00:00:00.000Z","lifecycleRestoreStorageClass":"GLACIER"}}`
		move    = `,"lifecycleEventData":{"transitionEventData":{"destinationStorageClass":"STANDARD_IA"}}`
		tier    = `,"intelligentTieringEventData":{"destinationAccessTier":"ARCHIVE_ACCESS"}`
	)
	tests := []struct{ name, detailType, more string }{
		{"ObjectCreated:Put", "Object Created", `"reason":"PutObject"`},
		{"s3:ObjectCreated:Put", "Object Created", `"reason":"PutObject"`},
		{"ObjectCreated:Post", "Object Created", `"reason":"POST Object"`},
		{"ObjectCreated:Copy", "Object Created", `"reason":"CopyObject"`},
		{"ObjectCreated:CompleteMultipartUpload", "Object Created", `"reason":"CompleteMultipartUpload"`},
		{"ObjectCreated:InSomeNewWay", "Object Created", ``},
		{"ObjectRemoved:Delete", "Object Deleted", `"reason":"DeleteObject","deletion-type":"Permanently Deleted"`},
		{"ObjectRemoved:DeleteMarkerCreated", "Object Deleted", `"reason":"DeleteObject","deletion-type":"Delete Marker Created"`},
		{"LifecycleExpiration:Delete", "Object Deleted", `"reason":"Lifecycle Expiration","deletion-type":"Permanently Deleted"`},
		{"LifecycleExpiration:DeleteMarkerCreated", "Object Deleted", `"reason":"Lifecycle Expiration","deletion-type":"Delete Marker Created"`},
		{"ObjectRestore:Post", "Object Restore Initiated", `"source-storage-class":"GLACIER"`},
		{"ObjectRestore:Completed", "Object Restore Completed", `"restore-expiry-time":"2026-04-01T00:00:00Z","source-storage-class":"GLACIER"`},
		{"ObjectRestore:Delete", "Object Restore Expired", ``},
		{"ObjectTagging:Put", "Object Tags Added", ``},
		{"ObjectTagging:Delete", "Object Tags Deleted", ``},
		{"ObjectAcl:Put", "Object ACL Updated", ``},
		{"LifecycleTransition", "Object Storage Class Changed", `"destination-storage-class":"STANDARD_IA"`},
		{"IntelligentTiering", "Object Access Tier Changed", `"destination-access-tier":"ARCHIVE_ACCESS"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			record := s3RecordOf(tt.name, "k")
			e := only(t, []byte(s3Notification(record[:len(record)-1]+restore+move+tier+"}")))
			more := tt.more
			if more != "" {
				more = "," + more
			}
			want := `{"version":"0","id":"` + e.ID() + `","detail-type":"` + tt.detailType + `","source":"aws.s3",` +
				`"time":"2026-03-14T09:26:53Z","region":"eu-central-1","resources":["arn:aws:s3:::b"],"detail":{"version":"0",` +
				`"bucket":{"name":"b"},"object":{"key":"k","size":7,"etag":"e","version-id":"v","sequencer":"00AB"},` +
				`"request-id":"R1","requester":"AWS:AROAEXAMPLE","source-ip-address":"198.51.100.24"` + more + `}}`
			if got := string(e.JSON); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestS3WithoutCounterpart(t *testing.T) {
	const cannot = " notifications cannot be turned into an EventBridge event"
	for name, want := range map[string]string{
		"ReducedRedundancyLostObject":               "ReducedRedundancyLostObject" + cannot,
		"s3:Replication:OperationFailedReplication": "Replication" + cannot,
		"ObjectAnnotation:Put":                      "ObjectAnnotation" + cannot,
		"Something:Else":                            "expected the name of an S3 event, got another string",
	} {
		b := parse(t, s3Notification(s3RecordOf(name, "k")), Accept{})
		if err := b.Items[0].Err; err == nil || err.Error() != "Records[0].eventName: "+want {
			t.Errorf("%s: got error %v, want %s", name, err, want)
		}
	}
}

// TestS3Absent: what a record lacks is absent, be it missing, null or empty.
func TestS3Absent(t *testing.T) {
	const none = `{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"k"}}}`
	const empty = `{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","awsRegion":"","eventTime":null,
		"userIdentity":{"principalId":""},"requestParameters":null,"responseElements":{"x-amz-request-id":null},
		"s3":{"bucket":{"name":"b","arn":""},"object":{"key":"k","size":null,"eTag":"","versionId":null,"sequencer":""}}}`
	for _, record := range []string{none, empty} {
		e := only(t, []byte(s3Notification(record)))
		want := `{"version":"0","id":"` + e.ID() + `","detail-type":"Object Created","source":"aws.s3",` +
			`"detail":{"version":"0","bucket":{"name":"b"},"object":{"key":"k"},"reason":"PutObject"}}`
		if got := string(e.JSON); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// TestS3Itself: what S3 does by itself has no address, as in EventBridge.
func TestS3Itself(t *testing.T) {
	record := strings.NewReplacer("198.51.100.24", "s3.amazonaws.com", "AWS:AROAEXAMPLE", "s3.amazonaws.com").
		Replace(s3RecordOf("LifecycleExpiration:Delete", "k"))
	e := only(t, []byte(s3Notification(record)))
	if ip, who := at(t, e, "detail.source-ip-address"), at(t, e, "detail.requester"); ip != "" || who != "s3.amazonaws.com" {
		t.Errorf("got address %q, requester %q; want none and s3.amazonaws.com", ip, who)
	}
}

func TestS3Partition(t *testing.T) {
	record := strings.ReplaceAll(s3RecordOf("ObjectCreated:Put", "k"), "arn:aws:s3", "arn:aws-cn:s3")
	e := only(t, []byte(s3Notification(record)))
	if got := at(t, e, "resources"); got != `["arn:aws-cn:s3:::b"]` {
		t.Errorf("got resources %s", got)
	}
}

func TestS3WrongTypes(t *testing.T) {
	tests := []struct{ old, new, want string }{
		{`"eventName":"ObjectCreated:Put"`, `"eventName":1`, `eventName: expected a string, got a number`},
		{`"eventTime":"2026-03-14T09:26:53.589Z"`, `"eventTime":"yesterday"`, `eventTime: expected a time as in RFC 3339, got another string`},
		{`"eventTime":"2026-03-14T09:26:53.589Z"`, `"eventTime":1`, `eventTime: expected a string, got a number`},
		{`"name":"b"`, `"name":""`, `s3.bucket.name: expected a non-empty string, got an empty string`},
		{`"name":"b"`, `"name":{}`, `s3.bucket.name: expected a non-empty string, got an object`},
		{`"bucket":{`, `"pail":{`, `s3.bucket.name: expected a non-empty string, it is missing`},
		{`"s3":{`, `"s3":7,"s4":{`, "s3.bucket.name: expected a non-empty string, it is missing\nRecords[0].s3.object.key: expected a non-empty string, it is missing"},
		{`"key":"k"`, `"key":null`, `s3.object.key: expected a non-empty string, got null`},
		{`"key":"k"`, `"key":""`, `s3.object.key: expected a non-empty string, got an empty string`},
		{`"size":7`, `"size":"7"`, `s3.object.size: expected a whole number of bytes, got a string`},
		{`"size":7`, `"size":-7`, `s3.object.size: expected a whole number of bytes, got a number`},
		{`"size":7`, `"size":7.5`, `s3.object.size: expected a whole number of bytes, got a number`},
		{`"eTag":"e"`, `"eTag":[]`, `s3.object.eTag: expected a string, got a list`},
		{`"versionId":"v"`, `"versionId":true`, `s3.object.versionId: expected a string, got a bool`},
		{`"sequencer":"00AB"`, `"sequencer":1`, `s3.object.sequencer: expected a string, got a number`},
		{`"arn":"arn:aws:s3:::b"`, `"arn":1`, `s3.bucket.arn: expected a string, got a number`},
		{`"awsRegion":"eu-central-1"`, `"awsRegion":1`, `awsRegion: expected a string, got a number`},
		{`"principalId":"AWS:AROAEXAMPLE"`, `"principalId":1`, `userIdentity.principalId: expected a string, got a number`},
		{`"sourceIPAddress":"198.51.100.24"`, `"sourceIPAddress":1`, `requestParameters.sourceIPAddress: expected a string, got a number`},
		{`"x-amz-request-id":"R1"`, `"x-amz-request-id":1`, `responseElements.x-amz-request-id: expected a string, got a number`},
	}
	for _, tt := range tests {
		t.Run(tt.new, func(t *testing.T) {
			good := s3RecordOf("ObjectCreated:Put", "k")
			bad := strings.Replace(good, tt.old, tt.new, 1)
			if bad == good {
				t.Fatalf("the record does not have %s", tt.old)
			}
			b := parse(t, s3Notification(bad), Accept{})
			if err := b.Items[0].Err; err == nil || err.Error() != "Records[0]."+tt.want || len(b.Items[0].Events) != 0 {
				t.Errorf("got %d events, error %v; want %s", len(b.Items[0].Events), err, tt.want)
			}
		})
	}
}

func TestKeyDecoding(t *testing.T) {
	tests := []struct{ encoded, want, err string }{
		{"plain/key.txt", "plain/key.txt", ""},
		{"a+b%2Bc", "a b+c", ""},
		{"100%25", "100%", ""},
		{"%2525", "%25", ""}, // decoded once
		{"a%2fb%2Fc", "a/b/c", ""},
		{"%C3%A9t%c3%a9", "été", ""},
		{"%F0%9F%8E%AC.mp4", "🎬.mp4", ""},
		{"é", "é", ""}, // not encoded, though S3 always does
		{"%22quoted%22", `"quoted"`, ""},
		{"back%5Cslash", `back\slash`, ""},
		{"%00%1F%0A%7F", "\x00\x1f\n\x7f", ""},
		{"%E2%80%A8", "\u2028", ""},
		{"<&>", "<&>", ""},
		{"%EF%BF%BD", "\ufffd", ""},
		{"%", "", "expected two hexadecimal digits after %"},
		{"a%2", "", "expected two hexadecimal digits after % at byte 1"},
		{"ab%zz", "", "expected two hexadecimal digits after % at byte 2"},
		{"ab%2g", "", "expected two hexadecimal digits after % at byte 2"},
		{"ab%%41", "", "expected two hexadecimal digits after % at byte 2"},
		{"%FF", "", "expected UTF-8 once decoded, got other bytes"},
		{"%C3", "", "expected UTF-8 once decoded, got other bytes"},
		{"%ED%A0%80", "", "expected UTF-8 once decoded, got other bytes"}, // a surrogate
	}
	for _, tt := range tests {
		t.Run(tt.encoded, func(t *testing.T) {
			b := parse(t, s3Notification(s3RecordOf("ObjectCreated:Put", tt.encoded)), Accept{})
			if tt.err != "" {
				if err := b.Items[0].Err; err == nil || err.Error() != "Records[0].s3.object.key: "+tt.err {
					t.Errorf("got error %v, want %s", err, tt.err)
				}
				return
			}
			if got := at(t, onlyOf(t, b), "detail.object.key"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestKeyEscapedInJSON: the encoding of JSON is undone before that of the key.
func TestKeyEscapedInJSON(t *testing.T) {
	record := strings.Replace(s3RecordOf("ObjectCreated:Put", "k"), `"key":"k"`, `"key":"\u0025\u0032B\u002b"`, 1)
	if got := at(t, only(t, []byte(s3Notification(record))), "detail.object.key"); got != "+ " {
		t.Errorf("got %q, want %q", got, "+ ")
	}
}

// TestKeyOfBytes: a key that is no UTF-8 to begin with is refused as well.
func TestKeyOfBytes(t *testing.T) {
	b := parse(t, s3Notification(strings.Replace(s3RecordOf("ObjectCreated:Put", "k"), `"key":"k"`, "\"key\":\"\xff\"", 1)), Accept{})
	if err := b.Items[0].Err; err == nil || !strings.HasSuffix(err.Error(), "expected UTF-8 once decoded, got other bytes") {
		t.Errorf("got error %v", err)
	}
}

// TestEventBridgeKeysAreNotDecoded: only notifications encode keys.
func TestEventBridgeKeysAreNotDecoded(t *testing.T) {
	e := only(t, []byte(`{"source":"aws.s3","detail-type":"Object Created","detail":{"object":{"key":"a+b%2B"}}}`))
	if got := at(t, e, "detail.object.key"); got != "a+b%2B" {
		t.Errorf("got %q", got)
	}
}

// TestRandomKeys: any key survives the way through a notification.
func TestRandomKeys(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		key := randomKey(r)
		encoded := strings.ReplaceAll(url.QueryEscape(key), "%2F", "/")
		payload, err := json.Marshal(json.RawMessage(s3Notification(s3RecordOf("ObjectCreated:Put", encoded))))
		if err != nil {
			t.Fatal(err)
		}
		e := only(t, payload)
		var decoded struct {
			Detail struct{ Object struct{ Key string } }
		}
		if err := json.Unmarshal(e.JSON, &decoded); err != nil {
			t.Fatalf("%v\n%s", err, e.JSON)
		}
		if decoded.Detail.Object.Key != key {
			t.Fatalf("got %q, want %q", decoded.Detail.Object.Key, key)
		}
		if got := at(t, e, "detail.object.key"); got != key {
			t.Fatalf("got %q, want %q", got, key)
		}
	}
}

func randomKey(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(40) {
		switch r.IntN(5) {
		case 0:
			b.WriteByte(byte(r.IntN(128)))
		case 1:
			b.WriteString([]string{"+", "%", "/", `"`, `\`, " ", "é", "🎬", "\u2028", "<"}[r.IntN(10)])
		case 2:
			if c := rune(r.IntN(utf8.MaxRune + 1)); utf8.ValidRune(c) {
				b.WriteRune(c)
			}
		default:
			b.WriteByte(byte('a' + r.IntN(26)))
		}
	}
	b.WriteString("k")
	return b.String()
}

// TestS3ID: the id is a UUID that tells occurrences apart as the identity does.
func TestS3ID(t *testing.T) {
	of := func(name, key string) Event {
		return only(t, []byte(s3Notification(s3RecordOf(name, key))))
	}
	a := of("ObjectCreated:Put", "k")
	if got := of("ObjectCreated:Put", "k").ID(); got != a.ID() {
		t.Errorf("the same record has the ids %s and %s", a.ID(), got)
	}
	for _, other := range []Event{of("ObjectCreated:Put", "l"), of("ObjectRemoved:Delete", "k")} {
		if other.ID() == a.ID() {
			t.Errorf("%s has the id of %s", other.JSON, a.JSON)
		}
	}
	var n [5]string
	if _, err := fmt.Sscanf(strings.ReplaceAll(a.ID(), "-", " "), "%8s %4s %4s %4s %12s", &n[0], &n[1], &n[2], &n[3], &n[4]); err != nil || len(a.ID()) != 36 {
		t.Errorf("%s is no UUID: %v", a.ID(), err)
	}
	if n[2][0] != '8' || !strings.Contains("89ab", n[3][:1]) {
		t.Errorf("%s is no UUID of version 8", a.ID())
	}
}
