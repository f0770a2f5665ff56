package compile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/event"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/schema"
)

const mappingDoc = "../../../docs/mapping.md"

// docEnv is the function's environment in the manual.
var docEnv = map[string]string{
	"SUBNET_A": "subnet-0a1b2c3d4e5f60718", "SUBNET_B": "subnet-0f1e2d3c4b5a69788", "STAGE": "prod", "CLUSTER": "batch",
	"SUBNET_IDS": "subnet-0a1b2c3d4e5f60718,subnet-0f1e2d3c4b5a69788",
}

// TestDocs runs every example of the manual. An example is a yaml fence that is a
// whole mapping, and the fences behind it up to the next one or the next heading: text that is what
// validate prints of it, or else pairs of json, an event and what is launched for
// it: the request, or a list of them. What a request shows is compared, what it
// leaves out is not.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile(mappingDoc)
	if err != nil {
		t.Fatal(err)
	}
	all := fences(string(text))
	count, events := 0, 0
	for i := 0; i < len(all); i++ {
		if all[i].lang != "yaml" || !strings.HasPrefix(all[i].text, "version: 1\n") {
			continue
		}
		example := []fence{all[i]}
		for i+1 < len(all) && all[i+1].section == all[i].section && (all[i+1].lang == "json" || all[i+1].lang == "text") {
			i++
			example = append(example, all[i])
		}
		count++
		events += len(example) / 2
		t.Run(fmt.Sprintf("line %d", example[0].line), func(t *testing.T) { runExample(t, example) })
	}
	if count < 10 || events < 10 {
		t.Errorf("%s: %d examples with %d events; are the fences found?", mappingDoc, count, events)
	}
}

func runExample(t *testing.T, example []fence) {
	source := example[0].text
	plan, findings := Compile("taskbridge.yaml", []byte(source))
	if len(example) > 1 && example[1].lang == "text" {
		if got := findings.Text([]byte(source)); got != example[1].text {
			t.Errorf("validate prints\n%s\nthe manual has\n%s", got, example[1].text)
		}
		return
	}
	if len(findings) > 0 {
		t.Fatalf("the example does not compile:\n%s", findings.Text([]byte(source)))
	}
	m, err := plan.Bind(func(name string) (string, bool) { v, ok := docEnv[name]; return v, ok })
	if err != nil {
		t.Fatal(err)
	}
	if len(example)%2 == 0 {
		t.Fatal("an event without what is launched for it")
	}
	for i := 1; i < len(example); i += 2 {
		got := launches(t, m, []byte(example[i].text))
		want := parseWant(t, example[i+1])
		if len(got) != len(want) {
			t.Errorf("line %d: %d launches, want %d: %v", example[i].line, len(got), len(want), got)
			continue
		}
		for j := range got {
			if where := apart(got[j], want[j], ""); where != "" {
				t.Errorf("line %d: launch %d differs at %s\n%v", example[i+1].line, j, where, got[j])
			}
		}
	}
}

// launches are the requests that a payload gives, as JSON values, or the errors.
func launches(t *testing.T, m *mapping.Mapping, payload []byte) []any {
	t.Helper()
	batch, err := event.Parse(payload, m.Accept)
	if err != nil {
		t.Fatal(err)
	}
	var all []any
	for _, item := range batch.Items {
		if item.Err != nil {
			t.Fatal(item.Err)
		}
		for _, e := range item.Events {
			matches, err := m.Match(e)
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range matches {
				for _, l := range match.Launches {
					if l.Err != nil {
						all = append(all, map[string]any{"error": l.Err.Error()})
						continue
					}
					text, err := json.Marshal(l.Request)
					if err != nil {
						t.Fatal(err)
					}
					all = append(all, decode(t, text))
				}
			}
		}
	}
	return all
}

func parseWant(t *testing.T, f fence) []any {
	t.Helper()
	switch v := decode(t, []byte(f.text)).(type) {
	case []any:
		return v
	default:
		return []any{v}
	}
}

func decode(t *testing.T, text []byte) any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// apart is the path where got does not hold what want shows, "" if it does.
func apart(got, want any, path string) string {
	w, ok := want.(map[string]any)
	g, isMap := got.(map[string]any)
	if !ok || !isMap {
		if list, ok := want.([]any); ok {
			elements, _ := got.([]any)
			if len(elements) != len(list) {
				return path
			}
			for i := range list {
				if where := apart(elements[i], list[i], fmt.Sprintf("%s[%d]", path, i)); where != "" {
					return where
				}
			}
			return ""
		}
		if !reflect.DeepEqual(got, want) {
			return path + fmt.Sprintf(": got %v, want %v", got, want)
		}
		return ""
	}
	for name := range w {
		if where := apart(g[name], w[name], path+"."+name); where != "" {
			return where
		}
	}
	return ""
}

// TestDocValues evaluates every row of the manual's tables whose first column is
// an expression and whose second its value as JSON. The event is that of the
// example before the table.
func TestDocValues(t *testing.T) {
	text, err := os.ReadFile(mappingDoc)
	if err != nil {
		t.Fatal(err)
	}
	sample := ""
	for _, f := range fences(string(text)) {
		if f.lang == "json" && strings.Contains(f.text, `"values"`) {
			sample = f.text
		}
	}
	if sample == "" {
		t.Fatal("the manual has no event with values")
	}
	rows, inTable := 0, false
	for i, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, "| expression | value |") {
			inTable = true
			continue
		}
		inTable = inTable && strings.HasPrefix(line, "|")
		if !inTable || strings.HasPrefix(line, "|---") {
			continue
		}
		cells := strings.Split(strings.ReplaceAll(line, `\|`, "\x00"), "|")
		expression, value := code(cells[1]), code(cells[2])
		rows++
		if got := valueOf(t, expression, sample); got != value {
			t.Errorf("%s:%d: %s gives %s, the manual says %s", mappingDoc, i+1, expression, got, value)
		}
	}
	if rows < 60 {
		t.Errorf("%d rows; are the tables found?", rows)
	}
}

// TestDocKnownEvents holds the manual's list of known events to the schemas.
func TestDocKnownEvents(t *testing.T) {
	text, err := os.ReadFile(mappingDoc)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]string{}
	for _, k := range schema.Known() {
		rows[k.Source] = append(rows[k.Source], k.DetailType)
	}
	for source, types := range rows {
		if row := fmt.Sprintf("| `%s` | %s |\n", source, strings.Join(types, ", ")); !strings.Contains(string(text), row) {
			t.Errorf("%s has no row %s", mappingDoc, row)
		}
	}
}

func code(cell string) string {
	return strings.Trim(strings.TrimSpace(strings.ReplaceAll(cell, "\x00", "|")), "`")
}

// valueOf is an expression's value as JSON, or the kind of its error.
func valueOf(t *testing.T, expression, sample string) string {
	t.Helper()
	quoted, err := json.Marshal("${json(" + expression + ")}")
	if err != nil {
		t.Fatal(err)
	}
	source := minimal(fmt.Sprintf("overrides: {containerOverrides: [{name: c, environment: {V: %s}}]}\n", quoted))
	source = strings.Replace(source, "aws.s3", "com.example.values", 1)
	plan, findings := Compile("taskbridge.yaml", []byte(source))
	if plan == nil {
		return findings.Text([]byte(source))
	}
	m, err := plan.Bind(func(name string) (string, bool) { v, ok := docEnv[name]; return v, ok })
	if err != nil {
		return err.Error()
	}
	got := launches(t, m, []byte(sample))
	if len(got) != 1 {
		return fmt.Sprintf("%d launches", len(got))
	}
	if failed, ok := got[0].(map[string]any)["error"].(string); ok {
		if _, after, ok := strings.Cut(failed, "}): "); ok {
			return "error: " + after
		}
		return "error: " + failed
	}
	var request struct {
		Overrides struct {
			ContainerOverrides []struct {
				Environment []struct{ Value string }
			}
		}
	}
	text, err := json.Marshal(got[0])
	if err == nil {
		err = json.Unmarshal(text, &request)
	}
	if err != nil {
		t.Fatal(err)
	}
	return request.Overrides.ContainerOverrides[0].Environment[0].Value
}

// A fence is a block of code in a Markdown file.
type fence struct {
	lang    string
	line    int // of its first line
	section int
	text    string
}

func fences(markdown string) []fence {
	var all []fence
	var open *fence
	section := 0
	for i, line := range strings.Split(markdown, "\n") {
		switch lang, ok := strings.CutPrefix(strings.TrimSpace(line), "```"); {
		case open == nil && ok:
			open = &fence{lang: lang, line: i + 2, section: section}
		case open != nil && ok:
			all = append(all, *open)
			open = nil
		case open == nil && strings.HasPrefix(line, "#"):
			section++
		case open != nil:
			open.text += line + "\n"
		}
	}
	return all
}
