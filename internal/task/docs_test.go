package task

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const limitsDoc = "../../docs/limits.md"

// documented are the files of rules in the order of the document, and their titles.
var documented = []struct{ file, title string }{
	{"rules_launch.go", "What to run, and where"},
	{"rules_strategy.go", "Capacity provider strategy"},
	{"rules_network.go", "Network"},
	{"rules_placement.go", "Placement"},
	{"rules_tags.go", "Tags of tasks and volumes"},
	{"rules_overrides.go", "Overrides"},
	{"rules_size.go", "Size of a task"},
	{"rules_resources.go", "GPUs and Neuron devices"},
	{"rules_volumes.go", "Volumes"},
	{"limits.go", "Any text"},
	{"token.go", "Client token"},
}

const limitsIntro = `# Limits of RunTask

Every reason known before the call for which ` + "`RunTask`" + ` would refuse a request. ` + "`taskbridge validate`" + ` finds those that hold whatever the
event; the function checks each request before the call. The codes are stable. A message about a number has it, and the limit, where this
page has N.

Sources: *API*, the ECS API reference, and the type there; *QUOTA*, the ECS service quotas; *MODEL*, the service model of botocore; *SCHEDULER*, the
model of the same parameter in EventBridge Scheduler, where ECS states nothing; *DG*, the ECS developer guide; *SEEN*, an answer of ECS that was
seen in the wild.

This page is made from ` + "`internal/task`" + `; ` + "`make golden`" + ` writes it.
`

// TestLimitsDoc holds docs/limits.md to the rules; UPDATE=1 writes it.
func TestLimitsDoc(t *testing.T) {
	var b bytes.Buffer
	b.WriteString(limitsIntro)
	writeNumbers(t, &b)
	written := map[string]bool{}
	for _, d := range documented {
		file, err := parser.ParseFile(token.NewFileSet(), d.file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "\n## %s\n\n| code | message | what to do | source |\n|---|---|---|---|\n", d.title)
		for _, decl := range file.Decls {
			if vars, ok := decl.(*ast.GenDecl); ok && vars.Tok == token.VAR {
				writeRules(t, &b, vars, written)
			}
		}
	}
	for _, code := range declaredCodes(t) {
		if !written[code] {
			t.Errorf("%s is in no file that the document has", code)
		}
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(limitsDoc, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(limitsDoc); err != nil || !bytes.Equal(got, b.Bytes()) {
		t.Errorf("docs/limits.md is not what the rules say: make golden writes it (%v)", err)
	}
}

// writeNumbers writes a row for each constant of limits.go: its value and comment.
func writeNumbers(t *testing.T, b *bytes.Buffer) {
	file, err := parser.ParseFile(token.NewFileSet(), "limits.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	b.WriteString("\n## The numbers\n\n| limit | | | source |\n|---|---|---|---|\n")
	for _, decl := range file.Decls {
		consts, ok := decl.(*ast.GenDecl)
		if !ok || consts.Tok != token.CONST {
			continue
		}
		for _, spec := range consts.Specs {
			value := spec.(*ast.ValueSpec)
			about := strings.TrimSpace(value.Comment.Text())
			source := sourceText.FindStringSubmatch(about)
			if source == nil {
				source = []string{"", "the same"}
			}
			about = strings.NewReplacer(source[0], "", " ;", ";").Replace(about)
			fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", value.Names[0].Name, value.Values[0].(*ast.BasicLit).Value, cell(strings.TrimSpace(about)), cell(source[1]))
		}
	}
}

var sourceText = regexp.MustCompile(`\[([A-Z][^\]]*)\]`)

// writeRules writes a row for each rule of a declaration. Its source is in the
// comment behind it, or else in the one before the declaration.
func writeRules(t *testing.T, b *bytes.Buffer, vars *ast.GenDecl, written map[string]bool) {
	for _, spec := range vars.Specs {
		value := spec.(*ast.ValueSpec)
		literal, ok := value.Values[0].(*ast.CompositeLit)
		if kind, named := literal.Type.(*ast.Ident); !ok || !named || kind.Name != "rule" {
			continue
		}
		cells := make([]string, 0, 4)
		for _, e := range literal.Elts {
			text, err := strconv.Unquote(e.(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			cells = append(cells, text)
		}
		source := sourceText.FindStringSubmatch(value.Comment.Text())
		if source == nil {
			source = sourceText.FindStringSubmatch(vars.Doc.Text())
		}
		if source == nil {
			t.Errorf("%s has no source", cells[0])
			continue
		}
		written[cells[0]] = true
		message := regexp.MustCompile(`%[ds]`).ReplaceAllStringFunc(cells[1], func(verb string) string {
			if verb == "%d" {
				return "N"
			}
			return "…"
		})
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", cells[0], cell(message), cell(cells[2]), cell(source[1]))
	}
}

func cell(text string) string { return strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(text) }
