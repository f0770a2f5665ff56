package task

import "strings"

// ebs is a request with a volume of 200 GiB, changed further.
func ebs(change func(*ManagedEBSVolume)) func(*Request) {
	return func(r *Request) { change(ebsOf(r)) }
}

func volumeOf(typ string, size int32) func(*Request) {
	return ebs(func(e *ManagedEBSVolume) { e.VolumeType, e.SizeInGiB = typ, &size })
}

func iops(typ string, n int32) func(*Request) {
	return ebs(func(e *ManagedEBSVolume) { e.VolumeType, e.IOPS = typ, &n })
}

func throughput(typ string, n int32) func(*Request) {
	return ebs(func(e *ManagedEBSVolume) {
		e.VolumeType, e.Throughput = typ, &n
		if typ == "io1" {
			e.IOPS = ptr(int32(100))
		}
	})
}

func ebsTags(s TagSpecification) func(*Request) {
	return ebs(func(e *ManagedEBSVolume) { e.TagSpecifications = []TagSpecification{s} })
}

func both(a, b func(*Request)) func(*Request) { return func(r *Request) { a(r); b(r) } }

const (
	volumeField = "volumeConfigurations[0]."
	ebsField    = volumeField + "managedEBSVolume."
	specField   = ebsField + "tagSpecifications[0]."
)

var volumeTests = []ruleTest{
	{"", ebs(func(*ManagedEBSVolume) {})},
	{"runtask-volumes-count volumeConfigurations", func(r *Request) { r.VolumeConfigurations = []VolumeConfiguration{{Name: "a"}, {Name: "b"}} }},
	{"runtask-volume-name-required " + volumeField + "name", func(r *Request) { r.VolumeConfigurations = []VolumeConfiguration{{}} }},
	{"", func(r *Request) { r.VolumeConfigurations = []VolumeConfiguration{{Name: strings.Repeat("v", 255)}} }},
	{"runtask-volume-name-form " + volumeField + "name", func(r *Request) { r.VolumeConfigurations = []VolumeConfiguration{{Name: strings.Repeat("v", 256)}} }},
	{"runtask-volume-external " + volumeField + "managedEBSVolume", both(onExternal, ebs(func(*ManagedEBSVolume) {}))},
	{"runtask-ebs-role-required " + ebsField + "roleArn", ebs(func(e *ManagedEBSVolume) { e.RoleARN = "" })},
	{"runtask-role-form " + ebsField + "roleArn", ebs(func(e *ManagedEBSVolume) { e.RoleARN = "infra" })},
	{"runtask-text-utf8 " + ebsField + "kmsKeyId", ebs(func(e *ManagedEBSVolume) { e.KMSKeyID = "\xff" })},

	{"runtask-ebs-volume-type " + ebsField + "volumeType", volumeOf("gp4", 10)},
	{"runtask-ebs-volume-type-fargate " + ebsField + "volumeType", volumeOf("standard", 10)},
	{"", both(onEC2, volumeOf("standard", 1024))},
	{"runtask-ebs-size-range " + ebsField + "sizeInGiB", both(onEC2, volumeOf("standard", 1025))},
	{"", volumeOf("gp2", 1)},
	{"runtask-ebs-size-range " + ebsField + "sizeInGiB", volumeOf("gp2", 0)},
	{"", volumeOf("gp3", 16384)},
	{"runtask-ebs-size-range " + ebsField + "sizeInGiB", volumeOf("gp3", 16385)},
	{"", volumeOf("st1", 125)},
	{"runtask-ebs-size-range " + ebsField + "sizeInGiB", volumeOf("st1", 124)},
	{"runtask-ebs-size-range " + ebsField + "sizeInGiB", volumeOf("sc1", 124)},
	{"runtask-ebs-size-range " + ebsField + "sizeInGiB", volumeOf("", 16385)},
	{"runtask-ebs-size-range " + ebsField + "sizeInGiB", both(iops("io1", 100), func(r *Request) { r.VolumeConfigurations[0].ManagedEBSVolume.SizeInGiB = ptr(int32(3)) })},
	{"runtask-ebs-size-or-snapshot " + ebsField + "sizeInGiB", ebs(func(e *ManagedEBSVolume) { e.SizeInGiB = nil })},
	{"", ebs(func(e *ManagedEBSVolume) {
		e.SizeInGiB, e.SnapshotID, e.VolumeInitializationRate = nil, "snap-1", ptr(int32(100))
	})},
	{"runtask-ebs-initialization-rate " + ebsField + "volumeInitializationRate", ebs(func(e *ManagedEBSVolume) { e.VolumeInitializationRate = ptr(int32(100)) })},

	{"runtask-ebs-iops-required " + ebsField + "iops", volumeOf("io1", 10)},
	{"runtask-ebs-iops-required " + ebsField + "iops", volumeOf("io2", 10)},
	{"runtask-ebs-iops-type " + ebsField + "iops", iops("gp2", 3000)},
	{"runtask-ebs-iops-type " + ebsField + "iops", iops("st1", 3000)},
	{"", iops("gp3", 3000)},
	{"runtask-ebs-iops-range " + ebsField + "iops", iops("gp3", 2999)},
	{"runtask-ebs-iops-range " + ebsField + "iops", iops("gp3", 16001)},
	{"runtask-ebs-iops-range " + ebsField + "iops", iops("io1", 99)},
	{"", iops("io1", 64000)},
	{"runtask-ebs-iops-range " + ebsField + "iops", iops("io1", 64001)},
	{"", iops("io2", 256000)},
	{"runtask-ebs-iops-range " + ebsField + "iops", iops("io2", 256001)},
	{"runtask-ebs-iops-range " + ebsField + "iops", iops("", 256001)},
	{"", throughput("gp3", 1000)},
	{"runtask-ebs-throughput-range " + ebsField + "throughput", throughput("gp3", 1001)},
	{"runtask-ebs-throughput-range " + ebsField + "throughput", throughput("", 1001)},
	{"runtask-ebs-throughput-type " + ebsField + "throughput", throughput("io1", 100)},

	{"", ebs(func(e *ManagedEBSVolume) { e.FilesystemType = "ext3" })},
	{"runtask-ebs-filesystem-type " + ebsField + "filesystemType", ebs(func(e *ManagedEBSVolume) { e.FilesystemType = "btrfs" })},
	{"runtask-ebs-filesystem-fargate " + ebsField + "filesystemType", ebs(func(e *ManagedEBSVolume) { e.FilesystemType = "ntfs" })},
	{"", both(onEC2, ebs(func(e *ManagedEBSVolume) { e.FilesystemType = "ntfs" }))},

	{"", ebsTags(TagSpecification{ResourceType: "volume", PropagateTags: "NONE", Tags: manyTags(50)})},
	{"runtask-tags-count " + specField + "tags", ebsTags(TagSpecification{ResourceType: "volume", Tags: manyTags(51)})},
	{"runtask-tag-reserved " + specField + "tags[0].key", ebsTags(TagSpecification{ResourceType: "volume", Tags: []Tag{{"aws:x", nil}}})},
	{"runtask-ebs-tags-resource-type-required " + specField + "resourceType", ebsTags(TagSpecification{})},
	{"runtask-ebs-tags-resource-type " + specField + "resourceType", ebsTags(TagSpecification{ResourceType: "task"})},
	{"runtask-ebs-tags-propagate-service " + specField + "propagateTags", ebsTags(TagSpecification{ResourceType: "volume", PropagateTags: "SERVICE"})},
	{"runtask-ebs-tags-propagate " + specField + "propagateTags", ebsTags(TagSpecification{ResourceType: "volume", PropagateTags: "x"})},
	{"runtask-ebs-tags-reserved " + specField + "tags[0].key", ebsTags(TagSpecification{ResourceType: "volume", Tags: []Tag{{"AmazonECSCreated", nil}}})},
	{"runtask-ebs-tags-reserved " + specField + "tags[0].key", ebsTags(TagSpecification{ResourceType: "volume", Tags: []Tag{{"AmazonECSManaged", nil}}})},
}
