package compile

import "testing"

// TestMisspelt wants a key that is clearly misspelt reported once, what is under it
// checked in the same run, and no finding that follows from its absence.
func TestMisspelt(t *testing.T) {
	for _, c := range []struct{ name, source string }{
		{"keys of a task", `version: 1
rules:
  - name: r
    match: {source: [com.example]}
    task:
      TaskDefinition: "" #! unknown-key TaskDefinition #! field-type ""
      lauchType: FARGTE #! unknown-key lauchType #! runtask-launch-type FARGTE
      overrides:
        ContainerOverrides: #! unknown-key ContainerOverrides
          - Name: main #! unknown-key Name
            Environment: {A: 1, B: "${nothing.here}"} #! unknown-key Environment #! field-type 1 #! expression-reference nothing
            comand: [run, 2] #! unknown-key comand #! field-type 2
`},
		{"keys of the file", `Version: 2 #! unknown-key Version #! version 2
param: {who: {typ: strin}} #! unknown-key param #! unknown-key typ #! param strin #! param-unused who
default: {cluster: 1} #! unknown-key default #! field-type 1
ruels: #! unknown-key ruels
  - name: r
    match: {source: [com.example]}
    task: {taskDefinition: worker}
`},
		{"keys of a rule", `version: 1
rules:
  - Name: r s #! unknown-key Name #! rule-name r
    Match: {source: com.example} #! unknown-key Match #! pattern-shape source
    wen: evnt.detail.x #! unknown-key wen #! expression-reference evnt
    forEeach: [] #! unknown-key forEeach #! shape []
    rety: {attempt: -1} #! unknown-key rety #! unknown-key attempt #! setting -1
    allow: {TaskDefinition: []} #! unknown-key TaskDefinition #! shape []
    taks: {taskDefinition: 1} #! unknown-key taks #! field-type 1
`},
		{"of the defaults", `version: 1
defaults:
  TaskDefinition: worker #! unknown-key TaskDefinition
  NetworkConfiguration: {awsvpcConfiguration: {subnets: [subnet-1], securityGroup: sg-1}} #! unknown-key NetworkConfiguration #! unknown-key securityGroup #! field-type sg-1
rules:
  - name: r
    match: {source: [com.example]}
    task: {networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-2]}}}
`},
		{"beside the right one", `version: 1
rules:
  - name: r
    match: {source: [com.example]}
    task: {taskDefinition: worker, TaskDefinition: ""} #! unknown-key TaskDefinition
`},
		{"other names", `version: 1
rules:
  - name: r
    eventPattern: {Source: [aws.s3], detail_type: [Object Created]} #! unknown-key eventPattern #! pattern-never Source #! pattern-never detail_type
    when: event.detail.objct.size > 0 #! expression-reference objct
    task: {taskDef: "", overrides: {containerOverrides: [{name: m, env: {A: 1}, cmd: [2]}]}} #! unknown-key taskDef #! field-type "" #! unknown-key env #! field-type 1 #! unknown-key cmd #! field-type 2
  - name: s
    cron: every day #! unknown-key cron #! schedule every
    task: {taskDefinition: worker, ClientToken: x} #! unknown-key ClientToken
`},
		{"a field that no event has", `version: 1
rules:
  - name: r
    match: {source: [com.example], bucket: [b], replay-name: [a], resource: [{exists: false}]} #! pattern-never bucket
    task: {taskDefinition: worker}
`},
	} {
		t.Run(c.name, func(t *testing.T) { checkMarked(t, Options{}, c.source) })
	}
}

// TestOneMistake wants a mistake of a shape to have no others follow from it, and to
// hide none.
func TestOneMistake(t *testing.T) {
	const rest = "\nrules:\n  - name: r\n    match: {source: [com.example]}\n    task: {taskDefinition: '${param.td}', group: 1} #! field-type 1\n"
	for _, c := range []struct{ name, source string }{
		{"fields of the task beside it", `version: 1
rules:
  - name: r
    source: [aws.s3] #! unknown-key source
    taskDefinition: worker #! unknown-key taskDefinition
`},
		{"a source that is no list", `version: 1
rules:
  - name: r
    match: {source: aws.s3, detail-type: [Object Created]} #! pattern-shape source
    when: event.detail.objct.size > 0 #! expression-reference objct
    task: {taskDefinition: worker}
`},
		{"names of parameters", "version: 1\nparams: [td] #! shape [" + rest},
		{"a type for a parameter", "version: 1\nparams: {td: string} #! shape string" + rest},
		{"accept as a text", `version: 1
accept: sqs #! shape sqs
rules:
  - name: r
    match: {source: [taskbridge.sqs]}
    task: {taskDefinition: 1} #! field-type 1
`},
		{"a misspelt element of accept", `version: 1
accept: [SQS, direkt] #! shape SQS #! shape direkt
rules:
  - name: r
    match: {source: [taskbridge.sqs, taskbridge.invoke]}
    task: {taskDefinition: worker}
`},
		{"values that are allowed as a text", `version: 1
rules:
  - name: r
    match: {source: [com.example]}
    allow: {taskDefinition: worker} #! shape worker
    task: {taskDefinition: '${event.detail.td}'}
`},
		{"rules by name", `version: 1
rules:
  first: #! shape first
    match: {source: [com.example]}
    task: {taskDefinition: 1} #! field-type 1
  second:
    name: third
    match: {source: [com.example]}
    task: {taskDefinition: 2} #! field-type 2
`},
		{"one rule for a list", `version: 1
rules: {name: r, match: {source: [com.example]}, task: {taskDefinition: 1}} #! shape { #! field-type 1
`},
		{"no rules", "version: 1\nparams: {a: {type: string, default: b}}\nrules: none #! shape none\n"},
	} {
		t.Run(c.name, func(t *testing.T) { checkMarked(t, Options{}, c.source) })
	}
}
