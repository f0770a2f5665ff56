package pattern

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

// fuzzNames, fuzzStrings and fuzzNumbers are what cases are made of. Each case
// takes few of them, so that its patterns and its event often meet.
var (
	fuzzNames   = []string{"a", "b", "c", "a", "b", "a.b", "b.c", "a.b.c", "é", "", "."}
	fuzzStrings = []string{
		"a", "ab", "abc", "abcab", "aab", "bab", "AB", "x", "", `"`, `a"b`, `\`, "a*b", "null", "1", "true",
		"é", "aÉ", "ß", "ssß", "ﬁ", "Kelvin", "\u212aelvin", "İ", "i\u0307", "ǅ", "Σς", "ΐ", "😀a", "𐐀", "𐐨b", "ŉ", "256.1.1.1",
	}
	fuzzAddresses = []string{
		"10.0.0.1", "010.0.0.1", "::ffff:a00:1", "10.0.0.255", "10.255.0.0", "0.0.0.0", "::1", "0:0::01", "2001:db8::", "2001:db8:1::",
	}
	fuzzNumbers = []string{
		"1", "1.0", "10e-1", "0", "-0", "0e9999", "2", "-1", "-1.5", "2.5", "100", "1E+2", "0.1", "5e-324", "1e23",
		"9007199254740992", "1.7976931348623157e308",
	}
	// These cannot be compared.
	fuzzInexact       = []string{"9007199254740993", "12345678901234567890", "1e309", "1e-400", "12345678901234567890.0"}
	fuzzTextOperators = []string{"prefix", "suffix", "equals-ignore-case", "wildcard", "exactly"}
)

// A fuzzSource decodes bytes into a case. Each byte is one decision; after the
// last the simplest choice is taken, so that every input is a case.
type fuzzSource struct {
	data    []byte
	scalars int // that the event may still have

	names, strings, numbers []string // of this case
}

// fuzzCase is one to six patterns, most of them valid, and an event.
func fuzzCase(data []byte) (patterns []string, event string) {
	s := &fuzzSource{data: data, scalars: 24}
	for range 2 {
		s.names = append(s.names, s.pick(fuzzNames))
		s.strings = append(s.strings, s.pick(fuzzStrings))
		s.numbers = append(s.numbers, s.pick(fuzzNumbers))
	}
	s.names = append(s.names, "a")
	s.strings = append(s.strings, s.pick(fuzzAddresses))
	event = s.eventObject(3)
	for range 1 + s.n(6) {
		patterns = append(patterns, s.damaged(s.patternObject(3)))
	}
	return patterns, event
}

// n is a number from 0 to limit-1.
func (s *fuzzSource) n(limit int) int {
	if len(s.data) == 0 {
		return 0
	}
	b := s.data[0]
	s.data = s.data[1:]
	return int(b) % limit
}

// rarely is true in one of 64 cases.
func (s *fuzzSource) rarely() bool { return s.n(64) == 63 }

func (s *fuzzSource) pick(from []string) string { return from[s.n(len(from))] }

// list is the texts that next gives, with commas between them.
func (s *fuzzSource) list(atLeast, atMost int, next func() string) string {
	var texts []string
	for range atLeast + s.n(atMost-atLeast+1) {
		texts = append(texts, next())
	}
	return strings.Join(texts, ",")
}

func (s *fuzzSource) eventObject(depth int) string {
	return "{" + s.list(0, 4, func() string { return s.name() + ":" + s.eventValue(depth-1) }) + "}"
}

func (s *fuzzSource) eventValue(depth int) string {
	kind := s.n(8)
	switch {
	case kind < 4 || depth == 0 || s.scalars <= 0:
		s.scalars--
		return s.scalar()
	case kind < 6:
		return s.eventObject(depth)
	}
	return "[" + s.list(0, 3, func() string { return s.eventValue(depth - 1) }) + "]"
}

func (s *fuzzSource) scalar() string {
	switch s.n(8) {
	case 4, 5:
		return s.number()
	case 6:
		return s.pick([]string{"null", "true", "false"})
	case 7:
		return s.pick(fuzzInexact)
	}
	return s.text()
}

// number is a number of the case, in some cases one that cannot be compared.
func (s *fuzzSource) number() string {
	if s.rarely() {
		return s.pick(fuzzInexact)
	}
	return s.pick(s.numbers)
}

func (s *fuzzSource) name() string { return s.quoted(s.pick(s.names)) }

// text is a string of the case or something like it.
func (s *fuzzSource) text() string { return s.quoted(s.like()) }

func (s *fuzzSource) like() string {
	text := s.pick(s.strings)
	runes := []rune(text)
	switch s.n(8) {
	case 4:
		return string(runes[:s.n(len(runes)+1)])
	case 5:
		return string(runes[s.n(len(runes)+1):])
	case 6:
		return strings.ToUpper(text)
	case 7:
		return text + s.pick(s.strings)
	}
	return text
}

// quoted is a JSON string, at times with all characters escaped.
func (s *fuzzSource) quoted(text string) string {
	escaped := s.n(8) == 7
	out := `"`
	for _, c := range text {
		switch {
		case escaped:
			for _, unit := range utf16.Encode([]rune{c}) {
				out += fmt.Sprintf(`\u%04x`, unit)
			}
		case c == '"' || c == '\\':
			out += `\` + string(c)
		default:
			out += string(c)
		}
	}
	return out + `"`
}

func (s *fuzzSource) patternObject(depth int) string {
	return "{" + s.list(1, 2+depth%2, func() string {
		kind := s.n(8)
		switch {
		case kind == 7 && depth > 0:
			return `"$or":[` + s.list(2, 3, func() string { return s.patternObject(depth - 1) }) + "]"
		case kind == 6 && depth > 0:
			return s.name() + ":" + s.patternObject(depth-1)
		case s.rarely():
			return `"prefix":["a"]`
		}
		if s.rarely() {
			return s.name() + ":[" + s.list(longList, 2*longList, s.text) + "," + s.entry() + "]"
		}
		return s.name() + ":[" + s.list(1, 3, s.entry) + "]"
	}) + "}"
}

// entry is an entry of a field's list.
func (s *fuzzSource) entry() string {
	switch s.n(16) {
	case 0, 1, 2, 3:
		return s.scalar()
	case 4, 5:
		return fmt.Sprintf(`{"exists":%t}`, s.n(2) == 0)
	case 6, 7:
		return fmt.Sprintf(`{"numeric":[%s]}`, s.comparison())
	case 8, 9:
		return `{"anything-but":` + s.excluded() + "}"
	case 10:
		return fmt.Sprintf(`{%q:{"equals-ignore-case":%s}}`, s.pick([]string{"prefix", "suffix"}), s.text())
	case 11:
		return fmt.Sprintf(`{"cidr":"%s/%d"}`, s.pick(fuzzAddresses), s.n(33))
	}
	return "{" + s.textOperator(fuzzTextOperators) + "}"
}

func (s *fuzzSource) textOperator(operators []string) string {
	op := s.pick(operators)
	text := s.like()
	if text == "" && !s.rarely() {
		text = "a" // anything-but takes no empty prefix
	}
	if op != "wildcard" {
		return fmt.Sprintf("%q:%s", op, s.quoted(text))
	}
	for range 1 + s.n(3) {
		runes := []rune(text)
		at := s.n(len(runes) + 1)
		text = string(runes[:at]) + "*" + string(runes[at:])
	}
	if !s.rarely() {
		text = strings.ReplaceAll(text, "**", "*")
	}
	if !s.rarely() {
		text = strings.ReplaceAll(text, `\`, `\\`)
	}
	return fmt.Sprintf("%q:%s", op, s.quoted(text))
}

func (s *fuzzSource) comparison() string {
	low, high := s.number(), s.number()
	switch s.n(8) {
	case 0:
		low = "-1e300"
	case 1, 2:
		high = "1e300"
	case 3: // not below it in one of two cases
	default:
		return fmt.Sprintf("%q,%s", s.pick([]string{">", ">=", "<", "<=", "="}), low)
	}
	return fmt.Sprintf("%q,%s,%q,%s", s.pick([]string{">", ">="}), low, s.pick([]string{"<", "<="}), high)
}

// excluded is the operand of anything-but.
func (s *fuzzSource) excluded() string {
	switch s.n(4) {
	case 0:
		return s.text()
	case 1:
		return s.number()
	case 2:
		if s.rarely() {
			return "[" + s.list(longList, 2*longList, s.text) + "]"
		}
		return "[" + s.list(1, 3, s.text) + "]"
	}
	operators := slices.Clone(fuzzTextOperators)
	if !s.rarely() {
		operators = operators[:4] // exactly is not allowed
	}
	return "{" + s.textOperator(operators) + "}"
}

// damaged is text, in some cases with a character too many or too few.
func (s *fuzzSource) damaged(text string) string {
	if !s.rarely() {
		return text
	}
	runes := []rune(text)
	at := s.n(len(runes))
	if s.n(2) == 0 {
		return string(runes[:at]) + string(runes[at+1:])
	}
	return string(runes[:at]) + s.pick(strings.Split(`{}[],:"\ 01.e-$`, "")) + string(runes[at:])
}
