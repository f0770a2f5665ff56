package pattern

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// FuzzMatch holds the package against the naive evaluator.
func FuzzMatch(f *testing.F) {
	for seed := range uint64(32) {
		f.Add(fuzzBytes(seed))
	}
	f.Fuzz(fuzzCheck)
}

// TestAgreement is what FuzzMatch demands, of cases that are always the same.
func TestAgreement(t *testing.T) {
	const shards, cases = 4, 5000
	for shard := range uint64(shards) {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			for i := range uint64(cases) {
				fuzzCheck(t, fuzzBytes(shard*cases+i))
			}
		})
	}
}

// fuzzBytes is an input for fuzzCheck.
func fuzzBytes(seed uint64) []byte {
	data := make([]byte, 300)
	_, _ = rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16)}).Read(data)
	return data
}

// fuzzCheck demands that the package takes the patterns that are valid, and that
// it matches the same of them whether they are compiled alone or together.
func fuzzCheck(t *testing.T, data []byte) {
	patterns, event := fuzzCase(data)
	var valid []string
	var want []bool
	for _, p := range patterns {
		match, invalid := naiveMatch(p, event)
		if err := fuzzCompile(p); (err == nil) != (invalid == nil) {
			t.Fatalf("%s: got %v, want %v", p, err, invalid)
		}
		if invalid != nil {
			continue
		}
		if got := fuzzMatches(t, []string{p}, event); got[0] != match {
			t.Fatalf("%s on %s: got %t, want %t", p, event, got[0], match)
		}
		valid, want = append(valid, p), append(want, match)
	}
	if got := fuzzMatches(t, valid, event); !slices.Equal(got, want) {
		t.Fatalf("together: %q on %s: got %t, want %t", valid, event, got, want)
	}
}

// fuzzCompile is what the package says of a pattern.
func fuzzCompile(pattern string) error {
	_, err := Compile(&scan.Paths{}, []byte(pattern))
	return err
}

// fuzzMatches is which of the patterns one Matcher for all of them matches.
func fuzzMatches(t *testing.T, patterns []string, event string) []bool {
	t.Helper()
	var texts [][]byte
	for _, p := range patterns {
		texts = append(texts, []byte(p))
	}
	var paths scan.Paths
	m, err := Compile(&paths, texts...)
	if err != nil {
		t.Fatal(err)
	}
	var doc scan.Doc
	if err := paths.Scan([]byte(event), &doc); err != nil {
		t.Fatal(err)
	}
	hits, err := m.Match(&doc, &State{})
	if err != nil {
		t.Fatal(err)
	}
	matched := make([]bool, len(patterns))
	for _, i := range hits {
		matched[i] = true
	}
	return matched
}
