package task

// [API CapacityProviderStrategyItem] unless said otherwise.
var (
	strategyCount      = rule{"runtask-strategy-count", "%d providers, at most %d", ""} // [API RunTask]
	strategyProvider   = rule{"runtask-strategy-provider-required", "required", "name the capacity provider"}
	strategyName       = rule{"runtask-strategy-provider-form", "not the short name of a capacity provider", "a name has 1 to 255 letters, digits, hyphens and underscores; an ARN is not one"}
	strategyWeight     = rule{"runtask-strategy-weight-range", "%d is not between %d and %d", ""}
	strategyBase       = rule{"runtask-strategy-base-range", "%d is not between %d and %d", ""}
	strategyDuplicate  = rule{"runtask-strategy-duplicate", "the capacity provider is given twice", "remove one of them, or add up their weights"}
	strategyBases      = rule{"runtask-strategy-bases", "only one capacity provider in a strategy can have a base defined", "remove the base from all but one"}
	strategyWeightless = rule{"runtask-strategy-weightless", "at least one capacity provider must have a weight greater than 0",
		"write a weight: RunTask's default is 0, unlike the console's"}
	strategyMix = rule{"runtask-strategy-mix",
		"a capacity provider strategy cannot contain a mix of capacity providers using Auto Scaling groups and Fargate providers",
		"use FARGATE and FARGATE_SPOT, or your own providers"} // [SEEN]
)

func (c *checker) strategy() {
	items, list := c.r.CapacityProviderStrategy, at("capacityProviderStrategy")
	c.most(strategyCount, list, len(items), MaxCapacityProviders)
	bases, weightless, fargate, others := 0, len(items) > 0, false, false
	for i := range items {
		item, p := &items[i], list.item(i)
		c.provider(p.at("capacityProvider"), i)
		c.between(strategyWeight, p.at("weight"), item.Weight, 0, MaxWeight)
		c.between(strategyBase, p.at("base"), item.Base, 0, MaxBase)
		if item.Base != nil && *item.Base > 0 {
			bases++
		}
		weightless = weightless && c.absent(p.at("weight"), item.Weight == nil || *item.Weight == 0)
		fargate = fargate || isFargateProvider(item.CapacityProvider)
		others = others || item.CapacityProvider != "" && !isFargateProvider(item.CapacityProvider)
	}
	if bases > 1 {
		c.refuse(strategyBases, list)
	}
	if weightless {
		c.refuse(strategyWeightless, list)
	}
	if fargate && others {
		c.refuse(strategyMix, list)
	}
}

// provider checks the name of the item at index i.
func (c *checker) provider(p *path, i int) {
	items := c.r.CapacityProviderStrategy
	name := items[i].CapacityProvider
	c.required(strategyProvider, p, name)
	c.form(strategyName, p, name, isName)
	for j := range i {
		if name != "" && items[j].CapacityProvider == name {
			c.refuse(strategyDuplicate, p)
			return
		}
	}
}
