package compile

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/mapping"
)

// rules are mappings of one rule each with the marks of their findings, see
// checkMarked.
func checkRules(t *testing.T, rules map[string]string) {
	t.Helper()
	for name, rule := range rules {
		t.Run(name, func(t *testing.T) {
			source := "version: 1\nrules:\n  - name: r\n" + indent(strings.TrimPrefix(rule, "\n"), 4)
			if !strings.Contains(rule, "task:") {
				source += "\n    task: {taskDefinition: t}\n"
			}
			checkMarked(t, Options{}, source)
		})
	}
}

func TestSchedules(t *testing.T) {
	good := []string{
		"rate(1 minute)", "rate(5 minutes)", "rate(1 hour)", "rate(7 days)", "at(2026-12-31T23:59:00)",
		"cron(0 3 * * ? *)", "cron(0/15 8-18 ? * MON-FRI *)", "cron(0 0 L * ? 2026)", "cron(0 0 15W * ? *)", "cron(0 0 LW * ? *)", "cron(0 0 L-3 * ? *)",
		"cron(15 10 ? * 6L 2026-2030)", "cron(15 10 ? * 6#3 *)", "cron(0,30 1,2,3 1 JAN,jul ? *)", "cron(0 0 ? * SUN *)", "cron(*/5 * * * ? *)",
	}
	for _, s := range good {
		checkMarked(t, Options{}, fmt.Sprintf("version: 1\nrules:\n  - {name: r, schedule: %q, task: {taskDefinition: t}}\n", s))
	}
	bad := []string{
		"1 hour", "rate(0 minutes)", "rate(1 hours)", "rate(2 hour)", "rate(1 week)", "rate(5minutes)", "rate(5 minutes", "at(tomorrow)", "at(2026-12-31)",
		"at(2026-12-31T23:59:00Z)", "cron(0 3 * * *)", "0 3 * * ? *", "cron(0 3 * * * *)", "cron(0 3 ? * ? *)", "cron(60 3 * * ? *)", "cron(0 24 * * ? *)",
		"cron(0 3 32 * ? *)", "cron(0 3 * 13 ? *)", "cron(0 3 ? * 0 *)", "cron(0 3 ? * 8 *)", "cron(0 3 ? * MON#6 *)", "cron(0 3 * * ? 1969)", "cron(0 3 * FOO ? *)",
		"cron(? 3 * * ? *)", "cron(0 3 * * ? *", "cron(0/0 3 * * ? *)", "cron(0 3 +1 * ? *)", "rate(" + strings.Repeat("1", 300) + " days)",
	}
	for _, s := range bad {
		checkMarked(t, Options{}, fmt.Sprintf("version: 1\nrules:\n  - name: r\n    schedule: %q #! schedule %q\n    task: {taskDefinition: t}\n", s, s))
	}
}

func TestScheduleMap(t *testing.T) {
	plan := compiled(t, `version: 1
rules:
  - name: r
    schedule:
      expression: cron(0 3 * * ? *)
      timezone: Europe/Berlin
      flexibleWindow: 1h30m
      start: 2026-01-01T01:00:00+01:00
      end: "2027-01-01T00:00:00Z"
      group: nightly
      deleteAfterRun: true
    task: {taskDefinition: t, startedBy: "${event.detail[?\"attempt\"].orValue(1) > 1 ? \"again\" : \"first\"}"}
`)
	want := &mapping.Schedule{
		Expression: "cron(0 3 * * ? *)", Timezone: "Europe/Berlin", FlexibleWindowMinutes: 90,
		Start: "2026-01-01T00:00:00Z", End: "2027-01-01T00:00:00Z", Group: "nightly", DeleteAfterRun: true,
	}
	if got := plan.Rules[0].Schedule; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	checkRules(t, map[string]string{
		"no expression": `schedule: {timezone: UTC} #! missing-key {`,
		"each wrong": `
schedule:
  expression: 5                    #! shape 5
  timezone: Mars/Olympus           #! schedule Mars
  flexibleWindow: 0s               #! setting 0s
  start: yesterday                 #! schedule yesterday
  group: a b                       #! schedule a b
  deleteAfterRun: 1                #! shape 1
  every: 5m                        #! unknown-key every`,
		"ends first": `
schedule:
  expression: rate(1 hour)
  start: 2026-01-01T00:00:00Z
  end: 2025-01-01T00:00:00Z        #! schedule 2025`,
		"local":           `schedule: {expression: rate(1 hour), timezone: Local}   #! schedule Local`,
		"a list":          `schedule: [rate(1 hour)]                                #! shape [`,
		"a schedule only": "schedule: rate(1 hour)\nbus: imports                     #! conflict imports",
		"the event is a schedule's": `
schedule: rate(1 hour)
task: {taskDefinition: t, group: "${event.detial.attempt}"}   #! expression-reference detial`,
	})
}

func TestSettings(t *testing.T) {
	plan := compiled(t, `version: 1
rules:
  - name: r
    description: It does.
    enabled: false
    bus: arn:aws:events:eu-central-1:111122223333:event-bus/imports
    match: {source: [s]}
    retry: {attempts: 0, backoff: 500ms, maxAge: 1d}
    confirm: {until: running, timeout: 90s}
    provenanceTags: false
    idempotency: {key: "${event.detail.a}-${event.detail.b}"}
    task: {taskDefinition: t}
`)
	text, err := json.Marshal(plan.Rules[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"description":"It does."`, `"disabled":true`, `event-bus/imports`, `"retry":{"attempts":0,"backoffMillis":500,"maxAgeSeconds":86400}`,
		`"confirm":{"until":"running","timeoutSeconds":90}`, `"untagged":true`, `"key":{`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	checkRules(t, map[string]string{
		"retry": `
match: {source: [s]}
retry:
  attempts: -1                     #! setting -1
  backoff: 10m                     #! setting 10m
  maxAge: 30s                      #! setting 30s
  jitter: true                     #! unknown-key jitter`,
		"retry as a number":        "match: {source: [s]}\nretry: 3                         #! shape 3",
		"attempts of another type": "match: {source: [s]}\nretry: {attempts: many, backoff: 1 s}   #! setting many #! setting 1 s",
		"confirm": `
match: {source: [s]}
confirm: {timeout: 16m}            #! missing-key { #! setting 16m`,
		"enabled": "match: {source: [s]}\nenabled: yes please            #! shape yes",
		"bus":     "match: {source: [s]}\nbus: arn:aws:sqs:x              #! setting arn",
		"idempotency": `
match: {source: [s]}
idempotency: {by: a}               #! unknown-key by #! missing-key {`,
		"key left out": "match: {source: [s]}\nidempotency: \"${event.id}\"           #! shape \"$",
		"key of a list": `
match: {source: [s]}
idempotency: {key: "${[1, 2]}"}    #! expression-type [1`,
		"key in text of a list": `
match: {source: [aws.s3], detail-type: [Object Created]}
idempotency: {key: "${event.resources}-x"}   #! expression-type event.resources`,
		"empty key":             "match: {source: [s]}\nidempotency: {key: \"\"}        #! setting \"",
		"description":           "match: {source: [s]}\ndescription: [a]             #! shape [",
		"long description":      "match: {source: [s]}\ndescription: " + strings.Repeat("x", 513) + "   #! setting x",
		"event in a bus":        "match: {source: [s]}\nbus: \"${event.source}\"       #! expression-not-constant event.source",
		"function of nothing":   "match: {source: [s]}\nbus: \"${lowerAscii(1)}\"      #! expression-type lowerAscii",
		"expression in pattern": "match: {source: [\"${env.SOURCE}\"]}   #! expression-not-constant env.SOURCE",
	})
}

func TestWhenAndForEach(t *testing.T) {
	plan := compiled(t, `version: 1
rules:
  - name: r
    match: {source: [aws.ecs], detail-type: [ECS Task State Change]}
    when: ${event.detail.lastStatus == "STOPPED"}
    forEach: ${event.detail.containers}
    task: {taskDefinition: t, group: "${item.name}-${index}", count: 20}
  - name: fixed
    match: {source: [s]}
    forEach: [a, {b: 1}]
    task: {taskDefinition: t}
`)
	r := plan.Rules[0]
	if r.When == nil || r.When.Source != `event.detail.lastStatus == "STOPPED"` || r.When.Pos != "5:13" {
		t.Errorf("when: got %+v", r.When)
	}
	if r.ForEach == nil || r.ForEach.Source != "event.detail.containers" {
		t.Errorf("forEach: got %+v", r.ForEach)
	}
	if plan.Rules[1].ForEach == nil {
		t.Error("no forEach of a list that stands in the mapping")
	}
	checkRules(t, map[string]string{
		"when is no bool":      "match: {source: [s]}\nwhen: 1 + 1                        #! expression-type 1 + 1",
		"when is always true":  "match: {source: [s]}\nwhen: true                         #! when-constant true",
		"when is always false": "match: {source: [s]}\nwhen: ${1 > 2}                     #! when-constant ${",
		"when around a text":   "match: {source: [s]}\nwhen: \"${event.a} > 1\"             #! expression-syntax \"$",
		"when is a list":       "match: {source: [s]}\nwhen: [a]                          #! shape [",
		"when knows no item":   "match: {source: [s]}\nwhen: item.id == 1                 #! expression-reference item\nforEach: ${event.detail.list}",
		"forEach of text":      "match: {source: [s]}\nforEach: ${env.LIST}               #! expression-type env.LIST",
		"forEach of nothing":   "match: {source: [s]}\nforEach: []                        #! shape [",
		"forEach of an object": "match: {source: [s]}\nforEach: {a: b}                    #! shape {",
		"item is typed": `
match: {source: [aws.ecs], detail-type: [ECS Task State Change]}
forEach: event.?resources.orValue([])
task: {taskDefinition: t, group: "${item.id}"}    #! expression-type id`,
		"no item without forEach": `
match: {source: [s]}
task: {taskDefinition: t, group: "${item}"}       #! expression-reference item`,
		"has of an index": `
match: {source: [s]}
when: has(event.detail["a-b"])                    #! expression-syntax [`,
		"has in when": `
match: {source: [aws.s3], detail-type: [Object Created]}
when: has(event.detail.object.` + "`version-id`" + `)
task: {taskDefinition: t, group: "${event.detail.object['version-id']}"}`,
	})
}
