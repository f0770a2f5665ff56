package localecs

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A TaskDefinition is what [Server.RegisterTaskDefinition] registers: the parts
// of an ECS task definition that RunTask looks at.
type TaskDefinition struct {
	Family           string
	NetworkMode      string   // awsvpc, bridge, host or none; default awsvpc if compatible with FARGATE, else bridge
	Compatibilities  []string // EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES; default EC2 and FARGATE
	CPU              string   // as in a task definition; default "256" if compatible with FARGATE
	Memory           string   // default "512" if compatible with FARGATE
	Containers       []Container
	Volumes          []Volume
	TaskRoleARN      string
	ExecutionRoleARN string
	// PlacementConstraints count towards the ten that a task may have.
	PlacementConstraints  []PlacementConstraint
	OperatingSystemFamily string // default LINUX
	CPUArchitecture       string // default X86_64
	Tags                  []Tag  // for propagateTags
}

// A Container is one of a task definition's containers.
type Container struct {
	Name              string
	Image             string
	CPU               int
	Memory            int // hard limit in MiB, 0 if none
	MemoryReservation int // soft limit in MiB, 0 if none
	Environment       []string
	Secrets           []string // names of the variables
}

// A Volume is one of a task definition's volumes.
type Volume struct {
	Name               string `json:"name"`
	ConfiguredAtLaunch bool   `json:"configuredAtLaunch,omitempty"`
}

// A PlacementConstraint restricts the instances that a task is placed on.
type PlacementConstraint struct {
	Type       string `json:"type"`
	Expression string `json:"expression,omitempty"`
}

// A Tag is a key and a value.
type Tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

type taskDef struct {
	TaskDefinition
	arn          string
	revision     int
	inactive     bool
	registeredAt time.Time
	deregistered time.Time
	raw          map[string]json.RawMessage // members as registered over the API; nil if registered in Go
}

func (d *taskDef) name() string { return d.Family + ":" + strconv.Itoa(d.revision) }

func (d *TaskDefinition) windows() bool { return strings.HasPrefix(d.OperatingSystemFamily, "WINDOWS") }

func (d *taskDef) container(name string) *Container {
	for i := range d.Containers {
		if d.Containers[i].Name == name {
			return &d.Containers[i]
		}
	}
	return nil
}

// RegisterTaskDefinition adds the next revision of a family and returns its ARN.
// It is set-up for Go programs: unlike the API's operation it fills in defaults, and
// it does not check.
func (s *Server) RegisterTaskDefinition(d TaskDefinition) (arn string) {
	if len(d.Compatibilities) == 0 {
		d.Compatibilities = []string{launchEC2, launchFargate}
	}
	fargate := slices.Contains(d.Compatibilities, launchFargate)
	if d.NetworkMode == "" {
		d.NetworkMode = "bridge"
		if fargate {
			d.NetworkMode = networkAwsvpc
		}
	}
	if fargate && d.CPU == "" && d.Memory == "" {
		d.CPU, d.Memory = "256", "512"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.register(&taskDef{TaskDefinition: d}).arn
}

// DeregisterTaskDefinition makes a revision INACTIVE. ref is family:revision or an
// ARN; it reports whether there is such a revision.
func (s *Server) DeregisterTaskDefinition(ref string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.resolve(ref)
	if err != nil || !strings.HasSuffix(ref, ":"+strconv.Itoa(d.revision)) {
		return false
	}
	s.deregister(d)
	return true
}

func (s *Server) deregister(d *taskDef) {
	if !d.inactive {
		d.inactive, d.deregistered = true, s.clock.Now()
	}
}

// register gives d its revision. The caller holds s.mu.
func (s *Server) register(d *taskDef) *taskDef {
	d.revision = len(s.families[d.Family]) + 1
	d.arn = s.arn("task-definition/" + d.name())
	d.registeredAt = s.clock.Now()
	s.families[d.Family] = append(s.families[d.Family], d)
	return d
}

// resolve finds what a request calls a task definition: family (its latest ACTIVE
// revision), family:revision or an ARN of either. A revision that is named is found
// even if it is INACTIVE.
func (s *Server) resolve(ref string) (*taskDef, *apiError) {
	ref = strings.TrimPrefix(ref, s.arn("task-definition/"))
	family, number, numbered := strings.Cut(ref, ":")
	revisions := s.families[family]
	if numbered {
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > len(revisions) || number != strconv.Itoa(n) {
			return nil, clientError(messageTaskDefinitionNotFound)
		}
		return revisions[n-1], nil
	}
	for _, d := range slices.Backward(revisions) {
		if !d.inactive {
			return d, nil
		}
	}
	if len(revisions) > 0 {
		return nil, clientError(messageTaskDefinitionInactive)
	}
	return nil, clientError(messageTaskDefinitionNotFound)
}

// arn returns the ARN of one of the endpoint's resources.
func (s *Server) arn(resource string) string {
	return fmt.Sprintf("arn:aws:ecs:%s:%s:%s", s.opts.Region, s.opts.Account, resource)
}
