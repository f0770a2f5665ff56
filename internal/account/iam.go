package account

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/taskbridge/taskbridge/internal/verify"
)

// Role is of verify.Account. IAM knows roles by their names, which are unique in an
// account whatever their paths: one that is there under another path is not the
// role that was asked for.
func (a *Account) Role(ctx context.Context, arn string) (verify.Seen[verify.Role], error) {
	out, err := a.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(short(arn))})
	if err != nil {
		return verdict[verify.Role]("iam:GetRole", err, hasCode(err, "NoSuchEntity"))
	}
	if out.Role == nil || aws.ToString(out.Role.Arn) != arn {
		return verify.Seen[verify.Role]{Missing: true}, nil
	}
	services, err := trusted(aws.ToString(out.Role.AssumeRolePolicyDocument))
	if err != nil {
		return verify.Seen[verify.Role]{}, fmt.Errorf("trust policy of %s: %w", arn, err)
	}
	return verify.Seen[verify.Role]{Is: &verify.Role{Trusts: services}}, nil
}

// trusted returns the services that a trust policy, in IAM's percent-encoding, lets
// assume the role. Conditions are not looked at: they are about who asks the service.
func trusted(document string) ([]string, error) {
	text, err := url.PathUnescape(document)
	if err != nil {
		return nil, err
	}
	var policy struct {
		Statement oneOrMore[struct {
			Effect    string
			Action    oneOrMore[string]
			Principal json.RawMessage
		}]
	}
	if err := json.Unmarshal([]byte(text), &policy); err != nil {
		return nil, err
	}
	services := []string{}
	for _, s := range policy.Statement {
		if s.Effect != "Allow" || !slices.ContainsFunc(s.Action, assumes) {
			continue
		}
		var principal struct{ Service oneOrMore[string] }
		// A principal that is no object is "*": everybody, which names no service.
		if json.Unmarshal(s.Principal, &principal) == nil {
			services = append(services, principal.Service...)
		}
	}
	slices.Sort(services)
	return slices.Compact(services), nil
}

func assumes(action string) bool {
	return action == "sts:AssumeRole" || action == "sts:Assume*" || action == "sts:*" || action == "*"
}

// oneOrMore is what policies write as one value or as a list.
type oneOrMore[T any] []T

func (l *oneOrMore[T]) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '[' {
		return json.Unmarshal(text, (*[]T)(l))
	}
	*l = make([]T, 1)
	return json.Unmarshal(text, &(*l)[0])
}
