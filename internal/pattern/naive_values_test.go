package pattern

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// naiveComparable is the value of a number that can be compared: one that is the
// shortest decimal of a finite 64-bit float, however it is written.
func naiveComparable(v naiveValue) (float64, bool) {
	if v.kind != naiveNumber {
		return 0, false
	}
	f, err := strconv.ParseFloat(v.text, 64)
	if err != nil {
		return 0, false // out of range
	}
	return f, naiveDecimal(v.text) == naiveDecimal(strconv.FormatFloat(f, 'e', -1, 64))
}

// naiveSameNumber reports whether two numbers are equal. Those that cannot be
// compared are equal if they are written alike.
func naiveSameNumber(v, w naiveValue) bool {
	x, xok := naiveComparable(v)
	y, yok := naiveComparable(w)
	return xok && yok && x == y || v.kind == naiveNumber && v.kind == w.kind && v.text == w.text
}

// naiveDecimal writes a JSON number in the one way that all spellings of it
// share: its digits without zeros at either end, and an exponent.
func naiveDecimal(text string) string {
	mantissa, exponent, ok := strings.Cut(strings.ToLower(text), "e")
	if !ok {
		exponent = "0"
	}
	mantissa, negative := strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return "0"
	}
	significant := strings.TrimRight(digits, "0")
	exp, _ := new(big.Int).SetString(exponent, 10)
	exp.Add(exp, big.NewInt(int64(len(digits)-len(significant)-len(fraction))))
	return fmt.Sprint(negative, significant, "e", exp)
}

// naiveFold reports whether text is pattern, or starts with it if whole is
// false, when each character of pattern may stand in lower and in upper case.
// The text is taken as it is: the letter k of a pattern is not met by the Kelvin
// sign.
func naiveFold(pattern, text string, whole bool) bool {
	if pattern == "" {
		return text == "" || !whole
	}
	r, n := utf8.DecodeRuneInString(pattern)
	return slices.ContainsFunc(naiveCases(r), func(form string) bool {
		rest, ok := strings.CutPrefix(text, form)
		return ok && naiveFold(pattern[n:], rest, whole)
	})
}

func naiveFoldSuffix(pattern, text string) bool {
	for i := range len(text) + 1 {
		if naiveFold(pattern, text[i:], true) {
			return true
		}
	}
	return false
}

// naiveCases is r in lower case and in upper case, by Java's full mappings in
// its root locale. The character itself is not among them if it has both. A
// character beyond U+FFFF is two to Java, and nothing meets it.
func naiveCases(r rune) []string {
	if r > 0xffff {
		return nil
	}
	lower, upper := string(unicode.ToLower(r)), string(unicode.ToUpper(r))
	if r == 'İ' {
		lower = "i\u0307"
	}
	if long, ok := naiveLongUpper(r); ok {
		upper = long
	}
	return slices.Compact([]string{lower, upper})
}

// naiveLongUpper is the upper case of r if it is more than one character.
func naiveLongUpper(r rune) (string, bool) {
	if r >= '\u1f80' && r <= '\u1faf' {
		// Greek letters with an iota below: the capital with the same breathing
		// and accent, and a capital iota.
		capitals := []rune{'\u1f08', '\u1f28', '\u1f68'}[(r-'\u1f80')/16]
		return string(capitals+r%8) + "\u0399", true
	}
	upper, ok := naiveLongUppers[r]
	return upper, ok
}

// naiveLongUppers are the others, from Unicode's SpecialCasing.txt.
var naiveLongUppers = map[rune]string{
	'\u00df': "SS", '\u0149': "\u02bcN", '\u01f0': "J\u030c", '\u0390': "\u0399\u0308\u0301",
	'\u03b0': "\u03a5\u0308\u0301", '\u0587': "\u0535\u0552", '\u1e96': "H\u0331", '\u1e97': "T\u0308",
	'\u1e98': "W\u030a", '\u1e99': "Y\u030a", '\u1e9a': "A\u02be", '\u1f50': "\u03a5\u0313",
	'\u1f52': "\u03a5\u0313\u0300", '\u1f54': "\u03a5\u0313\u0301", '\u1f56': "\u03a5\u0313\u0342",
	'\u1fb2': "\u1fba\u0399", '\u1fb3': "\u0391\u0399", '\u1fb4': "\u0386\u0399", '\u1fb6': "\u0391\u0342",
	'\u1fb7': "\u0391\u0342\u0399", '\u1fbc': "\u0391\u0399", '\u1fc2': "\u1fca\u0399",
	'\u1fc3': "\u0397\u0399", '\u1fc4': "\u0389\u0399", '\u1fc6': "\u0397\u0342",
	'\u1fc7': "\u0397\u0342\u0399", '\u1fcc': "\u0397\u0399", '\u1fd2': "\u0399\u0308\u0300",
	'\u1fd3': "\u0399\u0308\u0301", '\u1fd6': "\u0399\u0342", '\u1fd7': "\u0399\u0308\u0342",
	'\u1fe2': "\u03a5\u0308\u0300", '\u1fe3': "\u03a5\u0308\u0301", '\u1fe4': "\u03a1\u0313",
	'\u1fe6': "\u03a5\u0342", '\u1fe7': "\u03a5\u0308\u0342", '\u1ff2': "\u1ffa\u0399",
	'\u1ff3': "\u03a9\u0399", '\u1ff4': "\u038f\u0399", '\u1ff6': "\u03a9\u0342",
	'\u1ff7': "\u03a9\u0342\u0399", '\u1ffc': "\u03a9\u0399", '\ufb00': "FF", '\ufb01': "FI", '\ufb02': "FL",
	'\ufb03': "FFI", '\ufb04': "FFL", '\ufb05': "ST", '\ufb06': "ST", '\ufb13': "\u0544\u0546",
	'\ufb14': "\u0544\u0535", '\ufb15': "\u0544\u053b", '\ufb16': "\u054e\u0546", '\ufb17': "\u0544\u053d",
}
