// Package perevent measures what one event costs in a function that runs: payload
// in, RunTask's input out; and payload in, launched task out.
package perevent

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/taskbridge/taskbridge/bench/internal/endpoint"
	"github.com/taskbridge/taskbridge/bench/internal/handcoded"
	"github.com/taskbridge/taskbridge/bench/internal/measure"
	"github.com/taskbridge/taskbridge/bench/internal/stat"
	"github.com/taskbridge/taskbridge/bench/internal/workload"
	"github.com/taskbridge/taskbridge/internal/dispatch"
	"github.com/taskbridge/taskbridge/internal/ecsclient"
	"github.com/taskbridge/taskbridge/internal/launcher"
	"github.com/taskbridge/taskbridge/internal/mapping"
)

// instant is an ECS that answers at once and costs nothing.
type instant struct{ launcher.API }

func (instant) RunTask(context.Context, *ecs.RunTaskInput, ...func(*ecs.Options)) (*ecs.RunTaskOutput, error) {
	now := time.Now()
	return &ecs.RunTaskOutput{Tasks: []ecstypes.Task{{
		TaskArn: aws.String("arn:aws:ecs:eu-central-1:111122223333:task/media/00000000000000000000000000000000"), CreatedAt: &now,
	}}}, nil
}

// Rules is the size of the mapping.
const Rules = 20

// WithoutCall are the cases in which ECS costs nothing: the first is hard-coded Go,
// the second Taskbridge.
func WithoutCall() ([]measure.Case, error) {
	return cases(instant{}, instant{})
}

// WithCall are the same cases with an endpoint that is another process. The caller
// calls done.
func WithCall(ctx context.Context) (list []measure.Case, done func(), err error) {
	server, err := endpoint.Start(0, 0, "")
	if err != nil {
		return nil, nil, err
	}
	key, secret, token := "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", strings.Repeat("IQoJb3JpZ2luX2VjEXAMPLE/", 34)
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion("eu-central-1"), config.WithBaseEndpoint(server.URL),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(key, secret, token)))
	if err != nil {
		server.Close()
		return nil, nil, err
	}
	env := map[string]string{
		"AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL_ECS": server.URL,
		"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token,
	}
	client, err := ecsclient.New(func(name string) (string, bool) { v, ok := env[name]; return v, ok }, 1)
	if err != nil {
		server.Close()
		return nil, nil, err
	}
	list, err = cases(ecs.NewFromConfig(cfg), client)
	return list, server.Close, err
}

// cases are an invocation each: payload → reply, with the log that the function
// writes.
func cases(handAPI handcoded.API, api launcher.API) ([]measure.Case, error) {
	log := slog.New(slog.NewJSONHandler(io.Discard, nil))
	plan, err := workload.Plan(Rules)
	if err != nil {
		return nil, err
	}
	m, err := mapping.Load(bytes.NewReader(plan), func(string) (string, bool) { return "", false })
	if err != nil {
		return nil, err
	}
	payload := workload.Event(Rules, 1)
	run := func(h lambda.Handler) func() error {
		return func() error {
			// As Lambda's runtime has it: no invocation is without a deadline.
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			_, err := h.Invoke(ctx, payload)
			return err
		}
	}
	rates := launcher.Options{Fargate: launcher.Rate{PerSecond: 1e6, Burst: 1e6}} // above what is measured
	metrics, err := dispatch.OptionsFromEnv(func(string) (string, bool) { return "", false }, io.Discard)
	if err != nil {
		return nil, err
	}
	return []measure.Case{
		{Name: "(a) hard-coded Go", Run: run(lambda.NewHandler(handcoded.Handler(handAPI, log)))},
		{Name: "Taskbridge, 20 rules", Run: run(dispatch.New(m, launcher.New(api, rates), log, metrics))},
		{Name: "Taskbridge, 20 rules, no metrics", Run: run(dispatch.New(m, launcher.New(api, rates), log, dispatch.Options{}))},
	}, nil
}

// Report measures both and prints what they cost. It runs on one thread: what
// others spend on waiting for work is not the code's.
func Report(ctx context.Context, rounds int, block time.Duration) (string, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	t := stat.Table{Head: []string{"one event", "CPU, ratio to (a)", "CPU, µs", "wall, µs", "CPU above (a), µs", "allocations", "above (a)", "kB allocated"}}
	add := func(what string, cases []measure.Case) error {
		costs, err := measure.Interleave(cases, rounds, block)
		if err != nil {
			return err
		}
		base := costs[0]
		for i, c := range costs {
			t.Row(cases[i].Name+": "+what, stat.Ratio(stat.Ratios(c.CPU, base.CPU)), stat.Median(c.CPU)/1e3, stat.Median(c.Wall)/1e3,
				(stat.Median(c.CPU)-stat.Median(base.CPU))/1e3, stat.Median(c.Allocs), stat.Median(c.Allocs)-stat.Median(base.Allocs),
				stat.Median(c.Bytes)/1e3)
		}
		return nil
	}
	without, err := WithoutCall()
	if err != nil {
		return "", err
	}
	if err := add("payload → input → reply", without); err != nil {
		return "", err
	}
	with, done, err := WithCall(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	if err := add("payload → RunTask → reply", with); err != nil {
		return "", err
	}
	return t.String(), nil
}
