package derive

import (
	"fmt"
	"regexp"
	"strings"
)

// What ECS and IAM take for names and ARNs. A value that does not fit is an
// error here: in a policy, * and ? are wildcards and ${…} is a variable, and what
// the policy allows must be what the mapping names.
var (
	clusterName   = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)
	clusterAsARN  = regexp.MustCompile(`^arn:aws[a-z-]*:ecs:[a-z0-9-]+:\d{12}:cluster/[A-Za-z0-9_-]{1,255}$`)
	definition    = regexp.MustCompile(`^([A-Za-z0-9_-]{1,255})(:\d+)?$`)
	definitionARN = regexp.MustCompile(`^arn:aws[a-z-]*:ecs:[a-z0-9-]+:\d{12}:task-definition/[A-Za-z0-9_-]{1,255}(:\d+)?$`)
	roleName      = regexp.MustCompile(`^[A-Za-z0-9+=,.@_-]{1,64}$`)
	roleAsARN     = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role/([!-)+->@-~]+/)?[A-Za-z0-9+=,.@_-]{1,64}$`)
)

const ecsARN = "arn:" + Partition + ":ecs:" + Region + ":" + AccountID + ":"

func clusterARN(v Value) (string, error) {
	switch {
	case v.Deferred || clusterName.MatchString(v.Text):
		return ecsARN + "cluster/" + v.Text, nil
	case clusterAsARN.MatchString(v.Text):
		return v.Text, nil
	}
	return "", fmt.Errorf("expected the name or the ARN of a cluster, got %q", v.Text)
}

// taskDefinitionARN allows every revision of a family, and a revision that is
// named alone. ECS resolves a family before it asks IAM, so that a policy for
// the revision of today would deny the one of tomorrow.
func taskDefinitionARN(v Value) (string, error) {
	switch {
	case v.Deferred:
		return ecsARN + "task-definition/" + v.Text + ":*", nil
	case definition.MatchString(v.Text):
		return anyRevision(ecsARN + "task-definition/" + v.Text), nil
	case definitionARN.MatchString(v.Text):
		return anyRevision(v.Text), nil
	}
	return "", fmt.Errorf("expected family, family:revision or the ARN of a task definition, got %q", v.Text)
}

func anyRevision(arn string) string {
	if strings.Contains(arn[strings.LastIndexByte(arn, '/'):], ":") {
		return arn
	}
	return arn + ":*"
}

func roleARN(v Value) (string, error) {
	switch {
	case v.Deferred || roleAsARN.MatchString(v.Text):
		return v.Text, nil
	case roleName.MatchString(v.Text):
		return "arn:" + Partition + ":iam::" + AccountID + ":role/" + v.Text, nil
	}
	return "", fmt.Errorf("expected the ARN of a role, got %q", v.Text)
}
