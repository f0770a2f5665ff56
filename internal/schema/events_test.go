package schema

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/event"
)

type example struct {
	known KnownEvent
	raw   []byte
}

// readExamples reads testdata/examples.json: the examples of the pages that the
// schemas name.
func readExamples(t *testing.T) []example {
	t.Helper()
	data, err := os.ReadFile("testdata/examples.json")
	if err != nil {
		t.Fatal(err)
	}
	var raws []json.RawMessage
	if err := json.Unmarshal(data, &raws); err != nil {
		t.Fatal(err)
	}
	examples := make([]example, len(raws))
	for i, raw := range raws {
		examples[i] = example{knownOf(t, raw), raw}
	}
	return examples
}

func knownOf(t *testing.T, raw []byte) KnownEvent {
	t.Helper()
	var head struct {
		Source     string
		DetailType string `json:"detail-type"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		t.Fatal(err)
	}
	return KnownEvent{head.Source, head.DetailType}
}

func TestExamplesFit(t *testing.T) {
	seen := map[KnownEvent]bool{}
	for i, e := range readExamples(t) {
		typ, ok := Event(e.known.Source, e.known.DetailType)
		if !ok {
			t.Errorf("example %d: %v is not known", i, e.known)
			continue
		}
		seen[e.known] = true
		for _, mistake := range typ.Check(e.raw) {
			t.Errorf("example %d, %v: %s", i, e.known, mistake)
		}
	}
	for _, k := range Known() {
		if !seen[k] {
			t.Errorf("%v has no example", k)
		}
	}
}

// TestExamplesNeedTheirFields takes every required field away and adds one that
// is unknown: the shapes say something.
func TestExamplesNeedTheirFields(t *testing.T) {
	for _, e := range readExamples(t) {
		typ, _ := Event(e.known.Source, e.known.DetailType)
		for _, f := range typ.Fields {
			var m map[string]any
			if err := json.Unmarshal(e.raw, &m); err != nil {
				t.Fatal(err)
			}
			delete(m, f.Name)
			raw, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			want := []string{f.Name + ": missing, expected " + article(f.Type.Kind)}
			if f.Optional {
				want = nil
			}
			if got := typ.Check(raw); !slices.Equal(got, want) {
				t.Errorf("%v without %s: got %q, want %q", e.known, f.Name, got, want)
			}
		}
		raw := strings.Replace(string(e.raw), "{", `{"detial": 1, `, 1)
		if got, want := typ.Check([]byte(raw)), []string{"detial: unknown field"}; !slices.Equal(got, want) {
			t.Errorf("%v misspelt: got %q, want %q", e.known, got, want)
		}
	}
}

// TestSamplesFit checks every event of every sample, through whatever envelope.
func TestSamplesFit(t *testing.T) {
	names, err := filepath.Glob("../../events/samples/*.json")
	if err != nil || len(names) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	checked := map[KnownEvent]int{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		checkPayload(t, filepath.Base(name), data, event.Accept{}, checked)
	}
	for _, want := range []KnownEvent{
		{"aws.s3", "Object Created"}, {"aws.s3", "Object Deleted"},
		{"aws.events", "Scheduled Event"}, {"aws.scheduler", "Scheduled Event"},
	} {
		if checked[want] == 0 {
			t.Errorf("no sample is a %v", want)
		}
	}
}

// TestAcceptedFit checks what internal/event makes of messages that are no events.
func TestAcceptedFit(t *testing.T) {
	payloads := []string{
		`{"Records":[{"messageId":"059f36b4-87a3-44ab-83d2-661975830a7d","body":"no event","eventSource":"aws:sqs",
		  "eventSourceARN":"arn:aws:sqs:us-east-2:123456789012:my-queue.fifo","awsRegion":"us-east-2",
		  "attributes":{"ApproximateReceiveCount":"1","SentTimestamp":"1545082649183","SenderId":"AIDAIENQZJOLO23YVJ4VO",
		    "ApproximateFirstReceiveTimestamp":"1545082649185","MessageGroupId":"g","SequenceNumber":"18849496460467696128"},
		  "messageAttributes":{"kind":{"stringValue":"csv","stringListValues":[],"binaryListValues":[],"dataType":"String"}}}]}`,
		`{"Records":[{"messageId":"1","body":"{\"a\":1}","eventSource":"aws:sqs"}]}`,
		`{"Records":[{"EventVersion":"1.0","EventSource":"aws:sns","EventSubscriptionArn":"arn:aws:sns:us-east-2:123456789012:t:1",
		  "Sns":{"Type":"Notification","MessageId":"95df01b4-ee98-5cb9-9903-4c221d41eb5e","Subject":"Hello",
		    "TopicArn":"arn:aws:sns:us-east-2:123456789012:t","Message":"no event","Timestamp":"2019-01-02T12:45:07.000Z",
		    "MessageAttributes":{"Test":{"Type":"String","Value":"TestString"}}}}]}`,
		`{"dataset":"prices"}`,
	}
	checked := map[KnownEvent]int{}
	for i, payload := range payloads {
		checkPayload(t, fmt.Sprintf("payload %d", i), []byte(payload), event.Accept{SQS: true, SNS: true, Direct: true}, checked)
	}
	for source, n := range map[string]int{"taskbridge.sqs": 2, "taskbridge.sns": 1, "taskbridge.invoke": 1} {
		if got := checked[KnownEvent{source, "Message"}]; got != n {
			t.Errorf("%s: checked %d events, want %d", source, got, n)
		}
	}
}

func checkPayload(t *testing.T, name string, payload []byte, accept event.Accept, checked map[KnownEvent]int) {
	t.Helper()
	batch, err := event.Parse(payload, accept)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for _, item := range batch.Items {
		for _, e := range item.Events {
			known := knownOf(t, e.JSON)
			typ, ok := Event(known.Source, known.DetailType)
			if !ok {
				continue
			}
			checked[known]++
			for _, mistake := range typ.Check(e.JSON) {
				t.Errorf("%s: %v: %s", name, known, mistake)
			}
		}
	}
}

func TestKnown(t *testing.T) {
	known := Known()
	if !slices.IsSortedFunc(known, func(a, b KnownEvent) int {
		return strings.Compare(a.Source+"\x00"+a.DetailType, b.Source+"\x00"+b.DetailType)
	}) {
		t.Errorf("got %v, want them sorted", known)
	}
	for _, k := range known {
		typ, ok := Event(k.Source, k.DetailType)
		if !ok || typ.Open || typ.Field("detail").Type.Kind != Object {
			t.Errorf("%v: got %t, %s, want a closed envelope around an object", k, ok, show(typ))
		}
		if err := wellFormed(typ, 0); err != nil {
			t.Errorf("%v: %v", k, err)
		}
	}
	if _, ok := Event("aws.s3", "Object Destroyed"); ok {
		t.Error("an event that does not exist is known")
	}
	known[0].Source = "changed"
	if Known()[0].Source == "changed" {
		t.Error("the list is shared between callers")
	}
}

// TestKnownSuggest is what else Known is for: the pair that was meant.
func TestKnownSuggest(t *testing.T) {
	var sources, detailTypes []string
	for _, k := range Known() {
		sources = append(sources, k.Source)
		detailTypes = append(detailTypes, k.DetailType)
	}
	for got, want := range map[string]string{
		"Object Creatd": "Object Created", "object created": "Object Created", "ECS Task State Changes": "ECS Task State Change",
		"Scheduled": "", "Import Requested": "",
	} {
		if near := diag.Nearest(got, detailTypes); near != want {
			t.Errorf("%q: got %q, want %q", got, near, want)
		}
	}
	if got, want := diag.Nearest("aws.s33", sources), "aws.s3"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestFields pins what mappings rely on most.
func TestFields(t *testing.T) {
	tests := []struct{ source, detailType, path, want string }{
		{"aws.s3", "Object Created", "detail.bucket", "{name: string(63)}"},
		{"aws.s3", "Object Created", "detail.object",
			"{etag: string, key: string(1024), sequencer: string, size: integer, version-id?: string(1024)}"},
		{"aws.s3", "Object Created", "detail.reason?", "string(23)"},
		{"aws.s3", "Object Created", "account?", "string(12)"},
		{"aws.s3", "Object Created", "id", "string(36)"},
		{"aws.s3", "Object Created", "source", "string(6)"},
		{"aws.s3", "Object Created", "replay-name?", "string(64)"},
		{"aws.s3", "Object Deleted", "detail.object",
			"{etag?: string, key: string(1024), sequencer: string, size?: integer, version-id?: string(1024)}"},
		{"aws.s3", "Object Deleted", "detail.deletion-type", "string(21)"},
		{"aws.s3", "Object Tags Added", "detail",
			"{bucket: {name: string(63)}, event-version?: string, object: {etag: string, key: string(1024), sequencer?: string, " +
				"size?: integer, version-id?: string(1024)}, request-id: string, requester: string, source-ip-address?: string, version: string(1)}"},
		{"aws.events", "Scheduled Event", "detail", "{}"},
		{"aws.scheduler", "Scheduled Event", "detail", "{attempt?: integer}"},
		{"aws.ecs", "ECS Task State Change", "detail.overrides.containerOverrides",
			"[{command?: [string], cpu?: integer, environment?: [map[string]], memory?: integer, name: string, ...}]"},
		{"aws.ecs", "ECS Task State Change", "detail.startedBy?", "string(128)"},
		{"aws.ecr", "ECR Image Action", "detail.image-tag?", "string(300)"},
		{"aws.codepipeline", "CodePipeline Action Execution State Change", "detail.type",
			"{category: string, owner: string, provider: string, version: any, ...}"},
		{"aws.states", "Step Functions Execution Status Change", "detail.output", "any"},
		{"taskbridge.sqs", "Message", "detail.body", "any"},
		{"taskbridge.sqs", "Message", "detail.messageAttributes?",
			"map[{binaryListValues?: [any], binaryValue?: string, dataType: string, stringListValues?: [any], stringValue?: string, ...}]"},
		{"taskbridge.invoke", "Message", "time?", "string(20)"},
	}
	for _, tt := range tests {
		typ, ok := Event(tt.source, tt.detailType)
		if !ok {
			t.Errorf("%s %s is not known", tt.source, tt.detailType)
			continue
		}
		path, optional := strings.CutSuffix(tt.path, "?")
		var f *Field
		for _, name := range strings.Split(path, ".") {
			if f = typ.Field(name); f == nil {
				t.Fatalf("%s %s: no %s", tt.source, tt.detailType, path)
			}
			typ = f.Type
		}
		if got := show(typ); got != tt.want || f.Optional != optional {
			t.Errorf("%s %s: %s: got %s, optional %t, want %s, optional %t", tt.source, tt.detailType, path, got, f.Optional, tt.want, optional)
		}
	}
}

func TestReadCatalogErrors(t *testing.T) {
	const branch = `{"properties":{"source":{"const":"s"},"detail-type":{"const":"d"},"id":{"type":"integer"}}}`
	files := fstest.MapFS{
		"events/envelope.json": {Data: []byte(`{"properties":{"id":{"type":"string"}}}`)},
		"events/a.json":        {Data: []byte(`{"oneOf":[` + branch + `,` + branch + `,true]}`)},
		"events/b.json":        {Data: []byte(`{}`)},
	}
	_, err := readCatalog(files)
	want := `events/a.json: #/oneOf/0: "id" cannot be both an integer and a string
#/oneOf/1: expected a pair of "source" and "detail-type" that no other event has, got {"s" "d"}
#/oneOf/2: expected a pair of "source" and "detail-type" that no other event has, got {"" ""}
events/b.json: #: expected "oneOf" with the events`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
