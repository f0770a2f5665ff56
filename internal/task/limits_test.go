package task

import (
	"errors"
	"strings"
	"testing"
)

func ptr[T any](v T) *T { return &v }

func valid() *Request {
	return &Request{
		Cluster: "media", TaskDefinition: "transcode", LaunchType: "FARGATE", StartedBy: "taskbridge/transcode",
		NetworkConfiguration: &NetworkConfiguration{&AwsvpcConfiguration{Subnets: []string{"subnet-1"}}},
		Overrides:            &TaskOverride{ContainerOverrides: []ContainerOverride{{Name: "worker", Command: []string{"a"}}}},
		Tags:                 []Tag{{Key: "team", Value: ptr("média")}},
	}
}

func TestValidate(t *testing.T) {
	if err := Validate(valid()); err != nil {
		t.Fatalf("the valid request: %v", err)
	}
	tests := []struct {
		field  string
		change func(*Request)
	}{
		{"taskDefinition", func(r *Request) { r.TaskDefinition = "" }},
		{"count", func(r *Request) { r.Count = ptr(int32(0)) }},
		{"count", func(r *Request) { r.Count = ptr(int32(11)) }},
		{"launchType", func(r *Request) { r.LaunchType = "FARGATE_SPOT" }},
		{"launchType", func(r *Request) { r.LaunchType = "MANAGED_INSTANCES" }},
		{"capacityProviderStrategy", func(r *Request) {
			r.CapacityProviderStrategy = []CapacityProviderStrategyItem{{CapacityProvider: "FARGATE"}}
		}},
		{"capacityProviderStrategy[0].weight", func(r *Request) {
			r.LaunchType = ""
			r.CapacityProviderStrategy = []CapacityProviderStrategyItem{{CapacityProvider: "FARGATE", Weight: ptr(int32(1001))}}
		}},
		{"group", func(r *Request) { r.Group = "service:x" }},
		{"networkConfiguration.awsvpcConfiguration.subnets", func(r *Request) {
			r.NetworkConfiguration.AwsvpcConfiguration.Subnets = make([]string, 17)
		}},
		{"networkConfiguration.awsvpcConfiguration.assignPublicIp", func(r *Request) {
			r.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIP = "yes"
		}},
		{"overrides.containerOverrides[0].name", func(r *Request) { r.Overrides.ContainerOverrides[0].Name = "" }},
		{"overrides.containerOverrides[0].command[0]", func(r *Request) { r.Overrides.ContainerOverrides[0].Command[0] = "a\x00b" }},
		{"overrides.containerOverrides[0].environment[0].value", func(r *Request) {
			r.Overrides.ContainerOverrides[0].Environment = []KeyValuePair{{"A", ptr("\xff")}}
		}},
		{"overrides.containerOverrides[0].environment[1].name", func(r *Request) {
			r.Overrides.ContainerOverrides[0].Environment = []KeyValuePair{{"A", ptr("")}, {"A", ptr("")}}
		}},
		{"overrides.ephemeralStorage.sizeInGiB", func(r *Request) { r.Overrides.EphemeralStorage = &EphemeralStorage{20} }},
		{"overrides", func(r *Request) { r.Overrides.ContainerOverrides[0].Command[0] = strings.Repeat("x", MaxOverrideBytes) }},
		{"startedBy", func(r *Request) { r.StartedBy = strings.Repeat("x", 129) }},
		{"startedBy", func(r *Request) { r.StartedBy = "a b" }},
		{"propagateTags", func(r *Request) { r.PropagateTags = "SERVICE" }},
		{"tags", func(r *Request) {
			for i := range 50 {
				r.Tags = append(r.Tags, Tag{Key: strings.Repeat("k", i+1)})
			}
		}},
		{"tags[0].key", func(r *Request) { r.Tags[0].Key = "AWS:x" }},
		{"tags[0].value", func(r *Request) { r.Tags[0].Value = ptr("a;b") }},
	}
	for _, tt := range tests {
		r := valid()
		tt.change(r)
		err := Validate(r)
		var limit *LimitError
		if !errors.As(err, &limit) || limit.Field != tt.field {
			t.Errorf("%s: got %v", tt.field, err)
		}
	}
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
