package locallambda

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"sync"
	"time"
)

// MaxLineBytes bounds a [Line]: a longer line arrives in pieces of this size, so
// that a function which never ends its line does not fill our memory.
const MaxLineBytes = 256 << 10

// drainGrace is how long output is still awaited from a pipe whose process is
// gone. Only a descendant that left the process group can hold the pipe open.
const drainGrace = 250 * time.Millisecond

// Stream says which of its two streams a function wrote to.
type Stream string

// The streams of a function.
const (
	Stdout Stream = "stdout"
	Stderr Stream = "stderr"
)

// A Line is one line that a function wrote, without its line feed.
//
// All lines of a process are delivered before the result of an invocation that
// the process did not survive, and before Close returns. The lines of an
// invocation that succeeded may still be on their way when Invoke returns:
// output and answer take different roads. Whoever needs them all lets the
// function write a last line that can be recognised, and waits for it.
type Line struct {
	Process int // 1 for the first process started, 2 for the next, …
	Stream  Stream
	Text    string
}

// output hands lines to the callback, one at a time.
type output struct {
	mu   sync.Mutex
	emit func(Line)
}

// copy delivers the lines of r until it ends.
func (o *output) copy(r io.Reader, process int, stream Stream) {
	in := bufio.NewReaderSize(r, MaxLineBytes)
	for {
		text, err := in.ReadSlice('\n')
		if len(text) > 0 {
			o.line(Line{Process: process, Stream: stream, Text: string(bytes.TrimSuffix(text, []byte("\n")))})
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
	}
}

func (o *output) line(l Line) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.emit(l)
}

// pipe is the reading end of a stream. Once its read deadline is set, it ends
// when it is closed by the last writer or falls silent.
type pipe struct{ *os.File }

func (p pipe) Read(b []byte) (int, error) {
	n, err := p.File.Read(b)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return n, err
	}
	// A callback that took its time used up the deadline, but what the process
	// wrote before it died is still in the pipe: look once more.
	p.expireSoon()
	n, err = p.File.Read(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = io.EOF
	}
	return n, err
}

func (p pipe) expireSoon() {
	// Where pipes have no deadlines there are no process groups to escape either.
	_ = p.SetReadDeadline(time.Now().Add(drainGrace))
}
