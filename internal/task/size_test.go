package task

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// sentOverrides is the JSON of o that the SDK sends.
func sentOverrides(t testing.TB, o *TaskOverride) []byte {
	t.Helper()
	var body []byte
	client := ecs.New(ecs.Options{
		Region: "eu-central-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"}, nil
		}),
		HTTPClient: doer(func(r *http.Request) (*http.Response, error) {
			var err error
			body, err = io.ReadAll(r.Body)
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{}`))}, err
		}),
	})
	in := &ecs.RunTaskInput{TaskDefinition: aws.String("a"), Overrides: &ecstypes.TaskOverride{}}
	copyTo(reflect.ValueOf(in.Overrides).Elem(), reflect.ValueOf(o).Elem())
	if _, err := client.RunTask(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		t.Fatal(err)
	}
	return members["overrides"]
}

type doer func(*http.Request) (*http.Response, error)

func (f doer) Do(r *http.Request) (*http.Response, error) { return f(r) }

// copyTo stores a value of our types in one of the SDK's.
func copyTo(dst, src reflect.Value) {
	switch {
	case src.IsZero():
	case dst.Type() == reflect.TypeFor[ecstypes.SharingStrategy]():
		m := &ecstypes.SharingStrategyMemberNvidiaMps{}
		copyTo(reflect.ValueOf(&m.Value).Elem(), src.Elem().FieldByName("NvidiaMPS").Elem())
		dst.Set(reflect.ValueOf(m))
	case dst.Kind() == reflect.Pointer:
		dst.Set(reflect.New(dst.Type().Elem()))
		if src.Kind() == reflect.Pointer {
			src = src.Elem()
		}
		if src.IsZero() { // a value of its own behind a pointer
			return
		}
		copyTo(dst.Elem(), src)
	case dst.Kind() == reflect.Slice:
		dst.Set(reflect.MakeSlice(dst.Type(), src.Len(), src.Len()))
		for i := range src.Len() {
			element := dst.Index(i)
			copyTo(element, src.Index(i))
		}
	case dst.Kind() == reflect.Struct:
		for i := range src.NumField() {
			name := src.Type().Field(i).Name
			copyTo(dst.FieldByNameFunc(func(n string) bool { return strings.EqualFold(n, name) }), src.Field(i))
		}
	default:
		dst.Set(src.Convert(dst.Type()))
	}
}

func TestOverrideBytesAreTheSDKs(t *testing.T) {
	var control strings.Builder
	for b := range 0x80 {
		control.WriteByte(byte(b))
	}
	full := &TaskOverride{
		CPU: "1024", Memory: "2 GB", ExecutionRoleARN: "arn:aws:iam::123456789012:role/a", TaskRoleARN: "b", EphemeralStorage: &EphemeralStorage{21},
		ContainerOverrides: []ContainerOverride{{
			Name: "a", Command: []string{"", "<&>"}, CPU: ptr(int32(0)), Memory: ptr(int32(12)), MemoryReservation: ptr(int32(-1)),
			Environment:      []KeyValuePair{{"A", nil}, {"B", ptr("")}, {"C", ptr("é😀")}},
			EnvironmentFiles: []EnvironmentFile{{"s3", "arn:aws:s3:::b/k.env"}},
			ResourceRequirements: []ResourceRequirement{
				{Type: "GPU", Value: "1"},
				{Type: "GPU", SharingStrategy: &SharingStrategy{&NvidiaMPS{MaxComputePercent: ptr(int32(50)), Memory: ptr(int32(1024))}}},
			},
		}, {Name: "b", Command: []string{}, Environment: []KeyValuePair{}}},
	}
	tests := map[string]*TaskOverride{"empty": {}, "empty list": {ContainerOverrides: []ContainerOverride{}}, "full": full}
	for _, text := range []string{control.String(), "\b", "\f\f", `\b`, `\\f"`, "\u2028\u2029", "<script>&amp;", "é\u00a0😀\ufffd", "\x7f\x80"[:1]} {
		tests[text] = &TaskOverride{ContainerOverrides: []ContainerOverride{{Name: "a", Command: []string{text}, Environment: []KeyValuePair{{"A", &text}}}}}
	}
	for name, o := range tests {
		sent := sentOverrides(t, o)
		if got := OverrideBytes(o); got != len(sent) {
			t.Errorf("%q: got %d bytes, want the %d of %s", name, got, len(sent), sent)
		}
		if most := overrideBytesAtMost(o); most < len(sent) {
			t.Errorf("%q: at most %d bytes, but they are %d: %s", name, most, len(sent), sent)
		}
	}
	if got := sentOverrides(t, full); !bytes.Contains(got, []byte(`"<&>"`)) || !bytes.Contains(got, []byte(`"maxComputePercent":50`)) {
		t.Errorf("the test does not send what it should: %s", got)
	}
}

func FuzzOverrideBytes(f *testing.F) {
	for _, s := range []string{"", "a\b", "\u2028", "<é>", `\f`, "\x00\x1f\x7f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "") // anything else is refused
		o := &TaskOverride{ContainerOverrides: []ContainerOverride{{Name: s, Command: []string{s}, Environment: []KeyValuePair{{s, &s}}}}}
		if got, sent := OverrideBytes(o), sentOverrides(t, o); got != len(sent) {
			t.Errorf("got %d bytes, want the %d of %s", got, len(sent), sent)
		}
		if most := overrideBytesAtMost(o); most < OverrideBytes(o) {
			t.Errorf("at most %d bytes, but they are %d", most, OverrideBytes(o))
		}
	})
}

func TestOverrideBytesAtTheLimit(t *testing.T) {
	r := valid()
	c := &r.Overrides.ContainerOverrides[0]
	c.Command[0] = ""
	c.Command[0] = strings.Repeat("<", MaxOverrideBytes-OverrideBytes(r.Overrides))
	if err := Validate(r); err != nil {
		t.Errorf("exactly at the limit: %v", err)
	}
	c.Command[0] += "x"
	if err := Validate(r); err == nil {
		t.Error("one byte over the limit is accepted")
	}
}
