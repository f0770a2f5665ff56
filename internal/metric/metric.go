// Package metric has the names of the metrics that the function writes to its log
// in CloudWatch's embedded metric format, and that alarms and the dashboard read.
package metric

// Namespace is the CloudWatch namespace of every metric.
const Namespace = "Taskbridge"

// The metrics. All are counts but LaunchLatency.
const (
	Events        = "Events"        // events received
	Matched       = "Matched"       // launches that rules asked for
	Unmatched     = "Unmatched"     // events that no rule matched
	Launched      = "Launched"      // launches whose tasks exist
	Duplicate     = "Duplicate"     // launches that had been made before
	Failed        = "Failed"        // launches and items that failed, by Class
	Throttled     = "Throttled"     // calls that ECS throttled
	Shortfall     = "Shortfall"     // tasks that an answer lacked
	Unknown       = "Unknown"       // codes and reasons that are in no table
	LaunchLatency = "LaunchLatency" // milliseconds from the first call to the result
)

// The dimensions. Every metric is there once by Function alone, for alarms; Failed
// also by Function and Class, and what belongs to a rule by Function and Rule.
const (
	Function = "FunctionName"
	Class    = "Class"
	Rule     = "Rule"
)
