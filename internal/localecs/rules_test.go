package localecs

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
)

type object = map[string]any
type list = []any

// base is a valid request for the task definition; a test adds to it or replaces.
func base(family string) object {
	if family == "legacy" {
		return object{"cluster": "media", "taskDefinition": family}
	}
	return object{
		"cluster": "media", "taskDefinition": family, "launchType": "FARGATE",
		"networkConfiguration": vpc(nil),
	}
}

func vpc(with object) object {
	c := object{"subnets": list{"subnet-a"}}
	maps.Copy(c, with)
	return object{"awsvpcConfiguration": c}
}

// container is an override of the container worker.
func container(with object) object {
	c := object{"name": "worker"}
	maps.Copy(c, with)
	return object{"overrides": object{"containerOverrides": list{c}}}
}

func override(with object) object { return object{"overrides": with} }

func volume(with object) object {
	e := object{"roleArn": "arn:aws:iam::123456789012:role/infra", "sizeInGiB": 10}
	maps.Copy(e, with)
	return object{"volumeConfigurations": list{object{"name": "scratch", "managedEBSVolume": e}}}
}

func strategy(items ...any) object {
	return object{"launchType": nil, "capacityProviderStrategy": items}
}

func item(name string, weight, base int) object {
	return object{"capacityProvider": name, "weight": weight, "base": base}
}

func repeat(n int, f func(i int) any) list {
	l := list{}
	for i := range n {
		l = append(l, f(i))
	}
	return l
}

func tag(key, value string) object { return object{"tags": list{object{"key": key, "value": value}}} }

const (
	invalidCode = codeInvalidParameter
	okay        = ""
)

type ruleCase struct {
	name    string
	family  string // default transcode
	with    object
	code    string
	message string
}

func runRules(t *testing.T, tests []ruleCase) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t, Options{})
			body := base(orDefault(tt.family, "transcode"))
			maps.Copy(body, tt.with)
			raw, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			status, m := f.post("RunTask", string(raw))
			code, _ := m["__type"].(string)
			message, _ := m["message"].(string)
			if code != tt.code || !strings.Contains(message, tt.message) {
				t.Errorf("got %d %s %q, want %s %q", status, code, message, tt.code, tt.message)
			}
			if launched := len(f.Tasks()); (launched > 0) != (tt.code == okay) {
				t.Errorf("launched %d tasks", launched)
			}
		})
	}
}

func TestRequestRules(t *testing.T) {
	long := strings.Repeat("x", 300)
	runRules(t, []ruleCase{
		{name: "base", with: object{}},
		{name: "no task definition", with: object{"taskDefinition": nil}, code: codeClient, message: "TaskDefinition cannot be empty."},
		{name: "count 0", with: object{"count": 0}, code: invalidCode, message: "count"},
		{name: "count 10", with: object{"count": 10}},
		{name: "count 11", with: object{"count": 11}, code: invalidCode, message: "count"},
		{name: "startedBy 128", with: object{"startedBy": strings.Repeat("a", 128)}},
		{name: "startedBy 129", with: object{"startedBy": strings.Repeat("a", 129)}, code: invalidCode, message: "startedBy longer than 128."},
		{name: "startedBy charset", with: object{"startedBy": "a.b"}, code: invalidCode, message: "startedBy"},
		{name: "startedBy newline", with: object{"startedBy": "a\n"}, code: invalidCode, message: "startedBy"},
		{name: "token 64", with: object{"clientToken": strings.Repeat("~", 64)}},
		{name: "token 65", with: object{"clientToken": strings.Repeat("a", 65)}, code: invalidCode, message: "clientToken"},
		{name: "token with space", with: object{"clientToken": "a b"}, code: invalidCode, message: "clientToken"},
		{name: "token not ASCII", with: object{"clientToken": "ä"}, code: invalidCode, message: "clientToken"},
		{name: "service group", with: object{"group": "service:x"}, code: invalidCode, message: "Invalid namespace for group"},
		{name: "unknown launch type", with: object{"launchType": "FARGATE_SPOT"}, code: invalidCode, message: "launch type"},
		{name: "managed instances", with: object{"launchType": "MANAGED_INSTANCES"}, code: invalidCode, message: "capacity provider strategy"},
		{name: "propagate from service", with: object{"propagateTags": "SERVICE"}, code: invalidCode, message: "SERVICE"},
		{name: "propagate none", with: object{"propagateTags": "NONE"}},
		{name: "propagate unknown", with: object{"propagateTags": "ALL"}, code: invalidCode, message: "propagateTags"},

		{name: "both launch type and strategy", with: object{"capacityProviderStrategy": list{item("FARGATE", 1, 0)}}, code: invalidCode, message: "Specifying both a launch type and capacity provider strategy is not supported."},
		{name: "strategy", with: strategy(item("FARGATE", 1, 1), item("FARGATE_SPOT", 4, 0))},
		{name: "21 providers", with: strategy(repeat(21, func(i int) any { return item(fmt.Sprint("p", i), 1, 0) })...), code: invalidCode, message: "20"},
		{name: "weight 1001", with: strategy(item("FARGATE", 1001, 0)), code: invalidCode, message: "weight"},
		{name: "base 100001", with: strategy(item("FARGATE", 1, 100001)), code: invalidCode, message: "base"},
		{name: "two bases", with: strategy(item("FARGATE", 1, 1), item("FARGATE_SPOT", 1, 1)), code: invalidCode, message: "base"},
		{name: "no weight", with: strategy(object{"capacityProvider": "FARGATE"}), code: invalidCode, message: "weight"},
		{name: "provider twice", with: strategy(item("FARGATE", 1, 0), item("FARGATE", 1, 0)), code: invalidCode, message: "duplicate"},
		{name: "provider without name", with: strategy(object{"weight": 1}), code: invalidCode, message: "name"},

		{name: "no subnets", with: object{"networkConfiguration": vpc(object{"subnets": list{}})}, code: invalidCode, message: "subnets can not be empty."},
		{name: "17 subnets", with: object{"networkConfiguration": vpc(object{"subnets": repeat(17, func(i int) any { return fmt.Sprint("subnet-", i) })})}, code: invalidCode, message: "16"},
		{name: "no such subnet", with: object{"networkConfiguration": vpc(object{"subnets": list{"vpc-1"}})}, code: invalidCode, message: "InvalidSubnetID.NotFound"},
		{name: "blank security group", with: object{"networkConfiguration": vpc(object{"securityGroups": list{""}})}, code: invalidCode, message: "security group cannot be blank"},
		{name: "6 security groups", with: object{"networkConfiguration": vpc(object{"securityGroups": repeat(6, func(i int) any { return fmt.Sprint("sg-", i) })})}, code: invalidCode, message: "5"},
		{name: "no such security group", with: object{"networkConfiguration": vpc(object{"securityGroups": list{"default"}})}, code: invalidCode, message: "InvalidGroup.NotFound"},
		{name: "public IP", with: object{"networkConfiguration": vpc(object{"assignPublicIp": "ENABLED"})}},
		{name: "public IP unknown", with: object{"networkConfiguration": vpc(object{"assignPublicIp": "true"})}, code: invalidCode, message: "assignPublicIp"},

		{name: "11 constraints", family: "legacy", with: object{"placementConstraints": repeat(11, func(int) any { return object{"type": "distinctInstance"} })}, code: invalidCode, message: "10"},
		{name: "constraint type", family: "legacy", with: object{"placementConstraints": list{object{"type": "x"}}}, code: invalidCode, message: "type"},
		{name: "distinctInstance with expression", family: "legacy", with: object{"placementConstraints": list{object{"type": "distinctInstance", "expression": "x"}}}, code: invalidCode, message: "expression"},
		{name: "memberOf without expression", family: "legacy", with: object{"placementConstraints": list{object{"type": "memberOf"}}}, code: invalidCode, message: "expression"},
		{name: "long expression", family: "legacy", with: object{"placementConstraints": list{object{"type": "memberOf", "expression": strings.Repeat("x", 2001)}}}, code: invalidCode, message: "2000"},
		{name: "6 strategies", family: "legacy", with: object{"placementStrategy": repeat(6, func(int) any { return object{"type": "random"} })}, code: invalidCode, message: "5"},
		{name: "good strategies", family: "legacy", with: object{"placementStrategy": list{object{"type": "spread", "field": "attribute:ecs.availability-zone"}, object{"type": "binpack", "field": "MEMORY"}}}},
		{name: "spread over nothing", family: "legacy", with: object{"placementStrategy": list{object{"type": "spread"}}}, code: invalidCode, message: "placement strategy"},
		{name: "binpack by host", family: "legacy", with: object{"placementStrategy": list{object{"type": "binpack", "field": "host"}}}, code: invalidCode, message: "placement strategy"},

		{name: "51 tags", with: object{"tags": repeat(51, func(i int) any { return object{"key": fmt.Sprint(i), "value": ""} })}, code: invalidCode, message: "50"},
		{name: "empty key", with: tag("", "x"), code: invalidCode, message: "key"},
		{name: "long key", with: tag(long[:129], "x"), code: invalidCode, message: "128"},
		{name: "key of 128 characters", with: tag(strings.Repeat("é", 128), "x")},
		{name: "long value", with: tag("k", long[:257]), code: invalidCode, message: "256"},
		{name: "tag charset", with: tag("k", "a*b"), code: invalidCode, message: "characters"},
		{name: "reserved key", with: tag("AWS:x", ""), code: invalidCode, message: "aws:"},
		{name: "reserved value", with: tag("x", "aws:y"), code: invalidCode, message: "aws:"},
		{name: "key twice", with: object{"tags": list{object{"key": "a"}, object{"key": "a"}}}, code: invalidCode, message: "Duplicate"},
		{name: "keys that differ in case", with: object{"tags": list{object{"key": "a"}, object{"key": "A"}}}},
	})
}

func TestOverrideRules(t *testing.T) {
	env := func(value string) object {
		return container(object{"environment": list{object{"name": "A", "value": value}}})
	}
	frame := len(`{"containerOverrides":[{"environment":[{"name":"A","value":""}],"name":"worker"}]}`)
	gpu := func(with object) object {
		r := object{"type": "GPU"}
		maps.Copy(r, with)
		return object{"taskDefinition": "legacy", "launchType": "EC2", "networkConfiguration": nil, "overrides": object{"containerOverrides": list{object{"name": "main", "resourceRequirements": list{r}}}}}
	}
	mps := object{"nvidiaMps": object{"memory": 1024}}
	file := func(kind, arn string) object {
		return container(object{"environmentFiles": list{object{"type": kind, "value": arn}}})
	}
	runRules(t, []ruleCase{
		{name: "exactly 8192", with: env(strings.Repeat("x", 8192-frame))},
		{name: "8193", with: env(strings.Repeat("x", 8193-frame)), code: invalidCode, message: "Container Overrides length must be at most 8192"},
		{name: "8193 bytes in fewer characters", with: env(strings.Repeat("é", (8194-frame)/2)), code: invalidCode, message: "8192"},
		{name: "container without name", with: override(object{"containerOverrides": list{object{"cpu": 1}}}), code: invalidCode, message: "name"},
		{name: "container twice", with: override(object{"containerOverrides": list{object{"name": "worker"}, object{"name": "worker"}}}), code: invalidCode, message: "Duplicate"},
		{name: "empty list", with: override(object{"containerOverrides": list{}})},
		{name: "cpu in words", with: override(object{"cpu": ".5 vCPU", "memory": "1 GB"})},
		{name: "cpu nonsense", with: override(object{"cpu": "many"}), code: invalidCode, message: "Invalid 'cpu' setting for task."},
		{name: "memory nonsense", with: override(object{"memory": "2TB"}), code: invalidCode, message: "Invalid 'memory' setting for task."},
		{name: "ephemeral 20", with: override(object{"ephemeralStorage": object{"sizeInGiB": 20}}), code: invalidCode, message: "EphemeralStorage size should be at least 21"},
		{name: "ephemeral 201", with: override(object{"ephemeralStorage": object{"sizeInGiB": 201}}), code: invalidCode, message: "EphemeralStorage size should be at most 200"},
		{name: "role", with: override(object{"taskRoleArn": "admin"}), code: invalidCode, message: "IAM role"},
		{name: "accelerator", with: override(object{"inferenceAcceleratorOverrides": list{object{"deviceName": "x"}}}), code: invalidCode, message: "Elastic Inference"},
		{name: "negative cpu", with: container(object{"cpu": -1}), code: invalidCode, message: "cpu"},
		{name: "memory 3", with: container(object{"memory": 3}), code: invalidCode, message: "memory"},
		{name: "reservation 3", with: container(object{"memoryReservation": 3}), code: invalidCode, message: "memoryReservation"},
		{name: "env file", with: file("s3", "arn:aws:s3:::bucket/dir/x.env")},
		{name: "env file type", with: file("efs", "arn:aws:s3:::bucket/x.env"), code: invalidCode, message: "type"},
		{name: "env file name", with: file("s3", "arn:aws:s3:::bucket/x.txt"), code: invalidCode, message: ".env"},
		{name: "11 env files", with: container(object{"environmentFiles": repeat(11, func(int) any { return object{"type": "s3", "value": "arn:aws:s3:::b/x.env"} })}), code: invalidCode, message: "10"},
		{name: "GPU", with: gpu(object{"value": "2"})},
		{name: "GPU value", with: gpu(object{"value": "0"}), code: invalidCode, message: "GPU"},
		{name: "GPU both", with: gpu(object{"value": "1", "sharingStrategy": mps}), code: invalidCode, message: "Exactly one"},
		{name: "GPU neither", with: gpu(nil), code: invalidCode, message: "Exactly one"},
		{name: "MPS without memory", with: gpu(object{"sharingStrategy": object{"nvidiaMps": object{}}}), code: invalidCode, message: "memory"},
		{name: "MPS percent", with: gpu(object{"sharingStrategy": object{"nvidiaMps": object{"memory": 1, "maxComputePercent": 101}}}), code: invalidCode, message: "maxComputePercent"},
		{name: "Neuron value", with: gpu(object{"type": "NeuronDevice", "value": "1"}), code: invalidCode, message: "ALL"},
		{name: "Neuron sharing", with: gpu(object{"type": "NeuronDevice", "value": "ALL", "sharingStrategy": mps}), code: invalidCode, message: "sharingStrategy"},
		{name: "inference accelerator", with: gpu(object{"type": "InferenceAccelerator", "value": "x"}), code: invalidCode, message: "Elastic Inference"},
		{name: "resource type", with: gpu(object{"type": "FPGA", "value": "1"}), code: invalidCode, message: "resource type"},
		{name: "shared and whole", with: override(object{"containerOverrides": list{
			object{"name": "worker", "resourceRequirements": list{object{"type": "GPU", "value": "1"}}},
			object{"name": "log", "resourceRequirements": list{object{"type": "GPU", "sharingStrategy": mps}}},
		}}), code: invalidCode, message: "sharing"},
		{name: "two Neuron containers", with: override(object{"containerOverrides": list{
			object{"name": "worker", "resourceRequirements": list{object{"type": "NeuronDevice", "value": "ALL"}}},
			object{"name": "log", "resourceRequirements": list{object{"type": "NeuronDevice", "value": "ALL"}}},
		}}), code: invalidCode, message: "one container"},
	})
}

func TestVolumeRules(t *testing.T) {
	tagged := func(spec object) object { return volume(object{"tagSpecifications": list{spec}}) }
	runRules(t, []ruleCase{
		{name: "volume", with: volume(nil)},
		{name: "two volumes", with: object{"volumeConfigurations": list{object{"name": "scratch"}, object{"name": "fixed"}}}, code: invalidCode, message: "1 volume"},
		{name: "volume name", with: object{"volumeConfigurations": list{object{"name": "a b"}}}, code: invalidCode, message: "volume name"},
		{name: "no role", with: volume(object{"roleArn": ""}), code: invalidCode, message: "roleArn"},
		{name: "no size", with: volume(object{"sizeInGiB": nil}), code: invalidCode, message: "snapshotId"},
		{name: "snapshot", with: volume(object{"sizeInGiB": nil, "snapshotId": "snap-1", "volumeInitializationRate": 100})},
		{name: "rate without snapshot", with: volume(object{"volumeInitializationRate": 100}), code: invalidCode, message: "snapshotId"},
		{name: "type", with: volume(object{"volumeType": "gp4"}), code: invalidCode, message: "volume type"},
		{name: "st1 too small", with: volume(object{"volumeType": "st1", "sizeInGiB": 124}), code: invalidCode, message: "125"},
		{name: "gp3 too large", with: volume(object{"volumeType": "gp3", "sizeInGiB": 16385}), code: invalidCode, message: "16384"},
		{name: "io2 without iops", with: volume(object{"volumeType": "io2"}), code: invalidCode, message: "iops is required"},
		{name: "io2", with: volume(object{"volumeType": "io2", "iops": 256000})},
		{name: "io1 iops", with: volume(object{"volumeType": "io1", "iops": 64001}), code: invalidCode, message: "64000"},
		{name: "gp3 iops", with: volume(object{"volumeType": "gp3", "iops": 2999}), code: invalidCode, message: "3000"},
		{name: "st1 iops", with: volume(object{"volumeType": "st1", "sizeInGiB": 125, "iops": 500}), code: invalidCode, message: "iops is not supported"},
		{name: "throughput", with: volume(object{"volumeType": "gp3", "throughput": 1001}), code: invalidCode, message: "1000"},
		{name: "throughput of io2", with: volume(object{"volumeType": "io2", "iops": 100, "throughput": 100}), code: invalidCode, message: "throughput is not supported"},
		{name: "filesystem", with: volume(object{"filesystemType": "btrfs"}), code: invalidCode, message: "filesystem"},
		{name: "termination policy", with: volume(object{"terminationPolicy": object{}}), code: invalidCode, message: "deleteOnTermination"},
		{name: "tags", with: tagged(object{"resourceType": "volume", "tags": list{object{"key": "a", "value": "b"}}})},
		{name: "tagged resource", with: tagged(object{"resourceType": "task"}), code: invalidCode, message: "resource type"},
		{name: "reserved tag", with: tagged(object{"resourceType": "volume", "tags": list{object{"key": "AmazonECSManaged"}}}), code: invalidCode, message: "reserved"},
		{name: "volume tag charset", with: tagged(object{"resourceType": "volume", "tags": list{object{"key": "*"}}}), code: invalidCode, message: "characters"},
		{name: "volume tags from service", with: tagged(object{"resourceType": "volume", "propagateTags": "SERVICE"}), code: invalidCode, message: "propagateTags"},
		{name: "volume not of the task definition", with: object{"volumeConfigurations": list{object{"name": "other"}}}, code: invalidCode, message: "configuredAtLaunch"},
		{name: "volume not configured at launch", with: object{"volumeConfigurations": list{object{"name": "fixed"}}}, code: invalidCode, message: "configuredAtLaunch"},
		{name: "standard on Fargate", with: volume(object{"volumeType": "standard"}), code: invalidCode, message: "standard"},
		{name: "standard on EC2", with: merge(volume(object{"volumeType": "standard"}), object{"launchType": "EC2"})},
	})
}

func merge(objects ...object) object {
	m := object{}
	for _, o := range objects {
		maps.Copy(m, o)
	}
	return m
}

// The rules that need what the server keeps.
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

func ptr[T any](v T) *T { return &v }

func TestKindsOfTaskDefinitions(t *testing.T) {
	f := newFixture(t, Options{})
	f.RegisterTaskDefinition(TaskDefinition{Family: "win", CPU: "512", Memory: "1024", OperatingSystemFamily: "WINDOWS_SERVER_2022_CORE", Containers: []Container{{Name: "main"}}})
	f.RegisterTaskDefinition(TaskDefinition{Family: "win4", CPU: "1024", Memory: "2048", OperatingSystemFamily: "WINDOWS_SERVER_2022_CORE", Containers: []Container{{Name: "main"}}, Volumes: []Volume{{Name: "scratch", ConfiguredAtLaunch: true}}})
	f.RegisterTaskDefinition(TaskDefinition{Family: "arm", CPUArchitecture: "ARM64", Containers: []Container{{Name: "main"}}})
	f.RegisterTaskDefinition(TaskDefinition{Family: "edge", NetworkMode: "awsvpc", Compatibilities: []string{"EXTERNAL"}, Containers: []Container{{Name: "main"}}})
	f.RegisterTaskDefinition(TaskDefinition{Family: "edge1", Compatibilities: []string{"EC2", "EXTERNAL"}, Containers: []Container{{Name: "main"}}})
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
		{"100", "512", false, false}, {"", "", false, false}, {"1e3", "2048", false, false}, {"-256", "512", false, false}, {"256.5", "512", false, false},
	} {
		cpu, cpuOK := parseCPU(tt.cpu)
		memory, memoryOK := parseMemory(tt.memory)
		if got := cpuOK && memoryOK && isFargateSize(cpu, memory, tt.windows); got != tt.ok {
			t.Errorf("cpu %q, memory %q, windows %v: got %v, want %v", tt.cpu, tt.memory, tt.windows, got, tt.ok)
		}
	}
}
