package compile

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestChoices is about the values that the fields can have which decide what runs.
func TestChoices(t *testing.T) {
	tests := []struct{ name, fields, want, allow string }{
		{"literals", "taskDefinition: t\ncluster: c", `{"cluster":[[{"text":"c"}]],"taskDefinition":[[{"text":"t"}]]}`, "null"},
		{"condition", `taskDefinition: '${event.detail.big ? "large" : "small"}'`, `{"taskDefinition":[[{"text":"large"}],[{"text":"small"}]]}`, "null"},
		{"map", `taskDefinition: '${{"mp4": "video", "png": "image"}[event.detail.kind]}'`, `{"taskDefinition":[[{"text":"image"}],[{"text":"video"}]]}`, "null"},
		{"map with a default", `taskDefinition: '${{"mp4": "video"}[?event.detail.kind].orValue("other")}'`, `{"taskDefinition":[[{"text":"other"}],[{"text":"video"}]]}`, "null"},
		{"environment", "taskDefinition: ${env.FAMILY}:4\ncluster: ${env[?\"CLUSTER\"].orValue(\"main\")}",
			`{"cluster":[[{"env":"CLUSTER"}],[{"text":"main"}]],"taskDefinition":[[{"env":"FAMILY"},{"text":":4"}]]}`, "null"},
		{"in a text", `taskDefinition: 'enc-${event.detail.hd ? "hd" : "sd"}'`, `{"taskDefinition":[[{"text":"enc-hd"}],[{"text":"enc-sd"}]]}`, "null"},
		{"providers", "taskDefinition: t\nnetworkConfiguration: {awsvpcConfiguration: {subnets: [subnet-1]}}\ncapacityProviderStrategy: [{capacityProvider: '${event.detail.spot ? \"FARGATE_SPOT\" : \"FARGATE\"}', weight: 1}]",
			`{"capacityProvider":[[{"text":"FARGATE"}],[{"text":"FARGATE_SPOT"}]],"taskDefinition":[[{"text":"t"}]]}`, "null"},
		{"roles", "taskDefinition: t\noverrides: {taskRoleArn: 'arn:aws:iam::111122223333:role/a', executionRoleArn: 'arn:aws:iam::111122223333:role/${env.ROLE}'}",
			`{"executionRoleArn":[[{"text":"arn:aws:iam::111122223333:role/"},{"env":"ROLE"}]],"taskDefinition":[[{"text":"t"}]],"taskRoleArn":[[{"text":"arn:aws:iam::111122223333:role/a"}]]}`, "null"},
		{"elements", "forEach: [{f: a, r: 7}, {f: b, r: 8}]\ntaskDefinition: ${item.f}:${item.r}\ncluster: 'c-${[\"x\", \"y\", \"z\"][index]}'",
			`{"cluster":[[{"text":"c-x"}],[{"text":"c-y"}]],"taskDefinition":[[{"text":"a:7"}],[{"text":"b:8"}]]}`, "null"},
		{"elements of an expression", "forEach: ${[\"a\", \"b\"].map(x, x + \"1\")}\ntaskDefinition: ${item}\ngroup: g-${index}",
			`{"taskDefinition":[[{"text":"a1"}],[{"text":"b1"}]]}`, "null"},
		{"allowed", "taskDefinition: ${event.detail.family}", `{"taskDefinition":[[{"text":"a"}],[{"text":"b"}]]}`, `{"taskDefinition":["b","a"]}`},
		{"allowed and finite", `taskDefinition: '${event.detail.big ? "a" : "b"}'`, `{"taskDefinition":[[{"text":"a"}],[{"text":"b"}]]}`, "null"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			source := "version: 1\nrules:\n  - name: r\n    match: {source: [s]}\n"
			if tt.name == "allowed" || tt.name == "allowed and finite" {
				source += "    allow: {taskDefinition: [b, a, b]}\n"
			}
			if line, rest, ok := strings.Cut(tt.fields, "\n"); ok && strings.HasPrefix(line, "forEach:") {
				source, tt.fields = source+"    "+line+"\n", rest
			}
			r := compiled(t, source+"    task:\n"+indent(tt.fields, 6)+"\n").Rules[0]
			choices, err := json.Marshal(r.Choices)
			if err != nil {
				t.Fatal(err)
			}
			allow, err := json.Marshal(r.Allow)
			if err != nil {
				t.Fatal(err)
			}
			if string(choices) != tt.want || string(allow) != tt.allow {
				t.Errorf("got  %s, allow %s\nwant %s, allow %s", choices, allow, tt.want, tt.allow)
			}
		})
	}
}

func TestChoicesRefused(t *testing.T) {
	checkRules(t, map[string]string{
		"event": `
match: {source: [s]}
task:
  taskDefinition: t
  cluster: ${event.detail.cluster}                        #! expression-unbounded event.detail.cluster
  launchType: ${event.detail.type}                        #! expression-unbounded event.detail.type
  overrides:
    taskRoleArn: arn:aws:iam::111122223333:role/${event.detail.role}   #! expression-unbounded event.detail.role
    executionRoleArn: ${event.detail.role}                #! expression-unbounded event.detail.role
  volumeConfigurations: [{name: v, managedEBSVolume: {roleArn: "${event.detail.role}", sizeInGiB: 1}}]   #! expression-unbounded event.detail.role`,
		"item": `
match: {source: [s]}
forEach: ${event.detail.shards}
task: {taskDefinition: "${item}"}                         #! expression-unbounded item`,
		"item of a list that is written down": `
match: {source: [s]}
forEach: [{family: a, spot: true}, {family: b, size: 3}]
task:
  taskDefinition: x-${item.family}
  launchType: ${item.size}                                #! field-type item.size #! expression-optional size
  cluster: '${item.?spot.orValue(false) ? "spot" : "main"}'
  group: ${item.familie}                                  #! expression-reference familie
  networkConfiguration: {awsvpcConfiguration: {subnets: ["subnet-${index}"]}}`,
		"item that ECS refuses": `
match: {source: [s]}
forEach: [EC2, EC3]
task: {taskDefinition: t, launchType: "${item}"}          #! runtask-launch-type item`,
		"function of env": `
match: {source: [s]}
task: {taskDefinition: "${env.FAMILY.lowerAscii()}"}      #! expression-unbounded env.FAMILY.lowerAscii()`,
		"guarded, even by a condition": `
match: {source: [s]}
task:
  taskDefinition: t
  platformVersion: '${event.detail.new ? "1.4.0" : "1.3.0"}'   #! expression-unbounded event.detail.new
  enableExecuteCommand: ${event.detail.debug}             #! expression-unbounded event.detail.debug
  networkConfiguration:
    awsvpcConfiguration:
      subnets: ["${event.detail.subnet}"]                 #! expression-unbounded event.detail.subnet
      securityGroups: ${event.detail.groups}              #! expression-unbounded event.detail.groups
      assignPublicIp: ${event.detail.public}              #! expression-unbounded event.detail.public`,
		"allow": `
match: {source: [s]}
allow:
  taskDefinition: [b]
  cluster: xyz                                            #! shape xyz
  launchType: [1]                                         #! shape 1
  subnets: [subnet-1]                                     #! unknown-key subnets
task:
  taskDefinition: '${event.detail.big ? "a" : "b"}'       #! setting event.detail.big
  cluster: ${event.detail.cluster}
  launchType: EC2`,
		"allow of what is not set": `
match: {source: [s]}
allow: {cluster: [a]}                                     #! setting [`,
		"allow of a list": "match: {source: [s]}\nallow: [a]   #! shape [\ntask: {taskDefinition: '${event.detail.td}'}",
	})
}

// TestOutputs checks what expressions give against the fields that they are for.
func TestOutputs(t *testing.T) {
	checkRules(t, map[string]string{
		"types": `
match: {source: [aws.s3], detail-type: [Object Created]}
task:
  taskDefinition: t
  count: ${event.detail.object.key}                       #! field-type event.detail.object.key
  enableECSManagedTags: ${1 + event.detail.object.size}   #! field-type 1 + event.detail.object.size
  group: ${event.resources}                               #! field-type event.resources
  startedBy: ${event.detail.object}                       #! field-type event.detail.object
  overrides:
    cpu: ${event.detail.object.size}                      #! field-type event.detail.object.size
    memory: ${event.detail.object[?"etag"]}               #! field-type event.detail.object[
    containerOverrides:
      - name: a
        cpu: ${double(event.detail.object.size)}          #! field-type double
        command: ${[event.detail.object.size]}            #! field-type [event.detail.object.size
        memory: x${event.detail.object.size}              #! field-type x
        environment:
          A: ${event.resources} and more                  #! expression-type event.resources
          B: ${event.detail.object[?"etag"]} and more     #! expression-type event.detail.object[`,
		"constants": `
match: {source: [s]}
task:
  taskDefinition: t
  launchType: ${"FAR" + "GAT"}                            #! runtask-launch-type ${
  count: ${500 * 3}                                       #! runtask-count-range ${
  startedBy: ${"a b"}                                     #! runtask-started-by-text ${`,
		"constants of other types": `
match: {source: [s]}
task:
  taskDefinition: t
  group: ${1 + 1}                                         #! field-type ${
  networkConfiguration: ${[]}                             #! field-type ${`,
		"values that are few": `
match: {source: [s]}
task:
  taskDefinition: t
  launchType: '${event.detail.big ? "EC2" : "FARGET"}'    #! runtask-launch-type event.detail.big
  overrides: {cpu: '${event.detail.big ? "4096" : "4 cpus"}'}   #! runtask-task-cpu event.detail.big
  tags: {a: '${event.detail.big ? "<" : "b"}'}            #! runtask-tag-text event.detail.big`,
	})
}
