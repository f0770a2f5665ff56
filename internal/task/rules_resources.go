package task

// [API ResourceRequirement, SharingStrategy, NvidiaMpsAllocation].
var (
	resourceType        = rule{"runtask-resource-type-required", "required", "write GPU or NeuronDevice"}
	resourceKnown       = rule{"runtask-resource-type", "unknown value, expected one of %s", ""}
	resourceAccelerator = rule{"runtask-resource-inference-accelerator", "Amazon Elastic Inference is no longer available", "use GPU or NeuronDevice"}
	resourceGPUFargate  = rule{"runtask-resource-gpu-fargate", "resource type GPU is not supported with FARGATE launch type", "run the task on instances"}
	resourceGPUValue    = rule{"runtask-resource-gpu-value", "neither a number of GPUs nor ALL", `write "1", say`}
	resourceGPUOne      = rule{"runtask-resource-gpu-value-or-sharing", "exactly one of value and sharingStrategy must be specified for resource type GPU", "value is for whole GPUs, sharingStrategy for a part of one"}
	resourceNeuronALL   = rule{"runtask-resource-neuron-value", "the value of resource type NeuronDevice must be ALL", "write ALL"}
	resourceNeuronWhere = rule{"runtask-resource-neuron-managed-instances", "resource type NeuronDevice is only supported on Managed Instances", "use a capacityProviderStrategy with a Managed Instances provider, without launchType"}
	resourceNeuronOnce  = rule{"runtask-resource-neuron-once", "only one container in a task can use resource type NeuronDevice", "keep it in one of them"}
	sharingGPUOnly      = rule{"runtask-sharing-gpu-only", "sharingStrategy is only supported for resource type GPU", "remove it"}
	sharingMember       = rule{"runtask-sharing-nvidia-mps-required", "required", "write nvidiaMps with the memory that the container gets"}
	sharingMemory       = rule{"runtask-sharing-memory", "%d MiB are not at least %d", "write the MiB of GPU memory that the container gets"}
	sharingMemoryNone   = rule{"runtask-sharing-memory-required", "required", "write the MiB of GPU memory that the container gets"}
	sharingPercent      = rule{"runtask-sharing-max-compute-percent", "%d is not between %d and %d", ""}
	sharingExternal     = rule{"runtask-sharing-external", "GPU sharing is not supported with EXTERNAL launch type", "use value for whole GPUs"}
	sharingSame         = rule{"runtask-sharing-same", "all containers that use GPUs in a task must use the same option", "use sharingStrategy for all of them or for none"}
)

func (c *checker) resource(p *path, v *ResourceRequirement) {
	c.required(resourceType, p.at("type"), v.Type)
	if v.SharingStrategy != nil {
		c.sharingStrategy(p.at("sharingStrategy"), v)
	}
	switch v.Type {
	case "GPU":
		c.gpu(p, v)
	case "NeuronDevice":
		c.neuron(p, v)
	case "InferenceAccelerator":
		c.refuse(resourceAccelerator, p.at("type"))
	default:
		c.oneOf(resourceKnown, p.at("type"), v.Type, resourceTypes)
	}
}

func (c *checker) gpu(p *path, v *ResourceRequirement) {
	if c.where == onFargate {
		c.refuse(resourceGPUFargate, p)
	}
	without := c.absent(p.at("value"), v.Value == "")
	if without && c.absent(p.at("sharingStrategy"), v.SharingStrategy == nil) || !without && v.SharingStrategy != nil {
		c.refuse(resourceGPUOne, p)
	}
	c.form(resourceGPUValue, p.at("value"), v.Value, func(s string) bool { return s == "ALL" || isPositive(s) })
}

func (c *checker) neuron(p *path, v *ResourceRequirement) {
	if c.known(p.at("value")) && v.Value != "ALL" {
		c.refuse(resourceNeuronALL, p.at("value"))
	}
	if c.where == onFargate || !c.absent(at("launchType"), c.r.LaunchType == "") {
		c.refuse(resourceNeuronWhere, p)
	}
}

func (c *checker) sharingStrategy(p *path, v *ResourceRequirement) {
	if v.Type != "GPU" && v.Type != "" {
		c.refuse(sharingGPUOnly, p)
	}
	if c.r.LaunchType == "EXTERNAL" {
		c.refuse(sharingExternal, p)
	}
	mps := v.SharingStrategy.NvidiaMPS
	if mps == nil {
		if c.known(p.at("nvidiaMps")) {
			c.refuse(sharingMember, p.at("nvidiaMps"))
		}
		return
	}
	memory := p.at("nvidiaMps").at("memory")
	if c.absent(memory, mps.Memory == nil) {
		c.refuse(sharingMemoryNone, memory)
	}
	c.least(sharingMemory, memory, mps.Memory, 1)
	c.between(sharingPercent, p.at("nvidiaMps").at("maxComputePercent"), mps.MaxComputePercent, 1, 100)
}

// sharing checks the containers of the task against each other.
func (c *checker) sharing(list *path, containers []ContainerOverride) {
	shared, whole, neurons := false, false, 0
	for i := range containers {
		for j := range containers[i].ResourceRequirements {
			v := &containers[i].ResourceRequirements[j]
			shared = shared || v.SharingStrategy != nil
			whole = whole || v.Type == "GPU" && v.SharingStrategy == nil
			if v.Type == "NeuronDevice" {
				neurons++
			}
		}
	}
	if shared && whole {
		c.refuse(sharingSame, list)
	}
	if neurons > 1 {
		c.refuse(resourceNeuronOnce, list)
	}
}
