package verify

import (
	"fmt"
	"strings"
)

// network checks that subnets and security groups exist in one VPC.
func (c *checker) network() {
	v := c.t.vpc()
	if v == nil {
		return
	}
	c.subject = "network"
	var vpcs, zones []string
	all := true
	for _, id := range unique(c.t.subnets()) {
		seen := c.s.Subnets[id]
		if !found(c, seen, "subnets-exist", element(vpcField+".subnets", v.Subnets, id), fmt.Sprintf("the subnet ID '%s' does not exist", id), "correct the ID, or look in another Region") {
			all = false
			continue
		}
		vpcs, zones = append(vpcs, seen.Is.VPC), append(zones, seen.Is.Zone)
		c.volumeZone(id, seen.Is)
	}
	for _, id := range unique(c.t.securityGroups()) {
		seen := c.s.SecurityGroups[id]
		if !found(c, seen, "security-groups-exist", element(vpcField+".securityGroups", v.SecurityGroups, id), fmt.Sprintf("the security group '%s' does not exist", id), "correct the ID, or look in another Region") {
			all = false
			continue
		}
		vpcs = append(vpcs, seen.Is.VPC)
	}
	if c.t.anyOpen(vpcField + ".subnets") {
		all = false
		c.open("subnets-exist", "network", vpcField+".subnets")
	}
	if c.t.anyOpen(vpcField + ".securityGroups") {
		all = false
		c.open("security-groups-exist", "network", vpcField+".securityGroups")
	}
	switch vpcs, zones = unique(vpcs), unique(zones); {
	case len(vpcs) > 1:
		c.ng("one-vpc", vpcField, "take them all from one VPC", "subnets and security groups are in different VPCs: %s", strings.Join(vpcs, ", "))
	case len(vpcs) == 1 && all:
		c.ok("one-vpc", "subnets and security groups exist in %s", vpcs[0])
	}
	if len(zones) == 1 && all {
		c.add("zones", Warning, vpcField+".subnets", "add a subnet of another zone: capacity differs between them", "all subnets are in one Availability Zone, %s", zones[0])
	} else if len(zones) > 1 {
		c.ok("zones", "the subnets are in %s", strings.Join(zones, ", "))
	}
}

// noVolumesZone has no EBS volumes for tasks on Fargate
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ebs-volumes.html).
const noVolumesZone = "use1-az3"

func (c *checker) volumeZone(id string, s *Subnet) {
	if s.ZoneID != noVolumesZone || len(c.t.request.VolumeConfigurations) == 0 {
		return
	}
	for _, kind := range c.kinds(c.onlyCluster()) {
		if kind == kindFargate {
			c.ng("zones", vpcField+".subnets", "take a subnet of another zone", "subnet %s is in %s, where tasks on Fargate get no EBS volume", id, noVolumesZone)
		}
	}
}
