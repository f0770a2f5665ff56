// Command cdk is the CDK app of Taskbridge: one stack for one mapping, set up by
// the object "taskbridge" in the context of cdk.json.
//
// The cdk command runs it. Without that command it reads cdk.json itself and
// writes the template to cdk.out.
package main

import (
	"encoding/json"
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
	props, err := appProps("cdk.json")
	if err != nil {
		panic(err)
	}
	app := awscdk.NewApp(props)
	settings, err := settingsOf(app)
	if err != nil {
		panic(err)
	}
	settings.stack(app)
	assembly := app.Synth(nil)
	fmt.Fprintf(os.Stderr, "wrote %s\n", *assembly.Directory())
}

// appProps are nil if the cdk command runs the app: it says all this by
// variables.
func appProps(file string) (*awscdk.AppProps, error) {
	if os.Getenv("CDK_OUTDIR") != "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var config struct {
		Context map[string]any `json:"context"`
	}
	if err := json.Unmarshal(text, &config); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &awscdk.AppProps{Outdir: jsii.String("cdk.out"), Context: &config.Context, AnalyticsReporting: jsii.Bool(false)}, nil
}
