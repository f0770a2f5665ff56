package task

import "strconv"

var (
	taskCPU    = rule{"runtask-task-cpu", "invalid 'cpu' setting for task", `write CPU units ("1024") or vCPUs ("1 vCPU")`}   // [SEEN]
	taskMemory = rule{"runtask-task-memory", "invalid 'memory' setting for task", `write MiB ("2048") or GB ("2 GB")`}        // [SEEN]
	taskCPUEC2 = rule{"runtask-task-cpu-range", "invalid 'cpu' setting for task: %d units are not between %d and %d", ""}     // [API RegisterTaskDefinition]
	taskSize   = rule{"runtask-task-size-fargate", "no Fargate configuration exists for given values: %s CPU, %s memory", ""} // [SEEN]

	taskCPUSum = rule{"runtask-task-cpu-sum", "the total 'cpu' setting of the containers is greater than for the task: %d of %d units",
		"give the containers less, or the task more"} // [API ContainerDefinition.cpu]
	taskMemoryContainer = rule{"runtask-task-memory-container", "the 'memory' setting for the container is greater than for the task: %d of %d MiB",
		"give the container less, or the task more"} // [SEEN]
)

// size checks the size of the task, and of its containers against it. What the
// request leaves to the task definition, or to an expression, is taken to be as
// large as it can be.
func (c *checker) size(p *path, o *TaskOverride) {
	cpu, okCPU := parseCPU(o.CPU)
	memory, okMemory := parseMemory(o.Memory)
	okCPU, okMemory = okCPU || o.CPU == "", okMemory || o.Memory == ""
	if !okCPU {
		c.refuse(taskCPU, p.at("cpu"))
	}
	if !okMemory {
		c.refuse(taskMemory, p.at("memory"))
	}
	if !okCPU || !okMemory {
		return
	}
	if c.where == onFargate {
		var ok bool
		if cpu, memory, ok = c.fargateSize(p, cpu, memory); !ok {
			return
		}
	} else if cpu != 0 && (cpu < MinTaskCPU || cpu > MaxTaskCPU) {
		c.refuse(taskCPUEC2, p.at("cpu"), cpu, MinTaskCPU, MaxTaskCPU)
	}
	c.containerSizes(p, o.ContainerOverrides, cpu, memory)
}

// fargateSize returns the largest size that Fargate has for what is given of it;
// 0 is not given.
func (c *checker) fargateSize(p *path, cpu, memory int) (int, int, bool) {
	version := c.r.PlatformVersion
	largestCPU, largestMemory, ok := largestSize(cpu, memory, version)
	if !ok {
		at := p.at("memory")
		if memory == 0 {
			at = p.at("cpu")
		}
		c.refuse(taskSize, at, orAny(cpu), orAny(memory)).Hint = sizeHint(cpu, version)
	}
	return largestCPU, largestMemory, ok
}

func orAny(n int) string {
	if n == 0 {
		return "any"
	}
	return strconv.Itoa(n)
}

func (c *checker) containerSizes(p *path, containers []ContainerOverride, cpu, memory int) {
	sum := 0
	for i := range containers {
		v, item := &containers[i], p.at("containerOverrides").item(i)
		if v.CPU != nil && *v.CPU > 0 {
			sum += int(*v.CPU)
		}
		for _, m := range []struct {
			name string
			mib  *int32
		}{{"memory", v.Memory}, {"memoryReservation", v.MemoryReservation}} {
			if memory > 0 && m.mib != nil && int(*m.mib) > memory {
				c.refuse(taskMemoryContainer, item.at(m.name), *m.mib, memory)
			}
		}
	}
	if c.where == onFargate && sum > cpu {
		c.refuse(taskCPUSum, p.at("cpu"), sum, cpu)
	}
}
