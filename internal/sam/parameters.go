package sam

import (
	"strconv"

	"github.com/taskbridge/taskbridge/internal/mapping/derive"
	"github.com/taskbridge/taskbridge/internal/provision"
)

func (g *generator) parameters() object {
	p := object{
		"Architecture", object{
			"Type", "String", "Default", "arm64", "AllowedValues", []string{"arm64", "x86_64"},
			"Description", "That of bootstrap in the folder of CodeUri.",
		},
		"PassRoleArns", object{
			"Type", "CommaDelimitedList",
			"AllowedPattern", `(none|arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+)`,
			"Description", "The task roles and execution roles that the task definitions themselves name, as ARNs: RunTask fails without permission to pass them. none if they name no role.",
		},
		"AlarmTopicArn", object{"Type", "String", "Default", "", "Description", "The SNS topic that alarms go to; empty for none."},
		"Tracing", object{"Type", "String", "Default", "PassThrough", "AllowedValues", []string{"Active", "PassThrough"}, "Description", "Active: traces to X-Ray."},
	}
	p = append(p, g.sizes()...)
	for _, v := range g.variables {
		declaration := object{"Type", "String"}
		value, ok := g.options.Defaults[v.Name]
		if ok || !v.Required {
			declaration = append(declaration, "Default", value)
		}
		if pattern := allowed(v); pattern != "" {
			declaration = append(declaration, "AllowedPattern", pattern)
		}
		p = append(p, parameter(v.Name), append(declaration, "Description", about(v)))
	}
	return p
}

const noLaunchesHours = "NoLaunchesHours"

// timeouts of the function that a deployer can choose, in seconds. A template
// cannot multiply, and the queue's visibility timeout follows from it.
var timeouts = []int{15, 30, provision.Timeout, 120, 300, 600, 900}

// visibilities are the visibility timeouts of the queue, by the function's timeout.
func visibilities() object {
	var all object
	for _, t := range timeouts {
		all = append(all, strconv.Itoa(t), object{"Visibility", t * provision.VisibilityTimeout / provision.Timeout})
	}
	return all
}

func number(fallback int, description string, bounds ...any) object {
	return append(append(object{"Type", "Number", "Default", fallback}, bounds...), "Description", description)
}

func within(b provision.Bound, fallback int, description string) object {
	return number(fallback, description, "MinValue", b.Low, "MaxValue", b.High)
}

// sizes are parameters for what the deployer may want larger or smaller.
func (g *generator) sizes() object {
	timeout := "Timeout of the function in seconds."
	if !g.options.Topology.Direct {
		timeout = "Timeout of the function in seconds; the queue's visibility timeout is six times as long."
	}
	p := object{
		"MemorySize", within(provision.MemorySizes, provision.MemorySize, "Memory of the function in MB; its share of a CPU grows with it."),
		"Timeout", number(provision.Timeout, timeout, "AllowedValues", timeouts),
		"ReservedConcurrency", object{
			"Type", "String", "Default", "", "AllowedPattern", "[0-9]*",
			"Description", "Instances of the function that are kept for it, and at most run; empty for none.",
		},
		"LogRetentionDays", number(provision.LogRetention, "Days that log lines are kept.", "AllowedValues", provision.LogRetentions),
		"KmsKeyArn", object{
			"Type", "String", "Default", "", "AllowedPattern", "(" + provision.KeyARN + ")?",
			"Description", "The key that encrypts the queues; empty for SQS's own. Its policy has to allow events.amazonaws.com kms:Decrypt and kms:GenerateDataKey.",
		},
	}
	// The alarm is always there: a template without it would need a condition.
	hours := provision.HoursWithoutLaunches
	hours.Low = 1
	p = append(p, noLaunchesHours, within(hours, provision.NoLaunchesHours, "Hours without a launch before an alarm."))
	if g.options.Topology.Direct {
		return p
	}
	return append(p,
		"BatchSize", within(provision.BatchSizes, provision.BatchSize, "Messages in an invocation, at most."),
		"MaximumConcurrency", within(provision.MaxConcurrencies, provision.MaxConcurrency, "Instances of the function that read the queue, at most."),
		"MaxReceiveCount", within(provision.MaxReceiveCounts, provision.MaxReceiveCount, "Deliveries of an event before it is given up."))
}

// allowed is what a variable may hold, so that it cannot widen a policy.
func allowed(v derive.Variable) string {
	for _, field := range v.Decides {
		switch field {
		case "cluster", "taskDefinition":
			return `[A-Za-z0-9_-]{1,255}`
		case "taskRoleArn", "executionRoleArn", "roleArn":
			return `[A-Za-z0-9+=,.@_:/-]+`
		}
	}
	return ""
}

func about(v derive.Variable) string {
	text := "The variable " + v.Name + " of the function"
	for _, field := range v.Decides {
		switch field {
		case "cluster":
			return text + ": the name of a cluster."
		case "taskDefinition":
			return text + ": a task definition's family."
		}
	}
	if !v.Required {
		return text + "; empty leaves it out."
	}
	return text + "."
}

func (g *generator) conditions() object {
	c := object{
		"PassesRoles", not(equals(tagged{"!Join", []any{",", ref("PassRoleArns")}}, "none")),
		"HasAlarmTopicArn", not(equals(ref("AlarmTopicArn"), "")),
		"Traces", equals(ref("Tracing"), "Active"),
		"HasReservedConcurrency", not(equals(ref("ReservedConcurrency"), "")),
		"HasKmsKeyArn", not(equals(ref("KmsKeyArn"), "")),
	}
	for _, v := range g.variables {
		if !v.Required {
			c = append(c, "Has"+parameter(v.Name), not(equals(ref(parameter(v.Name)), "")))
		}
	}
	return c
}
