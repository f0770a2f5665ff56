package event

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/scan"
)

const (
	samplesDir = "../../events/samples"
	goldenFile = "testdata/samples.golden"
)

// sampleNames lists the samples. None at all is a failure.
func sampleNames(tb testing.TB) []string {
	tb.Helper()
	names, err := filepath.Glob(filepath.Join(samplesDir, "*.json"))
	if err != nil {
		tb.Fatal(err)
	}
	if len(names) == 0 {
		tb.Fatalf("no samples in %s", samplesDir)
	}
	return names
}

func sample(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join(samplesDir, name))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// summary has a line for every event and every item that has none.
func summary(file string, b Batch) string {
	var s strings.Builder
	for _, item := range b.Items {
		id := b.Source.String() + ":" + item.ID
		if item.Group != "" {
			id += "@" + item.Group
		}
		for _, e := range item.Events {
			v, _ := scan.Read(e.JSON)
			rule := e.Rule
			if rule == "" {
				rule = "-"
			}
			fmt.Fprintf(&s, "%s | %s | %s | %s | %s | %s\n", file, id,
				scan.Member(v, "source").Text(), scan.Member(v, "detail-type").Text(), rule, e.Identity())
		}
		switch {
		case item.Err != nil:
			fmt.Fprintf(&s, "%s | %s | error | %v\n", file, id, item.Err)
		case len(item.Events) == 0:
			fmt.Fprintf(&s, "%s | %s | nothing\n", file, id)
		}
	}
	return s.String()
}

func TestSamples(t *testing.T) {
	var got strings.Builder
	for _, name := range sampleNames(t) {
		file := filepath.Base(name)
		b, err := Parse(sample(t, file), Accept{})
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		got.WriteString(summary(file, b))
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(goldenFile, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() == string(want) {
		return
	}
	wantLines, gotLines := strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")
	for i := range max(len(wantLines), len(gotLines)) {
		if w, g := line(wantLines, i), line(gotLines, i); w != g {
			t.Fatalf("%s:%d differs (UPDATE=1 rewrites it)\n got %s\nwant %s", goldenFile, i+1, g, w)
		}
	}
}

func line(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "nothing"
}

// TestSamplesDiffer keeps the samples from hiding one another's launches.
func TestSamplesDiffer(t *testing.T) {
	const same = "s3-notification-same-as-eventbridge.json"
	seen := map[string]string{}
	for _, name := range sampleNames(t) {
		file := filepath.Base(name)
		b, err := Parse(sample(t, file), Accept{})
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range b.Items {
			for _, e := range item.Events {
				id := e.Identity()
				if other, ok := seen[id]; ok && file != same && other != same {
					t.Errorf("%s and %s have the same identity %s", other, file, id)
				}
				seen[id] = file
			}
		}
	}
}

func TestSampleOfTwoDeliveries(t *testing.T) {
	bridge := only(t, sample(t, "s3-eventbridge.json"))
	notified := only(t, sample(t, "s3-notification-same-as-eventbridge.json"))
	if got, want := notified.Identity(), bridge.Identity(); got != want {
		t.Errorf("identity through a notification is\n%s, through EventBridge\n%s", got, want)
	}
	for _, path := range []string{"source", "detail-type", "time", "region", "detail.bucket.name",
		"detail.object.key", "detail.object.size", "detail.object.etag", "detail.object.version-id",
		"detail.request-id", "detail.source-ip-address", "detail.reason", "detail.version"} {
		if got, want := at(t, notified, path), at(t, bridge, path); got != want || got == "" {
			t.Errorf("%s is %q through a notification, %q through EventBridge", path, got, want)
		}
	}
}

func TestSampleKeyOf1024Bytes(t *testing.T) {
	e := only(t, sample(t, "s3-eventbridge-key-1024-bytes.json"))
	if got := len(at(t, e, "detail.object.key")); got != 1024 {
		t.Errorf("the key has %d bytes, want 1024", got)
	}
}

// TestSamplesAreListed keeps the table of samples complete.
func TestSamplesAreListed(t *testing.T) {
	readme := string(sample(t, "README.md"))
	names := sampleNames(t)
	for _, name := range names {
		if file := filepath.Base(name); !strings.Contains(readme, "| `"+file+"` |") {
			t.Errorf("README.md has no row for %s", file)
		}
	}
	if got := strings.Count(readme, "\n| `"); got != len(names) {
		t.Errorf("README.md has %d rows for %d samples", got, len(names))
	}
}
