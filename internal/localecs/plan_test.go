package localecs

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestAccountRules(t *testing.T) {
	runRules(t, []ruleCase{
		{name: "cluster", with: object{"cluster": "other"}, code: codeClusterNotFound, message: "Cluster not found."},
		{name: "cluster by ARN", with: object{"cluster": "arn:aws:ecs:us-east-1:123456789012:cluster/media"}},
		{name: "cluster of another account", with: object{"cluster": "arn:aws:ecs:us-east-1:999999999999:cluster/media"}, code: codeClusterNotFound},
		{name: "family", with: object{"taskDefinition": "other"}, code: codeClient, message: "TaskDefinition not found."},
		{name: "revision", with: object{"taskDefinition": "transcode:1"}},
		{name: "no such revision", with: object{"taskDefinition": "transcode:3"}, code: codeClient, message: "TaskDefinition not found."},
		{name: "every revision", with: object{"taskDefinition": "transcode:*"}, code: codeClient, message: "TaskDefinition not found."},
		{name: "ARN", with: object{"taskDefinition": "arn:aws:ecs:us-east-1:123456789012:task-definition/transcode:2"}},
		{name: "ARN elsewhere", with: object{"taskDefinition": "arn:aws:ecs:us-east-2:123456789012:task-definition/transcode:2"}, code: codeClient},

		{name: "launch type of bridge", family: "legacy", with: object{"launchType": "FARGATE"}, code: invalidCode, message: "Task definition does not support launch_type FARGATE."},
		{name: "external awsvpc", with: object{"launchType": "EXTERNAL"}, code: invalidCode, message: "does not support launch_type EXTERNAL"},
		{name: "external bridge", family: "legacy", with: object{"launchType": "EXTERNAL"}},
		{name: "Fargate provider and bridge", family: "legacy", with: strategy(item("FARGATE", 1, 0)), code: invalidCode, message: "launch_type FARGATE"},
		{name: "other provider and bridge", family: "legacy", with: strategy(item("asg", 1, 0))},
		{name: "provider not associated", with: strategy(item("other", 1, 0)), code: invalidCode, message: "not associated with the cluster"},
		{name: "mixed providers", with: strategy(item("FARGATE", 1, 0), item("asg", 1, 0)), code: invalidCode, message: "cannot contain a mix"},

		{name: "no network", with: object{"networkConfiguration": nil}, code: invalidCode, message: "Network Configuration must be provided when networkMode 'awsvpc' is specified."},
		{name: "network for bridge", family: "legacy", with: object{"networkConfiguration": vpc(nil)}, code: invalidCode, message: "Network Configuration is not valid for the given networkMode"},
		{name: "public IP on EC2", with: object{"launchType": "EC2", "networkConfiguration": vpc(object{"assignPublicIp": "ENABLED"})}, code: invalidCode, message: "Assign public IP is not supported for this launch type."},
		{name: "public IP by default on EC2", with: object{"launchType": nil, "networkConfiguration": vpc(object{"assignPublicIp": "ENABLED"})}, code: invalidCode, message: "Assign public IP"},

		{name: "platform on EC2", family: "legacy", with: object{"platformVersion": "LATEST"}, code: invalidCode, message: "The platform version must be null when specifying an EC2 launch type."},
		{name: "platform", with: object{"platformVersion": "1.3.0"}},
		{name: "unknown platform", with: object{"platformVersion": "9.9"}, code: codePlatformUnknown},
		{name: "old platform", with: merge(override(object{"ephemeralStorage": object{"sizeInGiB": 30}}), object{"platformVersion": "1.3.0"}), code: codePlatformIncompatibility, message: "ephemeralStorage"},
		{name: "old platform and volume", with: merge(volume(nil), object{"platformVersion": "1.3.0"}), code: codePlatformIncompatibility},
		{name: "old platform and env files", with: merge(container(object{"environmentFiles": list{object{"type": "s3", "value": "arn:aws:s3:::b/x.env"}}}), object{"platformVersion": "1.3.0"}), code: codePlatformIncompatibility, message: "environmentFiles"},
		{name: "old platform and size", with: merge(override(object{"cpu": "8192", "memory": "16384"}), object{"platformVersion": "1.3.0"}), code: codePlatformIncompatibility},

		{name: "placement strategy on Fargate", with: object{"placementStrategy": list{object{"type": "random"}}}, code: invalidCode, message: "Placement strategies are not supported with FARGATE launch type"},
		{name: "placement constraint on Fargate", with: object{"placementConstraints": list{object{"type": "distinctInstance"}}}, code: invalidCode, message: "Placement constraints"},
		{name: "10 constraints and the definition's", family: "legacy", with: object{"placementConstraints": repeat(10, func(int) any { return object{"type": "distinctInstance"} })}, code: invalidCode, message: "including those in the task definition"},

		{name: "container", with: override(object{"containerOverrides": list{object{"name": "main"}}}), code: invalidCode, message: "Override for container named main is not a container in the TaskDefinition."},
		{name: "secret", with: container(object{"environment": list{object{"name": "API_KEY", "value": "x"}}}), code: codeClient, message: "such as 'API_KEY'"},
		{name: "Fargate size", with: override(object{"cpu": "512"})},
		{name: "no Fargate size", with: override(object{"memory": "1024"}), code: invalidCode, message: "No Fargate configuration exists for given values"},
		{name: "any size on EC2", with: merge(override(object{"memory": "1025"}), object{"launchType": "EC2"})},
		{name: "cpu on EC2", with: merge(override(object{"cpu": "127"}), object{"launchType": "EC2"}), code: invalidCode, message: "Invalid 'cpu' setting for task."},
		{name: "ephemeral storage on EC2", with: merge(override(object{"ephemeralStorage": object{"sizeInGiB": 30}}), object{"launchType": "EC2"}), code: invalidCode, message: "EphemeralStorage"},
		{name: "container memory", with: container(object{"memory": 2049}), code: invalidCode, message: "The 'memory' setting for container 'worker' is greater than for the task."},
		{name: "container cpu", with: container(object{"cpu": 1025}), code: invalidCode, message: "total 'cpu'"},
		{name: "memory and reservation", with: container(object{"memory": 512, "memoryReservation": 512}), code: invalidCode, message: "memoryReservation"},
		{name: "GPU on Fargate", with: container(object{"resourceRequirements": list{object{"type": "GPU", "value": "1"}}}), code: invalidCode, message: "GPU is not supported with FARGATE"},
		{name: "GPU on EC2", with: merge(container(object{"resourceRequirements": list{object{"type": "GPU", "value": "ALL"}}}), object{"launchType": "EC2"})},
		{name: "Neuron on EC2", with: merge(container(object{"resourceRequirements": list{object{"type": "NeuronDevice", "value": "ALL"}}}), object{"launchType": "EC2"}), code: invalidCode, message: "Managed Instances"},
		{name: "Neuron with a provider", with: merge(container(object{"resourceRequirements": list{object{"type": "NeuronDevice", "value": "ALL"}}}), strategy(item("asg", 1, 0)))},

		{name: "exec without role", with: object{"enableExecuteCommand": true}, code: invalidCode, message: "valid taskRoleArn is not being used"},
		{name: "exec with role", with: merge(override(object{"taskRoleArn": "arn:aws:iam::123456789012:role/task"}), object{"enableExecuteCommand": true})},
		{name: "50 tags and the definition's", with: object{"propagateTags": "TASK_DEFINITION", "tags": repeat(50, func(i int) any { return object{"key": fmt.Sprint(i), "value": ""} })}, code: invalidCode, message: "50"},
		{name: "50 tags of which one is the definition's", with: object{"propagateTags": "TASK_DEFINITION", "tags": append(repeat(49, func(i int) any { return object{"key": fmt.Sprint(i), "value": ""} }), object{"key": "team", "value": "x"})}},
	})
}

func TestInactiveTaskDefinition(t *testing.T) {
	f := newFixture(t, Options{})
	if !f.DeregisterTaskDefinition("transcode:2") || f.DeregisterTaskDefinition("transcode:9") || f.DeregisterTaskDefinition("transcode") {
		t.Fatal("deregistering reports the wrong thing")
	}
	out, err := f.local().RunTask(t.Context(), request("a"))
	if err != nil || !strings.HasSuffix(*out.Tasks[0].TaskDefinitionArn, "transcode:1") {
		t.Fatalf("the family is not its latest ACTIVE revision: %v, %v", out, err)
	}
	f.DeregisterTaskDefinition("transcode:1")
	_, err = f.local().RunTask(t.Context(), request("b"))
	wantCode(t, err, codeClient)
	in := request("c")
	in.TaskDefinition = ptr("transcode:2")
	_, err = f.local().RunTask(t.Context(), in)
	if wantCode(t, err, codeClient); !strings.Contains(err.Error(), "TaskDefinition is inactive") {
		t.Errorf("got %v", err)
	}
}

func TestKindsOfTaskDefinitions(t *testing.T) {
	f := newFixture(t, Options{})
	f.RegisterTaskDefinition(TaskDefinition{Family: "win", CPU: "512", Memory: "1024", OperatingSystemFamily: "WINDOWS_SERVER_2022_CORE", Containers: []Container{{Name: "main"}}})
	f.RegisterTaskDefinition(TaskDefinition{Family: "win4", CPU: "1024", Memory: "2048", OperatingSystemFamily: "WINDOWS_SERVER_2022_CORE", Containers: []Container{{Name: "main"}}, Volumes: []Volume{{Name: "scratch", ConfiguredAtLaunch: true}}})
	f.RegisterTaskDefinition(TaskDefinition{Family: "arm", CPUArchitecture: "ARM64", Containers: []Container{{Name: "main"}}})
	f.RegisterTaskDefinition(TaskDefinition{Family: "edge", NetworkMode: "awsvpc", Compatibilities: []string{"EXTERNAL"}, Containers: []Container{{Name: "main"}}})
	f.RegisterTaskDefinition(TaskDefinition{Family: "edge1", Compatibilities: []string{"EC2", "EXTERNAL"}, Volumes: []Volume{{Name: "scratch", ConfiguredAtLaunch: true}}, Containers: []Container{{Name: "main"}}})
	shared := override(object{"containerOverrides": list{object{"name": "main", "resourceRequirements": list{
		object{"type": "GPU", "sharingStrategy": object{"nvidiaMps": object{"memory": 1024}}},
	}}}})
	spot := strategy(item("FARGATE_SPOT", 1, 0))
	for _, tt := range []struct {
		family string
		with   object
		code   string
	}{
		{"win", object{}, invalidCode},
		{"win4", object{}, okay},
		{"win4", object{"platformVersion": "1.0.0"}, okay},
		{"win4", object{"platformVersion": "1.4.0"}, codePlatformUnknown},
		{"win4", spot, codePlatformIncompatibility},
		{"arm", spot, okay},
		{"arm", merge(spot, object{"platformVersion": "1.3.0"}), codePlatformIncompatibility},
		{"win4", volume(nil), invalidCode},
		{"edge", object{"launchType": "EXTERNAL"}, invalidCode},
		{"edge1", object{"launchType": "EXTERNAL", "networkConfiguration": nil}, okay},
		{"edge1", merge(volume(nil), object{"launchType": "EXTERNAL", "networkConfiguration": nil}), invalidCode},
		{"edge1", merge(shared, object{"launchType": "EXTERNAL", "networkConfiguration": nil}), invalidCode},
		{"edge1", merge(shared, object{"launchType": "EC2", "networkConfiguration": nil}), okay},
	} {
		raw, _ := json.Marshal(merge(base(tt.family), tt.with))
		_, m := f.post("RunTask", string(raw))
		if code, _ := m["__type"].(string); code != tt.code {
			t.Errorf("%s with %v: got %v, want %q", tt.family, tt.with, m, tt.code)
		}
	}
}

func TestFargateSizes(t *testing.T) {
	for _, tt := range []struct {
		cpu, memory string
		windows, ok bool
	}{
		{"256", "512", false, true}, {"256", "1024", false, true}, {"256", "2048", false, true}, {"256", "4096", false, false}, {"256", "1536", false, false},
		{"0.25 vCPU", "0.5 GB", false, true}, {".25vcpu", ".5GB", false, true},
		{"512", "1024", false, true}, {"512", "4096", false, true}, {"512", "5120", false, false},
		{"1024", "8192", true, true}, {"2 vCPU", "16GB", true, true}, {"4096", "30720", true, true}, {"4096", "31744", false, false},
		{"8192", "16384", false, true}, {"8192", "17408", false, false}, {"8192", "16384", true, false},
		{"16384", "122880", false, true}, {"16 vCPU", "36 GB", false, false}, {"32768", "249856", false, true}, {"32768", "65536", false, false},
		{"100", "512", false, false}, {"", "", false, false}, {"1e3", "2048", false, false}, {"1  vCPU", "2GB", false, false}, {"1 vCPUs", "2GB", false, false}, {" 256", "512", false, false}, {"1. vCPU", "2GB", false, false}, {"-256", "512", false, false}, {"256.5", "512", false, false},
	} {
		cpu, cpuOK := parseCPU(tt.cpu)
		memory, memoryOK := parseMemory(tt.memory)
		if got := cpuOK && memoryOK && isFargateSize(cpu, memory, tt.windows); got != tt.ok {
			t.Errorf("cpu %q, memory %q, windows %v: got %v, want %v", tt.cpu, tt.memory, tt.windows, got, tt.ok)
		}
	}
}
