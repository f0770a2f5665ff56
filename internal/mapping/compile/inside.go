package compile

import (
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/taskbridge/taskbridge/internal/diag"
)

// within is the place of the character of n's text that offset characters stand
// before, or n's own place where the text cannot be found in the file.
func (c *compiler) within(n *node, offset int) diag.Pos {
	if n.inner != (diag.Pos{}) {
		return diag.Pos{Line: n.inner.Line, Col: n.inner.Col + offset}
	}
	if n.kind != scalarNode || n.made {
		return n.pos
	}
	if n.places == nil {
		n.places = c.inside(n)
	}
	switch {
	case offset < len(n.places):
		return n.places[offset]
	case len(n.places) > 0:
		last := n.places[len(n.places)-1]
		return diag.Pos{Line: last.Line, Col: last.Col + 1}
	}
	return n.pos
}

// inside finds each character of n's text in the file, whatever its style. YAML
// folds lines, cuts indentation and reads escapes, but changes only space: what is
// not space stands in the file and in the text in the same order. Space is placed
// behind what it follows. The result is empty if the two differ, as they would
// where this is wrong.
func (c *compiler) inside(n *node) []diag.Pos {
	r := &scalarReader{c: c, at: n.pos, style: n.style}
	r.skipHeader()
	text := []rune(n.text)
	places := make([]diag.Pos, len(text))
	last := r.at
	for i, want := range text {
		if unicode.IsSpace(want) {
			places[i] = last
			last.Col++
			continue
		}
		got, at, ok := r.next()
		if !ok || got != want {
			return nil
		}
		places[i], last = at, r.at
	}
	return places
}

// scalarReader goes over a scalar as it stands in the file.
type scalarReader struct {
	c     *compiler
	at    diag.Pos
	style yaml.Style
}

// peek is the character at the reader's place, 0 at the end of a line.
func (r *scalarReader) peek() rune {
	if r.at.Line > len(r.c.lines) {
		return 0
	}
	line := r.c.runes(r.at.Line)
	if r.at.Col > len(line) {
		return 0
	}
	return line[r.at.Col-1]
}

func (r *scalarReader) nextLine() { r.at = diag.Pos{Line: r.at.Line + 1, Col: 1} }

// skipHeader goes behind anchor and tag, and behind the quote or the line that
// announces a block.
func (r *scalarReader) skipHeader() {
	for strings.ContainsRune("&!", r.peek()) && r.peek() != 0 {
		for r.peek() != 0 && r.peek() != ' ' {
			r.at.Col++
		}
		for r.peek() == ' ' {
			r.at.Col++
		}
	}
	switch {
	case r.style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		r.nextLine()
	case r.style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		r.at.Col++
	}
}

// next returns the next character that is no space.
func (r *scalarReader) next() (got rune, at diag.Pos, ok bool) {
	for r.at.Line <= len(r.c.lines) {
		got = r.peek()
		at = r.at
		switch {
		case got == 0:
			r.nextLine()
		case got == '\\' && r.style&yaml.DoubleQuotedStyle != 0:
			if got, ok = r.escape(); ok && !unicode.IsSpace(got) {
				return got, at, true
			}
		case unicode.IsSpace(got):
			r.at.Col++
		case got == '\'' && r.style&yaml.SingleQuotedStyle != 0:
			r.at.Col += 2 // doubled
			return got, at, true
		default:
			r.at.Col++
			return got, at, true
		}
	}
	return 0, at, false
}

var escapes = map[rune]rune{
	'0': 0, 'a': '\a', 'b': '\b', 'e': 0x1b, 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v', 'N': 0x85, '_': 0xa0, 'L': 0x2028, 'P': 0x2029,
}

// escape reads an escape of a double-quoted scalar. It is not ok for one that
// stands for nothing, at the end of a line.
func (r *scalarReader) escape() (got rune, ok bool) {
	r.at.Col++
	name := r.peek()
	if name == 0 {
		return 0, false
	}
	r.at.Col++
	if meant, ok := escapes[name]; ok {
		return meant, true
	}
	digits := map[rune]int{'x': 2, 'u': 4, 'U': 8}[name]
	if digits == 0 {
		return name, true
	}
	for range digits {
		d := strings.IndexRune("0123456789abcdef", unicode.ToLower(r.peek()))
		got = got<<4 | rune(max(d, 0))
		r.at.Col++
	}
	return got, true
}
