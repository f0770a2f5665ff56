// Command cdk is the CDK app of Taskbridge: one stack for one mapping, set up by
// the object "taskbridge" in the context (cdk.json).
package main

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	code := 0
	defer func() { os.Exit(code) }()
	defer jsii.Close()
	defer func() { // what is wrong is an error that NewTaskbridge panics with
		if r := recover(); r != nil {
			fmt.Fprintf(os.Stderr, "taskbridge: error: %v\n", r)
			code = 1
		}
	}()
	app := awscdk.NewApp(nil)
	settings, err := settingsOf(app)
	if err != nil {
		panic(err)
	}
	settings.stack(app)
	app.Synth(nil)
}
