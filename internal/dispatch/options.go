package dispatch

import (
	"errors"
	"fmt"
	"io"
)

// The environment variables that set [Options].
const (
	EnvNamespace = "TASKBRIDGE_METRICS_NAMESPACE" // "off" is for no metrics
	EnvSQSReply  = "TASKBRIDGE_SQS_REPLY"
)

const (
	defaultNamespace = "Taskbridge"
	metricsOff       = "off"
	maxNamespace     = 255 // characters (CloudWatch API reference, PutMetricData)
)

// Options configure a [Handler].
type Options struct {
	// Metrics takes CloudWatch metrics in the embedded metric format, a line for each
	// rule and invocation; nil is for none. Namespace is theirs.
	Metrics   io.Writer
	Namespace string
	// SQS is how batches with failed messages are answered.
	SQS SQSReply
}

// OptionsFromEnv reads what an operator can set; metrics go to stdout. env is as
// os.LookupEnv.
func OptionsFromEnv(env func(string) (string, bool), stdout io.Writer) (Options, error) {
	o := Options{Metrics: stdout, Namespace: defaultNamespace}
	var errs []error
	switch name, _ := env(EnvNamespace); {
	case name == metricsOff:
		o.Metrics = nil
	case len(name) > maxNamespace:
		errs = append(errs, fmt.Errorf("%s: %d characters, at most %d", EnvNamespace, len(name), maxNamespace))
	case name != "":
		o.Namespace = name
	}
	text, _ := env(EnvSQSReply)
	o.SQS = SQSReply(text)
	if o.SQS != SQSUnknown && o.SQS != SQSPartial && o.SQS != SQSError {
		errs = append(errs, fmt.Errorf("%s: %q: expected %s or %s", EnvSQSReply, text, SQSPartial, SQSError))
	}
	return o, errors.Join(errs...)
}
