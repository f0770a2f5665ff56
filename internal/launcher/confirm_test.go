package launcher

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/taskbridge/taskbridge/internal/task"
)

// locked is a fake for several goroutines.
type locked struct {
	mu sync.Mutex
	*ecsFake
}

func lock(f *ecsFake) *locked { return &locked{ecsFake: f} }

func (l *locked) RunTask(ctx context.Context, in *ecs.RunTaskInput, opts ...func(*ecs.Options)) (*ecs.RunTaskOutput, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ecsFake.RunTask(ctx, in, opts...)
}

func confirmed(n int32, timeout int) task.Launch {
	l := launchOf(n)
	l.Confirm = &task.Confirm{Until: "running", TimeoutSeconds: timeout}
	return l
}

// seen are the tasks asked about, each as state makes it.
func seen(in *ecs.DescribeTasksInput, state func(i int, t *ecstypes.Task)) *ecs.DescribeTasksOutput {
	out := &ecs.DescribeTasksOutput{}
	for i, arn := range in.Tasks {
		t := ecstypes.Task{TaskArn: &arn}
		state(i, &t)
		if t.LastStatus == nil {
			out.Failures = append(out.Failures, ecstypes.Failure{Arn: &arn, Reason: ptr("MISSING")})
			continue
		}
		out.Tasks = append(out.Tasks, t)
	}
	return out
}

func TestConfirm(t *testing.T) {
	is := func(status string) func(int, *ecstypes.Task) {
		return func(_ int, t *ecstypes.Task) { t.LastStatus = &status }
	}
	tests := []struct {
		name   string
		look   func(look int, in *ecs.DescribeTasksInput) (*ecs.DescribeTasksOutput, error)
		looks  int
		reason string
		class  Class
		words  []string
	}{
		{"running at once", func(_ int, in *ecs.DescribeTasksInput) (*ecs.DescribeTasksOutput, error) {
			return seen(in, is("RUNNING")), nil
		}, 1, "", 0, nil},
		{"missing at first", func(look int, in *ecs.DescribeTasksInput) (*ecs.DescribeTasksOutput, error) {
			if look < 3 {
				return seen(in, func(int, *ecstypes.Task) {}), nil
			}
			return seen(in, is("RUNNING")), nil
		}, 3, "", 0, nil},
		{"a look that fails", func(look int, in *ecs.DescribeTasksInput) (*ecs.DescribeTasksOutput, error) {
			if look == 1 {
				return nil, answered(400, apiError("ThrottlingException", "Rate exceeded"))
			}
			return seen(in, is("RUNNING")), nil
		}, 2, "", 0, nil},
		{"short task", func(_ int, in *ecs.DescribeTasksInput) (*ecs.DescribeTasksOutput, error) {
			return seen(in, func(_ int, t *ecstypes.Task) {
				t.LastStatus, t.StopCode = ptr("STOPPED"), ecstypes.TaskStopCodeEssentialContainerExited
				t.Containers = []ecstypes.Container{{ExitCode: ptr(int32(0))}}
			}), nil
		}, 1, "", 0, nil},
		{"one never starts", func(_ int, in *ecs.DescribeTasksInput) (*ecs.DescribeTasksOutput, error) {
			return seen(in, func(i int, t *ecstypes.Task) {
				t.LastStatus = ptr("RUNNING")
				if i == 1 {
					t.LastStatus, t.StopCode = ptr("STOPPED"), ecstypes.TaskStopCodeTaskFailedToStart
					t.StoppedReason = ptr("CannotPullContainerError: i/o timeout")
				}
			}), nil
		}, 1, "TaskFailedToStart", Permanent, []string{"1 of 3", "arn:2", "CannotPullContainerError"}},
		{"interrupted", func(_ int, in *ecs.DescribeTasksInput) (*ecs.DescribeTasksOutput, error) {
			return seen(in, func(_ int, t *ecstypes.Task) {
				t.LastStatus, t.StopCode = ptr("DEPROVISIONING"), ecstypes.TaskStopCodeSpotInterruption
			}), nil
		}, 1, "SpotInterruption", Permanent, []string{"3 of 3"}},
		{"never runs", func(_ int, in *ecs.DescribeTasksInput) (*ecs.DescribeTasksOutput, error) {
			return seen(in, is("PROVISIONING")), nil
		}, 5, ReasonNotConfirmed, Transient, []string{"3 of 3", "PROVISIONING"}},
		{"not allowed", func(int, *ecs.DescribeTasksInput) (*ecs.DescribeTasksOutput, error) {
			return nil, answered(400, &ecstypes.AccessDeniedException{Message: ptr("no")})
		}, 1, "AccessDeniedException", Permanent, []string{"describe tasks"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in(t, 10*time.Minute, func(t *testing.T, ctx context.Context) {
				f := newFake(t)
				f.describe = tt.look
				began := time.Now()
				got, err := New(f, Options{}).Launch(ctx, confirmed(3, 90))
				if f.described != tt.looks || len(got.TaskARNs) != 3 || f.started != 3 {
					t.Errorf("%d looks, want %d; got %+v", f.described, tt.looks, got)
				}
				if took := time.Since(began); took < 2*time.Second || took > 90*time.Second {
					t.Errorf("took %s", took)
				}
				if tt.reason == "" {
					if err != nil {
						t.Error(err)
					}
					return
				}
				e := launchError(t, err)
				if e.Reason != tt.reason || e.Kind != tt.class {
					t.Errorf("got %s %s", e.Kind, e.Reason)
				}
				for _, word := range tt.words {
					if !strings.Contains(e.Error(), word) {
						t.Errorf("got %q, want %q in it", e, word)
					}
				}
			})
		})
	}
}

func TestConfirmAsksInChunks(t *testing.T) {
	in(t, time.Hour, func(t *testing.T, ctx context.Context) {
		f := newFake(t)
		var sizes []int
		f.describe = func(_ int, in *ecs.DescribeTasksInput) (*ecs.DescribeTasksOutput, error) {
			sizes = append(sizes, len(in.Tasks))
			return seen(in, func(_ int, t *ecstypes.Task) { t.LastStatus = ptr("RUNNING") }), nil
		}
		if _, err := New(f, Options{}).Launch(ctx, confirmed(230, 60)); err != nil {
			t.Fatal(err)
		}
		if len(sizes) != 3 || sizes[0] != 100 || sizes[2] != 30 {
			t.Errorf("asked about %v tasks, want 100, 100, 30", sizes)
		}
	})
}

// A task that had stopped before the answer was repeated, and that ECS has
// forgotten, is not waited for.
func TestConfirmOfRepetition(t *testing.T) {
	in(t, time.Minute, func(t *testing.T, ctx context.Context) {
		f := newFake(t)
		l := confirmed(1, 30)
		f.bound[Token(&l, 0, 0)] = &ecs.RunTaskOutput{Tasks: []ecstypes.Task{{TaskArn: ptr("arn:old"), LastStatus: ptr("STOPPED"), DesiredStatus: ptr("STOPPED")}}}
		f.counts[Token(&l, 0, 0)] = aws.ToInt32(l.Request.Count)
		f.describe = func(_ int, in *ecs.DescribeTasksInput) (*ecs.DescribeTasksOutput, error) {
			return seen(in, func(int, *ecstypes.Task) {}), nil
		}
		if got, err := New(f, Options{}).Launch(ctx, l); err != nil || !got.Duplicate || f.started != 0 {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}
