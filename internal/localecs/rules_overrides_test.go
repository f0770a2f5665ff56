package localecs

import (
	"maps"
	"strings"
	"testing"
)

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
		{name: "container without name", with: override(object{"containerOverrides": list{object{"cpu": 1}}}), code: invalidCode, message: "Container override name cannot be empty."},
		{name: "container twice", with: override(object{"containerOverrides": list{object{"name": "worker"}, object{"name": "worker"}}}), code: invalidCode, message: "Duplicate"},
		{name: "empty command", with: container(object{"command": list{}}), code: invalidCode, message: "command"},
		{name: "variable without name", with: container(object{"environment": list{object{"value": "x"}}}), code: invalidCode, message: "Environment variable name"},
		{name: "variable twice", with: container(object{"environment": list{object{"name": "A"}, object{"name": "A"}}}), code: invalidCode, message: "Duplicate environment variable 'A'"},
		{name: "variables that differ in case", with: container(object{"environment": list{object{"name": "A"}, object{"name": "a"}}})},
		{name: "empty list", with: override(object{"containerOverrides": list{}})},
		{name: "cpu in words", with: override(object{"cpu": ".5 vCPU", "memory": "1 GB"})},
		{name: "cpu nonsense", with: override(object{"cpu": "many"}), code: invalidCode, message: "Invalid 'cpu' setting for task."},
		{name: "memory nonsense", with: override(object{"memory": "2TB"}), code: invalidCode, message: "Invalid 'memory' setting for task."},
		{name: "ephemeral 20", with: override(object{"ephemeralStorage": object{"sizeInGiB": 20}}), code: invalidCode, message: "EphemeralStorage size should be at least 21"},
		{name: "ephemeral 201", with: override(object{"ephemeralStorage": object{"sizeInGiB": 201}}), code: invalidCode, message: "EphemeralStorage size should be at most 200"},
		{name: "role", with: override(object{"taskRoleArn": "admin"}), code: invalidCode, message: "IAM role"},
		{name: "role with path", with: override(object{"taskRoleArn": testRole + "path/to/role"})},
		{name: "role without name", with: override(object{"executionRoleArn": testRole + "path/"}), code: invalidCode, message: "IAM role"},
		{name: "accelerator", with: override(object{"inferenceAcceleratorOverrides": list{object{"deviceName": "x"}}}), code: invalidCode, message: "Elastic Inference"},
		{name: "negative cpu", with: container(object{"cpu": -1}), code: invalidCode, message: "cpu"},
		{name: "memory 3", with: container(object{"memory": 3}), code: invalidCode, message: "memory"},
		{name: "reservation 3", with: container(object{"memoryReservation": 3}), code: invalidCode, message: "memoryReservation"},
		{name: "env file", with: file("s3", "arn:aws:s3:::bucket/dir/x.env")},
		{name: "env file type", with: file("efs", "arn:aws:s3:::bucket/x.env"), code: invalidCode, message: "type"},
		{name: "env file name", with: file("s3", "arn:aws:s3:::bucket/x.txt"), code: invalidCode, message: ".env"},
		{name: "11 env files", with: container(object{"environmentFiles": repeat(11, func(int) any { return object{"type": "s3", "value": "arn:aws:s3:::b/x.env"} })}), code: invalidCode, message: "10"},
		{name: "GPU", with: gpu(object{"value": "2"})},
		{name: "GPU value with sign", with: gpu(object{"value": "+1"}), code: invalidCode, message: "GPU"},
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
