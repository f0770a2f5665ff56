package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/taskbridge/taskbridge/infra/cdk/taskbridge"
)

// settings are what the app is told in cdk.json. Each is the prop of the same
// name; see taskbridge.Props.
type settings struct {
	StackName       string             `json:"stackName"`
	Account         string             `json:"account"` // by default that of the credentials
	Region          string             `json:"region"`  // by default that of the credentials
	Mapping         string             `json:"mapping"`
	Params          map[string]any     `json:"params"`
	Environment     map[string]*string `json:"environment"`
	PassRoles       []*string          `json:"passRoles"`
	Lock            *string            `json:"lock"`
	NoPassRoles     bool               `json:"noPassRoles"`
	Bootstrap       *string            `json:"bootstrap"`
	Architecture    string             `json:"architecture"` // arm64 or x86_64
	Delivery        string             `json:"delivery"`
	FIFO            bool               `json:"fifo"`
	Tracing         bool               `json:"tracing"`
	MaxConcurrency  *float64           `json:"maxConcurrency"`
	AlarmTopicArn   *string            `json:"alarmTopicArn"`
	NoLaunchesHours *float64           `json:"noLaunchesHours"`
	NotifyBuckets   []string           `json:"notifyBuckets"` // names
}

func settingsOf(app awscdk.App) (*settings, error) {
	context := app.Node().TryGetContext(jsii.String("taskbridge"))
	if context == nil {
		return nil, fmt.Errorf(`cdk.json has no context "taskbridge"`)
	}
	text, err := json.Marshal(context)
	if err != nil {
		return nil, err
	}
	s := &settings{StackName: "Taskbridge", Architecture: "arm64"}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(s); err != nil {
		return nil, fmt.Errorf(`context "taskbridge": %w`, err)
	}
	return s, nil
}

func (s *settings) stack(app awscdk.App) awscdk.Stack {
	architecture := awslambda.Architecture_ARM_64()
	switch s.Architecture {
	case "arm64":
	case "x86_64":
		architecture = awslambda.Architecture_X86_64()
	default:
		panic(fmt.Errorf("architecture is arm64 or x86_64, got %q", s.Architecture))
	}
	env := &awscdk.Environment{}
	if s.Account != "" {
		env.Account = &s.Account
	}
	if s.Region != "" {
		env.Region = &s.Region
	}
	stack := awscdk.NewStack(app, &s.StackName, &awscdk.StackProps{
		Env: env, Description: jsii.String("Taskbridge starts the right Amazon ECS task for an event."),
	})
	var buckets []awss3.IBucket
	for i := range s.NotifyBuckets {
		buckets = append(buckets, awss3.Bucket_FromBucketName(stack, jsii.String("Bucket-"+s.NotifyBuckets[i]), &s.NotifyBuckets[i]))
	}
	t := taskbridge.NewTaskbridge(stack, jsii.String("Taskbridge"), &taskbridge.Props{
		Mapping: &s.Mapping, Params: s.Params, Environment: s.Environment, PassRoles: s.PassRoles, Lock: s.Lock, NoPassRoles: &s.NoPassRoles,
		Bootstrap: s.Bootstrap, Architecture: architecture, Delivery: taskbridge.Delivery(s.Delivery), Fifo: &s.FIFO, Tracing: &s.Tracing,
		MaxConcurrency: s.MaxConcurrency, AlarmTopicArn: s.AlarmTopicArn, NoLaunchesHours: s.NoLaunchesHours, NotifyBuckets: buckets,
	})
	output := func(id string, value *string) {
		awscdk.NewCfnOutput(stack, jsii.String(id), &awscdk.CfnOutputProps{Value: value})
	}
	output("FunctionName", t.Function.FunctionName())
	output("DeadLetterQueueUrl", t.DeadLetterQueue.QueueUrl())
	if t.Queue != nil {
		output("QueueUrl", t.Queue.QueueUrl())
	}
	return stack
}
