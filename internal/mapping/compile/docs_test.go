package compile

import (
	"os"
	"strings"
	"testing"
)

const mappingDoc = "../../../docs/mapping.md"

// TestDocs compiles every whole mapping that the manual shows.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile(mappingDoc)
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, f := range fences(string(text)) {
		if !strings.HasPrefix(f.text, "version: 1\n") {
			continue
		}
		count++
		if _, findings := Compile("taskbridge.yaml", []byte(f.text)); len(findings) > 0 {
			t.Errorf("%s:%d: the example does not compile:\n%s", mappingDoc, f.line, findings.Text([]byte(f.text)))
		}
	}
	if count == 0 {
		t.Errorf("%s: no ```yaml fence begins with version: 1", mappingDoc)
	}
}

// A fence is a block of YAML in a Markdown file.
type fence struct {
	line int // of its first line of YAML
	text string
}

func fences(markdown string) []fence {
	var all []fence
	var open *fence
	for i, line := range strings.Split(markdown, "\n") {
		switch trimmed := strings.TrimSpace(line); {
		case open == nil && trimmed == "```yaml":
			open = &fence{line: i + 2}
		case open != nil && trimmed == "```":
			all = append(all, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	return all
}
