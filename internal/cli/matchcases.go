package cli

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/taskbridge/taskbridge/internal/pattern"
	"github.com/taskbridge/taskbridge/internal/scan"
)

// maxCase bounds a line of a file of cases.
const maxCase = 64 << 20

// answer is what a case wants or got: true, false, "invalid", "valid", or
// "error: …".
type answer any

const (
	answerInvalid = "invalid"
	answerValid   = "valid"
)

// testCase is one line of a file of cases.
type testCase struct {
	id             string
	pattern, event []byte
	want           answer
}

// difference is a case that came out differently, as it is printed.
type difference struct {
	ID   string `json:"id" doc:"of the case"`
	Want answer `json:"want" doc:"true, false, \"valid\" or \"invalid\""`
	Got  answer `json:"got" doc:"the same, or an error"`
}

// tally is the last line of the JSON output.
type tally struct {
	Passed int `json:"passed" doc:"cases"`
	Failed int `json:"failed" doc:"cases"`
}

func (c *Command) matchCases(o *matchOptions) int {
	in := c.Stdin
	if o.cases != "-" {
		file, err := os.Open(o.cases)
		if err != nil {
			return c.fail(err)
		}
		defer file.Close()
		in = file
	}
	lines, err := lineScanner(in)
	if err != nil {
		return c.fail(fmt.Errorf("%s: %w", o.cases, err))
	}
	out := bufio.NewWriter(c.Stdout)
	unread := 0
	sum, err := playCases(lines, out, func(number int, err error) {
		unread++
		c.errorf("%s:%d: %v", o.cases, number, err)
	})
	if err != nil {
		_ = out.Flush() // the error says more
		return c.fail(fmt.Errorf("%s:%w", o.cases, err))
	}
	if o.format == "json" {
		err = json.NewEncoder(out).Encode(sum)
	} else {
		fmt.Fprintf(out, "%d passed, %d failed\n", sum.Passed, sum.Failed)
	}
	if err := errors.Join(err, out.Flush()); err != nil {
		return c.fail(err)
	}
	switch {
	case unread > 0:
		return ExitError
	case sum.Failed > 0:
		return ExitFailed
	}
	return ExitOK
}

// lineScanner reads lines of a text that may be compressed with gzip.
func lineScanner(in io.Reader) (*bufio.Scanner, error) {
	buffered := bufio.NewReader(in)
	in = buffered
	if magic, _ := buffered.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) { // RFC 1952
		z, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, err
		}
		in = z
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxCase)
	return lines, nil
}

// playCases runs all cases and writes the differences. It gives unread each line
// that is no case. The error begins with the number of the line that could not be
// read or written.
func playCases(lines *bufio.Scanner, out io.Writer, unread func(line int, err error)) (sum tally, err error) {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	var p player
	number := 1
	for ; lines.Scan(); number++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		one, err := readCase(line)
		if err != nil {
			unread(number, err)
			continue
		}
		got := p.play(&one)
		if got == one.want {
			sum.Passed++
			continue
		}
		sum.Failed++
		if err := enc.Encode(difference{one.id, one.want, got}); err != nil {
			return sum, fmt.Errorf("%d: %w", number, err)
		}
	}
	if err := lines.Err(); err != nil {
		return sum, fmt.Errorf("%d: %w", number, err)
	}
	return sum, nil
}

// readCase reads a line. A member that is given twice counts as given last.
func readCase(line []byte) (testCase, error) {
	var (
		one                                      testCase
		id, text, event, match, invalid, accepts scan.Value
	)
	v, err := scan.Read(line)
	if err != nil {
		return one, fmt.Errorf("not JSON: %w", err)
	}
	if v.Kind != scan.Object {
		return one, fmt.Errorf("a case is an object, got a %s", v.Kind)
	}
	for it := scan.Members(v); it.Next(); {
		switch it.Key() {
		case "id":
			id = it.Value()
		case "pattern":
			text = it.Value()
		case "event":
			event = it.Value()
		case "match":
			match = it.Value()
		case "invalid":
			invalid = it.Value()
		case "valid":
			accepts = it.Value()
		}
	}
	switch {
	case id.Kind != scan.String:
		return one, fmt.Errorf(`"id" must be a string, it is %s`, id.Kind)
	case text.Kind == scan.Missing:
		return one, errors.New(`"pattern" is missing`)
	}
	one = testCase{id: id.Text(), pattern: text.Bytes(), event: event.Bytes()}
	one.want, err = wanted(match, invalid, accepts)
	if _, needsEvent := one.want.(bool); needsEvent && event.Kind == scan.Missing {
		return one, errors.New(`"match" needs an "event"`)
	}
	return one, err
}

// wanted is the answer that a case wants, of the members that may say it. For
// invalid and valid, false is as good as absent.
func wanted(match, invalid, accepts scan.Value) (answer, error) {
	var all []answer
	for _, m := range []struct {
		name    string
		value   scan.Value
		yes, no answer
	}{
		{"match", match, true, false},
		{"invalid", invalid, answerInvalid, nil},
		{"valid", accepts, answerValid, nil},
	} {
		said := m.yes
		switch m.value.Kind {
		case scan.Missing, scan.Null:
			continue
		case scan.True:
		case scan.False:
			said = m.no
		default:
			return nil, fmt.Errorf("%q must be true or false, it is a %s", m.name, m.value.Kind)
		}
		if said != nil {
			all = append(all, said)
		}
	}
	if len(all) != 1 {
		return nil, fmt.Errorf(`a case says one of "match", "invalid" and "valid", got %d of them`, len(all))
	}
	return all[0], nil
}

// player answers cases one after another.
type player struct {
	doc   scan.Doc
	state pattern.State
}

func (p *player) play(one *testCase) answer {
	var paths scan.Paths
	m, err := pattern.Compile(&paths, one.pattern)
	if err != nil {
		return answerInvalid
	}
	if _, ok := one.want.(bool); !ok {
		return answerValid
	}
	if err := paths.Scan(one.event, &p.doc); err != nil {
		return "error: " + err.Error()
	}
	hits, err := m.Match(&p.doc, &p.state)
	if err != nil {
		return "error: " + err.Error()
	}
	return len(hits) == 1
}
