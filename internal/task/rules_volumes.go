package task

// [API TaskVolumeConfiguration, TaskManagedEBSVolumeConfiguration] unless said otherwise.
var (
	volumesCount   = rule{"runtask-volumes-count", "%d volumes, at most %d can be configured at launch", "one EBS volume is made for a task"} // [DG ebs-volumes]
	volumeName     = rule{"runtask-volume-name-required", "required", "name the volume of the task definition that has configuredAtLaunch"}
	volumeForm     = rule{"runtask-volume-name-form", "not the name of a volume", "a name has 1 to 255 letters, digits, hyphens and underscores"}
	volumeExternal = rule{"runtask-volume-external", "Amazon EBS volumes are not supported with EXTERNAL launch type", "remove it"} // [DG ebs-volumes]

	ebsRole         = rule{"runtask-ebs-role-required", "required", "write the ARN of the ECS infrastructure role"}
	ebsType         = rule{"runtask-ebs-volume-type", "unknown value, expected one of %s", ""}
	ebsTypeFargate  = rule{"runtask-ebs-volume-type-fargate", "volume type 'standard' is not supported on Fargate", "use gp3"}
	ebsSizeSnapshot = rule{"runtask-ebs-size-or-snapshot", "sizeInGiB or snapshotId is required", "a volume of a snapshot has its size unless sizeInGiB says more"}
	ebsSize         = rule{"runtask-ebs-size-range", "%d is not between %d and %d for the volume type", ""}
	ebsIOPSNone     = rule{"runtask-ebs-iops-required", "required for the volume types io1 and io2", "io1 has 100 to 64000, io2 100 to 256000"}
	ebsIOPSType     = rule{"runtask-ebs-iops-type", "not supported for the volume type", "gp3, io1 and io2 have it"}
	ebsIOPS         = rule{"runtask-ebs-iops-range", "%d is not between %d and %d for the volume type", ""}
	ebsThruType     = rule{"runtask-ebs-throughput-type", "not supported for the volume type", "gp3 alone has it"}
	ebsThroughput   = rule{"runtask-ebs-throughput-range", "%d is not between %d and %d", ""}
	ebsRate         = rule{"runtask-ebs-initialization-rate", "only a volume of a snapshot has it", "give snapshotId, or remove it"}
	ebsFilesystem   = rule{"runtask-ebs-filesystem-type", "unknown value, expected one of %s", ""} // [MODEL]
	ebsNTFS         = rule{"runtask-ebs-filesystem-fargate", "ntfs is not supported on Fargate", "leave it out for xfs"}

	specType      = rule{"runtask-ebs-tags-resource-type-required", "required", "write volume"} // [API EBSTagSpecification]
	specTypeKnown = rule{"runtask-ebs-tags-resource-type", "unknown value, expected one of %s", ""}
	specService   = rule{"runtask-ebs-tags-propagate-service", "SERVICE is for services; RunTask refuses it", "use TASK_DEFINITION"}
	specPropagate = rule{"runtask-ebs-tags-propagate", "unknown value, expected one of %s", ""}
	specReserved  = rule{"runtask-ebs-tags-reserved", "AmazonECSCreated and AmazonECSManaged are reserved", "choose another key"}
)

// A volumeType has the limits of an EBS volume type.
type volumeType struct {
	name             string
	minSize, maxSize int32 // GiB
	minIOPS, maxIOPS int32 // 0: it has none to choose
}

var volumeTypes = []volumeType{
	{"gp2", 1, 16384, 0, 0},
	{"gp3", 1, 16384, 3000, 16000},
	{"io1", 4, 16384, 100, 64000},
	{"io2", 4, 16384, 100, 256000},
	{"st1", 125, 16384, 0, 0},
	{"sc1", 125, 16384, 0, 0},
	{"standard", 1, 1024, 0, 0},
	// Not given, and then not documented, or not known yet: what holds for all.
	{"", 1, 16384, 100, 256000},
}

func (c *checker) volumes() {
	list, p := c.r.VolumeConfigurations, at("volumeConfigurations")
	c.most(volumesCount, p, len(list), MaxVolumes)
	for i := range list {
		v, item := &list[i], p.item(i)
		c.required(volumeName, item.at("name"), v.Name)
		c.form(volumeForm, item.at("name"), v.Name, isName)
		if v.ManagedEBSVolume != nil {
			c.ebs(item.at("managedEBSVolume"), v.ManagedEBSVolume)
		}
	}
}

func (c *checker) ebs(p *path, v *ManagedEBSVolume) {
	if c.r.LaunchType == "EXTERNAL" {
		c.refuse(volumeExternal, p)
	}
	c.required(ebsRole, p.at("roleArn"), v.RoleARN)
	c.form(roleForm, p.at("roleArn"), v.RoleARN, isRoleARN)
	c.text(p.at("kmsKeyId"), v.KMSKeyID)
	c.text(p.at("snapshotId"), v.SnapshotID)
	c.ebsMatrix(p, v)
	snapshot := !c.absent(p.at("snapshotId"), v.SnapshotID == "")
	if !snapshot && c.absent(p.at("sizeInGiB"), v.SizeInGiB == nil) {
		c.refuse(ebsSizeSnapshot, p.at("sizeInGiB"))
	}
	if rate := p.at("volumeInitializationRate"); !snapshot && !c.absent(rate, v.VolumeInitializationRate == nil) {
		c.refuse(ebsRate, rate)
	}
	c.oneOf(ebsFilesystem, p.at("filesystemType"), v.FilesystemType, filesystemTypes)
	if v.FilesystemType == "ntfs" && c.where == onFargate {
		c.refuse(ebsNTFS, p.at("filesystemType"))
	}
	for i := range v.TagSpecifications {
		c.tagSpecification(p.at("tagSpecifications").item(i), &v.TagSpecifications[i])
	}
}

// ebsMatrix checks size and performance by volume type.
func (c *checker) ebsMatrix(p *path, v *ManagedEBSVolume) {
	typ := findVolumeType(v.VolumeType)
	if typ == nil {
		c.refuse(ebsType, p.at("volumeType"), "gp2, gp3, io1, io2, st1, sc1, standard")
		return
	}
	if typ.name == "standard" && c.where == onFargate {
		c.refuse(ebsTypeFargate, p.at("volumeType"))
	}
	c.between(ebsSize, p.at("sizeInGiB"), v.SizeInGiB, typ.minSize, typ.maxSize)

	iops := p.at("iops")
	switch without := c.absent(iops, v.IOPS == nil); {
	case without && (typ.name == "io1" || typ.name == "io2"):
		c.refuse(ebsIOPSNone, iops)
	case !without && typ.maxIOPS == 0:
		c.refuse(ebsIOPSType, iops)
	default:
		c.between(ebsIOPS, iops, v.IOPS, typ.minIOPS, typ.maxIOPS)
	}
	throughput := p.at("throughput")
	if !c.absent(throughput, v.Throughput == nil) && typ.name != "gp3" && typ.name != "" {
		c.refuse(ebsThruType, throughput)
	} else {
		c.between(ebsThroughput, throughput, v.Throughput, 1, MaxThroughput)
	}
}

func findVolumeType(name string) *volumeType {
	for i := range volumeTypes {
		if volumeTypes[i].name == name {
			return &volumeTypes[i]
		}
	}
	return nil
}

func (c *checker) tagSpecification(p *path, v *TagSpecification) {
	c.required(specType, p.at("resourceType"), v.ResourceType)
	c.oneOf(specTypeKnown, p.at("resourceType"), v.ResourceType, taggableResources)
	if v.PropagateTags == "SERVICE" {
		c.refuse(specService, p.at("propagateTags"))
	} else {
		c.oneOf(specPropagate, p.at("propagateTags"), v.PropagateTags, tagSources)
	}
	c.tags(p.at("tags"), v.Tags)
	for i := range v.Tags {
		if key := v.Tags[i].Key; key == "AmazonECSCreated" || key == "AmazonECSManaged" {
			c.refuse(specReserved, p.at("tags").item(i).at("key"))
		}
	}
}
