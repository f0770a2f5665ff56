package localecs

// checkContainers checks container overrides against the containers that there
// are.
func (p *plan) checkContainers() *apiError {
	for _, o := range p.in.containerOverrides() {
		c := p.td.container(o.Name)
		if c == nil {
			return invalid("Override for container named %s is not a container in the TaskDefinition.", o.Name)
		}
		// RegisterTaskDefinition refuses this collision. What RunTask makes of one that
		// an override brings about is not documented.
		for _, secret := range c.Secrets {
			for _, e := range o.Environment {
				if e.Name == secret {
					return clientError(messageSecretName, secret)
				}
			}
		}
	}
	return nil
}

// checkSize merges the sizes of the task definition and of the overrides.
func (p *plan) checkSize() *apiError {
	cpu, memory := p.td.CPU, p.td.Memory
	if o := p.in.Overrides; o != nil {
		if o.CPU != nil {
			cpu = *o.CPU
		}
		if o.Memory != nil {
			memory = *o.Memory
		}
	}
	p.cpu, _ = parseCPU(cpu)
	p.memory, _ = parseMemory(memory)
	if err := p.checkTaskSize(); err != nil {
		return err
	}
	return p.checkContainerSizes()
}

func (p *plan) checkTaskSize() *apiError {
	o := p.in.Overrides
	if !p.fargate() {
		if o != nil && o.CPU != nil && (p.cpu < minTaskCPU || p.cpu > maxTaskCPU) {
			return invalid("Invalid 'cpu' setting for task.")
		}
		if o != nil && o.EphemeralStorage != nil {
			return invalid("EphemeralStorage is only supported with FARGATE launch type")
		}
		return nil
	}
	if !isFargateSize(p.cpu, p.memory, p.td.windows()) {
		return invalid("No Fargate configuration exists for given values: %d CPU, %d memory.", p.cpu, p.memory)
	}
	if p.cpu > 4096 && p.platformVersion() == platformLegacy {
		return badRequest(codePlatformIncompatibility, "Platform version %s does not support %d CPU.", platformLegacy, p.cpu)
	}
	return nil
}

// checkContainerSizes: a task's own limits bound those of its containers.
func (p *plan) checkContainerSizes() *apiError {
	sum := 0
	for i := range p.td.Containers {
		c := p.merged(&p.td.Containers[i])
		sum += c.CPU
		if c.Memory > 0 && c.Memory <= c.MemoryReservation {
			return invalid("The 'memory' setting for container '%s' must be greater than 'memoryReservation'.", c.Name)
		}
		if p.memory > 0 && max(c.Memory, c.MemoryReservation) > p.memory {
			return invalid(messageContainerMemory, c.Name)
		}
	}
	if p.fargate() && sum > p.cpu {
		return invalid("The total 'cpu' setting of the containers is greater than for the task.")
	}
	return nil
}

// merged returns the container with its override's sizes.
func (p *plan) merged(c *Container) Container {
	m := *c
	for _, o := range p.in.containerOverrides() {
		if o.Name != c.Name {
			continue
		}
		if o.CPU != nil {
			m.CPU = int(*o.CPU)
		}
		if o.Memory != nil {
			m.Memory = int(*o.Memory)
		}
		if o.MemoryReservation != nil {
			m.MemoryReservation = int(*o.MemoryReservation)
		}
	}
	return m
}

// checkResources: where there are GPUs and Neuron devices.
func (p *plan) checkResources() *apiError {
	for _, o := range p.in.containerOverrides() {
		for _, r := range o.ResourceRequirements {
			switch {
			case r.Type == resourceGPU && p.fargate():
				return invalid("Resource type GPU is not supported with FARGATE launch type")
			case r.SharingStrategy != nil && p.launch == launchExternal:
				return invalid("nvidiaMps is not supported with EXTERNAL launch type")
			case r.Type == resourceNeuron && (p.fargate() || p.launch != ""):
				return invalid("Resource type NeuronDevice is only supported on Amazon ECS Managed Instances.")
			}
		}
	}
	return nil
}
