package taskbridge_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"github.com/taskbridge/taskbridge/infra/cdk/taskbridge"
)

// findings are those of cdk-nag's rules for AWS solutions, each once.
func findings(t *testing.T, change func(*taskbridge.Props), suppress bool) map[string]bool {
	t.Helper()
	_, stack := app(t)
	p := props(t)
	change(p)
	tb := taskbridge.NewTaskbridge(stack, jsii.String("Taskbridge"), p)
	accept := func(c constructs.IConstruct, rule, reason string) {
		if suppress {
			cdknag.NagSuppressions_AddResourceSuppressions(c, &[]*cdknag.NagPackSuppression{{Id: &rule, Reason: &reason}}, jsii.Bool(true))
		}
	}
	accept(tb.Role, "AwsSolutions-IAM5", "A family stands for its revisions and a cluster for its tasks: ECS resolves a family to its latest revision before it asks IAM.")
	accept(tb.DeadLetterQueue, "AwsSolutions-SQS3", "It is a dead-letter queue, of the function or of EventBridge.")
	accept(tb.Undelivered, "AwsSolutions-SQS3", "It is a dead-letter queue, of the function or of EventBridge.")
	awscdk.Aspects_Of(stack).Add(cdknag.NewAwsSolutionsChecks(nil), nil)
	all := assertions.Annotations_FromStack(stack)
	match := assertions.Match_StringLikeRegexp(jsii.String("AwsSolutions-.*"))
	found := map[string]bool{}
	for _, m := range append(*all.FindError(jsii.String("*"), match), *all.FindWarning(jsii.String("*"), match)...) {
		//lint:ignore SA1019 the assertions of this CDK still return the type that has moved
		text, _, _ := strings.Cut(fmt.Sprint(m.Entry.Data), "\n")
		//lint:ignore SA1019 the same
		found[*m.Id+": "+text] = true
	}
	return found
}

func TestNag(t *testing.T) {
	for name, change := range map[string]func(*taskbridge.Props){
		"queue":  func(*taskbridge.Props) {},
		"fifo":   func(p *taskbridge.Props) { p.Fifo = jsii.Bool(true) },
		"direct": func(p *taskbridge.Props) { p.Delivery = taskbridge.DeliveryDirect },
	} {
		for finding := range findings(t, change, true) {
			t.Errorf("%s: %s", name, finding)
		}
	}
	if len(findings(t, func(*taskbridge.Props) {}, false)) == 0 {
		t.Error("the rules find nothing at all: they do not run")
	}
}
