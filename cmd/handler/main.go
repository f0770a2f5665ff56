// The Taskbridge function: environment → plan → launcher → lambda.Start.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	_ "time/tzdata" // expressions name time zones, and the runtime may have none

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/taskbridge/taskbridge/internal/dispatch"
	"github.com/taskbridge/taskbridge/internal/ecsclient"
	"github.com/taskbridge/taskbridge/internal/launcher"
	"github.com/taskbridge/taskbridge/internal/mapping"
)

func main() {
	limitMemory(os.LookupEnv)
	h, err := handler()
	if err != nil {
		fmt.Fprintln(os.Stderr, "taskbridge: error:", err)
		os.Exit(1)
	}
	limitThreads(os.LookupEnv)
	lambda.Start(h)
}

// handler wires the function. Whatever an operator can get wrong fails here,
// before the first event, all of it at once.
func handler() (*dispatch.Handler, error) {
	client, clientErr := ecsclient.New(os.LookupEnv, ecsclient.Connections)
	m, err := load()
	rates, ratesErr := launcher.OptionsFromEnv(os.LookupEnv)
	opts, optsErr := dispatch.OptionsFromEnv(os.LookupEnv, os.Stdout)
	if err := errors.Join(err, ratesErr, optsErr, clientErr); err != nil {
		return nil, err
	}
	client.Warm() // beside the first poll, and what it answers
	return dispatch.New(m, launcher.New(client, rates), lambdacontext.NewLogger(), opts), nil
}

// load reads the plan that TASKBRIDGE_PLAN names, or the one beside the binary.
func load() (*mapping.Mapping, error) {
	path := os.Getenv("TASKBRIDGE_PLAN")
	if path == "" {
		binary, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("plan: find the function's folder: %w; name the plan in TASKBRIDGE_PLAN", err)
		}
		path = filepath.Join(filepath.Dir(binary), mapping.PlanFile)
	}
	file, err := os.Open(path) // stays open: the mapping reads from it
	if err != nil {
		return nil, fmt.Errorf("plan: %w; package it beside bootstrap (taskbridge compile taskbridge.yaml -o %s) or name it in TASKBRIDGE_PLAN",
			err, mapping.PlanFile)
	}
	m, err := mapping.Load(file, os.LookupEnv)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}
