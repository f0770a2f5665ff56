package task

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzPlain(f *testing.F) {
	for n := range 20 {
		f.Add(strings.Repeat("a", n))
		f.Add(strings.Repeat("~", n) + "\x00" + strings.Repeat("\x01", n))
		f.Add(strings.Repeat("\x01", n) + "ü" + strings.Repeat("b", n))
		f.Add(strings.Repeat("\x7f", n) + "\x80" + strings.Repeat("b", n))
	}
	f.Fuzz(func(t *testing.T, s string) {
		want := strings.IndexFunc(s, func(r rune) bool { return r == 0 || r >= utf8.RuneSelf }) < 0
		if got := plain(s); got != want {
			t.Errorf("%q: got %v, want %v", s, got, want)
		}
	})
}
