package compile

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/taskbridge/taskbridge/internal/diag"
)

// TestPlacesInScalars misspells event in scalars of every style: the finding
// stands where the word does, whatever YAML did to the text.
func TestPlacesInScalars(t *testing.T) {
	tests := []struct{ name, fields string }{
		{"plain", `group: a ${evnt.id}`},
		{"plain, wide characters", `group: é€😀 ${"ü" + evnt.id}`},
		{"plain over lines", "group: one\n  two\n  ${evnt.id}"},
		{"plain over lines, blank between", "group: one\n\n\n  two ${\n    evnt.id}"},
		{"single-quoted", `group: 'it''s ${evnt.id}'`},
		{"single-quoted over lines", "group: 'it''s\n\n  ''so'' ${evnt.id}'"},
		{"double-quoted", `group: "a ${evnt.id}"`},
		{"double-quoted with escapes", `group: "\t\"\u00e9\x41\U0001F600\x20 ${evnt[\"id\"]}"`},
		{"double-quoted over lines", "group: \"one \\\n   two\n\n   ${evnt.id}\""},
		{"literal", "group: |\n  one\n    two ${evnt.id}\n  three"},
		{"literal, kept", "group: |+\n  ${evnt.id}\n\n"},
		{"literal, indented", "group: |2\n     one\n    ${evnt.id}\n"},
		{"literal with a comment", "group: |-   # why\n  ${evnt.id}"},
		{"folded", "group: >-\n  one\n  two\n\n  three ${evnt.id}"},
		{"folded, expression over lines", "group: >\n  ${true\n  && evnt.id == 1}"},
		{"anchor", "group: &a ${evnt.id}"},
		{"anchor and tag", "group: !!str &a \"${evnt.id}\""},
		{"anchored block", "group: &a |\n  ${evnt.id}"},
		{"flow", `tags: {a: x, "b": "${evnt.id}", c: y}`},
		{"flow over lines", "tags: {a: x,\n  b: '${evnt.id}'}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			source := minimal(tt.fields)
			_, findings := Compile("f", []byte(source))
			if len(findings) != 1 {
				t.Fatalf("%d findings, want one\n%s", len(findings), findings.Text([]byte(source)))
			}
			if got, want := findings[0].Pos, placeOf(source, "evnt"); got != want || findings[0].Width != 4 {
				t.Errorf("got %s, want %s\n%s", got, want, findings.Text([]byte(source)))
			}
		})
	}
}

// TestPlacesByAlias uses a wrong value twice: the place is where it was written.
func TestPlacesByAlias(t *testing.T) {
	source := minimal("startedBy: &s \"x\\u0041 ${evnt.id}\"\ngroup: *s\n")
	_, findings := Compile("f", []byte(source))
	if len(findings) != 1 || findings[0].Pos != placeOf(source, "evnt") {
		t.Errorf("want one finding at %s:\n%s", placeOf(source, "evnt"), findings.Text([]byte(source)))
	}
}

func placeOf(source, word string) diag.Pos {
	before, _, _ := strings.Cut(source, word)
	line := before[strings.LastIndexByte(before, '\n')+1:]
	return diag.Pos{Line: strings.Count(before, "\n") + 1, Col: utf8.RuneCountInString(line) + 1}
}
