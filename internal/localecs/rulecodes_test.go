package localecs

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// notGenerated are rules that no generated request breaks, because ECS's answer is not known, or
// because the token is no part of a request.
var notGenerated = []string{"runtask-text-utf8", "runtask-text-nul", "runtask-client-token-required", "runtask-client-token-length", "runtask-client-token-text"}

// ruleCodes are the codes of all rules of internal/task.
func ruleCodes(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../task/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`rule\{"(runtask-[a-z0-9-]+)"`).FindAllSubmatch(source, -1) {
			codes = append(codes, string(m[1]))
		}
	}
	if len(codes) < 80 {
		t.Fatalf("found only %d rules", len(codes))
	}
	slices.Sort(codes)
	return codes
}
