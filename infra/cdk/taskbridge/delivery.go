package taskbridge

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/taskbridge/taskbridge/internal/provision"
)

const eventBridge = "events.amazonaws.com"

func (t *Taskbridge) addQueues() {
	retention := awscdk.Duration_Seconds(jsii.Number(provision.DeadLetterRetention))
	t.DeadLetterQueue = t.queue("DeadLetters", t.topology().FIFO, &awssqs.QueueProps{RetentionPeriod: retention})
	t.Undelivered = t.DeadLetterQueue
	if t.topology().FIFO {
		t.Undelivered = t.queue("Undelivered", false, &awssqs.QueueProps{RetentionPeriod: retention})
	}
	if !t.topology().Direct {
		t.Queue = t.queue("Queue", t.topology().FIFO, &awssqs.QueueProps{
			RetentionPeriod:   awscdk.Duration_Seconds(jsii.Number(provision.QueueRetention)),
			VisibilityTimeout: awscdk.Duration_Seconds(jsii.Number(*t.timeout().ToSeconds(nil) * provision.VisibilityTimeout / provision.Timeout)),
			DeadLetterQueue: &awssqs.DeadLetterQueue{
				Queue: t.DeadLetterQueue, MaxReceiveCount: jsii.Number(orElse(t.props.MaxReceiveCount, provision.MaxReceiveCount)),
			},
		})
	}
	arns := provision.RuleARNs(t.prefix, t.sources)
	for _, q := range []awssqs.Queue{t.Queue, t.Undelivered} {
		if q == nil || len(arns) == 0 {
			continue
		}
		// One statement for all rules: SQS has a limit of twenty statements.
		q.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid: jsii.String("Rules"), Actions: jsii.Strings("sqs:SendMessage"), Resources: jsii.Strings(*q.QueueArn()),
			Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String(eventBridge), nil)},
			Conditions: &map[string]any{
				"StringEquals": map[string]any{"aws:SourceAccount": *awscdk.Aws_ACCOUNT_ID()},
				"ArnLike":      map[string]any{"aws:SourceArn": placed(arns)},
			},
		}))
	}
	t.grantKey(awsiam.NewServicePrincipal(jsii.String(eventBridge), nil), "kms:Decrypt", "kms:GenerateDataKey")
}

func (t *Taskbridge) queue(id string, fifo bool, props *awssqs.QueueProps) awssqs.Queue {
	props.Encryption = awssqs.QueueEncryption_SQS_MANAGED
	if t.props.EncryptionKey != nil {
		props.Encryption, props.EncryptionMasterKey = awssqs.QueueEncryption_KMS, t.props.EncryptionKey
	}
	if fifo {
		// EventBridge and Scheduler send no deduplication id.
		props.Fifo, props.ContentBasedDeduplication = jsii.Bool(true), jsii.Bool(true)
	}
	q := awssqs.NewQueue(t.Construct, jsii.String(id), props)
	encryptedTransport(q)
	return q
}

// addDelivery connects the queue or EventBridge with the function.
func (t *Taskbridge) addDelivery() {
	if t.Queue != nil {
		awslambda.NewEventSourceMapping(t.Construct, jsii.String("QueueToFunction"), &awslambda.EventSourceMappingProps{
			Target:                  t.Function,
			EventSourceArn:          t.Queue.QueueArn(),
			BatchSize:               jsii.Number(orElse(t.props.BatchSize, provision.BatchSize)),
			MaxConcurrency:          jsii.Number(orElse(t.props.MaxConcurrency, provision.MaxConcurrency)),
			ReportBatchItemFailures: jsii.Bool(true),
		})
		return
	}
	awslambda.NewCfnEventInvokeConfig(t.Construct, jsii.String("AsyncInvocation"), &awslambda.CfnEventInvokeConfigProps{
		FunctionName:             t.Function.FunctionName(),
		Qualifier:                jsii.String("$LATEST"),
		MaximumRetryAttempts:     jsii.Number(provision.AsyncRetries),
		MaximumEventAgeInSeconds: jsii.Number(provision.AsyncEventAge),
		DestinationConfig: &awslambda.CfnEventInvokeConfig_DestinationConfigProperty{
			OnFailure: &awslambda.CfnEventInvokeConfig_OnFailureProperty{Destination: t.DeadLetterQueue.QueueArn()},
		},
	})
	for i, arn := range provision.RuleARNs(t.prefix, t.sources) {
		awslambda.NewCfnPermission(t.Construct, jsii.String([]string{"InvokeByRules", "InvokeByRulesOfOtherBuses"}[i]), &awslambda.CfnPermissionProps{
			Action: jsii.String("lambda:InvokeFunction"), FunctionName: t.Function.FunctionArn(), Principal: jsii.String(eventBridge),
			SourceAccount: awscdk.Aws_ACCOUNT_ID(), SourceArn: jsii.String(place(arn)),
		})
	}
}
