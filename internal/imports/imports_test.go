// Package imports holds no code: its tests say who may import whom, and look at
// what no single package can: links between pages, and fuzz targets.
package imports

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/taskbridge/taskbridge/"

// allowed is the import graph of the project, without tests: each package with
// everything outside the standard library that it may import. ARCHITECTURE.md
// draws it. A package that is not listed fails the test.
var allowed = map[string][]string{
	"internal/diag":   {},
	"internal/schema": {},
	"internal/scan":   {},
	"internal/metric": {},
	"internal/task":   {},
	// The envelope reader needs JSON read without a tree; docs/adr/0002 says why
	// it shares the scanner.
	"internal/event":   {"internal/scan"},
	"internal/pattern": {"internal/diag", "internal/scan"},
	"internal/expr":    {"internal/scan"},
	// The compile side: the only place of cel-go and YAML.
	"internal/expr/lower":      {"internal/diag", "internal/expr", "internal/scan", "internal/schema", "cel.dev/cel-go"},
	"internal/mapping/compile": {"internal/diag", "internal/expr", "internal/expr/lower", "internal/mapping", "internal/pattern", "internal/scan", "internal/schema", "internal/task", "go.yaml.in/yaml/v3"},
	"internal/importer": {
		"events/samples", "internal/event", "internal/mapping", "internal/mapping/compile", "internal/schema", "internal/task",
	},
	"internal/jsonschema": {"internal/mapping/compile", "internal/mappingtest", "internal/pattern", "internal/task"},
	"internal/mappingtest": {
		"events/samples", "internal/diag", "internal/event", "internal/expr", "internal/mapping", "internal/mapping/compile", "internal/pattern", "internal/task",
	},
	// The run side.
	"internal/mapping": {"internal/event", "internal/expr", "internal/pattern", "internal/scan", "internal/task"},
	// What surrounds the function: no CDK, no SDK.
	"internal/mapping/derive": {"internal/expr", "internal/mapping", "internal/task"},
	"internal/launcher":       {"internal/task", "github.com/aws/aws-sdk-go-v2", "github.com/aws/smithy-go"},
	"internal/dispatch":       {"internal/event", "internal/mapping", "internal/metric", "internal/task"},
	// What an account has, and whether it goes with a mapping: the command's side only.
	"internal/verify":              {"internal/expr", "internal/mapping", "internal/scan", "internal/task"},
	"internal/account":             {"internal/verify", "github.com/aws/aws-sdk-go-v2", "github.com/aws/smithy-go"},
	"internal/account/accounttest": {"internal/localecs"},
	"internal/provision":           {"internal/mapping/derive", "internal/metric"},
	"internal/sam":                 {"internal/mapping", "internal/mapping/derive", "internal/metric", "internal/provision", "go.yaml.in/yaml/v3"},
	// For tests alone, here and in infra/cdk: it drives templates with the function's own code.
	"internal/stacktest": {
		"internal/dispatch", "internal/event", "internal/mapping", "internal/mapping/derive", "internal/pattern", "internal/provision",
		"internal/scan", "internal/task", "go.yaml.in/yaml/v3",
	},
	// The embedded services know nothing of the project, so that they can judge it.
	"internal/localecs":    {},
	"internal/sim":         {}, // its tests alone have code
	"internal/locallambda": {},
	"internal/cli": {
		"internal/importer",
		"events/samples", "internal/account", "internal/diag", "internal/dispatch", "internal/event", "internal/expr", "internal/jsonschema",
		"internal/launcher", "internal/localecs", "internal/locallambda",
		"internal/mapping", "internal/mapping/compile", "internal/mapping/derive", "internal/mappingtest", "internal/pattern", "internal/scan", "internal/schema", "internal/task",
		"internal/verify",
		"internal/provision", "internal/sam",
	},
	"internal/ecsclient": {"github.com/aws/aws-sdk-go-v2", "github.com/aws/smithy-go/endpoints"},
	"cmd/handler": {
		"internal/dispatch", "internal/ecsclient", "internal/launcher", "internal/mapping", "github.com/aws/aws-lambda-go",
	},
	"cmd/taskbridge": {"internal/cli"},
}

func TestImportGraph(t *testing.T) {
	root := filepath.Join("..", "..")
	seen := map[string]bool{}
	for _, top := range []string{"cmd", "internal"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			rel, err := filepath.Rel(root, filepath.Dir(path))
			if err != nil {
				return err
			}
			pkg := filepath.ToSlash(rel)
			seen[pkg] = true
			check(t, pkg, path)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for pkg := range allowed {
		if !seen[pkg] {
			t.Errorf("%s is listed but does not exist", pkg)
		}
	}
	for pkg := range seen {
		if _, ok := allowed[pkg]; !ok {
			t.Errorf("%s is not listed: say what it may import", pkg)
		}
	}
}

func check(t *testing.T, pkg, path string) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		own, isOwn := strings.CutPrefix(imported, module)
		if !isOwn && !strings.Contains(strings.Split(imported, "/")[0], ".") {
			continue // the standard library
		}
		ok := slices.ContainsFunc(allowed[pkg], func(a string) bool {
			if isOwn {
				return own == a
			}
			return imported == a || strings.HasPrefix(imported, a+"/")
		})
		if !ok {
			t.Errorf("%s: %s may not import %s", path, pkg, imported)
		}
	}
}

// TestFunctionLinksNoCompiler follows the imports of the function through the
// project: nothing of the compile side may be reached, however far away.
func TestFunctionLinksNoCompiler(t *testing.T) {
	todo := []string{"cmd/handler"}
	reached := map[string]bool{}
	for len(todo) > 0 {
		pkg := todo[0]
		todo = todo[1:]
		if reached[pkg] {
			continue
		}
		reached[pkg] = true
		for _, a := range allowed[pkg] {
			if strings.HasPrefix(a, "internal/") {
				todo = append(todo, a)
			}
			for _, banned := range []string{"cel.dev/", "go.yaml.in/", "google.golang.org/", "github.com/antlr4-go/"} {
				if strings.HasPrefix(a, banned) {
					t.Errorf("the function reaches %s through %s", a, pkg)
				}
			}
		}
	}
}
