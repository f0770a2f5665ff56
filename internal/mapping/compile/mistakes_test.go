package compile

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestMistakes wants every mistake of a file in one run, each with its own place.
func TestMistakes(t *testing.T) {
	const file = "testdata/mistakes.yaml"
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for i, line := range strings.Split(string(source), "\n") {
		marks := strings.Split(line, "#! ")
		for _, mark := range marks[1:] {
			code, word, _ := strings.Cut(strings.TrimSpace(mark), " ")
			at := strings.Index(marks[0], word)
			if at < 0 {
				t.Fatalf("%s:%d: the line has no %q", file, i+1, word)
			}
			want = append(want, fmt.Sprintf("%d:%d %s", i+1, utf8.RuneCountInString(line[:at])+1, code))
		}
	}
	if len(want) < 25 {
		t.Errorf("%d mistakes, want at least 25", len(want))
	}
	plan, findings := Compile(file, source)
	if plan != nil {
		t.Error("got a plan as well")
	}
	var got []string
	for _, f := range findings {
		checkFinding(t, string(source), f)
		got = append(got, f.Pos.String()+" "+f.Code)
	}
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("no finding %s", w)
		}
	}
	for i, g := range got {
		if !slices.Contains(want, g) {
			t.Errorf("unexpected: %s", findings[i:i+1].Text(source))
		}
	}
}
