package task

import "strings"

// [API PlacementConstraint, PlacementStrategy] unless said otherwise.
var (
	constraintsCount    = rule{"runtask-placement-constraints-count", "%d constraints, at most %d", "those of the task definition count as well"}
	constraintsFargate  = rule{"runtask-placement-constraints-fargate", "placement constraints are not supported with FARGATE launch type", "remove them: Fargate has no instances to choose from"}
	constraintType      = rule{"runtask-placement-constraint-type-required", "required", "write distinctInstance or memberOf"}
	constraintKnown     = rule{"runtask-placement-constraint-type", "unknown value, expected one of %s", ""}
	constraintDistinct  = rule{"runtask-placement-constraint-distinct", "distinctInstance takes no expression", "remove the expression, or use memberOf"}
	constraintMember    = rule{"runtask-placement-constraint-member", "memberOf needs an expression", "write one in the cluster query language"}
	constraintLength    = rule{"runtask-placement-constraint-length", "%d characters, at most %d", ""}
	strategiesCount     = rule{"runtask-placement-strategy-count", "%d strategies, at most %d", ""}
	strategiesFargate   = rule{"runtask-placement-strategy-fargate", "placement strategies are not supported with FARGATE launch type", "remove them: Fargate has no instances to choose from"} // [SEEN]
	strategyType        = rule{"runtask-placement-strategy-type-required", "required", "write random, spread or binpack"}
	strategyKnown       = rule{"runtask-placement-strategy-type", "unknown value, expected one of %s", ""}
	strategyFieldLength = rule{"runtask-placement-strategy-field-length", "%d characters, at most %d", ""} // [SCHEDULER]
	strategySpread      = rule{"runtask-placement-strategy-spread", "spread goes over instanceId, host or attribute:NAME", "attribute:ecs.availability-zone spreads over zones"}
	strategyBinpack     = rule{"runtask-placement-strategy-binpack", "binpack goes by cpu or memory", ""}
)

func (c *checker) placement() {
	constraints, p := c.r.PlacementConstraints, at("placementConstraints")
	if len(constraints) > 0 && c.where == onFargate {
		c.refuse(constraintsFargate, p)
	}
	c.most(constraintsCount, p, len(constraints), MaxPlacementRules)
	for i := range constraints {
		c.constraint(p.item(i), &constraints[i])
	}
	strategies, p := c.r.PlacementStrategy, at("placementStrategy")
	if len(strategies) > 0 && c.where == onFargate {
		c.refuse(strategiesFargate, p)
	}
	c.most(strategiesCount, p, len(strategies), MaxPlacementStrategies)
	for i := range strategies {
		c.placementStrategy(p.item(i), &strategies[i])
	}
}

func (c *checker) constraint(p *path, v *PlacementConstraint) {
	c.required(constraintType, p.at("type"), v.Type)
	c.oneOf(constraintKnown, p.at("type"), v.Type, constraintTypes)
	without := c.absent(p.at("expression"), v.Expression == "")
	switch {
	case v.Type == "distinctInstance" && !without:
		c.refuse(constraintDistinct, p.at("expression"))
	case v.Type == "memberOf" && without:
		c.refuse(constraintMember, p.at("expression"))
	}
	c.length(constraintLength, p.at("expression"), v.Expression, MaxExpression)
	c.text(p.at("expression"), v.Expression)
}

func (c *checker) placementStrategy(p *path, v *PlacementStrategy) {
	c.required(strategyType, p.at("type"), v.Type)
	c.oneOf(strategyKnown, p.at("type"), v.Type, strategyTypes)
	field := p.at("field")
	c.length(strategyFieldLength, field, v.Field, MaxPlacementField)
	c.text(field, v.Field)
	if !c.known(field) {
		return
	}
	switch {
	case v.Type == "spread" && !isSpreadField(v.Field):
		c.refuse(strategySpread, field)
	// "CPU" is common; the reference has "cpu".
	case v.Type == "binpack" && !strings.EqualFold(v.Field, "cpu") && !strings.EqualFold(v.Field, "memory"):
		c.refuse(strategyBinpack, field)
	}
}

func isSpreadField(s string) bool {
	attribute, ok := strings.CutPrefix(s, "attribute:")
	return ok && attribute != "" || strings.EqualFold(s, "instanceId") || s == "host"
}
