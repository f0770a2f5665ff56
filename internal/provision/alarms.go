package provision

import (
	"fmt"

	"github.com/taskbridge/taskbridge/internal/metric"
)

// A Resource is one of the stack that metrics are about.
type Resource string

// The resources that metrics are about.
const (
	Namespace   Resource = "Namespace"   // of the function's own metrics, which have no dimension
	Function    Resource = "Function"    // its name
	Queue       Resource = "Queue"       // its name; delivery through a queue
	DeadLetters Resource = "DeadLetters" // its name
	Undelivered Resource = "Undelivered" // its name; what EventBridge could not deliver to a FIFO queue
)

// An Alarm is one of CloudWatch, in CloudWatch's words.
type Alarm struct {
	ID, Description    string
	Namespace, Metric  string // the former may be Namespace.Placeholder()
	Of                 Resource
	Class              string // of failures, if set
	Statistic          string
	Period             int // seconds
	Periods            int // evaluated, all of which have to be beyond Threshold
	Threshold          float64
	ComparisonOperator string
	TreatMissingData   string
}

// DimensionName is that of the metrics of a resource, "" if they have none.
func (r Resource) DimensionName() string {
	switch r {
	case Namespace:
		return ""
	case Function:
		return "FunctionName"
	}
	return "QueueName"
}

// own stands for the namespace of the function's own metrics.
var own = Namespace.Placeholder()

// NoLaunches is the ID of the alarm whose hours a deployer chooses, and
// NoLaunchesText its description with a verb for them.
const (
	NoLaunches     = "NoLaunches"
	NoLaunchesText = "Nothing was launched for %v hours."
)

const (
	atLeast = "GreaterThanOrEqualToThreshold"
	fewer   = "LessThanThreshold"
)

// Topology is how events reach the function.
type Topology struct {
	Direct bool // EventBridge invokes the function; otherwise a queue stands between
	FIFO   bool // of the queue
}

// Alarms are those of the stack. noLaunchesHours is how long nothing may be
// launched, at most 168; 0 leaves that alarm out.
func Alarms(t Topology, noLaunchesHours int) []Alarm {
	alarms := []Alarm{
		one("DeadLetters", "An event was given up: it is in the dead-letter queue.", "AWS/SQS", "ApproximateNumberOfMessagesVisible", DeadLetters, "Maximum"),
	}
	if t.FIFO {
		alarms = append(alarms, one("UndeliveredEvents", "EventBridge could not deliver an event to the queue.", "AWS/SQS", "ApproximateNumberOfMessagesVisible", Undelivered, "Maximum"))
	}
	if !t.Direct {
		a := one("OldestMessage", "An event has waited for a quarter of an hour.", "AWS/SQS", "ApproximateAgeOfOldestMessage", Queue, "Maximum")
		a.Threshold, a.Periods = 900, 2
		alarms = append(alarms, a)
	}
	throttles := one("FunctionThrottles", "Lambda does not start enough instances of the function.", "AWS/Lambda", "Throttles", Function, "Sum")
	throttles.Periods = 3
	ecs := one("EcsThrottles", "ECS throttles RunTask all the time: launches are late.", own, metric.Throttled, Namespace, "Sum")
	ecs.Threshold, ecs.Periods = 100, 3
	alarms = append(alarms,
		one("FunctionErrors", "An invocation failed as a whole, or the function does not start.", "AWS/Lambda", "Errors", Function, "Sum"),
		throttles, ecs)
	for _, c := range []struct {
		class, id, about   string
		threshold, periods int
	}{
		{"permanent", "PermanentFailures", "A launch failed for a reason that no retry removes.", 1, 1},
		{"transient", "TransientFailures", "Launches keep failing for reasons that usually pass, such as capacity.", 10, 3},
		{"ambiguous", "AmbiguousFailures", "Calls to ECS keep ending without an answer.", 10, 3},
		{"unknown", "UnknownReasons", "ECS answered with a code or reason that Taskbridge does not know.", 1, 1},
	} {
		a := one(c.id, c.about, own, metric.Failed, Namespace, "Sum")
		a.Class, a.Threshold, a.Periods = c.class, float64(c.threshold), c.periods
		alarms = append(alarms, a)
	}
	if noLaunchesHours > 0 {
		alarms = append(alarms, Alarm{
			ID: NoLaunches, Description: fmt.Sprintf(NoLaunchesText, noLaunchesHours),
			Namespace: own, Metric: metric.Launched, Of: Namespace, Statistic: "Sum",
			Period: 3600, Periods: noLaunchesHours, Threshold: 1, ComparisonOperator: fewer, TreatMissingData: "breaching",
		})
	}
	return alarms
}

// one is an alarm for the first occurrence in five minutes.
func one(id, about, namespace, name string, of Resource, statistic string) Alarm {
	return Alarm{
		ID: id, Description: about, Namespace: namespace, Metric: name, Of: of, Statistic: statistic,
		Period: 300, Periods: 1, Threshold: 1, ComparisonOperator: atLeast, TreatMissingData: "notBreaching",
	}
}
