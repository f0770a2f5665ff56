package imports

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// eachFile gives f every file of the repository whose name has the ending, with
// its path from the root and its text.
func eachFile(t *testing.T, ending string, f func(path, text string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch name := filepath.Base(path); {
		case err != nil:
			return err
		case d.IsDir() && path != root && (strings.HasPrefix(name, ".") || slices.Contains([]string{"dist", "node_modules", "cdk.out", "testdata"}, name)):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ending):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		short, err := filepath.Rel(root, path)
		f(filepath.ToSlash(short), string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestFuzzTargets wants every fuzz target to be run by make fuzz, and nothing else.
func TestFuzzTargets(t *testing.T) {
	makefile, err := os.ReadFile(root + "/Makefile")
	if err != nil {
		t.Fatal(err)
	}
	var run, have []string
	for _, m := range regexp.MustCompile(`-fuzz '\^(\w+)\$\$' .* \./(\S+)`).FindAllStringSubmatch(string(makefile), -1) {
		run = append(run, m[2]+" "+m[1])
	}
	declared := regexp.MustCompile(`(?m)^func (Fuzz\w+)\(f \*testing\.F\)`)
	eachFile(t, "_test.go", func(path, text string) {
		for _, m := range declared.FindAllStringSubmatch(text, -1) {
			have = append(have, path[:strings.LastIndexByte(path, '/')]+" "+m[1])
		}
	})
	slices.Sort(run)
	slices.Sort(have)
	if len(have) == 0 || !slices.Equal(run, have) {
		t.Errorf("make fuzz runs\n%s\nthe repository has\n%s", strings.Join(run, "\n"), strings.Join(have, "\n"))
	}
}

var (
	link       = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading    = regexp.MustCompile(`^#+ (.*)$`)
	notInSlugs = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// TestLinks wants every link of the documentation to lead to a file, and to a
// heading of it.
func TestLinks(t *testing.T) {
	anchors, links := map[string]bool{}, map[string]string{}
	eachFile(t, ".md", func(path, text string) {
		fenced := false
		for i, line := range strings.Split(text, "\n") {
			if strings.HasPrefix(line, "```") {
				fenced = !fenced
			}
			if fenced {
				continue
			}
			if m := heading.FindStringSubmatch(line); m != nil {
				anchor := path + "#" + strings.ReplaceAll(notInSlugs.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")
				if anchors[anchor] && strings.HasPrefix(path, "docs/") {
					t.Errorf("%s:%d: a second heading of this name has another anchor", path, i+1)
				}
				anchors[anchor] = true
			}
			for _, m := range link.FindAllStringSubmatch(line, -1) {
				if !strings.Contains(m[1], ":") {
					links[fmt.Sprintf("%s:%d: %s", path, i+1, m[1])] = resolve(path, m[1])
				}
			}
		}
	})
	if len(links) < 50 {
		t.Errorf("%d links; are they found?", len(links))
	}
	for where, to := range links {
		file, _, toHeading := strings.Cut(to, "#")
		if _, err := os.Stat(filepath.Join(root, file)); err != nil || toHeading && !anchors[to] {
			t.Errorf("%s leads nowhere", where)
		}
	}
}

// resolve is where a link on a page leads, from the root.
func resolve(page, to string) string {
	if strings.HasPrefix(to, "#") {
		return page + to
	}
	return filepath.ToSlash(filepath.Join(filepath.Dir(page), to))
}
