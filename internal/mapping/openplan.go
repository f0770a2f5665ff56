package mapping

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// planFile is a file whose head and patterns have been read and fit its checksum.
type planFile struct {
	head
	text
	patterns [][]byte // of each rule, nil for a schedule
}

// text is the file of a plan, of which a line is read when it is needed.
type text struct {
	from io.ReaderAt
	size int64
}

// openPlan reads what the function needs at start. It does not touch the lines of
// the rules: of two thousand an instance of the function sees a few, and the others
// cost it nothing. Each has a checksum of its own.
func openPlan(file io.ReaderAt) (*planFile, error) {
	f := &planFile{text: text{from: file}}
	at, head, patterns, err := f.envelope()
	if err != nil {
		return nil, err
	}
	line, err := line(head)
	if err != nil {
		return nil, err
	}
	if err := f.read(line); err != nil {
		return nil, planError("damaged: %v", err)
	}
	return f, f.find(at, patterns)
}

// maxEnvelope is more than the first line can have.
const maxEnvelope = 256

// envelope reads the first line, and what it has the checksum of: the line of the
// head, and those of the patterns, which end at an offset.
func (f *planFile) envelope() (at int64, head, patterns []byte, err error) {
	start := make([]byte, maxEnvelope)
	n, err := f.from.ReadAt(start, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, nil, nil, fmt.Errorf("%w: read it: %w", ErrPlan, err)
	}
	first, _, _ := bytes.Cut(start[:n], []byte("\n"))
	v, err := scan.Read(first)
	if err != nil {
		return 0, nil, nil, planError("damaged: %v", err)
	}
	if !scan.Member(v, "format").Is(planFormat) {
		return 0, nil, nil, planError("not a Taskbridge plan")
	}
	if version, _ := scan.Member(v, "version").Int(); version != PlanVersion {
		return 0, nil, nil, planError("its format is version %d, this build reads version %d", version, PlanVersion)
	}
	r := &reader{}
	size, rest := r.size(scan.Member(v, "head")), r.size(scan.Member(v, "patterns"))
	if r.err != nil {
		return 0, nil, nil, planError("damaged: %v", r.err)
	}
	at = int64(len(first)) + 1
	summed, err := f.part(at, size+1+rest)
	if err != nil {
		return 0, nil, nil, err
	}
	if !scan.Member(v, "crc32").Is(checksum(crc32.ChecksumIEEE(summed))) {
		return 0, nil, nil, planError("damaged: its checksum does not fit its content")
	}
	return at + int64(len(summed)), summed[: size+1 : size+1], summed[size+1:], nil
}

// find finds the patterns in what follows the head, and the lines behind them, from
// an offset on.
func (f *planFile) find(at int64, all []byte) (err error) {
	f.patterns = make([][]byte, len(f.Rules))
	for i := range f.Rules {
		e := &f.Rules[i]
		if n := e.patternLine(); n > len(all) {
			return misfit()
		} else if n > 0 {
			if f.patterns[i], err = line(all[:n:n]); err != nil {
				return err
			}
			all = all[n:]
		}
		e.at = at
		at += int64(e.rule) + 1
	}
	if f.size = at; len(all) > 0 || !f.reaches(at) || f.reaches(at+1) {
		return misfit()
	}
	return nil
}

func misfit() error { return planError("damaged: it does not end where its head says") }

// reaches reports whether the file has so many bytes.
func (t *text) reaches(size int64) bool {
	n, _ := t.from.ReadAt(make([]byte, 1), size-1)
	return n == 1
}

// part reads size bytes at an offset. It looks whether they are there before it
// makes room for them.
func (t *text) part(at int64, size int) ([]byte, error) {
	if n, err := t.from.ReadAt(make([]byte, 1), at+int64(size)-1); n < 1 && errors.Is(err, io.EOF) {
		return nil, planError("damaged: it ends before it should")
	}
	b := make([]byte, size)
	if n, err := t.from.ReadAt(b, at); n < size {
		return nil, fmt.Errorf("%w: read it: %w", ErrPlan, err)
	}
	return b, nil
}

// line reads the line of a rule.
func (t *text) line(e *entry) ([]byte, error) {
	b, err := t.part(e.at, e.rule+1)
	if err != nil {
		return nil, err
	}
	if crc32.ChecksumIEEE(b) != e.sum {
		return nil, planError("damaged: rule %q: its checksum does not fit its content", e.name)
	}
	return line(b)
}

// line is b without its end.
func line(b []byte) ([]byte, error) {
	last := len(b) - 1
	if b[last] != '\n' {
		return nil, planError("damaged: a line does not end where it should")
	}
	return b[:last], nil
}
