// Package metric has the names of the metrics that the function writes to its log
// in CloudWatch's embedded metric format, and that alarms and the dashboard read.
package metric

// EnvNamespace is the variable of the function that names the metrics' namespace.
// Each stack has one of its own, so that no metric needs to say which function it
// is about.
const EnvNamespace = "TASKBRIDGE_METRICS_NAMESPACE"

// Namespace is that of a stack's metrics.
func Namespace(stack string) string { return "Taskbridge/" + stack }

// The metrics. All are counts but LaunchLatency. Each is there once without a
// dimension, or Failed by Class, which is what alarms watch; what belongs to a
// rule is there by Rule, too.
const (
	Events        = "Events"        // events received
	Matched       = "Matched"       // launches that rules asked for
	Unmatched     = "Unmatched"     // events that no rule matched
	Launched      = "Launched"      // launches whose tasks exist
	Duplicate     = "Duplicate"     // launches that had been made before
	Failed        = "Failed"        // launches and items that failed, by Class
	Throttled     = "Throttled"     // calls that ECS throttled
	Shortfall     = "Shortfall"     // tasks that an answer lacked
	LaunchLatency = "LaunchLatency" // milliseconds from the first call to the result
)

// The dimensions.
const (
	Class = "Class"
	Rule  = "Rule"
)
