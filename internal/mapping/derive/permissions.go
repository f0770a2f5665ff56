package derive

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/mapping"
)

// The pseudo parameters of CloudFormation that stand in ARNs for where the
// function is deployed.
const (
	Partition = "${AWS::Partition}"
	Region    = "${AWS::Region}"
	AccountID = "${AWS::AccountId}"
)

// A Statement allows actions, and knows why.
type Statement struct {
	Sid        string
	Actions    []string
	Resources  []string
	Conditions []Condition
	Because    []Reason
}

// A Condition is one of a statement.
type Condition struct {
	Operator string // such as ArnEquals
	Key      string // such as ecs:cluster
	Values   []string
}

// A Reason is a field of a rule that makes a statement necessary.
type Reason struct {
	Rule  string // "" for what is declared beside the mapping
	Field string
	Value string
}

// A Value is what a variable of the function's environment holds.
type Value struct {
	Text string
	// Deferred says that Text only stands for the value, which is known when the
	// stack is deployed: a parameter, a token. A cluster is then taken for a name,
	// a task definition for a family, and a role for an ARN.
	Deferred bool
}

// Options are what permissions depend on beside the mapping.
type Options struct {
	// Env looks a variable of the function's environment up.
	Env func(name string) (Value, bool)
	// PassRoles are the ARNs of the roles that the task definitions themselves
	// name, task roles and execution roles: RunTask passes them too, and the
	// mapping does not know them. A value may be deferred.
	PassRoles []Value
}

// needs is what one mapping's launches take, each thing with its reasons.
type needs struct {
	families map[string]map[string][]Reason // cluster ARN → task definition ARN
	exec     map[string]bool                // clusters in which a launch may enable ECS Exec
	tag      map[string][]Reason            // cluster ARN
	describe map[string][]Reason            // cluster ARN
	roles    map[string][]Reason            // passed to tasks
	infra    map[string][]Reason            // passed to ECS itself
	errs     []error
}

// PermissionsOf returns the statements that the launches of the mapping take,
// and no more. The error joins everything that is wrong with a value.
func PermissionsOf(p *mapping.Plan, o Options) ([]Statement, error) {
	n := needs{
		families: map[string]map[string][]Reason{}, exec: map[string]bool{}, tag: map[string][]Reason{},
		describe: map[string][]Reason{}, roles: map[string][]Reason{}, infra: map[string][]Reason{},
	}
	for i := range p.Rules {
		n.rule(&p.Rules[i], o.Env)
	}
	for _, role := range o.PassRoles {
		arn, err := roleARN(role)
		if err != nil {
			n.errs = append(n.errs, fmt.Errorf("role of the task definitions: %w", err))
			continue
		}
		n.roles[arn] = append(n.roles[arn], Reason{Field: "roles of the task definitions", Value: role.Text})
	}
	if err := errors.Join(n.errs...); err != nil {
		return nil, err
	}
	return n.statements(), nil
}

func (n *needs) statements() []Statement {
	statements := n.runTask()
	if len(n.tag) > 0 {
		statements = append(statements, n.onTasks("TagResource", "ecs:TagResource", n.tag,
			Condition{"StringEquals", "ecs:CreateAction", []string{"RunTask"}}))
	}
	if len(n.describe) > 0 {
		statements = append(statements, n.onTasks("DescribeTasks", "ecs:DescribeTasks", n.describe))
	}
	if len(n.roles) > 0 {
		statements = append(statements, passRole("PassRoles", "ecs-tasks.amazonaws.com", n.roles))
	}
	if len(n.infra) > 0 {
		statements = append(statements, passRole("PassInfrastructureRoles", "ecs.amazonaws.com", n.infra))
	}
	return statements
}

// runTask makes one statement for each set of task definitions: clusters in
// which exactly the same ones are started share it. One statement for all would
// allow every task definition in every cluster.
func (n *needs) runTask() []Statement {
	type group struct {
		clusters []string
		exec     bool
	}
	groups := map[string]*group{}
	for _, cluster := range slices.Sorted(maps.Keys(n.families)) {
		exec := n.exec[cluster]
		key := fmt.Sprint(exec, slices.Sorted(maps.Keys(n.families[cluster])))
		if groups[key] == nil {
			groups[key] = &group{exec: exec}
		}
		groups[key].clusters = append(groups[key].clusters, cluster)
	}
	ordered := slices.SortedFunc(maps.Values(groups), func(a, b *group) int { return cmp.Compare(a.clusters[0], b.clusters[0]) })
	var statements []Statement
	for i, g := range ordered {
		s := Statement{
			Sid: "RunTask", Actions: []string{"ecs:RunTask"}, Resources: slices.Sorted(maps.Keys(n.families[g.clusters[0]])),
			Conditions: []Condition{{"ArnEquals", "ecs:cluster", g.clusters}},
		}
		if len(ordered) > 1 {
			s.Sid = fmt.Sprintf("RunTask%d", i+1)
		}
		if !g.exec {
			// Amazon ECS developer guide, "Monitor Amazon ECS containers with ECS
			// Exec": who may start tasks that somebody can log in to.
			s.Conditions = append(s.Conditions, Condition{"StringEqualsIfExists", "ecs:enable-execute-command", []string{"false"}})
		}
		for _, cluster := range g.clusters {
			s.Because = append(s.Because, reasons(n.families[cluster])...)
		}
		s.Because = unique(s.Because)
		statements = append(statements, s)
	}
	return statements
}

// onTasks allows an action on the tasks of clusters.
func (n *needs) onTasks(sid, action string, clusters map[string][]Reason, conditions ...Condition) Statement {
	s := Statement{Sid: sid, Actions: []string{action}, Conditions: conditions, Because: reasons(clusters)}
	for _, cluster := range slices.Sorted(maps.Keys(clusters)) {
		// arn:…:cluster/NAME → arn:…:task/NAME/*
		s.Resources = append(s.Resources, strings.Replace(cluster, ":cluster/", ":task/", 1)+"/*")
	}
	return s
}

func passRole(sid, service string, roles map[string][]Reason) Statement {
	return Statement{
		Sid: sid, Actions: []string{"iam:PassRole"}, Resources: slices.Sorted(maps.Keys(roles)),
		Conditions: []Condition{{"StringEquals", "iam:PassedToService", []string{service}}}, Because: reasons(roles),
	}
}

func reasons(m map[string][]Reason) []Reason {
	var all []Reason
	for _, list := range m {
		all = append(all, list...)
	}
	return unique(all)
}

func unique(list []Reason) []Reason {
	slices.SortFunc(list, func(a, b Reason) int {
		return cmp.Or(strings.Compare(a.Rule, b.Rule), strings.Compare(a.Field, b.Field), strings.Compare(a.Value, b.Value))
	})
	return slices.Compact(list)
}
