package sam

import (
	"github.com/taskbridge/taskbridge/internal/mapping/derive"
	"github.com/taskbridge/taskbridge/internal/metric"
	"github.com/taskbridge/taskbridge/internal/provision"
)

func (g *generator) function() object {
	variables := object{}
	for _, v := range g.variables {
		var value any = ref(parameter(v.Name))
		if !v.Required {
			value = choose("Has"+parameter(v.Name), value, noValue())
		}
		variables = append(variables, v.Name, value)
	}
	variables = append(variables, metric.EnvNamespace, sub(metric.Namespace(prefix)))
	if !g.options.Topology.Direct {
		variables = append(variables, provision.EnvSQSReply, provision.SQSReply)
	}
	variables = append(variables, "AWS_ENDPOINT_URL_ECS", commented(
		"Set by `sam local invoke --env-vars` to call another ECS endpoint; empty means the Region's own.", ""))
	properties := object{
		"CodeUri", g.options.CodeURI,
		"Handler", "bootstrap",
		"Runtime", "provided.al2023",
		"Architectures", []any{ref("Architecture")},
		"MemorySize", ref("MemorySize"),
		"Timeout", ref("Timeout"),
		"ReservedConcurrentExecutions", choose("HasReservedConcurrency", ref("ReservedConcurrency"), noValue()),
		"Role", attribute("HandlerRole.Arn"),
		"Tracing", ref("Tracing"),
		"LoggingConfig", object{"LogFormat", "JSON", "LogGroup", ref("HandlerLogs")},
		"Environment", object{"Variables", variables},
	}
	if g.options.Topology.Direct {
		properties = append(properties, "EventInvokeConfig", object{
			"MaximumRetryAttempts", provision.AsyncRetries,
			"MaximumEventAgeInSeconds", provision.AsyncEventAge,
			"DestinationConfig", object{"OnFailure", object{"Type", "SQS", "Destination", attribute("DeadLetters.Arn")}},
		})
	} else {
		properties = append(properties, "Events", object{"Events", object{
			"Type", "SQS",
			"Properties", object{
				"Queue", attribute("Events.Arn"),
				"BatchSize", ref("BatchSize"),
				"FunctionResponseTypes", []string{"ReportBatchItemFailures"},
				"ScalingConfig", object{"MaximumConcurrency", ref("MaximumConcurrency")},
			},
		}})
	}
	r := object{
		"Handler", object{"Type", "AWS::Serverless::Function", "Properties", properties},
		"HandlerLogs", object{
			"Type", "AWS::Logs::LogGroup", "DeletionPolicy", "Delete", "UpdateReplacePolicy", "Delete",
			"Properties", object{"RetentionInDays", ref("LogRetentionDays")},
		},
	}
	if g.options.Topology.Direct && len(g.sources.Rules) > 0 {
		for i, arn := range provision.RuleARNs(prefix, g.sources) {
			r = append(r, []string{"InvokeByRules", "InvokeByRulesOfOtherBuses"}[i], object{
				"Type", "AWS::Lambda::Permission",
				"Properties", object{
					"Action", "lambda:InvokeFunction", "FunctionName", ref("Handler"), "Principal", "events.amazonaws.com",
					"SourceAccount", ref("AWS::AccountId"), "SourceArn", sub(arn),
				},
			})
		}
	}
	return r
}

// role is what the function may do, and nothing else.
func (g *generator) role() object {
	own := []any{
		allow("Logs", []string{"logs:CreateLogStream", "logs:PutLogEvents"}, attribute("HandlerLogs.Arn")),
	}
	if g.options.Topology.Direct {
		own = append(own, allow("GiveUp", []string{"sqs:SendMessage"}, attribute("DeadLetters.Arn")))
	} else {
		own = append(own, allow("ReadQueue", []string{
			"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility",
		}, attribute("Events.Arn")))
	}
	var launches []any
	for _, s := range g.permissions {
		launches = append(launches, statement(s))
	}
	passRoles := statement(derive.Statement{Sid: "PassRolesOfTaskDefinitions", Actions: []string{"iam:PassRole"}, Conditions: []derive.Condition{
		{Operator: "StringEquals", Key: "iam:PassedToService", Values: []string{"ecs-tasks.amazonaws.com"}},
	}})
	passRoles = append(passRoles, "Resource", ref("PassRoleArns"))
	// X-Ray has no resources to name: AWS X-Ray developer guide, "How X-Ray works with IAM".
	traces := allow("Traces", []string{"xray:PutTraceSegments", "xray:PutTelemetryRecords"}, "*")
	return object{
		"Type", "AWS::IAM::Role",
		"Properties", object{
			"AssumeRolePolicyDocument", trust("lambda.amazonaws.com", nil),
			"Policies", []any{
				policy("function", own...),
				policy("launches", launches...),
				choose("PassesRoles", policy("pass-roles", passRoles), noValue()),
				choose("Traces", policy("traces", traces), noValue()),
				useOfKey(),
			},
		},
	}
}

func (g *generator) schedulerRole() object {
	statements := []any{
		allow("Send", []string{"sqs:SendMessage"}, g.target()),
		allow("GiveUp", []string{"sqs:SendMessage"}, attribute(g.undelivered()+".Arn")),
	}
	if g.options.Topology.Direct {
		statements[0] = allow("Invoke", []string{"lambda:InvokeFunction"}, g.target())
	}
	return object{
		"Type", "AWS::IAM::Role",
		"Properties", object{
			"AssumeRolePolicyDocument", trust("scheduler.amazonaws.com", object{"StringEquals", object{
				"aws:SourceAccount", ref("AWS::AccountId"), "aws:SourceArn", subs(provision.ScheduleGroups(g.sources)),
			}}),
			"Policies", []any{policy("send", statements...), useOfKey()},
		},
	}
}

// useOfKey is a policy for whoever reads or fills the queues, if a key encrypts them.
func useOfKey() any {
	return choose("HasKmsKeyArn", policy("key", allow("Key", []string{"kms:Decrypt", "kms:GenerateDataKey"}, ref("KmsKeyArn"))), noValue())
}

func trust(service string, condition object) object {
	s := object{"Effect", "Allow", "Principal", object{"Service", service}, "Action", "sts:AssumeRole"}
	if condition != nil {
		s = append(s, "Condition", condition)
	}
	return object{"Version", "2012-10-17", "Statement", []any{s}}
}

func policy(name string, statements ...any) object {
	return object{"PolicyName", name, "PolicyDocument", object{"Version", "2012-10-17", "Statement", statements}}
}

func allow(sid string, actions []string, resource any) object {
	return object{"Sid", sid, "Effect", "Allow", "Action", actions, "Resource", resource}
}

// statement is a derived one.
func statement(s derive.Statement) object {
	o := object{"Sid", s.Sid, "Effect", "Allow", "Action", subs(s.Actions)}
	if len(s.Resources) > 0 {
		o = append(o, "Resource", subs(s.Resources))
	}
	var conditions object
	for _, c := range s.Conditions {
		conditions = append(conditions, c.Operator, object{c.Key, subs(c.Values)})
	}
	if conditions != nil {
		o = append(o, "Condition", conditions)
	}
	return o
}
