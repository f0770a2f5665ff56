package localecs

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits that the API reference of RunTask states, unless said otherwise.
const (
	maxCount                = 10   // also the service quota "Tasks launched per run-task", not adjustable
	maxStartedBy            = 128  // the API reference; was 36 until 2024
	maxGroup                = 255  // the model of EventBridge Scheduler; ECS itself states none
	maxReferenceID          = 1024 // the same
	maxClientToken          = 64   // "Ensuring idempotency" in the API reference
	maxOverrides            = 8192 // API reference of TaskOverride: "including the JSON formatting characters"
	maxProviders            = 20   // API reference of capacityProviderStrategy
	maxWeight               = 1000
	maxBase                 = 100000
	maxSubnets              = 16 // API reference of AwsVpcConfiguration
	maxSecurityGroups       = 5  // the same
	maxPlacementConstraints = 10 // including those in the task definition
	maxPlacementStrategies  = 5
	maxExpression           = 2000 // API reference of PlacementConstraint
	maxPlacementField       = 255  // the model of EventBridge Scheduler; ECS itself states none
)

var (
	startedByText = regexp.MustCompile(`^[A-Za-z0-9/_-]*$`)
	clusterRef    = regexp.MustCompile(`^(arn:aws[a-z-]{0,32}:ecs:[a-z0-9-]{1,32}:[0-9]{12}:cluster/)?[A-Za-z0-9_-]{1,255}$`)
	tokenText     = regexp.MustCompile(`^[!-~]*$`) // ASCII 33 to 126
	subnetID      = regexp.MustCompile(`^subnet-[0-9a-z]+$`)
	groupID       = regexp.MustCompile(`^sg-[0-9a-zA-Z]+$`)
)

// checkRequest applies the rules that need nothing but the request.
func checkRequest(in *runTaskInput) *apiError {
	return firstError(
		in.checkScalars,
		in.checkEnums,
		in.checkStrategy,
		in.checkNetwork,
		in.checkPlacement,
		func() *apiError { return checkTags(in.Tags) },
		in.checkOverrides,
		in.checkVolumes,
	)
}

func (in *runTaskInput) checkScalars() *apiError {
	switch {
	case in.TaskDefinition == "":
		return clientError("TaskDefinition cannot be empty.")
	case in.count() < 1 || in.count() > maxCount:
		return invalid("count must be between 1 and %d.", maxCount)
	case utf8.RuneCountInString(in.StartedBy) > maxStartedBy:
		return invalid("startedBy longer than %d.", maxStartedBy)
	case !startedByText.MatchString(in.StartedBy):
		return invalid("startedBy can only contain letters, digits, hyphens, slashes and underscores.")
	case len(in.ClientToken) > maxClientToken:
		return invalid("clientToken longer than %d.", maxClientToken)
	case !tokenText.MatchString(in.ClientToken):
		return invalid("clientToken can only contain ASCII characters 33 to 126.")
	case strings.HasPrefix(in.Group, "service:"):
		return invalid("Invalid namespace for group")
	case utf8.RuneCountInString(in.Group) > maxGroup:
		return invalid("group longer than %d.", maxGroup)
	case utf8.RuneCountInString(in.ReferenceID) > maxReferenceID:
		return invalid("referenceId longer than %d.", maxReferenceID)
	case in.Cluster != "" && !clusterRef.MatchString(in.Cluster):
		return invalid("Cluster name contains invalid characters.")
	}
	return nil
}

func (in *runTaskInput) checkEnums() *apiError {
	switch in.LaunchType {
	case "", launchEC2, launchFargate, launchExternal:
	case launchManagedInstances:
		return invalid("Launch type MANAGED_INSTANCES requires a capacity provider strategy. Remove launchType and try again.")
	default:
		return invalid("Invalid launch type '%s'. Valid values: EC2, FARGATE, EXTERNAL.", in.LaunchType)
	}
	switch in.PropagateTags {
	case "", "TASK_DEFINITION", "NONE":
	case "SERVICE":
		return invalid("propagateTags SERVICE is not supported when running a task.")
	default:
		return invalid("Invalid value '%s' for propagateTags.", in.PropagateTags)
	}
	return nil
}

func (in *runTaskInput) checkStrategy() *apiError {
	if in.LaunchType != "" && len(in.CapacityProviderStrategy) > 0 {
		return invalid("Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.")
	}
	return checkStrategyItems(in.CapacityProviderStrategy)
}

func checkStrategyItems(items []strategyItem) *apiError {
	if len(items) > maxProviders {
		return invalid("A capacity provider strategy can contain a maximum of %d capacity providers.", maxProviders)
	}
	bases, weights := 0, 0
	for i, item := range items {
		switch {
		case item.CapacityProvider == "":
			return invalid("Capacity provider name cannot be empty.")
		case !resourceName.MatchString(item.CapacityProvider):
			return invalid("Capacity provider name contains invalid characters.")
		case item.Weight < 0 || item.Weight > maxWeight:
			return invalid("Capacity provider weight must be between 0 and %d.", maxWeight)
		case item.Base < 0 || item.Base > maxBase:
			return invalid("Capacity provider base must be between 0 and %d.", maxBase)
		case slices.ContainsFunc(items[:i], func(o strategyItem) bool { return o.CapacityProvider == item.CapacityProvider }):
			return invalid("A capacity provider strategy cannot contain duplicate capacity providers.")
		}
		if item.Base > 0 {
			bases++
		}
		weights += int(item.Weight)
	}
	if bases > 1 {
		return invalid("Only one capacity provider in a capacity provider strategy can have a base defined.")
	}
	// The API's default weight is 0, unlike the console's.
	if len(items) > 0 && weights == 0 {
		return invalid("At least one capacity provider in a capacity provider strategy must have a weight greater than 0.")
	}
	return nil
}

// checkNetwork takes every well-formed subnet and security group to exist. The wording
// for the others is that of EC2, which ECS passes on.
func (in *runTaskInput) checkNetwork() *apiError {
	if in.NetworkConfiguration == nil || in.NetworkConfiguration.AwsvpcConfiguration == nil {
		return nil
	}
	c := in.NetworkConfiguration.AwsvpcConfiguration
	if len(c.Subnets) == 0 || slices.Contains(c.Subnets, "") {
		return invalid("subnets can not be empty.")
	}
	if len(c.Subnets) > maxSubnets {
		return invalid("subnets can have at most %d items.", maxSubnets)
	}
	for _, id := range c.Subnets {
		if !subnetID.MatchString(id) {
			return invalid("Error retrieving subnet information for [%s]: "+
				"The subnet ID '%s' does not exist (ErrorCode: InvalidSubnetID.NotFound)", strings.Join(c.Subnets, ", "), id)
		}
	}
	if slices.Contains(c.SecurityGroups, "") {
		return invalid("security group cannot be blank")
	}
	if len(c.SecurityGroups) > maxSecurityGroups {
		return invalid("securityGroups can have at most %d items.", maxSecurityGroups)
	}
	for _, id := range c.SecurityGroups {
		if !groupID.MatchString(id) {
			return invalid("Error retrieving security group information for [%s]: "+
				"The security group '%s' does not exist (ErrorCode: InvalidGroup.NotFound)", strings.Join(c.SecurityGroups, ", "), id)
		}
	}
	if p := c.AssignPublicIP; p != "" && p != "ENABLED" && p != "DISABLED" {
		return invalid("Invalid value '%s' for assignPublicIp. Valid values: ENABLED, DISABLED.", p)
	}
	return nil
}

func (in *runTaskInput) checkPlacement() *apiError {
	if len(in.PlacementConstraints) > maxPlacementConstraints {
		return invalid("A task can have at most %d placement constraints.", maxPlacementConstraints)
	}
	for _, c := range in.PlacementConstraints {
		switch {
		case c.Type != "distinctInstance" && c.Type != "memberOf":
			return invalid("Invalid placement constraint type '%s'. Valid values: distinctInstance, memberOf.", c.Type)
		case c.Type == "distinctInstance" && c.Expression != "":
			return invalid("An expression cannot be specified for the placement constraint type distinctInstance.")
		case c.Type == "memberOf" && c.Expression == "":
			return invalid("An expression is required for the placement constraint type memberOf.")
		case utf8.RuneCountInString(c.Expression) > maxExpression:
			return invalid("A placement constraint expression can have at most %d characters.", maxExpression)
		}
	}
	if len(in.PlacementStrategy) > maxPlacementStrategies {
		return invalid("A task can have at most %d placement strategies.", maxPlacementStrategies)
	}
	for _, p := range in.PlacementStrategy {
		if !p.valid() || utf8.RuneCountInString(p.Field) > maxPlacementField {
			return invalid("Invalid placement strategy: type '%s', field '%s'.", p.Type, p.Field)
		}
	}
	return nil
}

// valid follows the API reference of PlacementStrategy. Whether "CPU" means "cpu" is
// not documented, and is common.
func (p placementStrategy) valid() bool {
	switch p.Type {
	case "random":
		return true
	case "binpack":
		return strings.EqualFold(p.Field, "cpu") || strings.EqualFold(p.Field, "memory")
	case "spread":
		attribute, ok := strings.CutPrefix(p.Field, "attribute:")
		return ok && attribute != "" || strings.EqualFold(p.Field, "instanceId") || p.Field == "host"
	}
	return false
}
