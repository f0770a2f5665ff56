package compile

import (
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
