package taskbridge_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"github.com/taskbridge/taskbridge/infra/cdk/taskbridge"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/mapping/compile"
	"github.com/taskbridge/taskbridge/internal/stacktest"
)

// The tests of this package are serial: the runtime that CDK runs in takes one
// caller at a time.
func TestMain(m *testing.M) {
	if _, err := exec.LookPath("node"); err != nil {
		if os.Getenv("CI") != "" {
			fmt.Fprintln(os.Stderr, "the tests of the CDK construct need Node")
			os.Exit(1)
		}
		fmt.Fprintln(os.Stderr, "left out: the tests of the CDK construct need Node")
		return
	}
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

const (
	root      = "../../.."
	role      = "arn:aws:iam::111122223333:role/tasks/worker"
	stackName = stacktest.StackName
)

// program is the smallest file that is a program for Linux, on an architecture.
func program(t *testing.T, machine uint16) *string {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("\x7fELF\x02\x01\x01")
	b.Write(make([]byte, 9))
	for _, field := range []any{uint16(2), machine, uint32(1), uint64(0), uint64(0), uint64(0), uint32(0), uint16(64), uint16(0), uint16(0), uint16(0), uint16(0), uint16(0)} {
		if err := binary.Write(&b, binary.LittleEndian, field); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(t.TempDir(), "bootstrap")
	if err := os.WriteFile(file, b.Bytes(), 0o755); err != nil {
		t.Fatal(err)
	}
	return &file
}

const arm64, amd64 = 183, 62 // EM_AARCH64, EM_X86_64

// written is a mapping file with a text.
func written(t *testing.T, text string) *string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "taskbridge.yaml")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return &file
}

// props are sound ones for the example mapping.
func props(t *testing.T) *taskbridge.Props {
	t.Helper()
	return &taskbridge.Props{
		Mapping:   jsii.String(filepath.Join(root, "taskbridge.yaml")),
		Bootstrap: program(t, arm64),
		PassRoles: []*string{jsii.String(role)},
		Environment: map[string]*string{
			"SUBNET_A": jsii.String("subnet-0a1b2c3d4e5f60718"), "SUBNET_B": jsii.String("subnet-0f1e2d3c4b5a69788"), "SECURITY_GROUP": jsii.String("sg-0123456789abcdef0"),
		},
	}
}

// app is an app with the context of the project's own.
func app(t *testing.T) (awscdk.App, awscdk.Stack) {
	t.Helper()
	text, err := os.ReadFile("../cdk.json")
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Context map[string]any `json:"context"`
	}
	if err := json.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	// TestNag looks at annotations itself; with the flag they end the synthesis.
	delete(config.Context, "@aws-cdk/core:annotationsInValidationReport")
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir()), Context: &config.Context, AnalyticsReporting: jsii.Bool(false)})
	return app, awscdk.NewStack(app, jsii.String(stackName), nil)
}

// template is the template of a stack, in JSON.
func template(t *testing.T, stack awscdk.Stack) []byte {
	t.Helper()
	text, err := json.MarshalIndent(assertions.Template_FromStack(stack, nil).ToJSON(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// synthesized is the template with one Taskbridge.
func synthesized(t *testing.T, p *taskbridge.Props) []byte {
	t.Helper()
	_, stack := app(t)
	taskbridge.NewTaskbridge(stack, jsii.String("Taskbridge"), p)
	return template(t, stack)
}

func compiled(t *testing.T, p *taskbridge.Props) *mapping.Plan {
	t.Helper()
	text, err := os.ReadFile(*p.Mapping)
	if err != nil {
		t.Fatal(err)
	}
	plan, findings := compile.Options{Params: p.Params}.Compile(*p.Mapping, text)
	if plan == nil {
		t.Fatal(findings)
	}
	return plan
}

// deployed is a template as CloudFormation deploys it.
func deployed(t *testing.T, p *taskbridge.Props, text []byte) *stacktest.Stack {
	t.Helper()
	read, err := stacktest.Read(text, map[string]string{"BootstrapVersion": "/cdk-bootstrap/hnb659fds/version"})
	if err != nil {
		t.Fatal(err)
	}
	return &stacktest.Stack{Template: read, Plan: compiled(t, p), Prefix: stackName, PassRoles: []string{role}}
}

// refused is the error that NewTaskbridge panics with.
func refused(t *testing.T, p *taskbridge.Props) (message string) {
	t.Helper()
	of, _ := app(t)
	stack := awscdk.NewStack(of, jsii.String("placed"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String(stacktest.Account), Region: jsii.String(stacktest.Region)},
	})
	defer func() { message = fmt.Sprint(recover()) }()
	taskbridge.NewTaskbridge(stack, jsii.String("Taskbridge"), p)
	return
}

// many is a mapping of n rules, each with a task definition of its own.
func many(n int) string {
	var b strings.Builder
	b.WriteString("version: 1\nrules:\n")
	for i := range n {
		fmt.Fprintf(&b, "  - name: rule-%d\n    match: {source: [s%d]}\n    task: {cluster: c%d, taskDefinition: family-%d}\n", i, i, i%3, i)
	}
	return b.String()
}
