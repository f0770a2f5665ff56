package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/taskbridge/taskbridge/internal/localecs"
)

// TestModelAgrees asks the model and the embedded ECS the same, at the same time,
// and wants the same answers: new, repeated with living and stopped tasks and with
// old failures, in conflict, after the token's life.
func TestModelAgrees(t *testing.T) {
	for seed := range uint64(40) {
		synctest.Test(t, func(t *testing.T) { agree(t, seed) })
	}
}

func agree(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 3))
	lifetime := time.Duration(1+r.IntN(200)) * time.Minute
	m := newModel()
	m.lifetime = lifetime
	opts := localecs.Options{Clock: clock{}, Lifecycle: localecs.Lifecycle{Running: lifetime}}
	if seed%3 == 2 {
		m.reading, opts.Tokens.FailuresUnbound = unbound, true
	}
	server := localecs.New(opts)
	server.CreateCluster("c")
	definition := localecs.TaskDefinition{Family: "t", NetworkMode: "bridge", Compatibilities: []string{"EC2"}, Containers: []localecs.Container{{Name: "main"}}}
	server.RegisterTaskDefinition(definition)
	server.RegisterTaskDefinition(definition)
	real := ecs.New(ecs.Options{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), Retryer: aws.NopRetryer{},
		HTTPClient: &http.Client{Transport: server.Transport()},
	})
	var kinds [5]int
	for step := range 400 {
		n := 1 + r.IntN(3)
		f, injected := none, localecs.Fault{}
		switch r.IntN(6) {
		case 0:
			f, injected = partial, failures(n-n/2, "RESOURCE:MEMORY")
		case 1:
			f, injected = nothing, failures(n, "RESOURCE:MEMORY")
		case 2:
			f, injected = misfit, failures(n, "ATTRIBUTE")
		}
		m.fault = func(int) fault { return f }
		server.Inject(injected)
		request := func() *ecs.RunTaskInput {
			return &ecs.RunTaskInput{
				Cluster: aws.String("c"), LaunchType: ecstypes.LaunchTypeEc2, Count: aws.Int32(int32(n)),
				ClientToken: aws.String(fmt.Sprint("token", r.IntN(6))), TaskDefinition: aws.String(fmt.Sprint("t:", 1+r.IntN(8)/7)),
			}
		}
		in := request()
		other := *in
		want, wantErr := real.RunTask(context.Background(), in)
		got, _, gotErr := m.arrive(&other, 0)
		kinds[kindOf(want, wantErr)]++
		if a, b := shape(got, gotErr), shape(want, wantErr); a != b {
			t.Fatalf("seed %d, step %d: the model answers\n%s\nand the embedded ECS\n%s", seed, step, a, b)
		}
		time.Sleep(time.Duration(r.IntN(int(40 * time.Minute))))
	}
	for kind, n := range kinds {
		if n == 0 && (kind != 3 || m.reading != unbound) {
			t.Errorf("seed %d: no answer of kind %d", seed, kind)
		}
	}
}

func failures(n int, reason string) localecs.Fault {
	f := localecs.Fault{Kind: localecs.FaultFailures}
	for range n {
		f.Failures = append(f.Failures, localecs.Failure{Reason: reason})
	}
	return f
}

// clock is virtual time.
type clock struct{}

func (clock) Now() time.Time { return time.Now() }

// shape is what an answer says, without what differs by make: identifiers.
func shape(out *ecs.RunTaskOutput, err error) string {
	var conflict *ecstypes.ConflictException
	if errors.As(err, &conflict) {
		return fmt.Sprintf("conflict with %d tasks", len(conflict.ResourceIds))
	}
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, t := range out.Tasks {
		fmt.Fprintf(&b, "task created %t stopped %t\n", t.CreatedAt != nil, aws.ToString(t.LastStatus) == "STOPPED")
	}
	for _, f := range out.Failures {
		fmt.Fprintf(&b, "failure %q\n", aws.ToString(f.Reason))
	}
	return b.String()
}

// kindOf numbers what an answer shows.
func kindOf(out *ecs.RunTaskOutput, err error) int {
	switch {
	case err != nil:
		return 0
	case len(out.Tasks) > 0 && out.Tasks[0].CreatedAt == nil:
		return 1
	case len(out.Failures) > 0 && out.Failures[0].Reason != nil:
		return 2
	case len(out.Failures) > 0:
		return 3
	}
	return 4
}
