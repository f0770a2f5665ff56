package taskbridge

import (
	"fmt"
	"maps"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/taskbridge/taskbridge/internal/mapping/derive"
	"github.com/taskbridge/taskbridge/internal/metric"
	"github.com/taskbridge/taskbridge/internal/provision"
)

func (t *Taskbridge) addFunction() {
	p := t.props
	retention := p.LogRetention
	if retention == "" {
		retention = awslogs.RetentionDays_ONE_MONTH
	}
	t.LogGroup = awslogs.NewLogGroup(t.Construct, jsii.String("Logs"), &awslogs.LogGroupProps{
		Retention: retention, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	t.addRole()
	architecture, goarch := p.Architecture, "arm64"
	if architecture == nil {
		architecture = awslambda.Architecture_ARM_64()
	}
	if *architecture.Name() == *awslambda.Architecture_X86_64().Name() {
		goarch = "amd64"
	}
	dir, err := t.stage(goarch)
	if err != nil {
		panic(fmt.Errorf("taskbridge: %w", err))
	}
	var tracing awslambda.Tracing // CDK allows X-Ray for any value, also for those that send nothing
	if orElse(p.Tracing, false) {
		tracing = awslambda.Tracing_ACTIVE
	}
	environment := map[string]*string{metric.EnvNamespace: jsii.String(metric.Namespace(t.prefix))}
	if !t.topology().Direct {
		environment[provision.EnvSQSReply] = jsii.String(provision.SQSReply)
	}
	maps.Copy(environment, p.Environment)
	t.Function = awslambda.NewFunction(t.Construct, jsii.String("Function"), &awslambda.FunctionProps{
		Description:                  jsii.String("Taskbridge: starts ECS tasks for events."),
		Runtime:                      awslambda.Runtime_PROVIDED_AL2023(),
		Handler:                      jsii.String("bootstrap"),
		Code:                         awslambda.Code_FromAsset(jsii.String(dir), nil),
		Architecture:                 architecture,
		MemorySize:                   jsii.Number(orElse(p.MemorySize, provision.MemorySize)),
		Timeout:                      t.timeout(),
		ReservedConcurrentExecutions: p.ReservedConcurrency,
		Role:                         t.Role,
		LogGroup:                     t.LogGroup,
		LoggingFormat:                awslambda.LoggingFormat_JSON,
		Tracing:                      tracing,
		Environment:                  &environment,
	})
	// CDK has copied the folder, unless it was told not to.
	if t.Node().TryGetContext(jsii.String("aws:cdk:disable-asset-staging")) == nil {
		os.RemoveAll(dir)
	}
}

func (t *Taskbridge) timeout() awscdk.Duration {
	if t.props.Timeout != nil {
		return t.props.Timeout
	}
	return awscdk.Duration_Seconds(jsii.Number(provision.Timeout))
}

// addRole adds the role of the function: what its launches take, its log and its
// queue. CDK's own managed policies and grants allow more.
func (t *Taskbridge) addRole() {
	own := []awsiam.PolicyStatement{allow("Logs", *t.LogGroup.LogGroupArn(), "logs:CreateLogStream", "logs:PutLogEvents")}
	if t.Queue == nil {
		own = append(own, allow("GiveUp", *t.DeadLetterQueue.QueueArn(), "sqs:SendMessage"))
	} else {
		own = append(own, allow("ReadQueue", *t.Queue.QueueArn(),
			"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"))
	}
	var launches []awsiam.PolicyStatement
	for _, s := range t.permissions {
		launches = append(launches, statement(s))
	}
	t.Role = awsiam.NewRole(t.Construct, jsii.String("Role"), &awsiam.RoleProps{
		Description: jsii.String("Of the function of Taskbridge."),
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"function": document(own...),
			"launches": document(launches...),
		},
	})
	t.grantKey(t.Role, "kms:Decrypt", "kms:GenerateDataKey")
}

// grantKey lets somebody use the key of the queues.
func (t *Taskbridge) grantKey(grantee awsiam.IGrantable, actions ...string) {
	if t.props.EncryptionKey != nil {
		t.props.EncryptionKey.Grant(grantee, *jsii.Strings(actions...)...)
	}
}

// document has its statements as they are written: CDK would merge them, and the
// reason for each would be lost.
func document(statements ...awsiam.PolicyStatement) awsiam.PolicyDocument {
	return awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &statements, Minimize: jsii.Bool(false)})
}

func allow(sid, resource string, actions ...string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String(sid), Actions: jsii.Strings(actions...), Resources: jsii.Strings(resource),
	})
}

// statement is a derived one.
func statement(s derive.Statement) awsiam.PolicyStatement {
	conditions := map[string]any{}
	for _, c := range s.Conditions {
		conditions[c.Operator] = map[string]any{c.Key: placed(c.Values)}
	}
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String(s.Sid), Actions: jsii.Strings(s.Actions...), Resources: placed(s.Resources), Conditions: &conditions,
	})
}

// encryptedTransport lets a queue be used with encrypted transport only.
func encryptedTransport(q awssqs.Queue) {
	q.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String("EncryptedTransport"), Effect: awsiam.Effect_DENY, Actions: jsii.Strings("sqs:*"), Resources: jsii.Strings(*q.QueueArn()),
		Principals: &[]awsiam.IPrincipal{awsiam.NewStarPrincipal()},
		Conditions: &map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
	}))
}
