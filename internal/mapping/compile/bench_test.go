package compile

import (
	"fmt"
	"strings"
	"testing"
)

// manyRules is a mapping of n rules with typed events, parameters and 8
// expressions each.
func manyRules(n int) []byte {
	var b strings.Builder
	b.WriteString(`version: 1
params:
  bucket: {type: string, default: uploads}
defaults:
  cluster: media
  launchType: FARGATE
  networkConfiguration:
    awsvpcConfiguration:
      subnets: ["${env.SUBNET_A}", "${env.SUBNET_B}"]
rules:
`)
	for i := range n {
		fmt.Fprintf(&b, `  - name: rule-%[1]d
    match:
      source: [aws.s3]
      detail-type: [Object Created]
      detail:
        bucket: {name: ["${param.bucket}-%[1]d"]}
        object: {key: [{prefix: in/%[1]d/}]}
    when: event.detail.object.key.endsWith(".mp4") && event.detail.object.size > %[1]d
    task:
      taskDefinition: '${event.detail.object.size > 1000 ? "large" : "small"}'
      overrides:
        containerOverrides:
          - name: main
            command: [run, "s3://${event.detail.bucket.name}/${event.detail.object.key}"]
            environment:
              KEY: ${event.detail.object.key}
              NAME: ${basename(event.detail.object.key)}
              SIZE: ${string(event.detail.object.size)}
              VERSION: ${event.detail.object[?"version-id"].orValue("null")}
`, i)
	}
	return []byte(b.String())
}

// BenchmarkCompile reports the time for a mapping, and for each of its rules.
func BenchmarkCompile(b *testing.B) {
	for _, n := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			source := manyRules(n)
			b.ReportAllocs()
			for b.Loop() {
				if plan, findings := Compile("taskbridge.yaml", source); plan == nil || len(findings) > 0 {
					b.Fatal(findings.Text(source))
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/rule")
		})
	}
}
