package localecs

import (
	"strings"

	runtask "github.com/taskbridge/taskbridge/internal/task"
)

// mutations each set something at either side of one of the limits of
// ../shared/spec/ecs-runtask.md §1. They are the rows of the agreement tests: a limit that is not
// here is not judged.
var mutations = []func(d *dice, r *runtask.Request){
	// §1.1
	func(d *dice, r *runtask.Request) {
		r.TaskDefinition = pick(d, "", "a:0", "a:1", "a:01", "a:", "a:*", "a b", "a:1:1", "arn:aws:ecs:us-east-1:"+testAccount+":task-definition/", testARN+"cluster/a",
			testARN+"task-definition/a b:1", "arn:aws:ecs:us-east-1:1:task-definition/a:1", d.long("f", 255), d.long("f", 255)+":1")
	},
	func(d *dice, r *runtask.Request) {
		r.Cluster = pick(d, "a.b", "a_B-1", "a/b", testARN+"cluster/", testARN+"task/x", "arn:aws:ecs", d.long("c", 255))
	},
	func(d *dice, r *runtask.Request) { r.Count = d.around(1, 10) },
	func(d *dice, r *runtask.Request) {
		r.LaunchType = pick(d, "", "EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES", "FARGATE_SPOT", "ec2")
	},
	func(d *dice, r *runtask.Request) {
		r.PlatformVersion = pick(d, "LATEST", "latest", "1.4.0", "1.3.0", "1.0.0", "1.4", "1.4.0.0", "1.4.x", "v1.4.0", "")
	},
	func(d *dice, r *runtask.Request) {
		r.Group = pick(d, "family:a", "service:a", "service", "", d.long("é", 255), d.text())
	},
	func(d *dice, r *runtask.Request) {
		r.StartedBy = pick(d, "a/b_C-1", "a.b", "a b", "é", d.long("s", 128), d.long("é", 128), d.text())
	},
	func(d *dice, r *runtask.Request) {
		r.PropagateTags = pick(d, "", "TASK_DEFINITION", "NONE", "SERVICE", "ALL")
	},
	func(d *dice, r *runtask.Request) {
		r.EnableExecuteCommand, r.EnableECSManagedTags = ptr(d.one(2)), ptr(d.one(2))
	},

	// §1.2
	func(d *dice, r *runtask.Request) {
		r.LaunchType, r.CapacityProviderStrategy = "", nil
		n := pick(d, 1, 2, 3, 19, 20, 21)
		for i := range n {
			r.CapacityProviderStrategy = append(r.CapacityProviderStrategy, runtask.CapacityProviderStrategyItem{
				CapacityProvider: strings.Repeat("p", i+1), Weight: maybe(d, ptr(int32(d.n(2)))), Base: maybe(d, ptr(int32(d.n(8)/7)))})
		}
	},
	func(d *dice, r *runtask.Request) {
		if s := r.CapacityProviderStrategy; len(s) > 0 {
			i := d.n(len(s))
			s[i].CapacityProvider = pick(d, "", "FARGATE", "FARGATE_SPOT", "asg", "a.b", testARN+"capacity-provider/asg", d.long("p", 255))
		}
	},
	func(d *dice, r *runtask.Request) {
		if s := r.CapacityProviderStrategy; len(s) > 0 {
			s[d.n(len(s))].Weight = maybe(d, d.around(0, 1000))
		}
	},
	func(d *dice, r *runtask.Request) {
		if s := r.CapacityProviderStrategy; len(s) > 0 {
			s[d.n(len(s))].Base = maybe(d, d.around(0, 100000))
		}
	},

	// §1.3
	func(d *dice, r *runtask.Request) {
		r.NetworkConfiguration = pick(d, nil, &runtask.NetworkConfiguration{}, d.network())
	},
	vpcMutation(func(d *dice, c *runtask.AwsvpcConfiguration) {
		c.Subnets = nil
		for range pick(d, 0, 1, 15, 16, 17) {
			c.Subnets = append(c.Subnets, "subnet-0")
		}
	}),
	vpcMutation(func(d *dice, c *runtask.AwsvpcConfiguration) {
		c.Subnets = append(c.Subnets, pick(d, "", "subnet-", "subnet-A", "subnet-0a", "vpc-0", "subnet-0 ", "subnet-0\n"))
	}),
	vpcMutation(func(d *dice, c *runtask.AwsvpcConfiguration) {
		for range pick(d, 0, 1, 4, 5, 6) {
			c.SecurityGroups = append(c.SecurityGroups, "sg-0")
		}
	}),
	vpcMutation(func(d *dice, c *runtask.AwsvpcConfiguration) {
		c.SecurityGroups = []string{pick(d, "", "sg-", "sg-A", "sg-0a", "default", "sg-0-1")}
	}),
	vpcMutation(func(d *dice, c *runtask.AwsvpcConfiguration) {
		c.AssignPublicIP = pick(d, "", "ENABLED", "DISABLED", "enabled")
	}),

	// placement
	func(d *dice, r *runtask.Request) {
		r.PlacementConstraints = nil
		for range pick(d, 0, 1, 9, 10, 11) {
			r.PlacementConstraints = append(r.PlacementConstraints, runtask.PlacementConstraint{Type: "distinctInstance"})
		}
	},
	func(d *dice, r *runtask.Request) {
		r.PlacementConstraints = []runtask.PlacementConstraint{{Type: pick(d, "", "distinctInstance", "memberOf", "memberOf", "x"), Expression: pick(d, "", "a", d.text(), d.long("é", 2000))}}
	},
	func(d *dice, r *runtask.Request) {
		r.PlacementStrategy = nil
		for range pick(d, 0, 1, 4, 5, 6) {
			r.PlacementStrategy = append(r.PlacementStrategy, runtask.PlacementStrategy{Type: "random"})
		}
	},
	func(d *dice, r *runtask.Request) {
		r.PlacementStrategy = []runtask.PlacementStrategy{{Type: pick(d, "", "random", "spread", "binpack", "x"),
			Field: pick(d, "", "instanceId", "host", "attribute:", "attribute:a", "cpu", "MEMORY", "zone", d.text(), "attribute:"+d.long("a", 245))}}
	},

	// tags
	func(d *dice, r *runtask.Request) { r.Tags = d.tags() },
	func(d *dice, r *runtask.Request) { r.Tags = append(r.Tags, d.tag()) },

	// §1.4
	overrideMutation(func(d *dice, o *runtask.TaskOverride) { o.CPU, o.Memory = d.size() }),
	overrideMutation(func(d *dice, o *runtask.TaskOverride) { o.CPU, _ = d.size() }),
	overrideMutation(func(d *dice, o *runtask.TaskOverride) { _, o.Memory = d.size() }),
	overrideMutation(func(d *dice, o *runtask.TaskOverride) {
		o.EphemeralStorage = &runtask.EphemeralStorage{SizeInGiB: *d.around(0, 21, 200)}
	}),
	overrideMutation(func(d *dice, o *runtask.TaskOverride) {
		role := pick(d, "admin", testRole, testRole+"a", testRole+"p/a", testRole+"/a", testRole+"a b", testRole+d.long("r", 64), testRole+d.long("p", 512)+"/r",
			"arn:aws-cn:iam::"+testAccount+":role/a", "arn:aws:iam::1:role/a", "arn:aws:iam:x:"+testAccount+":role/a", "arn:aws:iam::"+testAccount+":user/a", "arn:aws7:iam::"+testAccount+":role/a")
		if d.one(2) {
			o.TaskRoleARN = role
		} else {
			o.ExecutionRoleARN = role
		}
	}),
	overrideMutation(func(d *dice, o *runtask.TaskOverride) { o.ContainerOverrides = []runtask.ContainerOverride{} }),
	overrideMutation(fill),
	containerMutation(func(d *dice, c *runtask.ContainerOverride) {
		c.Name = pick(d, "", "a", "b", "a b", "é", d.long("n", 255))
	}),
	containerMutation(func(d *dice, c *runtask.ContainerOverride) {
		c.Command = pick(d, nil, []string{}, []string{""}, []string{d.text()})
	}),
	containerMutation(func(d *dice, c *runtask.ContainerOverride) {
		c.Environment = append(c.Environment, runtask.KeyValuePair{Name: pick(d, "", "A", "a", "A B", "é=", d.text()), Value: ptr("")})
	}),
	containerMutation(func(d *dice, c *runtask.ContainerOverride) {
		c.EnvironmentFiles = nil
		for range pick(d, 0, 1, 9, 10, 11) {
			c.EnvironmentFiles = append(c.EnvironmentFiles, runtask.EnvironmentFile{Type: "s3", Value: "arn:aws:s3:::b/k.env"})
		}
	}),
	containerMutation(func(d *dice, c *runtask.ContainerOverride) {
		c.EnvironmentFiles = []runtask.EnvironmentFile{{Type: pick(d, "s3", "s3", "s3", "S3", ""), Value: pick(d, "", "arn:aws:s3:::b/.env", "arn:aws:s3:::b/d/k.env", "arn:aws:s3:::b/k.txt", "arn:aws:s3:::b", "arn:aws:s3:::/k.env",
			"arn:aws:s3::1:b/k.env", "s3://b/k.env", "arn:aws-us-gov:s3:::b/\n.env")}}
	}),
	containerMutation(func(d *dice, c *runtask.ContainerOverride) { c.CPU = maybe(d, d.around(0, 256, 1024, 4096, 32768)) }),
	containerMutation(func(d *dice, c *runtask.ContainerOverride) {
		c.Memory = maybe(d, d.around(4, 512, 2048, 30720, 249856))
	}),
	containerMutation(func(d *dice, c *runtask.ContainerOverride) {
		c.MemoryReservation = maybe(d, d.around(4, 512, 2048, 30720, 249856))
	}),
	containerMutation(func(d *dice, c *runtask.ContainerOverride) {
		c.Memory, c.MemoryReservation = ptr(int32(100)), d.around(100)
	}),
	containerMutation(func(d *dice, c *runtask.ContainerOverride) {
		c.ResourceRequirements = append(c.ResourceRequirements, d.resource())
	}),
	overrideMutation(func(d *dice, o *runtask.TaskOverride) {
		for i := range o.ContainerOverrides {
			o.ContainerOverrides[i].ResourceRequirements = []runtask.ResourceRequirement{d.resource()}
		}
	}),
	overrideMutation(func(d *dice, o *runtask.TaskOverride) {
		shared := &runtask.SharingStrategy{NvidiaMPS: &runtask.NvidiaMPS{Memory: ptr(int32(1024))}}
		for i := range o.ContainerOverrides {
			o.ContainerOverrides[i].ResourceRequirements = []runtask.ResourceRequirement{pick(d,
				runtask.ResourceRequirement{Type: "NeuronDevice", Value: "ALL"}, runtask.ResourceRequirement{Type: "GPU", Value: "1"}, runtask.ResourceRequirement{Type: "GPU", SharingStrategy: shared})}
		}
	}),

	// §1.5
	func(d *dice, r *runtask.Request) {
		v := runtask.VolumeConfiguration{Name: pick(d, "scratch", "", "a b", d.long("v", 255))}
		r.VolumeConfigurations = append(r.VolumeConfigurations, v)
	},
	ebsMutation(func(d *dice, e *runtask.ManagedEBSVolume) { e.RoleARN = pick(d, "", "admin", testRole+"a") }),
	ebsMutation(func(d *dice, e *runtask.ManagedEBSVolume) {
		e.VolumeType = pick(d, "", "gp2", "gp3", "io1", "io2", "st1", "sc1", "standard", "gp4", "GP3")
	}),
	ebsMutation(func(d *dice, e *runtask.ManagedEBSVolume) { e.SizeInGiB = maybe(d, d.around(1, 4, 125, 1024, 16384)) }),
	ebsMutation(func(d *dice, e *runtask.ManagedEBSVolume) {
		e.IOPS = maybe(d, d.around(100, 3000, 16000, 64000, 256000))
	}),
	ebsMutation(func(d *dice, e *runtask.ManagedEBSVolume) { e.Throughput = maybe(d, d.around(1, 125, 1000)) }),
	ebsMutation(func(d *dice, e *runtask.ManagedEBSVolume) {
		e.SizeInGiB, e.SnapshotID, e.VolumeInitializationRate = maybe(d, e.SizeInGiB), pick(d, "", "snap-1"), maybe(d, ptr(int32(100)))
	}),
	ebsMutation(func(d *dice, e *runtask.ManagedEBSVolume) {
		e.FilesystemType = pick(d, "ext3", "ext4", "xfs", "ntfs", "btrfs", "XFS")
	}),
	ebsMutation(func(d *dice, e *runtask.ManagedEBSVolume) {
		e.Encrypted, e.KMSKeyID, e.TerminationPolicy = ptr(d.one(2)), "alias/a", &runtask.TerminationPolicy{DeleteOnTermination: d.one(2)}
	}),
	ebsMutation(func(d *dice, e *runtask.ManagedEBSVolume) {
		e.TagSpecifications = append(e.TagSpecifications, runtask.TagSpecification{ResourceType: pick(d, "volume", "volume", "volume", "", "task"),
			PropagateTags: pick(d, "", "", "NONE", "TASK_DEFINITION", "SERVICE", "x"), Tags: d.tags()})
	}),
}

func vpcMutation(f func(*dice, *runtask.AwsvpcConfiguration)) func(*dice, *runtask.Request) {
	return func(d *dice, r *runtask.Request) {
		if r.NetworkConfiguration != nil && r.NetworkConfiguration.AwsvpcConfiguration != nil {
			f(d, r.NetworkConfiguration.AwsvpcConfiguration)
		}
	}
}

func overrideMutation(f func(*dice, *runtask.TaskOverride)) func(*dice, *runtask.Request) {
	return func(d *dice, r *runtask.Request) {
		if r.Overrides == nil {
			r.Overrides = &runtask.TaskOverride{}
		}
		f(d, r.Overrides)
	}
}

func containerMutation(f func(*dice, *runtask.ContainerOverride)) func(*dice, *runtask.Request) {
	return overrideMutation(func(d *dice, o *runtask.TaskOverride) {
		if len(o.ContainerOverrides) == 0 {
			o.ContainerOverrides = []runtask.ContainerOverride{{Name: "a"}}
		}
		f(d, &o.ContainerOverrides[d.n(len(o.ContainerOverrides))])
	})
}

func ebsMutation(f func(*dice, *runtask.ManagedEBSVolume)) func(*dice, *runtask.Request) {
	return func(d *dice, r *runtask.Request) {
		if len(r.VolumeConfigurations) == 0 || r.VolumeConfigurations[0].ManagedEBSVolume == nil {
			r.VolumeConfigurations = []runtask.VolumeConfiguration{{Name: "scratch", ManagedEBSVolume: d.ebs()}}
		}
		f(d, r.VolumeConfigurations[0].ManagedEBSVolume)
	}
}

// fill makes the overrides about as large as they may be, with text whose size is easily
// counted wrong.
func fill(d *dice, o *runtask.TaskOverride) {
	o.ContainerOverrides = append(o.ContainerOverrides, runtask.ContainerOverride{Name: "filled", Command: []string{""}})
	arg := &o.ContainerOverrides[len(o.ContainerOverrides)-1].Command[0]
	unit := pick(d, "x", "é", "<", "\u2028", "\b", "\f", "\x01", "\x7f", `"`, `\`, "\n", "😀")
	frame := len(wire(o))
	*arg = unit
	size := len(wire(o)) - frame
	room := maxOverrides - frame
	*arg = strings.Repeat(unit, max(0, room/size)) + strings.Repeat("x", max(0, room%size+d.n(3)-1))
}

func (d *dice) tag() runtask.Tag {
	return runtask.Tag{
		Key:   pick(d, "", "a", "A", "aws:a", "aWs:a", "aws", "a;b", "é b", d.text(), d.long("é", 128)),
		Value: maybe(d, ptr(pick(d, "", "v", "aws:v", "AWS:", "a*b", d.text(), d.long("é", 256)))),
	}
}

func (d *dice) tags() []runtask.Tag {
	var tags []runtask.Tag
	for i := range pick(d, 0, 1, 49, 50, 51) {
		tags = append(tags, runtask.Tag{Key: strings.Repeat("k", i+1)})
	}
	if d.one(3) {
		tags = append(tags, pick(d, d.tag(), runtask.Tag{Key: "AmazonECSManaged"}, runtask.Tag{Key: "AmazonECSCreated"}))
	}
	return tags
}
