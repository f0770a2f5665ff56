package sam

import (
	"fmt"

	"github.com/taskbridge/taskbridge/internal/mapping/derive"
	"github.com/taskbridge/taskbridge/internal/metric"
	"github.com/taskbridge/taskbridge/internal/provision"
)

// undelivered is the queue for what EventBridge could not deliver. It has to be a
// standard queue, so that a FIFO queue has two for what was given up: EventBridge
// user guide, "Using dead-letter queues".
func (g *generator) undelivered() string {
	if g.options.Topology.FIFO {
		return "Undelivered"
	}
	return "DeadLetters"
}

func queue(properties ...any) object {
	return object{
		"Type", "AWS::SQS::Queue", "DeletionPolicy", "Delete", "UpdateReplacePolicy", "Delete",
		"Properties", append(object{
			"SqsManagedSseEnabled", choose("HasKmsKeyArn", noValue(), true),
			"KmsMasterKeyId", choose("HasKmsKeyArn", ref("KmsKeyArn"), noValue()),
		}, properties...),
	}
}

func (g *generator) queues() object {
	var fifo []any
	if g.options.Topology.FIFO {
		fifo = []any{"FifoQueue", true, "ContentBasedDeduplication", true}
	}
	var r object
	if !g.options.Topology.Direct {
		r = append(r, "Events", queue(append([]any{
			"MessageRetentionPeriod", provision.QueueRetention,
			"VisibilityTimeout", commented("Six times the function's timeout: Lambda developer guide, SQS event sources.",
				tagged{"!FindInMap", []any{"Timeouts", ref("Timeout"), "Visibility"}}),
			"RedrivePolicy", object{"deadLetterTargetArn", attribute("DeadLetters.Arn"), "maxReceiveCount", ref("MaxReceiveCount")},
		}, fifo...)...))
	}
	dead := []any{"MessageRetentionPeriod", commented("The longest there is.", provision.DeadLetterRetention)}
	r = append(r, "DeadLetters", queue(append(dead, fifo...)...))
	if g.options.Topology.FIFO {
		r = append(r, "Undelivered", queue(dead...))
	}
	var names []string
	for i := 0; i < len(r); i += 2 {
		names = append(names, r[i].(string))
	}
	for _, name := range names {
		r = append(r, name+"Policy", object{
			"Type", "AWS::SQS::QueuePolicy",
			"Properties", object{
				"Queues", []any{ref(name)},
				"PolicyDocument", object{"Version", "2012-10-17", "Statement", g.queueStatements(name)},
			},
		})
	}
	return r
}

// queueStatements are of constant size, however many rules there are.
func (g *generator) queueStatements(name string) []any {
	statements := []any{object{
		"Sid", "EncryptedTransport", "Effect", "Deny", "Principal", "*", "Action", "sqs:*", "Resource", attribute(name + ".Arn"),
		"Condition", object{"Bool", object{"aws:SecureTransport", "false"}},
	}}
	if len(g.sources.Rules) > 0 && (name == "Events" || name == g.undelivered()) {
		statements = append(statements, object{
			"Sid", "Rules", "Effect", "Allow", "Principal", object{"Service", "events.amazonaws.com"},
			"Action", "sqs:SendMessage", "Resource", attribute(name + ".Arn"),
			"Condition", object{
				"StringEquals", object{"aws:SourceAccount", ref("AWS::AccountId")},
				"ArnLike", object{"aws:SourceArn", subs(provision.RuleARNs(prefix, g.sources))},
			},
		})
	}
	return statements
}

// target is where rules and schedules send events.
func (g *generator) target() any {
	if g.options.Topology.Direct {
		return attribute("Handler.Arn")
	}
	return attribute("Events.Arn")
}

func retry(r derive.Retry) object {
	return object{"MaximumRetryAttempts", r.MaximumRetryAttempts, "MaximumEventAgeInSeconds", r.MaximumEventAgeInSeconds}
}

func (g *generator) rule(r *derive.EventRule) object {
	properties := object{"Name", sub(provision.RuleName(prefix, r.Rule))}
	if r.Description != "" {
		properties = append(properties, "Description", r.Description)
	}
	if r.Bus != "" {
		properties = append(properties, "EventBusName", r.Bus)
	}
	target := object{
		"Id", provision.TargetID,
		"Arn", g.target(),
		"InputTransformer", object{"InputTemplate", r.Template},
		"DeadLetterConfig", object{"Arn", attribute(g.undelivered() + ".Arn")},
		"RetryPolicy", retry(r.Retry),
	}
	if g.options.Topology.FIFO {
		target = append(target, "SqsParameters", object{"MessageGroupId", r.Rule})
	}
	properties = append(properties,
		"State", provision.State(r.Enabled),
		// JSON text, not YAML: CloudFormation would lose null and the exactness of integers.
		"EventPattern", r.Pattern,
		"Targets", []any{target})
	return object{logicalID(r.Rule, r.Bus, "Rule"), object{"Type", "AWS::Events::Rule", "Properties", properties}}
}

func (g *generator) schedule(s *derive.Schedule) object {
	properties := object{"Name", sub(provision.RuleName(prefix, s.Rule))}
	optional := func(name, value string) {
		if value != "" {
			properties = append(properties, name, value)
		}
	}
	optional("Description", s.Description)
	optional("GroupName", s.Spec.Group)
	properties = append(properties, "State", provision.State(s.Enabled), "ScheduleExpression", s.Spec.Expression)
	optional("ScheduleExpressionTimezone", s.Spec.Timezone)
	optional("StartDate", s.Spec.Start)
	optional("EndDate", s.Spec.End)
	window := object{"Mode", "OFF"}
	if s.Spec.FlexibleWindowMinutes > 0 {
		window = object{"Mode", "FLEXIBLE", "MaximumWindowInMinutes", s.Spec.FlexibleWindowMinutes}
	}
	target := object{
		"Arn", g.target(),
		"RoleArn", attribute("SchedulerRole.Arn"),
		"Input", s.Input,
		"DeadLetterConfig", object{"Arn", attribute(g.undelivered() + ".Arn")},
		"RetryPolicy", retry(s.Retry),
	}
	if g.options.Topology.FIFO {
		target = append(target, "SqsParameters", object{"MessageGroupId", s.Rule})
	}
	properties = append(properties, "FlexibleTimeWindow", window, "Target", target)
	return object{logicalID(s.Rule, s.Spec.Group, "Schedule"), object{"Type", "AWS::Scheduler::Schedule", "Properties", properties}}
}

func (g *generator) alarms() object {
	resources := map[provision.Resource]any{
		provision.Function: ref("Handler"), provision.Queue: attribute("Events.QueueName"),
		provision.DeadLetters: attribute("DeadLetters.QueueName"), provision.Undelivered: attribute("Undelivered.QueueName"),
	}
	var r object
	for _, a := range provision.Alarms(g.options.Topology, provision.NoLaunchesHours) {
		var about, periods any = a.Description, a.Periods
		if a.ID == provision.NoLaunches {
			about, periods = sub(fmt.Sprintf(provision.NoLaunchesText, "${"+noLaunchesHours+"}")), ref(noLaunchesHours)
		}
		properties := object{"AlarmDescription", about, "Namespace", sub(g.names(a.Namespace)), "MetricName", a.Metric}
		if name := a.Of.DimensionName(); name != "" {
			properties = append(properties, "Dimensions", []any{object{"Name", name, "Value", resources[a.Of]}})
		}
		if a.Class != "" {
			properties = append(properties, "Dimensions", []any{object{"Name", metric.Class, "Value", a.Class}})
		}
		r = append(r, a.ID+"Alarm", object{
			"Type", "AWS::CloudWatch::Alarm",
			"Properties", append(properties,
				"Statistic", a.Statistic, "Period", a.Period, "EvaluationPeriods", periods,
				"Threshold", a.Threshold, "ComparisonOperator", a.ComparisonOperator, "TreatMissingData", a.TreatMissingData,
				"AlarmActions", choose("HasAlarmTopicArn", []any{ref("AlarmTopicArn")}, noValue()),
				"OKActions", choose("HasAlarmTopicArn", []any{ref("AlarmTopicArn")}, noValue()),
			),
		})
	}
	return r
}
