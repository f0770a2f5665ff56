package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/mapping/compile"
)

// actionSteps writes the scripts of action.yml's steps into dir, so that a script
// can run them as GitHub would: the text that is published is the text that is
// tested.
func actionSteps(root, dir string) error {
	source, err := os.ReadFile(filepath.Join(root, "action.yml"))
	if err != nil {
		return err
	}
	doc := compile.ReadDocument("action.yml", source)
	if findings := doc.Findings(); len(findings) > 0 {
		return findings
	}
	for _, step := range doc.Root().Member("runs").Member("steps").Items() {
		id, _ := step.Member("id").Text()
		run, ok := step.Member("run").Text()
		if !ok {
			continue
		}
		script := "set -eo pipefail\n" + run // as shell: bash does
		if err := os.WriteFile(filepath.Join(dir, "action-"+id+".sh"), []byte(script), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// TestHooks holds the pre-commit hooks to verbs that there are.
func TestHooks(t *testing.T) {
	path := filepath.Join("..", "..", ".pre-commit-hooks.yaml")
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc := compile.ReadDocument(path, source)
	if findings := doc.Findings(); len(findings) > 0 {
		t.Fatal(findings)
	}
	want := map[string]string{"taskbridge-validate": "taskbridge validate", "taskbridge-test": "taskbridge test ."}
	for _, hook := range doc.Root().Items() {
		id, _ := hook.Member("id").Text()
		entry, _ := hook.Member("entry").Text()
		if language, _ := hook.Member("language").Text(); entry != want[id] || language != "golang" {
			t.Errorf("%s runs %q in %s", id, entry, language)
		}
		delete(want, id)
	}
	if len(want) > 0 {
		t.Errorf("hooks are missing: %v", strings.Join(keysOf(want), ", "))
	}
}

func keysOf(m map[string]string) []string {
	var out []string
	for key := range m {
		out = append(out, key)
	}
	return out
}
