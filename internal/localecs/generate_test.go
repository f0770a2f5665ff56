package localecs

import (
	"math/rand/v2"
	"strings"

	runtask "github.com/taskbridge/taskbridge/internal/task"
)

// dice make a request out of random numbers: of bytes that a fuzzer wrote, and after
// those of a seed.
type dice struct {
	bytes []byte
	rand  *rand.Rand
}

// n returns a number from 0 to n-1.
func (d *dice) n(n int) int {
	if len(d.bytes) > 0 {
		b := d.bytes[0]
		d.bytes = d.bytes[1:]
		return int(b) % n
	}
	return d.rand.IntN(n)
}

// one in n.
func (d *dice) one(n int) bool { return d.n(n) == 0 }

func pick[T any](d *dice, list ...T) T { return list[d.n(len(list))] }

// around is a number at either side of one of the limits.
func (d *dice) around(limits ...int32) *int32 { return ptr(pick(d, limits...) + int32(d.n(3)) - 1) }

// maybe is v or absent.
func maybe[T any](d *dice, v *T) *T {
	if d.one(3) {
		return nil
	}
	return v
}

// long is a text with a number of characters at either side of a limit.
func (d *dice) long(unit string, limit int) string { return strings.Repeat(unit, limit+d.n(3)-1) }

// text is what people and attackers write. No JSON carries invalid UTF-8, and what ECS makes
// of a NUL is not known: Validate refuses both on purpose, and they do not come here.
func (d *dice) text() string {
	return pick(d, "", "a", "a b", "é", "\u2028", "<&>", "\b\f\x7f\x01", `"\`, "\n\t\r", "😀", "${x}", "aws:x", "AWS:", "service:x", "\ufffd")
}

const (
	testAccount = "123456789012"
	testARN     = "arn:aws:ecs:us-east-1:" + testAccount + ":"
	testRole    = "arn:aws:iam::" + testAccount + ":role/"
)

// request is a request that is mostly fine.
func (d *dice) request() *runtask.Request {
	r := &runtask.Request{TaskDefinition: pick(d, "transcode", "transcode:1", testARN+"task-definition/transcode:1", testARN+"task-definition/transcode"),
		Cluster: pick(d, "", "media", testARN+"cluster/media")}
	d.place(r)
	if d.one(2) {
		r.Overrides = d.overrides()
	}
	if d.one(6) {
		r.Count = ptr(int32(1 + d.n(10)))
	}
	for i := range d.n(3) {
		r.Tags = append(r.Tags, runtask.Tag{Key: string(rune('a' + i)), Value: maybe(d, ptr("v"))})
	}
	if d.one(4) {
		r.VolumeConfigurations = []runtask.VolumeConfiguration{{Name: "scratch", ManagedEBSVolume: d.ebs()}}
	}
	for range pick(d, 0, 1, 1, 2) {
		mutations[d.n(len(mutations))](d, r)
	}
	return r
}

func (d *dice) network() *runtask.NetworkConfiguration {
	return &runtask.NetworkConfiguration{AwsvpcConfiguration: &runtask.AwsvpcConfiguration{Subnets: []string{"subnet-a", "subnet-1"}}}
}

// place says where the tasks run.
func (d *dice) place(r *runtask.Request) {
	if d.one(2) {
		r.NetworkConfiguration = d.network()
	}
	switch d.n(7) {
	case 0:
		r.LaunchType, r.NetworkConfiguration = "FARGATE", d.network()
		r.PlatformVersion = pick(d, "", "", "LATEST", "1.4.0", "1.3.0", "1.0.0")
	case 1:
		r.LaunchType = "EC2"
	case 2:
		r.LaunchType, r.NetworkConfiguration = "EXTERNAL", nil
	case 3:
		r.NetworkConfiguration = d.network()
		r.CapacityProviderStrategy = []runtask.CapacityProviderStrategyItem{{CapacityProvider: "FARGATE", Weight: ptr(int32(1)), Base: ptr(int32(2))},
			{CapacityProvider: "FARGATE_SPOT", Weight: ptr(int32(4))}}[d.n(2):]
	case 4:
		r.CapacityProviderStrategy = []runtask.CapacityProviderStrategyItem{{CapacityProvider: "asg", Weight: ptr(int32(1))}}
	}
	if r.LaunchType == "EC2" || len(r.CapacityProviderStrategy) == 1 && r.CapacityProviderStrategy[0].CapacityProvider == "asg" {
		if d.one(2) {
			r.PlacementStrategy = []runtask.PlacementStrategy{{Type: "spread", Field: "attribute:ecs.availability-zone"}}
			r.PlacementConstraints = []runtask.PlacementConstraint{{Type: "distinctInstance"}}
		}
	}
}

func (d *dice) overrides() *runtask.TaskOverride {
	o := &runtask.TaskOverride{}
	for i := range d.n(3) {
		o.ContainerOverrides = append(o.ContainerOverrides, d.container(string(rune('a'+i))))
	}
	if d.one(4) {
		o.CPU, o.Memory = d.size()
	}
	if d.one(8) {
		o.TaskRoleARN = testRole + "task"
	}
	return o
}

func (d *dice) container(name string) runtask.ContainerOverride {
	c := runtask.ContainerOverride{Name: name}
	if d.one(2) {
		c.Command = []string{d.text(), d.text()}
	}
	for i := range d.n(3) {
		c.Environment = append(c.Environment, runtask.KeyValuePair{Name: string(rune('A' + i)), Value: maybe(d, ptr(d.text()))})
	}
	if d.one(6) {
		c.Memory = maybe(d, ptr(int32(64<<d.n(10))))
		c.MemoryReservation = maybe(d, ptr(int32(32<<d.n(10))))
		c.CPU = maybe(d, ptr(int32(64<<d.n(10))))
	}
	return c
}

// size is a size of a task in one of its spellings, and mostly one that Fargate has.
func (d *dice) size() (cpu, memory string) {
	cpu = pick(d, "", "256", "512", "1024", "2048", "4096", "8192", "16384", "32768", "0.25 vCPU", ".5 vcpu", "1vCPU", "4 VCPU", "32 vCPU",
		"128", "127", "196608", "196609", "192 vCPU", "1.5 vCPU", "0.0001 vCPU", "0.000977 vcpu", "1. vCPU", ". vCPU", "1  vCPU", " 1 vCPU", "vCPU", "1 vCPUs", "0", "-1", "1e3", "1234567890", "1234567vCPU", "02048")
	memory = pick(d, "", "512", "1024", "2048", "3072", "4096", "5120", "8192", "16384", "30720", "31744", "61440", "32768", "36864", "122880", "249856",
		"0.5 GB", ".5GB", "1 gb", "2GB", "16 GB", "60 Gb", "120 GB", "244GB", "1.5 GB", "2 TB", "GB", "1", "0", "999999999", "1000000000", "2048 MB")
	return cpu, memory
}

func (d *dice) ebs() *runtask.ManagedEBSVolume {
	e := &runtask.ManagedEBSVolume{RoleARN: testRole + "infra", SizeInGiB: ptr(int32(200))}
	switch e.VolumeType = pick(d, "", "gp2", "gp3", "io1", "io2", "st1", "sc1", "standard"); e.VolumeType {
	case "gp3":
		e.IOPS, e.Throughput = maybe(d, ptr(int32(3000))), maybe(d, ptr(int32(500)))
	case "io1", "io2":
		e.IOPS = ptr(int32(100))
	}
	return e
}

// resource is a share of a special resource.
func (d *dice) resource() runtask.ResourceRequirement {
	q := runtask.ResourceRequirement{Type: pick(d, "GPU", "GPU", "NeuronDevice", "InferenceAccelerator", "FPGA", "")}
	q.Value = pick(d, "", "1", "ALL", "ALL", "0", "-1", "01", "x", "99999999999999999999")
	if d.one(3) {
		q.SharingStrategy = &runtask.SharingStrategy{}
		if !d.one(6) {
			q.SharingStrategy.NvidiaMPS = &runtask.NvidiaMPS{Memory: maybe(d, d.around(1, 1024)), MaxComputePercent: maybe(d, d.around(1, 100))}
			q.Value = pick(d, "", "", "", "1", "ALL")
		}
	}
	return q
}
