// Package launcher turns a launch into a call of RunTask, so that the tasks of
// one launch start once however often it is made.
//
// It sees requests, never events or mappings. Besides the function's entry it is
// the only package of the run side that touches the AWS SDK.
package launcher

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"

	"github.com/taskbridge/taskbridge/internal/task"
)

// API is the one call that the launcher makes; *ecs.Client has it.
type API interface {
	RunTask(context.Context, *ecs.RunTaskInput, ...func(*ecs.Options)) (*ecs.RunTaskOutput, error)
}

// A Launcher launches. It may be used by any number of goroutines at once.
type Launcher struct{ api API }

// New returns a Launcher that calls api, which brings its own retries of a
// single call: all of them send the same bytes and the same token.
func New(api API) *Launcher { return &Launcher{api} }

// An Error says why tasks of a launch did not start.
type Error struct {
	Kind     Class
	Reason   string   // ECS's error code, or the reason of its failures
	TaskARNs []string // of tasks that did start
	Err      error
}

func (e *Error) Error() string { return fmt.Sprintf("run task: %s: %s", e.Kind, brief(e.Err)) }

// brief is what the SDK's error says, without the hundred characters of
// transport that its own text begins with.
func brief(err error) string {
	var (
		api       smithy.APIError
		response  *http.ResponseError
		operation *smithy.OperationError
	)
	answered := errors.As(err, &response)
	switch {
	case errors.As(err, &api) && answered:
		return fmt.Sprintf("%s: %s (request %s)", api.ErrorCode(), api.ErrorMessage(), response.RequestID)
	case errors.As(err, &api):
		return fmt.Sprintf("%s: %s", api.ErrorCode(), api.ErrorMessage())
	case answered:
		return fmt.Sprintf("status %d: %v (request %s)", response.HTTPStatusCode(), response.Err, response.RequestID)
	case errors.As(err, &operation):
		return operation.Err.Error()
	}
	return err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// Class is the failure class as a word: permanent, transient, ambiguous, unknown.
func (e *Error) Class() string { return e.Kind.String() }

// Code is ECS's error code, or the reason of its failures: a word to group by.
func (e *Error) Code() string { return e.Reason }

// Launch calls RunTask for l. An error is an [*Error]: in every class but
// permanent the same launch may be made again, and is then given the same token,
// so that nothing starts twice within the token's life (24 hours, or one hour
// after the last task stopped if that is earlier: ECS API reference, "Ensuring
// idempotency").
func (r *Launcher) Launch(ctx context.Context, l task.Launch) (task.Launched, error) {
	token := Token(l)
	// A fresh input for every launch: the SDK writes into the one it is given.
	in := input(&l.Request)
	in.ClientToken = &token
	oldest := time.Now().Add(-replayAge)
	out, err := r.api.RunTask(ctx, in)
	if err != nil {
		return adopt(token, err)
	}
	launched := task.Launched{ClientToken: token, Duplicate: len(out.Tasks) > 0}
	for i := range out.Tasks {
		// A replayed answer may hold tasks with few fields, but always their ARN.
		if arn := out.Tasks[i].TaskArn; arn != nil {
			launched.TaskARNs = append(launched.TaskARNs, *arn)
		}
		if created := out.Tasks[i].CreatedAt; created != nil && created.After(oldest) {
			launched.Duplicate = false
		}
	}
	return launched, shortfall(l, out, launched.TaskARNs)
}

// replayAge is how much older than the call its tasks must be for the answer to
// count as a replay. ECS does not say which it is; a clock may be off by less.
const replayAge = time.Minute

// adopt reads an error. A conflict means that the token was used before with
// other parameters: the launch had been made, and its tasks are named.
func adopt(token string, err error) (task.Launched, error) {
	var conflict *ecstypes.ConflictException
	if errors.As(err, &conflict) && len(conflict.ResourceIds) > 0 {
		return task.Launched{TaskARNs: conflict.ResourceIds, Duplicate: true, ClientToken: token}, nil
	}
	kind, reason := classify(err)
	return task.Launched{ClientToken: token}, &Error{Kind: kind, Reason: reason, Err: err}
}

// shortfall is the error of an answer that holds fewer tasks than were asked for.
// RunTask answers with status 200 all the same.
func shortfall(l task.Launch, out *ecs.RunTaskOutput, arns []string) error {
	want := 1
	if l.Request.Count != nil {
		want = int(*l.Request.Count)
	}
	if len(arns) >= want && len(out.Failures) == 0 {
		return nil
	}
	if len(out.Failures) == 0 {
		return &Error{Ambiguous, "EmptyAnswer", arns, fmt.Errorf("%d of %d tasks started and no reason was given", len(arns), want)}
	}
	e := &Error{TaskARNs: arns}
	var reasons []error
	for i := range out.Failures {
		f := &out.Failures[i]
		reason := text(f.Reason)
		reasons = append(reasons, errors.New(describe(f, reason)))
		kind := classifyFailure(reason)
		// The class is that of a failure that may pass, if there is one, and the
		// reason is that failure's.
		if i == 0 || e.Kind == Permanent && kind != Permanent {
			e.Kind, e.Reason = kind, reason
		}
	}
	e.Err = fmt.Errorf("%d of %d tasks started: %w", len(arns), want, errors.Join(reasons...))
	return e
}

func describe(f *ecstypes.Failure, reason string) string {
	if reason == "" {
		reason = "no reason"
	}
	if f.Detail != nil {
		reason += ": " + *f.Detail
	}
	if f.Arn != nil {
		reason += " (" + *f.Arn + ")"
	}
	return reason
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// tokenVersion is part of every token; another way of making requests from the
// same events would get another one.
const tokenVersion = "taskbridge/1"

// Token is the client token of a launch: the same for the same rule and key, 43
// characters of base64url (ECS allows 64 of ASCII 33 to 126). The cluster is not
// part of it: ECS keeps tokens by cluster.
func Token(l task.Launch) string {
	h := sha256.New()
	// Element, part and generation of the launch; this version makes one of each.
	for _, s := range []string{tokenVersion, l.Rule, l.Key, "0", "0", "0"} {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}
