package compile

import (
	"strings"
	"testing"
)

// TestSyntaxPlaces wants the place of a mistake in YAML, of which the parser says the line
// at most, and what to do about it.
func TestSyntaxPlaces(t *testing.T) {
	rule := func(lines string) string { return "version: 1\nrules:\n  - name: r\n" + lines }
	for _, c := range []struct{ name, source, place, hint string }{
		{"tab", rule("\tmatch: {}\n"), "4:1", "no tabs for indentation"},
		{"tab behind spaces", rule("  \tmatch: {}\n"), "4:3", "no tabs for indentation"},
		{"colon in a text", rule("    description: é: this is it\n"), "4:19", `quote a text that has a colon`},
		{"colon in a text, CRLF", "version: 1\r\nrules:\r\n  - name: x: y\r\n", "3:12", "quote a text that has a colon"},
		{"colon in an expression", rule("    when: ${event.x ? a : b}\n"), "4:25", "put quotes around a text with ${…}"},
		{"at", rule("    when: @me\n"), "4:11", "@, ` or %"},
		{"a sign in the first line", "{\"version\": 1, \"rules\": @}\n", "1:25", "@, ` or %"},
		{"a bracket in the first line", "{\"version\": 1, \"rules\": [}\n", "1:26", "write ]"},
		{"a colon in the first line", "version: 1: 2\n", "1:11", "quote a text that has a colon"},
		{"backtick", rule("    when: `me`\n"), "4:11", "@, ` or %"},
		{"percent", rule("    task: {taskDefinition: %x}\n"), "4:28", "@, ` or %"},
		{"directive", "version: 1\n%foo\n", "2:1", "%"},
		{"a text that begins with a brace", rule("    when: {event.x} == 3\n"), "4:21", "begins with { or ["},
		{"a text that begins with a quote", rule("    when: \"a\" == \"b\"\n"), "4:15", "quotes of the other kind"},
		{"an apostrophe", rule("    description: 'it's'\n"), "4:22", "quotes of the other kind"},
		{"an open quote", rule("    description: \"a\n    match: {source: [a]}\n"), "4:18", "close the quote"},
		{"an open single quote", rule("    description: 'a\n"), "4:18", "close the quote"},
		{"an open quote in line 1", "\"version: 1\nrules: []\n", "1:1", "close the quote"},
		{"an open quote that a later one closes", rule("    description: \"a\n    match: {source: [\"a\"]}\n"), "4:18", "close the quote"},
		{"an open quote behind a comment", rule("    match: {a: ['#', \"b]} # it's\n"), "4:22", "close the quote"},
		{"an open bracket", rule("    match: {source: [a}\n"), "4:23", "write ] to close the bracket or brace in column 21"},
		{"an open brace", rule("    match: {source: [a]\n    bus: b\n"), "4:12", "close the bracket or brace that is opened here"},
		{"an open brace at the end", rule("    task: {taskDefinition: worker\n"), "4:11", "close the bracket or brace"},
		{"a bracket too many", rule("    match: {source: [a]]}\n"), "4:24", "write }"},
		{"a missing comma", "{\"version\": 1,\n\t\"rules\": [{\"name\": \"r\" \"match\": {}}]}\n", "2:25", "write a comma"},
		{"a value left out", rule("    match: {source: [, a]}\n"), "4:22", "remove the comma"},
		{"a bracket for another", "{\"version\": 1,\n \"rules\": [}\n", "2:12", "write ]"},
		{"an expression between braces", rule("    task: {taskDefinition: w, group: ${event.id}}\n"), "4:38", "quote a text with ${…}"},
		{"cron between braces", rule("    schedule: {expression: cron(0 3 * * ? *)}\n"), "4:43", `such as "cron(0 3 * * ? *)"`},
		{"a key too far left", rule("    task: {taskDefinition: w}\n   bus: other\n"), "5:4", "another indentation than that of the neighbours"},
		{"a key too far right", rule("     match: {source: [a]}\n"), "4:6", "another indentation than that of the neighbours"},
		{"no colon", "version: 1\nrules\n  - name: r\n", "2:1", "write a colon"},
		{"no space behind a colon", "version: 1\nrules:\n  - name:r\n    bus: b\n", "4:5", "a colon and a space"},
		{"a list behind a key", "version: 1\nrules: - name: r\n", "2:8", "on the next line"},
		{"no anchor", "version: 1\nrules: *nothing\n", "2:8", "quote a text that begins with *"},
		{"a star", rule("    bus: *\n"), "4:10", "quote a text with a *"},
		{"an escape", rule("    bus: \"é\\d\"\n"), "4:12", "double quotes"},
		{"an escape without digits", rule("    bus: \"a\\xZZ\"\n"), "4:12", "double quotes"},
		{"a control character", rule("    bus: a\x01b\n"), "4:11", "remove the character"},
		{"a block", rule("    bus: >foo\n"), "4:11", "on the lines below"},
		{"a tag", rule("    bus: !a!b x\n"), "4:10", "begins with !"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, findings := Compile("f", []byte(c.source))
			if len(findings) != 1 || findings[0].Code != CodeSyntax {
				t.Fatalf("got %v", findings)
			}
			checkFinding(t, c.source, findings[0])
			if f := findings[0]; f.Pos.String() != c.place || !strings.Contains(f.Hint, c.hint) {
				t.Errorf("want %s with the hint %q, got:\n%s", c.place, c.hint, findings.Text([]byte(c.source)))
			}
		})
	}
}
