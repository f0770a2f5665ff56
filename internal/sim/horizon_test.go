package sim

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/taskbridge/taskbridge/internal/launcher"
	"github.com/taskbridge/taskbridge/internal/localecs"
	"github.com/taskbridge/taskbridge/internal/task"
)

// embedded is the real launcher in front of the embedded ECS, whose tasks live for
// lifetime.
func embedded(lifetime time.Duration) (*launcher.Launcher, *localecs.Server) {
	server := localecs.New(localecs.Options{Clock: clock{}, Lifecycle: localecs.Lifecycle{Running: lifetime}})
	server.CreateCluster("c")
	server.RegisterTaskDefinition(localecs.TaskDefinition{
		Family: "t", NetworkMode: "bridge", Compatibilities: []string{"EC2"}, Containers: []localecs.Container{{Name: "main"}},
	})
	return launcher.New(ecs.New(ecs.Options{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
		HTTPClient: &http.Client{Transport: server.Transport()},
	}), launcher.Options{}), server
}

// TestHorizon delivers an event again just before and just after the life of its
// token: docs/operations.md promises no more, and no less.
func TestHorizon(t *testing.T) {
	for _, tt := range []struct {
		lifetime, horizon time.Duration
	}{
		{3 * time.Minute, 3*time.Minute + launcher.TokenAfterStopped},
		{5 * time.Hour, 5*time.Hour + launcher.TokenAfterStopped},
		{localecs.Forever, launcher.TokenLifetime},
	} {
		for late, want := range map[time.Duration]int{-time.Second: 1, time.Second: 2} {
			synctest.Test(t, func(t *testing.T) {
				r, server := embedded(tt.lifetime)
				l := task.Launch{Rule: "r", Key: "k", Time: time.Now(), Request: task.Request{Cluster: "c", TaskDefinition: "t", LaunchType: "EC2"}}
				if _, err := r.Launch(t.Context(), l); err != nil {
					t.Fatal(err)
				}
				time.Sleep(tt.horizon + late)
				again, err := r.Launch(t.Context(), l)
				if n := len(server.Tasks()); err != nil || n != want || again.Duplicate != (want == 1) {
					t.Errorf("tasks that live %s, delivered again after %s: %d tasks, want %d; got %+v, %v", tt.lifetime, tt.horizon+late, n, want, again, err)
				}
			})
		}
	}
}

// TestShortfallOfEmbeddedECS: what the embedded ECS has no room for comes when it
// has, and no more than that; a day of deliveries changes nothing.
func TestShortfallOfEmbeddedECS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, server := embedded(localecs.Forever)
		server.Inject(
			localecs.Fault{Kind: localecs.FaultFailures, Failures: []localecs.Failure{{Reason: "RESOURCE:CPU"}, {Reason: "AGENT"}, {Reason: "RESOURCE:ENI"}}},
			localecs.Fault{Kind: localecs.FaultLoseAfter},
			localecs.Fault{Kind: localecs.FaultFailures, Failures: []localecs.Failure{{Reason: "RESOURCE:MEMORY"}}},
			localecs.Fault{Kind: localecs.FaultTruncate},
		)
		l := task.Launch{Rule: "r", Key: "k", Time: time.Now(), Request: task.Request{Cluster: "c", TaskDefinition: "t", LaunchType: "EC2", Count: aws.Int32(14)}}
		for range 24 {
			got, err := r.Launch(t.Context(), l)
			if err != nil || len(got.TaskARNs) != 14 || len(server.Tasks()) != 14 {
				t.Fatalf("got %d tasks, %v; ECS has %d", len(got.TaskARNs), err, len(server.Tasks()))
			}
			time.Sleep(59 * time.Minute)
		}
	})
}
