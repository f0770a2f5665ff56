package localecs

// The members of RunTask's input, as the API reference of 2026-11 has them.
// A pointer or a nil slice tells "absent" from "zero".

type runTaskInput struct {
	CapacityProviderStrategy []strategyItem        `json:"capacityProviderStrategy"`
	ClientToken              string                `json:"clientToken"`
	Cluster                  string                `json:"cluster"`
	Count                    *int32                `json:"count"`
	EnableECSManagedTags     bool                  `json:"enableECSManagedTags"`
	EnableExecuteCommand     bool                  `json:"enableExecuteCommand"`
	Group                    string                `json:"group"`
	LaunchType               string                `json:"launchType"`
	NetworkConfiguration     *networkConfiguration `json:"networkConfiguration"`
	Overrides                *taskOverride         `json:"overrides"`
	PlacementConstraints     []PlacementConstraint `json:"placementConstraints"`
	PlacementStrategy        []placementStrategy   `json:"placementStrategy"`
	PlatformVersion          string                `json:"platformVersion"`
	PropagateTags            string                `json:"propagateTags"`
	ReferenceID              string                `json:"referenceId"`
	StartedBy                string                `json:"startedBy"`
	Tags                     []Tag                 `json:"tags"`
	TaskDefinition           string                `json:"taskDefinition"`
	VolumeConfigurations     []volumeConfiguration `json:"volumeConfigurations"`

	rawOverrides []byte // compact, nil if absent
}

// count is how many tasks are asked for. The API text states no default; every
// sample without a count launches one.
func (in *runTaskInput) count() int {
	if in.Count == nil {
		return 1
	}
	return int(*in.Count)
}

// containerOverrides is nil-safe.
func (in *runTaskInput) containerOverrides() []containerOverride {
	if in.Overrides == nil {
		return nil
	}
	return in.Overrides.ContainerOverrides
}

type strategyItem struct {
	CapacityProvider string `json:"capacityProvider"`
	Weight           int32  `json:"weight"`
	Base             int32  `json:"base"`
}

type networkConfiguration struct {
	AwsvpcConfiguration *awsvpcConfiguration `json:"awsvpcConfiguration"`
}

type awsvpcConfiguration struct {
	Subnets        []string `json:"subnets"`
	SecurityGroups []string `json:"securityGroups"`
	AssignPublicIP string   `json:"assignPublicIp"`
}

type placementStrategy struct {
	Type  string `json:"type"`
	Field string `json:"field"`
}

type taskOverride struct {
	ContainerOverrides            []containerOverride   `json:"containerOverrides"`
	CPU                           *string               `json:"cpu,omitempty"`
	EphemeralStorage              *ephemeralStorage     `json:"ephemeralStorage,omitempty"`
	ExecutionRoleARN              *string               `json:"executionRoleArn,omitempty"`
	InferenceAcceleratorOverrides []acceleratorOverride `json:"inferenceAcceleratorOverrides"`
	Memory                        *string               `json:"memory,omitempty"`
	TaskRoleARN                   *string               `json:"taskRoleArn,omitempty"`
}

type containerOverride struct {
	Command              []string              `json:"command,omitempty"`
	CPU                  *int32                `json:"cpu,omitempty"`
	Environment          []keyValue            `json:"environment,omitempty"`
	EnvironmentFiles     []environmentFile     `json:"environmentFiles,omitempty"`
	Memory               *int32                `json:"memory,omitempty"`
	MemoryReservation    *int32                `json:"memoryReservation,omitempty"`
	Name                 string                `json:"name,omitempty"`
	ResourceRequirements []resourceRequirement `json:"resourceRequirements,omitempty"`
}

type acceleratorOverride struct {
	DeviceName string `json:"deviceName,omitempty"`
	DeviceType string `json:"deviceType,omitempty"`
}

type keyValue struct {
	Name  string  `json:"name"`
	Value *string `json:"value,omitempty"`
}

type environmentFile struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

type resourceRequirement struct {
	Type            string           `json:"type"`
	Value           *string          `json:"value,omitempty"`
	SharingStrategy *sharingStrategy `json:"sharingStrategy,omitempty"`
}

type sharingStrategy struct {
	NvidiaMPS *nvidiaMPS `json:"nvidiaMps,omitempty"`
}

type nvidiaMPS struct {
	Memory            *int32 `json:"memory,omitempty"`
	MaxComputePercent *int32 `json:"maxComputePercent,omitempty"`
}

type ephemeralStorage struct {
	SizeInGiB int32 `json:"sizeInGiB"`
}

type volumeConfiguration struct {
	Name             string      `json:"name"`
	ManagedEBSVolume *managedEBS `json:"managedEBSVolume"`
}

type managedEBS struct {
	RoleARN                  string             `json:"roleArn"`
	SizeInGiB                *int32             `json:"sizeInGiB"`
	SnapshotID               string             `json:"snapshotId"`
	VolumeType               string             `json:"volumeType"`
	IOPS                     *int32             `json:"iops"`
	Throughput               *int32             `json:"throughput"`
	VolumeInitializationRate *int32             `json:"volumeInitializationRate"`
	Encrypted                *bool              `json:"encrypted"`
	KMSKeyID                 string             `json:"kmsKeyId"`
	FilesystemType           string             `json:"filesystemType"`
	TagSpecifications        []tagSpecification `json:"tagSpecifications"`
	TerminationPolicy        *terminationPolicy `json:"terminationPolicy"`
}

type tagSpecification struct {
	ResourceType  string `json:"resourceType"`
	PropagateTags string `json:"propagateTags"`
	Tags          []Tag  `json:"tags"`
}

type terminationPolicy struct {
	DeleteOnTermination *bool `json:"deleteOnTermination"`
}
