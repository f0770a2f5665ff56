package localecs

import (
	"slices"
)

// A plan is a request after everything it refers to has been looked up.
type plan struct {
	in       *runTaskInput
	cluster  *cluster
	td       *taskDef
	launch   string         // launch type; empty with a strategy
	strategy []strategyItem // in effect: the request's or the cluster's default
	cpu      int            // of the task, overrides merged; 0 if it has none
	memory   int
}

const (
	messageSecretName = "The secret name must be unique and not shared with any new or existing " +
		"environment variables set on the container, such as '%s'."
	messageContainerMemory = "The 'memory' setting for container '%s' is greater than for the task."
)

// resolvePlan looks up what the request refers to and applies the rules that need
// it. The caller holds s.mu.
func (s *Server) resolvePlan(in *runTaskInput, c *cluster) (*plan, *apiError) {
	td, err := s.activeTaskDefinition(in.TaskDefinition)
	if err != nil {
		return nil, err
	}
	p := &plan{in: in, cluster: c, td: td, launch: in.LaunchType, strategy: in.CapacityProviderStrategy}
	if p.launch == "" && len(p.strategy) == 0 {
		p.strategy = c.defaultStrategy
	}
	if p.launch == "" && len(p.strategy) == 0 {
		p.launch = launchEC2
	}
	return p, firstError(
		p.checkProviders,
		p.checkCompatibility,
		p.checkNetworkMode,
		p.checkPlatform,
		p.checkPlacement,
		p.checkContainers,
		p.checkSize,
		p.checkResources,
		p.checkRoles,
		p.checkVolumes,
		p.checkTags,
	)
}

func (s *Server) activeTaskDefinition(ref string) (*taskDef, *apiError) {
	td, err := s.resolve(ref)
	if err == nil && td.inactive {
		err = clientError(messageTaskDefinitionInactive)
	}
	return td, err
}

// fargate reports whether the tasks run on Fargate.
func (p *plan) fargate() bool {
	return p.launch == launchFargate || len(p.strategy) > 0 && fargateProvider(p.strategy[0].CapacityProvider)
}

func (p *plan) spot() bool {
	return slices.ContainsFunc(p.strategy, func(i strategyItem) bool { return i.CapacityProvider == providerFargateSpot })
}

func fargateProvider(name string) bool {
	return name == launchFargate || name == providerFargateSpot
}

// checkProviders: which Fargate providers a cluster can use is associated with it
// like any other.
func (p *plan) checkProviders() *apiError {
	return p.cluster.checkProviders(p.strategy)
}

func (c *cluster) checkProviders(strategy []strategyItem) *apiError {
	mixed := false
	for _, i := range strategy {
		if !slices.Contains(c.providers, i.CapacityProvider) {
			return invalid("The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster.")
		}
		mixed = mixed || fargateProvider(i.CapacityProvider) != fargateProvider(strategy[0].CapacityProvider)
	}
	if mixed {
		return invalid("A capacity provider strategy cannot contain a mix of capacity providers using Auto Scaling groups and Fargate providers.")
	}
	return nil
}

// checkCompatibility takes a provider that is not Fargate's to have whatever
// instances the task definition needs: Auto Scaling group or managed.
func (p *plan) checkCompatibility() *apiError {
	launch := p.launch
	if p.fargate() {
		launch = launchFargate
	}
	if launch != "" && !slices.Contains(p.td.Compatibilities, launch) {
		return invalid("Task definition does not support launch_type %s.", launch)
	}
	return nil
}

func (p *plan) checkNetworkMode() *apiError {
	n := p.in.NetworkConfiguration
	given := n != nil && n.AwsvpcConfiguration != nil
	awsvpc := p.td.NetworkMode == networkAwsvpc
	switch {
	case awsvpc && !given:
		return invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
	case given && !awsvpc:
		return invalid("Network Configuration is not valid for the given networkMode of this task definition.")
	case awsvpc && p.launch == launchExternal:
		return invalid("Network mode 'awsvpc' is not supported for launch type EXTERNAL.")
	case given && n.AwsvpcConfiguration.AssignPublicIP == "ENABLED" && !p.fargate():
		return invalid("Assign public IP is not supported for this launch type.")
	}
	return nil
}

// Platform versions (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-fargate.html):
// Linux 1.4.0, which LATEST is, and 1.3.0; Windows 1.0.0.
const (
	platformLatest = "LATEST"
	platformLinux  = "1.4.0"
	platformLegacy = "1.3.0"
	platformWin    = "1.0.0"
)

// platformVersion is the version in effect.
func (p *plan) platformVersion() string {
	v := p.in.PlatformVersion
	if v != "" && v != platformLatest {
		return v
	}
	if p.td.windows() {
		return platformWin
	}
	return platformLinux
}

func (p *plan) checkPlatform() *apiError {
	if !p.fargate() {
		if p.in.PlatformVersion != "" {
			return invalid("The platform version must be null when specifying an EC2 launch type.")
		}
		return nil
	}
	v := p.platformVersion()
	if known := p.td.windows() && v == platformWin || !p.td.windows() && (v == platformLinux || v == platformLegacy); !known {
		return badRequest(codePlatformUnknown, "The specified platform version does not exist.")
	}
	if p.spot() && p.td.windows() {
		return badRequest(codePlatformIncompatibility, "Windows containers are not supported on FARGATE_SPOT.")
	}
	if v != platformLegacy {
		return nil
	}
	// What 1.3.0 lacks.
	lacks := ""
	switch o := p.in.Overrides; {
	case p.spot() && p.td.CPUArchitecture == "ARM64":
		lacks = "FARGATE_SPOT with ARM64"
	case o != nil && o.EphemeralStorage != nil:
		lacks = "ephemeralStorage"
	case slices.ContainsFunc(p.in.containerOverrides(), func(c containerOverride) bool { return len(c.EnvironmentFiles) > 0 }):
		lacks = "environmentFiles"
	case len(p.in.VolumeConfigurations) > 0:
		lacks = "Amazon EBS volumes"
	}
	if lacks != "" {
		return badRequest(codePlatformIncompatibility, "Platform version %s does not support %s.", v, lacks)
	}
	return nil
}

func (p *plan) checkPlacement() *apiError {
	if p.fargate() && len(p.in.PlacementStrategy) > 0 {
		return invalid("Placement strategies are not supported with FARGATE launch type")
	}
	if p.fargate() && len(p.in.PlacementConstraints) > 0 {
		return invalid("Placement constraints are not supported with FARGATE launch type")
	}
	if len(p.in.PlacementConstraints)+len(p.td.PlacementConstraints) > maxPlacementConstraints {
		return invalid("A task can have at most %d placement constraints, including those in the task definition.", maxPlacementConstraints)
	}
	return nil
}

func (p *plan) checkRoles() *apiError {
	o := p.in.Overrides
	hasRole := p.td.TaskRoleARN != "" || o != nil && o.TaskRoleARN != nil
	if p.in.EnableExecuteCommand && !hasRole {
		return invalid("The task couldn't be run because a valid taskRoleArn is not being used.")
	}
	return nil
}

func (p *plan) checkVolumes() *apiError {
	for _, v := range p.in.VolumeConfigurations {
		known := slices.ContainsFunc(p.td.Volumes, func(d Volume) bool { return d.Name == v.Name && d.ConfiguredAtLaunch })
		if !known {
			return invalid("Volume '%s' is not a volume of the task definition with configuredAtLaunch.", v.Name)
		}
		if p.fargate() && p.td.windows() {
			return invalid("Amazon EBS volumes are not supported for Windows containers on Fargate.")
		}
		if e := v.ManagedEBSVolume; e != nil {
			if err := p.checkEBS(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkEBS: where there are EBS volumes, and which (developer guide, "Use Amazon EBS
// volumes with Amazon ECS").
func (p *plan) checkEBS(e *managedEBS) *apiError {
	switch {
	case p.launch == launchExternal:
		return invalid("Amazon EBS volumes are not supported with EXTERNAL launch type")
	case p.fargate() && e.VolumeType == "standard":
		return invalid("Volume type 'standard' is not supported on Fargate.")
	case p.fargate() && e.FilesystemType == "ntfs":
		return invalid("Filesystem type 'ntfs' is not supported on Fargate.")
	}
	return nil
}

// tags are the tags that the tasks get, without ECS's own.
func (p *plan) tags() []Tag {
	if p.in.PropagateTags == "TASK_DEFINITION" {
		return mergeTags(p.in.Tags, p.td.Tags)
	}
	return append([]Tag{}, p.in.Tags...)
}

func (p *plan) checkTags() *apiError {
	if len(p.tags()) > maxTags {
		return invalid("A resource can have at most %d tags, including those of the task definition.", maxTags)
	}
	return nil
}

// group is the task group; the default is the task definition's family.
func (p *plan) group() string {
	return orDefault(p.in.Group, "family:"+p.td.Family)
}
