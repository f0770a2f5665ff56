// Package cost models what a number of events a month costs, without the tasks
// themselves.
package cost

import (
	"fmt"

	"github.com/taskbridge/taskbridge/bench/internal/stat"
)

// Prices are those of us-east-1 in US dollars, without the free tiers and without
// discounts.
//
// AWS publishes them at https://aws.amazon.com/lambda/pricing/,
// https://aws.amazon.com/eventbridge/pricing/, https://aws.amazon.com/sqs/pricing/,
// https://aws.amazon.com/cloudwatch/pricing/ and https://aws.amazon.com/fargate/pricing/.
// They were last compared on 26 November 2026, not with these pages but with what
// was quoted from them: Lambda's by cloudchipr.com/blog/aws-lambda-pricing (2024);
// EventBridge's and SQS's by cloudburn.io/blog/amazon-eventbridge-pricing and
// cloudburn.io/blog/amazon-sqs-pricing (March 2026) and by factualminds.com (June
// 2026). Logs and Fargate are from memory.
const (
	LambdaRequest   = 0.20 / 1e6   // each
	LambdaGBSecond  = 0.0000133334 // arm64, up to 7.5·10⁹ GB-seconds a month
	LambdaTier2     = 0.0000120001 // arm64, the next 11.25·10⁹
	LambdaTier1Ends = 7.5e9        // GB-seconds
	CustomEvent     = 1.00 / 1e6   // events that an account puts itself, for each 64 KB; those of AWS services are free
	SQSRequest      = 0.40 / 1e6   // standard queue, for each 64 KB
	LogGB           = 0.50         // CloudWatch Logs, standard class, ingested
	FargateVCPUHour = 0.03238      // Linux on arm64
	FargateGBHour   = 0.00356
)

// A Model is how events reach the function and what one costs it.
type Model struct {
	Custom       bool    // events are put by the account's own programs
	Batch        float64 // SQS messages in an invocation; 0: no queue
	MemoryGB     float64
	CallSeconds  float64 // of RunTask, answered by AWS
	Parallel     float64 // calls at a time
	EventSeconds float64 // the function's own work for one event
	LogBytes     float64 // for one event
}

// Standard is a function as template.yaml has it, on events of AWS services: 256
// MB. That RunTask takes 150 ms is an assumption; measure your own with the
// function's log.
func Standard() Model {
	return Model{MemoryGB: 0.25, CallSeconds: 0.150, Parallel: 10, EventSeconds: 0.001, LogBytes: 700}
}

// A Bill is what a month costs, in dollars.
type Bill struct{ Lambda, EventBridge, SQS, Logs float64 }

// Total is the sum.
func (b Bill) Total() float64 { return b.Lambda + b.EventBridge + b.SQS + b.Logs }

// Month is the bill for a number of events, of which each starts one task.
func (m Model) Month(events float64) Bill {
	batch := max(m.Batch, 1)
	invocations := events / batch
	rounds := max(1, batch/m.Parallel) // a batch takes as many rounds of calls as it has to
	seconds := rounds*m.CallSeconds + batch*m.EventSeconds
	b := Bill{
		Lambda: invocations*LambdaRequest + compute(invocations*seconds*m.MemoryGB),
		Logs:   events * m.LogBytes / 1e9 * LogGB,
	}
	if m.Custom {
		b.EventBridge = events * CustomEvent
	}
	if m.Batch > 0 {
		// EventBridge sends each event by itself; Lambda receives and deletes batches.
		b.SQS = events*SQSRequest + 2*invocations*SQSRequest
	}
	return b
}

func compute(gbSeconds float64) float64 {
	first := min(gbSeconds, LambdaTier1Ends)
	return first*LambdaGBSecond + (gbSeconds-first)*LambdaTier2
}

// Tasks is what Fargate takes for the tasks of a number of events, if each has
// cpu vCPUs and memory GB for a number of minutes.
func Tasks(events, cpu, memory, minutes float64) float64 {
	return events * minutes / 60 * (cpu*FargateVCPUHour + memory*FargateGBHour)
}

// Report is the model's table.
func Report() string {
	setups := []struct {
		name   string
		change func(*Model)
	}{
		{"events of AWS services, direct", func(*Model) {}},
		{"the same through SQS, batches of 10", func(m *Model) { m.Batch = 10 }},
		{"the same, batches of 100", func(m *Model) { m.Batch = 100 }},
		{"own events, direct", func(m *Model) { m.Custom = true }},
		{"own events through SQS, batches of 10", func(m *Model) { m.Custom = true; m.Batch = 10 }},
	}
	t := stat.Table{Head: []string{"$ a month", "events", "total", "Lambda", "EventBridge", "SQS", "logs", "$ for 10⁶ events"}}
	for _, exponent := range []int{6, 8, 10} {
		events := 1.0
		for range exponent {
			events *= 10
		}
		for _, s := range setups {
			m := Standard()
			s.change(&m)
			b := m.Month(events)
			t.Row(s.name, fmt.Sprintf("10^%d", exponent), b.Total(), b.Lambda, b.EventBridge, b.SQS, b.Logs, b.Total()/events*1e6)
		}
		t.Row("beside it: the tasks, 1 vCPU, 2 GB, 1 minute each", fmt.Sprintf("10^%d", exponent),
			Tasks(events, 1, 2, 1), "–", "–", "–", "–", Tasks(1e6, 1, 2, 1))
	}
	return t.String()
}
