package launcher

import (
	"bytes"
	"encoding/json"
	"path"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/taskbridge/taskbridge/internal/event"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/mapping/compile"
	"github.com/taskbridge/taskbridge/internal/task"
)

// reference is a rule as people write it: eight expressions.
const reference = `version: 1
rules:
  - name: transcode
    match:
      source: [aws.s3]
      detail-type: [Object Created]
      detail: {bucket: {name: [example-uploads]}, object: {key: [{prefix: incoming/}]}}
    task:
      cluster: media
      taskDefinition: transcode
      launchType: FARGATE
      networkConfiguration:
        awsvpcConfiguration: {subnets: [subnet-0a1b2c3d4e5f60718, subnet-0f1e2d3c4b5a69788], securityGroups: [sg-0123456789abcdef0]}
      overrides:
        cpu: '${event.detail.object.size > 1073741824 ? "4096" : "1024"}'
        memory: "8192"
        containerOverrides:
          - name: worker
            command: [transcode, --in, "s3://${event.detail.bucket.name}/${event.detail.object.key}"]
            environment:
              BUCKET: ${event.detail.bucket.name}
              FILE: ${basename(event.detail.object.key)}
              KIND: '${event.detail.object.key.lowerAscii().endsWith(".mp4") ? "video" : "other"}'
              SIZE: ${string(event.detail.object.size)}
              VERSION: ${event.detail.object[?"version-id"].orValue("null")}
`

// referenceEvent has 880 bytes.
const referenceEvent = `{
  "version": "0",
  "id": "17793124-05d4-b198-2fde-7ededc63b103",
  "detail-type": "Object Created",
  "source": "aws.s3",
  "account": "111122223333",
  "time": "2026-11-12T00:00:00Z",
  "region": "eu-central-1",
  "resources": [
    "arn:aws:s3:::example-uploads"
  ],
  "detail": {
    "version": "0",
    "bucket": {
      "name": "example-uploads"
    },
    "object": {
      "key": "incoming/2026/11/12/customer-0042/site-berlin/session-4711-camera-2.mp4",
      "size": 1073741825,
      "etag": "b1946ac92492d2347c6235b4d2611184",
      "version-id": "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
      "sequencer": "617f08299329d189"
    },
    "request-id": "N4N7GDK58NMKJ12R",
    "requester": "AWS:AROAEXAMPLEEXAMPLE123:uploader-session-2026-11-12xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "source-ip-address": "2001:db8:85a3::8a2e:370:7334",
    "reason": "PutObject"
  }
}
`

// s3Event is what a handler written by hand decodes.
type s3Event struct {
	ID     string `json:"id"`
	Detail struct {
		Bucket struct {
			Name string `json:"name"`
		} `json:"bucket"`
		Object struct {
			Key       string  `json:"key"`
			Size      int64   `json:"size"`
			VersionID *string `json:"version-id"`
		} `json:"object"`
	} `json:"detail"`
}

// handWritten is the input of the reference as one writes it in a handler.
func handWritten(e *s3Event, identity string) *ecs.RunTaskInput {
	cpu := "1024"
	if e.Detail.Object.Size > 1<<30 {
		cpu = "4096"
	}
	kind := "other"
	if strings.HasSuffix(strings.ToLower(e.Detail.Object.Key), ".mp4") {
		kind = "video"
	}
	version := "null"
	if e.Detail.Object.VersionID != nil {
		version = *e.Detail.Object.VersionID
	}
	env := func(name, value string) ecstypes.KeyValuePair {
		return ecstypes.KeyValuePair{Name: &name, Value: &value}
	}
	text := func(s string) *string { return &s }
	return &ecs.RunTaskInput{
		Cluster: text("media"), TaskDefinition: text("transcode"), LaunchType: ecstypes.LaunchTypeFargate,
		NetworkConfiguration: &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{
			Subnets: []string{"subnet-0a1b2c3d4e5f60718", "subnet-0f1e2d3c4b5a69788"}, SecurityGroups: []string{"sg-0123456789abcdef0"},
		}},
		StartedBy: text(task.StartedBy("transcode", identity)),
		Overrides: &ecstypes.TaskOverride{
			Cpu: &cpu, Memory: text("8192"),
			ContainerOverrides: []ecstypes.ContainerOverride{{
				Name:    text("worker"),
				Command: []string{"transcode", "--in", "s3://" + e.Detail.Bucket.Name + "/" + e.Detail.Object.Key},
				Environment: []ecstypes.KeyValuePair{
					env("BUCKET", e.Detail.Bucket.Name), env("FILE", path.Base(e.Detail.Object.Key)), env("KIND", kind),
					env("SIZE", strconv.FormatInt(e.Detail.Object.Size, 10)), env("VERSION", version),
				},
			}},
		},
	}
}

func referenceMapping(tb testing.TB) *mapping.Mapping {
	plan, findings := compile.Compile("taskbridge.yaml", []byte(reference))
	if len(findings) > 0 {
		tb.Fatal(findings.Text([]byte(reference)))
	}
	file, err := plan.Marshal()
	if err != nil {
		tb.Fatal(err)
	}
	m, err := mapping.Load(bytes.NewReader(file), func(string) (string, bool) { return "", false })
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func rendered(tb testing.TB, m *mapping.Mapping, e event.Event) *ecs.RunTaskInput {
	matches, err := m.Match(e)
	if err != nil || len(matches) != 1 || matches[0].Launches[0].Err != nil {
		tb.Fatal(matches, err)
	}
	return input(&matches[0].Launches[0].Request)
}

func TestReference(t *testing.T) {
	if len(referenceEvent) != 880 {
		t.Errorf("the event has %d bytes", len(referenceEvent))
	}
	var e s3Event
	if err := json.Unmarshal([]byte(referenceEvent), &e); err != nil {
		t.Fatal(err)
	}
	identity := event.Event{JSON: []byte(referenceEvent)}.Identity()
	got, want := rendered(t, referenceMapping(t), event.Event{JSON: []byte(referenceEvent)}), handWritten(&e, identity)
	if !reflect.DeepEqual(got, want) {
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(want)
		t.Errorf("got\n%s\nwant\n%s", a, b)
	}
}
