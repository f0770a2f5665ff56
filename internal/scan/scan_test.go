package scan

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// collect returns the texts of the leaves in a slot.
func collect(d *Doc, slot int) []string {
	var out []string
	for l := d.First(slot); l != nil; l = d.Next(l) {
		out = append(out, string(l.Text))
	}
	return out
}

func TestValues(t *testing.T) {
	event := `{"a":{"b":1,"b":2,"c.d":"x\n\u00e9\ud83d\ude00"},"n":9007199254740993,"list":[{"k":1}],"a2":{"b":3}, "gone":{"x":1}, "gone":{}}`
	var p Paths
	slots := map[string]int{
		`2`:                       p.Value("a", "b"),
		`"x\n\u00e9\ud83d\ude00"`: p.Value("a", "c.d"),
		`9007199254740993`:        p.Value("n"),
		`[{"k":1}]`:               p.Value("list"),
		`{"b":3}`:                 p.Value("a2"),
		`3`:                       p.Value("a2", "b"),
		``:                        p.Value("list", "k"), // expressions do not look through arrays
		event:                     p.Value(),
	}
	gone := p.Value("gone", "x")
	var d Doc
	if err := p.Scan([]byte(event), &d); err != nil {
		t.Fatal(err)
	}
	for want, slot := range slots {
		if got := string(d.Value(slot).Raw); got != want {
			t.Errorf("slot %d: got %s, want %s", slot, got, want)
		}
	}
	if v := d.Value(gone); v.Kind != Missing {
		t.Errorf("a member replaced by a later one of its name still shows %s", v.Raw)
	}
	if got := d.Value(slots[`"x\n\u00e9\ud83d\ude00"`]).Text(); got != "x\né😀" {
		t.Errorf("text: got %q", got)
	}
	if n, ok := d.Value(slots["9007199254740993"]).Int(); !ok || n != 9007199254740993 {
		t.Errorf("int: got %d, %t", n, ok)
	}
}

func TestLeaves(t *testing.T) {
	tests := []struct {
		name, path, event string
		want              []string
	}{
		{"plain", "a.b", `{"a":{"b":"x"}}`, []string{`x`}},
		{"dotted name", "a.b", `{"a.b":"x"}`, []string{`x`}},
		{"dotted name below", "a.b.c", `{"a":{"b.c":1}}`, []string{`1`}},
		{"escaped dotted name", "a.b", `{"a\u002eb":1}`, []string{`1`}},
		{"array", "a", `{"a":[1,[2,"3"],null]}`, []string{`1`, `2`, `3`, `null`}},
		{"objects in array", "a.b", `{"a":[{"b":1},{"b":[2,3]},4]}`, []string{`1`, `2`, `3`}},
		{"duplicates all count", "a", `{"a":1,"a":2}`, []string{`1`, `2`}},
		{"object is no leaf", "a", `{"a":{"b":1}}`, nil},
		{"empty array is no leaf", "a", `{"a":[]}`, nil},
		{"absent", "a", `{"b":1}`, nil},
		{"trailing dot is a step", "a", `{"a.":1}`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var p Paths
			slot := p.Leaves(tt.path)
			var d Doc
			if err := p.Scan([]byte(tt.event), &d); err != nil {
				t.Fatal(err)
			}
			if got := collect(&d, slot); strings.Join(got, " ") != strings.Join(tt.want, " ") {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestElements(t *testing.T) {
	var p Paths
	a, b := p.Leaves("x", "a"), p.Leaves("x", "b")
	var d Doc
	if err := p.Scan([]byte(`{"x":[{"a":1,"b":2},{"a":3},[{"a":4}],5],"y":0}`), &d); err != nil {
		t.Fatal(err)
	}
	var got []Element
	for l := d.First(a); l != nil; l = d.Next(l) {
		got = append(got, *d.Element(l.Membership))
	}
	want := []Element{{0, 1, 0, 0, 2}, {0, 1, 1, 2, 3}, {3, 2, 0, 3, 4}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if l := d.First(b); l.Membership != d.First(a).Membership || l != d.Leaf(1) {
		t.Errorf("got %+v, want the second leaf, in the first element", l)
	}
}

func TestManyNames(t *testing.T) {
	var p Paths
	names := strings.Split("a b c d e f g h i j k l m", " ")
	slots := map[string]int{}
	for _, name := range names {
		slots[name] = p.Value(name)
	}
	if len(slots) != len(names) || p.Value("c") != slots["c"] {
		t.Fatalf("got %v: want one slot for each name", slots)
	}
	var d Doc
	if err := p.Scan([]byte(`{"m":1,"a":2}`), &d); err != nil {
		t.Fatal(err)
	}
	if m, a := d.Value(slots["m"]), d.Value(slots["a"]); string(m.Raw) != "1" || string(a.Raw) != "2" {
		t.Errorf("got m=%s a=%s", m.Raw, a.Raw)
	}
}

func TestSyntaxErrors(t *testing.T) {
	tests := []struct {
		in     string
		offset int
	}{
		{``, 0}, {`{`, 1}, {`{"a"`, 4}, {`{"a":}`, 5}, {`{"a":1,}`, 7}, {`{"a":01}`, 6}, {`{"a":1}x`, 7},
		{`{"a":"\x"}`, 6}, {"{\"a\":\"\n\"}", 6}, {`{"a":tru}`, 5}, {`{"a":[1 2]}`, 8}, {`{"a":-}`, 6}, {`[1]`, 0}, {`{"a":1.}`, 7},
	}
	for _, tt := range tests {
		var p Paths
		p.Value("a")
		var d Doc
		err := p.Scan([]byte(tt.in), &d)
		syntax, ok := err.(*SyntaxError)
		if !ok || syntax.Offset != tt.offset {
			t.Errorf("%s: got %v, want a syntax error at %d", tt.in, err, tt.offset)
		}
	}
}

func TestDepth(t *testing.T) {
	var p Paths
	p.Leaves("a")
	var d Doc
	nested := func(n int) []byte {
		return []byte(`{"a":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}`)
	}
	if err := p.Scan(nested(MaxDepth-1), &d); err != nil {
		t.Errorf("depth %d: %v", MaxDepth, err)
	}
	if err := p.Scan(nested(100000), &d); err == nil || !strings.Contains(err.Error(), "nested too deeply") {
		t.Errorf("depth 100000: got %v", err)
	}
}

func TestScanDoesNotAllocate(t *testing.T) {
	event := []byte(`{"source":"aws.s3","detail":{"bucket":{"name":"b"},"object":{"key":"k\u00e9","size":5},"list":[{"x":1},{"x":2}]}}`)
	var p Paths
	p.Leaves("source")
	p.Leaves("detail", "list", "x")
	p.Value("detail", "object", "key")
	var d Doc
	if n := testing.AllocsPerRun(100, func() {
		if err := p.Scan(event, &d); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations per scan", n)
	}
}

func TestMember(t *testing.T) {
	v, err := Read([]byte(` {"a":1,"\u0061":2,"b":[3]} `))
	if err != nil {
		t.Fatal(err)
	}
	if got := Member(v, "a"); string(got.Raw) != "2" {
		t.Errorf("a: got %s", got.Raw)
	}
	if got := Member(v, "z"); got.Kind != Missing {
		t.Errorf("z: got %s", got.Raw)
	}
	it := Elements(Member(v, "b"))
	if !it.Next() || string(it.Value().Raw) != "3" || it.Next() {
		t.Error("b: want exactly one element, 3")
	}
	if it := Elements(v); it.Next() {
		t.Error("an object has no elements")
	}
}

// FuzzScan holds the scanner against encoding/json: the same texts are valid,
// and each path leads to the value that a decoded tree has there.
func FuzzScan(f *testing.F) {
	for _, seed := range []string{
		`{"a":{"b":[1,{"c":"x"}]},"d":null}`, `{"a":{"b":1,"b":{"c":2}}}`, `{"a.b":1}`, `{"a":{"b":"\ud800\u0061"}}`,
		`{"a":{"b":-0.5e+10}}`, `{"a":[]}`, ``, `{`, `{"d":"\u0000"}`, `{"\u0061":{"b":true}}`, "{\"a\":{\"b\":\"\xff\"}}",
	} {
		f.Add([]byte(seed))
	}
	paths := [][]string{{"a"}, {"a", "b"}, {"a", "b", "c"}, {"d"}, {"a.b"}}
	f.Fuzz(func(t *testing.T, data []byte) {
		var p Paths
		slots := make([]int, len(paths))
		for i, path := range paths {
			slots[i] = p.Value(path...)
			p.Leaves(path...)
		}
		var d Doc
		err := p.Scan(data, &d)
		var tree map[string]any
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.UseNumber()
		valid := json.Valid(data) && dec.Decode(&tree) == nil && tree != nil
		if valid != (err == nil) {
			if err != nil && strings.Contains(err.Error(), "nested too deeply") {
				return
			}
			t.Fatalf("encoding/json: %t, scan: %v", valid, err)
		}
		if err != nil {
			return
		}
		for i, path := range paths {
			compare(t, d.Value(slots[i]), tree, path)
		}
	})
}

func compare(t *testing.T, got Value, tree any, path []string) {
	t.Helper()
	for _, name := range path {
		object, _ := tree.(map[string]any)
		member, ok := object[name]
		if !ok {
			if got.Kind != Missing {
				t.Fatalf("%v: got %s, want nothing", path, got.Raw)
			}
			return
		}
		tree = member
	}
	if got.Kind == Missing {
		t.Fatalf("%v: got nothing, want %v", path, tree)
	}
	var value any
	dec := json.NewDecoder(bytes.NewReader(got.Raw))
	dec.UseNumber()
	if err := dec.Decode(&value); err != nil {
		t.Fatalf("%v: %s: %v", path, got.Raw, err)
	}
	want, _ := json.Marshal(tree)
	have, _ := json.Marshal(value)
	if !bytes.Equal(want, have) {
		t.Fatalf("%v: got %s, want %s", path, have, want)
	}
	// encoding/json replaces invalid UTF-8, the scanner passes it on.
	if s, ok := tree.(string); ok && strings.ToValidUTF8(got.Text(), "\ufffd") != strings.ToValidUTF8(s, "\ufffd") && !strings.ContainsRune(s, '\ufffd') {
		t.Fatalf("%v: got %q, want %q", path, got.Text(), s)
	}
}
