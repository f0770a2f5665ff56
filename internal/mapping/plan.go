// Package mapping runs a compiled mapping: events in, RunTask requests out.
//
// What a person writes, taskbridge.yaml, is compiled (package compile) into a
// [Plan]. The function loads the plan once with [Load] and then asks the
// [Mapping] for each event which rules match and what they launch. Neither YAML
// nor CEL is known here.
package mapping

import (
	"encoding/json"

	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/task"
)

// PlanFile is the name of the plan beside the function's binary.
const PlanFile = "taskbridge.plan.json"

// PlanVersion is the version of the plan's format that this build writes, and
// the only one it reads.
const PlanVersion = 2

// A Plan is a mapping whose every check has passed. The same mapping gives the
// same plan, byte for byte.
type Plan struct {
	File   string   `json:"file"`             // the mapping's file name, for messages
	SHA256 string   `json:"sha256"`           // of the mapping's text; if it has parameters, of the plan as well
	Accept []string `json:"accept,omitempty"` // sources whose bodies need not be events
	Rules  []Rule   `json:"rules"`
}

// A Rule says which events start which task. It has exactly one of Match and
// Schedule.
type Rule struct {
	Name        string          `json:"name,omitempty"`
	Description string          `json:"description,omitempty"`
	Pos         string          `json:"pos"` // of the rule's name: line:col in the mapping
	Disabled    bool            `json:"disabled,omitempty"`
	Bus         string          `json:"bus,omitempty"` // name or ARN of the event bus; the default bus if empty
	Match       json.RawMessage `json:"match,omitempty"`
	Schedule    *Schedule       `json:"schedule,omitempty"`
	When        *Template       `json:"when,omitempty"`    // an expression: bool
	ForEach     *Template       `json:"forEach,omitempty"` // an expression: list
	Task        Template        `json:"task"`
	Key         *Template       `json:"key,omitempty"` // idempotency.key: text
	Retry       *task.Retry     `json:"retry,omitempty"`
	Confirm     *task.Confirm   `json:"confirm,omitempty"`
	// Untagged leaves out the tags that say where a task comes from.
	Untagged bool `json:"untagged,omitempty"`
	// Choices are, for each field that decides what runs where and as whom, the
	// values it can have: cluster, taskDefinition, launchType, capacityProvider,
	// taskRoleArn, executionRoleArn, and roleArn of a volume. A field that the
	// request does not set is not there. Permissions are derived from it.
	Choices map[string][]Choice `json:"choices,omitempty"`
	// Allow holds the fields of Choices whose values the event chooses freely:
	// any other value is refused at run time.
	Allow map[string][]string `json:"allow,omitempty"`
}

// A Choice is one value that a field can have: text and the function's
// environment variables, in the order in which they stand.
type Choice []expr.Part

// A Schedule is that of EventBridge Scheduler, in its own words.
type Schedule struct {
	Expression            string `json:"expression"` // rate(…), cron(…) or at(…)
	Timezone              string `json:"timezone,omitempty"`
	FlexibleWindowMinutes int    `json:"flexibleWindowMinutes,omitempty"`
	Start                 string `json:"start,omitempty"` // RFC 3339
	End                   string `json:"end,omitempty"`   // RFC 3339
	Group                 string `json:"group,omitempty"` // name of an existing schedule group
	DeleteAfterRun        bool   `json:"deleteAfterRun,omitempty"`
}

// A Template is a part of RunTask's request. Exactly one of Fields, Items,
// Value and Expr says what it is.
type Template struct {
	Fields []Field         `json:"o,omitempty"`
	Items  []Template      `json:"l,omitempty"`
	Value  json.RawMessage `json:"v,omitempty"`
	Expr   *expr.Node      `json:"e,omitempty"`
	Source string          `json:"s,omitempty"` // of Expr, as written
	Pos    string          `json:"p,omitempty"` // of Expr: line:col in the mapping
}

// A Field is a member of an object.
type Field struct {
	Name  string   `json:"k"`
	Value Template `json:"t"`
}
