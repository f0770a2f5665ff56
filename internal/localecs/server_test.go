package localecs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"
)

var testStart = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// fixture is a server with a cluster "media" and the task definitions that the tests
// launch: transcode:1 and transcode:2 (awsvpc, Fargate), and legacy:1 (bridge, EC2).
type fixture struct {
	*Server
	clock *ManualClock
	t     *testing.T
}

func newFixture(t *testing.T, opts Options) *fixture {
	t.Helper()
	clock := NewManualClock(testStart)
	opts.Clock = clock
	s := New(opts)
	s.CreateCluster("media", "FARGATE", "FARGATE_SPOT", "asg")
	for range 2 {
		s.RegisterTaskDefinition(TaskDefinition{
			Family: "transcode", Compatibilities: []string{"EC2", "FARGATE"}, CPU: "1024", Memory: "2048",
			Containers: []Container{
				{Name: "worker", Image: "example/worker:1", CPU: 512, Secrets: []string{"API_KEY"}},
				{Name: "log", Image: "example/log:1"},
			},
			Volumes: []Volume{{Name: "scratch", ConfiguredAtLaunch: true}, {Name: "fixed"}},
			Tags:    []Tag{{Key: "team", Value: "video"}},
		})
	}
	s.RegisterTaskDefinition(TaskDefinition{
		Family: "legacy", NetworkMode: "bridge", Compatibilities: []string{"EC2", "EXTERNAL"},
		Containers:           []Container{{Name: "main", CPU: 256, Memory: 512}},
		PlacementConstraints: []PlacementConstraint{{Type: "memberOf", Expression: "attribute:x == y"}},
	})
	return &fixture{Server: s, clock: clock, t: t}
}

// client returns a real SDK client that tries each call once, over real HTTP.
func (f *fixture) client() *ecs.Client {
	f.t.Helper()
	server := httptest.NewServer(f.Server)
	server.Config.ErrorLog = nil
	f.t.Cleanup(server.Close)
	return f.clientOf(server.URL, server.Client())
}

// local returns a real SDK client that tries each call once, over the server's own transport.
func (f *fixture) local() *ecs.Client {
	return f.clientOf("http://localecs.test", &http.Client{Transport: f.Transport()})
}

func (f *fixture) clientOf(url string, c *http.Client) *ecs.Client {
	return ecs.New(ecs.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(url), HTTPClient: c, Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "secret"}, nil
		}),
	})
}

// request is a valid RunTask request on Fargate.
func request(token string) *ecs.RunTaskInput {
	in := &ecs.RunTaskInput{
		Cluster: aws.String("media"), TaskDefinition: aws.String("transcode"), LaunchType: types.LaunchTypeFargate,
		ClientToken: aws.String(token),
		NetworkConfiguration: &types.NetworkConfiguration{
			AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: []string{"subnet-a", "subnet-b"}},
		},
	}
	return in
}

func requestN(token string, n int32) *ecs.RunTaskInput {
	in := request(token)
	in.Count = aws.Int32(n)
	return in
}

// post sends a body as it is and returns status and decoded answer.
func (f *fixture) post(operation, body string) (int, map[string]any) {
	f.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("X-Amz-Target", targetPrefix+operation)
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	var m map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil {
		f.t.Fatalf("%s answers with %q, which is not a JSON object: %v", operation, w.Body, err)
	}
	return w.Code, m
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Fatalf("got error %v, want %s", err, code)
	}
	if api.ErrorCode() != code {
		t.Fatalf("got error %v, want %s", err, code)
	}
}

func TestRunTaskAnswersAsECSDoes(t *testing.T) {
	f := newFixture(t, Options{Region: "eu-west-1", Account: "111122223333"})
	in := request("t-1")
	in.StartedBy = aws.String("rule/transcode")
	in.PropagateTags = types.PropagateTagsTaskDefinition
	in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("ü @")}}
	in.Overrides = &types.TaskOverride{
		Memory: aws.String("4 GB"),
		ContainerOverrides: []types.ContainerOverride{{
			Name: aws.String("worker"), Command: []string{"run", "s3://b/k"}, Cpu: aws.Int32(768),
			Environment: []types.KeyValuePair{{Name: aws.String("KEY"), Value: aws.String("v <&>")}},
		}},
	}
	out, err := f.client().RunTask(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Tasks) != 1 || len(out.Failures) != 0 {
		t.Fatalf("got %d tasks and %d failures, want 1 and 0", len(out.Tasks), len(out.Failures))
	}
	k := out.Tasks[0]
	id := idHex(0, idTask, 1)
	for _, c := range []struct{ name, got, want string }{
		{"taskArn", aws.ToString(k.TaskArn), "arn:aws:ecs:eu-west-1:111122223333:task/media/" + id},
		{"clusterArn", aws.ToString(k.ClusterArn), "arn:aws:ecs:eu-west-1:111122223333:cluster/media"},
		{"taskDefinitionArn", aws.ToString(k.TaskDefinitionArn), "arn:aws:ecs:eu-west-1:111122223333:task-definition/transcode:2"},
		{"lastStatus", aws.ToString(k.LastStatus), "PROVISIONING"},
		{"desiredStatus", aws.ToString(k.DesiredStatus), "RUNNING"},
		{"group", aws.ToString(k.Group), "family:transcode"},
		{"launchType", string(k.LaunchType), "FARGATE"},
		{"platformVersion", aws.ToString(k.PlatformVersion), "1.4.0"},
		{"cpu", aws.ToString(k.Cpu), "1024"},
		{"memory", aws.ToString(k.Memory), "4096"},
		{"startedBy", aws.ToString(k.StartedBy), "rule/transcode"},
		{"availabilityZone", aws.ToString(k.AvailabilityZone), "eu-west-1b"},
		{"attachment", aws.ToString(k.Attachments[0].Type) + " " + aws.ToString(k.Attachments[0].Details[0].Value), "ElasticNetworkInterface subnet-b"},
		{"container", aws.ToString(k.Containers[0].Name) + " " + aws.ToString(k.Containers[0].Cpu), "worker 768"},
		{"override", aws.ToString(k.Overrides.ContainerOverrides[0].Environment[0].Value), "v <&>"},
		{"other override", aws.ToString(k.Overrides.ContainerOverrides[1].Name), "log"},
		{"tags", aws.ToString(k.Tags[0].Value) + " " + aws.ToString(k.Tags[1].Value), "ü @ video"},
		{"createdAt", k.CreatedAt.UTC().Format(time.RFC3339), "2026-11-23T09:00:00Z"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
	snapshot := f.Tasks()
	if len(snapshot) != 1 || snapshot[0].ARN != *k.TaskArn || snapshot[0].TaskDefinition != "transcode:2" || !bytes.Contains(snapshot[0].Overrides, []byte(`"memory":"4 GB"`)) {
		t.Errorf("got snapshot %+v", snapshot)
	}
}

func TestTypedErrors(t *testing.T) {
	f := newFixture(t, Options{})
	c := f.client()
	in := request("x")
	in.Cluster = nil
	_, err := c.RunTask(t.Context(), in)
	if e := (*types.ClusterNotFoundException)(nil); !errors.As(err, &e) || e.ErrorMessage() != "Cluster not found." {
		t.Errorf("without the default cluster: got %v", err)
	}
	in = request("x")
	in.TaskDefinition = aws.String("nothing:1")
	_, err = c.RunTask(t.Context(), in)
	if e := (*types.ClientException)(nil); !errors.As(err, &e) || e.ErrorMessage() != "TaskDefinition not found." {
		t.Errorf("unknown task definition: got %v", err)
	}
	_, err = c.RunTask(t.Context(), requestN("x", 11))
	if e := (*types.InvalidParameterException)(nil); !errors.As(err, &e) {
		t.Errorf("count 11: got %v", err)
	}
	_, err = c.DeleteCluster(t.Context(), &ecs.DeleteClusterInput{Cluster: aws.String("media")})
	wantCode(t, err, "UnknownOperationException")
}

func TestMalformedRequests(t *testing.T) {
	f := newFixture(t, Options{})
	for _, body := range []string{
		"", "{", "null", "[]", `"x"`, `{} {}`, "{\"cluster\":\"\xff\"}",
		`{"cluster":1}`, `{"count":"1"}`, `{"count":1.5}`, `{"count":99999999999}`, `{"tags":{}}`,
		`{"overrides":[]}`, `{"overrides":{"containerOverrides":[1]}}`, `{"enableExecuteCommand":"true"}`,
		strings.Repeat(`{"a":`, 20000) + "1" + strings.Repeat("}", 20000),
	} {
		status, m := f.post("RunTask", body)
		if status != 400 || m["__type"] != "SerializationException" {
			t.Errorf("%.40q: got %d %v, want SerializationException", body, status, m)
		}
	}
	if status, m := f.post("RunTask", `{"cluster":"`+strings.Repeat("x", maxBody)+`"}`); status != 413 {
		t.Errorf("a body of more than %d bytes: got %d %v, want 413", maxBody, status, m)
	}
	for _, c := range f.Calls() {
		if c.Outcome != OutcomeRefused || c.Code != "SerializationException" {
			t.Errorf("journal has %+v", c)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	if w.Code != 400 || !strings.Contains(w.Body.String(), "UnknownOperationException") {
		t.Errorf("GET: got %d %s", w.Code, w.Body)
	}
}

// Members are told by their exact names, unknown ones are ignored, null is absent.
func TestMembers(t *testing.T) {
	f := newFixture(t, Options{})
	status, m := f.post("RunTask", `{"cluster":"media","taskDefinition":"legacy","Count":99,"unknown":{"x":[1]},"count":null,"tags":null}`)
	if status != 200 || len(m["tasks"].([]any)) != 1 {
		t.Errorf("got %d %v, want one task", status, m)
	}
	if failures, ok := m["failures"].([]any); !ok || len(failures) != 0 {
		t.Errorf("got failures %v, want []", m["failures"])
	}
}

func TestSameSeedSameBytes(t *testing.T) {
	body := `{"cluster":"media","taskDefinition":"legacy","count":3}`
	run := func(seed uint64, describe bool) string {
		f := newFixture(t, Options{Seed: seed})
		if describe {
			f.post("DescribeClusters", `{}`)
		}
		_, m := f.post("RunTask", body)
		b, _ := json.Marshal(m)
		return string(b)
	}
	if run(7, false) != run(7, true) {
		t.Error("the same seed gives other tasks")
	}
	if run(7, false) == run(8, false) {
		t.Error("another seed gives the same tasks")
	}
}

func TestCallsHaveTheBodyAsReceived(t *testing.T) {
	f := newFixture(t, Options{})
	body := `{ "taskDefinition":"legacy", "cluster":"media", "clientToken":"k" }`
	f.post("RunTask", body)
	calls := f.Calls()
	if len(calls) != 1 || string(calls[0].Body) != body || calls[0].Token != "k" || calls[0].Launched() != 1 || !calls[0].Time.Equal(testStart) {
		t.Errorf("got %+v", calls)
	}
}

// What the server remembers does not grow without bound.
func TestBounds(t *testing.T) {
	f := newFixture(t, Options{})
	for range maxCalls + 10 {
		f.record([]byte("{}"), testStart)
	}
	if n := len(f.calls); n != maxCalls {
		t.Errorf("got %d calls, want %d", n, maxCalls)
	}
	big := make([]byte, maxBody)
	for range maxCallBytes/maxBody + 10 {
		f.record(big, testStart)
	}
	if n := len(f.calls); n != maxCallBytes/maxBody || f.callBytes > maxCallBytes {
		t.Errorf("got %d calls of %d bytes, want %d", n, f.callBytes, maxCallBytes/maxBody)
	}

	old := Lifecycle{Provisioning: 1}.timeline(testStart, time.Time{})
	for i := range maxTasks + 10 {
		f.add(&task{arn: strconv.Itoa(i), life: old}, testStart)
	}
	if n := len(f.tasks); n != maxTasks+10 {
		t.Errorf("got %d tasks, want all: they can still be described", n)
	}
	f.add(&task{arn: "last", life: old}, testStart.Add(2*time.Hour))
	if n := len(f.tasks); n != maxTasks || len(f.byARN) != maxTasks {
		t.Errorf("got %d tasks and %d by ARN, want %d", n, len(f.byARN), maxTasks)
	}
}

func TestStandardLibraryOnly(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("got files %v, %v", files, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range parsed.Imports {
			path, _ := strconv.Unquote(i.Path.Value)
			if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
				t.Errorf("%s imports %s", name, path)
			}
		}
	}
}
