package task

import "reflect"

// Bounds are what a field of a request may be whatever the others are. The rules of
// [Validate] know more; these can be said in a JSON Schema.
type Bounds struct {
	Enum      []string // all texts that it may be
	Min, Max  int32    // of a number, if Max > 0
	MaxLength int      // of a text, in characters, if > 0
	MaxItems  int      // of a list, if > 0
}

// The texts that fields may be, here and in the rules.
var (
	launchTypes       = []string{"EC2", "FARGATE", "EXTERNAL"}
	tagSources        = []string{"TASK_DEFINITION", "NONE"}
	publicIPs         = []string{"ENABLED", "DISABLED"}
	fileTypes         = []string{"s3"}
	constraintTypes   = []string{"distinctInstance", "memberOf"}
	strategyTypes     = []string{"random", "spread", "binpack"}
	resourceTypes     = []string{"GPU", "NeuronDevice"}
	filesystemTypes   = []string{"ext3", "ext4", "xfs", "ntfs"}
	taggableResources = []string{"volume"}
)

// BoundsOf are those of the field of a struct type with a name in RunTask's JSON;
// the zero Bounds if there are none.
func BoundsOf(typ reflect.Type, name string) Bounds { return bounds[typ.Name()+"."+name] }

var bounds = map[string]Bounds{
	"Request.capacityProviderStrategy":    {MaxItems: MaxCapacityProviders},
	"Request.count":                       {Min: 1, Max: MaxLaunchCount},
	"Request.group":                       {MaxLength: MaxGroup},
	"Request.launchType":                  {Enum: launchTypes},
	"Request.placementConstraints":        {MaxItems: MaxPlacementRules},
	"Request.placementStrategy":           {MaxItems: MaxPlacementStrategies},
	"Request.propagateTags":               {Enum: tagSources},
	"Request.startedBy":                   {MaxLength: MaxStartedBy},
	"Request.tags":                        {MaxItems: MaxTags},
	"Request.volumeConfigurations":        {MaxItems: MaxVolumes},
	"CapacityProviderStrategyItem.base":   {Max: MaxBase},
	"CapacityProviderStrategyItem.weight": {Max: MaxWeight},
	"AwsvpcConfiguration.assignPublicIp":  {Enum: publicIPs},
	"AwsvpcConfiguration.securityGroups":  {MaxItems: MaxSecurityGroups},
	"AwsvpcConfiguration.subnets":         {MaxItems: MaxSubnets},
	"ContainerOverride.environmentFiles":  {MaxItems: MaxEnvironmentFiles},
	"EnvironmentFile.type":                {Enum: fileTypes},
	"EphemeralStorage.sizeInGiB":          {Min: MinEphemeralGiB, Max: MaxEphemeralGiB},
	"PlacementConstraint.expression":      {MaxLength: MaxExpression},
	"PlacementConstraint.type":            {Enum: constraintTypes},
	"PlacementStrategy.field":             {MaxLength: MaxPlacementField},
	"PlacementStrategy.type":              {Enum: strategyTypes},
	"ResourceRequirement.type":            {Enum: resourceTypes},
	"Tag.key":                             {MaxLength: MaxTagKey},
	"Tag.value":                           {MaxLength: MaxTagValue},
	"ManagedEBSVolume.filesystemType":     {Enum: filesystemTypes},
	"TagSpecification.propagateTags":      {Enum: tagSources},
	"TagSpecification.resourceType":       {Enum: taggableResources},
}
