package launcher

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/taskbridge/taskbridge/internal/task"
)

// filled is a request whose every field, at any depth, has a value of its own.
func filled() *task.Request {
	r, n := &task.Request{}, 0
	fill(reflect.ValueOf(r).Elem(), &n)
	return r
}

func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.String:
		v.SetString("text <" + string(rune('à'+*n)) + ">")
	case reflect.Int32:
		v.SetInt(int64(*n))
	case reflect.Bool:
		v.SetBool(true)
	default:
		panic("fill: no value for a " + v.Type().String())
	}
}

// marshal is v as the generic value of its JSON.
func marshal(t *testing.T, v any) map[string]any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return generic(t, text)
}

func generic(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return m
}

// sent is what the SDK sends for in.
func sent(t *testing.T, in *ecs.RunTaskInput) map[string]any {
	t.Helper()
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_, _ = io.WriteString(w, `{}`)
	}))
	client := ecs.New(ecs.Options{
		Region:       "eu-central-1",
		BaseEndpoint: aws.String(server.URL),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"}, nil
		}),
		HTTPClient: server.Client(),
	})
	_, err := client.RunTask(t.Context(), in)
	server.Close() // waits for the handler
	if err != nil {
		t.Fatal(err)
	}
	return generic(t, body)
}

func TestInputSendsEveryField(t *testing.T) {
	first := func(v any, path ...string) any {
		for _, name := range path {
			if list, ok := v.([]any); ok {
				v = list[0]
			}
			v = v.(map[string]any)[name]
		}
		return v
	}
	r := filled()
	want := marshal(t, r)
	got := sent(t, input(r))
	delete(got, "clientToken")
	for name := range want {
		if !reflect.DeepEqual(got[name], want[name]) {
			t.Errorf("%s:\ngot  %v\nwant %v", name, got[name], want[name])
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is sent and not in the request: %v", name, got[name])
		}
	}
	// What is easily lost, so that the comparison itself is known to see it.
	for _, path := range []string{
		"capacityProviderStrategy base",
		"capacityProviderStrategy weight",
		"volumeConfigurations managedEBSVolume tagSpecifications tags value",
		"volumeConfigurations managedEBSVolume terminationPolicy deleteOnTermination",
		"overrides containerOverrides resourceRequirements sharingStrategy nvidiaMps memory",
		"overrides containerOverrides resourceRequirements sharingStrategy nvidiaMps maxComputePercent",
		"overrides ephemeralStorage sizeInGiB",
	} {
		if first(got, strings.Fields(path)...) == nil {
			t.Errorf("%s is not sent", path)
		}
	}
}

// Absent is absent: the SDK must not send empty values that ECS would refuse.
func TestInputSendsNothingElse(t *testing.T) {
	got := sent(t, input(&task.Request{
		TaskDefinition: "convert",
		Overrides: &task.TaskOverride{ContainerOverrides: []task.ContainerOverride{
			{Name: "main", Environment: []task.KeyValuePair{{Name: "EMPTY", Value: ptr("")}}, Command: []string{""}},
		}},
	}))
	delete(got, "clientToken")
	want := generic(t, []byte(`{"taskDefinition":"convert","overrides":{"containerOverrides":[
		{"name":"main","environment":[{"name":"EMPTY","value":""}],"command":[""]}]}}`))
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A release of the SDK that adds a field to RunTask fails here.
func TestRequestHasEveryField(t *testing.T) {
	refused := []string{"clientToken", "referenceId", "noSmithyDocumentSerde"}
	names := task.FieldNames(reflect.TypeFor[task.Request]())
	for i := range reflect.TypeFor[ecs.RunTaskInput]().NumField() {
		field := reflect.TypeFor[ecs.RunTaskInput]().Field(i).Name
		known := func(name string) bool { return strings.EqualFold(name, field) }
		if slices.ContainsFunc(names, known) == slices.ContainsFunc(refused, known) {
			t.Errorf("%s must be either a field of task.Request or refused on purpose", field)
		}
	}
}
