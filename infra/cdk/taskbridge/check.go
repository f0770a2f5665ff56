package taskbridge

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/mapping/compile"
	"github.com/taskbridge/taskbridge/internal/mapping/derive"
	"github.com/taskbridge/taskbridge/internal/provision"
	"github.com/taskbridge/taskbridge/internal/verify"
)

// check refuses props that are wrong by themselves.
func (p *Props) check() error {
	var errs []error
	refuse := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	refuse(orElse(p.Mapping, "") == "", "Mapping is required: the path of the mapping file")
	given := 0
	for _, ok := range []bool{len(p.PassRoles) > 0, p.Lock != nil, orElse(p.NoPassRoles, false)} {
		if ok {
			given++
		}
	}
	refuse(given == 0, "PassRoles is required: the execution roles and task roles that the task definitions name, which RunTask passes; "+
		"or Lock, which has them; or NoPassRoles if they name none")
	refuse(given > 1, "PassRoles, Lock and NoPassRoles exclude each other")
	direct := p.Delivery == DeliveryDirect
	refuse(!direct && p.Delivery != DeliveryQueue && p.Delivery != "", "unknown Delivery %q, expected queue or direct", p.Delivery)
	refuse(direct && orElse(p.Fifo, false), "Fifo is for DeliveryQueue")
	refuse(direct && (p.BatchSize != nil || p.MaxConcurrency != nil || p.MaxReceiveCount != nil), "BatchSize, MaxConcurrency and MaxReceiveCount are for DeliveryQueue")
	within := func(name string, value *float64, bound provision.Bound) {
		if value != nil {
			errs = append(errs, bound.Check(name, *value))
		}
	}
	within("BatchSize", p.BatchSize, provision.BatchSizes)
	within("MaxConcurrency", p.MaxConcurrency, provision.MaxConcurrencies)
	within("MaxReceiveCount", p.MaxReceiveCount, provision.MaxReceiveCounts)
	within("MemorySize", p.MemorySize, provision.MemorySizes)
	within("NoLaunchesHours", p.NoLaunchesHours, provision.HoursWithoutLaunches)
	for name, value := range p.Params {
		refuse(unresolved(value), "param %q is a CDK token, which is known only when the stack is deployed; the mapping is compiled before, "+
			"so that its patterns and permissions can be checked: give the value itself, or read it in the task part with ${env.NAME} and put it into Environment", name)
	}
	for name, value := range p.Environment {
		refuse(value == nil, "Environment: %s is nil", name)
	}
	return errors.Join(errs...)
}

// unresolved reports whether a value is a CDK token, or has one in it.
func unresolved(value any) bool {
	switch v := plain(value).(type) {
	case nil, bool, int:
		return false
	case []any: // a token stands for an element or, alone, for the whole list
		return slices.ContainsFunc(v, unresolved) || len(v) == 1 && *awscdk.Token_IsUnresolved(v)
	default:
		return *awscdk.Token_IsUnresolved(v)
	}
}

// plain is a param as the compiler takes it: CDK has pointers to everything.
func plain(value any) any {
	v := reflect.ValueOf(value)
	for v.Kind() == reflect.Pointer && v.Elem().Kind() != reflect.Struct { // a struct is CDK's own, such as IResolvable
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Invalid:
		return nil
	case reflect.String:
		return v.String()
	case reflect.Slice:
		list := []any{}
		for i := range v.Len() {
			list = append(list, plain(v.Index(i).Interface()))
		}
		return list
	}
	return v.Interface()
}

// compile compiles the mapping. The error shows the findings as the command does.
func (p *Props) compile() (*mapping.Plan, error) {
	source, err := os.ReadFile(*p.Mapping)
	if err != nil {
		return nil, err
	}
	params := map[string]any{}
	for name, value := range p.Params {
		params[name] = plain(value)
	}
	plan, findings := compile.Options{Params: params}.Compile(*p.Mapping, source)
	if plan == nil {
		return nil, fmt.Errorf("the mapping does not compile:\n%s", findings.Text(source))
	}
	for _, r := range plan.Rules {
		// CDK would read a token where the pattern has text.
		if strings.Contains(string(r.Match)+r.Description, "${Token[") {
			return nil, fmt.Errorf("rule %q: ${Token[ stands for a CDK token and cannot be text of a pattern or description", r.Name)
		}
	}
	return plan, nil
}

var ruleName = regexp.MustCompile(`^[.A-Za-z0-9_-]+$`)

func (p *Props) rulePrefix(scope constructs.Construct, id string) (string, error) {
	prefix := orElse(p.RulePrefix, "")
	if prefix == "" {
		prefix = *awscdk.Stack_Of(scope).StackName()
		if id != "Taskbridge" {
			prefix += "-" + id
		}
	}
	if !ruleName.MatchString(prefix) {
		return "", fmt.Errorf("names of rules cannot begin with %q: give RulePrefix letters, digits, - and _ known at synthesis", prefix)
	}
	return prefix, nil
}

// passRoles are the roles of the task definitions, as they are given or locked.
func (p *Props) passRoles(plan *mapping.Plan, env func(string) (derive.Value, bool)) ([]derive.Value, error) {
	var roles []derive.Value
	for _, role := range p.PassRoles {
		roles = append(roles, derive.Value{Text: *role, Deferred: unresolved(role)})
	}
	if p.Lock == nil {
		return roles, nil
	}
	text, err := os.ReadFile(*p.Lock)
	if err != nil {
		return nil, err
	}
	lock, err := verify.ReadLock(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", *p.Lock, err)
	}
	definitions, err := derive.TaskDefinitions(plan, env)
	if err != nil {
		return nil, err
	}
	locked, err := lock.PassRoles(definitions)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; taskbridge verify --write-lock writes it anew", *p.Lock, err)
	}
	for _, role := range locked {
		roles = append(roles, derive.Value{Text: role})
	}
	return roles, nil
}

// known are the variables whose values are known at synthesis.
func (p *Props) known() map[string]string {
	known := map[string]string{}
	for name, value := range p.Environment {
		if !unresolved(value) {
			known[name] = *value
		}
	}
	return known
}

// environment looks variables up for the permissions. The error names those that
// the mapping reads and nobody gives, and tokens that cannot be used where they are.
func (p *Props) environment(plan *mapping.Plan, stack awscdk.Stack) (func(string) (derive.Value, bool), error) {
	var errs []error
	for _, v := range derive.Variables(plan) {
		value, ok := p.Environment[v.Name]
		if !ok && v.Required {
			errs = append(errs, fmt.Errorf("the mapping reads ${env.%s}: put %s into Environment", v.Name, v.Name))
		}
		if !ok || !unresolved(value) {
			continue
		}
		for _, field := range v.Decides {
			if err := usable(field, stack.Resolve(value)); err != nil {
				errs = append(errs, fmt.Errorf("Environment: %s is a CDK token and decides %s: %w", v.Name, field, err))
			}
		}
	}
	return func(name string) (derive.Value, bool) {
		value, ok := p.Environment[name]
		if !ok {
			return derive.Value{}, false
		}
		return derive.Value{Text: *value, Deferred: unresolved(value)}, true
	}, errors.Join(errs...)
}

// usable refuses a token that cannot become part of an ARN.
func usable(field string, resolved any) error {
	text, err := json.Marshal(resolved)
	if err != nil {
		return err
	}
	switch {
	case field == "taskDefinition":
		return errors.New("permissions are for families and revisions that are known at synthesis; give the family as text, such as *taskDefinition.Family()")
	case field == "cluster" && strings.Contains(string(text), `"Arn"`):
		return errors.New("give the cluster's name, such as cluster.ClusterName(), and not its ARN")
	}
	return nil
}
