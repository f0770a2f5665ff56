package page

import (
	"os"
	"path/filepath"
	"testing"
)

func TestReplace(t *testing.T) {
	const before = "# T\n\n<!-- bench:a -->\nold\n<!-- /bench:a -->\n\nrest\n"
	got, err := Replace(before, "a", "new\n")
	if want := "# T\n\n<!-- bench:a -->\n\nnew\n\n<!-- /bench:a -->\n\nrest\n"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if again, err := Replace(got, "a", "new"); err != nil || again != got {
		t.Errorf("the second time: got %q, %v", again, err)
	}
	for _, bad := range []string{"", "<!-- bench:a -->\n", "<!-- bench:b -->\n<!-- /bench:b -->\n"} {
		if _, err := Replace(bad, "a", ""); err == nil {
			t.Errorf("%q has a section", bad)
		}
	}
}

// The document has every section that the report writes.
func TestDocument(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "performance.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Sections {
		if _, err := Replace(string(text), name, ""); err != nil {
			t.Errorf("docs/performance.md: %v", err)
		}
	}
}
