package task

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// RunTask's limits. Sources: [API] the ECS API reference, RunTask and the types
// it names, as the doc comments of the pinned SDK module have it; [QUOTA] the
// ECS service quotas page; [MODEL] the service model of botocore.
const (
	MaxCount               = 10   // tasks per call, not adjustable [QUOTA]
	MaxOverrideBytes       = 8192 // "8192 characters … includes the JSON formatting" [API TaskOverride]; counted in bytes, the stricter reading
	MaxStartedBy           = 128  // [API]
	MaxTags                = 50   // [API]
	MaxTagKey              = 128  // [API Tag]
	MaxTagValue            = 256  // [API Tag]
	MaxCapacityProviders   = 20   // [API]
	MaxSubnets             = 16   // [API AwsVpcConfiguration]
	MaxSecurityGroups      = 5    // [API AwsVpcConfiguration]
	MaxPlacementRules      = 10   // constraints, those of the task definition included [API]
	MaxPlacementStrategies = 5    // [API]
	MinEphemeralGiB        = 21   // [API EphemeralStorage]
	MaxEphemeralGiB        = 200
)

// A LimitError says which field of a request RunTask would refuse, and why.
type LimitError struct {
	Field string // path in RunTask's names: overrides.containerOverrides[0].name
	Msg   string // what is wrong, in ECS's words where it has them
	Hint  string // what to do; may be empty
}

func (e *LimitError) Error() string { return e.Field + ": " + e.Msg }

// Class says that trying again cannot help.
func (e *LimitError) Class() string { return "permanent" }

// Validate returns every reason known before the call for which RunTask would
// refuse r, as joined [*LimitError]s, or nil. It does not change r.
func Validate(r *Request) error {
	v := validator{}
	v.placement(r)
	v.network(r.NetworkConfiguration)
	v.overrides(r.Overrides)
	v.labels(r)
	return errors.Join(v.errs...)
}

type validator struct{ errs []error }

func (v *validator) add(field, hint, format string, args ...any) {
	v.errs = append(v.errs, &LimitError{field, fmt.Sprintf(format, args...), hint})
}

func (v *validator) enum(field, got string, known ...string) {
	if got == "" {
		return
	}
	for _, k := range known {
		if got == k {
			return
		}
	}
	// The value is not shown: an expression may have taken it from an event.
	v.add(field, "", "unknown value, expected one of %s", strings.Join(known, ", "))
}

func (v *validator) placement(r *Request) {
	if r.TaskDefinition == "" {
		v.add("taskDefinition", "write family, family:revision or an ARN", "required")
	}
	if r.Count != nil && (*r.Count < 1 || *r.Count > MaxCount) {
		v.add("count", "", "%d is not between 1 and %d", *r.Count, MaxCount)
	}
	if r.LaunchType == "MANAGED_INSTANCES" {
		v.add("launchType", "use capacityProviderStrategy for Managed Instances", "MANAGED_INSTANCES cannot be asked for by launchType")
	} else {
		v.enum("launchType", r.LaunchType, "EC2", "FARGATE", "EXTERNAL")
	}
	if r.LaunchType != "" && len(r.CapacityProviderStrategy) > 0 {
		v.add("capacityProviderStrategy", "set one of them to null where defaults give the other",
			"specifying both a launch type and capacity provider strategy is not supported")
	}
	if n := len(r.CapacityProviderStrategy); n > MaxCapacityProviders {
		v.add("capacityProviderStrategy", "", "%d providers, at most %d", n, MaxCapacityProviders)
	}
	for i, item := range r.CapacityProviderStrategy {
		field := fmt.Sprintf("capacityProviderStrategy[%d]", i)
		if item.CapacityProvider == "" {
			v.add(field+".capacityProvider", "", "required")
		}
		if item.Weight != nil && (*item.Weight < 0 || *item.Weight > 1000) {
			v.add(field+".weight", "", "%d is not between 0 and 1000", *item.Weight)
		}
		if item.Base != nil && (*item.Base < 0 || *item.Base > 100000) {
			v.add(field+".base", "", "%d is not between 0 and 100000", *item.Base)
		}
	}
	if n := len(r.PlacementConstraints); n > MaxPlacementRules {
		v.add("placementConstraints", "", "%d constraints, at most %d", n, MaxPlacementRules)
	}
	if n := len(r.PlacementStrategy); n > MaxPlacementStrategies {
		v.add("placementStrategy", "", "%d strategies, at most %d", n, MaxPlacementStrategies)
	}
	if strings.HasPrefix(r.Group, "service:") {
		v.add("group", "", "invalid namespace for group: service: belongs to services")
	}
}

func (v *validator) network(n *NetworkConfiguration) {
	if n == nil || n.AwsvpcConfiguration == nil {
		return
	}
	const field = "networkConfiguration.awsvpcConfiguration"
	c := n.AwsvpcConfiguration
	if len(c.Subnets) < 1 || len(c.Subnets) > MaxSubnets {
		v.add(field+".subnets", "", "%d subnets, expected 1 to %d", len(c.Subnets), MaxSubnets)
	}
	if len(c.SecurityGroups) > MaxSecurityGroups {
		v.add(field+".securityGroups", "", "%d security groups, at most %d", len(c.SecurityGroups), MaxSecurityGroups)
	}
	v.enum(field+".assignPublicIp", c.AssignPublicIP, "ENABLED", "DISABLED")
}

func (v *validator) overrides(o *TaskOverride) {
	if o == nil {
		return
	}
	for i, c := range o.ContainerOverrides {
		v.container(fmt.Sprintf("overrides.containerOverrides[%d]", i), c)
	}
	if s := o.EphemeralStorage; s != nil && (s.SizeInGiB < MinEphemeralGiB || s.SizeInGiB > MaxEphemeralGiB) {
		v.add("overrides.ephemeralStorage.sizeInGiB", "", "%d is not between %d and %d", s.SizeInGiB, MinEphemeralGiB, MaxEphemeralGiB)
	}
	if n := OverrideBytes(o); n > MaxOverrideBytes {
		v.add("overrides", "pass a pointer (bucket and key, an id) and let the task fetch the data",
			"%d bytes of JSON, at most %d", n, MaxOverrideBytes)
	}
}

func (v *validator) container(field string, c ContainerOverride) {
	if c.Name == "" {
		v.add(field+".name", "name the container that is overridden", "required")
	}
	seen := make(map[string]bool, len(c.Environment))
	for i, e := range c.Environment {
		at := fmt.Sprintf("%s.environment[%d]", field, i)
		switch {
		case e.Name == "":
			v.add(at+".name", "", "required")
		case seen[e.Name]:
			v.add(at+".name", "", "the variable is set twice")
		}
		seen[e.Name] = true
		if e.Value != nil {
			v.text(at+".value", *e.Value)
		}
	}
	for i, arg := range c.Command {
		v.text(fmt.Sprintf("%s.command[%d]", field, i), arg)
	}
}

// text refuses what cannot be sent: JSON carries valid UTF-8 only, and neither
// an environment variable nor an argument of a process can hold a NUL.
func (v *validator) text(field, s string) {
	switch {
	case !utf8.ValidString(s):
		v.add(field, "", "not valid UTF-8")
	case strings.ContainsRune(s, 0):
		v.add(field, "", "holds a NUL character")
	}
}

// Compiled on first use: a function that starts cold should not pay for it.
var (
	startedByText = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9/_-]*$`) })
	tagText       = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`) })
)

func (v *validator) labels(r *Request) {
	if n := utf8.RuneCountInString(r.StartedBy); n > MaxStartedBy {
		v.add("startedBy", "", "%d characters, at most %d", n, MaxStartedBy)
	}
	if r.StartedBy != "" && !startedByText().MatchString(r.StartedBy) {
		v.add("startedBy", "", "holds other characters than letters, digits, hyphens, slashes and underscores")
	}
	if r.PropagateTags == "SERVICE" {
		v.add("propagateTags", "", "SERVICE is for services; RunTask refuses it")
	} else {
		v.enum("propagateTags", r.PropagateTags, "TASK_DEFINITION", "NONE")
	}
	if n := len(r.Tags); n > MaxTags {
		v.add("tags", "", "%d tags, at most %d", n, MaxTags)
	}
	seen := make(map[string]bool, len(r.Tags))
	for i, t := range r.Tags {
		v.tag(fmt.Sprintf("tags[%d]", i), t)
		if seen[t.Key] {
			v.add(fmt.Sprintf("tags[%d].key", i), "", "the tag is set twice")
		}
		seen[t.Key] = true
	}
}

func (v *validator) tag(field string, t Tag) {
	value := ""
	if t.Value != nil {
		value = *t.Value
	}
	if n := utf8.RuneCountInString(t.Key); n < 1 || n > MaxTagKey {
		v.add(field+".key", "", "%d characters, expected 1 to %d", n, MaxTagKey)
	}
	if n := utf8.RuneCountInString(value); n > MaxTagValue {
		v.add(field+".value", "", "%d characters, at most %d", n, MaxTagValue)
	}
	v.tagText(field+".key", t.Key)
	v.tagText(field+".value", value)
}

func (v *validator) tagText(field, s string) {
	if !tagText().MatchString(s) {
		v.add(field, "", "holds characters that a tag cannot hold: letters, digits, spaces and _ . : / = + - @ are allowed")
	}
	if len(s) >= 4 && strings.EqualFold(s[:4], "aws:") {
		v.add(field, "", "the prefix aws: is reserved")
	}
}

// OverrideBytes is the size of o as the SDK sends it: compact JSON, no HTML
// escapes.
func OverrideBytes(o *TaskOverride) int {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(o); err != nil {
		panic("taskbridge: internal error: overrides do not marshal: " + err.Error())
	}
	return b.Len() - 1 // Encode ends the text with a newline
}
