package compile

import "testing"

// TestLimitsBesideMistakes wants the limits of all that is well-formed, and none
// that another mistake alone is over.
func TestLimitsBesideMistakes(t *testing.T) {
	const match = "match: {source: [s]}\n"
	checkRules(t, map[string]string{
		"a key that is not known": match + `
task:
  taskDefinition: t
  clutser: media                                          #! unknown-key clutser
  count: 0                                                #! runtask-count-range 0
  startedBy: a.b                                          #! runtask-started-by-text a.b`,
		"a type": match + `
task:
  taskDefinition: t
  enableExecuteCommand: "yes"                             #! field-type "yes"
  overrides:
    cpu: 256                                              #! field-type 256
    ephemeralStorage: {sizeInGiB: 20}                     #! runtask-ephemeral-storage-minimum 20 #! runtask-ephemeral-storage-fargate {
  launchType: EC2
  platformVersion: LATEST                                 #! runtask-platform-version-fargate LATEST`,
		"expressions": match + `
task:
  taskDefinition: ${evnt.id}                              #! expression-reference evnt
  group: service:x                                        #! runtask-group-service service:x
  tags: {a: "${event.}", "aws:b": x, c: "${event.id"}     #! expression-syntax } #! runtask-tag-reserved "aws:b" #! expression-unterminated ${event.id"`,
		"one of few values": match + `
task:
  taskDefinition: t
  count: 0                                                #! runtask-count-range 0
  propagateTags: '${event.detail.x ? "NONE" : "SERVICE"}' #! runtask-propagate-tags-service event.detail.x
  unknown: 1                                              #! unknown-key unknown`,
		"a rule that is wrong elsewhere": `
match: {source: [{prefx: com.}]}                          #! pattern-operator prefx
when: evnt.id == "a"                                      #! expression-reference evnt
retry: 3                                                  #! shape 3
task: {taskDefinition: "a b"}                             #! runtask-task-definition-form "a b"`,

		"a misspelt key of what is required": match + `
task:
  taskDefintion: t                                        #! unknown-key taskDefintion
  launchType: FARGATE
  networkConfiguration:
    awsvpcConfiguration: {subnet: [subnet-1]}             #! unknown-key subnet
  overrides:
    containerOverrides:
      - nam: main                                         #! unknown-key nam
        resourceRequirements: [{type: GPU, valeu: "1"}]   #! unknown-key valeu #! runtask-resource-gpu-fargate {`,
		"a misspelt object that is required": match + `
task:
  taskDefinition: t
  launchType: FARGATE
  networkConfig: {}                                       #! unknown-key networkConfig`,
		"a misspelt object inside one": match + `
task:
  taskDefinition: t
  launchType: FARGATE
  networkConfiguration: {awsVpcConfiguration: {}}         #! unknown-key awsVpcConfiguration #! runtask-subnets-required {}`,
		"a misspelt launch type": match + `
task:
  taskDefinition: t
  launch_type: EC2                                        #! unknown-key launch_type
  capacityProviderStrategy: [{capacityProvider: FARGATE}] #! runtask-strategy-weightless [ #! runtask-launch-type-or-strategy [
  networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-1]}}
  overrides: {containerOverrides: [{name: a, resourceRequirements: [{type: NeuronDevice, value: ALL}]}]} #! runtask-resource-neuron-managed-instances {type`,
		"a wrong shape of what is required": match + `
task:
  taskDefinition: [t]                                     #! field-type [
  launchType: FARGATE
  networkConfiguration: subnet-1                          #! field-type subnet-1
  capacityProviderStrategy: FARGATE                       #! field-type FARGATE
  overrides:
    containerOverrides: {name: main}                      #! field-type {
  volumeConfigurations: [{name: v, managedEBSVolume: 10}] #! field-type 10`,
		"an empty text": match + `
task:
  taskDefinition: ""                                      #! field-type ""
  capacityProviderStrategy: [{capacityProvider: "", weight: 1}] #! field-type ""`,
		"items": match + `
task:
  taskDefinition: t
  launchType: FARGATE
  networkConfiguration: {awsvpcConfiguration: {subnets: [1, net-1]}} #! field-type 1 #! runtask-subnet-form net-1
  volumeConfigurations: [x, {name: a b}]                  #! field-type x #! runtask-volume-name-form a b #! runtask-volumes-count [
  placementConstraints: [distinctInstance]                #! field-type distinctInstance #! runtask-placement-constraints-fargate [`,
	})
}

// Without the defaults nobody knows what a rule lacks.
func TestLimitsWithoutDefaults(t *testing.T) {
	checkMarked(t, Options{}, `version: 1
defaults: [media]                                         #! shape [
rules:
  - name: r
    match: {source: [s]}
    task:
      launchType: FARGATE
      startedBy: a.b                                      #! runtask-started-by-text a.b
`)
}
