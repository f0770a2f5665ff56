package task

import (
	"encoding/json"
	"reflect"
	"testing"
)

// A request is what `aws ecs run-task --cli-input-json` takes: absent is absent, and an empty list
// is one, as the SDK sends it.
func TestRequestMarshals(t *testing.T) {
	for _, text := range []string{
		`{"taskDefinition":"a"}`,
		`{"count":0,"enableExecuteCommand":false,"networkConfiguration":{"awsvpcConfiguration":{"securityGroups":[],"subnets":["subnet-1"]}},"taskDefinition":"a"}`,
		`{"overrides":{"containerOverrides":[]},"tags":[{"key":"a","value":""},{"key":"b"}],"taskDefinition":"a"}`,
		`{"overrides":{"containerOverrides":[{"command":[],"environment":[{"name":"A"},{"name":"B","value":""}],"name":"a"}]},"taskDefinition":"a"}`,
		`{"taskDefinition":"a","volumeConfigurations":[{"managedEBSVolume":{"roleArn":"r","terminationPolicy":{"deleteOnTermination":false}},"name":"v"}]}`,
	} {
		var r Request
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			t.Fatal(err)
		}
		if got, err := json.Marshal(&r); err != nil || string(got) != text {
			t.Errorf("got %s, %v, want %s", got, err, text)
		}
	}
}

func TestTerminationPolicyNeedsItsMember(t *testing.T) {
	for _, tt := range []struct {
		text string
		want TerminationPolicy
		ok   bool
	}{
		{`{"deleteOnTermination":true}`, TerminationPolicy{true}, true},
		{`{"deleteOnTermination":false}`, TerminationPolicy{false}, true},
		{`{"deleteOnTermination":null}`, TerminationPolicy{false}, true}, // an expression gives it
		{`{}`, TerminationPolicy{}, false},
		{`{"deleteOnTermination":"yes"}`, TerminationPolicy{}, false},
		{`[]`, TerminationPolicy{}, false},
	} {
		var got TerminationPolicy
		if err := json.Unmarshal([]byte(tt.text), &got); (err == nil) != tt.ok || got != tt.want {
			t.Errorf("%s: got %v, %v, want %v, ok %v", tt.text, got, err, tt.want, tt.ok)
		}
	}
}

func TestSchema(t *testing.T) {
	typ := reflect.TypeFor[AwsvpcConfiguration]()
	if f, ok := FieldByName(typ, "assignPublicIp"); !ok || f.Name != "AssignPublicIP" {
		t.Errorf("got %v, %v", f.Name, ok)
	}
	if _, ok := FieldByName(typ, "AssignPublicIP"); ok {
		t.Error("a name of Go is taken for one of RunTask")
	}
}
