package taskbridge

import (
	"errors"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/mapping/derive"
	"github.com/taskbridge/taskbridge/internal/provision"
)

// A Taskbridge is the function with everything around it.
type Taskbridge struct {
	constructs.Construct
	Function awslambda.Function
	Role     awsiam.Role
	LogGroup awslogs.LogGroup
	// Queue is nil with DeliveryDirect.
	Queue awssqs.Queue
	// DeadLetterQueue has the events that were given up. With Fifo, Undelivered has
	// those that EventBridge could not deliver, for which it wants a standard queue;
	// otherwise the two are the same.
	DeadLetterQueue awssqs.Queue
	Undelivered     awssqs.Queue

	props       *Props
	prefix      string
	plan        *mapping.Plan
	sources     derive.Sources
	permissions []derive.Statement
}

// NewTaskbridge adds a Taskbridge to scope. It panics with an error that names
// everything that is wrong: with the mapping, with the props, with a limit of AWS
// that the result would exceed.
func NewTaskbridge(scope constructs.Construct, id *string, props *Props) *Taskbridge {
	t := &Taskbridge{props: props}
	if err := t.prepare(scope, *id); err != nil {
		panic(fmt.Errorf("taskbridge %q: %w", *id, err))
	}
	t.Construct = constructs.NewConstruct(scope, id)
	t.addQueues()
	t.addFunction()
	t.addDelivery()
	t.addSources()
	if !orElse(props.NoAlarms, false) {
		t.addAlarms()
	}
	if !orElse(props.NoDashboard, false) {
		t.addDashboard()
	}
	for _, bucket := range props.NotifyBuckets {
		bucket.EnableEventBridgeNotification()
	}
	return t
}

// prepare derives everything and checks it, before there is any construct.
func (t *Taskbridge) prepare(scope constructs.Construct, id string) error {
	if err := t.props.check(); err != nil {
		return err
	}
	var err error
	if t.plan, err = t.props.compile(); err != nil {
		return err
	}
	if t.prefix, err = t.props.rulePrefix(scope, id); err != nil {
		return err
	}
	t.sources = derive.SourcesOf(t.plan)
	environment, errEnv := t.props.environment(t.plan, awscdk.Stack_Of(scope))
	roles, errRoles := t.props.passRoles(t.plan, environment)
	permissions, errPerm := derive.PermissionsOf(t.plan, derive.Options{Env: environment, PassRoles: roles})
	if err := errors.Join(errEnv, errRoles, errPerm); err != nil {
		return err
	}
	t.permissions = permissions
	stack := provision.Stack{
		Account: resolved(awscdk.Stack_Of(scope).Account()), Region: resolved(awscdk.Stack_Of(scope).Region()),
		Prefix: t.prefix, Sources: t.sources, Permissions: permissions, Environment: t.props.known(),
		Quotas: provision.Quotas{
			RulesPerBus:       int(orElse(t.props.RuleQuota, float64(provision.DefaultQuotas.RulesPerBus))),
			PatternCharacters: int(orElse(t.props.PatternQuota, float64(provision.DefaultQuotas.PatternCharacters))),
		},
	}
	return stack.Check()
}

// resolved is text that is known at synthesis, "" for a token.
func resolved(text *string) string {
	if unresolved(text) {
		return ""
	}
	return *text
}

func (t *Taskbridge) topology() provision.Topology {
	return provision.Topology{Direct: t.props.Delivery == DeliveryDirect, FIFO: orElse(t.props.Fifo, false)}
}
