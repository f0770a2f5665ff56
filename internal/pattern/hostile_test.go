package pattern

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// steps returns how many steps one event took, and whether the first pattern
// matched. The bound on steps is what keeps hostile input from taking long, so
// the tests count them instead of time.
func steps(t *testing.T, event string, patterns ...string) (n int, matched bool, err error) {
	t.Helper()
	var paths scan.Paths
	var texts [][]byte
	for _, p := range patterns {
		texts = append(texts, []byte(p))
	}
	m, err := Compile(&paths, texts...)
	if err != nil {
		t.Fatal(err)
	}
	var d scan.Doc
	if err := paths.Scan([]byte(event), &d); err != nil {
		t.Fatal(err)
	}
	var s State
	hits, err := m.Match(&d, &s)
	return maxSteps - s.steps, len(hits) > 0 && hits[0] == 0, err
}

func jsonList(n int, element func(i int) string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = element(i)
	}
	return "[" + strings.Join(parts, ",") + "]"
}

// TestArraysStayLinear matches events with long lists, whose elements can be
// combined in very many ways, of which none or only the last one fits.
func TestArraysStayLinear(t *testing.T) {
	const n = 5000
	objects := func(format string) string {
		return jsonList(n, func(i int) string { return fmt.Sprintf(format, i) })
	}
	tests := []struct {
		name, pattern, event string
		want                 bool
	}{
		{
			"two fields of one list, never together", `{"a":{"x":[1],"y":[2]}}`,
			`{"a":` + jsonList(n, func(i int) string { return fmt.Sprintf(`{"x":%d,"y":%d}`, i%2, 2-i%2*2) }) + `}`, false,
		},
		{
			"two fields of one list, in the last element", `{"a":{"x":[1],"y":[2]}}`,
			`{"a":[` + strings.Repeat(`{"x":1,"y":3},`, n) + `{"x":1,"y":2}]}`, true,
		},
		{
			"four lists that have nothing to do with each other", `{"a":{"x":[1],"z":[9]},"b":{"x":[1]},"c":{"x":[1]},"d":{"x":[1]}}`,
			`{"a":[` + strings.Repeat(`{"x":1},`, n) + `{"z":9}],"b":` + objects(`{"x":1,"i":%d}`) + `,"c":` + objects(`{"x":1,"i":%d}`) + `,"d":` + objects(`{"x":1,"i":%d}`) + `}`, false,
		},
		{
			"lists in lists", `{"a":{"b":{"x":[1],"y":[2]},"c":[3]}}`,
			`{"a":` + jsonList(70, func(int) string {
				return `{"c":3,"b":` + jsonList(70, func(i int) string { return fmt.Sprintf(`{"x":%d,"y":%d}`, i%2, 2-i%2*2) }) + `}`
			}) + `}`, false,
		},
		{
			"absent in every element", `{"a":{"x":[1],"y":[{"exists":false}]}}`,
			`{"a":[` + strings.Repeat(`{"x":1,"y":1},`, n) + `{"x":1}]}`, true,
		},
		{
			"absent in none", `{"a":{"x":[1],"y":[{"exists":false}]}}`,
			`{"a":[` + strings.Repeat(`{"x":1,"y":1},`, n) + `{"x":2}]}`, false,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, matched, err := steps(t, tt.event, tt.pattern)
			if err != nil || matched != tt.want {
				t.Fatalf("got %t, %v, want %t", matched, err, tt.want)
			}
			if most := 20 * n; got > most {
				t.Errorf("took %d steps, want at most %d", got, most)
			}
		})
	}
}

// TestTooComplex is about events that cannot be matched in reasonable time: an
// error says so, and nothing hangs.
func TestTooComplex(t *testing.T) {
	// Many wildcards that all texts may meet, over long texts.
	var patterns []string
	for i := range 2000 {
		patterns = append(patterns, fmt.Sprintf(`{"a":[{"wildcard":"*%s*"}]}`, strings.Repeat("a", i+1)))
	}
	event := `{"a":` + jsonList(50, func(int) string { return `"` + strings.Repeat("a", 20000) + `"` }) + `}`
	n, _, err := steps(t, event, patterns...)
	if !errors.Is(err, ErrTooComplex) {
		t.Errorf("got %v after %d steps, want %v", err, n, ErrTooComplex)
	}
}

// TestRareRuns demands that wildcards with much in common are filed under what
// they do not have in common.
func TestRareRuns(t *testing.T) {
	var patterns []string
	for i := range 2000 {
		patterns = append(patterns, fmt.Sprintf(`{"a":[{"wildcard":"incoming/tenant/*/%04d*.csv.gz"}]}`, i))
	}
	if got, _, err := steps(t, `{"a":"incoming/tenant/x/9999.csv.gz"}`, patterns...); err != nil || got > 50 {
		t.Errorf("took %d steps, %v", got, err)
	}
}

func TestManyAlternatives(t *testing.T) {
	branches := func(n int) string {
		return jsonList(n, func(i int) string { return fmt.Sprintf(`{"b%d":[1]}`, i) })
	}
	or := func(n int) string { return `{"$or":` + branches(n) + `}` }
	if _, matched, err := steps(t, `{"b999":1}`, or(1000)); err != nil || !matched {
		t.Errorf("1000 alternatives: got %t, %v", matched, err)
	}
	for name, pattern := range map[string]string{
		"a list of 1001":          or(1001),
		"three lists of 11":       `{"a":` + or(11) + `,"b":` + or(11) + `,"c":` + or(11) + `}`,
		"forty nested lists of 2": strings.Repeat(`{"$or":[{"x":[1]},{"y":[1],"z":`, 1) + `[1]}],` + strings.Repeat(`"a":{"$or":[{"x":[1]},{"y":[1]}],`, 39) + `"q":[1]` + strings.Repeat("}", 40),
	} {
		var e *Error
		if _, err := Compile(new(scan.Paths), []byte(pattern)); !errors.As(err, &e) || e.Code != CodeSize {
			t.Errorf("%s: got %v, want %s", name, err, CodeSize)
		}
	}
}

func TestManyFields(t *testing.T) {
	fields := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"f%d":[1]`, i)
		}
		return `{"a":[1]` + b.String() + `}`
	}
	if _, err := Compile(new(scan.Paths), []byte(fields(MaxFields-1))); err != nil {
		t.Errorf("%d fields: %v", MaxFields, err)
	}
	// The square of a quarter of a million would take minutes.
	for _, n := range []int{MaxFields, 250_000} {
		var e *Error
		if _, err := Compile(new(scan.Paths), []byte(fields(n))); !errors.As(err, &e) || e.Code != CodeSize {
			t.Errorf("%d fields: got %v, want %s", n+1, err, CodeSize)
		}
	}
}

func TestDeepNesting(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 10000)
	var e *Error
	if _, err := Compile(new(scan.Paths), []byte(deep)); !errors.As(err, &e) || e.Code != CodeJSON {
		t.Errorf("got %v, want %s", err, CodeJSON)
	}
}

// TestMatchDoesNotAllocate matches one event again and again by every kind of
// test that there is.
func TestMatchDoesNotAllocate(t *testing.T) {
	var paths scan.Paths
	m, err := Compile(&paths, append(s3Rules(100), []byte(`{"detail":{"object":{"key":[{"wildcard":"*report*csv*"}],"size":[{"numeric":[">",1.5e3]}]},
		"source-ip-address":[{"cidr":"203.0.113.0/24"}],"reason":[{"equals-ignore-case":"putOBJECT"},{"anything-but":{"suffix":"x"}}],
		"list":{"x":[1],"y":[2]}}}`))...)
	if err != nil {
		t.Fatal(err)
	}
	event := []byte(strings.Replace(s3Event, `"reason"`, `"list":[{"x":1,"y":3},{"x":1,"y":2}],"reason"`, 1))
	var (
		d scan.Doc
		s State
	)
	if n := testing.AllocsPerRun(100, func() {
		if err := paths.Scan(event, &d); err != nil {
			t.Fatal(err)
		}
		if hits, err := m.Match(&d, &s); err != nil || len(hits) == 0 || hits[len(hits)-1] != 100 {
			t.Fatalf("got %v, %v", hits, err)
		}
	}); n != 0 {
		t.Errorf("got %v allocations an event", n)
	}
}
