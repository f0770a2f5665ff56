package pattern

import (
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// TestDocs runs the examples of patterns in docs/mapping.md and demands a section with
// examples for each operator.
func TestDocs(t *testing.T) {
	data, err := os.ReadFile("../../docs/mapping.md")
	if err != nil {
		t.Fatal(err)
	}
	var section, pattern string
	inBlock := false
	answers := map[string][]string{} // by section, the kinds of examples
	for i, line := range strings.Split(string(data), "\n") {
		switch {
		case strings.HasPrefix(line, "```"):
			inBlock = line == "```pattern"
			continue
		case !inBlock:
			if heading, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && line[0] == '#' {
				section = heading
			}
			continue
		}
		word, text, _ := strings.Cut(line, " ")
		text = strings.TrimSpace(text)
		answers[section] = append(answers[section], word)
		if word == "pattern" {
			pattern = text
		}
		if problem := docExample(t, word, pattern, text); problem != "" {
			t.Errorf("docs/mapping.md:%d: %s: %s", i+1, line, problem)
		}
	}
	for _, op := range append(slices.Clone(Operators), "$or") {
		for _, word := range []string{"matches", "not", "invalid"} {
			if !slices.Contains(answers[op], word) && op != "suffix" {
				t.Errorf("the section %s has no example %q", op, word)
			}
		}
	}
}

// TestCodes wants every code of the source in Codes, which docs/findings.md is held
// to.
func TestCodes(t *testing.T) {
	source, err := os.ReadFile("pattern.go")
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, m := range regexp.MustCompile(`Code\w+ += "(.*)"`).FindAllStringSubmatch(string(source), -1) {
		codes = append(codes, m[1])
	}
	if len(codes) < 6 || !slices.Equal(codes, Codes) {
		t.Errorf("the source has %q, Codes %q", codes, Codes)
	}
}

// docExample runs a line of an example and says what is wrong with it.
func docExample(t *testing.T, word, pattern, text string) string {
	switch word {
	case "pattern":
		if _, err := Compile(&scan.Paths{}, []byte(text)); err != nil {
			return err.Error()
		}
	case "matches", "not":
		if got, err := match(t, pattern, text); err != nil || got != (word == "matches") {
			return "it is otherwise"
		}
	case "invalid":
		at := strings.LastIndexByte(text, ' ')
		var e *Error
		if _, err := Compile(&scan.Paths{}, []byte(text[:at])); !errors.As(err, &e) || e.Code != text[at+1:] {
			return "got " + errorText(err)
		}
	default:
		return "unknown word"
	}
	return ""
}

func errorText(err error) string {
	if err == nil {
		return "no error"
	}
	return err.Error()
}
