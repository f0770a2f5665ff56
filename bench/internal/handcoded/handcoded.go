// Package handcoded is the function that somebody writes who needs one launch and
// no mapping: aws-lambda-go, config, ecs, one request in the code. It is written
// with care (one client, a token, failures looked at, a log line), because it is
// what Taskbridge is measured against.
package handcoded

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/taskbridge/taskbridge/bench/internal/request"
)

// An Event is the part of S3's event that the launch needs.
type Event struct {
	ID         string `json:"id"`
	Source     string `json:"source"`
	DetailType string `json:"detail-type"`
	Detail     struct {
		Bucket struct {
			Name string `json:"name"`
		} `json:"bucket"`
		Object struct {
			Key       string `json:"key"`
			Size      int64  `json:"size"`
			VersionID string `json:"version-id"`
			Sequencer string `json:"sequencer"`
		} `json:"object"`
	} `json:"detail"`
}

// API is the call that the handler makes.
type API interface {
	RunTask(context.Context, *ecs.RunTaskInput, ...func(*ecs.Options)) (*ecs.RunTaskOutput, error)
}

// A Reply says what was launched.
type Reply struct {
	TaskARNs []string `json:"taskArns"`
}

// Handler returns the function that lambda.Start takes.
func Handler(api API, log *slog.Logger) func(context.Context, Event) (Reply, error) {
	return func(ctx context.Context, e Event) (Reply, error) {
		o := &e.Detail.Object
		if e.Source != "aws.s3" || e.DetailType != "Object Created" || !strings.HasPrefix(o.Key, request.Prefix) || o.Size <= 0 {
			return Reply{}, nil
		}
		in := Input(&e)
		out, err := api.RunTask(ctx, in)
		if err != nil {
			return Reply{}, fmt.Errorf("run task: %w", err)
		}
		if len(out.Failures) > 0 || len(out.Tasks) == 0 {
			return Reply{}, fmt.Errorf("run task: %d of 1 tasks started: %v", len(out.Tasks), out.Failures)
		}
		var reply Reply
		for i := range out.Tasks {
			reply.TaskARNs = append(reply.TaskARNs, aws.ToString(out.Tasks[i].TaskArn))
		}
		log.LogAttrs(ctx, slog.LevelInfo, "launched", slog.String("eventId", e.ID), slog.Any("taskArns", reply.TaskARNs))
		return reply, nil
	}
}

// Input is the request for an event.
func Input(e *Event) *ecs.RunTaskInput {
	b, o := &e.Detail.Bucket, &e.Detail.Object
	cpu, version := "1024", o.VersionID
	if o.Size > 1<<30 {
		cpu = "4096"
	}
	if version == "" {
		version = "null"
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{b.Name, o.Key, version, o.Sequencer}, "\x00")))
	variable := func(name, value string) ecstypes.KeyValuePair {
		return ecstypes.KeyValuePair{Name: &name, Value: &value}
	}
	return &ecs.RunTaskInput{
		Cluster:        aws.String(request.Cluster),
		TaskDefinition: aws.String(request.TaskDefinition),
		LaunchType:     ecstypes.LaunchTypeFargate,
		ClientToken:    aws.String(base64.RawURLEncoding.EncodeToString(sum[:])),
		StartedBy:      aws.String(request.TaskDefinition),
		NetworkConfiguration: &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{
			Subnets: []string{request.Subnet}, SecurityGroups: []string{request.SecurityGroup}, AssignPublicIp: ecstypes.AssignPublicIpDisabled,
		}},
		Overrides: &ecstypes.TaskOverride{
			Cpu: &cpu,
			ContainerOverrides: []ecstypes.ContainerOverride{{
				Name:    aws.String(request.Container),
				Command: []string{"transcode", "--in", "s3://" + b.Name + "/" + o.Key},
				Environment: []ecstypes.KeyValuePair{
					variable("BUCKET", b.Name), variable("KEY", o.Key), variable("SIZE", strconv.FormatInt(o.Size, 10)), variable("VERSION", version),
				},
			}},
		},
	}
}
