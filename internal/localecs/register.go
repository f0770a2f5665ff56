package localecs

import (
	"regexp"
	"slices"
)

const (
	launchEC2              = "EC2"
	launchFargate          = "FARGATE"
	launchExternal         = "EXTERNAL"
	launchManagedInstances = "MANAGED_INSTANCES"
	providerFargateSpot    = "FARGATE_SPOT"

	networkAwsvpc = "awsvpc"

	maxContainers = 10 // containers per task definition, service quota
)

// resourceName is the form of clusters, families, containers and volumes: 255
// letters, digits, hyphens and underscores.
var resourceName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)

type registerInput struct {
	Family                  string                `json:"family"`
	NetworkMode             string                `json:"networkMode"`
	RequiresCompatibilities []string              `json:"requiresCompatibilities"`
	CPU                     string                `json:"cpu"`
	Memory                  string                `json:"memory"`
	TaskRoleARN             string                `json:"taskRoleArn"`
	ExecutionRoleARN        string                `json:"executionRoleArn"`
	ContainerDefinitions    []containerDefinition `json:"containerDefinitions"`
	Volumes                 []Volume              `json:"volumes"`
	PlacementConstraints    []PlacementConstraint `json:"placementConstraints"`
	RuntimePlatform         struct {
		OperatingSystemFamily string `json:"operatingSystemFamily"`
		CPUArchitecture       string `json:"cpuArchitecture"`
	} `json:"runtimePlatform"`
	Tags []Tag `json:"tags"`
}

type containerDefinition struct {
	Name              string     `json:"name"`
	Image             string     `json:"image"`
	CPU               int32      `json:"cpu"`
	Memory            int32      `json:"memory"`
	MemoryReservation int32      `json:"memoryReservation"`
	Environment       []keyValue `json:"environment"`
	Secrets           []keyValue `json:"secrets"`
}

// registerTaskDefinition keeps the whole definition for DescribeTaskDefinition and
// checks the part of it that RunTask relies on.
func (s *Server) registerTaskDefinition(body []byte) (any, *apiError) {
	var in registerInput
	if err := decode(body, &in); err != nil {
		return nil, err
	}
	if err := checkDefinition(&in); err != nil {
		return nil, err
	}
	d := &taskDef{TaskDefinition: in.definition(), raw: rawMembers(body)}
	delete(d.raw, "tags")
	if d.raw["networkMode"] == nil && d.NetworkMode != "" {
		d.raw["networkMode"] = []byte(`"` + d.NetworkMode + `"`)
	}
	s.register(d)
	return map[string]any{"taskDefinition": d.wire(), "tags": notNil(d.Tags)}, nil
}

func checkDefinition(in *registerInput) *apiError {
	if !resourceName.MatchString(in.Family) {
		return clientError("Family contains invalid characters.")
	}
	if len(in.ContainerDefinitions) == 0 || len(in.ContainerDefinitions) > maxContainers {
		return clientError("A task definition must have between 1 and %d containers.", maxContainers)
	}
	if m := in.NetworkMode; m != "" && !slices.Contains([]string{networkAwsvpc, "bridge", "host", "none"}, m) {
		return clientError("Invalid network mode '%s'.", m)
	}
	for i, c := range in.ContainerDefinitions {
		if !resourceName.MatchString(c.Name) {
			return clientError("Container.name contains invalid characters.")
		}
		if slices.ContainsFunc(in.ContainerDefinitions[:i], func(o containerDefinition) bool { return o.Name == c.Name }) {
			return clientError("Container.name must be unique: '%s'.", c.Name)
		}
		for _, secret := range c.Secrets {
			if slices.ContainsFunc(c.Environment, func(e keyValue) bool { return e.Name == secret.Name }) {
				return clientError(messageSecretName, secret.Name)
			}
		}
	}
	for _, c := range in.RequiresCompatibilities {
		if !slices.Contains([]string{launchEC2, launchFargate, launchExternal, launchManagedInstances}, c) {
			return clientError("Invalid value '%s' for requiresCompatibilities.", c)
		}
	}
	if err := checkDefinitionSize(in); err != nil {
		return err
	}
	return checkTags(in.Tags)
}

func checkDefinitionSize(in *registerInput) *apiError {
	cpu, cpuOK := parseCPU(in.CPU)
	memory, memoryOK := parseMemory(in.Memory)
	if in.CPU != "" && !cpuOK {
		return clientError("Invalid 'cpu' setting for task.")
	}
	if in.Memory != "" && !memoryOK {
		return clientError("Invalid 'memory' setting for task.")
	}
	for _, c := range in.ContainerDefinitions {
		if memoryOK && int(c.Memory) > memory {
			return clientError(messageContainerMemory, c.Name)
		}
	}
	if !slices.Contains(in.RequiresCompatibilities, launchFargate) {
		return nil
	}
	if in.NetworkMode != networkAwsvpc {
		return clientError("Fargate only supports network mode 'awsvpc'.")
	}
	if d := in.definition(); !isFargateSize(cpu, memory, d.windows()) {
		return clientError("No Fargate configuration exists for given values: %d CPU, %d memory.", cpu, memory)
	}
	return nil
}

// definition keeps what RunTask looks at.
func (in *registerInput) definition() TaskDefinition {
	d := TaskDefinition{
		Family: in.Family, NetworkMode: in.NetworkMode, CPU: in.CPU, Memory: in.Memory,
		TaskRoleARN: in.TaskRoleARN, ExecutionRoleARN: in.ExecutionRoleARN,
		Volumes: in.Volumes, PlacementConstraints: in.PlacementConstraints, Tags: in.Tags,
		OperatingSystemFamily: in.RuntimePlatform.OperatingSystemFamily,
		CPUArchitecture:       in.RuntimePlatform.CPUArchitecture,
	}
	if d.NetworkMode == "" && !d.windows() {
		d.NetworkMode = "bridge" // the default on Linux
	}
	for _, c := range in.ContainerDefinitions {
		k := Container{Name: c.Name, Image: c.Image, CPU: int(c.CPU), Memory: int(c.Memory), MemoryReservation: int(c.MemoryReservation)}
		for _, e := range c.Environment {
			k.Environment = append(k.Environment, e.Name)
		}
		for _, e := range c.Secrets {
			k.Secrets = append(k.Secrets, e.Name)
		}
		d.Containers = append(d.Containers, k)
	}
	d.Compatibilities = in.compatibilities(d)
	return d
}

// compatibilities is what ECS finds the definition fit for: EC2 always, what it
// was required to be fit for, and Fargate if network mode and size allow.
func (in *registerInput) compatibilities(d TaskDefinition) []string {
	fit := []string{launchEC2}
	for _, c := range in.RequiresCompatibilities {
		if !slices.Contains(fit, c) {
			fit = append(fit, c)
		}
	}
	if len(in.RequiresCompatibilities) > 0 {
		return fit
	}
	cpu, _ := parseCPU(d.CPU)
	memory, _ := parseMemory(d.Memory)
	if d.NetworkMode == networkAwsvpc && isFargateSize(cpu, memory, d.windows()) {
		fit = append(fit, launchFargate)
	}
	if d.NetworkMode != networkAwsvpc {
		fit = append(fit, launchExternal)
	}
	return fit
}
