package taskbridge

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/taskbridge/taskbridge/internal/metric"
	"github.com/taskbridge/taskbridge/internal/provision"
)

// names are those of the resources that metrics are about.
func (t *Taskbridge) names() map[provision.Resource]string {
	names := map[provision.Resource]string{
		provision.Namespace:   metric.Namespace(t.prefix),
		provision.Function:    *t.Function.FunctionName(),
		provision.DeadLetters: *t.DeadLetterQueue.QueueName(),
		provision.Undelivered: *t.Undelivered.QueueName(),
	}
	if t.Queue != nil {
		names[provision.Queue] = *t.Queue.QueueName()
	}
	return names
}

func (t *Taskbridge) addAlarms() {
	names := t.names()
	var actions *[]any
	if t.props.AlarmTopicArn != nil {
		actions = &[]any{t.props.AlarmTopicArn}
	}
	for _, a := range provision.Alarms(t.topology(), int(orElse(t.props.NoLaunchesHours, provision.NoLaunchesHours))) {
		var dimensions *[]any
		if name := a.Of.DimensionName(); name != "" {
			dimensions = &[]any{dimension(name, names[a.Of])}
		}
		if a.Class != "" {
			dimensions = &[]any{dimension(metric.Class, a.Class)}
		}
		awscloudwatch.NewCfnAlarm(t.Construct, jsii.String(a.ID+"Alarm"), &awscloudwatch.CfnAlarmProps{
			AlarmDescription: jsii.String(a.Description), Namespace: jsii.String(strings.ReplaceAll(a.Namespace, provision.Namespace.Placeholder(), names[provision.Namespace])), MetricName: jsii.String(a.Metric),
			Dimensions: dimensions, Statistic: jsii.String(a.Statistic), Period: jsii.Number(a.Period), EvaluationPeriods: jsii.Number(a.Periods),
			Threshold: jsii.Number(a.Threshold), ComparisonOperator: jsii.String(a.ComparisonOperator), TreatMissingData: jsii.String(a.TreatMissingData),
			AlarmActions: actions, OkActions: actions,
		})
	}
}

func dimension(name, value string) *awscloudwatch.CfnAlarm_DimensionProperty {
	return &awscloudwatch.CfnAlarm_DimensionProperty{Name: jsii.String(name), Value: jsii.String(value)}
}

func (t *Taskbridge) addDashboard() {
	body := place(provision.Dashboard(t.topology()))
	for resource, name := range t.names() {
		body = strings.ReplaceAll(body, resource.Placeholder(), name)
	}
	awscloudwatch.NewCfnDashboard(t.Construct, jsii.String("Dashboard"), &awscloudwatch.CfnDashboardProps{DashboardBody: jsii.String(body)})
}
