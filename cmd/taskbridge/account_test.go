package main

import (
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/taskbridge/taskbridge/internal/account/accounttest"
	"github.com/taskbridge/taskbridge/internal/localecs"
)

// startAccount is the command "account [deny=ACTION…] [mode=NETWORKMODE]" of
// scripts: an AWS account for verify, at the endpoint of the script's environment.
func startAccount(ts *testscript.TestScript, _ bool, args []string) {
	s := accounttest.New()
	ts.Defer(s.Close)
	mode := "awsvpc"
	for _, arg := range args {
		switch key, value, _ := strings.Cut(arg, "="); key {
		case "deny":
			s.Denied[value] = true
		case "mode":
			mode = value
		default:
			ts.Fatalf("account: unknown argument %s", arg)
		}
	}
	const role = "arn:aws:iam::" + accounttest.Account + ":role/"
	s.CreateCluster("media", "FARGATE")
	s.RegisterTaskDefinition(localecs.TaskDefinition{
		Family: "transcode", NetworkMode: mode, CPU: "1024", Memory: "2048", TaskRoleARN: role + "transcode", ExecutionRoleARN: role + "ecs",
		Containers: []localecs.Container{{Name: "worker", Environment: []string{"LEVEL"}, Secrets: []string{"TOKEN"}}},
	})
	s.Subnets["subnet-a"], s.Subnets["subnet-b"] = [2]string{"vpc-1", "eu-central-1a"}, [2]string{"vpc-1", "eu-central-1b"}
	s.Groups["sg-1"] = "vpc-1"
	s.Roles[role+"transcode"], s.Roles[role+"ecs"] = accounttest.Trust("ecs-tasks.amazonaws.com"), accounttest.Trust("ecs-tasks.amazonaws.com")
	for _, pair := range s.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		ts.Setenv(name, value)
	}
}
