package compile

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/taskbridge/taskbridge/internal/pattern"
)

const (
	badDir      = "testdata/bad"
	findingsDoc = "../../../docs/findings.md"
)

// badFiles are the examples of wrong mappings, one for each code.
func badFiles(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(badDir + "/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("no files in %s", badDir)
	}
	return files
}

// codeOf is the code that a file is the example of.
func codeOf(file string) string { return strings.TrimSuffix(filepath.Base(file), ".txtar") }

// readBad returns the archive in file with its mapping and the text of the
// findings that it should have. A file named params may follow: the values that
// the mapping is compiled with.
func readBad(t testing.TB, file string) (a *txtar.Archive, source, want string) {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Files) < 2 || len(a.Files) > 3 || a.Files[0].Name != "taskbridge.yaml" || a.Files[1].Name != "want" {
		t.Fatalf("%s: expected the files taskbridge.yaml and want, in this order", file)
	}
	if strings.TrimSpace(string(a.Comment)) == "" {
		t.Errorf("%s: no comment that says what the case says", file)
	}
	return a, string(a.Files[0].Data), string(a.Files[1].Data)
}

func TestBad(t *testing.T) {
	for _, file := range badFiles(t) {
		t.Run(codeOf(file), func(t *testing.T) {
			a, source, want := readBad(t, file)
			o := Options{}
			if len(a.Files) == 3 {
				o.Params, _ = ReadParams("params", a.Files[2].Data)
			}
			plan, findings := o.Compile("taskbridge.yaml", []byte(source))
			if len(findings) == 0 || (plan == nil) != (findings.Errors() > 0) {
				t.Fatalf("%s: %d findings, %d of them errors, plan %v", file, len(findings), findings.Errors(), plan)
			}
			if got := findings[0].Code; got != codeOf(file) {
				t.Errorf("%s: the first finding is %s", file, got)
			}
			if len(findings) > 1 {
				t.Errorf("%s: %d findings, want one mistake a file", file, len(findings))
			}
			got := findings.Text([]byte(source))
			if got == want {
				return
			}
			if os.Getenv("UPDATE") == "" {
				t.Fatalf("%s differs (UPDATE=1 rewrites it)\n--- got ---\n%s--- want ---\n%s", file, got, want)
			}
			a.Files[1].Data = []byte(got)
			if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestEveryCodeHasFile(t *testing.T) {
	have := []string{pattern.CodeJSON} // of a pattern alone: the script match.txtar has it
	for _, file := range badFiles(t) {
		have = append(have, codeOf(file))
	}
	sameCodes(t, have, badDir)
}

func TestEveryCodeIsDocumented(t *testing.T) {
	text, err := os.ReadFile(findingsDoc)
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, m := range regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatch(string(text), -1) {
		have = append(have, m[1])
	}
	sameCodes(t, have, findingsDoc)
	if !slices.IsSorted(have) {
		t.Errorf("%s: the sections are not in alphabetical order", findingsDoc)
	}
}

// sameCodes fails unless have, found in a place, is exactly the codes.
func sameCodes(t *testing.T, have []string, place string) {
	t.Helper()
	seen := map[string]bool{}
	for _, code := range have {
		if strings.HasPrefix(code, "runtask-") {
			continue // an example of RunTask's limits, which docs/limits.md has
		}
		if !slices.Contains(Codes, code) {
			t.Errorf("%s: %q is no code of Codes", place, code)
		}
		if seen[code] {
			t.Errorf("%s: %q is there twice", place, code)
		}
		seen[code] = true
	}
	for _, code := range Codes {
		if !seen[code] {
			t.Errorf("%s: nothing for %q", place, code)
		}
	}
}
