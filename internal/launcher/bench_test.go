package launcher

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// BenchmarkLaunch is a launch without a network: token, request, rate, answer.
func BenchmarkLaunch(b *testing.B) {
	out := &ecs.RunTaskOutput{Tasks: started("arn:aws:ecs:us-east-1:123456789012:task/c/0123456789abcdef0123456789abcdef")}
	r := New(fakeAPI(func(*ecs.RunTaskInput) (*ecs.RunTaskOutput, error) { return out, nil }), Options{EC2: Rate{1e9, 1e9}})
	l := launchOf(1)
	l.Request = *filled()
	l.Request.Count = nil
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Launch(b.Context(), l); err != nil {
			b.Fatal(err)
		}
	}
}
