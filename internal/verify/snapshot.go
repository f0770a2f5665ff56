package verify

import (
	"context"
	"slices"
)

// A Snapshot is what an account has of what a mapping refers to, as plain data:
// names and settings that RunTask's rules depend on, and no value of an
// environment variable or of a secret. The lock file is one.
type Snapshot struct {
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`
	// By reference as the request has it: a name or an ARN.
	TaskDefinitions   map[string]Seen[TaskDefinition]   `json:"taskDefinitions"`
	Clusters          map[string]Seen[Cluster]          `json:"clusters"`
	CapacityProviders map[string]Seen[CapacityProvider] `json:"capacityProviders"`
	Subnets           map[string]Seen[Subnet]           `json:"subnets"`
	SecurityGroups    map[string]Seen[SecurityGroup]    `json:"securityGroups"`
	Roles             map[string]Seen[Role]             `json:"roles"`
}

// Seen is what became of looking a thing up. At most one field is set; none is
// that nobody looked.
type Seen[T any] struct {
	Is      *T     `json:"is,omitempty"`
	Missing bool   `json:"missing,omitempty"` // the account has none of that name
	Needs   string `json:"needs,omitempty"`   // the action that the caller may not take
}

// A TaskDefinition is one revision.
type TaskDefinition struct {
	ARN                  string      `json:"arn"`
	Status               string      `json:"status"`
	NetworkMode          string      `json:"networkMode,omitempty"`
	Compatibilities      []string    `json:"compatibilities,omitempty"`
	CPU                  string      `json:"cpu,omitempty"`
	Memory               string      `json:"memory,omitempty"`
	Windows              bool        `json:"windows,omitempty"`
	TaskRoleARN          string      `json:"taskRoleArn,omitempty"`
	ExecutionRoleARN     string      `json:"executionRoleArn,omitempty"`
	Containers           []Container `json:"containers,omitempty"`
	Volumes              []string    `json:"volumes,omitempty"` // that are configured at launch
	PlacementConstraints int         `json:"placementConstraints,omitempty"`
	TagKeys              []string    `json:"tagKeys,omitempty"`
}

// A Container is one of a task definition.
type Container struct {
	Name              string   `json:"name"`
	CPU               int32    `json:"cpu,omitempty"`
	Memory            int32    `json:"memory,omitempty"`            // MiB
	MemoryReservation int32    `json:"memoryReservation,omitempty"` // MiB
	Environment       []string `json:"environment,omitempty"`       // names
	Secrets           []string `json:"secrets,omitempty"`           // names
	// Execution is what ECS's agent does for the container with the execution role
	// and does not do on Fargate without: "log driver awslogs", "image in Amazon ECR".
	Execution []string `json:"execution,omitempty"`
}

// A Cluster is a cluster.
type Cluster struct {
	ARN               string   `json:"arn"`
	Status            string   `json:"status"`
	CapacityProviders []string `json:"capacityProviders,omitempty"`
	DefaultStrategy   []string `json:"defaultStrategy,omitempty"` // the names of its providers
}

// Where tasks of a capacity provider run, in the words of launch types and
// compatibilities.
const (
	KindEC2              = "EC2"
	kindFargate          = "FARGATE"
	KindManagedInstances = "MANAGED_INSTANCES"
)

// A CapacityProvider is one that the account made.
type CapacityProvider struct {
	Status string `json:"status"`
	Kind   string `json:"kind"` // EC2 or MANAGED_INSTANCES
}

// A Subnet is a subnet.
type Subnet struct {
	VPC    string `json:"vpc"`
	Zone   string `json:"zone"`
	ZoneID string `json:"zoneId,omitempty"`
}

// A SecurityGroup is a security group.
type SecurityGroup struct {
	VPC string `json:"vpc"`
}

// A Role is an IAM role.
type Role struct {
	Trusts []string `json:"trusts"` // service principals that may assume it
}

// An Account is looked at through the operations that read it. An error is that
// looking failed; what is missing or not permitted is no error. The keys of what
// the last three return are the names that were asked for.
type Account interface {
	TaskDefinition(ctx context.Context, ref string) (Seen[TaskDefinition], error)
	Role(ctx context.Context, arn string) (Seen[Role], error)
	Clusters(ctx context.Context, refs []string) (map[string]Seen[Cluster], error)
	CapacityProviders(ctx context.Context, names []string) (map[string]Seen[CapacityProvider], error)
	Subnets(ctx context.Context, ids []string) (map[string]Seen[Subnet], error)
	SecurityGroups(ctx context.Context, ids []string) (map[string]Seen[SecurityGroup], error)
}

// Look looks up everything that the targets refer to, and what that refers to in
// turn: the roles of task definitions, the providers of default strategies. Which
// Region that is, the caller knows.
func Look(ctx context.Context, account Account, targets []Target) (*Snapshot, error) {
	s := &Snapshot{TaskDefinitions: map[string]Seen[TaskDefinition]{}, Roles: map[string]Seen[Role]{}}
	var taskDefinitions, clusters, providers, subnets, groups, roles []string
	for i := range targets {
		t := &targets[i]
		taskDefinitions = append(taskDefinitions, t.texts("taskDefinition")...)
		clusters = append(clusters, t.clusters()...)
		providers = append(providers, t.providers()...)
		subnets = append(subnets, t.subnets()...)
		groups = append(groups, t.securityGroups()...)
		for _, r := range t.roles() {
			roles = append(roles, r.arn)
		}
	}
	var err error
	for _, ref := range unique(taskDefinitions) {
		if s.TaskDefinitions[ref], err = account.TaskDefinition(ctx, ref); err != nil {
			return nil, err
		}
		if d := s.TaskDefinitions[ref].Is; d != nil {
			roles = append(roles, d.TaskRoleARN, d.ExecutionRoleARN)
		}
	}
	if s.Clusters, err = account.Clusters(ctx, unique(clusters)); err != nil {
		return nil, err
	}
	for _, c := range s.Clusters {
		if c.Is != nil {
			providers = append(providers, c.Is.DefaultStrategy...)
		}
	}
	own := slices.DeleteFunc(unique(providers), isFargateProvider)
	if s.CapacityProviders, err = account.CapacityProviders(ctx, own); err != nil {
		return nil, err
	}
	if s.Subnets, err = account.Subnets(ctx, unique(subnets)); err != nil {
		return nil, err
	}
	if s.SecurityGroups, err = account.SecurityGroups(ctx, unique(groups)); err != nil {
		return nil, err
	}
	for _, arn := range unique(roles) {
		if s.Roles[arn], err = account.Role(ctx, arn); err != nil {
			return nil, err
		}
	}
	s.Account = s.number()
	return s, nil
}

// number is the account's, as far as something was seen in it.
func (s *Snapshot) number() string {
	for _, d := range s.TaskDefinitions {
		if d.Is != nil {
			return arnAccount(d.Is.ARN)
		}
	}
	for _, c := range s.Clusters {
		if c.Is != nil {
			return arnAccount(c.Is.ARN)
		}
	}
	return ""
}

func isFargateProvider(name string) bool { return name == "FARGATE" || name == "FARGATE_SPOT" }

// unique is list sorted, without empty texts and repetitions.
func unique(list []string) []string {
	list = slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == "" })
	slices.Sort(list)
	return slices.Compact(list)
}
