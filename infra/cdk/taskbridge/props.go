// Package taskbridge is an AWS CDK construct that provisions Taskbridge for a
// mapping: the function, what sends events to it, what it may do, and what tells
// people when something goes wrong. Rules, schedules and permissions follow from
// the mapping.
package taskbridge

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
)

// A Delivery is how events come from EventBridge to the function.
type Delivery string

const (
	// DeliveryQueue puts an SQS queue between EventBridge and the function: events
	// wait there while ECS throttles or has no capacity. The default.
	DeliveryQueue Delivery = "queue"
	// DeliveryDirect has EventBridge invoke the function. It costs less and takes
	// less time; a failed launch is tried again by Lambda, twice and within six
	// hours.
	DeliveryDirect Delivery = "direct"
)

// Props are what the construct depends on. Mapping and one of PassRoles, Lock and
// NoPassRoles are required; what else is nil has the default that it names.
type Props struct {
	// Mapping is the path of the mapping file.
	Mapping *string
	// Params are the values of the mapping's parameters: text, bool, a number, a
	// list. They are bound when the mapping is compiled, so a CDK token is refused.
	Params map[string]any
	// Environment is the function's environment; each variable that the mapping
	// reads has to be in it. A value may be a CDK token, unless it decides which
	// task definition is started. One that decides a cluster is taken for the
	// cluster's name if it is a token, one that decides a role for its ARN.
	Environment map[string]*string
	// PassRoles are the task roles and execution roles that the task definitions
	// themselves name, as ARNs or names: RunTask passes them, and the mapping does
	// not know them.
	PassRoles []*string
	// Lock is the path of a lock that taskbridge verify --write-lock wrote: the roles
	// of the task definitions are read from it.
	Lock *string
	// NoPassRoles says that the task definitions name no role.
	NoPassRoles *bool

	// Bootstrap is the path of a function binary that is built already. By default
	// it is built with the go command from the module that this package belongs to.
	Bootstrap    *string
	Architecture awslambda.Architecture // ARM_64
	MemorySize   *float64               // MB; 256
	Timeout      awscdk.Duration        // 60 seconds
	// ReservedConcurrency bounds the instances of the function; none by default.
	ReservedConcurrency *float64
	LogRetention        awslogs.RetentionDays // ONE_MONTH
	// Tracing sends traces to X-Ray.
	Tracing *bool

	Delivery Delivery // DeliveryQueue
	// Fifo makes the queue a FIFO queue: the events of one rule in order, one after
	// the other. DeliveryQueue only.
	Fifo            *bool
	BatchSize       *float64 // messages in an invocation, at most 10; 10
	MaxConcurrency  *float64 // instances that read the queue, at least 2; 5
	MaxReceiveCount *float64 // deliveries before the dead-letter queue; 5
	// EncryptionKey encrypts the queues; SQS's own key by default. The key's policy
	// has to allow events.amazonaws.com kms:Decrypt and kms:GenerateDataKey; for a
	// key of the same app the construct sees to it.
	EncryptionKey awskms.IKey

	// RulePrefix begins the names of rules and schedules; the stack's name by
	// default, with the construct's id if that is not Taskbridge.
	RulePrefix *string
	// NotifyBuckets have their EventBridge notification turned on. For a bucket of
	// another stack, CDK does that with a custom resource.
	NotifyBuckets []awss3.IBucket

	// AlarmTopicArn is the SNS topic that alarms go to; none by default.
	AlarmTopicArn *string
	NoAlarms      *bool
	NoDashboard   *bool
	// NoLaunchesHours is how long nothing may be launched before an alarm, at most
	// 168; 24 by default, 0 leaves the alarm out.
	NoLaunchesHours *float64
	// RuleQuota and PatternQuota are the account's quotas of rules for an event bus
	// and of characters in a pattern; 300 and 2,048.
	RuleQuota    *float64
	PatternQuota *float64
}

// orElse is what a pointer points to, or a default.
func orElse[T any](p *T, fallback T) T {
	if p == nil {
		return fallback
	}
	return *p
}
