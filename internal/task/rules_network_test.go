package task

import (
	"slices"
	"strings"
)

func vpc(r *Request) *AwsvpcConfiguration { return r.NetworkConfiguration.AwsvpcConfiguration }

const vpcField = "networkConfiguration.awsvpcConfiguration."

var networkTests = []ruleTest{
	{"runtask-network-required networkConfiguration", noNetwork},
	{"runtask-network-required networkConfiguration", func(r *Request) { r.NetworkConfiguration.AwsvpcConfiguration = nil }},
	{"runtask-network-required networkConfiguration", func(r *Request) { withStrategy(r, item("FARGATE_SPOT", 1, 0)); noNetwork(r) }},
	{"", func(r *Request) { onEC2(r); noNetwork(r) }},
	{"runtask-network-external networkConfiguration", func(r *Request) { r.LaunchType = "EXTERNAL" }},
	{"runtask-subnets-required " + vpcField + "subnets", func(r *Request) { vpc(r).Subnets = nil }},
	{"runtask-subnets-required " + vpcField + "subnets[0]", func(r *Request) { vpc(r).Subnets = []string{""} }},
	{"", func(r *Request) { vpc(r).Subnets = slices.Repeat([]string{"subnet-1"}, 16) }},
	{"runtask-subnets-count " + vpcField + "subnets", func(r *Request) { vpc(r).Subnets = slices.Repeat([]string{"subnet-1"}, 17) }},
	{"runtask-subnet-form " + vpcField + "subnets[1]", func(r *Request) { vpc(r).Subnets = []string{"subnet-0a", "subnet-A"} }},
	{"", func(r *Request) { vpc(r).SecurityGroups = slices.Repeat([]string{"sg-0Z"}, 5) }},
	{"runtask-security-groups-count " + vpcField + "securityGroups", func(r *Request) { vpc(r).SecurityGroups = slices.Repeat([]string{"sg-1"}, 6) }},
	{"runtask-security-group-blank " + vpcField + "securityGroups[0]", func(r *Request) { vpc(r).SecurityGroups = []string{""} }},
	{"runtask-security-group-form " + vpcField + "securityGroups[0]", func(r *Request) { vpc(r).SecurityGroups = []string{"default"} }},
	{"", func(r *Request) { vpc(r).AssignPublicIP = "ENABLED" }},
	{"runtask-assign-public-ip " + vpcField + "assignPublicIp", func(r *Request) { vpc(r).AssignPublicIP = "yes" }},
	{"runtask-assign-public-ip-fargate " + vpcField + "assignPublicIp", func(r *Request) { onEC2(r); vpc(r).AssignPublicIP = "ENABLED" }},
	{"", func(r *Request) { onEC2(r); vpc(r).AssignPublicIP = "DISABLED" }},
}

// constrained and placed are requests on EC2 with one constraint or strategy.
func constrained(typ, expression string) func(*Request) {
	return func(r *Request) {
		onEC2(r)
		r.PlacementConstraints = []PlacementConstraint{{Type: typ, Expression: expression}}
	}
}

func placed(typ, field string) func(*Request) {
	return func(r *Request) {
		onEC2(r)
		r.PlacementStrategy = []PlacementStrategy{{Type: typ, Field: field}}
	}
}

func placementCount(constraints, strategies int) func(*Request) {
	return func(r *Request) {
		onEC2(r)
		r.PlacementConstraints = slices.Repeat([]PlacementConstraint{{Type: "distinctInstance"}}, constraints)
		r.PlacementStrategy = slices.Repeat([]PlacementStrategy{{Type: "random"}}, strategies)
	}
}

var placementTests = []ruleTest{
	{"", placementCount(10, 5)},
	{"runtask-placement-constraints-count placementConstraints", placementCount(11, 5)},
	{"runtask-placement-strategy-count placementStrategy", placementCount(10, 6)},
	{"runtask-placement-constraints-fargate placementConstraints", func(r *Request) { r.PlacementConstraints = []PlacementConstraint{{Type: "distinctInstance"}} }},
	{"runtask-placement-strategy-fargate placementStrategy", func(r *Request) { r.PlacementStrategy = []PlacementStrategy{{Type: "random"}} }},
	// Where nothing says where the tasks run, a field does that only Fargate has.
	{"runtask-placement-strategy-fargate placementStrategy", func(r *Request) {
		placed("random", "")(r)
		r.LaunchType, r.PlatformVersion = "", "LATEST"
	}},
	{"runtask-placement-strategy-fargate placementStrategy", func(r *Request) {
		placed("random", "")(r)
		r.LaunchType, vpc(r).AssignPublicIP = "", "ENABLED"
	}},
	{"runtask-placement-strategy-fargate placementStrategy", func(r *Request) {
		placed("random", "")(r)
		r.LaunchType, r.Overrides.EphemeralStorage = "", &EphemeralStorage{21}
	}},
	{"", func(r *Request) { placed("random", "")(r); r.LaunchType = "" }},
	{"runtask-placement-constraint-type-required placementConstraints[0].type", constrained("", "")},
	{"runtask-placement-constraint-type placementConstraints[0].type", constrained("x", "")},
	{"runtask-placement-constraint-distinct placementConstraints[0].expression", constrained("distinctInstance", "a")},
	{"runtask-placement-constraint-member placementConstraints[0].expression", constrained("memberOf", "")},
	{"", constrained("memberOf", strings.Repeat("é", 2000))},
	{"runtask-placement-constraint-length placementConstraints[0].expression", constrained("memberOf", strings.Repeat("x", 2001))},
	{"runtask-placement-strategy-type-required placementStrategy[0].type", placed("", "cpu")},
	{"runtask-placement-strategy-type placementStrategy[0].type", placed("x", "cpu")},
	{"", placed("spread", "attribute:ecs.availability-zone")},
	{"", placed("spread", "instanceId")},
	{"", placed("spread", "host")},
	{"runtask-placement-strategy-spread placementStrategy[0].field", placed("spread", "")},
	{"runtask-placement-strategy-spread placementStrategy[0].field", placed("spread", "attribute:")},
	{"", placed("binpack", "MEMORY")},
	{"runtask-placement-strategy-binpack placementStrategy[0].field", placed("binpack", "host")},
	{"", placed("spread", "attribute:"+strings.Repeat("a", 245))},
	{"runtask-placement-strategy-field-length placementStrategy[0].field", placed("spread", "attribute:"+strings.Repeat("a", 246))},
}

func tagged(key, value string) func(*Request) {
	return func(r *Request) { r.Tags = []Tag{{key, &value}} }
}

func manyTags(n int) []Tag {
	var tags []Tag
	for i := range n {
		tags = append(tags, Tag{Key: strings.Repeat("k", i+1)})
	}
	return tags
}

var tagTests = []ruleTest{
	{"", func(r *Request) { r.Tags = manyTags(50) }},
	{"runtask-tags-count tags", func(r *Request) { r.Tags = manyTags(51) }},
	{"runtask-tag-key-required tags[0].key", tagged("", "v")},
	{"", tagged(strings.Repeat("é", 128), strings.Repeat("é", 256))},
	{"runtask-tag-key-length tags[0].key", tagged(strings.Repeat("k", 129), "")},
	{"runtask-tag-value-length tags[0].value", tagged("k", strings.Repeat("v", 257))},
	{"", tagged("a B_.:/=+-@é1\u00a0", "a B_.:/=+-@é1")},
	{"runtask-tag-text tags[0].key", tagged("a;b", "")},
	{"runtask-tag-text tags[0].value", tagged("k", "a\n")},
	{"runtask-tag-text tags[0].value", tagged("k", "\xff")},
	{"runtask-tag-reserved tags[0].key", tagged("aWs:x", "")},
	{"runtask-tag-reserved tags[0].value", tagged("k", "AWS:")},
	{"runtask-tag-duplicate tags[1].key", func(r *Request) { r.Tags = []Tag{{"a", nil}, {"a", nil}} }},
	{"", func(r *Request) { r.Tags = []Tag{{"a", nil}, {"A", nil}} }},
}
