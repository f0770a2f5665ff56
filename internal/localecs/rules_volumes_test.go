package localecs

import "testing"

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
		{name: "type", with: volume(object{"volumeType": "gp4"}), code: invalidCode, message: "Invalid volume type 'gp4'"},
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
		{name: "ntfs on Fargate", with: volume(object{"filesystemType": "ntfs"}), code: invalidCode, message: "ntfs"},
		{name: "ntfs on EC2", with: merge(volume(object{"filesystemType": "ntfs"}), object{"launchType": "EC2"})},
		{name: "standard on EC2", with: merge(volume(object{"volumeType": "standard"}), object{"launchType": "EC2"})},
	})
}
