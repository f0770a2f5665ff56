package cli

import (
	"bytes"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestBashCompletion asks bash itself what it completes.
func TestBashCompletion(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	for _, tt := range []struct {
		words []string // the last is what is completed
		want  []string
	}{
		{[]string{"val"}, []string{"validate"}},
		{[]string{"explain", "--ev"}, []string{"--event"}},
		{[]string{"compile", "-"}, []string{"--help", "-o", "--strict", "--param", "--params"}},
		{[]string{"explain", "--format", ""}, []string{"text", "json"}},
		{[]string{"explain", "--format", "j"}, []string{"json"}},
		{[]string{"explain", "--event", "docs_t"}, []string{"docs_test.go"}},
		{[]string{"explain", "docs_t"}, []string{"docs_test.go"}},
		{[]string{"explain", "--rule", "docs_t"}, nil},
		{[]string{"version", "docs_t"}, nil},
		{[]string{"help", "expl"}, []string{"explain"}},
		{[]string{"completion", "f"}, []string{"fish"}},
	} {
		script := fmt.Sprintf("%s\nCOMP_WORDS=(taskbridge", bashCompletion())
		for _, word := range tt.words {
			script += " " + shellQuote(word)
		}
		script += fmt.Sprintf(")\nCOMP_CWORD=%d\n_taskbridge\nprintf '%%s\\n' \"${COMPREPLY[@]}\"\n", len(tt.words))
		out, err := exec.Command(bash, "--norc", "-c", script).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v\n%s", tt.words, err, out)
		}
		if got := strings.Fields(string(out)); !slices.Equal(got, tt.want) {
			t.Errorf("%q: got %q, want %q", tt.words, got, tt.want)
		}
	}
}

// Each script knows each verb and each flag.
func TestCompletionScripts(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		var out, errs bytes.Buffer
		c := Command{Stdout: &out, Stderr: &errs}
		if status := c.Main([]string{"completion", shell}); status != ExitOK {
			t.Fatalf("%s: status %d, %s", shell, status, errs.String())
		}
		for _, v := range verbs() {
			f, _ := newFlags(&v)
			for i := range f.docs {
				if !strings.Contains(out.String(), f.docs[i].name) {
					t.Errorf("%s: no flag %s", shell, f.docs[i].name)
				}
			}
			if !strings.Contains(out.String(), v.name) {
				t.Errorf("%s: no verb %s", shell, v.name)
			}
		}
	}
}
