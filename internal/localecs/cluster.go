package localecs

import (
	"slices"
	"strings"
)

const defaultCluster = "default"

type cluster struct {
	name            string
	arn             string
	providers       []string
	defaultStrategy []strategyItem
	tags            []Tag
	tokens          map[string]*binding
	sweepAt         int // number of tokens at which expired ones are dropped
}

// CreateCluster creates a cluster, or associates further capacity providers with one
// that exists. Fargate's own providers, FARGATE and FARGATE_SPOT, need association as
// well; launchType FARGATE does not. There is no cluster that nobody created, not even
// "default".
func (s *Server) CreateCluster(name string, capacityProviders ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.addCluster(name)
	for _, p := range capacityProviders {
		if !slices.Contains(c.providers, p) {
			c.providers = append(c.providers, p)
		}
	}
}

func (s *Server) addCluster(name string) *cluster {
	name = orDefault(name, defaultCluster)
	c := s.clusters[name]
	if c == nil {
		c = &cluster{name: name, arn: s.arn("cluster/" + name), tokens: map[string]*binding{}}
		s.clusters[name] = c
	}
	return c
}

// findCluster takes a name or an ARN; none means "default".
func (s *Server) findCluster(ref string) (*cluster, *apiError) {
	name := strings.TrimPrefix(orDefault(ref, defaultCluster), s.arn("cluster/"))
	if c := s.clusters[name]; c != nil {
		return c, nil
	}
	return nil, badRequest(codeClusterNotFound, messageClusterNotFound)
}

type createClusterInput struct {
	ClusterName       string         `json:"clusterName"`
	CapacityProviders []string       `json:"capacityProviders"`
	DefaultStrategy   []strategyItem `json:"defaultCapacityProviderStrategy"`
	Tags              []Tag          `json:"tags"`
}

// createCluster answers with the existing cluster if there is one, unchanged, as ECS
// does.
func (s *Server) createCluster(body []byte) (any, *apiError) {
	var in createClusterInput
	if err := decode(body, &in); err != nil {
		return nil, err
	}
	name := orDefault(in.ClusterName, defaultCluster)
	if !resourceName.MatchString(name) {
		return nil, invalid("Cluster name contains invalid characters.")
	}
	if c := s.clusters[name]; c != nil {
		return map[string]any{"cluster": s.wireCluster(c)}, nil
	}
	trial := &cluster{providers: in.CapacityProviders}
	err := firstError(
		func() *apiError { return checkTags(in.Tags) },
		func() *apiError { return checkStrategyItems(in.DefaultStrategy) },
		func() *apiError { return trial.checkProviders(in.DefaultStrategy) },
	)
	if err != nil {
		return nil, err
	}
	c := s.addCluster(name)
	c.providers, c.defaultStrategy, c.tags = in.CapacityProviders, in.DefaultStrategy, in.Tags
	return map[string]any{"cluster": s.wireCluster(c)}, nil
}

type describeClustersInput struct {
	Clusters []string `json:"clusters"`
}

const maxDescribe = 100 // clusters or tasks per Describe call, API reference

func (s *Server) describeClusters(body []byte) (any, *apiError) {
	var in describeClustersInput
	if err := decode(body, &in); err != nil {
		return nil, err
	}
	if len(in.Clusters) == 0 {
		in.Clusters = []string{defaultCluster}
	}
	if len(in.Clusters) > maxDescribe {
		return nil, invalid("Clusters can have at most %d items.", maxDescribe)
	}
	found, failures := []any{}, []Failure{}
	for _, ref := range in.Clusters {
		c, err := s.findCluster(ref)
		if err != nil {
			arn := ref
			if !strings.HasPrefix(arn, "arn:") {
				arn = s.arn("cluster/" + ref)
			}
			failures = append(failures, Failure{ARN: arn, Reason: "MISSING"})
			continue
		}
		found = append(found, s.wireCluster(c))
	}
	return map[string]any{"clusters": found, "failures": failures}, nil
}

func (s *Server) wireCluster(c *cluster) map[string]any {
	now, running, pending := s.clock.Now(), 0, 0
	for _, t := range s.tasks {
		if t.cluster != c {
			continue
		}
		switch t.at(now).last {
		case statusRunning:
			running++
		case statusProvisioning, statusPending, statusActivating:
			pending++
		}
	}
	return map[string]any{
		"clusterArn": c.arn, "clusterName": c.name, "status": "ACTIVE",
		"capacityProviders":                 notNil(c.providers),
		"defaultCapacityProviderStrategy":   notNil(c.defaultStrategy),
		"registeredContainerInstancesCount": 0, "activeServicesCount": 0,
		"runningTasksCount": running, "pendingTasksCount": pending,
		"settings": []any{}, "statistics": []any{}, "tags": notNil(c.tags),
	}
}
