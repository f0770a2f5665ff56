// Package provision has what the CDK construct and the SAM template have in
// common beside what follows from the mapping (package derive): sizes, names,
// alarms, the dashboard, and AWS's limits on it all.
package provision

import (
	"cmp"
	"strings"

	"github.com/taskbridge/taskbridge/internal/mapping/derive"
)

// The function and its queues. Times are seconds.
const (
	MemorySize = 256 // MB; the share of a CPU grows with it
	Timeout    = 60
	// VisibilityTimeout is six times the function's timeout: AWS Lambda developer
	// guide, "Using Lambda with Amazon SQS", recommends it.
	VisibilityTimeout = 6 * Timeout
	MaxReceiveCount   = 5
	QueueRetention    = 4 * 86400
	// DeadLetterRetention is the longest there is. It has to exceed that of the
	// queue, because a message keeps its age when it is moved.
	DeadLetterRetention = 14 * 86400
	BatchSize           = 10
	// MaxConcurrency bounds the instances that read the queue. Each keeps to the
	// account's default rate of RunTask by itself, so few of them reach it.
	MaxConcurrency = 5
	LogRetention   = 30 // days
	// Direct invocations: the longest there is.
	AsyncRetries  = 2
	AsyncEventAge = 6 * 3600
	// NoLaunchesHours is how long nothing may be launched before an alarm.
	NoLaunchesHours = 24
)

// TargetID is the Id of the only target of every rule.
const TargetID = "taskbridge"

// RuleName is the name of a rule or schedule in AWS.
func RuleName(prefix, rule string) string { return prefix + "-" + rule }

// RuleARNs are patterns for the ARNs of all rules that [RuleName] names, in the
// default bus and in others. They are what resource policies allow, so that a
// policy has the same size for one rule and for a thousand.
func RuleARNs(prefix string, s derive.Sources) []string {
	const arn = "arn:" + derive.Partition + ":events:" + derive.Region + ":" + derive.AccountID + ":rule/"
	onDefault, onOthers := false, false
	for _, r := range s.Rules {
		onDefault = onDefault || busName(r.Bus) == "default"
		onOthers = onOthers || busName(r.Bus) != "default"
	}
	var arns []string
	if onDefault {
		arns = append(arns, arn+RuleName(prefix, "*"))
	}
	if onOthers {
		arns = append(arns, arn+"*/"+RuleName(prefix, "*"))
	}
	return arns
}

// busName is the name of an event bus that the mapping names, or gives the ARN of.
func busName(bus string) string {
	if _, name, ok := strings.Cut(bus, ":event-bus/"); ok {
		return name
	}
	return cmp.Or(bus, "default")
}

// ScheduleGroups are the ARNs of the groups that have schedules: who may use the
// role of the schedules, as the EventBridge Scheduler user guide, "Confused
// deputy prevention", has it.
func ScheduleGroups(s derive.Sources) []string {
	const arn = "arn:" + derive.Partition + ":scheduler:" + derive.Region + ":" + derive.AccountID + ":schedule-group/"
	var arns []string
	seen := map[string]bool{}
	for i := range s.Schedules {
		group := GroupName(&s.Schedules[i])
		if !seen[group] {
			seen[group] = true
			arns = append(arns, arn+group)
		}
	}
	return arns
}

// GroupName is the group of a schedule.
func GroupName(s *derive.Schedule) string {
	if s.Spec.Group == "" {
		return "default"
	}
	return s.Spec.Group
}

// State is a rule's or schedule's, in AWS's word.
func State(enabled bool) string {
	if enabled {
		return "ENABLED"
	}
	return "DISABLED"
}

// ID is a name as CloudFormation takes it for a logical id: letters and digits,
// each word with a capital. Names that differ only in what is left out share it.
func ID(name string) string {
	var b strings.Builder
	up := true
	for _, r := range name {
		switch {
		case r >= 'a' && r <= 'z' && up:
			b.WriteRune(r - 'a' + 'A')
			up = false
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			b.WriteRune(r)
			up = false
		default:
			up = true
		}
	}
	return b.String()
}

// The function is told how its event source takes a batch of which messages
// failed: ReportBatchItemFailures is on.
const (
	EnvSQSReply = "TASKBRIDGE_SQS_REPLY"
	SQSReply    = "partial"
)
