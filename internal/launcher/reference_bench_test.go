//go:build unix

package launcher

import (
	"encoding/json"
	"runtime/debug"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/taskbridge/taskbridge/internal/event"
)

// BenchmarkReference renders the reference from bytes to a ready input, in turn
// with the same input built by hand from a decoded struct. It reports CPU time of
// the process, garbage collection included and set as the function sets it
// (cmd/handler/fit.go): that says more than the clock where others compute too.
func BenchmarkReference(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	m := referenceMapping(b)
	var e s3Event
	if err := json.Unmarshal([]byte(referenceEvent), &e); err != nil {
		b.Fatal(err)
	}
	ev := event.Event{JSON: []byte(referenceEvent)}
	identity := ev.Identity()
	const turn = 2000
	var ours, theirs time.Duration
	var sink *ecs.RunTaskInput
	for b.Loop() {
		start := cpuTime(b)
		for range turn {
			sink = rendered(b, m, ev)
		}
		half := cpuTime(b)
		for range turn {
			sink = handWritten(&e, identity)
		}
		ours += half - start
		theirs += cpuTime(b) - half
	}
	n := float64(b.N * turn)
	b.ReportMetric(float64(ours)/n, "rendered-ns")
	b.ReportMetric(float64(theirs)/n, "by-hand-ns")
	b.ReportMetric(float64(ours-theirs)/n, "difference-ns")
	b.ReportMetric(testing.AllocsPerRun(100, func() { sink = rendered(b, m, ev) }), "rendered-allocs")
	b.ReportMetric(testing.AllocsPerRun(100, func() { sink = handWritten(&e, identity) }), "by-hand-allocs")
	b.ReportMetric(0, "ns/op")
	_ = sink
}

// cpuTime is what the process has used so far.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
