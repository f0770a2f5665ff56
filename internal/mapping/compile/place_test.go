package compile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/pattern"
)

// TestPlaces asks for the place of every predicate of every rule: it is that of
// the field's name, wherever in the file it was written.
func TestPlaces(t *testing.T) {
	source := `version: 1
defaults: {cluster: c}
rules:
  - name: a
    match: &upload
      source: [aws.s3]
      detail:
        object: {key: [{prefix: x}], "größe": [1], size: [2]}
    task: {taskDefinition: t}
  - match:
      <<: *upload
      $or:
        - detail-type: [A]
        - {detail: {n: [{numeric: [">", 1]}]}}
    name: b
    task: {taskDefinition: t}
  - {"name": "c", "match": {"detail": {"a.b": ["x"]}}, "task": {"taskDefinition": "t"}}
`
	plan, findings := Compile("m.yaml", []byte(source))
	if plan == nil {
		t.Fatal(findings)
	}
	find := Places("m.yaml", []byte(source))
	var got strings.Builder
	for i := range plan.Rules {
		trace, err := pattern.Explain(plan.Rules[i].Match, []byte(`{"detail":{"n":2}}`))
		if err != nil {
			t.Fatal(err)
		}
		got.WriteString(plan.Rules[i].Name + " " + find(i, nil).String() + "\n")
		for j := range trace.Predicates {
			p := &trace.Predicates[j]
			got.WriteString(p.Field() + " " + find(i, p.Path).String() + "\n")
		}
	}
	const want = `a 4:11
source 6:7
detail.object.key 8:18
detail.object.größe 8:38
detail.object.size 8:52
b 15:11
detail.n 14:21
source 6:7
detail.object.key 8:18
detail.object.größe 8:38
detail.object.size 8:52
c 17:14
detail.a.b 17:40
`
	if got.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", got.String(), want)
	}
}

// TestFieldPlaces asks for fields wherever in the file they were written.
func TestFieldPlaces(t *testing.T) {
	source := []byte(`version: 1
params: {nets: {type: list}}
defaults:
  cluster: c
  networkConfiguration:
    awsvpcConfiguration: {subnets: "${param.nets}", securityGroups: [sg-1, sg-2]}
rules:
  - name: a
    match: {source: [s]}
    task:
      taskDefinition: t
      networkConfiguration: {awsvpcConfiguration: {securityGroups: [sg-3]}}
      overrides: {containerOverrides: [{name: w, environment: {A: b, "C": "${event.id}"}}]}
  - {name: b, match: {source: [s]}, task: {taskDefinition: u, networkConfiguration: null}}
`)
	o := Options{Params: map[string]any{"nets": []string{"subnet-1", "subnet-2"}}}
	plan, findings := o.Compile("m.yaml", source)
	if plan == nil {
		t.Fatal(findings)
	}
	find := o.FieldPlaces("m.yaml", source)
	tests := []struct {
		rule        int
		field, want string
	}{
		{0, "cluster", "4:12 1"},
		{0, "taskDefinition", "11:23 1"},
		{0, "networkConfiguration.awsvpcConfiguration.subnets[1]", "6:36 15"},
		{0, "networkConfiguration.awsvpcConfiguration.securityGroups[0]", "12:69 4"},
		{0, "overrides.containerOverrides[0].name", "13:47 1"},
		{0, "overrides.containerOverrides[0].environment[1].name", "13:70 1"},
		{0, "overrides.containerOverrides[0].memory", "13:40 1"},
		{0, "launchType", "11:7 1"},
		{1, "networkConfiguration", "14:43 1"},
		{1, "cluster", "4:12 1"},
		{2, "cluster", "0:0 0"},
	}
	for _, tt := range tests {
		at, width := find(tt.rule, tt.field)
		if got := fmt.Sprint(at, " ", width); got != tt.want {
			t.Errorf("rule %d, %s: got %s, want %s", tt.rule, tt.field, got, tt.want)
		}
	}
}
