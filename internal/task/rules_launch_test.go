package task

import (
	"strings"
)

func noNetwork(r *Request) { r.NetworkConfiguration = nil }

// onEC2 and withStrategy move the valid request.
func onEC2(r *Request)      { r.LaunchType = "EC2" }
func onExternal(r *Request) { r.LaunchType, r.NetworkConfiguration = "EXTERNAL", nil }

func withStrategy(r *Request, items ...CapacityProviderStrategyItem) {
	r.LaunchType, r.CapacityProviderStrategy = "", items
}

func item(name string, weight, base int32) CapacityProviderStrategyItem {
	return CapacityProviderStrategyItem{CapacityProvider: name, Weight: &weight, Base: &base}
}

const ecsARN = "arn:aws:ecs:eu-central-1:123456789012:"

var launchTests = []ruleTest{
	{"runtask-task-definition-required taskDefinition", func(r *Request) { r.TaskDefinition = "" }},
	{"", func(r *Request) { r.TaskDefinition = strings.Repeat("f", 255) + ":999999999" }},
	{"runtask-task-definition-form taskDefinition", func(r *Request) { r.TaskDefinition = strings.Repeat("f", 256) }},
	{"runtask-task-definition-form taskDefinition", func(r *Request) { r.TaskDefinition = "transcode:*" }},
	{"runtask-task-definition-form taskDefinition", func(r *Request) { r.TaskDefinition = "transcode:0" }},
	{"", func(r *Request) { r.TaskDefinition = ecsARN + "task-definition/transcode:7" }},
	{"", func(r *Request) {
		r.TaskDefinition = "arn:aws-us-gov:ecs:us-gov-west-1:123456789012:task-definition/transcode"
	}},
	{"runtask-task-definition-form taskDefinition", func(r *Request) { r.TaskDefinition = ecsARN + "cluster/transcode" }},
	{"runtask-task-definition-form taskDefinition", func(r *Request) { r.TaskDefinition = "arn:aws:ecs::123456789012:task-definition/a:1" }},
	{"", func(r *Request) { r.Cluster = "" }},
	{"", func(r *Request) { r.Cluster = ecsARN + "cluster/media" }},
	{"runtask-cluster-form cluster", func(r *Request) { r.Cluster = "a.b" }},
	{"runtask-cluster-form cluster", func(r *Request) { r.Cluster = "arn:aws:s3:eu-central-1:123456789012:cluster/media" }},
	{"", func(r *Request) { r.Count = ptr(int32(1)) }},
	{"runtask-count-range count", func(r *Request) { r.Count = ptr(int32(0)) }},
	{"", func(r *Request) { r.Count = ptr(int32(10)) }},
	{"runtask-count-range count", func(r *Request) { r.Count = ptr(int32(11)) }},

	{"runtask-launch-type launchType", func(r *Request) { r.LaunchType = "FARGATE_SPOT" }},
	{"runtask-launch-type-managed-instances launchType", func(r *Request) { r.LaunchType = "MANAGED_INSTANCES" }},
	{"", onEC2},
	{"", onExternal},
	{"runtask-launch-type-or-strategy capacityProviderStrategy", func(r *Request) {
		withStrategy(r, item("FARGATE", 1, 0))
		r.LaunchType = "FARGATE"
	}},

	{"", func(r *Request) { r.PlatformVersion = "LATEST" }},
	{"", func(r *Request) { r.PlatformVersion = "1.5.0" }}, // AWS may add it
	{"runtask-platform-version-form platformVersion", func(r *Request) { r.PlatformVersion = "latest" }},
	{"runtask-platform-version-form platformVersion", func(r *Request) { r.PlatformVersion = "1.4" }},
	{"runtask-platform-version-fargate platformVersion", func(r *Request) { onEC2(r); r.PlatformVersion = "LATEST" }},
	{"runtask-platform-version-fargate platformVersion", func(r *Request) { withStrategy(r, item("asg", 1, 0)); r.PlatformVersion = "LATEST" }},
	{"", func(r *Request) { r.PlatformVersion = "1.3.0" }},
	{"runtask-platform-version-lacks platformVersion", func(r *Request) {
		r.PlatformVersion, r.Overrides.EphemeralStorage = "1.3.0", &EphemeralStorage{30}
	}},
	{"runtask-platform-version-lacks platformVersion", func(r *Request) {
		r.PlatformVersion, r.Overrides.ContainerOverrides[0].EnvironmentFiles = "1.3.0", []EnvironmentFile{{"s3", "arn:aws:s3:::b/k.env"}}
	}},
	{"runtask-platform-version-lacks platformVersion", func(r *Request) { ebsOf(r); r.PlatformVersion = "1.3.0" }},
	{"runtask-platform-version-lacks platformVersion", func(r *Request) { ebsOf(r); r.PlatformVersion = "1.0.0" }},
	{"runtask-platform-version-lacks platformVersion", func(r *Request) { withStrategy(r, item("FARGATE_SPOT", 1, 0)); r.PlatformVersion = "1.0.0" }},

	{"", func(r *Request) { r.Group = strings.Repeat("é", 255) }},
	{"runtask-group-length group", func(r *Request) { r.Group = strings.Repeat("g", 256) }},
	{"runtask-group-service group", func(r *Request) { r.Group = "service:x" }},
	{"runtask-text-utf8 group", func(r *Request) { r.Group = "\xff" }},
	{"runtask-text-nul group", func(r *Request) { r.Group = "a\x00" }},
	{"", func(r *Request) { r.StartedBy = strings.Repeat("x", 128) }},
	{"runtask-started-by-length startedBy", func(r *Request) { r.StartedBy = strings.Repeat("x", 129) }},
	{"runtask-started-by-text startedBy", func(r *Request) { r.StartedBy = "a.b" }},
	{"", func(r *Request) { r.PropagateTags = "TASK_DEFINITION" }},
	{"runtask-propagate-tags-service propagateTags", func(r *Request) { r.PropagateTags = "SERVICE" }},
	{"runtask-propagate-tags propagateTags", func(r *Request) { r.PropagateTags = "ALL" }},

	{"", func(r *Request) { withStrategy(r, item("FARGATE", 1000, 100000), item("FARGATE_SPOT", 0, 0)) }},
	{"runtask-strategy-provider-required capacityProviderStrategy[0].capacityProvider", func(r *Request) { withStrategy(r, item("", 1, 0)) }},
	{"runtask-strategy-provider-form capacityProviderStrategy[0].capacityProvider", func(r *Request) { withStrategy(r, item(ecsARN+"capacity-provider/a", 1, 0)) }},
	{"runtask-strategy-weight-range capacityProviderStrategy[0].weight", func(r *Request) { withStrategy(r, item("FARGATE", 1001, 0)) }},
	{"runtask-strategy-weight-range capacityProviderStrategy[0].weight", func(r *Request) { withStrategy(r, item("FARGATE", -1, 0)) }},
	{"runtask-strategy-base-range capacityProviderStrategy[0].base", func(r *Request) { withStrategy(r, item("FARGATE", 1, 100001)) }},
	{"runtask-strategy-duplicate capacityProviderStrategy[1].capacityProvider", func(r *Request) { withStrategy(r, item("FARGATE", 1, 0), item("FARGATE", 1, 0)) }},
	{"runtask-strategy-bases capacityProviderStrategy", func(r *Request) { withStrategy(r, item("FARGATE", 1, 1), item("FARGATE_SPOT", 1, 1)) }},
	{"runtask-strategy-weightless capacityProviderStrategy", func(r *Request) {
		withStrategy(r, CapacityProviderStrategyItem{CapacityProvider: "FARGATE"}, item("FARGATE_SPOT", 0, 0))
	}},
	{"runtask-strategy-mix capacityProviderStrategy", func(r *Request) { withStrategy(r, item("FARGATE", 1, 0), item("asg", 1, 0)) }},
	{"", func(r *Request) { manyProviders(r, 20) }},
	{"runtask-strategy-count capacityProviderStrategy", func(r *Request) { manyProviders(r, 21) }},
}

func manyProviders(r *Request, n int) {
	withStrategy(r)
	for i := range n {
		r.CapacityProviderStrategy = append(r.CapacityProviderStrategy, item(strings.Repeat("p", i+1), 1, 0))
	}
}

var tokenTests = []ruleTest{
	{want: "runtask-client-token-required clientToken"}, {want: "runtask-client-token-length clientToken"}, {want: "runtask-client-token-text clientToken"},
}
