package pattern

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A refCase is a line of a file of cases: a pattern with an event and an answer,
// or a pattern alone that is valid or invalid. testdata/README.md says where the
// answers come from.
type refCase struct {
	ID, Pattern, Event    string
	Match, Valid, Invalid bool
	Reference             any // of an accident: true, false, "invalid", or "throws"
}

// refCases calls f for the cases of a file, of which there must be n.
func refCases(t *testing.T, name string, n int, f func(c *refCase)) {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var r io.Reader = bufio.NewReader(file)
	if strings.HasSuffix(name, ".gz") {
		if r, err = gzip.NewReader(r); err != nil {
			t.Fatal(err)
		}
	}
	rows := 0
	for d := json.NewDecoder(r); ; rows++ {
		var c refCase
		if err := d.Decode(&c); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		f(&c)
	}
	if rows != n {
		t.Errorf("%s: got %d rows, want %d", name, rows, n)
	}
}

// allCases calls f for every case of every file.
func allCases(t *testing.T, f func(c *refCase)) {
	t.Helper()
	refCases(t, "event-pattern-cases.jsonl.gz", 2719, f)
	refCases(t, "generated-cases.jsonl.gz", 5527, f)
	refCases(t, "accidents.jsonl", 21, f)
}

func TestCases(t *testing.T) {
	allCases(t, func(c *refCase) {
		event := c.Event
		if event == "" {
			event = "{}" // the case is about the pattern
		}
		got, err := match(t, c.Pattern, event)
		if got != c.Match && !c.Valid || (err != nil) != c.Invalid {
			t.Errorf("%s: got %t, %v; want %t, invalid: %t: %s on %s", c.ID, got, err, c.Match, c.Invalid, c.Pattern, c.Event)
		}
	})
}

// TestNaiveCases holds the naive evaluator against the same cases. It reads
// with encoding/json, which takes all lone surrogates for one character.
func TestNaiveCases(t *testing.T) {
	allCases(t, func(c *refCase) {
		if lone := strings.ToLower(c.Pattern + c.Event); strings.Contains(lone, `\ud`) {
			return
		}
		got, err := naiveMatch(c.Pattern, c.Event)
		if got != c.Match && !c.Valid || (err != nil) != c.Invalid {
			t.Errorf("%s: got %t, %v; want %t, invalid: %t: %s on %s", c.ID, got, err, c.Match, c.Invalid, c.Pattern, c.Event)
		}
	})
}

// TestAccidents demands that every accident is one: the reference answers
// otherwise.
func TestAccidents(t *testing.T) {
	refCases(t, "accidents.jsonl", 21, func(c *refCase) {
		var ours any = c.Match
		if c.Invalid {
			ours = "invalid"
		}
		if c.Reference == nil || c.Reference == ours {
			t.Errorf("%s: the reference says %v too", c.ID, c.Reference)
		}
	})
}
