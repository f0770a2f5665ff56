// Package account looks at an AWS account through the AWS SDK, for package verify.
// It only reads.
//
// Which calls it makes, and so which permissions it takes, is listed in
// docs/verify.md; a test holds the list to what is called.
package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go"

	"github.com/taskbridge/taskbridge/internal/verify"
)

// An Account is the one that the SDK's default configuration gives access to. It
// may be used by any number of goroutines at once.
type Account struct {
	ecs *ecs.Client
	ec2 *ec2.Client
	iam *iam.Client
	// Region is where ECS and EC2 are asked.
	Region string
}

// Open finds credentials and Region as the aws command does: environment, shared
// configuration files, instance metadata. It calls nobody.
func Open(ctx context.Context) (*Account, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("load AWS config: %w", err)
	}
	if cfg.Region == "" {
		return nil, errors.New("load AWS config: no Region: set AWS_REGION, or AWS_PROFILE to a profile that has one")
	}
	return &Account{ecs.NewFromConfig(cfg), ec2.NewFromConfig(cfg), iam.NewFromConfig(cfg), cfg.Region}, nil
}

// Most names in one call: [Describe…] of ECS, and the values of a filter of EC2.
const (
	maxDescribe = 100
	maxFilter   = 200
)

// The codes by which ECS, IAM and EC2 say that the caller may not.
var deniedCodes = []string{"AccessDeniedException", "AccessDenied", "UnauthorizedOperation"}

// hasCode reports whether err is an answer of AWS with one of the codes.
func hasCode(err error, codes ...string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && slices.Contains(codes, api.ErrorCode())
}

// verdict is what an error of one action says about the thing that it was about.
func verdict[T any](action string, err error, missing bool) (verify.Seen[T], error) {
	switch {
	case missing:
		return verify.Seen[T]{Missing: true}, nil
	case hasCode(err, deniedCodes...):
		return verify.Seen[T]{Needs: action}, nil
	}
	return verify.Seen[T]{}, fmt.Errorf("%s: %w", action, brief(err))
}

// brief is what the SDK's error says, without the transport that its text begins
// with.
func brief(err error) error {
	var (
		api       smithy.APIError
		operation *smithy.OperationError
	)
	switch {
	case errors.As(err, &api):
		return fmt.Errorf("%s: %s", api.ErrorCode(), api.ErrorMessage())
	case errors.As(err, &operation):
		return operation.Err
	}
	return err
}

// all gives every name the same verdict.
func all[T any](names []string, v verify.Seen[T]) map[string]verify.Seen[T] {
	seen := make(map[string]verify.Seen[T], len(names))
	for _, name := range names {
		seen[name] = v
	}
	return seen
}

// described asks for names in batches of at most limit. What ask does not return
// is missing.
func described[T any](action string, names []string, limit int, ask func(batch []string, found func(name string, thing T)) error) (map[string]verify.Seen[T], error) {
	seen := all(names, verify.Seen[T]{Missing: true})
	for batch := range slices.Chunk(names, limit) {
		err := ask(batch, func(name string, thing T) {
			if _, ok := seen[name]; ok {
				seen[name] = verify.Seen[T]{Is: &thing}
			}
		})
		if err != nil {
			v, err := verdict[T](action, err, false)
			return all(names, v), err
		}
	}
	return seen, nil
}

// short is the name at the end of an ARN.
func short(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

// Subnets is of verify.Account. Filters, unlike lists of IDs, name what there is
// and are silent about the rest.
func (a *Account) Subnets(ctx context.Context, ids []string) (map[string]verify.Seen[verify.Subnet], error) {
	return described("ec2:DescribeSubnets", ids, maxFilter, func(batch []string, found func(string, verify.Subnet)) error {
		pages := ec2.NewDescribeSubnetsPaginator(a.ec2, &ec2.DescribeSubnetsInput{Filters: filter("subnet-id", batch)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return err
			}
			for i := range page.Subnets {
				s := &page.Subnets[i]
				found(aws.ToString(s.SubnetId), verify.Subnet{VPC: aws.ToString(s.VpcId), Zone: aws.ToString(s.AvailabilityZone), ZoneID: aws.ToString(s.AvailabilityZoneId)})
			}
		}
		return nil
	})
}

// SecurityGroups is of verify.Account.
func (a *Account) SecurityGroups(ctx context.Context, ids []string) (map[string]verify.Seen[verify.SecurityGroup], error) {
	return described("ec2:DescribeSecurityGroups", ids, maxFilter, func(batch []string, found func(string, verify.SecurityGroup)) error {
		pages := ec2.NewDescribeSecurityGroupsPaginator(a.ec2, &ec2.DescribeSecurityGroupsInput{Filters: filter("group-id", batch)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return err
			}
			for i := range page.SecurityGroups {
				found(aws.ToString(page.SecurityGroups[i].GroupId), verify.SecurityGroup{VPC: aws.ToString(page.SecurityGroups[i].VpcId)})
			}
		}
		return nil
	})
}
