package cli

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

// style is how text for people looks on stdout.
type style struct {
	colour bool
	width  int // columns of the terminal, 0 for no limit
}

// style looks at stdout and at the environment: NO_COLOR and TERM=dumb turn
// colour off, COLUMNS overrides the terminal's own width. What is no terminal
// gets neither colour nor a width.
func (c *Command) style() style {
	var s style
	if file, ok := c.Stdout.(*os.File); ok && isTerminal(file) {
		noColor, _ := c.env("NO_COLOR")
		term, _ := c.env("TERM")
		s = style{colour: noColor == "" && term != "dumb", width: terminalWidth(file)}
	}
	if text, ok := c.env("COLUMNS"); ok {
		if n, err := strconv.Atoi(text); err == nil && n > 0 {
			s.width = n
		}
	}
	return s
}

func (s style) paint(code, text string) string {
	if !s.colour || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s style) bold(text string) string { return s.paint("1", text) }
func (s style) dim(text string) string  { return s.paint("2", text) }

// mark is the sign of a thing that is met or not.
func (s style) mark(met bool) string {
	if met {
		return s.paint("32", "✓")
	}
	return s.paint("31", "✗")
}

// printable is text, JSON for the most part, that does nothing to a terminal:
// whatever is no plain character is escaped as in JSON.
func printable(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, hi, lo)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
