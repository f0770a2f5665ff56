package account

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/taskbridge/taskbridge/internal/verify"
)

func filter(name string, values []string) []types.Filter {
	return []types.Filter{{Name: &name, Values: values}}
}

// TaskDefinition is of verify.Account. ECS has no code of its own for a task
// definition that does not exist.
func (a *Account) TaskDefinition(ctx context.Context, ref string) (verify.Seen[verify.TaskDefinition], error) {
	out, err := a.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: &ref, Include: []ecstypes.TaskDefinitionField{ecstypes.TaskDefinitionFieldTags},
	})
	if err != nil {
		return verdict[verify.TaskDefinition]("ecs:DescribeTaskDefinition", err, hasCode(err, "ClientException"))
	}
	if out.TaskDefinition == nil {
		return verify.Seen[verify.TaskDefinition]{Missing: true}, nil
	}
	d := taskDefinition(out.TaskDefinition)
	for _, tag := range out.Tags {
		d.TagKeys = append(d.TagKeys, aws.ToString(tag.Key))
	}
	slices.Sort(d.TagKeys)
	return verify.Seen[verify.TaskDefinition]{Is: &d}, nil
}

func taskDefinition(in *ecstypes.TaskDefinition) verify.TaskDefinition {
	d := verify.TaskDefinition{
		ARN: aws.ToString(in.TaskDefinitionArn), Status: string(in.Status), NetworkMode: string(in.NetworkMode), Compatibilities: texts(in.Compatibilities),
		CPU: aws.ToString(in.Cpu), Memory: aws.ToString(in.Memory), TaskRoleARN: aws.ToString(in.TaskRoleArn), ExecutionRoleARN: aws.ToString(in.ExecutionRoleArn),
		PlacementConstraints: len(in.PlacementConstraints),
	}
	if in.RuntimePlatform != nil {
		d.Windows = strings.HasPrefix(string(in.RuntimePlatform.OperatingSystemFamily), "WINDOWS")
	}
	for i := range in.Volumes {
		if aws.ToBool(in.Volumes[i].ConfiguredAtLaunch) {
			d.Volumes = append(d.Volumes, aws.ToString(in.Volumes[i].Name))
		}
	}
	for i := range in.ContainerDefinitions {
		d.Containers = append(d.Containers, container(&in.ContainerDefinitions[i]))
	}
	return d
}

// registry is a private repository of Amazon ECR.
var registry = regexp.MustCompile(`^[0-9]{12}\.dkr[.-]ecr\.`)

func container(in *ecstypes.ContainerDefinition) verify.Container {
	k := verify.Container{
		Name: aws.ToString(in.Name), CPU: in.Cpu, Memory: aws.ToInt32(in.Memory), MemoryReservation: aws.ToInt32(in.MemoryReservation),
	}
	for _, e := range in.Environment {
		k.Environment = append(k.Environment, aws.ToString(e.Name))
	}
	for _, s := range in.Secrets {
		k.Secrets = append(k.Secrets, aws.ToString(s.Name))
	}
	slices.Sort(k.Environment)
	slices.Sort(k.Secrets)
	if registry.MatchString(aws.ToString(in.Image)) {
		k.Execution = append(k.Execution, "image in Amazon ECR")
	}
	if in.LogConfiguration != nil && in.LogConfiguration.LogDriver == ecstypes.LogDriverAwslogs {
		k.Execution = append(k.Execution, "log driver awslogs")
	}
	if in.RepositoryCredentials != nil {
		k.Execution = append(k.Execution, "repositoryCredentials")
	}
	return k
}

// Clusters is of verify.Account.
func (a *Account) Clusters(ctx context.Context, refs []string) (map[string]verify.Seen[verify.Cluster], error) {
	return described("ecs:DescribeClusters", refs, maxDescribe, func(batch []string, found func(string, verify.Cluster)) error {
		out, err := a.ecs.DescribeClusters(ctx, &ecs.DescribeClustersInput{Clusters: batch})
		if err != nil {
			return err
		}
		for i := range out.Clusters {
			in := &out.Clusters[i]
			c := verify.Cluster{ARN: aws.ToString(in.ClusterArn), Status: aws.ToString(in.Status), CapacityProviders: in.CapacityProviders}
			for _, item := range in.DefaultCapacityProviderStrategy {
				c.DefaultStrategy = append(c.DefaultStrategy, aws.ToString(item.CapacityProvider))
			}
			slices.Sort(c.CapacityProviders)
			slices.Sort(c.DefaultStrategy)
			found(aws.ToString(in.ClusterName), c)
			found(c.ARN, c)
		}
		return nil
	})
}

// CapacityProviders is of verify.Account.
func (a *Account) CapacityProviders(ctx context.Context, names []string) (map[string]verify.Seen[verify.CapacityProvider], error) {
	return described("ecs:DescribeCapacityProviders", names, maxDescribe, func(batch []string, found func(string, verify.CapacityProvider)) error {
		out, err := a.ecs.DescribeCapacityProviders(ctx, &ecs.DescribeCapacityProvidersInput{CapacityProviders: batch})
		if err != nil {
			return err
		}
		for i := range out.CapacityProviders {
			in := &out.CapacityProviders[i]
			p := verify.CapacityProvider{Status: string(in.Status), Kind: verify.KindEC2}
			if in.ManagedInstancesProvider != nil {
				p.Kind = verify.KindManagedInstances
			}
			found(aws.ToString(in.Name), p)
		}
		return nil
	})
}
