package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// BenchmarkStart measures whole runs of the program, as a person or CI starts it:
// what it links and initializes counts.
func BenchmarkStart(b *testing.B) {
	dir := b.TempDir()
	program := filepath.Join(dir, "taskbridge")
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
	large := filepath.Join(dir, "large.yaml")
	if err := os.WriteFile(large, manyRules(1000), 0o600); err != nil {
		b.Fatal(err)
	}
	example := filepath.Join("..", "..", "taskbridge.yaml")
	for _, bb := range []struct {
		name string
		args []string
	}{
		{"help", []string{"--help"}},
		{"validate", []string{"validate", example}},
		{"validate-1000-rules", []string{"validate", large}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			var peak int64
			for b.Loop() {
				cmd := exec.Command(program, bb.args...)
				if out, err := cmd.CombinedOutput(); err != nil {
					b.Fatalf("%v\n%s", err, out)
				}
				if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
					peak = max(peak, usage.Maxrss)
				}
			}
			b.ReportMetric(float64(peak)/1024, "peak-MiB") // Linux counts it in KiB
		})
	}
}

// manyRules is a mapping with n rules that differ.
func manyRules(n int) []byte {
	var s strings.Builder
	s.WriteString("version: 1\ndefaults: {cluster: batch}\nrules:\n")
	for i := range n {
		fmt.Fprintf(&s, `  - name: rule-%d
    match:
      source: [com.example.app%d]
      detail-type: [Order Placed]
      detail: {kind: [{prefix: "k%d-"}], total: [{numeric: [">", %d]}]}
    when: event.detail.total > %d && event.detail.kind.endsWith("x")
    task:
      taskDefinition: task-%d
      overrides:
        containerOverrides:
          - name: main
            command: [run, "${event.detail.id}"]
            environment: {KIND: "${event.detail.kind}", NOTE: "${event.detail.?note.orValue('')}"}
`, i, i%50, i, i, i, i)
	}
	return []byte(s.String())
}
