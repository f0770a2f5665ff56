package localecs

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func TestRegisterTaskDefinition(t *testing.T) {
	f := newFixture(t, Options{})
	c := f.client()
	in := &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("report"), NetworkMode: types.NetworkModeAwsvpc, Cpu: aws.String("256"), Memory: aws.String("512"),
		RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate},
		ContainerDefinitions: []types.ContainerDefinition{{
			Name: aws.String("main"), Image: aws.String("example/report"), EntryPoint: []string{"sh"},
			Secrets: []types.Secret{{Name: aws.String("S"), ValueFrom: aws.String("arn")}},
		}},
		Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}},
	}
	out, err := c.RegisterTaskDefinition(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := *out.TaskDefinition.TaskDefinitionArn, "arn:aws:ecs:us-east-1:123456789012:task-definition/report:1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, err := c.RegisterTaskDefinition(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	d, err := c.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("report"), Include: []types.TaskDefinitionField{types.TaskDefinitionFieldTags}})
	if err != nil {
		t.Fatal(err)
	}
	if d.TaskDefinition.Revision != 2 || d.TaskDefinition.ContainerDefinitions[0].EntryPoint[0] != "sh" || len(d.Tags) != 1 ||
		!slices.Contains(d.TaskDefinition.Compatibilities, types.CompatibilityFargate) || d.TaskDefinition.Status != types.TaskDefinitionStatusActive {
		t.Errorf("got %+v", d.TaskDefinition)
	}
	r := request("t")
	r.TaskDefinition = aws.String("report:1")
	f.run(r)
	if _, err := c.DeregisterTaskDefinition(t.Context(), &ecs.DeregisterTaskDefinitionInput{TaskDefinition: aws.String("report:1")}); err != nil {
		t.Fatal(err)
	}
	d, err = c.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("report:1")})
	if err != nil || d.TaskDefinition.Status != types.TaskDefinitionStatusInactive || d.TaskDefinition.DeregisteredAt == nil {
		t.Errorf("got %+v, %v, want INACTIVE", d, err)
	}
	_, err = c.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("nothing")})
	wantCode(t, err, codeClient)
	_, err = c.DeregisterTaskDefinition(t.Context(), &ecs.DeregisterTaskDefinitionInput{TaskDefinition: aws.String("report")})
	wantCode(t, err, codeInvalidParameter)
}

func TestRegisterTaskDefinitionRules(t *testing.T) {
	const main = `{"name":"main","image":"x"}`
	for _, tt := range []struct{ name, body, message string }{
		{"family", `{"family":"a b","containerDefinitions":[` + main + `]}`, "Family"},
		{"no containers", `{"family":"a"}`, "containers"},
		{"11 containers", `{"family":"a","containerDefinitions":[` + strings.Repeat(main+",", 10) + main + `]}`, "10"},
		{"container twice", `{"family":"a","containerDefinitions":[` + main + "," + main + `]}`, "unique"},
		{"container name", `{"family":"a","containerDefinitions":[{"name":"a.b"}]}`, "Container.name"},
		{"network mode", `{"family":"a","networkMode":"vpc","containerDefinitions":[` + main + `]}`, "network mode"},
		{"compatibility", `{"family":"a","requiresCompatibilities":["LAMBDA"],"containerDefinitions":[` + main + `]}`, "LAMBDA"},
		{"Fargate on bridge", `{"family":"a","cpu":"256","memory":"512","requiresCompatibilities":["FARGATE"],"containerDefinitions":[` + main + `]}`, "awsvpc"},
		{"Fargate size", `{"family":"a","cpu":"256","memory":"4096","networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],"containerDefinitions":[` + main + `]}`, "No Fargate configuration"},
		{"cpu", `{"family":"a","cpu":"much","containerDefinitions":[` + main + `]}`, "Invalid 'cpu' setting for task."},
		{"memory", `{"family":"a","memory":"much","containerDefinitions":[` + main + `]}`, "Invalid 'memory' setting for task."},
		{"container memory", `{"family":"a","memory":"512","containerDefinitions":[{"name":"main","memory":513}]}`, "greater than for the task"},
		{"secret", `{"family":"a","containerDefinitions":[{"name":"main","environment":[{"name":"A"}],"secrets":[{"name":"A"}]}]}`, "secret name must be unique"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, m := newFixture(t, Options{}).post("RegisterTaskDefinition", tt.body)
			if status != 400 || m["__type"] != codeClient || !strings.Contains(m["message"].(string), tt.message) {
				t.Errorf("got %d %v, want %q", status, m, tt.message)
			}
		})
	}
}

func TestCompatibilities(t *testing.T) {
	for _, tt := range []struct{ members, want string }{
		{``, "[EC2 EXTERNAL]"},
		{`"networkMode":"awsvpc",`, "[EC2]"},
		{`"networkMode":"awsvpc","cpu":"1 vCPU","memory":"2 GB",`, "[EC2 FARGATE]"},
		{`"requiresCompatibilities":["MANAGED_INSTANCES"],`, "[EC2 MANAGED_INSTANCES]"},
	} {
		_, m := newFixture(t, Options{}).post("RegisterTaskDefinition", `{`+tt.members+`"family":"a","containerDefinitions":[{"name":"main"}]}`)
		if got := fmt.Sprint(m["taskDefinition"].(object)["compatibilities"]); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.members, got, tt.want)
		}
	}
}

// What is registered in Go without a word about size and network runs on Fargate.
func TestRegisterDefaults(t *testing.T) {
	f := newFixture(t, Options{})
	arn := f.RegisterTaskDefinition(TaskDefinition{Family: "small", Containers: []Container{{Name: "main", Environment: []string{"A"}, Secrets: []string{"B"}, Memory: 64, MemoryReservation: 32}}})
	in := request("t")
	in.TaskDefinition = &arn
	if k := f.run(in).Tasks[0]; *k.Cpu != "256" || *k.Memory != "512" || *k.Containers[0].Memory != "64" {
		t.Errorf("got %+v", k)
	}
	d, err := f.local().DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: &arn})
	if err != nil || d.TaskDefinition.NetworkMode != types.NetworkModeAwsvpc || *d.TaskDefinition.ContainerDefinitions[0].Secrets[0].Name != "B" {
		t.Errorf("got %+v, %v", d, err)
	}
}

func TestClusters(t *testing.T) {
	f := newFixture(t, Options{})
	c := f.client()
	out, err := c.DescribeClusters(t.Context(), &ecs.DescribeClustersInput{})
	if err != nil || len(out.Clusters) != 0 || *out.Failures[0].Reason != "MISSING" {
		t.Fatalf("got %+v, %v, want no default cluster", out, err)
	}
	created, err := c.CreateCluster(t.Context(), &ecs.CreateClusterInput{
		CapacityProviders:               []string{"FARGATE"},
		DefaultCapacityProviderStrategy: []types.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE"), Weight: 1}},
	})
	if err != nil || *created.Cluster.ClusterArn != "arn:aws:ecs:us-east-1:123456789012:cluster/default" {
		t.Fatalf("got %+v, %v", created, err)
	}
	// The cluster's default strategy stands in for a launch type.
	in := request("t")
	in.Cluster, in.LaunchType = nil, ""
	if k := f.run(in).Tasks[0]; aws.ToString(k.CapacityProviderName) != "FARGATE" || k.LaunchType != types.LaunchTypeFargate {
		t.Errorf("got %+v", k)
	}
	again, err := c.CreateCluster(t.Context(), &ecs.CreateClusterInput{ClusterName: aws.String("default")})
	if err != nil || len(again.Cluster.CapacityProviders) != 1 || again.Cluster.PendingTasksCount != 1 {
		t.Errorf("got %+v, %v, want the cluster as it is", again, err)
	}
	f.CreateCluster("default", "FARGATE", "asg")
	out, err = c.DescribeClusters(t.Context(), &ecs.DescribeClustersInput{Clusters: []string{"default"}})
	if err != nil || len(out.Clusters[0].CapacityProviders) != 2 {
		t.Errorf("got %+v, %v", out, err)
	}
	for _, in := range []*ecs.CreateClusterInput{
		{ClusterName: aws.String("a b")},
		{ClusterName: aws.String("x"), DefaultCapacityProviderStrategy: []types.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE"), Weight: 1}}},
		{ClusterName: aws.String("x"), Tags: []types.Tag{{Key: aws.String("aws:x")}}},
	} {
		_, err := c.CreateCluster(t.Context(), in)
		wantCode(t, err, codeInvalidParameter)
	}
}
