package provision

import (
	"fmt"
	"math"
)

// A Bound is what AWS takes for one of the stack's sizes, whole numbers from Low
// to High. Source says whose limits they are.
type Bound struct {
	Low, High int
	Source    string
}

// The bounds of sizes. More than 10 messages in a batch take a batching window,
// and each would wait for it.
var (
	MemorySizes      = Bound{128, 10240, "Lambda's limits"}
	Timeouts         = Bound{1, 900, "Lambda's limits"}
	BatchSizes       = Bound{1, 10, "Lambda's limit without a batching window"}
	MaxConcurrencies = Bound{2, 1000, "Lambda's limits of an SQS event source"}
	MaxReceiveCounts = Bound{1, 1000, "SQS's limits"}
	// HoursWithoutLaunches are for the alarm; 0 leaves it out.
	HoursWithoutLaunches = Bound{0, 168, "CloudWatch's limit of an alarm"}
)

// KeyARN is the form of the ARN of a KMS key, a regular expression for all of it.
const KeyARN = `arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+`

// LogRetentions are the days that CloudWatch Logs takes, API reference,
// PutRetentionPolicy.
var LogRetentions = []int{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

// Check refuses a value that is no whole number within the bound; name is what
// the error calls it.
func (b Bound) Check(name string, v float64) error {
	if v < float64(b.Low) || v > float64(b.High) || v != math.Trunc(v) {
		return fmt.Errorf("%s takes %d to %d, got %v (%s)", name, b.Low, b.High, v, b.Source)
	}
	return nil
}
