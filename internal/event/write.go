package event

import (
	"time"
	"unicode/utf8"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// A writer writes one JSON object. Objects in it are opened and closed.
type writer struct{ buf []byte }

func newWriter(size int) writer {
	return writer{append(make([]byte, 0, size), '{')}
}

// bytes closes the object and returns it.
func (w *writer) bytes() []byte {
	w.close()
	return w.buf
}

func (w *writer) name(name string) {
	if w.buf[len(w.buf)-1] != '{' {
		w.buf = append(w.buf, ',')
	}
	w.buf = appendString(w.buf, name)
	w.buf = append(w.buf, ':')
}

func (w *writer) open(name string) {
	w.name(name)
	w.buf = append(w.buf, '{')
}

func (w *writer) close() { w.buf = append(w.buf, '}') }

func (w *writer) string(name, s string) {
	w.name(name)
	w.buf = appendString(w.buf, s)
}

func (w *writer) text(name string, s []byte) {
	w.name(name)
	w.buf = appendString(w.buf, s)
}

// value writes v as it was written, nothing if it is missing.
func (w *writer) value(name string, v scan.Value) {
	if v.Kind == scan.Missing {
		return
	}
	w.name(name)
	w.buf = append(w.buf, v.Raw...)
}

// time writes t to the second, as EventBridge does.
func (w *writer) time(name string, t time.Time) {
	w.name(name)
	w.buf = append(w.buf, '"')
	w.buf = t.AppendFormat(w.buf, time.RFC3339)
	w.buf = append(w.buf, '"')
}

// word is the eight bytes of s; the compiler makes one load of it, where in generic
// code it calls a conversion for encoding/binary.
func word[T string | []byte](s T) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// appendString appends s as a JSON string. It escapes what JSON must have
// escaped and nothing else; a byte that is not UTF-8 becomes U+FFFD, as in
// encoding/json.
func appendString[T string | []byte](dst []byte, s T) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		if i+8 <= len(s) && scan.Plain(word(s[i:i+8])) {
			i += 8
			continue
		}
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(string(s[i:min(i+utf8.UTFMax, len(s))]))
			if r == utf8.RuneError && n == 1 {
				dst = append(dst, s[start:i]...)
				dst = utf8.AppendRune(dst, utf8.RuneError)
				start = i + 1
			}
			i += n
			continue
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}
