package compile

import (
	"fmt"
	"strings"
	"testing"
)

func TestTypedPatterns(t *testing.T) {
	checkRules(t, map[string]string{
		"fields": `
match:
  source: [aws.s3]
  detail-type: [Object Created, Object Deleted]
  regoin: [eu-central-1]                                 #! pattern-never regoin
  detail:
    bucket: {nmae: [a], name: [{prefix: b}]}             #! pattern-never nmae
    object: {key: {x: [1]}, size: ["0"]}                 #! pattern-never key #! pattern-never "0"
    reason: {}                                           #! pattern-shape reason #! pattern-never reason`,
		"several kinds, one that fits": `
match:
  source: [aws.s3]
  detail-type: [Object Created]
  detail: {object: {size: ["0", 0], etag: [{exists: false}]}, version: [0, {anything-but: x}]}`,
		"operators": `
match:
  source: [aws.s3]
  detail-type: [Object Created]
  resources: [{suffix: x}]
  detail:
    object: {size: [{prefix: "1"}]}                      #! pattern-never {prefix
    bucket: {name: [{numeric: [">", 1]}]}                #! pattern-never {numeric
    reason: [null]                                       #! pattern-never null`,
		"alternatives": `
match:
  source: [aws.s3]
  detail-type: [Object Created]
  $or:
    - detail: {reason: [PutObject]}
    - detail: {raeson: [CopyObject]}                     #! pattern-never raeson`,
		"dots in names": `
match:
  source: [aws.s3]
  detail-type: [Object Created]
  detail.object.key: [{prefix: a}]
  detail.object.kye: [a]                                 #! pattern-never detail.object.kye
  detail: {bucket.name: [b], object.size: ["0"], object.size.x: [1]}   #! pattern-never "0" #! pattern-never object.size.x`,
		"dots in names of unknown events": `
match: {source: [com.example], detail.bucket.name: [x], detial.x: [y]}   #! pattern-never detial.x`,
		"what all events have": `
match:
  account: [111122223333]                                #! pattern-never 111122223333
  detail: {a.b: [1], c: {d: [null, {numeric: [">", 1]}]}}
  replay-name: [{exists: false}]
  $or:
    - source: [a.b]
    - sorce: [c]                                         #! pattern-never sorce`,
		"a field that is missed": `
match:
  source: [aws.s3]
  detail-type: [Object Created]
  detail: {nope: [{exists: false}]}`,
		"detail-type": `
match: {source: [aws.ecs], detail-type: [ECS Task State Changed, My Own]}   #! pattern-unknown-event ECS`,
		"the events of schedules": `
match: {source: [aws.events], detail-type: [Scheduled Event], resources: [{suffix: ":rule/hourly"}]}   #! pattern-scheduled Scheduled
task: {taskDefinition: t}`,
		"those and others": `
match: {source: [aws.events, com.example], detail-type: [Scheduled Event]}`,
		"not accepted": `
match: {source: [taskbridge.sqs, taskbridge.sns]}        #! pattern-never taskbridge.sqs #! pattern-never taskbridge.sns`,
		"dynamic": `
match: {source: [com.example], detail: {whatever: [1]}}`,
		"prefix pins nothing": `
match: {source: [aws.s3], detail-type: [{prefix: Object}], detail: {whatever: [1]}}`,
		"sources with a type each": `
match: {source: [aws.s3, aws.ecs], detail-type: [Object Created, ECS Task State Change], detail: {bucket: {name: [x]}}}
task: {taskDefinition: t, group: "${event.detail.nope}"}`,
	})
}

// TestNumbersBeyond is about what looks like a number, and would otherwise be text
// or stop the other findings of a pattern.
func TestNumbersBeyond(t *testing.T) {
	checkRules(t, map[string]string{
		"anywhere": `
match: {source: [s], detail: {a: [-1e400], b: [.inf, x], c: [{numeric: [">", 1e999]}], d: [{prefix: 1}]}}   #! shape -1e400 #! shape .inf #! shape 1e999 #! pattern-operand prefix
task: {taskDefinition: t, overrides: {containerOverrides: [{name: m, environment: {A: 1e400}}]}}   #! shape 1e400`,
		"quoted, large or small": `
match: {source: [s], detail: {a: ["-1e400", "1e400", ".inf"], b: [1e308, 99999999999999999999999, 1e-400]}}`,
	})
}

// TestWhenRepeatsMatch is about conditions that the pattern decides.
func TestWhenRepeatsMatch(t *testing.T) {
	const s3 = `
match: {source: [aws.s3], detail-type: [Object Created, Object Deleted], detail: {bucket: {name: [a, b]}}}
`
	checkRules(t, map[string]string{
		"repeats":                 s3 + `when: event.source == "aws.s3"                                           #! when-constant event`,
		"contradicts":             s3 + `when: event["detail-type"] == "Object Removed" && event.detail.object.size > 3   #! when-constant event  #! expression-optional size`,
		"all of them":             s3 + `when: event.detail.bucket.name in ["a", "b", "c"] || event.region == "x"  #! when-constant event`,
		"none of them":            s3 + `when: '!event.detail.?bucket.?name.orValue("").matches("^[ab]$")'         #! when-constant '!`,
		"one of them":             s3 + `when: event.detail.bucket.name == "a"`,
		"something else":          s3 + `when: event.detail.object.key != ""`,
		"a part repeats":          s3 + `when: event.detail.object.key != "" && event.source == "aws.s3"            #! when-constant event.source`,
		"a part contradicts":      s3 + `when: event.detail.object.key != "&&" && (event.source == "x" || event.detail.bucket.name == "c")   #! when-constant (event`,
		"parts repeat each other": s3 + `when: ${event.detail.object.key != "" && event.region == "x" && event.detail.object.key  != ""}   #! when-constant event.detail.object.key  !=`,
		"a part of several lines": s3 + `
when: 'event.region == "x"
  && event.source == "aws.s3"' #! when-constant event.source`,
		"a part of an alternative": s3 + `when: event.region == "x" && event.source == "aws.s3" || event.region == "y"`,
		"a part of a choice":       s3 + `when: 'event.region == "x" && event.source == "aws.s3" ? event.region != "z" : event.detail.?object.?key == optional.of("y")'`,
		"a part of a negation":     s3 + `when: '!(event.region == "x" && event.source == "aws.s3")'`,
		"a part that is optional":  s3 + `when: event.detail.?object.?key.orValue("") != "" && event.source == "aws.s3"   #! when-constant event.source`,
		"what may be a list": `
match: {source: [s], detail: {kind: [a]}}
when: event.detail.kind == "a"`,
		"an alternative": `
match: {$or: [{source: [a]}, {region: [r]}]}
when: event.source == "a"`,
		"not only values": `
match: {source: [a, {prefix: b}]}
when: event.source == "a"`,
		"unknown events": `
match: {source: [a]}
when: event.source != "a"                                                 #! when-constant event`,
	})
}

// TestUserSchemas describes events of the mapping's own.
func TestUserSchemas(t *testing.T) {
	const schemas = `version: 1
schemas:
  - source: com.example.imports
    detail-type: Import Requested
    schema:
      properties:
        detail:
          properties: {importId: {type: string, maxLength: 40}, rows: {type: integer}, note: {type: string}}
          required: [importId, rows]
          additionalProperties: false
`
	checkMarked(t, Options{}, schemas+`rules:
  - name: r
    match: {source: [com.example.imports], detail-type: [Import Requested], detail: {import-id: [x]}}   #! pattern-never import-id
    task:
      taskDefinition: t
      group: ${event.detail.importID}       #! expression-reference importID
      count: ${event.detail.rows + "1"}     #! expression-type +
      startedBy: ${event.detail.note}       #! expression-optional note
  - name: s
    match: {source: [com.example.imports], detail-type: [Import Request]}   #! pattern-unknown-event Import
    task: {taskDefinition: t}
`)
	checkMarked(t, Options{}, schemas+`  - {source: com.example.imports, detail-type: Import Requested, schema: {properties: {detail: {}}}}   #! conflict {
  - {source: a, detail-type: b}             #! missing-key {
  - {source: a, detail-type: b, schema: {properties: {detail: {type: strin}, id: {maxLength: x}}}}   #! schema type: strin #! schema maxLength
  - {source: a, detail-type: c, schema: {type: object}}   #! schema {type
  - [a]                                     #! shape [
rules: [{name: r, match: {source: [s]}, task: {taskDefinition: t}}]
`)
	checkMarked(t, Options{}, `version: 1
schemas: {a: b}                             #! shape {
rules: [{name: r, match: {source: [s]}, task: {taskDefinition: t}}]
`)
}

// head is a rule up to the first keys of its only container.
const head = `
match: {source: [s]}
task:
  taskDefinition: t
  overrides:
    containerOverrides:
      - name: main
`

func TestShell(t *testing.T) {
	checkRules(t, map[string]string{
		"sh":          head + `        command: [sh, -c, "echo ${event.detail.name}"]                #! shell-injection event.detail.name`,
		"path":        head + `        command: [/usr/bin/env, /bin/bash, -lc, "echo ${event.id}"]   #! shell-injection event.id`,
		"entry point": head + `        command: ["-c", "echo ${event.id}"]                           #! shell-injection event.id`,
		"python":      head + `        command: [python3.12, -c, "print('${event.id}')"]             #! shell-injection event.id`,
		"node":        head + `        command: [node, -e, "f('${event.id}')"]                       #! shell-injection event.id`,
		"all of it":   head + `        command: [sh, -c, "${event.detail.command}"]                  #! shell-injection event.detail.command`,
		"argument":    head + `        command: [sh, -c, 'echo "$0"', "${event.detail.name}"]`,
		"no shell":    head + `        command: [convert, -c, "${event.detail.name}"]`,
		"number":      head + `        command: [sh, -c, "head -c ${size(event.detail.name)}"]`,
		"choice":      head + `        command: [sh, -c, "run ${event.detail.big ? \"--big\" : \"\"}"]`,
		"environment": head + `        command: [sh, -c, "run ${env.STAGE}"]`,
	})
}

func TestSecrets(t *testing.T) {
	checkRules(t, map[string]string{
		"forms": head + `        environment:
          A: AKIAIOSFODNN7EXAMPLE                      #! secret-literal AKIA
          B: ghp_0123456789abcdefghijABCDEFGHIJ012345  #! secret-literal ghp
          C: postgres://user:hunter2@db/x              #! secret-literal postgres
          D: "-----BEGIN RSA PRIVATE KEY-----\nMII"    #! secret-literal "-----BEGIN
          E: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgN   #! secret-literal eyJ
          F: https://example.com:8443/path@x
          G: AKIA-is-short`,
		"names": head + `        environment:
          DB_PASSWORD: hunter2                         #! secret-literal hunter2
          api_key: 0e98f7a6b5                          #! secret-literal 0e98f7a6b5
          STRIPE_TOKEN: abc                            #! secret-literal abc
          TOKEN_ENDPOINT: https://example.com
          PASSWORD_FILE: hunter2
          SECRET: arn:aws:secretsmanager:eu-central-1:111122223333:secret:x
          OTHER_SECRET: /prod/db/password
          DB_PASSWD: "${env.PASSWORD}"
          EMPTY_TOKEN: ""`,
		"list form": head + `        environment: [{name: PASSWORD, value: hunter2}]   #! secret-literal hunter2`,
		"command":   head + `        command: [login, ghp_0123456789abcdefghijABCDEFGHIJ012345]   #! secret-literal ghp`,
	})
}

func TestDuplicateLaunches(t *testing.T) {
	const rule = "    match: {source: [s]}\n    task: {taskDefinition: t, group: \"${event.id}\"}\n"
	checkMarked(t, Options{}, "version: 1\nrules:\n  - name: a\n"+rule+"  - name: b #! duplicate-launch b\n"+rule+
		"  - name: c\n    when: event.detail.x\n"+rule+"  - name: d\n    enabled: false\n"+rule+"  - name: e\n    bus: b\n"+rule+
		"  - name: f\n    forEach: event.detail.x\n"+rule)
}

// A parameter without a value may have the one with which a condition makes sense.
func TestWhenOfUnboundParam(t *testing.T) {
	const source = `version: 1
params: {who: {type: string}, q: {type: string, default: b}} #! param-unbound who
rules:
  - name: r
    match: {source: [a]}
    when: event.source == param.who && event.detail.x == 1
    task: {taskDefinition: t}
  - name: s
    match: {source: [a]}
    when: event.detail.x == 1 && event.source == param.q #! when-constant event.source
    task: {taskDefinition: t}
`
	checkMarked(t, Options{Check: true}, source)
}

// TestOverrideSize counts text and the values that the mapping has as they are sent,
// with JSON's escapes.
func TestOverrideSize(t *testing.T) {
	head := `
match: {source: [s]}
task:
  taskDefinition: t
  overrides: {containerOverrides: [{name: m, environment: {A: %[1]s, B: %[1]s}}]}   #! override-size {containerOverrides
`
	fits := strings.Replace(head, "#! override-size {containerOverrides", "", 1)
	for name, c := range map[string]struct {
		value string
		count int // that is over the limit; half of it is not
	}{
		"text":        {`"${event.id}%s"`, 690},
		"a choice":    {`"${event.id == \"a\" ? 'b' : '%s'}"`, 690},
		"in an aside": {`"${event.id == \"a\" ? 'b' : '%s'} or ${event.id}"`, 690},
	} {
		value := func(n int) string { return fmt.Sprintf(c.value, strings.Repeat(`\x7f`, n)) } // six bytes each
		checkRules(t, map[string]string{
			name:            fmt.Sprintf(head, value(c.count)),
			name + ", half": fmt.Sprintf(fits, value(c.count/2)),
		})
	}
	checkRules(t, map[string]string{
		"one value alone": fmt.Sprintf(`
match: {source: [s]}
task:
  taskDefinition: t
  overrides: {containerOverrides: [{name: m, environment: {A: '${event.id == "a" ? "b" : "%s"}'}}]}   #! runtask-overrides-bytes event.id
`, strings.Repeat("x", 9000)),
	})
}
