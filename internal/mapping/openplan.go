package mapping

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// planFile is a file whose checksum fits. Its head and its patterns have been read.
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

// openPlan reads what the function needs at start. The rest only goes by for the
// checksum: of two thousand rules an instance of the function sees a few, and does
// not pay memory for the others.
func openPlan(file io.ReaderAt) (*planFile, error) {
	f := &planFile{text: text{from: file}}
	at, size, err := f.envelope()
	if err != nil {
		return nil, err
	}
	line, err := f.line(at, size)
	if err != nil {
		return nil, err
	}
	if err := f.read(line); err != nil {
		return nil, planError("damaged: %v", err)
	}
	return f, f.find(at + int64(size) + 1)
}

// maxEnvelope is more than the first line can have.
const maxEnvelope = 256

// envelope checks the first line against the rest, and returns where the head is
// and its size.
func (f *planFile) envelope() (at int64, size int, err error) {
	start := make([]byte, maxEnvelope)
	n, err := f.from.ReadAt(start, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, 0, fmt.Errorf("%w: read it: %w", ErrPlan, err)
	}
	first, _, _ := bytes.Cut(start[:n], []byte("\n"))
	v, err := scan.Read(first)
	if err != nil {
		return 0, 0, planError("damaged: %v", err)
	}
	if !scan.Member(v, "format").Is(planFormat) {
		return 0, 0, planError("not a Taskbridge plan")
	}
	if version, _ := scan.Member(v, "version").Int(); version != PlanVersion {
		return 0, 0, planError("its format is version %d, this build reads version %d", version, PlanVersion)
	}
	at = int64(len(first)) + 1
	sum, err := f.measure(at)
	if err != nil {
		return 0, 0, err
	}
	head, ok := scan.Member(v, "head").Int()
	if !ok || head < 0 || head >= f.size-at {
		return 0, 0, planError("damaged: it ends before it should")
	}
	if !scan.Member(v, "crc32").Is(sum) {
		return 0, 0, planError("damaged: its checksum does not fit its content")
	}
	return at, int(head), nil
}

// measure finds the size of the file and returns the checksum of what follows an
// offset.
func (t *text) measure(at int64) (string, error) {
	sum := crc32.NewIEEE()
	n, err := io.CopyBuffer(sum, io.NewSectionReader(t.from, at, math.MaxInt64-at), make([]byte, 64<<10))
	if err != nil {
		return "", fmt.Errorf("%w: read it: %w", ErrPlan, err)
	}
	t.size = at + n
	return checksum(sum.Sum32()), nil
}

// find reads the patterns, which begin at an offset, and finds the lines behind
// them.
func (f *planFile) find(at int64) error {
	size := 0
	for i := range f.Rules {
		size += f.Rules[i].patternLine()
	}
	all, err := f.part(at, size)
	if err != nil {
		return err
	}
	f.patterns = make([][]byte, len(f.Rules))
	for i := range f.Rules {
		if n := f.Rules[i].patternLine(); n > 0 {
			if f.patterns[i], err = line(all[:n:n]); err != nil {
				return err
			}
			all = all[n:]
		}
	}
	at += int64(size)
	for i := range f.Rules {
		f.Rules[i].at = at
		at += int64(f.Rules[i].rule) + 1
	}
	if at != f.size {
		return planError("damaged: it does not end where its head says")
	}
	return nil
}

// part reads size bytes at an offset.
func (t *text) part(at int64, size int) ([]byte, error) {
	if int64(size) > t.size-at {
		return nil, planError("damaged: it ends before it should")
	}
	b := make([]byte, size)
	if n, err := t.from.ReadAt(b, at); n < size {
		return nil, fmt.Errorf("%w: read it: %w", ErrPlan, err)
	}
	return b, nil
}

// line reads the line of a size at an offset.
func (t *text) line(at int64, size int) ([]byte, error) {
	b, err := t.part(at, size+1)
	if err != nil {
		return nil, err
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
