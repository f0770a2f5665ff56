package verify

import (
	"fmt"
	"slices"
	"strings"
)

// taskDefinition checks one task definition that the rule can start, and the
// request against it.
func (c *checker) taskDefinition(ref string) {
	c.subject = "task definition " + ref
	seen := c.s.TaskDefinitions[ref]
	if !found(c, seen, "task-definition-exists", "taskDefinition", "does not exist, or has no ACTIVE revision", "register it, or correct the name") {
		return
	}
	d := seen.Is
	name := d.ARN[strings.LastIndexByte(d.ARN, '/')+1:]
	if d.Status != "ACTIVE" {
		c.ng("task-definition-active", "taskDefinition", "use a revision that is ACTIVE, or the family for the latest one", "%s is %s", name, d.Status)
		return
	}
	c.ok("task-definition-active", "%s is ACTIVE", name)
	cluster := c.onlyCluster()
	kinds := c.kinds(cluster)
	c.compatible(d, kinds)
	c.networkMode(d)
	c.containers(d)
	c.secrets(d)
	c.volumes(d)
	c.taskRole(d)
	c.executionRole(d, kinds)
	c.combined(d, cluster)
	c.roles([]roleUse{{arn: d.TaskRoleARN, service: tasksService}, {arn: d.ExecutionRoleARN, service: tasksService}})
}

func (c *checker) compatible(d *TaskDefinition, kinds []string) {
	if kinds == nil {
		c.add("task-definition-compatible", NotChecked, "launchType", "", "where its tasks run is not known")
		return
	}
	if lacks := missing(kinds, d.Compatibilities); len(lacks) > 0 {
		c.ng("task-definition-compatible", "launchType", "register a revision with requiresCompatibilities, or run it elsewhere",
			"task definition does not support %s, it is compatible with %s", strings.Join(lacks, ", "), strings.Join(d.Compatibilities, ", "))
		return
	}
	c.ok("task-definition-compatible", "runs on %s", strings.Join(kinds, ", "))
}

func (c *checker) networkMode(d *TaskDefinition) {
	given := c.t.vpc() != nil
	switch awsvpc := d.NetworkMode == "awsvpc"; {
	case awsvpc && !given:
		c.ng("network-mode", "networkConfiguration", "write networkConfiguration.awsvpcConfiguration with subnets",
			"Network Configuration must be provided when networkMode 'awsvpc' is specified")
	case !awsvpc && given:
		c.ng("network-mode", "networkConfiguration", "set networkConfiguration to null in the rule",
			"Network Configuration is not valid for the given networkMode of this task definition: %q", d.NetworkMode)
	default:
		c.ok("network-mode", "network mode %q goes with the request", d.NetworkMode)
	}
}

// container returns the index of a container, or -1.
func (d *TaskDefinition) container(name string) int {
	return slices.IndexFunc(d.Containers, func(k Container) bool { return k.Name == name })
}

// overridden calls f for each container that an override can be for. It returns
// the fields that the event decides freely.
func (c *checker) overridden(f func(i int, field, name string)) (undecided []string) {
	if c.t.request.Overrides == nil {
		return nil
	}
	for i := range c.t.request.Overrides.ContainerOverrides {
		field := fmt.Sprintf("overrides.containerOverrides[%d].name", i)
		if c.t.undecided(field) {
			undecided = append(undecided, field)
		}
		for _, name := range c.t.values(field, c.t.request.Overrides.ContainerOverrides[i].Name) {
			f(i, field, name)
		}
	}
	return undecided
}

func (c *checker) containers(d *TaskDefinition) {
	have := make([]string, len(d.Containers))
	for i := range d.Containers {
		have[i] = d.Containers[i].Name
	}
	var named []string
	wrong := false
	undecided := c.overridden(func(_ int, field, name string) {
		if named = append(named, name); !slices.Contains(have, name) {
			wrong = true
			c.ng("container-names", field, "write the name of one of its containers: "+quoted(have),
				"Override for container named %s is not a container in the TaskDefinition", name)
		}
	})
	if len(named) > 0 && !wrong {
		c.ok("container-names", "has %s", names(unique(named), "as a container", "as containers"))
	}
	for _, field := range undecided {
		c.open("container-names", c.subject, field)
	}
}

// secrets looks for variables that the task definition takes from a secret. What
// RunTask makes of one that an override sets as well is not documented;
// RegisterTaskDefinition refuses it.
func (c *checker) secrets(d *TaskDefinition) {
	wrong, secret := false, false
	c.overridden(func(i int, _, name string) {
		k := d.container(name)
		if k < 0 {
			return
		}
		secret = secret || len(d.Containers[k].Secrets) > 0
		for j, e := range c.t.request.Overrides.ContainerOverrides[i].Environment {
			field := fmt.Sprintf("overrides.containerOverrides[%d].environment[%d].name", i, j)
			if c.t.undecided(field) && len(d.Containers[k].Secrets) > 0 {
				wrong = true
				c.open("secret-names", c.subject, field)
			}
			for _, variable := range c.t.values(field, e.Name) {
				if slices.Contains(d.Containers[k].Secrets, variable) {
					wrong = true
					c.ng("secret-names", field, "name the variable otherwise",
						"the secret name must be unique and not shared with any environment variable of the container, such as %q", variable)
				}
			}
		}
	})
	if secret && !wrong {
		c.ok("secret-names", "no variable has the name of a secret")
	}
}

func (c *checker) volumes(d *TaskDefinition) {
	var given []string
	wrong, undecided := false, false
	for i := range c.t.request.VolumeConfigurations {
		field := fmt.Sprintf("volumeConfigurations[%d].name", i)
		if c.t.undecided(field) {
			undecided = true
			c.open("volumes", c.subject, field)
		}
		for _, name := range c.t.values(field, c.t.request.VolumeConfigurations[i].Name) {
			if given = append(given, name); !slices.Contains(d.Volumes, name) {
				wrong = true
				c.ng("volumes", field, "name a volume that has configuredAtLaunch in the task definition: "+quoted(d.Volumes),
					"volume %q is none that the task definition leaves to the launch", name)
			}
		}
	}
	if left := missing(d.Volumes, given); len(left) > 0 && !undecided {
		wrong = true
		c.add("volumes", Warning, "volumeConfigurations", "configure it, or use a revision without it", "%s left to the launch, and the rule does not configure it",
			names(left, "is", "are"))
	}
	if len(given) > 0 && !wrong {
		c.ok("volumes", "%s configured at launch", names(unique(given), "is", "are"))
	}
}

// taskRole: ECS Exec works through the task role.
func (c *checker) taskRole(d *TaskDefinition) {
	r := c.t.request
	override := r.Overrides != nil && r.Overrides.TaskRoleARN != "" || c.t.isOpen("overrides.taskRoleArn")
	switch exec := r.EnableExecuteCommand; {
	case exec == nil || !*exec:
	case d.TaskRoleARN == "" && !override:
		c.ng("task-role", "enableExecuteCommand", "give the task definition a taskRoleArn, or override it",
			"enableExecuteCommand needs a task role, and neither task definition nor overrides have one")
	default:
		c.ok("task-role", "has the task role that enableExecuteCommand needs")
	}
}

// executionRole: what ECS fetches and writes for a container takes a role.
func (c *checker) executionRole(d *TaskDefinition, kinds []string) {
	o := c.t.request.Overrides
	if d.ExecutionRoleARN != "" || o != nil && o.ExecutionRoleARN != "" || c.t.isOpen("overrides.executionRoleArn") {
		return
	}
	var why []string
	for i := range d.Containers {
		if len(d.Containers[i].Secrets) > 0 {
			why = append(why, "secrets")
		}
		if slices.Contains(kinds, kindFargate) {
			why = append(why, d.Containers[i].Execution...)
		}
	}
	if why = unique(why); len(why) > 0 {
		c.ng("execution-role", "overrides.executionRoleArn", "give the task definition an executionRoleArn, or override it",
			"has no execution role, which it needs for: %s", strings.Join(why, ", "))
	}
}
