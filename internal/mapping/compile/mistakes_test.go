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
	if n := len(marked(t, string(source))); n < 25 {
		t.Errorf("%d mistakes, want at least 25", n)
	}
	checkMarked(t, Options{}, string(source))
}

// marked are the findings that the comments of a mapping want: #! CODE WORD, where
// the caret stands under the word, which is on the same line.
func marked(t *testing.T, source string) []string {
	t.Helper()
	var want []string
	for i, line := range strings.Split(source, "\n") {
		marks := strings.Split(line, "#! ")
		for _, mark := range marks[1:] {
			code, word, _ := strings.Cut(strings.TrimSpace(mark), " ")
			at := strings.Index(marks[0], word)
			if at < 0 {
				t.Fatalf("line %d has no %q", i+1, word)
			}
			want = append(want, fmt.Sprintf("%d:%d %s", i+1, utf8.RuneCountInString(line[:at])+1, code))
		}
	}
	return want
}

// checkMarked compares the findings of a mapping with those that it is marked with.
func checkMarked(t *testing.T, o Options, source string) {
	t.Helper()
	want := marked(t, source)
	_, findings := o.Compile("taskbridge.yaml", []byte(source))
	var got []string
	for _, f := range findings {
		checkFinding(t, source, f)
		got = append(got, f.Pos.String()+" "+f.Code)
	}
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("no finding %s", w)
		}
	}
	for i, g := range got {
		if !slices.Contains(want, g) {
			t.Errorf("unexpected:\n%s", findings[i:i+1].Text([]byte(source)))
		}
	}
}
