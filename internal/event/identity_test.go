package event

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
)

func TestIdentity(t *testing.T) {
	s3 := func(kind, object, more string) string {
		return `{"source":"aws.s3","detail-type":"` + kind + `","id":"1","time":"T","detail":{"bucket":{"name":"b"},"object":{"key":"k"` + object + `}` + more + `}}`
	}
	tests := []struct{ name, json, rule, want string }{
		{"S3, versioned", s3("Object Created", `,"etag":"e","version-id":"v","sequencer":"0a"`, ``), "", `["s3","Object Created","b","k","v","a"]`},
		{"S3, unversioned", s3("Object Created", `,"etag":"e","sequencer":"00"`, ``), "", `["s3","Object Created","b","k","e","00"]`},
		{"S3, versioning suspended", s3("Object Created", `,"etag":"e","version-id":"null","sequencer":"A"`, ``), "", `["s3","Object Created","b","k","e","a"]`},
		{"S3, deleted for good", s3("Object Deleted", `,"sequencer":"a"`, ``), "", `["s3","Object Deleted","b","k","","a"]`},
		{"S3, no sequencer", s3("Object Created", `,"etag":"e"`, `,"request-id":"R"`), "", `["s3","Object Created","b","k","e","R"]`},
		{"S3, tags by request", s3("Object Tags Added", `,"etag":"e"`, `,"request-id":"R"`), "", `["s3","Object Tags Added","b","k","e","R"]`},
		{"S3, restore by request", s3("Object Restore Completed", `,"etag":"e","sequencer":"a"`, `,"request-id":"R"`), "", `["s3","Object Restore Completed","b","k","e","R"]`},
		{"S3, by time", s3("Object Created", `,"etag":"e"`, ``), "", `["s3","Object Created","b","k","e","T"]`},
		{"S3, nothing but id", `{"source":"aws.s3","detail-type":"Object Created","id":"1","detail":{"bucket":{"name":"b"},"object":{"key":"k"}}}`, "", `["event","aws.s3","1"]`},
		{"S3, replaced objects", `{"source":"aws.s3","detail-type":"Object Created","id":"1","detail":{"bucket":{"name":"b"},"object":{"key":"k","sequencer":"1"},"object":{"key":"l"}}}`, "", `["event","aws.s3","1"]`},
		{"S3 without an object", `{"source":"aws.s3","detail-type":"T","id":"1","detail":{"bucket":{"name":"b"}}}`, "", `["event","aws.s3","1"]`},
		{"other source with an object", strings.Replace(s3("Object Created", `,"sequencer":"a"`, ``), "aws.s3", "com.example", 1), "", `["event","com.example","1"]`},
		{"key with quotes", strings.Replace(s3("Object Created", `,"sequencer":"a"`, ``), `"k"`, `"\"\\\u00e9\n\u0001"`, 1), "", `["s3","Object Created","b","\"\\é\n\u0001","","a"]`},

		{"scheduler", `{"source":"aws.scheduler","detail-type":"Scheduled Event","id":"1","time":"T","resources":["arn"],"detail":{"attempt":2}}`, "r", `["schedule","arn","T"]`},
		{"scheduler, other detail-type", `{"source":"aws.scheduler","detail-type":"X","id":"1","time":"T","resources":["arn"],"detail":{}}`, "", `["schedule","arn","T"]`},
		{"scheduler, rule for resources", `{"source":"aws.scheduler","detail-type":"X","id":"1","time":"T","resources":[],"detail":{}}`, "r", `["schedule","r","T"]`},
		{"scheduler, neither", `{"source":"aws.scheduler","detail-type":"X","id":"1","time":"T","detail":{}}`, "", `["event","aws.scheduler","1"]`},
		{"scheduler without time", `{"source":"aws.scheduler","detail-type":"X","id":"1","resources":["arn"],"detail":{}}`, "", `["event","aws.scheduler","1"]`},
		{"scheduled rule", `{"source":"aws.events","detail-type":"Scheduled Event","id":"1","time":"T","resources":["arn"],"detail":{}}`, "", `["schedule","arn","T"]`},
		{"other aws.events", `{"source":"aws.events","detail-type":"Rule Disabled","id":"1","time":"T","resources":["arn"],"detail":{}}`, "", `["event","aws.events","1"]`},

		{"CloudTrail", `{"source":"aws.ec2","detail-type":"AWS API Call via CloudTrail","id":"1","detail":{"eventID":"E"}}`, "", `["cloudtrail","E"]`},
		{"CloudTrail on S3", `{"source":"aws.s3","detail-type":"AWS API Call via CloudTrail","id":"1","detail":{"eventID":"E"}}`, "", `["cloudtrail","E"]`},
		{"CloudTrail without eventID", `{"source":"aws.ec2","detail-type":"AWS API Call via CloudTrail","id":"1","detail":{}}`, "", `["event","aws.ec2","1"]`},
		{"eventID elsewhere", `{"source":"x","detail-type":"T","id":"1","detail":{"eventID":"E"}}`, "", `["event","x","1"]`},

		{"replayed", `{"source":"x","detail-type":"T","id":"1","detail":{},"replay-name":"again"}`, "", `["event","x","1","again"]`},
		{"replayed, S3", strings.Replace(s3("Object Created", `,"sequencer":"a"`, ``), `"id"`, `"replay-name":"again","id"`, 1), "", `["s3","Object Created","b","k","","a","again"]`},
		{"replay without name", `{"source":"x","detail-type":"T","id":"1","detail":{},"replay-name":""}`, "", `["event","x","1"]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Event{JSON: []byte(tt.json), Rule: tt.rule}.Identity()
			var parts []string
			if err := json.Unmarshal([]byte(got), &parts); err != nil || len(parts) < 2 {
				t.Fatalf("%s is no JSON array of strings: %v", got, err)
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestIdentityOfDeliveries: an S3 event has one identity through either
// delivery, whatever each of them writes in its own way.
func TestIdentityOfDeliveries(t *testing.T) {
	bridge := func(kind, object, more string) string {
		return `{"id":"17793124-05d4-b198-2fde-7ededc63b103","source":"aws.s3","detail-type":"` + kind + `","account":"111122223333","time":"2026-03-14T09:26:53Z",` +
			`"detail":{"bucket":{"name":"b"},"object":{"key":"a +é"` + object + `},"request-id":"R1","requester":"111122223333"` + more + `}}`
	}
	notice := func(name string) string { return s3RecordOf(name, "a+%2B%C3%A9") }
	tests := []struct{ name, bridge, record string }{
		{"created", bridge("Object Created", `,"size":7,"etag":"e","version-id":"v","sequencer":"ab"`, ``), notice("ObjectCreated:Put")},
		{"created, unversioned", bridge("Object Created", `,"etag":"e","sequencer":"ab"`, ``),
			strings.Replace(notice("ObjectCreated:Put"), `"versionId":"v",`, ``, 1)},
		{"deleted for good", bridge("Object Deleted", `,"sequencer":"ab"`, ``),
			strings.Replace(notice("ObjectRemoved:Delete"), `"size":7,"eTag":"e","versionId":"v",`, ``, 1)},
		{"delete marker", bridge("Object Deleted", `,"etag":"e","version-id":"v","sequencer":"AB"`, ``), notice("ObjectRemoved:DeleteMarkerCreated")},
		{"restored", bridge("Object Restore Completed", `,"etag":"e","version-id":"v"`, ``), notice("ObjectRestore:Completed")},
		{"tagged", bridge("Object Tags Added", `,"etag":"e","version-id":"v"`, ``), notice("ObjectTagging:Put")},
	}
	seen := map[string]string{}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, b := only(t, []byte(tt.bridge)).Identity(), only(t, []byte(s3Notification(tt.record))).Identity()
			if a != b {
				t.Errorf("through EventBridge %s\nthrough a notification %s", a, b)
			}
			if other, ok := seen[a]; ok {
				t.Errorf("%s is the identity of %s as well", a, other)
			}
			seen[a] = tt.name
		})
	}
}

// TestIdentityOfForm: neither order nor white space nor escapes matter.
func TestIdentityOfForm(t *testing.T) {
	for _, tt := range [][2]string{
		{`{"source":"aws.s3","detail-type":"Object Created","detail":{"bucket":{"name":"b"},"object":{"key":"é","sequencer":"1"}}}`,
			` { "detail" : { "object" : { "sequencer" : "1", "key" : "\u00e9" }, "bucket" : { "name" : "b" } }, "detail-type" : "Object\u0020Created", "source" : "aws.s3" } `},
		{`{"source":"s","detail-type":"T","id":"1","detail":{}}`, `{"id":"\u0031","detail":{"x":[]},"detail-type":"T","source":"s"}`},
	} {
		a, b := Event{JSON: []byte(tt[0])}.Identity(), Event{JSON: []byte(tt[1])}.Identity()
		if a != b || strings.HasPrefix(a, `["sha256"`) {
			t.Errorf("got %s and %s", a, b)
		}
	}
}

// TestIdentityWithoutID: the bytes identify what nothing else does.
func TestIdentityWithoutID(t *testing.T) {
	for _, more := range []string{``, `,"id":""`, `,"id":7`} {
		json := []byte(`{"source":"x","detail-type":"T","detail":{}` + more + `}`)
		sum := sha256.Sum256(json)
		want := `["sha256","` + hex.EncodeToString(sum[:]) + `"]`
		if got := (Event{JSON: json}).Identity(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestIdentityOfNoJSON: an Event that nobody parsed has an identity as well.
func TestIdentityOfNoJSON(t *testing.T) {
	a, b := Event{JSON: []byte(`{`)}.Identity(), Event{JSON: []byte(`[`)}.Identity()
	if a == b || !strings.HasPrefix(a, `["sha256"`) {
		t.Errorf("got %s and %s", a, b)
	}
}
