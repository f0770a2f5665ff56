package pattern

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"testing"
)

// TestNaiveCases holds the naive evaluator against what AWS's event-ruler
// answered while it ran its own tests. A row is a pattern with an event and the
// answer, or a pattern alone that event-ruler takes or calls invalid.
func TestNaiveCases(t *testing.T) {
	f, err := os.Open("testdata/event-pattern-cases.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for d := json.NewDecoder(z); ; rows++ {
		var row struct {
			ID, Pattern, Event string
			Match, Invalid     bool
		}
		if err := d.Decode(&row); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		match, err := naiveMatch(row.Pattern, row.Event)
		if match != row.Match || (err != nil) != row.Invalid {
			t.Errorf("%s: got %t, %v; want %t, invalid %t: %s on %s", row.ID, match, err, row.Match, row.Invalid, row.Pattern, row.Event)
		}
	}
	if rows != 2719 {
		t.Errorf("got %d rows, want 2719", rows)
	}
}
