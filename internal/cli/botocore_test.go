//go:build botocore

package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What explain prints as a request is what aws ecs run-task --cli-input-json takes:
// botocore's own validation has nothing against it.
func TestBotocoreAcceptsExplain(t *testing.T) {
	const python = "../../.venv/botocore/bin/python"
	if _, err := os.Stat(python); err != nil {
		t.Fatalf("botocore is not installed, run make botocore: %v", err)
	}
	samples, err := filepath.Glob("../../events/samples/*.json")
	if err != nil || len(samples) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	requests := bytes.Buffer{}
	n := 0
	for _, sample := range samples {
		for _, r := range explainedRequests(t, sample) {
			if err := json.Compact(&requests, r); err != nil {
				t.Fatal(err)
			}
			requests.WriteByte('\n')
			n++
		}
	}
	if n < 20 {
		t.Fatalf("explain made only %d requests of the samples", n)
	}
	cmd := exec.Command(python, "../localecs/testdata/validate_runtask.py")
	cmd.Stdin, cmd.Stderr = &requests, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimRight(string(out), "\n"); got != "" || bytes.Count(out, []byte("\n")) != n {
		t.Errorf("%d requests: %s", n, got)
	}
}

// explainedRequests are the requests that explain --format json prints for a
// payload and the example mapping.
func explainedRequests(t *testing.T, sample string) []json.RawMessage {
	t.Helper()
	var out, errs bytes.Buffer
	c := Command{Stdout: &out, Stderr: &errs}
	c.Main([]string{
		"explain", "--format", "json", "--event", sample, "--env", "SUBNET_A=subnet-0a1b2c3d4e5f60718", "--env", "SUBNET_B=subnet-0f1e2d3c4b5a69788",
		"--env", "SECURITY_GROUP=sg-0123456789abcdef0", "../../taskbridge.yaml",
	})
	var found []json.RawMessage
	var walk func(json.RawMessage)
	walk = func(text json.RawMessage) {
		var object map[string]json.RawMessage
		var list []json.RawMessage
		switch {
		case json.Unmarshal(text, &object) == nil:
			for name, v := range object {
				if name == "request" {
					found = append(found, v)
				} else {
					walk(v)
				}
			}
		case json.Unmarshal(text, &list) == nil:
			for _, v := range list {
				walk(v)
			}
		}
	}
	walk(out.Bytes())
	if out.Len() == 0 {
		t.Fatalf("%s: %s", sample, errs.String())
	}
	return found
}
