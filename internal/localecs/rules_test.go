package localecs

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
)

type object = map[string]any
type list = []any

// base is a valid request for the task definition; a test adds to it or replaces.
func base(family string) object {
	if family == "legacy" {
		return object{"cluster": "media", "taskDefinition": family}
	}
	return object{
		"cluster": "media", "taskDefinition": family, "launchType": "FARGATE",
		"networkConfiguration": vpc(nil),
	}
}

func vpc(with object) object {
	c := object{"subnets": list{"subnet-a"}}
	maps.Copy(c, with)
	return object{"awsvpcConfiguration": c}
}

// container is an override of the container worker.
func container(with object) object {
	c := object{"name": "worker"}
	maps.Copy(c, with)
	return object{"overrides": object{"containerOverrides": list{c}}}
}

func override(with object) object { return object{"overrides": with} }

func volume(with object) object {
	e := object{"roleArn": "arn:aws:iam::123456789012:role/infra", "sizeInGiB": 10}
	maps.Copy(e, with)
	return object{"volumeConfigurations": list{object{"name": "scratch", "managedEBSVolume": e}}}
}

func strategy(items ...any) object {
	return object{"launchType": nil, "capacityProviderStrategy": items}
}

func item(name string, weight, base int) object {
	return object{"capacityProvider": name, "weight": weight, "base": base}
}

func repeat(n int, f func(i int) any) list {
	l := list{}
	for i := range n {
		l = append(l, f(i))
	}
	return l
}

func tag(key, value string) object { return object{"tags": list{object{"key": key, "value": value}}} }

const (
	invalidCode = codeInvalidParameter
	okay        = ""
)

type ruleCase struct {
	name    string
	family  string // default transcode
	with    object
	code    string
	message string
}

func runRules(t *testing.T, tests []ruleCase) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t, Options{})
			body := base(orDefault(tt.family, "transcode"))
			maps.Copy(body, tt.with)
			raw, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			status, m := f.post("RunTask", string(raw))
			code, _ := m["__type"].(string)
			message, _ := m["message"].(string)
			if code != tt.code || !strings.Contains(message, tt.message) {
				t.Errorf("got %d %s %q, want %s %q", status, code, message, tt.code, tt.message)
			}
			if launched := len(f.Tasks()); (launched > 0) != (tt.code == okay) {
				t.Errorf("launched %d tasks", launched)
			}
		})
	}
}

func TestRequestRules(t *testing.T) {
	long := strings.Repeat("x", 300)
	runRules(t, []ruleCase{
		{name: "base", with: object{}},
		{name: "no task definition", with: object{"taskDefinition": nil}, code: codeClient, message: "TaskDefinition cannot be empty."},
		{name: "count 0", with: object{"count": 0}, code: invalidCode, message: "count"},
		{name: "count 10", with: object{"count": 10}},
		{name: "count 11", with: object{"count": 11}, code: invalidCode, message: "count"},
		{name: "startedBy 128", with: object{"startedBy": strings.Repeat("a", 128)}},
		{name: "startedBy 129", with: object{"startedBy": strings.Repeat("a", 129)}, code: invalidCode, message: "startedBy longer than 128."},
		{name: "startedBy charset", with: object{"startedBy": "a.b"}, code: invalidCode, message: "startedBy"},
		{name: "startedBy newline", with: object{"startedBy": "a\n"}, code: invalidCode, message: "startedBy"},
		{name: "token 64", with: object{"clientToken": strings.Repeat("~", 64)}},
		{name: "token 65", with: object{"clientToken": strings.Repeat("a", 65)}, code: invalidCode, message: "clientToken"},
		{name: "token with space", with: object{"clientToken": "a b"}, code: invalidCode, message: "clientToken"},
		{name: "token not ASCII", with: object{"clientToken": "ä"}, code: invalidCode, message: "clientToken"},
		{name: "group 255", with: object{"group": strings.Repeat("é", 255)}},
		{name: "group 256", with: object{"group": strings.Repeat("g", 256)}, code: invalidCode, message: "group longer than 255."},
		{name: "referenceId 1025", with: object{"referenceId": strings.Repeat("r", 1025)}, code: invalidCode, message: "referenceId longer than 1024."},
		{name: "cluster form", with: object{"cluster": "a.b"}, code: invalidCode, message: "Cluster name"},
		{name: "cluster ARN of something else", with: object{"cluster": testARN + "task/media"}, code: invalidCode, message: "Cluster name"},
		{name: "task definition with all revisions", with: object{"taskDefinition": "transcode:*"}, code: codeClient, message: "TaskDefinition not found."},
		{name: "service group", with: object{"group": "service:x"}, code: invalidCode, message: "Invalid namespace for group"},
		{name: "unknown launch type", with: object{"launchType": "FARGATE_SPOT"}, code: invalidCode, message: "launch type"},
		{name: "managed instances", with: object{"launchType": "MANAGED_INSTANCES"}, code: invalidCode, message: "capacity provider strategy"},
		{name: "propagate from service", with: object{"propagateTags": "SERVICE"}, code: invalidCode, message: "SERVICE"},
		{name: "propagate none", with: object{"propagateTags": "NONE"}},
		{name: "propagate unknown", with: object{"propagateTags": "ALL"}, code: invalidCode, message: "propagateTags"},

		{name: "both launch type and strategy", with: object{"capacityProviderStrategy": list{item("FARGATE", 1, 0)}}, code: invalidCode, message: "Specifying both a launch type and capacity provider strategy is not supported."},
		{name: "strategy", with: strategy(item("FARGATE", 1, 1), item("FARGATE_SPOT", 4, 0))},
		{name: "21 providers", with: strategy(repeat(21, func(i int) any { return item(fmt.Sprint("p", i), 1, 0) })...), code: invalidCode, message: "20"},
		{name: "weight 1001", with: strategy(item("FARGATE", 1001, 0)), code: invalidCode, message: "weight"},
		{name: "base 100001", with: strategy(item("FARGATE", 1, 100001)), code: invalidCode, message: "base"},
		{name: "two bases", with: strategy(item("FARGATE", 1, 1), item("FARGATE_SPOT", 1, 1)), code: invalidCode, message: "base"},
		{name: "no weight", with: strategy(object{"capacityProvider": "FARGATE"}), code: invalidCode, message: "weight"},
		{name: "provider twice", with: strategy(item("FARGATE", 1, 0), item("FARGATE", 1, 0)), code: invalidCode, message: "duplicate"},
		{name: "provider by ARN", with: strategy(item(testARN+"capacity-provider/asg", 1, 0)), code: invalidCode, message: "Capacity provider name contains invalid characters."},
		{name: "provider without name", with: strategy(object{"weight": 1}), code: invalidCode, message: "name"},

		{name: "no subnets", with: object{"networkConfiguration": vpc(object{"subnets": list{}})}, code: invalidCode, message: "subnets can not be empty."},
		{name: "17 subnets", with: object{"networkConfiguration": vpc(object{"subnets": repeat(17, func(i int) any { return fmt.Sprint("subnet-", i) })})}, code: invalidCode, message: "16"},
		{name: "no such subnet", with: object{"networkConfiguration": vpc(object{"subnets": list{"vpc-1"}})}, code: invalidCode, message: "InvalidSubnetID.NotFound"},
		{name: "blank security group", with: object{"networkConfiguration": vpc(object{"securityGroups": list{""}})}, code: invalidCode, message: "security group cannot be blank"},
		{name: "6 security groups", with: object{"networkConfiguration": vpc(object{"securityGroups": repeat(6, func(i int) any { return fmt.Sprint("sg-", i) })})}, code: invalidCode, message: "5"},
		{name: "no such security group", with: object{"networkConfiguration": vpc(object{"securityGroups": list{"default"}})}, code: invalidCode, message: "InvalidGroup.NotFound"},
		{name: "public IP", with: object{"networkConfiguration": vpc(object{"assignPublicIp": "ENABLED"})}},
		{name: "public IP unknown", with: object{"networkConfiguration": vpc(object{"assignPublicIp": "true"})}, code: invalidCode, message: "assignPublicIp"},

		{name: "11 constraints", family: "legacy", with: object{"placementConstraints": repeat(11, func(int) any { return object{"type": "distinctInstance"} })}, code: invalidCode, message: "10 placement constraints."},
		{name: "constraint type", family: "legacy", with: object{"placementConstraints": list{object{"type": "x"}}}, code: invalidCode, message: "type"},
		{name: "distinctInstance with expression", family: "legacy", with: object{"placementConstraints": list{object{"type": "distinctInstance", "expression": "x"}}}, code: invalidCode, message: "expression"},
		{name: "memberOf without expression", family: "legacy", with: object{"placementConstraints": list{object{"type": "memberOf"}}}, code: invalidCode, message: "expression"},
		{name: "long expression", family: "legacy", with: object{"placementConstraints": list{object{"type": "memberOf", "expression": strings.Repeat("x", 2001)}}}, code: invalidCode, message: "2000"},
		{name: "6 strategies", family: "legacy", with: object{"placementStrategy": repeat(6, func(int) any { return object{"type": "random"} })}, code: invalidCode, message: "5"},
		{name: "strategy type", family: "legacy", with: object{"placementStrategy": list{object{"type": "x", "field": "cpu"}}}, code: invalidCode, message: "placement strategy"},
		{name: "good strategies", family: "legacy", with: object{"placementStrategy": list{object{"type": "spread", "field": "attribute:ecs.availability-zone"}, object{"type": "binpack", "field": "MEMORY"}}}},
		{name: "spread over nothing", family: "legacy", with: object{"placementStrategy": list{object{"type": "spread"}}}, code: invalidCode, message: "placement strategy"},
		{name: "spread over a long attribute", family: "legacy", with: object{"placementStrategy": list{object{"type": "spread", "field": "attribute:" + long}}}, code: invalidCode, message: "placement strategy"},
		{name: "binpack by host", family: "legacy", with: object{"placementStrategy": list{object{"type": "binpack", "field": "host"}}}, code: invalidCode, message: "placement strategy"},

		{name: "51 tags", with: object{"tags": repeat(51, func(i int) any { return object{"key": fmt.Sprint(i), "value": ""} })}, code: invalidCode, message: "50"},
		{name: "empty key", with: tag("", "x"), code: invalidCode, message: "key"},
		{name: "long key", with: tag(long[:129], "x"), code: invalidCode, message: "128"},
		{name: "key of 128 characters", with: tag(strings.Repeat("é", 128), "x")},
		{name: "long value", with: tag("k", long[:257]), code: invalidCode, message: "256"},
		{name: "tag charset", with: tag("k", "a*b"), code: invalidCode, message: "characters"},
		{name: "reserved key", with: tag("AWS:x", ""), code: invalidCode, message: "aws:"},
		{name: "reserved value", with: tag("x", "aws:y"), code: invalidCode, message: "aws:"},
		{name: "key twice", with: object{"tags": list{object{"key": "a"}, object{"key": "a"}}}, code: invalidCode, message: "Duplicate"},
		{name: "keys that differ in case", with: object{"tags": list{object{"key": "a"}, object{"key": "A"}}}},
	})
}

func merge(objects ...object) object {
	m := object{}
	for _, o := range objects {
		maps.Copy(m, o)
	}
	return m
}

// The rules that need what the server keeps.

func ptr[T any](v T) *T { return &v }
