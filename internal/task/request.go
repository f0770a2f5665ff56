// Package task holds RunTask's request as plain data, and RunTask's limits.
//
// A [Request] marshals to the JSON that `aws ecs run-task --cli-input-json`
// takes. The package knows no SDK: the launcher turns a Request into the SDK's
// input, the mapping renders into it.
package task

import (
	"encoding/json"
	"errors"
)

// A Request is what RunTask is asked for. Names and meaning are those of the
// ECS API reference, RunTask, as of the SDK module that go.mod pins. A plain
// string that is empty, and a nil pointer, slice or struct, is absent.
//
// clientToken is not part of it: the launcher makes it from the launch's
// identity. referenceId is not either: ECS reserves it for itself.
type Request struct {
	CapacityProviderStrategy []CapacityProviderStrategyItem `json:"capacityProviderStrategy,omitzero"`
	Cluster                  string                         `json:"cluster,omitempty"`
	Count                    *int32                         `json:"count,omitempty"`
	EnableECSManagedTags     *bool                          `json:"enableECSManagedTags,omitempty"`
	EnableExecuteCommand     *bool                          `json:"enableExecuteCommand,omitempty"`
	Group                    string                         `json:"group,omitempty"`
	LaunchType               string                         `json:"launchType,omitempty"`
	NetworkConfiguration     *NetworkConfiguration          `json:"networkConfiguration,omitempty"`
	Overrides                *TaskOverride                  `json:"overrides,omitempty"`
	PlacementConstraints     []PlacementConstraint          `json:"placementConstraints,omitzero"`
	PlacementStrategy        []PlacementStrategy            `json:"placementStrategy,omitzero"`
	PlatformVersion          string                         `json:"platformVersion,omitempty"`
	PropagateTags            string                         `json:"propagateTags,omitempty"`
	StartedBy                string                         `json:"startedBy,omitempty"`
	Tags                     []Tag                          `json:"tags,omitzero"`
	TaskDefinition           string                         `json:"taskDefinition"`
	VolumeConfigurations     []VolumeConfiguration          `json:"volumeConfigurations,omitzero"`
}

// A CapacityProviderStrategyItem is one provider of a strategy.
type CapacityProviderStrategyItem struct {
	Base             *int32 `json:"base,omitempty"`
	CapacityProvider string `json:"capacityProvider"`
	Weight           *int32 `json:"weight,omitempty"`
}

// A NetworkConfiguration is for task definitions whose networkMode is awsvpc.
type NetworkConfiguration struct {
	AwsvpcConfiguration *AwsvpcConfiguration `json:"awsvpcConfiguration,omitempty"`
}

// An AwsvpcConfiguration says where a task's network interface is made.
type AwsvpcConfiguration struct {
	AssignPublicIP string   `json:"assignPublicIp,omitempty"`
	SecurityGroups []string `json:"securityGroups,omitzero"`
	Subnets        []string `json:"subnets"`
}

// A TaskOverride replaces parts of the task definition for this launch.
type TaskOverride struct {
	ContainerOverrides []ContainerOverride `json:"containerOverrides,omitzero"`
	CPU                string              `json:"cpu,omitempty"`
	EphemeralStorage   *EphemeralStorage   `json:"ephemeralStorage,omitempty"`
	ExecutionRoleARN   string              `json:"executionRoleArn,omitempty"`
	Memory             string              `json:"memory,omitempty"`
	TaskRoleARN        string              `json:"taskRoleArn,omitempty"`
}

// A ContainerOverride replaces parts of one container.
type ContainerOverride struct {
	Command              []string              `json:"command,omitzero"`
	CPU                  *int32                `json:"cpu,omitempty"`
	Environment          []KeyValuePair        `json:"environment,omitzero"`
	EnvironmentFiles     []EnvironmentFile     `json:"environmentFiles,omitzero"`
	Memory               *int32                `json:"memory,omitempty"`
	MemoryReservation    *int32                `json:"memoryReservation,omitempty"`
	Name                 string                `json:"name,omitempty"`
	ResourceRequirements []ResourceRequirement `json:"resourceRequirements,omitzero"`
}

// A KeyValuePair is an environment variable. Its value may be empty.
type KeyValuePair struct {
	Name  string  `json:"name,omitempty"`
	Value *string `json:"value,omitempty"`
}

// An EnvironmentFile is a file of variables in S3.
type EnvironmentFile struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// A ResourceRequirement is a container's share of a special resource.
type ResourceRequirement struct {
	SharingStrategy *SharingStrategy `json:"sharingStrategy,omitempty"`
	Type            string           `json:"type"`
	Value           string           `json:"value,omitempty"`
}

// A SharingStrategy lets containers share a GPU.
type SharingStrategy struct {
	NvidiaMPS *NvidiaMPS `json:"nvidiaMps,omitempty"`
}

// NvidiaMPS is a container's part of a GPU.
type NvidiaMPS struct {
	MaxComputePercent *int32 `json:"maxComputePercent,omitempty"`
	Memory            *int32 `json:"memory,omitempty"`
}

// An EphemeralStorage is the size of a Fargate task's own disk.
type EphemeralStorage struct {
	SizeInGiB int32 `json:"sizeInGiB"`
}

// A PlacementConstraint is for tasks on container instances.
type PlacementConstraint struct {
	Expression string `json:"expression,omitempty"`
	Type       string `json:"type,omitempty"`
}

// A PlacementStrategy is for tasks on container instances.
type PlacementStrategy struct {
	Field string `json:"field,omitempty"`
	Type  string `json:"type,omitempty"`
}

// A Tag is a label on the tasks. Its value may be empty.
type Tag struct {
	Key   string  `json:"key,omitempty"`
	Value *string `json:"value,omitempty"`
}

// A VolumeConfiguration configures a volume that the task definition left to
// the launch.
type VolumeConfiguration struct {
	ManagedEBSVolume *ManagedEBSVolume `json:"managedEBSVolume,omitempty"`
	Name             string            `json:"name"`
}

// A ManagedEBSVolume is an EBS volume that ECS makes for the task.
type ManagedEBSVolume struct {
	Encrypted                *bool              `json:"encrypted,omitempty"`
	FilesystemType           string             `json:"filesystemType,omitempty"`
	IOPS                     *int32             `json:"iops,omitempty"`
	KMSKeyID                 string             `json:"kmsKeyId,omitempty"`
	RoleARN                  string             `json:"roleArn"`
	SizeInGiB                *int32             `json:"sizeInGiB,omitempty"`
	SnapshotID               string             `json:"snapshotId,omitempty"`
	TagSpecifications        []TagSpecification `json:"tagSpecifications,omitzero"`
	TerminationPolicy        *TerminationPolicy `json:"terminationPolicy,omitempty"`
	Throughput               *int32             `json:"throughput,omitempty"`
	VolumeInitializationRate *int32             `json:"volumeInitializationRate,omitempty"`
	VolumeType               string             `json:"volumeType,omitempty"`
}

// A TagSpecification tags a volume.
type TagSpecification struct {
	PropagateTags string `json:"propagateTags,omitempty"`
	ResourceType  string `json:"resourceType"`
	Tags          []Tag  `json:"tags,omitzero"`
}

// A TerminationPolicy says what becomes of a volume when its task ends.
type TerminationPolicy struct {
	DeleteOnTermination bool `json:"deleteOnTermination"`
}

// UnmarshalJSON reads a policy, and refuses one without its only member, which ECS
// requires: it would be false here, and false leaves the volume behind.
func (p *TerminationPolicy) UnmarshalJSON(text []byte) error {
	var members struct {
		Delete json.RawMessage `json:"deleteOnTermination"`
	}
	if err := json.Unmarshal(text, &members); err != nil {
		return err
	}
	if members.Delete == nil {
		return errors.New("terminationPolicy needs deleteOnTermination, true or false")
	}
	return json.Unmarshal(members.Delete, &p.DeleteOnTermination)
}
