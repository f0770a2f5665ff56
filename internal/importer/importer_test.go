package importer

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/taskbridge/taskbridge/internal/mapping/compile"
)

// TestImport imports set-ups from public infrastructure code: configuration in
// the forms in which users have it, with its source in the first line. UPDATE=1
// writes what came of them.
func TestImport(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { importCase(t, file) })
	}
}

func importCase(t *testing.T, path string) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var input []File
	var want []byte
	kept := archive.Files[:0]
	for _, f := range archive.Files {
		if f.Name == "want" {
			want = f.Data
			continue
		}
		input = append(input, File{f.Name, f.Data})
		kept = append(kept, f)
	}
	res, err := Import(input, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := report(res)
	if os.Getenv("UPDATE") != "" {
		archive.Files = append(kept, txtar.File{Name: "want", Data: got})
		if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !bytes.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	for _, p := range res.Proofs {
		if !p.Same {
			t.Errorf("%s, %s:\n EventBridge: %s\n the mapping: %s", p.Rule, p.Event, p.Want, p.Got)
		}
	}
	if len(res.Rules) > 0 && len(res.Proofs) == 0 {
		t.Error("nothing was proved: the mapping does not compile")
	}
	// The same input gives the same mapping, whatever the order of a map is.
	for range 5 {
		again, err := Import(input, nil)
		if err != nil || !bytes.Equal(report(again), got) {
			t.Fatalf("another time it is\n%s", report(again))
		}
	}
}

func report(res *Result) []byte {
	var b bytes.Buffer
	b.WriteString(res.Mapping)
	for _, n := range res.Notes {
		fmt.Fprintf(&b, "# %s: %s: %s\n", n.Kind, n.Origin, n.What)
	}
	fmt.Fprintf(&b, "# %d events\n", len(res.Proofs))
	return b.Bytes()
}

// FuzzImport: whatever the input is, a mapping that is made of it is one: YAML of
// the language, in which what is wrong has its place.
func FuzzImport(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, one := range archive.Files {
			if one.Name != "want" {
				f.Add(one.Data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		res, err := Import([]File{{"input", data}}, nil)
		if err != nil || res.Mapping == "" {
			return
		}
		doc := compile.ReadDocument("taskbridge.yaml", []byte(res.Mapping))
		if findings := doc.Findings(); len(findings) > 0 {
			t.Fatalf("%s\n%s", findings, res.Mapping)
		}
		if n := len(doc.Root().Member("rules").Items()); n != len(res.Rules) {
			t.Fatalf("%d rules of %d:\n%s", n, len(res.Rules), res.Mapping)
		}
	})
}

// TestListOnAnEvent finds on an event of the user what no pattern says: a list
// that is to be a variable, which neither EventBridge nor a mapping can start.
func TestListOnAnEvent(t *testing.T) {
	files := []File{
		{"rule.json", []byte(`{"Name": "runner", "EventPattern": "{\"source\": [\"github\"]}"}`)},
		{"targets.json", []byte(`[{"Id": "1", "Arn": "arn:aws:ecs:eu-central-1:123456789012:cluster/runners",
			"InputTransformer": {"InputPathsMap": {"labels": "$.detail.labels"},
				"InputTemplate": "{\"containerOverrides\": [{\"name\": \"runner\", \"environment\": [{\"name\": \"LABELS\", \"value\": <labels>}]}]}"},
			"EcsParameters": {"TaskDefinitionArn": "runner", "LaunchType": "EC2"}}]`)},
	}
	event := File{"event.json", []byte(`{"version": "0", "id": "1", "source": "github", "detail-type": "job", "account": "123456789012",
		"time": "2026-11-20T09:12:37Z", "region": "eu-central-1", "resources": [], "detail": {"labels": ["self-hosted", "linux"]}}`)}
	res, err := Import(files, []File{event})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(report(res)); !strings.Contains(got, "<labels> is a list in event.json") {
		t.Errorf("no word about the list:\n%s", got)
	}
}
