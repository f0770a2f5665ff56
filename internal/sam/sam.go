// Package sam writes a SAM template for a mapping: the function, what sends
// events to it, and the permissions of its launches.
package sam

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/mapping/derive"
	"github.com/taskbridge/taskbridge/internal/metric"
	"github.com/taskbridge/taskbridge/internal/provision"
)

// Options are what the template depends on beside the mapping.
type Options struct {
	Topology provision.Topology
	// CodeURI is the folder with bootstrap and plan, relative to the template.
	CodeURI string
	// Defaults are values of variables of the function's environment, for the
	// parameters that give them.
	Defaults map[string]string
}

// The names of the stack's own things.
const prefix = "${AWS::StackName}"

type generator struct {
	plan        *mapping.Plan
	options     Options
	sources     derive.Sources
	permissions []derive.Statement
	variables   []derive.Variable
}

// Template returns the template, in YAML. The same plan and options give the
// same bytes, whatever the order of the rules in the mapping.
func Template(p *mapping.Plan, o Options) ([]byte, error) {
	g := generator{plan: p, options: o, sources: derive.SourcesOf(p), variables: derive.Variables(p)}
	var err error
	g.permissions, err = derive.PermissionsOf(p, derive.Options{Env: func(name string) (derive.Value, bool) {
		return derive.Value{Text: "${" + parameter(name) + "}", Deferred: true}, true
	}})
	if err != nil {
		return nil, err
	}
	stack := provision.Stack{Sources: g.sources, Permissions: g.permissions, Quotas: provision.DefaultQuotas}
	if err := stack.Check(); err != nil {
		return nil, err
	}
	resources := g.resources()
	if n := len(resources) / 2; n > provision.MaxResources {
		return nil, fmt.Errorf("%d resources, at most %d (CloudFormation's limit of a template): split the mapping into two stacks", n, provision.MaxResources)
	}
	template := object{
		"AWSTemplateFormatVersion", "2010-09-09",
		"Transform", "AWS::Serverless-2016-10-31",
		"Description", "Taskbridge starts the right Amazon ECS task for an event.",
		"Parameters", g.parameters(),
	}
	if !g.options.Topology.Direct {
		template = append(template, "Mappings", object{"Timeouts", visibilities()})
	}
	return write(head, append(template, "Conditions", g.conditions(), "Resources", resources, "Outputs", g.outputs()))
}

const head = `# Generated from the mapping by taskbridge sam; change the mapping and write it anew.
#
# Package first: bootstrap and plan are then in the folder of CodeUri, and SAM
# builds nothing. Then
#
#   sam deploy --guided
#   sam local invoke -e events/samples/s3-eventbridge.json --parameter-overrides Architecture=x86_64
#
# The latter calls the ECS endpoint in AWS_ENDPOINT_URL_ECS (--env-vars), or AWS.
`

func (g *generator) outputs() object {
	o := object{
		"FunctionArn", object{"Value", attribute("Handler.Arn")},
		"DeadLetterQueueUrl", object{"Value", ref("DeadLetters")},
	}
	if !g.options.Topology.Direct {
		o = append(o, "QueueUrl", object{"Value", ref("Events")})
	}
	return o
}

func (g *generator) resources() object {
	r := g.function()
	r = append(r, g.queues()...)
	for i := range g.sources.Rules {
		r = append(r, g.rule(&g.sources.Rules[i])...)
	}
	for i := range g.sources.Schedules {
		r = append(r, g.schedule(&g.sources.Schedules[i])...)
	}
	if len(g.sources.Schedules) > 0 {
		r = append(r, "SchedulerRole", g.schedulerRole())
	}
	r = append(r, "HandlerRole", g.role())
	r = append(r, g.alarms()...)
	return append(r, "Dashboard", object{
		"Type", "AWS::CloudWatch::Dashboard",
		"Properties", object{"DashboardBody", tagged{"!Sub", g.names(provision.Dashboard(g.options.Topology))}},
	})
}

// names puts references to the template's resources in the place of those of
// the dashboard.
func (g *generator) names(body string) string {
	return strings.NewReplacer(
		provision.Namespace.Placeholder(), metric.Namespace(prefix),
		provision.Function.Placeholder(), "${Handler}",
		provision.Queue.Placeholder(), "${Events.QueueName}",
		provision.DeadLetters.Placeholder(), "${DeadLetters.QueueName}",
		provision.Undelivered.Placeholder(), "${Undelivered.QueueName}",
	).Replace(body)
}

// plain is a name of lower-case words, each of which begins with a letter: two
// of them never become the same logical id.
var plain = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$`)

// logicalID is stable: it depends on the rule's name and on what an update cannot
// change in place, its bus or group.
func logicalID(rule, place, suffix string) string {
	id := provision.ID(rule)
	if !plain.MatchString(rule) || place != "" {
		sum := sha256.Sum256([]byte(rule + "@" + place))
		id += strings.ToUpper(hex.EncodeToString(sum[:3]))
	}
	return id + suffix
}

// ours are names of the template's own parameters and resources, which share one
// namespace.
var ours = regexp.MustCompile(`^(Architecture|PassRoleArns|AlarmTopicArn|Tracing|MemorySize|Timeout|ReservedConcurrency|LogRetentionDays|KmsKeyArn|` +
	`BatchSize|MaximumConcurrency|MaxReceiveCount|NoLaunchesHours|Handler.*|Events.*|DeadLetters|Undelivered|Dashboard|InvokeByRules.*|SchedulerRole|.*(Rule|Schedule|Alarm|Policy))$`)

// parameter is the name of the parameter that gives a variable.
func parameter(variable string) string {
	name := strings.ReplaceAll(strings.ToLower(variable), "_", "-")
	id := provision.ID(name)
	if !plain.MatchString(name) || strings.ToUpper(variable) != variable || ours.MatchString(id) {
		sum := sha256.Sum256([]byte(variable))
		id += strings.ToUpper(hex.EncodeToString(sum[:3]))
	}
	return id
}
