package task

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// validatePartial takes the fields that expressions give.
func validatePartial(r *Request, dynamic ...string) error {
	return ValidatePartial(r, func(field string) bool {
		return slices.ContainsFunc(dynamic, func(d string) bool {
			rest, ok := strings.CutPrefix(field, d)
			return ok && (rest == "" || rest[0] == '[')
		})
	})
}

func TestValidatePartial(t *testing.T) {
	tests := []struct {
		name    string
		dynamic string // fields that expressions give, by spaces
		change  func(*Request)
		want    string
	}{
		{"nothing is dynamic", "", func(r *Request) { r.Count = ptr(int32(0)) }, "runtask-count-range count"},
		{"a required field has a value", "taskDefinition overrides.containerOverrides[0].name", func(r *Request) { r.TaskDefinition, worker(r).Name = "", "" }, ""},
		{"another field is still wrong", "count", func(r *Request) { r.Group = "service:x" }, "runtask-group-service group"},

		{"a launch type, whichever", "launchType", func(r *Request) { withStrategy(r, item("FARGATE", 1, 0)) }, "runtask-launch-type-or-strategy capacityProviderStrategy"},
		{"perhaps not on Fargate", "launchType", func(r *Request) { noNetwork(r); r.LaunchType = "" }, ""},
		{"perhaps not on Fargate, with instances' fields", "launchType", func(r *Request) { placed("random", "")(r); r.LaunchType = "" }, ""},
		{"a platform version, whichever", "platformVersion", onEC2, "runtask-platform-version-fargate platformVersion"},
		{"a platform version on Fargate", "platformVersion", func(*Request) {}, ""},
		{"a platform version says Fargate", "platformVersion", func(r *Request) { noNetwork(r); r.LaunchType = "" }, "runtask-network-required networkConfiguration"},

		{"a provider", "capacityProviderStrategy[0].capacityProvider", func(r *Request) { withStrategy(r, item("", 1, 0)) }, ""},
		{"a provider beside a known one", "capacityProviderStrategy[0].capacityProvider", func(r *Request) {
			withStrategy(r, item("", 1, 0), item("FARGATE", 1, 0))
			noNetwork(r)
		}, "runtask-network-required networkConfiguration"},
		{"a provider beside two that mix", "capacityProviderStrategy[0].capacityProvider", func(r *Request) {
			withStrategy(r, item("", 1, 0), item("FARGATE", 1, 0), item("asg", 1, 0))
		}, "runtask-strategy-mix capacityProviderStrategy"},
		{"a weight", "capacityProviderStrategy[0].weight", func(r *Request) { withStrategy(r, CapacityProviderStrategyItem{CapacityProvider: "FARGATE"}) }, ""},
		{"a base beside two", "capacityProviderStrategy[0].base", func(r *Request) {
			withStrategy(r, CapacityProviderStrategyItem{CapacityProvider: "a", Weight: ptr(int32(1))}, item("b", 1, 1), item("c", 1, 1))
		}, "runtask-strategy-bases capacityProviderStrategy"},

		{"all subnets", vpcField + "subnets", func(r *Request) { vpc(r).Subnets = nil }, ""},
		{"one subnet", vpcField + "subnets[0]", func(r *Request) { vpc(r).Subnets = []string{"", "x"} }, "runtask-subnet-form " + vpcField + "subnets[1]"},
		{"one of 17 subnets", vpcField + "subnets[0]", func(r *Request) { vpc(r).Subnets = append(slices.Repeat([]string{"subnet-1"}, 16), "subnet-2") }, "runtask-subnets-count " + vpcField + "subnets"},
		{"one security group", vpcField + "securityGroups[0]", func(r *Request) { vpc(r).SecurityGroups = []string{""} }, ""},

		{"a type of constraint", "placementConstraints[0].type", constrained("", "a"), ""},
		{"an expression of memberOf", "placementConstraints[0].expression", constrained("memberOf", ""), ""},
		{"an expression of distinctInstance", "placementConstraints[0].expression", constrained("distinctInstance", ""), "runtask-placement-constraint-distinct placementConstraints[0].expression"},
		{"a field of spread", "placementStrategy[0].field", placed("spread", ""), ""},
		{"a type of strategy", "placementStrategy[0].type", placed("", "host"), ""},

		{"a command", workerField + "command", func(r *Request) { worker(r).Command = nil }, ""},
		{"an argument beside a bad one", workerField + "command[0]", func(r *Request) { worker(r).Command = []string{"", "\x00"} }, "runtask-text-nul " + workerField + "command[1]"},
		{"an argument beside too many bytes", workerField + "command[0]", func(r *Request) { worker(r).Command = []string{"", strings.Repeat("x", MaxOverrideBytes)} }, "runtask-overrides-bytes overrides"},
		{"a name of two variables", workerField + "environment[0].name " + workerField + "environment[1].name", environment(KeyValuePair{}, KeyValuePair{}), ""},
		{"a name beside two that are equal", workerField + "environment[0].name", environment(KeyValuePair{}, KeyValuePair{"A", nil}, KeyValuePair{"A", nil}), "runtask-environment-duplicate " + workerField + "environment[2].name"},
		{"a file", workerField + "environmentFiles[0].value", files(EnvironmentFile{"s3", ""}), ""},
		{"a key of two tags", "tags[0].key tags[1].key", func(r *Request) { r.Tags = []Tag{{}, {}} }, ""},

		{"a size of storage", "overrides.ephemeralStorage.sizeInGiB", func(r *Request) { r.Overrides.EphemeralStorage = &EphemeralStorage{} }, ""},
		{"a size of storage on EC2", "overrides.ephemeralStorage.sizeInGiB", func(r *Request) { onEC2(r); r.Overrides.EphemeralStorage = &EphemeralStorage{} }, "runtask-ephemeral-storage-fargate overrides.ephemeralStorage"},
		{"cpu beside memory that fits some", "overrides.cpu", sized(stay, "", "512"), ""},
		{"cpu beside memory that fits none", "overrides.cpu", sized(stay, "", "513"), "runtask-task-size-fargate overrides.memory"},
		{"cpu of the task", "overrides.cpu", func(r *Request) { worker(r).CPU = ptr(int32(1024)); r.Overrides.Memory = "512" }, "runtask-task-cpu-sum overrides.cpu"},
		{"memory of a container", workerField + "memory", func(r *Request) { worker(r).MemoryReservation = ptr(int32(100)) }, ""},

		{"a type of resource", resourceField + ".type", on(onEC2, ResourceRequirement{Value: "x"}), ""},
		{"a value of a GPU", resourceField + ".value", on(onEC2, ResourceRequirement{Type: "GPU"}), ""},
		{"a value of a shared GPU", resourceField + ".value", on(onEC2, shared), "runtask-resource-gpu-value-or-sharing " + resourceField},
		{"a value of a Neuron device", resourceField + ".value", on(onProvider, ResourceRequirement{Type: "NeuronDevice"}), ""},
		{"a launch type for a Neuron device", "launchType", func(r *Request) { on(onEC2, neuron)(r); r.LaunchType = "" }, "runtask-resource-neuron-managed-instances " + resourceField},

		{"a volume type", ebsField + "volumeType", iops("", 20000), ""},
		{"a volume type, none of which has it", ebsField + "volumeType", iops("", 256001), "runtask-ebs-iops-range " + ebsField + "iops"},
		{"iops of io1", ebsField + "iops", volumeOf("io1", 10), ""},
		{"iops of st1", ebsField + "iops", volumeOf("st1", 125), "runtask-ebs-iops-type " + ebsField + "iops"},
		{"throughput of gp2", ebsField + "throughput", volumeOf("gp2", 10), "runtask-ebs-throughput-type " + ebsField + "throughput"},
		{"a snapshot", ebsField + "snapshotId", ebs(func(e *ManagedEBSVolume) { e.SizeInGiB, e.VolumeInitializationRate = nil, ptr(int32(1)) }), ""},
		{"a rate without a snapshot", ebsField + "volumeInitializationRate", ebs(func(*ManagedEBSVolume) {}), "runtask-ebs-initialization-rate " + ebsField + "volumeInitializationRate"},
		{"a role of a volume", ebsField + "roleArn", ebs(func(e *ManagedEBSVolume) { e.RoleARN = "" }), ""},
	}
	for _, tt := range tests {
		r := valid()
		tt.change(r)
		if got := strings.Join(found(t, validatePartial(r, strings.Fields(tt.dynamic)...)), ", "); got != tt.want {
			t.Errorf("%s:\ngot  %q\nwant %q", tt.name, got, tt.want)
		}
	}
}

// The paths that rules are asked about are those that findings have and the compiler knows.
func TestPaths(t *testing.T) {
	p := at("overrides").at("containerOverrides").item(12).at("command").item(0)
	if got, want := p.String(), "overrides.containerOverrides[12].command[0]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	var limit *LimitError
	if r := valid(); errors.As(validatePartial(r), &limit) {
		t.Errorf("got %v", limit)
	}
}

// A launch is carried out by calls that differ in count alone.
func TestValidateLaunch(t *testing.T) {
	for count, want := range map[int32]string{0: "runtask-count-range count", 1: "", 11: "", MaxLaunchCount: "", MaxLaunchCount + 1: "runtask-count-range count"} {
		r := valid()
		r.Count = &count
		if got := strings.Join(found(t, ValidateLaunch(r)), ", "); got != want {
			t.Errorf("%d: got %q, want %q", count, got, want)
		}
		if got := strings.Join(found(t, validatePartial(r)), ", "); got != want {
			t.Errorf("%d: partially, got %q, want %q", count, got, want)
		}
	}
	for _, tt := range ruleTests {
		r := valid()
		tt.change(r)
		r.Count = ptr(int32(MaxLaunchCount))
		whole := ValidateLaunch(r)
		r.Count = ptr(int32(MaxCount))
		if got, want := found(t, whole), found(t, Validate(r)); !slices.Equal(got, want) {
			t.Errorf("as a launch %q, as a call %q", got, want)
		}
	}
}
