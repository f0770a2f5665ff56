package verify

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/mapping"
)

// What the environment decides is known, by any function; what is not set is said.
func TestEnvironment(t *testing.T) {
	const task = `
      cluster: media
      taskDefinition: "work-${env.STAGE}"
      launchType: FARGATE
      networkConfiguration: {awsvpcConfiguration: {subnets: '${env.SUBNETS.split(",")}', securityGroups: ["${env.GROUP}"]}}
`
	target := targetsOf(t, task, map[string]string{"STAGE": "prod", "SUBNETS": "subnet-a,subnet-b", "GROUP": "sg-1"})[0]
	if got := target.texts("taskDefinition"); !slices.Equal(got, []string{"work-prod"}) {
		t.Errorf("got task definitions %q", got)
	}
	if got := target.subnets(); !slices.Equal(got, []string{"subnet-a", "subnet-b"}) {
		t.Errorf("got subnets %q", got)
	}
	if got := target.securityGroups(); !slices.Equal(got, []string{"sg-1"}) {
		t.Errorf("got security groups %q", got)
	}
	if len(target.Unset) > 0 || len(target.open) > 0 {
		t.Errorf("got unset %q, open %q", target.Unset, target.open)
	}

	got := verdicts(Check(targetsOf(t, task, map[string]string{"STAGE": "prod"}), seen(), "look"))
	want := []string{
		"not-checked environment, environment: GROUP, SUBNETS are not set",
		"not-checked subnets-exist, network: networkConfiguration.awsvpcConfiguration.subnets is not known without the environment",
		"not-checked security-groups-exist, network: networkConfiguration.awsvpcConfiguration.securityGroups is not known without the environment",
		"ng task-definition-exists, task definition work-prod: nobody looked it up",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

// A value that is not known is said to be unchecked, with the reason.
func TestOpen(t *testing.T) {
	for _, tt := range []struct {
		name, task string
		env        map[string]string
		want       []string
	}{
		{"an element of forEach", `
      taskDefinition: worker
      launchType: FARGATE
      cluster: media
      networkConfiguration: {awsvpcConfiguration: {subnets: "${item.subnets}", securityGroups: [sg-1, "${item.group}"]}}
    forEach: [{subnets: [subnet-a], group: sg-1}, {subnets: [subnet-x], group: sg-2}]
`, nil, []string{
			"not-checked subnets-exist, network: each launch decides networkConfiguration.awsvpcConfiguration.subnets: whether they exist, and in one VPC, only RunTask knows",
			"not-checked security-groups-exist, network: each launch decides networkConfiguration.awsvpcConfiguration.securityGroups: whether they exist, and in one VPC, only RunTask knows",
		}},
		{"no environment", `
      taskDefinition: worker
      cluster: media
      capacityProviderStrategy: [{capacityProvider: "${env.PROVIDER}", weight: 1}]
      networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-a, "${env.SUBNET}"]}}
      overrides: {taskRoleArn: "${env.ROLE}"}
`, nil, []string{
			"not-checked environment, environment: PROVIDER, ROLE, SUBNET are not set",
			"not-checked capacity-provider-associated, cluster media: capacityProviderStrategy[0].capacityProvider is not known without the environment",
			"not-checked subnets-exist, network: networkConfiguration.awsvpcConfiguration.subnets is not known without the environment",
			"not-checked task-definition-compatible, task definition worker: where its tasks run is not known",
			"not-checked role-exists, role: overrides.taskRoleArn is not known without the environment",
		}},
		{"an environment that does not do", `
      taskDefinition: worker
      launchType: FARGATE
      cluster: media
      networkConfiguration: {awsvpcConfiguration: {subnets: ['${env.SUBNETS.split(",")[2]}']}}
`, map[string]string{"SUBNETS": "subnet-a,subnet-b"}, []string{
			"ng environment, environment: the expression cannot be evaluated: no such element; it has 2",
			"not-checked subnets-exist, network: networkConfiguration.awsvpcConfiguration.subnets has no value",
		}},
	} {
		got := verdicts(Check(targetsOf(t, tt.task, tt.env), seen(), "look"))
		got = slices.DeleteFunc(got, func(v string) bool { return strings.HasPrefix(v, "warning") })
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.name, strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
		}
	}
}

// planned are the targets of a rule of which the event decides the fields, among
// choices.
func planned(t *testing.T, choices string) []Target {
	t.Helper()
	var r mapping.Rule
	if err := json.Unmarshal([]byte(`{"name":"r","pos":"3:5","task":{"o":[
		{"k":"cluster","t":{"e":["event","detail","c"]}},{"k":"taskDefinition","t":{"e":["event","detail","t"]}},
		{"k":"launchType","t":{"v":"EC2"}}]},"choices":`+choices+`}`), &r); err != nil {
		t.Fatal(err)
	}
	targets, err := Targets(&mapping.Plan{Rules: []mapping.Rule{r}}, func(name string) (string, bool) { return "dev", name == "STAGE" })
	if err != nil {
		t.Fatal(err)
	}
	return targets
}

// Each of the values that an event can choose is checked.
func TestChoices(t *testing.T) {
	s := seen()
	s.Clusters["media-dev"], s.TaskDefinitions["gone"] = Seen[Cluster]{Missing: true}, Seen[TaskDefinition]{Missing: true}
	targets := planned(t, `{"cluster":[[{"text":"media"}],[{"text":"media-"},{"env":"STAGE"}]],"taskDefinition":[[{"text":"legacy"}],[{"text":"gone"}]]}`)
	got := verdicts(Check(targets, s, "look"))
	want := []string{
		"ng cluster-exists, cluster media-dev: does not exist in this account and Region",
		"ng task-definition-exists, task definition gone: does not exist, or has no ACTIVE revision",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	if targets[0].Line != 3 || targets[0].Col != 5 {
		t.Errorf("got %d:%d", targets[0].Line, targets[0].Col)
	}

	got = verdicts(Check(planned(t, `{}`), seen(), "look"))
	want = []string{
		"at-run-time cluster-exists, cluster: each event decides cluster; the function checks what it can before the call",
		"at-run-time task-definition-exists, task definition: each event decides taskDefinition; the function checks what it can before the call",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

// recorder is an account that has everything and remembers what it was asked.
type recorder struct {
	seen  *Snapshot
	asked []string
	fail  string // the kind that cannot be looked up
}

var errDown = errors.New("connection refused")

func (r *recorder) ask(kind string, names ...string) error {
	r.asked = append(r.asked, kind+" "+strings.Join(names, ","))
	if kind == r.fail {
		return errDown
	}
	return nil
}

func (r *recorder) TaskDefinition(_ context.Context, ref string) (Seen[TaskDefinition], error) {
	return r.seen.TaskDefinitions[ref], r.ask("task definition", ref)
}

func (r *recorder) Role(_ context.Context, arn string) (Seen[Role], error) {
	return r.seen.Roles[arn], r.ask("role", arn)
}

func (r *recorder) Clusters(_ context.Context, refs []string) (map[string]Seen[Cluster], error) {
	return only(r.seen.Clusters, refs), r.ask("clusters", refs...)
}

func (r *recorder) CapacityProviders(_ context.Context, names []string) (map[string]Seen[CapacityProvider], error) {
	return only(r.seen.CapacityProviders, names), r.ask("providers", names...)
}

func (r *recorder) Subnets(_ context.Context, ids []string) (map[string]Seen[Subnet], error) {
	return only(r.seen.Subnets, ids), r.ask("subnets", ids...)
}

func (r *recorder) SecurityGroups(_ context.Context, ids []string) (map[string]Seen[SecurityGroup], error) {
	return only(r.seen.SecurityGroups, ids), r.ask("groups", ids...)
}

func only[T any](things map[string]Seen[T], names []string) map[string]Seen[T] {
	found := map[string]Seen[T]{}
	for _, name := range names {
		found[name] = things[name]
	}
	return found
}

// Each thing is looked up once, with what it refers to in turn.
func TestLook(t *testing.T) {
	targets := append(targetsOf(t, fargateTask, nil), targetsOf(t, strings.Replace(fargateTask, "launchType: FARGATE", "", 1), nil)...)
	r := &recorder{seen: seen()}
	of(r.seen.Clusters, "media").DefaultStrategy = []string{"FARGATE", "asg"}
	of(r.seen.Clusters, "media").ARN = "arn:aws:ecs:eu-central-1:123456789012:cluster/media"
	s, err := Look(t.Context(), r, targets)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"task definition worker", "clusters media", "providers asg", "subnets subnet-a,subnet-b", "groups sg-1", "role " + roleARN + "exec", "role " + roleARN + "task",
	}
	if !slices.Equal(r.asked, want) {
		t.Errorf("asked %q", r.asked)
	}
	if s.Account != "123456789012" || s.Roles[roleARN+"exec"].Is == nil || s.CapacityProviders["asg"].Is == nil {
		t.Errorf("got %+v", s)
	}
	for _, ask := range want {
		kind, _, _ := strings.Cut(ask, " ")
		if kind == "task" {
			kind = "task definition"
		}
		if _, err := Look(t.Context(), &recorder{seen: seen(), fail: kind}, targets); !errors.Is(err, errDown) {
			t.Errorf("%s: got error %v", kind, err)
		}
	}
}

// What a lock keeps is what verify saw, and the checks come out the same.
func TestLock(t *testing.T) {
	s := seen()
	s.Roles["denied"], s.Subnets["subnet-z"] = Seen[Role]{Needs: "iam:GetRole"}, Seen[Subnet]{Missing: true}
	text, err := MarshalLock(s)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ReadLock(text)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again, s) {
		t.Errorf("got %+v\nwant %+v", again, s)
	}
	if text2, err := MarshalLock(again); err != nil || string(text2) != string(text) {
		t.Errorf("another text: %v\n%s", err, text2)
	}
	if d := s.Drift(again); len(d) > 0 {
		t.Errorf("got drift %v", d)
	}
	for _, tt := range checkTests {
		s := seen()
		if tt.change != nil {
			tt.change(s)
		}
		text, err := MarshalLock(s)
		if err != nil {
			t.Fatal(err)
		}
		locked, err := ReadLock(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(verdicts(Check(targetsOf(t, tt.task, nil), locked, "look")), "\n"); got != tt.want {
			t.Errorf("%s: from the lock:\n%s", tt.name, got)
		}
	}
}

func TestReadLockRefuses(t *testing.T) {
	for _, text := range []string{"", "[]", `{"format":"taskbridge.plan","version":1}`, `{"format":"taskbridge.lock","version":2}`, `{"format":"taskbridge.lock","version":1,"rolls":{}}`, `{"format":"taskbridge.lock","version":1`} {
		if _, err := ReadLock([]byte(text)); !errors.Is(err, ErrLock) {
			t.Errorf("%q: got error %v", text, err)
		}
	}
}

func TestDrift(t *testing.T) {
	tests := []struct {
		name   string
		change func(s *Snapshot)
		want   []Change
	}{
		{"a later revision", func(s *Snapshot) {
			of(s.TaskDefinitions, "worker").ARN = "arn:aws:ecs:eu-central-1:123456789012:task-definition/worker:4"
		}, nil},
		{"another account", func(s *Snapshot) { s.Account = "999999999999" }, []Change{{"account", "", "", `"123456789012"`, `"999999999999"`}}},
		{"another network mode", func(s *Snapshot) { of(s.TaskDefinitions, "legacy").NetworkMode = "host" },
			[]Change{{"taskDefinitions", "legacy", "networkMode", `"bridge"`, `"host"`}}},
		{"another container", func(s *Snapshot) { of(s.TaskDefinitions, "worker").Containers[1].Name = "proxy" },
			[]Change{{"taskDefinitions", "worker", "containers[1].name", `"sidecar"`, `"proxy"`}}},
		{"one container less", func(s *Snapshot) {
			d := of(s.TaskDefinitions, "worker")
			d.Containers = d.Containers[:1]
		}, []Change{{"taskDefinitions", "worker", "containers[1].cpu", "256", ""}, {"taskDefinitions", "worker", "containers[1].memoryReservation", "128", ""},
			{"taskDefinitions", "worker", "containers[1].name", `"sidecar"`, ""}}},
		{"a subnet is gone", func(s *Snapshot) { s.Subnets["subnet-x"] = Seen[Subnet]{Missing: true} },
			[]Change{{"subnets", "subnet-x", "", `"exists"`, `"missing"`}, {"subnets", "subnet-x", "vpc", `"vpc-2"`, ""}, {"subnets", "subnet-x", "zone", `"eu-central-1a"`, ""}}},
		{"a group that the lock does not have", func(s *Snapshot) { s.SecurityGroups["sg-9"] = Seen[SecurityGroup]{Is: &SecurityGroup{"vpc-1"}} },
			[]Change{{"securityGroups", "sg-9", "", "", `"exists"`}, {"securityGroups", "sg-9", "vpc", "", `"vpc-1"`}}},
		{"a cluster that the mapping does not have any more", func(s *Snapshot) { delete(s.Clusters, "bare") },
			[]Change{{"clusters", "bare", "", `"exists"`, ""}, {"clusters", "bare", "status", `"ACTIVE"`, ""}}},
		{"what is found through what is not permitted", func(s *Snapshot) {
			s.TaskDefinitions["worker"] = Seen[TaskDefinition]{Needs: "ecs:DescribeTaskDefinition"}
			delete(s.Roles, roleARN+"task")
		}, nil},
		{"not permitted any more", func(s *Snapshot) { s.Roles[roleARN+"task"] = Seen[Role]{Needs: "iam:GetRole"} }, nil},
	}
	for _, tt := range tests {
		now := seen()
		tt.change(now)
		got := seen().Drift(now)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q\nwant %q", tt.name, got, tt.want)
		}
	}
}

// Whatever is read as a lock is written as one that reads the same.
func FuzzReadLock(f *testing.F) {
	text, err := MarshalLock(seen())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"format":"taskbridge.lock","version":1,"roles":{"a":{"missing":true},"b":{"needs":"iam:GetRole"},"c":{"is":{"trusts":null}}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := ReadLock(text)
		if err != nil {
			return
		}
		written, err := MarshalLock(s)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ReadLock(written)
		if err != nil {
			t.Fatalf("%v\n%s", err, written)
		}
		if rewritten, err := MarshalLock(again); err != nil || string(rewritten) != string(written) {
			t.Errorf("%v\n%s\n%s", err, written, rewritten)
		}
		if d := s.Drift(again); len(d) > 0 {
			t.Errorf("drift %v", d)
		}
	})
}
