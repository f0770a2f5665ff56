package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/taskbridge/taskbridge/infra/cdk/taskbridge"
	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/provision"
)

// contextKey is the object of cdk.json's context that has the settings.
const contextKey = "taskbridge"

// settings are what the app is told: the object "taskbridge" in the context of
// cdk.json, and over it context by the settings' own names, as -c memorySize=512
// gives it.
type settings struct {
	stackName, account, region string
	keyARN                     string
	buckets                    []string
	props                      taskbridge.Props
}

// readers are the settings by name. Most are the prop of the same name, see
// [taskbridge.Props].
func (s *settings) readers() map[string]reader {
	p := &s.props
	return map[string]reader{
		"stackName": text(&s.stackName),
		"account":   text(&s.account), // by default that of the credentials
		"region":    text(&s.region),  // by default that of the credentials

		"mapping":     pointer(&p.Mapping, text),
		"params":      object(&p.Params),
		"environment": texts(&p.Environment),
		"passRoles":   pointers(&p.PassRoles),
		"lock":        pointer(&p.Lock, text),
		"noPassRoles": pointer(&p.NoPassRoles, flag),

		"bootstrap": pointer(&p.Bootstrap, text),
		"architecture": choice(map[string]func(){
			"arm64":  func() { p.Architecture = awslambda.Architecture_ARM_64() },
			"x86_64": func() { p.Architecture = awslambda.Architecture_X86_64() },
		}),
		"memorySize":          pointer(&p.MemorySize, within(provision.MemorySizes)),
		"timeout":             seconds(&p.Timeout),
		"reservedConcurrency": pointer(&p.ReservedConcurrency, within(counts)),
		"logRetentionDays":    retention(&p.LogRetention),
		"tracing":             pointer(&p.Tracing, flag),

		"delivery": choice(map[string]func(){
			"queue":  func() { p.Delivery = taskbridge.DeliveryQueue },
			"direct": func() { p.Delivery = taskbridge.DeliveryDirect },
		}),
		"fifo":             pointer(&p.Fifo, flag),
		"batchSize":        pointer(&p.BatchSize, within(provision.BatchSizes)),
		"maxConcurrency":   pointer(&p.MaxConcurrency, within(provision.MaxConcurrencies)),
		"maxReceiveCount":  pointer(&p.MaxReceiveCount, within(provision.MaxReceiveCounts)),
		"encryptionKeyArn": key(&s.keyARN),

		"rulePrefix":      pointer(&p.RulePrefix, text),
		"notifyBuckets":   list(&s.buckets), // names
		"alarmTopicArn":   pointer(&p.AlarmTopicArn, text),
		"noAlarms":        pointer(&p.NoAlarms, flag),
		"noDashboard":     pointer(&p.NoDashboard, flag),
		"noLaunchesHours": pointer(&p.NoLaunchesHours, within(provision.HoursWithoutLaunches)),
		"ruleQuota":       pointer(&p.RuleQuota, within(counts)),
		"patternQuota":    pointer(&p.PatternQuota, within(counts)),
	}
}

// counts are bounded by what the account has, which nobody knows here.
var counts = provision.Bound{Low: 0, High: 1_000_000, Source: "more than any quota"}

// settingsOf reads the settings. The error names everything that is wrong with
// them.
func settingsOf(app awscdk.App) (*settings, error) {
	s := &settings{stackName: "Taskbridge"}
	known := s.readers()
	own, ok := app.Node().TryGetContext(jsii.String(contextKey)).(map[string]any)
	if !ok {
		return nil, fmt.Errorf("cdk.json has no object %q in its context", contextKey)
	}
	context, _ := app.Node().GetAllContext(nil).(map[string]any)
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(own)) {
		if known[name] == nil {
			errs = append(errs, unknown(name, known))
		}
	}
	// Context has other things in it, such as CDK's flags: only what is like a
	// setting's name is taken for one.
	for _, name := range slices.Sorted(maps.Keys(context)) {
		if known[name] != nil {
			own[name] = app.Node().TryGetContext(&name) // context has CDK's own form of objects
		} else if nearest(name, known) != "" {
			errs = append(errs, unknown(name, known))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		if read := known[name]; read != nil {
			errs = append(errs, read(name, own[name]))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("the settings in cdk.json or by -c are wrong:\n%w", err)
	}
	return s, nil
}

func nearest(name string, known map[string]reader) string {
	for setting := range known { // also what people know from other tools: memory-size, MEMORY_SIZE
		if strings.EqualFold(strings.NewReplacer("-", "", "_", "").Replace(name), setting) {
			return setting
		}
	}
	return diag.Nearest(name, slices.Sorted(maps.Keys(known)))
}

func unknown(name string, known map[string]reader) error {
	if near := nearest(name, known); near != "" {
		return fmt.Errorf("unknown setting %q, did you mean %q?", name, near)
	}
	return fmt.Errorf("unknown setting %q, expected one of %s", name, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
}

func (s *settings) stack(app awscdk.App) awscdk.Stack {
	env := &awscdk.Environment{}
	if s.account != "" {
		env.Account = &s.account
	}
	if s.region != "" {
		env.Region = &s.region
	}
	stack := awscdk.NewStack(app, &s.stackName, &awscdk.StackProps{
		Env: env, Description: jsii.String("Taskbridge starts the right Amazon ECS task for an event."),
	})
	for i := range s.buckets {
		bucket := awss3.Bucket_FromBucketName(stack, jsii.String("Bucket-"+s.buckets[i]), &s.buckets[i])
		s.props.NotifyBuckets = append(s.props.NotifyBuckets, bucket)
	}
	if s.keyARN != "" {
		s.props.EncryptionKey = awskms.Key_FromKeyArn(stack, jsii.String("EncryptionKey"), &s.keyARN)
	}
	t := taskbridge.NewTaskbridge(stack, jsii.String("Taskbridge"), &s.props)
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
