package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/taskbridge/taskbridge/bench/internal/endpoint"
	"github.com/taskbridge/taskbridge/bench/internal/page"
	"github.com/taskbridge/taskbridge/bench/internal/throughput"
)

func TestMain(m *testing.M) {
	endpoint.Main()
	os.Exit(m.Run())
}

// TestSections measures every section as little as can be, with functions that are
// built once.
func TestSections(t *testing.T) {
	t.Chdir("../../..")
	e := effort{rules: []int{1, 20}, starts: 1, pythonStarts: 1, rounds: 1, block: time.Millisecond, sizes: []int{1, 20},
		setups: []throughput.Setup{{Processes: 1, Batch: 10}, {Processes: 2, Batch: 1, Latency: 20 * time.Millisecond}}, throughput: 20 * time.Millisecond, soak: time.Second}
	r := &report{ctx: t.Context(), effort: e, dir: t.TempDir()}
	set, err := r.built()
	if err != nil {
		t.Fatal(err)
	}
	t.Run("same request", func(t *testing.T) { testSameRequest(t, set) })
	document := ""
	for _, section := range page.Sections {
		document += "<!-- bench:" + section + " -->\n<!-- /bench:" + section + " -->\n"
	}
	path := t.TempDir() + "/doc.md"
	if err := os.WriteFile(path, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, section := range page.Sections {
		text, err := r.section(section)
		if err != nil {
			t.Fatalf("%s: %v", section, err)
		}
		if section != page.Machine && strings.Count(text, "\n|") < 2 {
			t.Errorf("%s has no table:\n%s", section, text)
		}
		if err := replace(path, section, text); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.section("none"); err == nil {
		t.Error("an unknown section is measured")
	}
}
