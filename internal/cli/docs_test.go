package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// helpLines is how many lines a screen has.
const helpLines = 40

// TestHelp demands of each verb's help what makes it readable.
func TestHelp(t *testing.T) {
	texts := map[string]string{"": usage()}
	for _, v := range verbs() {
		texts[v.name] = v.help()
		if !strings.HasPrefix(v.help(), "usage: taskbridge "+v.name) {
			t.Errorf("%s: help begins with %.40q", v.name, v.help())
		}
		if n := utf8.RuneCountInString(v.summary); n > 50 {
			t.Errorf("%s: a summary of %d characters", v.name, n)
		}
		for _, example := range v.examples {
			if !strings.Contains(example, "taskbridge "+v.name) {
				t.Errorf("%s: the example is of something else: %s", v.name, example)
			}
		}
	}
	for name, text := range texts {
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if last := lines[len(lines)-1]; !strings.HasPrefix(last, "example: ") {
			t.Errorf("%s: help ends with %q", name, last)
		}
		if len(lines) > helpLines {
			t.Errorf("%s: help of %d lines does not fit a screen", name, len(lines))
		}
		for _, line := range lines {
			if n := utf8.RuneCountInString(line); n > helpWidth+4 {
				t.Errorf("%s: a line of %d characters: %s", name, n, line)
			}
		}
	}
}

// TestDocs holds docs/cli.md to the table of verbs; UPDATE=1 writes it.
func TestDocs(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "cli.md")
	want := reference(t)
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/cli.md is not what the verbs say: make golden writes it")
	}
}

// reference is docs/cli.md: an introduction by hand, and the verbs.
func reference(t *testing.T) []byte {
	intro, err := os.ReadFile(filepath.Join("testdata", "cli-intro.md"))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	b.Write(intro)
	fmt.Fprintf(&b, "\n```\n%s```\n", usage())
	for _, v := range verbs() {
		fmt.Fprintf(&b, "\n## %s\n\n```\n%s```\n", v.name, v.help())
		for _, out := range v.output {
			typ := reflect.TypeOf(out)
			b.WriteString("\n| member | type | |\n|---|---|---|\n")
			writeMembers(t, &b, typ, "")
		}
	}
	return b.Bytes()
}

// writeMembers writes a row of a table for each member of a type's JSON, those of
// objects in it behind their own.
func writeMembers(t *testing.T, b *bytes.Buffer, typ reflect.Type, path string) {
	for i := range typ.NumField() {
		f := typ.Field(i)
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			writeMembers(t, b, inner, path)
			continue
		case name == "" || name == "-":
			continue
		}
		name = path + name
		word, object, next := jsonType(inner, name)
		if strings.HasPrefix(options, "omit") {
			word += ", may be absent"
		}
		doc := f.Tag.Get("doc")
		if doc == "" && !object && inner.Kind() != reflect.Bool && strings.HasSuffix(typ.PkgPath(), "internal/cli") {
			t.Errorf("%s.%s says nothing of itself", typ.Name(), f.Name)
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", name, word, strings.ReplaceAll(doc, "|", `\|`))
		if object {
			writeMembers(t, b, next, name+".")
		}
	}
}

// jsonType is the word for a type; object says that its members are to be
// written, which are those of next.
func jsonType(typ reflect.Type, name string) (word string, object bool, next reflect.Type) {
	switch {
	case typ.String() == "json.RawMessage":
		return "any", false, nil
	case typ.Kind() == reflect.Slice:
		word, object, next := jsonType(typ.Elem(), name)
		return "list of " + strings.TrimPrefix(word, "an "), object, next
	case typ.Kind() == reflect.Struct:
		return "object", true, typ
	case typ.Kind() == reflect.Map:
		word, object, next := jsonType(typ.Elem(), name)
		return "object of " + word, object, next
	case typ.Kind() == reflect.Bool:
		return "bool", false, nil
	case typ.Kind() == reflect.String:
		return "string", false, nil
	case typ.Kind() == reflect.Interface:
		return "any", false, nil
	}
	return "number", false, nil
}
