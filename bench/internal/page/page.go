// Package page writes measured tables into a document.
package page

import (
	"fmt"
	"strings"
)

// begin and end enclose the text that a section's name stands for.
func begin(name string) string { return "<!-- bench:" + name + " -->\n" }
func end(name string) string   { return "<!-- /bench:" + name + " -->\n" }

// Replace puts text between the marks of a section, each of which is a line. A
// document without the section is an error.
func Replace(document, name, text string) (string, error) {
	before, rest, ok := strings.Cut(document, begin(name))
	if !ok {
		return "", fmt.Errorf("the document has no line %q", strings.TrimSpace(begin(name)))
	}
	_, after, ok := strings.Cut(rest, end(name))
	if !ok {
		return "", fmt.Errorf("the document has no line %q", strings.TrimSpace(end(name)))
	}
	return before + begin(name) + "\n" + strings.TrimSpace(text) + "\n\n" + end(name) + after, nil
}

// The sections of the report, in the order in which they are measured.
const (
	Machine    = "machine"
	Cold       = "cold"
	ColdTLS    = "cold-tls"
	Size       = "size"
	Event      = "event"
	Scale      = "scale"
	Throughput = "throughput"
	Soak       = "soak"
	Cost       = "cost"
	Wall       = "wall"
)

// Sections are all of them.
var Sections = []string{Machine, Cold, ColdTLS, Size, Event, Scale, Throughput, Soak, Cost, Wall}
