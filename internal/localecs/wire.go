package localecs

import (
	"fmt"
	"strconv"
	"time"
)

// The shapes of ECS's answers: Task and what belongs to it.

type wireTask struct {
	Attachments          []wireAttachment  `json:"attachments"`
	Attributes           []keyValue        `json:"attributes"`
	AvailabilityZone     string            `json:"availabilityZone,omitempty"`
	CapacityProviderName string            `json:"capacityProviderName,omitempty"`
	ClusterARN           string            `json:"clusterArn"`
	Connectivity         string            `json:"connectivity,omitempty"`
	ConnectivityAt       *epoch            `json:"connectivityAt,omitempty"`
	Containers           []wireContainer   `json:"containers"`
	CPU                  string            `json:"cpu,omitempty"`
	CreatedAt            *epoch            `json:"createdAt,omitempty"`
	DesiredStatus        string            `json:"desiredStatus"`
	EnableExecuteCommand bool              `json:"enableExecuteCommand"`
	EphemeralStorage     *ephemeralStorage `json:"ephemeralStorage,omitempty"`
	ExecutionStoppedAt   *epoch            `json:"executionStoppedAt,omitempty"`
	Group                string            `json:"group"`
	LastStatus           string            `json:"lastStatus"`
	LaunchType           string            `json:"launchType"`
	Memory               string            `json:"memory,omitempty"`
	Overrides            taskOverride      `json:"overrides"`
	PlatformFamily       string            `json:"platformFamily,omitempty"`
	PlatformVersion      string            `json:"platformVersion,omitempty"`
	StartedAt            *epoch            `json:"startedAt,omitempty"`
	StartedBy            string            `json:"startedBy,omitempty"`
	StopCode             string            `json:"stopCode,omitempty"`
	StoppedAt            *epoch            `json:"stoppedAt,omitempty"`
	StoppedReason        string            `json:"stoppedReason,omitempty"`
	StoppingAt           *epoch            `json:"stoppingAt,omitempty"`
	Tags                 []Tag             `json:"tags"`
	TaskARN              string            `json:"taskArn"`
	TaskDefinitionARN    string            `json:"taskDefinitionArn"`
	Version              int               `json:"version"`
}

type wireContainer struct {
	ContainerARN      string     `json:"containerArn"`
	TaskARN           string     `json:"taskArn"`
	Name              string     `json:"name"`
	Image             string     `json:"image,omitempty"`
	LastStatus        string     `json:"lastStatus"`
	ExitCode          *int       `json:"exitCode,omitempty"`
	NetworkInterfaces []struct{} `json:"networkInterfaces"`
	HealthStatus      string     `json:"healthStatus"`
	CPU               string     `json:"cpu"`
	Memory            string     `json:"memory,omitempty"`
	MemoryReservation string     `json:"memoryReservation,omitempty"`
}

type wireAttachment struct {
	ID      string     `json:"id"`
	Type    string     `json:"type"`
	Status  string     `json:"status"`
	Details []keyValue `json:"details"`
}

// epoch is a time as the JSON protocols have it: a number of seconds.
type epoch time.Time

func epochOf(t time.Time) *epoch {
	if t.IsZero() {
		return nil
	}
	return (*epoch)(&t)
}

// MarshalJSON has milliseconds, which is what ECS keeps.
func (e epoch) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "%.3f", float64(time.Time(e).UnixMilli())/1000), nil
}

func (t *task) wire(now time.Time) wireTask {
	v := t.at(now)
	w := wireTask{
		Attachments: t.attachments(v), Attributes: t.attributes(), AvailabilityZone: t.zone(),
		CapacityProviderName: t.provider, ClusterARN: t.cluster.arn, Containers: t.containers(v),
		CreatedAt: epochOf(t.created), DesiredStatus: v.desired, EnableExecuteCommand: t.in.EnableExecuteCommand,
		ExecutionStoppedAt: epochOf(v.executionStoppedAt), Group: t.group, LastStatus: v.last, LaunchType: t.launch,
		Overrides: t.overrides(), PlatformVersion: t.platform,
		StartedAt: epochOf(v.startedAt), StartedBy: t.in.StartedBy,
		StopCode: v.stopCode, StoppedAt: epochOf(v.stoppedAt), StoppedReason: v.stopReason, StoppingAt: epochOf(v.stoppingAt),
		Tags: notNil(t.tags), TaskARN: t.arn, TaskDefinitionARN: t.td.arn, Version: v.version,
	}
	if t.cpu > 0 {
		w.CPU = strconv.Itoa(t.cpu)
	}
	if t.memory > 0 {
		w.Memory = strconv.Itoa(t.memory)
	}
	if t.platform != "" {
		w.PlatformFamily = orDefault(t.td.OperatingSystemFamily, "Linux")
		w.EphemeralStorage = &ephemeralStorage{SizeInGiB: 20} // what every Fargate task has
		if t.in.Overrides != nil && t.in.Overrides.EphemeralStorage != nil {
			w.EphemeralStorage = t.in.Overrides.EphemeralStorage
		}
	}
	if !v.startedAt.IsZero() {
		w.Connectivity, w.ConnectivityAt = "CONNECTED", epochOf(v.startedAt)
	}
	return w
}

// overrides has an entry for every container, as ECS shows them.
func (t *task) overrides() taskOverride {
	var o taskOverride
	if t.in.Overrides != nil {
		o = *t.in.Overrides
	}
	given := o.ContainerOverrides
	o.ContainerOverrides = make([]containerOverride, 0, len(t.td.Containers))
	for _, c := range t.td.Containers {
		own := containerOverride{Name: c.Name}
		for _, g := range given {
			if g.Name == c.Name {
				own = g
			}
		}
		o.ContainerOverrides = append(o.ContainerOverrides, own)
	}
	o.InferenceAcceleratorOverrides = notNil(o.InferenceAcceleratorOverrides)
	return o
}

func (t *task) containers(v view) []wireContainer {
	status := statusPending
	switch {
	case v.last == statusStopped, v.exitCode != nil:
		status = statusStopped
	case !v.startedAt.IsZero():
		status = statusRunning
	}
	list := make([]wireContainer, 0, len(t.td.Containers))
	p := plan{in: t.in}
	for i := range t.td.Containers {
		c := p.merged(&t.td.Containers[i])
		id := idUUID(t.seed, idContainer, t.n<<8|uint64(i))
		w := wireContainer{
			ContainerARN: t.containerARN + id,
			TaskARN:      t.arn, Name: c.Name, Image: c.Image, LastStatus: status, ExitCode: v.exitCode,
			NetworkInterfaces: []struct{}{}, HealthStatus: "UNKNOWN", CPU: strconv.Itoa(c.CPU),
		}
		if c.Memory > 0 {
			w.Memory = strconv.Itoa(c.Memory)
		}
		if c.MemoryReservation > 0 {
			w.MemoryReservation = strconv.Itoa(c.MemoryReservation)
		}
		list = append(list, w)
	}
	return list
}

func (t *task) attributes() []keyValue {
	architecture := "x86_64"
	if t.td.CPUArchitecture == "ARM64" {
		architecture = "arm64"
	}
	return []keyValue{{Name: "ecs.cpu-architecture", Value: &architecture}}
}

// subnet is the one that the task was placed in: they take turns.
func (t *task) subnet() (id string, index int) {
	n := t.in.NetworkConfiguration
	if n == nil || n.AwsvpcConfiguration == nil || len(n.AwsvpcConfiguration.Subnets) == 0 {
		return "", 0
	}
	index = int(t.n % uint64(len(n.AwsvpcConfiguration.Subnets)))
	return n.AwsvpcConfiguration.Subnets[index], index
}

// zone takes every subnet to be in another zone, of which there are three.
func (t *task) zone() string {
	if t.unplaced {
		return ""
	}
	_, i := t.subnet()
	return t.region + string("abc"[i%3])
}

// attachments is the network interface of a task in awsvpc mode.
func (t *task) attachments(v view) []wireAttachment {
	subnet, _ := t.subnet()
	if subnet == "" {
		return []wireAttachment{}
	}
	a := wireAttachment{
		ID: idUUID(t.seed, idAttachment, t.n), Type: "ElasticNetworkInterface", Status: "PRECREATED",
		Details: []keyValue{{Name: "subnetId", Value: &subnet}},
	}
	switch {
	case v.last == statusStopped:
		a.Status = "DELETED"
	case v.last != statusProvisioning:
		a.Status = "ATTACHED"
		address := fmt.Sprintf("10.%d.%d.%d", t.n>>16&0xff, t.n>>8&0xff, t.n&0xff)
		a.Details = append(a.Details, keyValue{Name: "privateIPv4Address", Value: &address})
	}
	return []wireAttachment{a}
}
