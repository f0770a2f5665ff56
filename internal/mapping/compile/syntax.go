package compile

import (
	"io"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/taskbridge/taskbridge/internal/diag"
)

var (
	yamlLine      = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)
	unknownAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)
)

// syntax reports why the file is no YAML.
func (c *compiler) syntax(err error) {
	if err == io.EOF {
		c.add(diag.Pos{}, 1, CodeSyntax, "taskbridge.yaml begins with version: 1", "the file is empty")
		return
	}
	line, msg := 0, err.Error()
	if m := yamlLine.FindStringSubmatch(msg); m != nil {
		msg = m[2]
		line, _ = strconv.Atoi(m[1])
		line = max(c.lineOf(msg, line), 1) // of the first line, it says nothing
	}
	at, hint := c.syntaxPlace(msg, line)
	c.add(at, 1, CodeSyntax, hint, "not YAML: %s", msg)
}

// lineOf is the line of a mistake. The parser, unlike the scanner before it, counts
// from 0, and of a block it names the first line: the last one that is needed for
// the mistake is where it is.
func (c *compiler) lineOf(message string, line int) int {
	switch {
	case strings.HasPrefix(message, "did not find expected key"), strings.HasPrefix(message, "did not find expected '-'"):
		return 1 + sort.Search(len(c.lines)-1, func(n int) bool { return c.failsBefore(n+2, 1, message) })
	case strings.HasPrefix(message, "did not find expected ',' or"), strings.HasPrefix(message, "did not find expected node content"):
		if line < len(c.lines) && strings.TrimSpace(c.lines[line]) != "" { // not the end of the file
			return line + 1
		}
	}
	return line
}

// failsBefore reports whether what stands before a place has the mistake already.
func (c *compiler) failsBefore(line, col int, message string) bool {
	text := strings.Join(c.lines[:line-1], "\n")
	if line <= len(c.lines) {
		text += "\n" + string(c.runes(line)[:col-1])
	}
	err := yaml.Unmarshal([]byte(text), new(yaml.Node))
	return err != nil && strings.HasSuffix(err.Error(), message)
}

// syntaxPlace finds the place of a mistake of which the parser says the line at
// most, with what to do about it.
func (c *compiler) syntaxPlace(message string, line int) (diag.Pos, string) {
	if at, ok := c.control(); ok && strings.HasPrefix(message, "control characters") {
		return at, "remove the character, or write its escape in double quotes"
	}
	if m := unknownAnchor.FindStringSubmatch(message); m != nil {
		return c.find("*" + m[1]), "quote a text that begins with *"
	}
	if line < 1 || line > len(c.lines) {
		return diag.Pos{}, syntaxHint(message)
	}
	inFlow := strings.HasPrefix(message, "did not find expected ',' or") || strings.HasPrefix(message, "did not find expected node content")
	for _, n := range []int{line, line + 1} { // the parser may name the line before
		if n <= len(c.lines) && !inFlow {
			if text := strings.TrimLeft(c.lines[n-1], " "); strings.HasPrefix(text, "\t") {
				return diag.Pos{Line: n, Col: len(c.lines[n-1]) - len(text) + 1}, "YAML takes no tabs for indentation: write spaces"
			}
		}
	}
	switch {
	case strings.HasPrefix(message, "found unexpected end of stream"):
		for _, n := range []int{line, 1} {
			if col, _ := openQuote(c.runes(n)); col > 0 {
				return diag.Pos{Line: n, Col: col}, quoteHint
			}
		}
	case inFlow:
		return c.flowPlace(line, message)
	}
	for _, n := range []int{line, line + 1} {
		if n <= len(c.lines) && c.failsBefore(n, len(c.runes(n))+1, message) && !c.failsBefore(n, 1, message) {
			col := 1 + sort.Search(len(c.runes(n)), func(i int) bool { return c.failsBefore(n, i+2, message) })
			return c.placeAt(n, col, message)
		}
	}
	return c.firstOf(line), syntaxHint(message)
}

// placeAt is syntaxPlace where the character that is one too many is known.
func (c *compiler) placeAt(line, col int, message string) (diag.Pos, string) {
	text := c.runes(line)
	col = min(col, len(text))
	at := diag.Pos{Line: line, Col: col}
	before := strings.TrimRight(string(text[:col-1]), " ")
	switch {
	case strings.HasPrefix(message, "mapping values"):
		switch {
		case !strings.Contains(before, ": "):
			return c.firstOf(line), "look for another indentation than that of the neighbours; a key on the line above needs a colon and a space"
		case strings.Contains(string(text), "${"):
			return at, "put quotes around a text with ${…}, or write it as a block behind >-: a colon and a space mean something to YAML"
		}
	case strings.HasPrefix(message, "found unknown escape"), strings.HasPrefix(message, "did not find expected hex"):
		at.Col = max(strings.LastIndex(string(text[:col]), `\`), 0)
		at.Col = utf8.RuneCountInString(string(text[:col])[:at.Col]) + 1
	case strings.Contains(message, "tag"), strings.Contains(message, "directive"):
		at.Col = utf8.RuneCountInString(before[:strings.LastIndex(before, " ")+1]) + 1
	case strings.HasPrefix(message, "did not find expected key"), strings.HasPrefix(message, "did not find expected '-'"):
		if text[col-1] == ':' || strings.TrimSpace(before) == "" {
			return c.firstOf(line), syntaxHint(message)
		}
		for at.Col < len(text) && text[at.Col-1] == ' ' {
			at.Col++
		}
		switch before[len(before)-1] {
		case '"', '\'':
			if open, ok := c.openAbove(line, col); ok {
				return open, quoteHint
			}
			return at, "put quotes of the other kind around all of a text that begins with a quote, or has one within"
		case '}', ']':
			return at, "put quotes around all of a text that begins with { or ["
		}
	}
	return at, syntaxHint(message)
}

const quoteHint = "close the quote that begins here; within '…' a ' is written twice, within \"…\" a \" as \\\""

// openAbove is the quote that one at the end of the text before a place closes, if
// it stands on another line.
func (c *compiler) openAbove(line, col int) (diag.Pos, bool) {
	_, quote := openQuote([]rune(strings.TrimRight(string(c.runes(line)[:col-1]), " ")))
	if quote == 0 {
		return diag.Pos{}, false
	}
	for n := line - 1; n >= 1; n-- {
		if open, other := openQuote(c.runes(n)); other == quote {
			return diag.Pos{Line: n, Col: open}, true
		}
	}
	return diag.Pos{}, false
}

// openQuote is the column of the quote that begins on a line and does not end on it,
// 0 if there is none.
func openQuote(line []rune) (col int, quote rune) {
	for i := 0; i < len(line); i++ {
		r := line[i]
		switch {
		case quote == 0 && r == '#' && (i == 0 || unicode.IsSpace(line[i-1])):
			return 0, 0
		case quote == 0 && (r == '"' || r == '\'') && begins(line[:i]):
			col, quote = i+1, r
		case quote == '"' && r == '\\':
			i++
		case quote != 0 && r == quote:
			if quote == '\'' && i+1 < len(line) && line[i+1] == quote {
				i++
				continue
			}
			col, quote = 0, 0
		}
	}
	return col, quote
}

// begins reports whether a value can begin behind what stands before it.
func begins(before []rune) bool {
	last := lastOf(before)
	return last == 0 || strings.ContainsRune("[{,:-?", last)
}

// lastOf is the last character that is no space, 0 if there is none.
func lastOf(text []rune) rune {
	for i := len(text) - 1; i >= 0; i-- {
		if !unicode.IsSpace(text[i]) {
			return text[i]
		}
	}
	return 0
}

// bracket is one that is open, with what closes it.
type bracket struct {
	col   int
	close rune
}

// flowPlace is the place of a mistake within brackets or braces: the sign that does
// not fit, or the bracket that is not closed.
func (c *compiler) flowPlace(line int, message string) (diag.Pos, string) {
	var open []bracket
	text := c.runes(line)
	quoted := false // the last thing is a text in quotes
	for i := 0; i < len(text); i++ {
		r := text[i]
		if unicode.IsSpace(r) {
			continue
		}
		if r == '#' && i > 0 && unicode.IsSpace(text[i-1]) {
			break
		}
		at := diag.Pos{Line: line, Col: i + 1}
		switch {
		case r == '$' && i+1 < len(text) && text[i+1] == '{' && len(open) > 0:
			return at, "quote a text with ${…} that stands within [ ] or { }"
		case r == ',' && i > 0 && strings.ContainsRune("[{,", lastOf(text[:i])):
			return at, "write a value here, or remove the comma"
		case quoted && len(open) > 0 && !strings.ContainsRune(",:]}", r):
			return at, "write a comma between two values, or quotes of the other kind around all of a text"
		case r == '[':
			open = append(open, bracket{i + 1, ']'})
		case r == '{':
			open = append(open, bracket{i + 1, '}'})
		case (r == ']' || r == '}') && len(open) > 0:
			if last := open[len(open)-1]; last.close != r {
				return at, "write " + string(last.close) + " to close the bracket or brace in column " + strconv.Itoa(last.col)
			}
			open = open[:len(open)-1]
		case (r == '"' || r == '\'') && begins(text[:i]):
			end := closingQuote(text[i:])
			if end < 0 {
				return at, quoteHint
			}
			i += end
			quoted = true
			continue
		}
		quoted = false
	}
	if len(open) > 0 {
		return diag.Pos{Line: line, Col: open[len(open)-1].col}, "close the bracket or brace that is opened here"
	}
	return c.firstOf(line), syntaxHint(message)
}

// closingQuote is the index of the quote that ends the text at the start of line, -1
// if it does not end there.
func closingQuote(line []rune) int {
	for end := 1; end < len(line); end++ {
		if line[end] == line[0] {
			if _, quote := openQuote(line[:end+1]); quote == 0 && (end+1 == len(line) || line[0] != '\'' || line[end+1] != '\'') {
				return end
			}
		}
	}
	return -1
}

// firstOf is the place of the first character of a line.
func (c *compiler) firstOf(line int) diag.Pos {
	text := c.lines[line-1]
	return diag.Pos{Line: line, Col: len(text) - len(strings.TrimLeft(text, " \t")) + 1}
}

// find is the first place of a text in the file.
func (c *compiler) find(text string) diag.Pos {
	for i, line := range c.lines {
		if at := strings.Index(line, text); at >= 0 {
			return diag.Pos{Line: i + 1, Col: utf8.RuneCountInString(line[:at]) + 1}
		}
	}
	return diag.Pos{}
}

// control is the place of the first character that YAML does not allow.
func (c *compiler) control() (diag.Pos, bool) {
	for i, line := range c.lines {
		if at := strings.IndexFunc(line, func(r rune) bool { return unicode.IsControl(r) && r != '\t' && r != '\r' && r != 0x85 }); at >= 0 {
			return diag.Pos{Line: i + 1, Col: utf8.RuneCountInString(line[:at]) + 1}, true
		}
	}
	return diag.Pos{}, false
}

// syntaxHints say what the parser's messages, which are about its own work, mostly
// mean. The first that fits counts.
var syntaxHints = []struct{ message, hint string }{
	{"mapping values are not allowed", "quote a text that has a colon and a space in it: \"note: this\""},
	{"alphabetic or numeric character", "quote a text with a * or & that YAML would take for an alias or anchor, such as \"cron(0 3 * * ? *)\" within { }"},
	{"cannot start any token", "quote a text that begins with a sign of YAML's own, such as @, ` or %"},
	{"block sequence entries", "begin the list on the next line, indented, or write it as [a, b]"},
	{"unknown escape", `write \\ for a backslash in double quotes, or put the text in single ones`},
	{"hexdecimal", `write \\ for a backslash in double quotes, or put the text in single ones`},
	{"tag", "quote a text that begins with !"},
	{"directive", "quote a text that begins with %"},
	{"comment or line break", "write the text on the lines below, indented; quote one that begins with > or |"},
	{"could not find expected ':'", "write a colon and a space behind a key"},
	{"did not find expected ',' or", "close the bracket or brace that is open here, or above; quote a ${…} that stands in one"},
	{"expected node content", "write a value here, or remove the comma or bracket"},
	{"end of stream", quoteHint},
	{"did not find expected", "look here and on the lines around for another indentation than that of the neighbours, or a quote that is not closed"},
}

func syntaxHint(message string) string {
	for _, known := range syntaxHints {
		if strings.Contains(message, known.message) {
			return known.hint
		}
	}
	return ""
}
