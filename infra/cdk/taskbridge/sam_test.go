//go:build sam

package taskbridge_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/taskbridge/taskbridge/internal/stacktest"
)

// What SAM deploys and what CDK deploys for the example is the same.
func TestSAM(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "dist", "template.transformed.json"))
	if err != nil {
		t.Fatalf("%v: make sam-compare writes it", err)
	}
	p := props(t)
	read, err := stacktest.Read(text, map[string]string{"PassRoleArns": role})
	if err != nil {
		t.Fatal(err)
	}
	sam := &stacktest.Stack{Template: read, Plan: compiled(t, p), Prefix: stackName, PassRoles: []string{role}}
	sam.Check(t)
	sam.Drive(t, stacktest.Events(t, filepath.Join(root, "events", "samples")))
	for _, d := range stacktest.Differences(t, deployed(t, p, synthesized(t, p)), sam) {
		t.Error(d)
	}
}
