package taskbridge

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/jsii-runtime-go"

	"github.com/taskbridge/taskbridge/internal/mapping/derive"
	"github.com/taskbridge/taskbridge/internal/provision"
)

func (t *Taskbridge) addSources() {
	for i := range t.sources.Rules {
		t.addRule(&t.sources.Rules[i])
	}
	if len(t.sources.Schedules) == 0 {
		return
	}
	role := t.schedulerRole()
	for i := range t.sources.Schedules {
		t.addSchedule(&t.sources.Schedules[i], role)
	}
}

// target is the ARN of what rules and schedules send events to.
func (t *Taskbridge) target() *string {
	if t.Queue == nil {
		return t.Function.FunctionArn()
	}
	return t.Queue.QueueArn()
}

// addRule adds a rule by its CloudFormation resource: CDK's own Rule would add a
// statement to the queue's policy for each, and change null and large integers of
// the pattern.
func (t *Taskbridge) addRule(r *derive.EventRule) {
	target := &awsevents.CfnRule_TargetProperty{
		Id:               jsii.String(provision.TargetID),
		Arn:              t.target(),
		InputTransformer: &awsevents.CfnRule_InputTransformerProperty{InputTemplate: jsii.String(r.Template)},
		DeadLetterConfig: &awsevents.CfnRule_DeadLetterConfigProperty{Arn: t.Undelivered.QueueArn()},
		RetryPolicy: &awsevents.CfnRule_RetryPolicyProperty{
			MaximumRetryAttempts:     jsii.Number(r.Retry.MaximumRetryAttempts),
			MaximumEventAgeInSeconds: jsii.Number(r.Retry.MaximumEventAgeInSeconds),
		},
	}
	if t.topology().FIFO {
		target.SqsParameters = &awsevents.CfnRule_SqsParametersProperty{MessageGroupId: jsii.String(r.Rule)}
	}
	rule := awsevents.NewCfnRule(t.Construct, jsii.String("Rule-"+at(r.Rule, r.Bus)), &awsevents.CfnRuleProps{
		Name:        jsii.String(provision.RuleName(t.prefix, r.Rule)),
		Description: set(r.Description),
		State:       jsii.String(provision.State(r.Enabled)),
		Targets:     &[]any{target},
	})
	if r.Bus != "" {
		rule.SetEventBusName(jsii.String(r.Bus))
	}
	rule.AddPropertyOverride(jsii.String("EventPattern"), r.Pattern)
}

// at makes an id of a rule's name and of what an update cannot change in place:
// another bus or group means another resource.
func at(rule, where string) string {
	if where == "" {
		return rule
	}
	return rule + "@" + where
}

func (t *Taskbridge) schedulerRole() awsiam.Role {
	statements := []awsiam.PolicyStatement{allow("Send", *t.target(), "sqs:SendMessage"), allow("GiveUp", *t.Undelivered.QueueArn(), "sqs:SendMessage")}
	if t.Queue == nil {
		statements[0] = allow("Invoke", *t.target(), "lambda:InvokeFunction")
	}
	role := awsiam.NewRole(t.Construct, jsii.String("SchedulerRole"), &awsiam.RoleProps{
		Description: jsii.String("Of the schedules of Taskbridge."),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("scheduler.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{
				"aws:SourceAccount": *awscdk.Aws_ACCOUNT_ID(),
				"aws:SourceArn":     placed(provision.ScheduleGroups(t.sources)),
			}},
		}),
		InlinePolicies: &map[string]awsiam.PolicyDocument{"send": document(statements...)},
	})
	t.grantKey(role, "kms:Decrypt", "kms:GenerateDataKey")
	return role
}

func (t *Taskbridge) addSchedule(s *derive.Schedule, role awsiam.Role) {
	target := &awsscheduler.CfnSchedule_TargetProperty{
		Arn:              t.target(),
		RoleArn:          role.RoleArn(),
		Input:            jsii.String(s.Input),
		DeadLetterConfig: &awsscheduler.CfnSchedule_DeadLetterConfigProperty{Arn: t.Undelivered.QueueArn()},
		RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
			MaximumRetryAttempts:     jsii.Number(s.Retry.MaximumRetryAttempts),
			MaximumEventAgeInSeconds: jsii.Number(s.Retry.MaximumEventAgeInSeconds),
		},
	}
	if t.topology().FIFO {
		target.SqsParameters = &awsscheduler.CfnSchedule_SqsParametersProperty{MessageGroupId: jsii.String(s.Rule)}
	}
	window := &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")}
	if s.Spec.FlexibleWindowMinutes > 0 {
		window.Mode, window.MaximumWindowInMinutes = jsii.String("FLEXIBLE"), jsii.Number(s.Spec.FlexibleWindowMinutes)
	}
	awsscheduler.NewCfnSchedule(t.Construct, jsii.String("Schedule-"+at(s.Rule, s.Spec.Group)), &awsscheduler.CfnScheduleProps{
		Name:                       jsii.String(provision.RuleName(t.prefix, s.Rule)),
		Description:                set(s.Description),
		GroupName:                  set(s.Spec.Group),
		State:                      jsii.String(provision.State(s.Enabled)),
		ScheduleExpression:         jsii.String(s.Spec.Expression),
		ScheduleExpressionTimezone: set(s.Spec.Timezone),
		StartDate:                  set(s.Spec.Start),
		EndDate:                    set(s.Spec.End),
		FlexibleTimeWindow:         window,
		Target:                     target,
	})
}
