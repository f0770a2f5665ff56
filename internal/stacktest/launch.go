package stacktest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/task"
)

const ecsARN = "arn:" + Partition + ":ecs:" + Region + ":" + Account + ":"

// CheckLaunch asks the policies of the function's role for everything that a
// launch of a rule takes, and for what is near it: another family whose name
// begins alike, another cluster, another role, another service, other actions.
func (s *Stack) CheckLaunch(t *testing.T, rule *mapping.Rule, r *task.Request) {
	t.Helper()
	cluster := full("cluster/", defaulted(r.Cluster))
	run := func(definition, cluster string) Call {
		return Call{Action: "ecs:RunTask", Resource: definition, Context: map[string]string{"ecs:cluster": cluster, "ecs:enable-execute-command": exec(r)}}
	}
	definition := full("task-definition/", r.TaskDefinition)
	family, revision, pinned := strings.Cut(definition[strings.LastIndexByte(definition, '/')+1:], ":")
	if !pinned {
		revision = "7"
	}
	of := func(family, revision string) string { return ecsARN + "task-definition/" + family + ":" + revision }
	s.ask(t, rule, true, run(of(family, revision), cluster))
	s.ask(t, rule, false, run(of(family+"-other", revision), cluster))
	s.ask(t, rule, false, run(of("x"+family, revision), cluster))
	s.ask(t, rule, false, run(of(family, revision), cluster+"-other"))
	if pinned {
		s.ask(t, rule, false, run(of(family, revision+"1"), cluster))
	}
	if exec(r) == "false" && !s.anyExec() {
		other := run(of(family, revision), cluster)
		other.Context["ecs:enable-execute-command"] = "true"
		s.ask(t, rule, false, other)
	}
	s.checkTasks(t, rule, r, cluster)
	s.checkRoles(t, rule, r)
}

// checkChoices checks every launch that the mapping can make, whatever the events.
func (s *Stack) checkChoices(t *testing.T) {
	t.Helper()
	variables := object(object(s.Function(t).Properties["Environment"])["Variables"])
	for i := range s.Plan.Rules {
		rule := &s.Plan.Rules[i]
		values := func(field string) []string {
			var all []string
			for _, choice := range rule.Choices[field] {
				text := ""
				for _, part := range choice {
					text += part.Text
					if part.Env != "" {
						text += fmt.Sprint(variables[part.Env])
					}
				}
				all = append(all, text)
			}
			if all == nil {
				all = []string{""}
			}
			return all
		}
		for _, definition := range values("taskDefinition") {
			for _, cluster := range values("cluster") {
				for _, role := range slices.Compact(slices.Concat(values("taskRoleArn"), values("executionRoleArn"))) {
					s.CheckLaunch(t, rule, &task.Request{Cluster: cluster, TaskDefinition: definition, Overrides: &task.TaskOverride{TaskRoleARN: role}})
				}
			}
		}
	}
}

func (s *Stack) ask(t *testing.T, rule *mapping.Rule, want bool, c Call) {
	t.Helper()
	arn, _ := s.Function(t).Properties["Role"].(string)
	got, err := Allows(s.Template.RolePolicies(arn[strings.LastIndexByte(arn, '/')+1:]), c)
	if err != nil || got != want {
		t.Errorf("rule %q: %s on %s with %v: allowed is %v (%v), want %v", rule.Name, c.Action, c.Resource, c.Context, got, err, want)
	}
}

func (s *Stack) checkTasks(t *testing.T, rule *mapping.Rule, r *task.Request, cluster string) {
	t.Helper()
	tasks := strings.Replace(cluster, ":cluster/", ":task/", 1)
	tag := func(tasks, creating string) Call {
		return Call{Action: "ecs:TagResource", Resource: tasks + "/0123", Context: map[string]string{"ecs:CreateAction": creating}}
	}
	if len(r.Tags) > 0 || r.PropagateTags != "" {
		s.ask(t, rule, true, tag(tasks, "RunTask"))
	}
	s.ask(t, rule, false, tag(tasks, "CreateService"))
	s.ask(t, rule, false, tag(tasks+"-other", "RunTask"))
	s.ask(t, rule, false, Call{Action: "ecs:TagResource", Resource: tasks + "/0123"}) // a task that exists
	confirmed := false
	for _, other := range s.Plan.Rules {
		confirmed = confirmed || seenRunning(&other)
	}
	if seenRunning(rule) || !confirmed {
		s.ask(t, rule, seenRunning(rule), Call{Action: "ecs:DescribeTasks", Resource: tasks + "/0123"})
	}
	for _, action := range []string{"ecs:StopTask", "ecs:ListTasks", "ecs:RegisterTaskDefinition", "ecs:ExecuteCommand"} {
		s.ask(t, rule, false, Call{Action: action, Resource: tasks + "/0123"})
	}
}

// seenRunning reports whether a rule's launches look at their tasks.
func seenRunning(r *mapping.Rule) bool { return r.Confirm != nil && r.Confirm.Until == "running" }

func (s *Stack) checkRoles(t *testing.T, rule *mapping.Rule, r *task.Request) {
	t.Helper()
	pass := func(role, service string) Call {
		return Call{Action: "iam:PassRole", Resource: role, Context: map[string]string{"iam:PassedToService": service}}
	}
	roles := s.PassRoles
	if r.Overrides != nil {
		for _, role := range []string{r.Overrides.TaskRoleARN, r.Overrides.ExecutionRoleARN} {
			if role != "" {
				roles = append(roles[:len(roles):len(roles)], role)
			}
		}
	}
	for _, role := range roles {
		s.ask(t, rule, true, pass(role, "ecs-tasks.amazonaws.com"))
		s.ask(t, rule, false, pass(role, "lambda.amazonaws.com"))
		s.ask(t, rule, false, pass(role+"-other", "ecs-tasks.amazonaws.com"))
	}
	for _, v := range r.VolumeConfigurations {
		if v.ManagedEBSVolume != nil {
			s.ask(t, rule, true, pass(v.ManagedEBSVolume.RoleARN, "ecs.amazonaws.com"))
			s.ask(t, rule, false, pass(v.ManagedEBSVolume.RoleARN, "lambda.amazonaws.com"))
		}
	}
	s.ask(t, rule, false, pass("arn:aws:iam::"+Account+":role/Admin", "ecs-tasks.amazonaws.com"))
}

// anyExec reports whether a rule of the mapping may enable ECS Exec.
func (s *Stack) anyExec() bool {
	for i := range s.Plan.Rules {
		for _, f := range s.Plan.Rules[i].Task.Fields {
			if f.Name == "enableExecuteCommand" {
				return true
			}
		}
		if strings.Contains(string(s.Plan.Rules[i].Task.Value), `"enableExecuteCommand":true`) {
			return true
		}
	}
	return false
}

func exec(r *task.Request) string {
	if r.EnableExecuteCommand != nil && *r.EnableExecuteCommand {
		return "true"
	}
	return "false"
}

func defaulted(cluster string) string {
	if cluster == "" {
		return "default"
	}
	return cluster
}

// full is the ARN of a name.
func full(kind, name string) string {
	if strings.HasPrefix(name, "arn:") {
		return name
	}
	return ecsARN + kind + name
}
