package verify

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/mapping/compile"
)

const roleARN = "arn:aws:iam::123456789012:role/"

// fargateTask is a task that the account of seen takes on Fargate.
const fargateTask = `
      cluster: media
      taskDefinition: worker
      launchType: FARGATE
      networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-a, subnet-b], securityGroups: [sg-1]}}
      overrides: {containerOverrides: [{name: main, environment: {A: "1"}}]}
`

// ec2Task is one that it takes on instances, through a capacity provider.
const ec2Task = `
      cluster: media
      taskDefinition: legacy
      capacityProviderStrategy: [{capacityProvider: asg, weight: 1}]
`

// seen is an account in which all is well.
func seen() *Snapshot {
	return &Snapshot{
		Account: "123456789012", Region: "eu-central-1",
		Clusters: map[string]Seen[Cluster]{
			"media": {Is: &Cluster{Status: "ACTIVE", CapacityProviders: []string{"FARGATE", "FARGATE_SPOT", "asg", "managed"}, DefaultStrategy: []string{"FARGATE"}}},
			"bare":  {Is: &Cluster{Status: "ACTIVE"}},
		},
		CapacityProviders: map[string]Seen[CapacityProvider]{"asg": {Is: &CapacityProvider{"ACTIVE", KindEC2}}, "managed": {Is: &CapacityProvider{"ACTIVE", KindManagedInstances}}},
		TaskDefinitions: map[string]Seen[TaskDefinition]{
			"worker": {Is: &TaskDefinition{
				ARN: "arn:aws:ecs:eu-central-1:123456789012:task-definition/worker:3", Status: "ACTIVE", NetworkMode: "awsvpc", Compatibilities: []string{"EC2", "FARGATE"},
				CPU: "1024", Memory: "2048", TaskRoleARN: roleARN + "task", ExecutionRoleARN: roleARN + "exec",
				Containers: []Container{{Name: "main", CPU: 512, Memory: 1024, Secrets: []string{"DB"}, Execution: []string{"log driver awslogs"}}, {Name: "sidecar", CPU: 256, MemoryReservation: 128}},
				Volumes:    []string{"scratch"}, PlacementConstraints: 0, TagKeys: []string{"team"},
			}},
			"legacy": {Is: &TaskDefinition{
				ARN: "arn:aws:ecs:eu-central-1:123456789012:task-definition/legacy:12", Status: "ACTIVE", NetworkMode: "bridge", Compatibilities: []string{"EC2"},
				Containers: []Container{{Name: "main", Memory: 512}}, PlacementConstraints: 3,
			}},
		},
		Subnets: map[string]Seen[Subnet]{
			"subnet-a": {Is: &Subnet{"vpc-1", "eu-central-1a", "euc1-az2"}}, "subnet-b": {Is: &Subnet{"vpc-1", "eu-central-1b", "use1-az3"}}, "subnet-x": {Is: &Subnet{"vpc-2", "eu-central-1a", ""}},
		},
		SecurityGroups: map[string]Seen[SecurityGroup]{"sg-1": {Is: &SecurityGroup{"vpc-1"}}, "sg-2": {Is: &SecurityGroup{"vpc-2"}}},
		Roles: map[string]Seen[Role]{
			roleARN + "task": {Is: &Role{[]string{tasksService}}}, roleARN + "exec": {Is: &Role{[]string{tasksService}}},
			roleARN + "volumes": {Is: &Role{[]string{volumeService}}}, roleARN + "lambda": {Is: &Role{[]string{"lambda.amazonaws.com"}}},
		},
	}
}

// targetsOf are those of a mapping with one rule, which has this task.
func targetsOf(t *testing.T, task string, env map[string]string) []Target {
	t.Helper()
	source := "version: 1\nrules:\n  - name: r\n    match: {source: [aws.s3]}\n    task:" + task
	plan, findings := compile.Compile("taskbridge.yaml", []byte(source))
	if plan == nil {
		t.Fatalf("%s\n%s", findings.Text([]byte(source)), source)
	}
	targets, err := Targets(plan, func(name string) (string, bool) { v, ok := env[name]; return v, ok })
	if err != nil {
		t.Fatal(err)
	}
	return targets
}

// verdicts are the results that are not OK, as "status check subject: message".
func verdicts(reports []RuleReport) []string {
	list := []string{}
	for _, r := range reports[0].Results {
		if r.Status != OK {
			list = append(list, fmt.Sprintf("%s %s, %s: %s", r.Status, r.Check, r.Subject, r.Message))
		}
	}
	return list
}

func of[T any](things map[string]Seen[T], name string) *T { return things[name].Is }

// volumesLeft is what every use of worker gives that does not configure its volume.
const volumesLeft = "warning volumes, task definition worker: scratch is left to the launch, and the rule does not configure it"

type checkTest struct {
	name   string
	task   string
	change func(s *Snapshot)
	want   string // verdicts, by lines
}

var checkTests = slices.Concat(clusterTests, definitionTests, combinedTests, networkTests, roleTests)

var clusterTests = []checkTest{
	{"fine on Fargate", fargateTask, nil, volumesLeft},
	{"fine on instances", ec2Task, nil, ""},
	{"no cluster", fargateTask, func(s *Snapshot) { s.Clusters["media"] = Seen[Cluster]{Missing: true} },
		"ng cluster-exists, cluster media: does not exist in this account and Region\n" + volumesLeft},
	{"cluster not permitted", ec2Task, func(s *Snapshot) { s.Clusters["media"] = Seen[Cluster]{Needs: "ecs:DescribeClusters"} },
		"not-checked cluster-exists, cluster media: needs ecs:DescribeClusters"},
	{"cluster goes away", ec2Task, func(s *Snapshot) { of(s.Clusters, "media").Status = "DEPROVISIONING" }, "ng cluster-active, cluster media: is DEPROVISIONING"},
	{"the default cluster", "\n      taskDefinition: legacy\n", func(s *Snapshot) { s.Clusters["default"] = Seen[Cluster]{Missing: true} },
		"ng cluster-exists, cluster default: does not exist in this account and Region\nnot-checked task-definition-compatible, task definition legacy: where its tasks run is not known"},
	{"provider of another cluster", ec2Task, func(s *Snapshot) { of(s.Clusters, "media").CapacityProviders = []string{"FARGATE"} },
		`ng capacity-provider-associated, cluster media: capacity provider "asg" is not associated with the cluster, which has "FARGATE"`},
	{"provider that is gone", ec2Task, func(s *Snapshot) { s.CapacityProviders["asg"] = Seen[CapacityProvider]{Missing: true} },
		"ng capacity-provider-active, cluster media: capacity provider \"asg\" does not exist\nnot-checked task-definition-compatible, task definition legacy: where its tasks run is not known"},
	{"provider that is not active", ec2Task, func(s *Snapshot) { of(s.CapacityProviders, "asg").Status = "INACTIVE" },
		`ng capacity-provider-active, cluster media: capacity provider "asg" is INACTIVE`},
	{"the cluster's default strategy", "\n      cluster: media\n      taskDefinition: legacy\n", nil,
		"ng task-definition-compatible, task definition legacy: task definition does not support FARGATE, it is compatible with EC2"},
	{"a default strategy of a provider", "\n      cluster: media\n      taskDefinition: legacy\n", func(s *Snapshot) { of(s.Clusters, "media").DefaultStrategy = []string{"asg"} }, ""},
	{"no default strategy", "\n      cluster: bare\n      taskDefinition: legacy\n", nil,
		"warning default-strategy, cluster bare: neither the rule nor the cluster says where tasks run: they run on EC2 instances"},
	{"nobody looked", "\n      cluster: other\n      launchType: EC2\n      taskDefinition: legacy\n", nil, "ng cluster-exists, cluster other: nobody looked it up"},
}

var definitionTests = []checkTest{
	{"no task definition", ec2Task, func(s *Snapshot) { s.TaskDefinitions["legacy"] = Seen[TaskDefinition]{Missing: true} },
		"ng task-definition-exists, task definition legacy: does not exist, or has no ACTIVE revision"},
	{"task definition not permitted", ec2Task, func(s *Snapshot) {
		s.TaskDefinitions["legacy"] = Seen[TaskDefinition]{Needs: "ecs:DescribeTaskDefinition"}
	},
		"not-checked task-definition-exists, task definition legacy: needs ecs:DescribeTaskDefinition"},
	{"inactive", ec2Task, func(s *Snapshot) { of(s.TaskDefinitions, "legacy").Status = "INACTIVE" }, "ng task-definition-active, task definition legacy: legacy:12 is INACTIVE"},
	{"not for Fargate", fargateTask, func(s *Snapshot) { of(s.TaskDefinitions, "worker").Compatibilities = []string{"EC2", "EXTERNAL"} },
		"ng task-definition-compatible, task definition worker: task definition does not support FARGATE, it is compatible with EC2, EXTERNAL\n" + volumesLeft},
	{"not for Managed Instances", strings.Replace(ec2Task, "asg", "managed", 1), nil,
		"ng task-definition-compatible, task definition legacy: task definition does not support MANAGED_INSTANCES, it is compatible with EC2"},
	{"awsvpc without a network", "\n      cluster: media\n      taskDefinition: worker\n      launchType: EC2\n", nil,
		"ng network-mode, task definition worker: Network Configuration must be provided when networkMode 'awsvpc' is specified\n" + volumesLeft},
	{"bridge with a network", ec2Task + "      networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-a, subnet-b]}}\n", nil,
		`ng network-mode, task definition legacy: Network Configuration is not valid for the given networkMode of this task definition: "bridge"`},
	{"an unknown container", ec2Task + "      overrides: {containerOverrides: [{name: worker}]}\n", nil,
		"ng container-names, task definition legacy: Override for container named worker is not a container in the TaskDefinition"},
	{"one of two containers", ec2Task + "      overrides: {containerOverrides: [{name: '${has(event.detail.x) ? \"main\" : \"other\"}'}]}\n", nil,
		"ng container-names, task definition legacy: Override for container named other is not a container in the TaskDefinition"},
	{"a variable that is a secret", strings.Replace(fargateTask, `A: "1"`, `A: "1", DB: x`, 1), nil,
		"ng secret-names, task definition worker: the secret name must be unique and not shared with any environment variable of the container, such as \"DB\"\n" + volumesLeft},
	{"a volume that the task definition has not", ec2Task + "      volumeConfigurations: [{name: scratch, managedEBSVolume: {roleArn: '" + roleARN + "volumes', sizeInGiB: 10}}]\n", nil,
		`ng volumes, task definition legacy: volume "scratch" is none that the task definition leaves to the launch`},
	{"exec without a task role", ec2Task + "      enableExecuteCommand: true\n", nil,
		"ng task-role, task definition legacy: enableExecuteCommand needs a task role, and neither task definition nor overrides have one"},
	{"exec with the override's task role", ec2Task + "      enableExecuteCommand: true\n      overrides: {taskRoleArn: '" + roleARN + "task'}\n", nil, ""},
	{"no execution role", fargateTask, func(s *Snapshot) { of(s.TaskDefinitions, "worker").ExecutionRoleARN = "" },
		volumesLeft + "\nng execution-role, task definition worker: has no execution role, which it needs for: log driver awslogs, secrets"},
	{"no execution role on instances", strings.Replace(fargateTask, "FARGATE", "EC2", 1), func(s *Snapshot) {
		of(s.TaskDefinitions, "worker").ExecutionRoleARN, of(s.TaskDefinitions, "worker").Containers[0].Secrets = "", nil
	}, volumesLeft},
}

var combinedTests = []checkTest{
	{"a size that Fargate has not", strings.Replace(fargateTask, "overrides: {", `overrides: {cpu: "4096", `, 1), nil,
		volumesLeft + "\nng task-size, task definition worker: no Fargate configuration exists for given values: 4096 CPU, 2048 memory"},
	{"containers with more CPU than the task", strings.Replace(fargateTask, "name: main", "name: main, cpu: 1000", 1), nil,
		volumesLeft + "\nng task-size, task definition worker: the total 'cpu' setting of the containers is greater than for the task: 1256 of 1024 units"},
	{"a container that is larger than the task", strings.Replace(fargateTask, "name: main", "name: main, memory: 3000", 1), nil,
		volumesLeft + "\nng task-size, task definition worker: container \"main\": the 'memory' setting for the container is greater than for the task: 3000 of 2048 MiB"},
	{"a reservation that the limit of the task definition is not above", ec2Task + "      overrides: {containerOverrides: [{name: main, memoryReservation: 512}]}\n", nil,
		"ng task-size, task definition legacy: container \"main\": the 'memory' setting for the container must be greater than 'memoryReservation'"},
	{"a size that the event decides", strings.Replace(fargateTask, "overrides: {", `overrides: {cpu: "${event.detail.cpu}", `, 1), nil, volumesLeft},
	{"a container that the event decides", strings.Replace(fargateTask, "name: main", "name: '${event.detail.c}'", 1), nil,
		"at-run-time container-names, task definition worker: each event decides overrides.containerOverrides[0].name; the function checks what it can before the call\n" + volumesLeft},
	{"a variable that the event decides", strings.Replace(fargateTask, `{A: "1"}`, `[{name: "${event.detail.v}", value: x}]`, 1), nil,
		"at-run-time secret-names, task definition worker: each event decides overrides.containerOverrides[0].environment[0].name; the function checks what it can before the call\n" + volumesLeft},
	{"a variable that is one of two", strings.Replace(fargateTask, `{A: "1"}`, `[{name: '${event.detail.v ? "DB" : "A"}', value: x}]`, 1), nil,
		"ng secret-names, task definition worker: the secret name must be unique and not shared with any environment variable of the container, such as \"DB\"\n" + volumesLeft},
	{"a volume that the event decides", fargateTask + "      volumeConfigurations: [{name: '${event.detail.v}', managedEBSVolume: {roleArn: '" + roleARN + "volumes', sizeInGiB: 10}}]\n",
		func(s *Snapshot) { of(s.Subnets, "subnet-b").ZoneID = "" },
		"at-run-time volumes, task definition worker: each event decides volumeConfigurations[0].name; the function checks what it can before the call"},
	{"a container's size that the event decides", strings.Replace(fargateTask, "name: main", "name: main, memory: '${event.detail.m}'", 1), nil, volumesLeft},
	{"32 vCPUs", strings.Replace(fargateTask, "overrides: {", `overrides: {cpu: "32 vCPU", memory: "244 GB", `, 1), nil,
		volumesLeft + "\nwarning task-size, task definition worker: tasks of 32 vCPUs are not in every Region yet"},
	{"Windows has no small tasks", fargateTask, func(s *Snapshot) {
		d := of(s.TaskDefinitions, "worker")
		d.Windows, d.CPU, d.Memory, d.Containers = true, "512", "1024", d.Containers[:1]
	}, volumesLeft + "\nng task-size, task definition worker: no Fargate configuration exists for given values: 512 CPU, 1024 memory"},
	{"eleven constraints together", ec2Task + "      placementConstraints: [" + strings.Repeat("{type: distinctInstance}, ", 8) + "]\n", nil,
		"ng placement-constraints, task definition legacy: 11 constraints, at most 10"},
	{"ten constraints together", ec2Task + "      placementConstraints: [" + strings.Repeat("{type: distinctInstance}, ", 7) + "]\n", nil, ""},
	{"51 tags with those that say where a task comes from", ec2Task + "      propagateTags: TASK_DEFINITION\n      tags: {team: x}\n", tagged(48), "ng tags, task definition legacy: 51 tags, at most 50"},
	{"50 tags", ec2Task + "      propagateTags: TASK_DEFINITION\n      tags: {tag1: x}\n", tagged(48), ""},
	{"50 tags of the task definition alone", ec2Task + "      propagateTags: TASK_DEFINITION\n", tagged(50), ""},
	{"50 tags without those", ec2Task + "      propagateTags: TASK_DEFINITION\n    provenanceTags: false\n", tagged(50), ""},
	{"tags that do not propagate", ec2Task, func(s *Snapshot) { of(s.TaskDefinitions, "legacy").TagKeys = make([]string, 60) }, ""},
	{"a placement strategy on the cluster's Fargate", strings.Replace(fargateTask, "launchType: FARGATE", "placementStrategy: [{type: random}]", 1), nil,
		volumesLeft + "\nng request-rules, task definition worker: placement strategies are not supported with FARGATE launch type"},
	{"a platform version on the cluster's instances", strings.Replace(fargateTask, "launchType: FARGATE", "platformVersion: LATEST", 1),
		func(s *Snapshot) { of(s.Clusters, "media").DefaultStrategy = []string{"asg"} },
		volumesLeft + "\nng request-rules, task definition worker: the platform version must be null when specifying an EC2 launch type"},
}

// tagged gives the task definition legacy so many tags.
func tagged(n int) func(*Snapshot) {
	return func(s *Snapshot) {
		for i := range n {
			of(s.TaskDefinitions, "legacy").TagKeys = append(of(s.TaskDefinitions, "legacy").TagKeys, fmt.Sprint("tag", i))
		}
	}
}

var networkTests = []checkTest{
	{"no subnet", strings.Replace(fargateTask, "subnet-b", "subnet-c", 1), func(s *Snapshot) { s.Subnets["subnet-c"] = Seen[Subnet]{Missing: true} },
		"ng subnets-exist, network: the subnet ID 'subnet-c' does not exist\n" + volumesLeft},
	{"subnets not permitted", fargateTask, func(s *Snapshot) {
		s.Subnets["subnet-a"], s.Subnets["subnet-b"] = Seen[Subnet]{Needs: "ec2:DescribeSubnets"}, Seen[Subnet]{Needs: "ec2:DescribeSubnets"}
	}, "not-checked subnets-exist, network: needs ec2:DescribeSubnets\n" + volumesLeft},
	{"no security group", fargateTask, func(s *Snapshot) { s.SecurityGroups["sg-1"] = Seen[SecurityGroup]{Missing: true} },
		"ng security-groups-exist, network: the security group 'sg-1' does not exist\n" + volumesLeft},
	{"two VPCs", strings.Replace(fargateTask, "sg-1", "sg-2", 1), nil,
		"ng one-vpc, network: subnets and security groups are in different VPCs: vpc-1, vpc-2\n" + volumesLeft},
	{"one zone", strings.Replace(fargateTask, "subnet-a, subnet-b", "subnet-a", 1), nil,
		"warning zones, network: all subnets are in one Availability Zone, eu-central-1a\n" + volumesLeft},
	{"a zone without volumes", fargateTask + "      volumeConfigurations: [{name: scratch, managedEBSVolume: {roleArn: '" + roleARN + "volumes', sizeInGiB: 10}}]\n", nil,
		"ng zones, network: subnet subnet-b is in use1-az3, where tasks on Fargate get no EBS volume"},
}

var roleTests = []checkTest{
	{"no role", fargateTask, func(s *Snapshot) { s.Roles[roleARN+"task"] = Seen[Role]{Missing: true} }, volumesLeft + "\nng role-exists, role task: does not exist"},
	{"roles not permitted", fargateTask, func(s *Snapshot) { s.Roles[roleARN+"exec"] = Seen[Role]{Needs: "iam:GetRole"} },
		volumesLeft + "\nnot-checked role-exists, role exec: needs iam:GetRole"},
	{"a role of another service", ec2Task + "      overrides: {taskRoleArn: '" + roleARN + "lambda'}\n", nil,
		`ng role-trust, role lambda: does not trust ecs-tasks.amazonaws.com, but "lambda.amazonaws.com"`},
	{"a task's role for volumes", fargateTask + "      volumeConfigurations: [{name: scratch, managedEBSVolume: {roleArn: '" + roleARN + "task', sizeInGiB: 10}}]\n",
		func(s *Snapshot) { of(s.Subnets, "subnet-b").ZoneID = "" },
		`ng role-trust, role task: does not trust ecs.amazonaws.com, but "ecs-tasks.amazonaws.com"`},
	{"a role of another account", ec2Task + "      overrides: {taskRoleArn: 'arn:aws:iam::999999999999:role/task'}\n", nil,
		"ng role-exists, role task: is a role of account 999999999999, and tasks of account 123456789012 cannot have it"},
}

func TestCheck(t *testing.T) {
	for _, tt := range checkTests {
		t.Run(tt.name, func(t *testing.T) {
			s := seen()
			if tt.change != nil {
				tt.change(s)
			}
			reports := Check(targetsOf(t, tt.task, nil), s, "look")
			if got := strings.Join(verdicts(reports), "\n"); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			for _, r := range reports[0].Results {
				if r.Subject == "" || r.Message == "" || strings.Contains(r.Message+r.Fix, "%!") || r.Status == NG && r.Fix == "" && r.Check != "placement-constraints" && r.Check != "tags" && r.Check != "task-size" {
					t.Errorf("%+v is not a good result", r)
				}
			}
		})
	}
}

// Every check has a row in which it finds something, and a section of the manual.
func TestEveryCheckIsTestedAndDocumented(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	declared := map[string]bool{}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), "_test.go") || !strings.HasSuffix(f.Name(), ".go") {
			continue
		}
		source, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?:c\.(?:ok|ng|add|open)\(|found\(c, seen, |return )"(tags|volumes|zones|environment|[a-z]+(?:-[a-z]+)+)"`).FindAllSubmatch(source, -1) {
			declared[string(m[1])] = true
		}
	}
	if len(declared) < 20 {
		t.Fatalf("found only %d checks", len(declared))
	}
	tests := ""
	for _, tt := range checkTests {
		tests += "\n" + tt.want
	}
	tests += "\nnot-checked environment, " // TestEnvironment
	doc, err := os.ReadFile("../../docs/verify.md")
	if err != nil {
		t.Fatal(err)
	}
	for check := range declared {
		if !regexp.MustCompile(`\n(ng|warning|not-checked) ` + check + ",").MatchString(tests) {
			t.Errorf("%s finds nothing in any row", check)
		}
		if !strings.Contains(string(doc), "| `"+check+"` |") {
			t.Errorf("docs/verify.md says nothing about %s", check)
		}
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|").FindAllStringSubmatch(string(doc), -1) {
		if !declared[m[1]] {
			t.Errorf("docs/verify.md has %s, which is no check", m[1])
		}
	}
}

// A finding about a container has the field of its override, or of what names the
// task definition if it has none.
func TestFieldOfContainer(t *testing.T) {
	tests := []struct{ name, task, want string }{
		{"its own index", strings.Replace(fargateTask, "name: main", "name: sidecar, memory: 3000", 1), "overrides.containerOverrides[0].memory"},
		{"none", strings.Replace(fargateTask, "overrides: {containerOverrides: [{name: main, environment: {A: \"1\"}}]}", `overrides: {cpu: "256", memory: "512"}`, 1), "taskDefinition"},
	}
	for _, tt := range tests {
		reports := Check(targetsOf(t, tt.task, nil), seen(), "")
		var fields []string
		for _, r := range reports[0].Results {
			if r.Check == "task-size" && strings.HasPrefix(r.Message, "container ") {
				fields = append(fields, r.Field)
			}
		}
		if len(fields) != 1 || fields[0] != tt.want {
			t.Errorf("%s: got %q, want %s", tt.name, fields, tt.want)
		}
	}
}
