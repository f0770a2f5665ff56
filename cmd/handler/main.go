// The Taskbridge function: environment → plan → launcher → lambda.Start.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/taskbridge/taskbridge/internal/dispatch"
	"github.com/taskbridge/taskbridge/internal/launcher"
	"github.com/taskbridge/taskbridge/internal/mapping"
)

func main() {
	h, err := handler(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "taskbridge: error:", err)
		os.Exit(1)
	}
	lambda.Start(h)
}

// handler wires the function. Whatever an operator can get wrong fails here,
// before the first event.
func handler(ctx context.Context) (*dispatch.Handler, error) {
	path, err := planPath()
	if err != nil {
		return nil, err
	}
	file, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("plan: %w; package it beside bootstrap (taskbridge compile taskbridge.yaml -o %s) or name it in TASKBRIDGE_PLAN",
			err, mapping.PlanFile)
	}
	m, err := mapping.Load(file, os.LookupEnv)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("load AWS config: %w", err)
	}
	return dispatch.New(m, launcher.New(ecs.NewFromConfig(cfg)), lambdacontext.NewLogger()), nil
}

// planPath is TASKBRIDGE_PLAN, or the plan beside the binary.
func planPath() (string, error) {
	if path := os.Getenv("TASKBRIDGE_PLAN"); path != "" {
		return path, nil
	}
	binary, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("plan: find the function's folder: %w; name the plan in TASKBRIDGE_PLAN", err)
	}
	return filepath.Join(filepath.Dir(binary), mapping.PlanFile), nil
}
