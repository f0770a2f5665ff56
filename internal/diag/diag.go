// Package diag holds what is wrong with a file that a person wrote: where, what,
// and what to do about it.
//
// A [Finding] is data, not an error: checks collect all of them in a [List] and
// go on. Only "could not look at it" is an error.
package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Pos is a place in a file. Line and Col count from 1; Col counts characters,
// not bytes. The zero Pos means the file as a whole.
type Pos struct {
	Line int
	Col  int
}

func (p Pos) String() string { return fmt.Sprintf("%d:%d", p.Line, p.Col) }

// Severity says what a finding means for the deployment.
type Severity uint8

// The severities.
const (
	Error   Severity = iota // the file cannot be used
	Warning                 // it can, but hardly does what is meant
)

func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// A Finding is one mistake in a file.
type Finding struct {
	File     string
	Pos      Pos
	Width    int // characters to underline, at least 1
	Severity Severity
	Code     string  // stable, a section of docs/findings.md
	Message  string  // lower case, without a stop: what is wrong and what was expected
	Hint     string  // what to do; may be empty
	Related  []Place // the other places that the finding is about; may be empty
	// Secret says that the line of the finding seems to hold a secret: it is not
	// to be printed.
	Secret bool
}

// A Place is another place that a finding is about.
type Place struct {
	File    string
	Pos     Pos
	Message string // what is there
}

// String is the finding on one line: file:line:col: message [code], where a
// warning says that it is one.
func (f Finding) String() string {
	where := f.File
	if f.Pos != (Pos{}) {
		where = fmt.Sprintf("%s:%s", f.File, f.Pos)
	}
	if f.Severity == Warning {
		where += ": warning"
	}
	return fmt.Sprintf("%s: %s [%s]", where, f.Message, f.Code)
}

// A List is the findings of one run. It is an error so that a caller who wants
// a clean file can return it; an empty List is not to be returned as one.
type List []Finding

func (l List) Error() string {
	lines := make([]string, len(l))
	for i, f := range l {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

// Errors counts the findings that are no warnings.
func (l List) Errors() int {
	n := 0
	for _, f := range l {
		if f.Severity == Error {
			n++
		}
	}
	return n
}

// Sort puts the findings in the order of the file.
func (l List) Sort() {
	slices.SortStableFunc(l, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Col, b.Pos.Col),
			cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Message, b.Message),
		)
	})
}

// Text renders the findings for a terminal: each with the line it is about, a
// caret under the place, and the hint. source is the text of the file.
func (l List) Text(source []byte) string {
	lines := strings.Split(string(source), "\n")
	var b strings.Builder
	for i, f := range l {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(f.String() + "\n")
		if n := f.Pos.Line; n >= 1 && n <= len(lines) && !f.Secret {
			f.caret(&b, strings.TrimSuffix(lines[n-1], "\r"))
		}
		if f.Hint != "" {
			b.WriteString("  hint: " + f.Hint + "\n")
		}
	}
	return b.String()
}

func (f Finding) caret(b *strings.Builder, line string) {
	number := fmt.Sprintf("%4d", f.Pos.Line)
	fmt.Fprintf(b, "%s | %s\n", number, line)
	// Tabs are kept so that the caret stands under its character whatever a
	// tab's width is.
	pad := []rune(line)
	if n := max(f.Pos.Col-1, 0); n < len(pad) {
		pad = pad[:n]
	}
	for i, r := range pad {
		if r != '\t' {
			pad[i] = ' '
		}
	}
	fmt.Fprintf(b, "%s | %s%s\n", strings.Repeat(" ", len(number)), string(pad), strings.Repeat("^", max(f.Width, 1)))
}

// Nearest returns the name that was probably meant by got, "" if none is close.
// Case alone always counts as close.
func Nearest(got string, names []string) string {
	best, limit := "", max(len(got)/3, 1)+1
	for _, name := range names {
		if strings.EqualFold(got, name) {
			return name
		}
		if d := distance(strings.ToLower(got), strings.ToLower(name)); d < limit {
			best, limit = name, d
		}
	}
	return best
}

// Meant is Nearest where no other name is as near, "" otherwise.
func Meant(got string, names []string) string {
	best := Nearest(got, names)
	second := Nearest(got, slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == best }))
	folded := strings.ToLower(got)
	if second != "" && distance(folded, strings.ToLower(second)) <= distance(folded, strings.ToLower(best)) {
		return ""
	}
	return best
}

// distance is how many letters have to be put in, left out, changed or swapped
// with their neighbour (optimal string alignment).
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before, last, row = last, row, before
		row[0] = i + 1
		for j := range len(b) {
			cost := last[j]
			if a[i] != b[j] {
				cost++
			}
			row[j+1] = min(cost, row[j]+1, last[j+1]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}

// Unjoin returns the errors that errors.Join has joined, err alone if it has
// joined none, and nothing for nil.
func Unjoin(err error) []error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}
