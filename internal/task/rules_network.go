package task

// [API AwsVpcConfiguration] unless said otherwise.
var (
	networkRequired = rule{"runtask-network-required", "Network Configuration must be provided when networkMode 'awsvpc' is specified",
		"tasks on Fargate have that network mode: write networkConfiguration.awsvpcConfiguration with subnets"} // [SEEN]
	networkExternal = rule{"runtask-network-external", "Network Configuration is not valid for launch type EXTERNAL",
		"remove it: ECS Anywhere has no network mode awsvpc"} // [DG ecs-anywhere]
	subnetsRequired     = rule{"runtask-subnets-required", "subnets can not be empty", "name a subnet, or better several in different zones"} // [SEEN]
	subnetsCount        = rule{"runtask-subnets-count", "%d subnets, at most %d", ""}
	subnetForm          = rule{"runtask-subnet-form", "not the ID of a subnet", "an ID is subnet- and lower-case letters and digits"}
	securityGroupsCount = rule{"runtask-security-groups-count", "%d security groups, at most %d", ""}
	securityGroupBlank  = rule{"runtask-security-group-blank", "security group cannot be blank", "remove it: without any, the VPC's default group is used"} // [SEEN]
	securityGroupForm   = rule{"runtask-security-group-form", "not the ID of a security group", "an ID is sg- and letters and digits; a group's name is not one"}
	publicIPKnown       = rule{"runtask-assign-public-ip", "unknown value, expected one of %s", ""}
	publicIPFargate     = rule{"runtask-assign-public-ip-fargate", "assign public IP is not supported for this launch type",
		"only tasks on Fargate get a public IP: use DISABLED and a NAT gateway, or FARGATE"} // [SEEN]
)

func (c *checker) network() {
	n, p := c.r.NetworkConfiguration, at("networkConfiguration").at("awsvpcConfiguration")
	given := n != nil && n.AwsvpcConfiguration != nil
	switch {
	case c.absent(p, !given) && c.where == onFargate:
		c.refuse(networkRequired, at("networkConfiguration"))
	case given && c.r.LaunchType == "EXTERNAL":
		c.refuse(networkExternal, at("networkConfiguration"))
	}
	if given {
		c.awsvpc(p, n.AwsvpcConfiguration)
	}
}

func (c *checker) awsvpc(p *path, v *AwsvpcConfiguration) {
	if c.absent(p.at("subnets"), len(v.Subnets) == 0) {
		c.refuse(subnetsRequired, p.at("subnets"))
	}
	c.most(subnetsCount, p.at("subnets"), len(v.Subnets), MaxSubnets)
	for i, id := range v.Subnets {
		item := p.at("subnets").item(i)
		c.required(subnetsRequired, item, id)
		c.form(subnetForm, item, id, isSubnet)
	}
	c.most(securityGroupsCount, p.at("securityGroups"), len(v.SecurityGroups), MaxSecurityGroups)
	for i, id := range v.SecurityGroups {
		item := p.at("securityGroups").item(i)
		c.required(securityGroupBlank, item, id)
		c.form(securityGroupForm, item, id, isSecurityGroup)
	}
	c.oneOf(publicIPKnown, p.at("assignPublicIp"), v.AssignPublicIP, publicIPs)
	if v.AssignPublicIP == "ENABLED" && c.where == onInstances {
		c.refuse(publicIPFargate, p.at("assignPublicIp"))
	}
}
