package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func TestMain(m *testing.M) {
	if _, err := exec.LookPath("node"); err != nil {
		if os.Getenv("CI") != "" {
			fmt.Fprintln(os.Stderr, "the tests of the CDK app need Node")
			os.Exit(1)
		}
		fmt.Fprintln(os.Stderr, "left out: the tests of the CDK app need Node")
		return
	}
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// What cdk.json says is what the app is set up by; a misspelt setting is refused.
func TestSettings(t *testing.T) {
	for _, tt := range []struct {
		context map[string]any
		want    string
	}{
		{nil, `cdk.json has no context "taskbridge"`},
		{map[string]any{"taskbridge": map[string]any{"maping": "x"}}, `unknown field "maping"`},
	} {
		props := &awscdk.AppProps{Outdir: jsii.String(t.TempDir())}
		if tt.context != nil {
			props.Context = &tt.context
		}
		if _, err := settingsOf(awscdk.NewApp(props)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
	t.Setenv("CDK_OUTDIR", "")
	props, err := appProps("cdk.json")
	if err != nil {
		t.Fatal(err)
	}
	props.Outdir = jsii.String(t.TempDir())
	s, err := settingsOf(awscdk.NewApp(props))
	if err != nil {
		t.Fatal(err)
	}
	if s.Mapping != "../../taskbridge.yaml" || s.StackName != "Taskbridge" || len(s.Environment) != 3 || len(s.PassRoles) != 2 {
		t.Errorf("%+v", s)
	}
}
