package derive_test

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/mapping/derive"
	"github.com/taskbridge/taskbridge/internal/task"
)

// text is a choice without variables.
func text(s string) mapping.Choice { return mapping.Choice{{Text: s}} }

func launching(name, definition, cluster string) mapping.Rule {
	r := mapping.Rule{
		Name: name, Match: json.RawMessage(`{"source":["` + name + `"]}`), Untagged: true,
		Choices: map[string][]mapping.Choice{"taskDefinition": {text(definition)}},
	}
	if cluster != "" {
		r.Choices["cluster"] = []mapping.Choice{text(cluster)}
	}
	return r
}

func permissions(t *testing.T, o derive.Options, rules ...mapping.Rule) []derive.Statement {
	t.Helper()
	statements, err := derive.PermissionsOf(&mapping.Plan{Rules: rules}, o)
	if err != nil {
		t.Fatal(err)
	}
	return statements
}

const arn = "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:"

func TestRunTaskPerCluster(t *testing.T) {
	got := permissions(t, derive.Options{},
		launching("one", "a", "x"), launching("two", "b:3", "y"), launching("three", "a", ""), launching("four", "a", "z"))
	type grant struct{ resources, clusters []string }
	var grants []grant
	for _, s := range got {
		if !slices.Equal(s.Actions, []string{"ecs:RunTask"}) {
			t.Errorf("unexpected statement %s for rules without tags", s.Sid)
		}
		grants = append(grants, grant{s.Resources, s.Conditions[0].Values})
	}
	want := []grant{
		{[]string{arn + "task-definition/a:*"}, []string{arn + "cluster/default", arn + "cluster/x", arn + "cluster/z"}},
		{[]string{arn + "task-definition/b:3"}, []string{arn + "cluster/y"}},
	}
	if !reflect.DeepEqual(grants, want) {
		t.Errorf("got %v\nwant %v", grants, want)
	}
}

func TestARNs(t *testing.T) {
	const full = "arn:aws:ecs:eu-central-1:111122223333:task-definition/f"
	for value, want := range map[string]string{
		"f": arn + "task-definition/f:*", "f:7": arn + "task-definition/f:7", full: full + ":*", full + ":7": full + ":7",
	} {
		got := permissions(t, derive.Options{}, launching("r", value, "arn:aws:ecs:eu-central-1:111122223333:cluster/c"))
		if got[0].Resources[0] != want {
			t.Errorf("%s: got %s, want %s", value, got[0].Resources[0], want)
		}
		if c := got[0].Conditions[0].Values[0]; c != "arn:aws:ecs:eu-central-1:111122223333:cluster/c" {
			t.Errorf("cluster %s", c)
		}
	}
}

// What would widen a policy, or name nothing, is refused with rule and field.
func TestRefusedValues(t *testing.T) {
	bad := launching("r", "*", "clus?ter")
	bad.Choices["taskRoleArn"] = []mapping.Choice{text("arn:aws:iam::111122223333:role/*")}
	env := launching("s", "", "c")
	env.Choices["taskDefinition"] = []mapping.Choice{{{Text: "pre-"}, {Env: "FAMILY"}}}
	for _, tt := range []struct {
		rule mapping.Rule
		env  string
		want string
	}{
		{bad, "", `rule "r": cluster: expected the name or the ARN of a cluster, got "clus?ter"`},
		{env, "*", `rule "s": taskDefinition: expected family, family:revision or the ARN of a task definition, got "pre-*"`},
		{env, "${aws:username}", `got "pre-${aws:username}"`},
		{mapping.Rule{Name: "old"}, "", `rule "old": the plan does not say which task definitions it starts`},
	} {
		_, err := derive.PermissionsOf(&mapping.Plan{Rules: []mapping.Rule{tt.rule}}, derive.Options{
			Env: func(string) (derive.Value, bool) { return derive.Value{Text: tt.env}, true },
		})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
	_, err := derive.PermissionsOf(&mapping.Plan{Rules: []mapping.Rule{env}}, derive.Options{
		Env:       func(string) (derive.Value, bool) { return derive.Value{}, false },
		PassRoles: []derive.Value{{Text: "arn:aws:iam::111122223333:role/*"}},
	})
	for _, want := range []string{`rule "s": taskDefinition: environment variable is not given: FAMILY`, "role of the task definitions: expected the ARN"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestChoicesOfTheEnvironment(t *testing.T) {
	r := launching("r", "", "")
	r.Choices["taskDefinition"] = []mapping.Choice{{{Env: "FAMILY"}, {Text: ":4"}}, {{Text: "other"}}}
	r.Choices["cluster"] = []mapping.Choice{{{Env: "CLUSTER"}}}
	r.Choices["taskRoleArn"] = []mapping.Choice{{{Env: "ROLE"}}}
	env := map[string]derive.Value{
		"FAMILY": {Text: "fam"}, "CLUSTER": {Text: "${Cluster}", Deferred: true}, "ROLE": {Text: "${Role}", Deferred: true},
	}
	got := permissions(t, derive.Options{Env: func(name string) (derive.Value, bool) { v, ok := env[name]; return v, ok }}, r)
	if want := []string{arn + "task-definition/fam:4", arn + "task-definition/other:*"}; !slices.Equal(got[0].Resources, want) {
		t.Errorf("got %v, want %v", got[0].Resources, want)
	}
	if want := []string{arn + "cluster/${Cluster}"}; !slices.Equal(got[0].Conditions[0].Values, want) {
		t.Errorf("got %v, want %v", got[0].Conditions[0].Values, want)
	}
	if want := []string{"${Role}"}; !slices.Equal(got[1].Resources, want) {
		t.Errorf("got %v, want %v", got[1].Resources, want)
	}
}

// Each further permission is there exactly if a rule needs it, for its clusters.
func TestOptionalPermissions(t *testing.T) {
	with := func(change func(*mapping.Rule)) mapping.Rule {
		r := launching("r", "f", "c")
		change(&r)
		return r
	}
	value := func(s string) mapping.Template { return mapping.Template{Value: json.RawMessage(s)} }
	field := func(name string, v mapping.Template) func(*mapping.Rule) {
		return func(r *mapping.Rule) { r.Task = mapping.Template{Fields: []mapping.Field{{Name: name, Value: v}}} }
	}
	other := launching("other", "g", "d")
	for _, tt := range []struct {
		name   string
		change func(*mapping.Rule)
		want   []string
	}{
		{"nothing", func(*mapping.Rule) {}, []string{"ecs:RunTask"}},
		{"no tags", func(r *mapping.Rule) { r.Task = value(`{"tags":[],"enableECSManagedTags":false}`) }, []string{"ecs:RunTask"}},
		{"tags", field("tags", mapping.Template{Items: []mapping.Template{value("{}")}}), []string{"ecs:RunTask", "ecs:TagResource"}},
		{"constant tags", func(r *mapping.Rule) { r.Task = value(`{"tags":[{"key":"a"}]}`) }, []string{"ecs:RunTask", "ecs:TagResource"}},
		{"propagated", field("propagateTags", value(`"TASK_DEFINITION"`)), []string{"ecs:RunTask", "ecs:TagResource"}},
		{"managed", field("enableECSManagedTags", mapping.Template{Expr: expr.Const(expr.BoolValue(true))}), []string{"ecs:RunTask", "ecs:TagResource"}},
		{"provenance without tags", func(r *mapping.Rule) { r.Untagged = false }, []string{"ecs:RunTask"}},
		{"confirm", func(r *mapping.Rule) { r.Confirm = &task.Confirm{Until: "running"} }, []string{"ecs:RunTask", "ecs:DescribeTasks"}},
		{"roles", func(r *mapping.Rule) {
			r.Choices["executionRoleArn"] = []mapping.Choice{text("exec")}
			r.Choices["roleArn"] = []mapping.Choice{text("arn:aws:iam::111122223333:role/ecs/infra")}
		}, []string{"ecs:RunTask", "iam:PassRole", "iam:PassRole"}},
	} {
		var actions []string
		for _, s := range permissions(t, derive.Options{}, with(tt.change), other) {
			if s.Sid == "RunTask2" {
				continue
			}
			actions = append(actions, s.Actions...)
			for _, resource := range s.Resources {
				if strings.HasSuffix(resource, "/d/*") {
					t.Errorf("%s: %s is allowed for the other rule's cluster too", tt.name, s.Actions)
				}
			}
			if len(s.Conditions) == 0 && s.Actions[0] != "ecs:DescribeTasks" {
				t.Errorf("%s: %s has no condition", tt.name, s.Sid)
			}
			if len(s.Because) == 0 {
				t.Errorf("%s: %s has no reason", tt.name, s.Sid)
			}
		}
		if !slices.Equal(actions, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, actions, tt.want)
		}
	}
}

func TestExecuteCommand(t *testing.T) {
	exec := launching("exec", "f", "c")
	exec.Task = mapping.Template{Value: json.RawMessage(`{"enableExecuteCommand":true}`)}
	for _, s := range permissions(t, derive.Options{}, exec, launching("plain", "f", "d")) {
		limited := slices.ContainsFunc(s.Conditions, func(c derive.Condition) bool { return c.Key == "ecs:enable-execute-command" })
		if want := strings.HasSuffix(s.Conditions[0].Values[0], "/d"); limited != want {
			t.Errorf("%s: ECS Exec is denied: %v, want %v", s.Conditions[0].Values, limited, want)
		}
	}
}

func TestPassedTo(t *testing.T) {
	r := launching("r", "f", "c")
	r.Choices["roleArn"] = []mapping.Choice{text("infra")}
	declared := derive.Value{Text: "arn:aws:iam::111122223333:role/task"}
	var got []string
	for _, s := range permissions(t, derive.Options{PassRoles: []derive.Value{declared}}, r)[1:] {
		got = append(got, s.Conditions[0].Values[0]+" "+s.Resources[0])
	}
	want := []string{
		"ecs-tasks.amazonaws.com arn:aws:iam::111122223333:role/task",
		"ecs.amazonaws.com arn:${AWS::Partition}:iam::${AWS::AccountId}:role/infra",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// The order of the rules changes nothing.
func TestOrder(t *testing.T) {
	rules := []mapping.Rule{
		launching("a", "f", "x"), launching("b", "g", "y"), launching("c", "f", "z"), launching("d", "g:1", "x"),
		{Name: "e", Schedule: &mapping.Schedule{Expression: "rate(1 hour)"}, Choices: map[string][]mapping.Choice{"taskDefinition": {text("h")}}},
	}
	want := permissions(t, derive.Options{}, rules...)
	sources := derive.SourcesOf(&mapping.Plan{Rules: rules})
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		random.Shuffle(len(rules), func(i, j int) { rules[i], rules[j] = rules[j], rules[i] })
		if got := permissions(t, derive.Options{}, rules...); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v\nwant %v", got, want)
		}
		if got := derive.SourcesOf(&mapping.Plan{Rules: rules}); !reflect.DeepEqual(got, sources) {
			t.Fatalf("got %v\nwant %v", got, sources)
		}
	}
}

func TestSources(t *testing.T) {
	three, many := 3, 500
	pattern := `{ "detail": {"n": [9007199254740993, null]}, "$or": [{"a":["<&>"]},{"b":["x"]}] }`
	got := derive.SourcesOf(&mapping.Plan{Rules: []mapping.Rule{
		{Name: "r", Description: "d", Bus: "imports", Disabled: true, Match: json.RawMessage(pattern), Retry: &task.Retry{Attempts: &three, MaxAgeSeconds: 7200}},
		{Name: "s", Schedule: &mapping.Schedule{Expression: "rate(1 hour)", Timezone: "Europe/Berlin"}, Retry: &task.Retry{Attempts: &many, MaxAgeSeconds: 5}},
	}})
	r := got.Rules[0]
	if r.Pattern != pattern || r.Description != "d" || r.Bus != "imports" || r.Enabled || r.Retry != (derive.Retry{MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 7200}) {
		t.Errorf("%+v", r)
	}
	if want := `{"rule":"r","event":<aws.events.event.json>}`; r.Template != want {
		t.Errorf("got %s, want %s", r.Template, want)
	}
	s := got.Schedules[0]
	if s.Spec.Timezone != "Europe/Berlin" || !s.Enabled || s.Retry != (derive.Retry{MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 60}) {
		t.Errorf("%+v", s)
	}
	var input struct {
		Rule  string
		Event map[string]any
	}
	if err := json.Unmarshal([]byte(s.Input), &input); err != nil || input.Rule != "s" || input.Event["source"] != "aws.scheduler" {
		t.Errorf("%v: %s", err, s.Input)
	}
}

func TestVariables(t *testing.T) {
	env := func(name string, optional int) *expr.Node {
		return &expr.Node{Op: expr.OpEnv, Path: []expr.Step{{Name: &name}}, Optional: optional}
	}
	r := launching("r", "f", "")
	r.Task = mapping.Template{Fields: []mapping.Field{
		{Name: "group", Value: mapping.Template{Items: []mapping.Template{{Expr: expr.Concat(env("B", 0), env("A", 1))}}}},
	}}
	r.When = &mapping.Template{Expr: env("C", 0)}
	r.Choices["cluster"] = []mapping.Choice{{{Env: "B"}}}
	got := derive.Variables(&mapping.Plan{Rules: []mapping.Rule{r}})
	want := []derive.Variable{{Name: "A"}, {Name: "B", Required: true, Decides: []string{"cluster"}}, {Name: "C", Required: true}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestPolicy(t *testing.T) {
	statements := permissions(t, derive.Options{}, launching("r", "f", "c"))
	got, err := derive.Policy(statements, strings.NewReplacer("${AWS::Partition}", "aws", "${AWS::Region}", "eu-west-1", "${AWS::AccountId}", "111122223333").Replace)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "RunTask",
      "Effect": "Allow",
      "Action": [
        "ecs:RunTask"
      ],
      "Resource": [
        "arn:aws:ecs:eu-west-1:111122223333:task-definition/f:*"
      ],
      "Condition": {
        "ArnEquals": {
          "ecs:cluster": [
            "arn:aws:ecs:eu-west-1:111122223333:cluster/c"
          ]
        },
        "StringEqualsIfExists": {
          "ecs:enable-execute-command": [
            "false"
          ]
        }
      }
    }
  ]
}`
	if string(got) != want {
		t.Errorf("got %s", got)
	}
}
