package task

// [API TaskOverride, ContainerOverride] unless said otherwise.
var (
	overridesBytes = rule{"runtask-overrides-bytes", "%d bytes of JSON: Container Overrides length must be at most %d",
		"pass a pointer (bucket and key, an id) and let the task fetch the data"} // [SEEN]
	roleForm      = rule{"runtask-role-form", "not the ARN of an IAM role", "write arn:aws:iam::ACCOUNT:role/NAME"}
	ephemeralLow  = rule{"runtask-ephemeral-storage-minimum", "%d: EphemeralStorage size should be at least %d", "leave it out: 20 GiB are included"} // [SEEN]
	ephemeralHigh = rule{"runtask-ephemeral-storage-maximum", "%d: EphemeralStorage size should be at most %d", "attach an EBS volume for more"}      // [SEEN]
	ephemeralEC2  = rule{"runtask-ephemeral-storage-fargate", "EphemeralStorage is only supported with FARGATE launch type", "remove it: the instance's disk is used"}

	containerName      = rule{"runtask-container-name-required", "required", "name the container that is overridden"}
	containerForm      = rule{"runtask-container-name-form", "not the name of a container", "a name has 1 to 255 letters, digits, hyphens and underscores"} // [API ContainerDefinition]
	containerDuplicate = rule{"runtask-container-duplicate", "the container is overridden twice", "merge the overrides"}
	// What an empty list does is not documented; nobody means "no override" by it.
	commandEmpty      = rule{"runtask-command-empty", "an empty command overrides nothing", "leave it out for the command of the task definition"}
	environmentName   = rule{"runtask-environment-name-required", "required", "name the variable"}
	environmentTwice  = rule{"runtask-environment-duplicate", "the variable is set twice", "remove one of them: which of them wins is not documented"}
	filesCount        = rule{"runtask-environment-files-count", "%d files, at most %d", "merge them"} // [DG use-environment-file]
	fileType          = rule{"runtask-environment-file-type-required", "required", "write s3"}
	fileTypeKnown     = rule{"runtask-environment-file-type", "unknown value, expected one of %s", ""}
	fileValue         = rule{"runtask-environment-file-required", "required", "write the ARN of an object in S3"}
	fileForm          = rule{"runtask-environment-file-form", "not the ARN of an object in S3 whose key ends with .env", "write arn:aws:s3:::BUCKET/KEY.env"} // [DG]
	containerCPU      = rule{"runtask-container-cpu-range", "%d: invalid 'cpu' setting for the container, at least %d", "1024 units are a vCPU"}
	containerMemory   = rule{"runtask-container-memory-minimum", "%d: at least %d MiB are required", "Docker 20.10 and later need 6"}
	containerReserves = rule{"runtask-container-reservation-minimum", "%d: at least %d MiB are required", "Docker 20.10 and later need 6"}
	containerHard     = rule{"runtask-container-memory-reservation", "the 'memory' setting for the container must be greater than 'memoryReservation'", "memory is the hard limit"}
)

func (c *checker) overrides() {
	o, p := c.r.Overrides, at("overrides")
	if o == nil {
		return
	}
	c.form(roleForm, p.at("executionRoleArn"), o.ExecutionRoleARN, isRoleARN)
	c.form(roleForm, p.at("taskRoleArn"), o.TaskRoleARN, isRoleARN)
	c.ephemeralStorage(p.at("ephemeralStorage"), o.EphemeralStorage)
	c.size(p, o)
	var seen set
	for i := range o.ContainerOverrides {
		v, item := &o.ContainerOverrides[i], p.at("containerOverrides").item(i)
		if !seen.add(v.Name) {
			c.refuse(containerDuplicate, item.at("name"))
		}
		c.container(item, v)
	}
	c.sharing(p.at("containerOverrides"), o.ContainerOverrides)
	if overrideBytesAtMost(o) <= MaxOverrideBytes {
		return
	}
	if n := OverrideBytes(o); n > MaxOverrideBytes {
		c.refuse(overridesBytes, p, n, MaxOverrideBytes)
	}
}

func (c *checker) ephemeralStorage(p *path, s *EphemeralStorage) {
	if s == nil {
		return
	}
	if c.where == onInstances {
		c.refuse(ephemeralEC2, p)
	}
	size := p.at("sizeInGiB")
	switch n := s.SizeInGiB; {
	case !c.known(size):
	case n < MinEphemeralGiB:
		c.refuse(ephemeralLow, size, n, MinEphemeralGiB)
	case n > MaxEphemeralGiB:
		c.refuse(ephemeralHigh, size, n, MaxEphemeralGiB)
	}
}

func (c *checker) container(p *path, v *ContainerOverride) {
	c.required(containerName, p.at("name"), v.Name)
	c.form(containerForm, p.at("name"), v.Name, isName)
	if c.absent(p.at("command"), v.Command != nil && len(v.Command) == 0) {
		c.refuse(commandEmpty, p.at("command"))
	}
	for i, arg := range v.Command {
		c.text(p.at("command").item(i), arg)
	}
	c.environment(p.at("environment"), v.Environment)
	c.environmentFiles(p.at("environmentFiles"), v.EnvironmentFiles)
	c.least(containerCPU, p.at("cpu"), v.CPU, 0)
	c.least(containerMemory, p.at("memory"), v.Memory, MinContainerMiB)
	c.least(containerReserves, p.at("memoryReservation"), v.MemoryReservation, MinContainerMiB)
	if v.Memory != nil && v.MemoryReservation != nil && *v.Memory <= *v.MemoryReservation {
		c.refuse(containerHard, p.at("memory"))
	}
	for i := range v.ResourceRequirements {
		c.resource(p.at("resourceRequirements").item(i), &v.ResourceRequirements[i])
	}
}

// least refuses a number that is present and smaller.
func (c *checker) least(r rule, p *path, n *int32, low int32) {
	if n != nil && *n < low {
		c.refuse(r, p, *n, low)
	}
}

func (c *checker) environment(list *path, vars []KeyValuePair) {
	var seen set
	for i := range vars {
		e, p := &vars[i], list.item(i)
		c.required(environmentName, p.at("name"), e.Name)
		c.text(p.at("name"), e.Name)
		if !seen.add(e.Name) {
			c.refuse(environmentTwice, p.at("name"))
		}
		if e.Value != nil {
			c.text(p.at("value"), *e.Value)
		}
	}
}

func (c *checker) environmentFiles(list *path, files []EnvironmentFile) {
	c.most(filesCount, list, len(files), MaxEnvironmentFiles)
	for i := range files {
		f, p := &files[i], list.item(i)
		c.required(fileType, p.at("type"), f.Type)
		c.oneOf(fileTypeKnown, p.at("type"), f.Type, fileTypes)
		c.required(fileValue, p.at("value"), f.Value)
		c.form(fileForm, p.at("value"), f.Value, isEnvironmentFile)
		c.text(p.at("value"), f.Value)
	}
}
