package dispatch

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/taskbridge/taskbridge/internal/metric"
)

// The environment variables that set [Options].
const (
	EnvNamespace = metric.EnvNamespace // "off" is for no metrics
	EnvSQSReply  = "TASKBRIDGE_SQS_REPLY"
	EnvParallel  = "TASKBRIDGE_PARALLEL"
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
	// Parallel is how many launches one invocation makes at a time; 0 is for
	// MaxParallel. 1 makes them in the order of payload and mapping.
	Parallel int
}

// MaxParallel bounds the launches that one invocation makes at a time. Nearly all
// of them wait for the rate limit or an answer; there may be so many that those of
// one cluster do not hold up another.
const MaxParallel = 1000

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
	if text, _ := env(EnvParallel); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > MaxParallel {
			errs = append(errs, fmt.Errorf("%s: %q: expected 1 to %d", EnvParallel, text, MaxParallel))
		}
		o.Parallel = n
	}
	return o, errors.Join(errs...)
}
