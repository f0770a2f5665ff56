package localecs

import (
	"regexp"
	"strings"
)

const (
	minEphemeralGiB     = 21 // API reference of EphemeralStorage; without an override it is 20
	maxEphemeralGiB     = 200
	maxEnvironmentFiles = 10 // developer guide, "Pass environment variables"
	minContainerMemory  = 4  // MiB, of Docker 19.03 (API reference of ContainerOverride.memory)
	minTaskCPU          = 128
	maxTaskCPU          = 196608 // 192 vCPUs, on EC2 and EXTERNAL

	resourceGPU         = "GPU"
	resourceNeuron      = "NeuronDevice"
	resourceAccelerator = "InferenceAccelerator"
)

var (
	// Path and name as the IAM API reference has them.
	roleARN   = regexp.MustCompile(`^arn:aws[a-z-]{0,32}:iam::[0-9]{12}:role/([!-~]{1,512}/)?[A-Za-z0-9_+=,.@-]{1,64}$`)
	s3ARN     = regexp.MustCompile(`(?s)^arn:aws[a-z-]{0,32}:s3:::[^/]+/.+$`)
	countText = regexp.MustCompile(`^[1-9][0-9]*$`)
)

func (in *runTaskInput) checkOverrides() *apiError {
	if in.Overrides == nil {
		return nil
	}
	// Whether ECS counts characters or bytes is not documented; bytes are the
	// stricter reading.
	if len(in.rawOverrides) > maxOverrides {
		return invalid("Container Overrides length must be at most %d", maxOverrides)
	}
	o := in.Overrides
	if err := o.checkTask(); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, c := range o.ContainerOverrides {
		if c.Name == "" {
			return invalid("Container override name cannot be empty.")
		}
		if seen[c.Name] {
			return invalid("Duplicate override for container named %s.", c.Name)
		}
		seen[c.Name] = true
		if err := c.check(); err != nil {
			return err
		}
	}
	return o.checkSharing()
}

// checkTask checks what overrides the task rather than one container.
func (o *taskOverride) checkTask() *apiError {
	if o.CPU != nil {
		if _, ok := parseCPU(*o.CPU); !ok {
			return invalid("Invalid 'cpu' setting for task.")
		}
	}
	if o.Memory != nil {
		if _, ok := parseMemory(*o.Memory); !ok {
			return invalid("Invalid 'memory' setting for task.")
		}
	}
	if e := o.EphemeralStorage; e != nil && e.SizeInGiB < minEphemeralGiB {
		return invalid("EphemeralStorage size should be at least %d", minEphemeralGiB)
	}
	if e := o.EphemeralStorage; e != nil && e.SizeInGiB > maxEphemeralGiB {
		return invalid("EphemeralStorage size should be at most %d", maxEphemeralGiB)
	}
	for _, role := range []*string{o.ExecutionRoleARN, o.TaskRoleARN} {
		if role != nil && !roleARN.MatchString(*role) {
			return invalid("'%s' is not the ARN of an IAM role.", *role)
		}
	}
	if len(o.InferenceAcceleratorOverrides) > 0 {
		return invalid("Amazon Elastic Inference is no longer available.")
	}
	return nil
}

func (c *containerOverride) check() *apiError {
	if err := c.checkProcess(); err != nil {
		return err
	}
	if c.CPU != nil && *c.CPU < 0 {
		return invalid("Invalid 'cpu' setting for container '%s'.", c.Name)
	}
	if c.Memory != nil && *c.Memory < minContainerMemory {
		return invalid("Invalid 'memory' setting for container '%s': at least %d MiB are required.", c.Name, minContainerMemory)
	}
	if c.MemoryReservation != nil && *c.MemoryReservation < minContainerMemory {
		return invalid("Invalid 'memoryReservation' setting for container '%s': at least %d MiB are required.", c.Name, minContainerMemory)
	}
	if len(c.EnvironmentFiles) > maxEnvironmentFiles {
		return invalid("Container '%s' can have at most %d environment files.", c.Name, maxEnvironmentFiles)
	}
	for _, f := range c.EnvironmentFiles {
		if f.Type != "s3" {
			return invalid("Invalid environment file type '%s'. Valid values: s3.", f.Type)
		}
		if !s3ARN.MatchString(f.Value) || !strings.HasSuffix(f.Value, ".env") {
			return invalid("Environment file '%s' must be the ARN of an Amazon S3 object whose key ends with .env.", f.Value)
		}
	}
	for _, r := range c.ResourceRequirements {
		if err := r.check(); err != nil {
			return err
		}
	}
	return nil
}

// checkProcess: what neither an empty command nor a variable that is set twice
// does is documented, so that both are refused.
func (c *containerOverride) checkProcess() *apiError {
	if c.Command != nil && len(c.Command) == 0 {
		return invalid("The command override for container '%s' cannot be empty.", c.Name)
	}
	seen := map[string]bool{}
	for _, e := range c.Environment {
		if e.Name == "" {
			return invalid("Environment variable name cannot be empty.")
		}
		if seen[e.Name] {
			return invalid("Duplicate environment variable '%s' for container '%s'.", e.Name, c.Name)
		}
		seen[e.Name] = true
	}
	return nil
}

// check follows the API reference of ResourceRequirement.
func (r *resourceRequirement) check() *apiError {
	if r.Type != resourceGPU && r.SharingStrategy != nil {
		return invalid("sharingStrategy is only supported for resource type GPU.")
	}
	switch r.Type {
	case resourceGPU:
		return r.checkGPU()
	case resourceNeuron:
		if r.Value == nil || *r.Value != "ALL" {
			return invalid("The value of resource type NeuronDevice must be ALL.")
		}
		return nil
	case resourceAccelerator:
		return invalid("Amazon Elastic Inference is no longer available.")
	}
	return invalid("Invalid resource type '%s'. Valid values: GPU, NeuronDevice.", r.Type)
}

func (r *resourceRequirement) checkGPU() *apiError {
	if (r.Value == nil) == (r.SharingStrategy == nil) {
		return invalid("Exactly one of value and sharingStrategy must be specified for resource type GPU.")
	}
	if r.Value != nil && *r.Value != "ALL" {
		if !countText.MatchString(*r.Value) {
			return invalid("The value of resource type GPU must be a number of GPUs or ALL.")
		}
	}
	if r.SharingStrategy != nil {
		mps := r.SharingStrategy.NvidiaMPS
		if mps == nil || mps.Memory == nil || *mps.Memory < 1 {
			return invalid("nvidiaMps requires memory.")
		}
		if p := mps.MaxComputePercent; p != nil && (*p < 1 || *p > 100) {
			return invalid("maxComputePercent must be between 1 and 100.")
		}
	}
	return nil
}

// checkSharing: all GPU containers of a task share or none does, and Neuron devices
// belong to one container.
func (o *taskOverride) checkSharing() *apiError {
	shared, whole, neuron := false, false, 0
	for _, c := range o.ContainerOverrides {
		for _, r := range c.ResourceRequirements {
			shared = shared || r.SharingStrategy != nil
			whole = whole || r.Type == resourceGPU && r.SharingStrategy == nil
			if r.Type == resourceNeuron {
				neuron++
			}
		}
	}
	if shared && whole {
		return invalid("All containers that use GPUs in a task must use the same sharing option.")
	}
	if neuron > 1 {
		return invalid("Only one container in a task can use resource type NeuronDevice.")
	}
	return nil
}
