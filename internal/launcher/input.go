package launcher

import (
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/taskbridge/taskbridge/internal/task"
)

// parts are an input and what most inputs point at: one allocation instead of five.
type parts struct {
	input     ecs.RunTaskInput
	network   ecstypes.NetworkConfiguration
	vpc       ecstypes.AwsVpcConfiguration
	overrides ecstypes.TaskOverride
	container [1]ecstypes.ContainerOverride
}

// input is r in the SDK's types. It shares nothing that the SDK writes to.
func input(r *task.Request) *ecs.RunTaskInput {
	p := &parts{input: ecs.RunTaskInput{
		Cluster:              optional(&r.Cluster),
		Count:                r.Count,
		EnableECSManagedTags: value(r.EnableECSManagedTags),
		EnableExecuteCommand: value(r.EnableExecuteCommand),
		Group:                optional(&r.Group),
		LaunchType:           ecstypes.LaunchType(r.LaunchType),
		PlatformVersion:      optional(&r.PlatformVersion),
		PropagateTags:        ecstypes.PropagateTags(r.PropagateTags),
		StartedBy:            optional(&r.StartedBy),
		Tags:                 tags(r.Tags),
		TaskDefinition:       optional(&r.TaskDefinition),
	}}
	in := &p.input
	in.CapacityProviderStrategy = each(r.CapacityProviderStrategy, func(i *task.CapacityProviderStrategyItem) ecstypes.CapacityProviderStrategyItem {
		return ecstypes.CapacityProviderStrategyItem{CapacityProvider: &i.CapacityProvider, Base: value(i.Base), Weight: value(i.Weight)}
	})
	if n := r.NetworkConfiguration; n != nil {
		in.NetworkConfiguration = &p.network
		if c := n.AwsvpcConfiguration; c != nil {
			p.network.AwsvpcConfiguration = &p.vpc
			p.vpc = ecstypes.AwsVpcConfiguration{
				AssignPublicIp: ecstypes.AssignPublicIp(c.AssignPublicIP), SecurityGroups: c.SecurityGroups, Subnets: c.Subnets,
			}
		}
	}
	if r.Overrides != nil {
		in.Overrides = &p.overrides
		p.override(r.Overrides)
	}
	in.PlacementConstraints = each(r.PlacementConstraints, func(c *task.PlacementConstraint) ecstypes.PlacementConstraint {
		return ecstypes.PlacementConstraint{Expression: optional(&c.Expression), Type: ecstypes.PlacementConstraintType(c.Type)}
	})
	in.PlacementStrategy = each(r.PlacementStrategy, func(s *task.PlacementStrategy) ecstypes.PlacementStrategy {
		return ecstypes.PlacementStrategy{Field: optional(&s.Field), Type: ecstypes.PlacementStrategyType(s.Type)}
	})
	in.VolumeConfigurations = each(r.VolumeConfigurations, volume)
	return in
}

func (p *parts) override(o *task.TaskOverride) {
	p.overrides = ecstypes.TaskOverride{
		Cpu:              optional(&o.CPU),
		ExecutionRoleArn: optional(&o.ExecutionRoleARN),
		Memory:           optional(&o.Memory),
		TaskRoleArn:      optional(&o.TaskRoleARN),
	}
	if len(o.ContainerOverrides) == len(p.container) {
		p.container[0] = container(&o.ContainerOverrides[0])
		p.overrides.ContainerOverrides = p.container[:]
	} else {
		p.overrides.ContainerOverrides = each(o.ContainerOverrides, container)
	}
	if s := o.EphemeralStorage; s != nil {
		p.overrides.EphemeralStorage = &ecstypes.EphemeralStorage{SizeInGiB: s.SizeInGiB}
	}
}

func container(c *task.ContainerOverride) ecstypes.ContainerOverride {
	return ecstypes.ContainerOverride{
		Command: c.Command,
		Cpu:     c.CPU,
		Environment: each(c.Environment, func(e *task.KeyValuePair) ecstypes.KeyValuePair {
			return ecstypes.KeyValuePair{Name: optional(&e.Name), Value: e.Value}
		}),
		EnvironmentFiles: each(c.EnvironmentFiles, func(f *task.EnvironmentFile) ecstypes.EnvironmentFile {
			return ecstypes.EnvironmentFile{Type: ecstypes.EnvironmentFileType(f.Type), Value: &f.Value}
		}),
		Memory:            c.Memory,
		MemoryReservation: c.MemoryReservation,
		Name:              optional(&c.Name),
		ResourceRequirements: each(c.ResourceRequirements, func(q *task.ResourceRequirement) ecstypes.ResourceRequirement {
			return ecstypes.ResourceRequirement{
				SharingStrategy: sharing(q.SharingStrategy), Type: ecstypes.ResourceType(q.Type), Value: optional(&q.Value),
			}
		}),
	}
}

// sharing is a union in the SDK: of its members exactly one is set.
func sharing(s *task.SharingStrategy) ecstypes.SharingStrategy {
	if s == nil || s.NvidiaMPS == nil {
		return nil
	}
	m := s.NvidiaMPS
	return &ecstypes.SharingStrategyMemberNvidiaMps{Value: ecstypes.NvidiaMpsAllocation{MaxComputePercent: m.MaxComputePercent, Memory: m.Memory}}
}

func volume(v *task.VolumeConfiguration) ecstypes.TaskVolumeConfiguration {
	out := ecstypes.TaskVolumeConfiguration{Name: &v.Name}
	m := v.ManagedEBSVolume
	if m == nil {
		return out
	}
	out.ManagedEBSVolume = &ecstypes.TaskManagedEBSVolumeConfiguration{
		Encrypted:                m.Encrypted,
		FilesystemType:           ecstypes.TaskFilesystemType(m.FilesystemType),
		Iops:                     m.IOPS,
		KmsKeyId:                 optional(&m.KMSKeyID),
		RoleArn:                  &m.RoleARN,
		SizeInGiB:                m.SizeInGiB,
		SnapshotId:               optional(&m.SnapshotID),
		Throughput:               m.Throughput,
		VolumeInitializationRate: m.VolumeInitializationRate,
		VolumeType:               optional(&m.VolumeType),
		TagSpecifications: each(m.TagSpecifications, func(s *task.TagSpecification) ecstypes.EBSTagSpecification {
			return ecstypes.EBSTagSpecification{
				PropagateTags: ecstypes.PropagateTags(s.PropagateTags), ResourceType: ecstypes.EBSResourceType(s.ResourceType), Tags: tags(s.Tags),
			}
		}),
	}
	if p := m.TerminationPolicy; p != nil {
		out.ManagedEBSVolume.TerminationPolicy = &ecstypes.TaskManagedEBSVolumeTerminationPolicy{DeleteOnTermination: &p.DeleteOnTermination}
	}
	return out
}

func tags(list []task.Tag) []ecstypes.Tag {
	return each(list, func(t *task.Tag) ecstypes.Tag { return ecstypes.Tag{Key: optional(&t.Key), Value: t.Value} })
}

// each converts a list; nil stays nil, which the SDK leaves out.
func each[A, B any](list []A, convert func(*A) B) []B {
	if list == nil {
		return nil
	}
	out := make([]B, len(list))
	for i := range list {
		out[i] = convert(&list[i])
	}
	return out
}

// optional is nil for the empty string, which means absent. The SDK does not
// write to what it is given.
func optional(s *string) *string {
	if *s == "" {
		return nil
	}
	return s
}

func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
