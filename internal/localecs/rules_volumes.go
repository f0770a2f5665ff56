package localecs

// ebsType holds the limits of an EBS volume type, as the API reference of
// TaskManagedEBSVolumeConfiguration has them.
type ebsType struct {
	minSize, maxSize int32 // GiB
	minIOPS, maxIOPS int32 // 0: iops is not supported
	needsIOPS        bool
	throughput       bool
}

const maxThroughput = 1000 // MiB/s

var ebsTypes = map[string]ebsType{
	"gp2":      {minSize: 1, maxSize: 16384},
	"gp3":      {minSize: 1, maxSize: 16384, minIOPS: 3000, maxIOPS: 16000, throughput: true},
	"io1":      {minSize: 4, maxSize: 16384, minIOPS: 100, maxIOPS: 64000, needsIOPS: true},
	"io2":      {minSize: 4, maxSize: 16384, minIOPS: 100, maxIOPS: 256000, needsIOPS: true},
	"st1":      {minSize: 125, maxSize: 16384},
	"sc1":      {minSize: 125, maxSize: 16384},
	"standard": {minSize: 1, maxSize: 1024},
	// Which type an absent volumeType stands for is not documented, so that only what
	// holds for all is refused.
	"": {minSize: 1, maxSize: 16384, minIOPS: 100, maxIOPS: 256000, throughput: true},
}

func (in *runTaskInput) checkVolumes() *apiError {
	if len(in.VolumeConfigurations) > 1 {
		return invalid("A task can have at most 1 volume that is configured at launch.")
	}
	for _, v := range in.VolumeConfigurations {
		if !resourceName.MatchString(v.Name) {
			return invalid("Invalid volume name '%s'.", v.Name)
		}
		if v.ManagedEBSVolume == nil {
			continue
		}
		if err := v.ManagedEBSVolume.check(); err != nil {
			return err
		}
	}
	return nil
}

func (e *managedEBS) check() *apiError {
	return firstError(e.checkVolume, e.checkPerformance, e.checkTagSpecifications)
}

func (e *managedEBS) checkVolume() *apiError {
	if !roleARN.MatchString(e.RoleARN) {
		return invalid("managedEBSVolume requires the roleArn of an infrastructure role.")
	}
	limits, ok := ebsTypes[e.VolumeType]
	if !ok {
		return invalid("Invalid volume type '%s'.", e.VolumeType)
	}
	if e.SizeInGiB == nil && e.SnapshotID == "" {
		return invalid("managedEBSVolume requires sizeInGiB or snapshotId.")
	}
	if e.SizeInGiB != nil && (*e.SizeInGiB < limits.minSize || *e.SizeInGiB > limits.maxSize) {
		return invalid("sizeInGiB must be between %d and %d for volume type '%s'.", limits.minSize, limits.maxSize, e.VolumeType)
	}
	switch e.FilesystemType {
	case "", "ext3", "ext4", "xfs", "ntfs":
	default:
		return invalid("Invalid filesystem type '%s'. Valid values: ext3, ext4, xfs, ntfs.", e.FilesystemType)
	}
	if e.TerminationPolicy != nil && e.TerminationPolicy.DeleteOnTermination == nil {
		return invalid("terminationPolicy requires deleteOnTermination.")
	}
	return nil
}

func (e *managedEBS) checkPerformance() *apiError {
	limits := ebsTypes[e.VolumeType]
	switch {
	case e.IOPS == nil && limits.needsIOPS:
		return invalid("iops is required for volume type '%s'.", e.VolumeType)
	case e.IOPS != nil && limits.maxIOPS == 0:
		return invalid("iops is not supported for volume type '%s'.", e.VolumeType)
	case e.IOPS != nil && (*e.IOPS < limits.minIOPS || *e.IOPS > limits.maxIOPS):
		return invalid("iops must be between %d and %d for volume type '%s'.", limits.minIOPS, limits.maxIOPS, e.VolumeType)
	case e.Throughput != nil && !limits.throughput:
		return invalid("throughput is not supported for volume type '%s'.", e.VolumeType)
	case e.Throughput != nil && (*e.Throughput < 1 || *e.Throughput > maxThroughput):
		return invalid("throughput must be between 1 and %d.", maxThroughput)
	case e.VolumeInitializationRate != nil && e.SnapshotID == "":
		return invalid("volumeInitializationRate requires snapshotId.")
	}
	return nil
}

func (e *managedEBS) checkTagSpecifications() *apiError {
	for _, t := range e.TagSpecifications {
		if t.ResourceType != "volume" {
			return invalid("Invalid resource type '%s' in tagSpecifications. Valid values: volume.", t.ResourceType)
		}
		switch t.PropagateTags {
		case "", "NONE", "TASK_DEFINITION":
		default:
			return invalid("Invalid value '%s' for propagateTags of a volume.", t.PropagateTags)
		}
		for _, tag := range t.Tags {
			if tag.Key == "AmazonECSCreated" || tag.Key == "AmazonECSManaged" {
				return invalid("Tag key '%s' is reserved.", tag.Key)
			}
		}
		if err := checkTags(t.Tags); err != nil {
			return err
		}
	}
	return nil
}
