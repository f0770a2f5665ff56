package account

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/account/accounttest"
	"github.com/taskbridge/taskbridge/internal/localecs"
	"github.com/taskbridge/taskbridge/internal/verify"
)

const (
	arn     = "arn:aws:ecs:" + accounttest.Region + ":" + accounttest.Account + ":"
	roleARN = "arn:aws:iam::" + accounttest.Account + ":role/"
)

// open gives access to a server.
func open(t *testing.T, s *accounttest.Server) *Account {
	t.Helper()
	t.Cleanup(s.Close)
	for _, pair := range s.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	a, err := Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if a.Region != accounttest.Region {
		t.Errorf("got Region %s", a.Region)
	}
	return a
}

// filled has one of everything.
func filled() *accounttest.Server {
	s := accounttest.New()
	s.CreateCluster("media", "FARGATE", "asg")
	s.RegisterTaskDefinition(localecs.TaskDefinition{
		Family: "worker", CPU: "1024", Memory: "2048", TaskRoleARN: roleARN + "task", ExecutionRoleARN: roleARN + "exec", OperatingSystemFamily: "WINDOWS_SERVER_2022_CORE",
		Containers: []localecs.Container{
			{Name: "main", Image: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/worker:1", CPU: 512, Memory: 1024, MemoryReservation: 512, Environment: []string{"B", "A"}, Secrets: []string{"DB"}},
			{Name: "sidecar", Image: "public.ecr.aws/x/sidecar:1"},
		},
		Volumes:              []localecs.Volume{{Name: "scratch", ConfiguredAtLaunch: true}, {Name: "other"}},
		PlacementConstraints: []localecs.PlacementConstraint{{Type: "distinctInstance"}},
		Tags:                 []localecs.Tag{{Key: "team", Value: "x"}, {Key: "app", Value: "y"}},
	})
	s.Subnets["subnet-a"], s.Groups["sg-1"] = [2]string{"vpc-1", "us-east-1c"}, "vpc-1"
	s.Roles[roleARN+"team/task"] = accounttest.Trust("ecs-tasks.amazonaws.com")
	s.Providers["asg"], s.Providers["managed"] = "EC2", "MANAGED_INSTANCES"
	return s
}

func equal[T any](t *testing.T, got T, err error, want T) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestTaskDefinition(t *testing.T) {
	s := filled()
	a := open(t, s)
	want := verify.TaskDefinition{
		ARN: arn + "task-definition/worker:1", Status: "ACTIVE", NetworkMode: "awsvpc", Compatibilities: []string{"EC2", "FARGATE"}, CPU: "1024", Memory: "2048", Windows: true,
		TaskRoleARN: roleARN + "task", ExecutionRoleARN: roleARN + "exec", Volumes: []string{"scratch"}, PlacementConstraints: 1, TagKeys: []string{"app", "team"},
		Containers: []verify.Container{
			{Name: "main", CPU: 512, Memory: 1024, MemoryReservation: 512, Environment: []string{"A", "B"}, Secrets: []string{"DB"}, Execution: []string{"image in Amazon ECR"}},
			{Name: "sidecar"},
		},
	}
	got, err := a.TaskDefinition(t.Context(), "worker")
	if err != nil || got.Is == nil {
		t.Fatalf("got %+v, %v", got, err)
	}
	equal(t, *got.Is, err, want)
	got, err = a.TaskDefinition(t.Context(), "worker:2")
	equal(t, got, err, verify.Seen[verify.TaskDefinition]{Missing: true})
	s.Denied["ecs:DescribeTaskDefinition"] = true
	got, err = a.TaskDefinition(t.Context(), "worker")
	equal(t, got, err, verify.Seen[verify.TaskDefinition]{Needs: "ecs:DescribeTaskDefinition"})
}

func TestClusters(t *testing.T) {
	s := filled()
	a := open(t, s)
	media := verify.Seen[verify.Cluster]{Is: &verify.Cluster{ARN: arn + "cluster/media", Status: "ACTIVE", CapacityProviders: []string{"FARGATE", "asg"}}}
	got, err := a.Clusters(t.Context(), []string{"media", arn + "cluster/media", "none"})
	equal(t, got, err, map[string]verify.Seen[verify.Cluster]{"media": media, arn + "cluster/media": media, "none": {Missing: true}})
	got, err = a.Clusters(t.Context(), nil)
	equal(t, got, err, map[string]verify.Seen[verify.Cluster]{})
	s.Denied["ecs:DescribeClusters"] = true
	got, err = a.Clusters(t.Context(), []string{"media"})
	equal(t, got, err, map[string]verify.Seen[verify.Cluster]{"media": {Needs: "ecs:DescribeClusters"}})
}

// A call names a hundred things at most.
func TestBatches(t *testing.T) {
	names := make([]string, 250)
	for i := range names {
		names[i] = fmt.Sprint("none-", i)
	}
	names[249] = "media"
	got, err := open(t, filled()).Clusters(t.Context(), names)
	if err != nil || len(got) != 250 || got["media"].Is == nil || !got["none-0"].Missing {
		t.Errorf("got %d, %v", len(got), err)
	}
	// Not counted at the server: the SDK calls again when a connection breaks.
	var sizes []int
	_, err = described("ecs:DescribeClusters", names, maxDescribe, func(batch []string, _ func(string, verify.Cluster)) error {
		sizes = append(sizes, len(batch))
		return nil
	})
	if err != nil || !slices.Equal(sizes, []int{100, 100, 50}) {
		t.Errorf("got batches of %d, %v", sizes, err)
	}
}

func TestCapacityProviders(t *testing.T) {
	s := filled()
	a := open(t, s)
	got, err := a.CapacityProviders(t.Context(), []string{"asg", "managed", "none"})
	equal(t, got, err, map[string]verify.Seen[verify.CapacityProvider]{
		"asg": {Is: &verify.CapacityProvider{Status: "ACTIVE", Kind: "EC2"}}, "managed": {Is: &verify.CapacityProvider{Status: "ACTIVE", Kind: "MANAGED_INSTANCES"}}, "none": {Missing: true},
	})
}

func TestNetwork(t *testing.T) {
	s := filled()
	a := open(t, s)
	subnets, err := a.Subnets(t.Context(), []string{"subnet-a", "subnet-z"})
	equal(t, subnets, err, map[string]verify.Seen[verify.Subnet]{"subnet-a": {Is: &verify.Subnet{VPC: "vpc-1", Zone: "us-east-1c", ZoneID: "use1-az3"}}, "subnet-z": {Missing: true}})
	groups, err := a.SecurityGroups(t.Context(), []string{"sg-1", "sg-z"})
	equal(t, groups, err, map[string]verify.Seen[verify.SecurityGroup]{"sg-1": {Is: &verify.SecurityGroup{VPC: "vpc-1"}}, "sg-z": {Missing: true}})
	s.Denied["ec2:DescribeSubnets"] = true
	subnets, err = a.Subnets(t.Context(), []string{"subnet-a"})
	equal(t, subnets, err, map[string]verify.Seen[verify.Subnet]{"subnet-a": {Needs: "ec2:DescribeSubnets"}})
}

func TestRole(t *testing.T) {
	s := filled()
	a := open(t, s)
	got, err := a.Role(t.Context(), roleARN+"team/task")
	equal(t, got, err, verify.Seen[verify.Role]{Is: &verify.Role{Trusts: []string{"ecs-tasks.amazonaws.com"}}})
	got, err = a.Role(t.Context(), roleARN+"task") // there is one of that name, elsewhere
	equal(t, got, err, verify.Seen[verify.Role]{Missing: true})
	got, err = a.Role(t.Context(), roleARN+"none")
	equal(t, got, err, verify.Seen[verify.Role]{Missing: true})
	s.Denied["iam:GetRole"] = true
	got, err = a.Role(t.Context(), roleARN+"team/task")
	equal(t, got, err, verify.Seen[verify.Role]{Needs: "iam:GetRole"})
}

func TestTrusted(t *testing.T) {
	for document, want := range map[string][]string{
		`{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":["b","a"]}}}`:       {"a", "b"},
		`{"Statement":[{"Effect":"Allow","Action":["sts:TagSession","sts:*"],"Principal":{"Service":"a"}}]}`: {"a"},
		`{"Statement":[{"Effect":"Deny","Action":"sts:AssumeRole","Principal":{"Service":"a"}}]}`:            {},
		`{"Statement":[{"Effect":"Allow","Action":"sts:TagSession","Principal":{"Service":"a"}}]}`:           {},
		`{"Statement":[{"Effect":"Allow","Action":"*","Principal":"*"}]}`:                                    {},
		`{"Statement":[{"Effect":"Allow","Action":"*","Principal":{"AWS":"123456789012"}}]}`:                 {},
		`%7B%22Statement%22%3A%5B%5D%7D`: {},
	} {
		if got, err := trusted(document); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %q, %v", document, got, err)
		}
	}
	for _, document := range []string{"", "{", "%zz"} {
		if _, err := trusted(document); err == nil {
			t.Errorf("%q: no error", document)
		}
	}
}

// Trouble that is neither a missing thing nor a missing permission is an error.
func TestErrors(t *testing.T) {
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	s := filled()
	a := open(t, s)
	s.Close()
	if _, err := a.Role(t.Context(), roleARN+"task"); err == nil || !strings.HasPrefix(err.Error(), "iam:GetRole: ") {
		t.Errorf("got %v", err)
	}
	if _, err := a.Subnets(t.Context(), []string{"subnet-a"}); err == nil || !strings.HasPrefix(err.Error(), "ec2:DescribeSubnets: ") {
		t.Errorf("got %v", err)
	}
	t.Setenv("AWS_REGION", "")
	if _, err := Open(t.Context()); err == nil || !strings.Contains(err.Error(), "AWS_REGION") {
		t.Errorf("got %v", err)
	}
}

// The policy of the manual is what is called, and only reads.
func TestPolicy(t *testing.T) {
	s := filled()
	a := open(t, s)
	ctx := t.Context()
	_, err1 := a.TaskDefinition(ctx, "worker")
	_, err2 := a.Clusters(ctx, []string{"media"})
	_, err3 := a.CapacityProviders(ctx, []string{"asg"})
	_, err4 := a.Subnets(ctx, []string{"subnet-a"})
	_, err5 := a.SecurityGroups(ctx, []string{"sg-1"})
	_, err6 := a.Role(ctx, roleARN+"team/task")
	for _, err := range []error{err1, err2, err3, err4, err5, err6} {
		if err != nil {
			t.Error(err)
		}
	}
	doc, err := os.ReadFile("../../docs/verify.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, m := range regexp.MustCompile(`"((?:ecs|ec2|iam):[A-Za-z]+)"`).FindAllSubmatch(doc, -1) {
		documented = append(documented, string(m[1]))
	}
	called := s.Actions()
	slices.Sort(called)
	slices.Sort(documented)
	if !slices.Equal(called, documented) {
		t.Errorf("called %q, documented %q", called, documented)
	}
}
