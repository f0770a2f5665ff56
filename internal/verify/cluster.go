package verify

import (
	"fmt"
	"slices"
)

// cluster checks one cluster that the rule can launch in.
func (c *checker) cluster(ref string) {
	c.subject = "cluster " + ref
	seen := c.s.Clusters[ref]
	if !found(c, seen, "cluster-exists", "cluster", "does not exist in this account and Region", "create it, or correct the name") {
		return
	}
	if seen.Is.Status != "ACTIVE" {
		c.ng("cluster-active", "cluster", "use a cluster that is ACTIVE", "is %s", seen.Is.Status)
		return
	}
	c.ok("cluster-active", "exists and is ACTIVE")
	r := c.t.request
	switch {
	case r.LaunchType != "" || c.t.isOpen("launchType"):
	case len(r.CapacityProviderStrategy) > 0:
		c.providers(seen.Is)
	case len(seen.Is.DefaultStrategy) > 0:
		c.ok("default-strategy", "the rule says nothing, the cluster's default strategy decides: %s", quoted(seen.Is.DefaultStrategy))
		for _, name := range seen.Is.DefaultStrategy {
			c.provider(name, "")
		}
	default:
		c.add("default-strategy", Warning, "launchType", "write launchType or capacityProviderStrategy, or give the cluster a default strategy",
			"neither the rule nor the cluster says where tasks run: they run on EC2 instances")
	}
}

// providers checks the rule's capacity providers.
func (c *checker) providers(cluster *Cluster) {
	for i := range c.t.request.CapacityProviderStrategy {
		field := fmt.Sprintf("capacityProviderStrategy[%d].capacityProvider", i)
		if c.t.undecided(field) {
			c.open("capacity-provider-associated", c.subject, field)
		}
		for _, name := range c.t.values(field, c.t.request.CapacityProviderStrategy[i].CapacityProvider) {
			if !slices.Contains(cluster.CapacityProviders, name) {
				c.ng("capacity-provider-associated", field, "associate it: aws ecs put-cluster-capacity-providers",
					"capacity provider %q is not associated with the cluster, which has %s", name, quoted(cluster.CapacityProviders))
				continue
			}
			c.ok("capacity-provider-associated", "capacity provider %q is associated", name)
			c.provider(name, field)
		}
	}
}

// provider checks the state of a capacity provider that the account made.
func (c *checker) provider(name, field string) {
	if isFargateProvider(name) {
		return
	}
	seen := c.s.CapacityProviders[name]
	if !found(c, seen, "capacity-provider-active", field, fmt.Sprintf("capacity provider %q does not exist", name), "create it, or correct the name") {
		return
	}
	// RunTask: providers have to be ACTIVE or UPDATING.
	if s := seen.Is.Status; s != "ACTIVE" && s != "UPDATING" {
		c.ng("capacity-provider-active", field, "use a provider that is ACTIVE", "capacity provider %q is %s", name, s)
		return
	}
	c.ok("capacity-provider-active", "capacity provider %q is %s", name, seen.Is.Status)
}

// kinds are where tasks of the rule can run in a cluster, in the words of a task
// definition's compatibilities; nil if that is not known.
func (c *checker) kinds(cluster *Cluster) []string {
	r := c.t.request
	if types := c.t.texts("launchType"); types != nil {
		return types
	}
	if c.t.isOpen("launchType") {
		return nil
	}
	providers := c.t.providers()
	if len(r.CapacityProviderStrategy) == 0 {
		if cluster == nil {
			return nil
		}
		if providers = cluster.DefaultStrategy; len(providers) == 0 {
			return []string{KindEC2}
		}
	}
	var kinds []string
	for _, name := range providers {
		switch seen := c.s.CapacityProviders[name]; {
		case isFargateProvider(name):
			kinds = append(kinds, kindFargate)
		case seen.Is != nil:
			kinds = append(kinds, seen.Is.Kind)
		default:
			return nil
		}
	}
	return unique(kinds)
}

// onlyCluster is the cluster that the rule launches in, nil if it is not known or
// one of several.
func (c *checker) onlyCluster() *Cluster {
	if refs := c.t.clusters(); len(refs) == 1 {
		return c.s.Clusters[refs[0]].Is
	}
	return nil
}
