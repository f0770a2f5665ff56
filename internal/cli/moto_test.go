//go:build moto

package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/taskbridge/taskbridge/internal/account/accounttest"
	"github.com/taskbridge/taskbridge/internal/verify"
)

// motoServer is what `make moto` installs: an AWS written by others, in Python.
const motoServer = "../../.venv/moto/bin/moto_server"

// startMoto starts a server of its own and points the AWS SDK at it.
func startMoto(t *testing.T) aws.Config {
	t.Helper()
	if _, err := os.Stat(motoServer); err != nil {
		t.Fatalf("moto is not installed, run make moto: %v", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(address)
	cmd := exec.Command(motoServer, "-H", host, "-p", port)
	cmd.Env = append(os.Environ(), "MOTO_EC2_LOAD_DEFAULT_AMIS=false")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for _, pair := range []string{
		"AWS_ENDPOINT_URL=http://" + address, "AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
	} {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	for range 300 {
		if r, err := http.Get("http://" + address + "/moto-api/data.json"); err == nil {
			_ = r.Body.Close()
			cfg, err := config.LoadDefaultConfig(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return cfg
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("moto does not answer")
	return aws.Config{}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// makeAccount makes what the mappings of the test refer to and returns the
// environment of the function.
func makeAccount(t *testing.T, cfg aws.Config) []string {
	t.Helper()
	ctx := t.Context()
	network, identity, service := ec2.NewFromConfig(cfg), iam.NewFromConfig(cfg), ecs.NewFromConfig(cfg)
	env := []string{}
	for i, vpc := range []string{"10.0", "10.1"} {
		v := must[*ec2.CreateVpcOutput](t)(network.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String(vpc + ".0.0/16")}))
		for j, zone := range []string{"eu-central-1a", "eu-central-1b"} {
			s := must[*ec2.CreateSubnetOutput](t)(network.CreateSubnet(ctx, &ec2.CreateSubnetInput{
				VpcId: v.Vpc.VpcId, CidrBlock: aws.String(fmt.Sprintf("%s.%d.0/24", vpc, j)), AvailabilityZone: &zone,
			}))
			env = append(env, fmt.Sprintf("SUBNET_%d%d=%s", i, j, *s.Subnet.SubnetId))
		}
		g := must[*ec2.CreateSecurityGroupOutput](t)(network.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
			VpcId: v.Vpc.VpcId, GroupName: aws.String("tasks"), Description: aws.String("of tasks"),
		}))
		env = append(env, fmt.Sprintf("GROUP_%d=%s", i, *g.GroupId))
	}
	for name, principal := range map[string]string{"task": "ecs-tasks.amazonaws.com", "exec": "ecs-tasks.amazonaws.com", "function": "lambda.amazonaws.com"} {
		must[*iam.CreateRoleOutput](t)(identity.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(accounttest.Trust(principal))}))
	}
	must[*ecs.CreateClusterOutput](t)(service.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: aws.String("media"), CapacityProviders: []string{"FARGATE"}}))
	const role = "arn:aws:iam::123456789012:role/"
	must[*ecs.RegisterTaskDefinitionOutput](t)(service.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("transcode"), NetworkMode: ecstypes.NetworkModeAwsvpc, RequiresCompatibilities: []ecstypes.Compatibility{ecstypes.CompatibilityFargate},
		Cpu: aws.String("1024"), Memory: aws.String("2048"), TaskRoleArn: aws.String(role + "task"), ExecutionRoleArn: aws.String(role + "exec"),
		ContainerDefinitions: []ecstypes.ContainerDefinition{{Name: aws.String("worker"), Image: aws.String("worker:1"), Cpu: 256, Memory: aws.Int32(512), Essential: aws.Bool(true),
			Environment: []ecstypes.KeyValuePair{{Name: aws.String("LEVEL"), Value: aws.String("a value that no lock may have")}},
			Secrets:     []ecstypes.Secret{{Name: aws.String("TOKEN"), ValueFrom: aws.String("arn:aws:ssm:eu-central-1:123456789012:parameter/token")}}}},
	}))
	must[*ecs.RegisterTaskDefinitionOutput](t)(service.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("legacy"), NetworkMode: ecstypes.NetworkModeBridge, RequiresCompatibilities: []ecstypes.Compatibility{ecstypes.CompatibilityEc2},
		ContainerDefinitions: []ecstypes.ContainerDefinition{{Name: aws.String("main"), Image: aws.String("main:1"), Memory: aws.Int32(512)}},
	}))
	return env
}

// motoTask is right; each wrong one differs from it in one thing.
const motoTask = `version: 1
rules:
  - name: transcode-video
    match: {source: [aws.s3], detail-type: [Object Created]}
    task:
      cluster: media
      taskDefinition: transcode
      launchType: FARGATE
      networkConfiguration:
        awsvpcConfiguration: {subnets: ["${env.SUBNET_00}", "${env.SUBNET_01}"], securityGroups: ["${env.GROUP_0}"]}
      overrides: {cpu: "1024", containerOverrides: [{name: worker, environment: {KEY: "${event.detail.object.key}"}}]}
`

func TestMotoVerify(t *testing.T) {
	env := makeAccount(t, startMoto(t))
	tests := []struct{ name, old, new, want string }{
		{"right", "", "", ""},
		{"no such cluster", "cluster: media", "cluster: other", "cluster-exists"},
		{"no such task definition", "taskDefinition: transcode", "taskDefinition: encode", "task-definition-exists"},
		{"no such revision", "taskDefinition: transcode", "taskDefinition: transcode:9", "task-definition-exists"},
		{"a task definition for instances", "taskDefinition: transcode", "taskDefinition: legacy", "task-definition-compatible network-mode container-names"},
		{"a provider that is not associated", "launchType: FARGATE", "capacityProviderStrategy: [{capacityProvider: FARGATE_SPOT, weight: 1}]", "capacity-provider-associated"},
		{"no such container", "name: worker", "name: main", "container-names"},
		{"a variable that is a secret", "KEY:", "TOKEN:", "secret-names"},
		{"a size that Fargate has not", `cpu: "1024"`, `cpu: "8192"`, "task-size"},
		{"no such subnet", "${env.SUBNET_01}", "subnet-0123456789abcdef0", "subnets-exist"},
		{"no such group", "${env.GROUP_0}", "sg-0123456789abcdef0", "security-groups-exist"},
		{"two VPCs", "${env.GROUP_0}", "${env.GROUP_1}", "one-vpc"},
		{"no such role", `cpu: "1024"`, "taskRoleArn: arn:aws:iam::123456789012:role/none", "role-exists"},
		{"a role of Lambda", `cpu: "1024"`, "taskRoleArn: arn:aws:iam::123456789012:role/function", "role-trust"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if strings.Count(motoTask, tt.old) != 1 && tt.old != "" {
				t.Fatalf("%q is not there once", tt.old)
			}
			status, v, output := motoVerify(t, strings.Replace(motoTask, tt.old, tt.new, 1), env)
			var wrong []string
			for _, r := range v.Rules[0].Results {
				if r.Status == verify.NG {
					wrong = append(wrong, r.Check)
				}
			}
			wantStatus := ExitFailed
			if tt.want == "" {
				wantStatus = ExitOK
			}
			if got := strings.Join(slices.Compact(wrong), " "); got != tt.want || status != wantStatus {
				t.Errorf("got %q, status %d, want %q, status %d\n%s", got, status, tt.want, wantStatus, output)
			}
		})
	}
}

// decode reads a verb's JSON.
func decode[T any](t *testing.T, text []byte, stderr string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v\n%s%s", err, text, stderr)
	}
	return v
}

// motoVerify runs verify over a mapping, and then validate over the lock that it
// wrote, without an account: both have to find the same.
func motoVerify(t *testing.T, mapping string, env []string) (int, verification, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), defaultMapping)
	if err := os.WriteFile(file, []byte(mapping), 0o644); err != nil {
		t.Fatal(err)
	}
	var args []string
	for _, pair := range env {
		args = append(args, "--env", pair)
	}
	var out, errs bytes.Buffer
	c := Command{Stdout: &out, Stderr: &errs}
	status := c.Main(append([]string{"verify", "--write-lock", "--format", "json", file}, args...))
	v := decode[verification](t, out.Bytes(), errs.String())
	if v.Account != "123456789012" && status == ExitOK || v.Region != "eu-central-1" {
		t.Errorf("got account %q, Region %q", v.Account, v.Region)
	}
	lock, err := os.ReadFile(lockBeside(file))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(lock, []byte("no lock may have")) || bytes.Contains(lock, []byte("parameter/token")) {
		t.Errorf("the lock holds a value:\n%s", lock)
	}

	var text bytes.Buffer
	offline := Command{Stdout: &text, Stderr: &errs}
	if again := offline.Main(append([]string{"validate", "--lock", "--format", "json", file}, args...)); again != status {
		t.Errorf("verify ends with %d, validate --lock with %d: %s", status, again, errs.String())
	}
	var found, want []string
	for _, f := range decode[[]finding](t, text.Bytes(), errs.String()) {
		found = append(found, f.Code)
	}
	for _, r := range v.Rules[0].Results {
		if r.Status == verify.NG {
			want = append(want, r.Check)
		}
	}
	if !slices.Equal(found, want) {
		t.Errorf("validate --lock finds %q, verify %q", found, want)
	}
	return status, v, out.String()
}
