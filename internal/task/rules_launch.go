package task

import "strings"

// [API RunTask] unless said otherwise.
var (
	taskDefinitionRequired = rule{"runtask-task-definition-required", "required", "write family, family:revision or an ARN"}
	taskDefinitionForm     = rule{"runtask-task-definition-form", "neither family, family:revision nor an ARN of a task definition", "a family has 1 to 255 letters, digits, hyphens and underscores"}
	clusterForm            = rule{"runtask-cluster-form", "neither the name nor the ARN of a cluster", "a name has 1 to 255 letters, digits, hyphens and underscores"}
	countRange             = rule{"runtask-count-range", "%d is not between %d and %d", ""} // [QUOTA]
	groupService           = rule{"runtask-group-service", "invalid namespace for group: service: belongs to services", "choose another prefix, or leave group out for family:<family>"}
	groupLength            = rule{"runtask-group-length", "%d characters, at most %d", ""} // [SCHEDULER]
	startedByLength        = rule{"runtask-started-by-length", "%d characters, at most %d", "hash what is too long"}
	startedByText          = rule{"runtask-started-by-text", "holds other characters than letters, digits, hyphens, slashes and underscores", "replace them, or hash the value"}
	propagateService       = rule{"runtask-propagate-tags-service", "SERVICE is for services; RunTask refuses it", "use TASK_DEFINITION"}
	propagateKnown         = rule{"runtask-propagate-tags", "unknown value, expected one of %s", ""}

	launchTypeManaged = rule{"runtask-launch-type-managed-instances", "MANAGED_INSTANCES cannot be asked for by launchType", "use capacityProviderStrategy for Managed Instances"}
	launchTypeKnown   = rule{"runtask-launch-type", "unknown value, expected one of %s", "FARGATE_SPOT and other capacity providers go into capacityProviderStrategy"}
	launchOrStrategy  = rule{"runtask-launch-type-or-strategy", "specifying both a launch type and capacity provider strategy is not supported", "set one of them to null where defaults give the other"} // [SEEN]

	platformVersionForm    = rule{"runtask-platform-version-form", "neither LATEST nor a version such as 1.4.0", "leave it out for LATEST"}
	platformVersionFargate = rule{"runtask-platform-version-fargate", "the platform version must be null when specifying an EC2 launch type", "only Fargate has platform versions"} // [SEEN]
	platformVersionLacks   = rule{"runtask-platform-version-lacks", "platform version %s does not support %s", "use LATEST"}                                                        // [DG platform_versions]
)

func (c *checker) launch() {
	r := c.r
	c.required(taskDefinitionRequired, at("taskDefinition"), r.TaskDefinition)
	c.form(taskDefinitionForm, at("taskDefinition"), r.TaskDefinition, isTaskDefinition)
	c.form(clusterForm, at("cluster"), r.Cluster, isCluster)
	c.between(countRange, at("count"), r.Count, 1, c.maxCount)
	c.launchType()
	c.platformVersion()
	if strings.HasPrefix(r.Group, "service:") {
		c.refuse(groupService, at("group")) // [SEEN] Invalid namespace for group
	}
	c.length(groupLength, at("group"), r.Group, MaxGroup)
	c.text(at("group"), r.Group)
}

func (c *checker) launchType() {
	p, launchType := at("launchType"), c.r.LaunchType
	if launchType == "MANAGED_INSTANCES" {
		c.refuse(launchTypeManaged, p)
	} else {
		c.oneOf(launchTypeKnown, p, launchType, launchTypes)
	}
	if !c.absent(p, launchType == "") && len(c.r.CapacityProviderStrategy) > 0 {
		c.refuse(launchOrStrategy, at("capacityProviderStrategy"))
	}
}

// labels are what tasks are found by.
func (c *checker) labels() {
	r := c.r
	c.length(startedByLength, at("startedBy"), r.StartedBy, MaxStartedBy)
	c.form(startedByText, at("startedBy"), r.StartedBy, func(s string) bool { return made(s, len(s), paths) })
	if r.PropagateTags == "SERVICE" {
		c.refuse(propagateService, at("propagateTags"))
	} else {
		c.oneOf(propagateKnown, at("propagateTags"), r.PropagateTags, tagSources)
	}
	c.tags(at("tags"), r.Tags)
}

// where is what a request says about where its tasks run.
type where int

const (
	anywhere    where = iota // the cluster's default strategy decides
	onFargate                // launch type FARGATE, or Fargate's capacity providers
	onInstances              // launch types EC2 and EXTERNAL, or other capacity providers
)

// runsOn finds out where the tasks run. If neither launch type nor strategy says
// it, a field does that ECS refuses anywhere but on Fargate.
func (c *checker) runsOn() where {
	switch c.r.LaunchType {
	case "FARGATE":
		return onFargate
	case "EC2", "EXTERNAL":
		return onInstances
	}
	for i := range c.r.CapacityProviderStrategy {
		switch name := c.r.CapacityProviderStrategy[i].CapacityProvider; {
		case isFargateProvider(name):
			return onFargate
		case name != "":
			return onInstances
		}
	}
	o, n := c.r.Overrides, c.r.NetworkConfiguration
	if !c.absent(at("platformVersion"), c.r.PlatformVersion == "") || o != nil && o.EphemeralStorage != nil ||
		n != nil && n.AwsvpcConfiguration != nil && n.AwsvpcConfiguration.AssignPublicIP == "ENABLED" {
		return onFargate
	}
	return anywhere
}

func isFargateProvider(name string) bool { return name == "FARGATE" || name == "FARGATE_SPOT" }

// Versions that lack something ([DG platform_versions]): 1.3.0 is the one before
// Linux's LATEST, 1.0.0 the only one of Windows.
const (
	platformLegacy  = "1.3.0"
	platformWindows = "1.0.0"
)

func (c *checker) platformVersion() {
	p, version := at("platformVersion"), c.r.PlatformVersion
	c.form(platformVersionForm, p, version, isPlatformVersion)
	switch {
	case c.where == onInstances:
		if !c.absent(p, version == "") {
			c.refuse(platformVersionFargate, p)
		}
	case version == platformLegacy:
		c.lacks(c.legacyLacks())
	case version == platformWindows:
		c.lacks(c.windowsLacks())
	}
}

func (c *checker) lacks(what string) {
	if what != "" {
		c.refuse(platformVersionLacks, at("platformVersion"), c.r.PlatformVersion, what)
	}
}

// legacyLacks is what the request needs and 1.3.0 does not have.
func (c *checker) legacyLacks() string {
	if o := c.r.Overrides; o != nil {
		if o.EphemeralStorage != nil {
			return "ephemeralStorage"
		}
		for i := range o.ContainerOverrides {
			if len(o.ContainerOverrides[i].EnvironmentFiles) > 0 {
				return "environmentFiles"
			}
		}
	}
	if len(c.r.VolumeConfigurations) > 0 {
		return "Amazon EBS volumes"
	}
	return ""
}

// windowsLacks is what the request needs and Fargate does not have for Windows.
func (c *checker) windowsLacks() string {
	for i := range c.r.CapacityProviderStrategy {
		if c.r.CapacityProviderStrategy[i].CapacityProvider == "FARGATE_SPOT" {
			return "FARGATE_SPOT"
		}
	}
	if len(c.r.VolumeConfigurations) > 0 {
		return "Amazon EBS volumes"
	}
	return ""
}
