package pattern

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Ignoring case means in event-ruler: each character of the pattern may stand as
// it is in lower case or as it is in upper case, with Java's full mappings, so ß
// of a pattern is met by ß and by SS. It is no folding of both sides: the
// letter k of a pattern is not met by the Kelvin sign. A character beyond U+FFFF
// is two characters to Java, neither of which has a case of its own: nothing
// meets it.

// lastFolded is the last character that ignoring case has an effect on.
const lastFolded = 0xffff

// upperSpecial are the characters whose upper case is more than one character,
// each with it, separated by spaces: Unicode's SpecialCasing.txt, unconditional
// mappings.
const upperSpecial = "" +
	" \u00dfSS \u0149\u02bcN \u01f0J\u030c \u0390\u0399\u0308\u0301 \u03b0\u03a5\u0308\u0301 \u0587\u0535\u0552" +
	" \u1e96H\u0331 \u1e97T\u0308 \u1e98W\u030a \u1e99Y\u030a \u1e9aA\u02be \u1f50\u03a5\u0313" +
	" \u1f52\u03a5\u0313\u0300 \u1f54\u03a5\u0313\u0301 \u1f56\u03a5\u0313\u0342 \u1f80\u1f08\u0399" +
	" \u1f81\u1f09\u0399 \u1f82\u1f0a\u0399 \u1f83\u1f0b\u0399 \u1f84\u1f0c\u0399 \u1f85\u1f0d\u0399" +
	" \u1f86\u1f0e\u0399 \u1f87\u1f0f\u0399 \u1f88\u1f08\u0399 \u1f89\u1f09\u0399 \u1f8a\u1f0a\u0399" +
	" \u1f8b\u1f0b\u0399 \u1f8c\u1f0c\u0399 \u1f8d\u1f0d\u0399 \u1f8e\u1f0e\u0399 \u1f8f\u1f0f\u0399" +
	" \u1f90\u1f28\u0399 \u1f91\u1f29\u0399 \u1f92\u1f2a\u0399 \u1f93\u1f2b\u0399 \u1f94\u1f2c\u0399" +
	" \u1f95\u1f2d\u0399 \u1f96\u1f2e\u0399 \u1f97\u1f2f\u0399 \u1f98\u1f28\u0399 \u1f99\u1f29\u0399" +
	" \u1f9a\u1f2a\u0399 \u1f9b\u1f2b\u0399 \u1f9c\u1f2c\u0399 \u1f9d\u1f2d\u0399 \u1f9e\u1f2e\u0399" +
	" \u1f9f\u1f2f\u0399 \u1fa0\u1f68\u0399 \u1fa1\u1f69\u0399 \u1fa2\u1f6a\u0399 \u1fa3\u1f6b\u0399" +
	" \u1fa4\u1f6c\u0399 \u1fa5\u1f6d\u0399 \u1fa6\u1f6e\u0399 \u1fa7\u1f6f\u0399 \u1fa8\u1f68\u0399" +
	" \u1fa9\u1f69\u0399 \u1faa\u1f6a\u0399 \u1fab\u1f6b\u0399 \u1fac\u1f6c\u0399 \u1fad\u1f6d\u0399" +
	" \u1fae\u1f6e\u0399 \u1faf\u1f6f\u0399 \u1fb2\u1fba\u0399 \u1fb3\u0391\u0399 \u1fb4\u0386\u0399" +
	" \u1fb6\u0391\u0342 \u1fb7\u0391\u0342\u0399 \u1fbc\u0391\u0399 \u1fc2\u1fca\u0399 \u1fc3\u0397\u0399" +
	" \u1fc4\u0389\u0399 \u1fc6\u0397\u0342 \u1fc7\u0397\u0342\u0399 \u1fcc\u0397\u0399 \u1fd2\u0399\u0308\u0300" +
	" \u1fd3\u0399\u0308\u0301 \u1fd6\u0399\u0342 \u1fd7\u0399\u0308\u0342 \u1fe2\u03a5\u0308\u0300" +
	" \u1fe3\u03a5\u0308\u0301 \u1fe4\u03a1\u0313 \u1fe6\u03a5\u0342 \u1fe7\u03a5\u0308\u0342 \u1ff2\u1ffa\u0399" +
	" \u1ff3\u03a9\u0399 \u1ff4\u038f\u0399 \u1ff6\u03a9\u0342 \u1ff7\u03a9\u0342\u0399 \u1ffc\u03a9\u0399 \ufb00FF" +
	" \ufb01FI \ufb02FL \ufb03FFI \ufb04FFL \ufb05ST \ufb06ST \ufb13\u0544\u0546 \ufb14\u0544\u0535" +
	" \ufb15\u0544\u053b \ufb16\u054e\u0546 \ufb17\u0544\u053d" + " "

// cases returns the lower and the upper case of r, both in dst. text is r as the
// pattern has it: the bytes of a lone surrogate, which are no character, are
// their own lower and upper case.
func cases(dst []byte, text string, r rune) (lower, upper []byte) {
	switch {
	case r == utf8.RuneError:
		dst = append(dst, text...)
		return dst, dst
	case r == 'İ':
		dst = append(dst, "i\u0307"...) // its lower case in Java's root locale
	default:
		dst = utf8.AppendRune(dst, unicode.ToLower(r))
	}
	n := len(dst)
	if i := strings.Index(upperSpecial, " "+text); i >= 0 {
		rest := upperSpecial[i+1+len(text):]
		dst = append(dst, rest[:strings.IndexByte(rest, ' ')]...)
	} else {
		dst = utf8.AppendRune(dst, unicode.ToUpper(r))
	}
	return dst[:n], dst[n:]
}

// foldPrefix returns how many bytes of text the pattern p is met by, ignoring
// case, from the start of text; -1 if it is not.
func foldPrefix(p string, text []byte) int {
	at := 0
	for len(p) > 0 {
		if c := p[0]; c < utf8.RuneSelf {
			if at == len(text) || toLower(text[at]) != toLower(c) {
				return -1
			}
			p, at = p[1:], at+1
			continue
		}
		r, size := utf8.DecodeRuneInString(p)
		var buf [32]byte
		lower, upper := cases(buf[:0], p[:size], r)
		p = p[size:]
		switch rest := text[at:]; {
		case r > lastFolded:
			return -1
		case hasPrefix(rest, lower):
			at += len(lower)
		case hasPrefix(rest, upper):
			at += len(upper)
		default:
			return -1
		}
	}
	return at
}

// foldSuffix reports whether text ends with what meets p, ignoring case.
func foldSuffix(p string, text []byte) bool {
	for len(p) > 0 {
		r, size := utf8.DecodeLastRuneInString(p)
		var buf [32]byte
		lower, upper := cases(buf[:0], p[len(p)-size:], r)
		p = p[:len(p)-size]
		switch {
		case r > lastFolded:
			return false
		case hasSuffix(text, lower):
			text = text[:len(text)-len(lower)]
		case hasSuffix(text, upper):
			text = text[:len(text)-len(upper)]
		default:
			return false
		}
	}
	return true
}

func hasPrefix[P string | []byte](text []byte, p P) bool {
	return len(text) >= len(p) && string(text[:len(p)]) == string(p)
}

func hasSuffix[P string | []byte](text []byte, p P) bool {
	return len(text) >= len(p) && string(text[len(text)-len(p):]) == string(p)
}

// toLower is the lower case of an ASCII letter; any other byte is itself.
func toLower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func appendLower[T string | []byte](dst []byte, text T) []byte {
	for i := range len(text) {
		dst = append(dst, toLower(text[i]))
	}
	return dst
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
