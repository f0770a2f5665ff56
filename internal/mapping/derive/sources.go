// Package derive says what a compiled mapping needs around the function: the
// rules and schedules that send events to it, and the permissions that its
// launches take.
//
// The CDK construct, the SAM template and `taskbridge iam` all print what this
// package says, so that they cannot differ. It knows neither AWS's SDK nor CDK.
// The order of the rules in the mapping has no influence on any result.
package derive

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/task"
)

// Sources is everything that sends events to the function because the mapping
// says so, each list sorted by the name of the rule.
type Sources struct {
	Rules     []EventRule
	Schedules []Schedule
}

// An EventRule is a rule on an event bus.
type EventRule struct {
	Rule        string // name of the mapping's rule
	Description string
	Bus         string // name or ARN; empty for the default bus
	Pattern     string // JSON, byte for byte that of the plan
	Enabled     bool
	Template    string // of the target's input transformer, without input paths
	Retry       Retry  // of the target
}

// A Schedule is one of EventBridge Scheduler.
type Schedule struct {
	Rule        string // name of the mapping's rule
	Description string
	Enabled     bool
	Spec        mapping.Schedule
	Input       string // of the target; JSON with context attributes
	Retry       Retry  // of the target
}

// A Retry is the retry policy of a target, in the words of EventBridge.
type Retry struct {
	MaximumRetryAttempts     int
	MaximumEventAgeInSeconds int
}

// Bounds of a target's retry policy, and its defaults: EventBridge API
// reference and EventBridge Scheduler API reference, RetryPolicy.
const (
	MaxRetryAttempts = 185
	MinEventAge      = 60
	MaxEventAge      = 86400
)

// SourcesOf returns what has to send events to the function. A rule of the
// mapping that is not enabled has its source too, disabled.
func SourcesOf(p *mapping.Plan) Sources {
	var s Sources
	for i := range p.Rules {
		r := &p.Rules[i]
		if r.Schedule != nil {
			s.Schedules = append(s.Schedules, Schedule{
				Rule: r.Name, Description: r.Description, Enabled: !r.Disabled, Spec: *r.Schedule,
				Input: scheduleInput(r.Name), Retry: retryOf(r.Retry),
			})
			continue
		}
		s.Rules = append(s.Rules, EventRule{
			Rule: r.Name, Description: r.Description, Bus: r.Bus, Pattern: string(r.Match), Enabled: !r.Disabled,
			Template: `{"rule":` + quote(r.Name) + `,"event":` + EventVariable + `}`, Retry: retryOf(r.Retry),
		})
	}
	slices.SortFunc(s.Rules, func(a, b EventRule) int { return strings.Compare(a.Rule, b.Rule) })
	slices.SortFunc(s.Schedules, func(a, b Schedule) int { return strings.Compare(a.Rule, b.Rule) })
	return s
}

// EventVariable is what an input transformer replaces by the whole event as
// JSON: EventBridge user guide, "Amazon EventBridge input transformation".
const EventVariable = "<aws.events.event.json>"

// scheduleInput is the event that a schedule makes of itself. The context
// attributes are those of the EventBridge Scheduler user guide, "Adding context
// attributes"; they are replaced as text, so each stands inside a string and the
// input is JSON before and after.
func scheduleInput(rule string) string {
	return `{"rule":` + quote(rule) + `,"event":{"version":"0","id":"<aws.scheduler.execution-id>",` +
		`"detail-type":"Scheduled Event","source":"aws.scheduler","time":"<aws.scheduler.scheduled-time>",` +
		`"resources":["<aws.scheduler.schedule-arn>"],"detail":{"attempt":"<aws.scheduler.attempt-number>"}}}`
}

func quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(fmt.Sprintf("taskbridge: internal error: quote %q: %v", s, err))
	}
	return string(text)
}

// retryOf is the retry policy of a target for what the mapping says about
// launches. A bound that the mapping exceeds is the target's own.
func retryOf(r *task.Retry) Retry {
	policy := Retry{MaxRetryAttempts, MaxEventAge}
	if r == nil {
		return policy
	}
	if r.Attempts != nil {
		policy.MaximumRetryAttempts = min(*r.Attempts, MaxRetryAttempts)
	}
	if r.MaxAgeSeconds > 0 {
		policy.MaximumEventAgeInSeconds = max(MinEventAge, min(r.MaxAgeSeconds, MaxEventAge))
	}
	return policy
}
