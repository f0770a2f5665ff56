package dispatch

import (
	"context"
	"io"
	"log/slog"
	"testing"

	"github.com/taskbridge/taskbridge/internal/mapping/compile"
	"github.com/taskbridge/taskbridge/internal/task"
)

type instant struct{}

func (instant) Launch(context.Context, task.Launch) (task.Launched, error) {
	return task.Launched{TaskARNs: []string{"arn:1"}, ClientToken: "token", Attempts: 1}, nil
}

// BenchmarkInvoke is an invocation around its launches: one event directly, and
// ten by SQS; with metrics and log lines.
func BenchmarkInvoke(b *testing.B) {
	plan, findings := compile.Compile("taskbridge.yaml", []byte(oneRule))
	if plan == nil {
		b.Fatal(findings)
	}
	m, err := plan.Bind(func(string) (string, bool) { return "", false })
	if err != nil {
		b.Fatal(err)
	}
	h := New(m, instant{}, slog.New(slog.NewJSONHandler(io.Discard, nil)), Options{Metrics: io.Discard, SQS: SQSPartial})
	var ten []message
	for range 10 {
		ten = append(ten, message{id: "m", body: custom("1", "a")})
	}
	for name, payload := range map[string]string{"direct": custom("1", "a"), "sqs-10": sqsBatch(ten...)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := h.Invoke(b.Context(), []byte(payload)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
