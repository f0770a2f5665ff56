package task

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func ptr[T any](v T) *T { return &v }

// valid is a request on Fargate that no rule refuses.
func valid() *Request {
	return &Request{
		Cluster: "media", TaskDefinition: "transcode", LaunchType: "FARGATE", StartedBy: "taskbridge/transcode",
		NetworkConfiguration: &NetworkConfiguration{&AwsvpcConfiguration{Subnets: []string{"subnet-1"}}},
		Overrides:            &TaskOverride{ContainerOverrides: []ContainerOverride{{Name: "worker", Command: []string{"a"}}}},
		Tags:                 []Tag{{Key: "team", Value: ptr("média")}},
	}
}

// ebsOf is the volume of a request, which gets one.
func ebsOf(r *Request) *ManagedEBSVolume {
	e := &ManagedEBSVolume{RoleARN: role + "infra", SizeInGiB: ptr(int32(200))}
	r.VolumeConfigurations = []VolumeConfiguration{{Name: "scratch", ManagedEBSVolume: e}}
	return e
}

const role = "arn:aws:iam::123456789012:role/"

func unjoin(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return nil
}

// found are the findings of an error, as "code field".
func found(t *testing.T, err error) []string {
	t.Helper()
	list := []string{}
	for _, err := range unjoin(err) {
		var limit *LimitError
		if !errors.As(err, &limit) {
			t.Fatalf("%v is no LimitError", err)
		}
		if limit.Msg == "" || strings.Contains(limit.Msg+limit.Hint, "%!") || limit.Class() != "permanent" || !strings.HasPrefix(limit.Error(), limit.Field+": ") {
			t.Errorf("%#v is not a good message", limit)
		}
		list = append(list, limit.Code+" "+limit.Field)
	}
	return list
}

// A ruleTest is a change to the valid request, and the findings that it gives.
type ruleTest struct {
	want   string // code and field, none if the change is fine; several joined with ", "
	change func(*Request)
}

// ruleTests are the rows of all tables.
var ruleTests = slices.Concat(launchTests, networkTests, placementTests, tagTests, overrideTests, resourceTests, sizeTests, volumeTests)

func TestRules(t *testing.T) {
	for _, tt := range append(ruleTests, ruleTest{"", func(*Request) {}}) {
		r := valid()
		tt.change(r)
		if got := strings.Join(found(t, Validate(r)), ", "); got != tt.want {
			t.Errorf("got  %q\nwant %q", got, tt.want)
		}
	}
}

// Every rule has a row in which it is the only one to find something: without it the row fails.
func TestEveryRuleHasATest(t *testing.T) {
	tested := map[string]bool{}
	for _, tt := range append(ruleTests, tokenTests...) {
		if code, field, _ := strings.Cut(tt.want, " "); !strings.Contains(field, ",") {
			tested[code] = true
		}
	}
	for _, code := range declaredCodes(t) {
		if !regexp.MustCompile(`^runtask(-[a-z0-9]+)+$`).MatchString(code) {
			t.Errorf("%q is no code", code)
		}
		if !tested[code] {
			t.Errorf("the rule %s has no row of its own", code)
		}
	}
}

// declaredCodes are the codes of all rules of the package.
func declaredCodes(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`rule\{"([^"]*)"`).FindAllSubmatch(source, -1) {
			codes = append(codes, string(m[1]))
		}
	}
	slices.Sort(codes)
	if n := len(codes); n < 80 || len(slices.Compact(codes)) != n {
		t.Fatalf("found %d rules, or one twice", n)
	}
	return codes
}

// Validate collects, in the order of the rules, whatever the number of mistakes.
func TestValidateFindsAll(t *testing.T) {
	r := &Request{
		Count: ptr(int32(11)), LaunchType: "EC2", Group: "service:x", PlatformVersion: "1.4.0",
		Overrides: &TaskOverride{ContainerOverrides: []ContainerOverride{{}, {Name: "a", Command: []string{}}}},
		Tags:      []Tag{{Key: "aws:x"}},
	}
	want := []string{
		"runtask-task-definition-required taskDefinition", "runtask-count-range count", "runtask-platform-version-fargate platformVersion",
		"runtask-group-service group", "runtask-tag-reserved tags[0].key",
		"runtask-container-name-required overrides.containerOverrides[0].name", "runtask-command-empty overrides.containerOverrides[1].command",
	}
	for range 3 {
		if got := found(t, Validate(r)); !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

// Findings go to logs: no text of the request is in them.
func TestFindingsShowNoText(t *testing.T) {
	const secret = "s3cret value; with every bad thing\x00"
	r := &Request{
		TaskDefinition: secret, Cluster: secret, LaunchType: secret, PlatformVersion: secret, Group: "service:" + secret, StartedBy: secret, PropagateTags: secret,
		NetworkConfiguration: &NetworkConfiguration{&AwsvpcConfiguration{Subnets: []string{secret}, SecurityGroups: []string{secret}, AssignPublicIP: secret}},
		Overrides: &TaskOverride{CPU: secret, Memory: secret, TaskRoleARN: secret, ContainerOverrides: []ContainerOverride{{
			Name: secret, Command: []string{secret}, Environment: []KeyValuePair{{secret, ptr(secret)}, {secret, nil}},
			EnvironmentFiles: []EnvironmentFile{{secret, secret}}, ResourceRequirements: []ResourceRequirement{{Type: secret, Value: secret}}}}},
		Tags: []Tag{{secret, ptr(secret)}, {secret, nil}},
	}
	if err := Validate(r); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got %v", err)
	}
}

func BenchmarkValidate(b *testing.B) {
	r := valid()
	for i := range 20 {
		r.Overrides.ContainerOverrides[0].Environment = append(r.Overrides.ContainerOverrides[0].Environment, KeyValuePair{strings.Repeat("A", i+1), ptr("value")})
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := Validate(r); err != nil {
			b.Fatal(err)
		}
	}
}
