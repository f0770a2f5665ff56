package taskbridge

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/taskbridge/taskbridge/internal/mapping/derive"
)

// place puts CDK's tokens in the place of CloudFormation's pseudo parameters.
func place(text string) string {
	return strings.NewReplacer(
		derive.Partition, *awscdk.Aws_PARTITION(), derive.Region, *awscdk.Aws_REGION(), derive.AccountID, *awscdk.Aws_ACCOUNT_ID(),
	).Replace(text)
}

func placed(texts []string) *[]*string {
	out := make([]*string, len(texts))
	for i, s := range texts {
		out[i] = jsii.String(place(s))
	}
	return &out
}

// set is text that may be absent.
func set(text string) *string {
	if text == "" {
		return nil
	}
	return jsii.String(text)
}
