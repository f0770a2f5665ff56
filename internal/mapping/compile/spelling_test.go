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
	} {
		t.Run(c.name, func(t *testing.T) { checkMarked(t, Options{}, c.source) })
	}
}
