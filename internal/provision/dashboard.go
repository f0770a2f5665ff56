package provision

import (
	"encoding/json"
	"fmt"

	"github.com/taskbridge/taskbridge/internal/mapping/derive"
	"github.com/taskbridge/taskbridge/internal/metric"
)

// Placeholder is what stands for the name of a resource in [Dashboard].
func (r Resource) Placeholder() string { return "${" + string(r) + "}" }

// Dashboard is the body of the stack's dashboard. Names of resources and the
// Region are placeholders.
func Dashboard(t Topology) string {
	of := func(name string) []any { return []any{own, name} }
	widgets := []any{
		graph(0, "Events", "Sum", of(metric.Events), of(metric.Matched), of(metric.Unmatched)),
		graph(1, "Launches", "Sum", of(metric.Launched), of(metric.Duplicate), of(metric.Shortfall)),
		graph(2, "Failures by class", "Sum", search(metric.Class, metric.Failed)),
		graph(3, "Launches by rule", "Sum", search(metric.Rule, metric.Launched)),
		graph(4, "Latency of a launch, ms", "p99", of(metric.LaunchLatency)),
		graph(5, "Calls that ECS throttled", "Sum", of(metric.Throttled)),
		graph(6, "Function", "Sum", line("AWS/Lambda", "Invocations", Function), line("AWS/Lambda", "Errors", Function), line("AWS/Lambda", "Throttles", Function)),
	}
	dead := [][]any{line("AWS/SQS", "ApproximateNumberOfMessagesVisible", DeadLetters)}
	if t.FIFO {
		dead = append(dead, line("AWS/SQS", "ApproximateNumberOfMessagesVisible", Undelivered))
	}
	widgets = append(widgets, graph(7, "Given up", "Maximum", dead...))
	if !t.Direct {
		widgets = append(widgets,
			graph(8, "Age of the oldest event, s", "Maximum", line("AWS/SQS", "ApproximateAgeOfOldestMessage", Queue)),
			graph(9, "Queue", "Maximum", line("AWS/SQS", "ApproximateNumberOfMessagesVisible", Queue), line("AWS/SQS", "ApproximateNumberOfMessagesNotVisible", Queue)))
	}
	body, err := json.Marshal(map[string]any{"widgets": widgets})
	if err != nil {
		panic(fmt.Sprintf("taskbridge: internal error: dashboard: %v", err))
	}
	return string(body)
}

func line(namespace, name string, of Resource) []any {
	return []any{namespace, name, of.DimensionName(), of.Placeholder()}
}

// search finds the metrics of every value of a dimension.
func search(dimension, name string) []any {
	return []any{map[string]any{"expression": fmt.Sprintf(`SEARCH('{"%s",%s} MetricName="%s"', 'Sum', 300)`, own, dimension, name)}}
}

// graph is a widget of half the width, at its place in reading order.
func graph(i int, title, statistic string, lines ...[]any) map[string]any {
	return map[string]any{
		"type": "metric", "width": 12, "height": 6, "x": i % 2 * 12, "y": i / 2 * 6,
		"properties": map[string]any{"title": title, "stat": statistic, "period": 300, "region": derive.Region, "metrics": lines},
	}
}
