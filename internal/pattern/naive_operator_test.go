package pattern

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// naiveEntry reads an entry of a field's list.
func naiveEntry(v naiveValue) (naiveTest, error) {
	switch v.kind {
	case naiveArray:
		return nil, errors.New("a list in a list")
	case naiveObject:
		return naiveOperator(v)
	case naiveString:
		if addr, ok := naiveAddr(v.text); ok {
			return naiveIn(netip.PrefixFrom(addr, addr.BitLen())), nil
		}
		return naiveStrings(func(s string) bool { return s == v.text }), nil
	case naiveNumber:
		return func(leaf naiveValue) bool { return naiveSameNumber(leaf, v) }, nil
	}
	return func(leaf naiveValue) bool { return leaf.kind == v.kind }, nil
}

// naiveStrings is a test that only strings can meet.
func naiveStrings(meets func(s string) bool) naiveTest {
	return func(leaf naiveValue) bool { return leaf.kind == naiveString && meets(leaf.text) }
}

// naiveOperator reads {"operator": operand}.
func naiveOperator(v naiveValue) (naiveTest, error) {
	op, operand, err := naiveOnly(v)
	if err != nil {
		return nil, err
	}
	switch op {
	case "prefix", "suffix":
		if operand.kind == naiveObject {
			inner, text, err := naiveOnly(operand)
			if err != nil || inner != "equals-ignore-case" {
				return nil, fmt.Errorf("%s takes a string or equals-ignore-case", op)
			}
			return naiveText(op+"-"+inner, text)
		}
		return naiveText(op, operand)
	case "exactly", "equals-ignore-case", "wildcard", "cidr":
		return naiveText(op, operand)
	case "exists":
		if operand.kind != naiveTrue && operand.kind != naiveFalse {
			return nil, errors.New("exists takes true or false")
		}
		return func(naiveValue) bool { return operand.kind == naiveTrue }, nil
	case "numeric":
		return naiveNumeric(operand)
	case "anything-but":
		return naiveAnythingBut(operand)
	}
	return nil, fmt.Errorf("unknown operator %q", op)
}

// naiveOnly is the one member of an object.
func naiveOnly(v naiveValue) (string, naiveValue, error) {
	if len(v.members) != 1 {
		return "", v, errors.New("expected an object with one member")
	}
	return v.members[0].name, v.members[0].value, nil
}

// naiveText is the test of an operator on strings. For prefixes and suffixes the
// quotes around an event's string are part of it: the prefix \" is met by "".
func naiveText(op string, operand naiveValue) (naiveTest, error) {
	if operand.kind != naiveString {
		return nil, fmt.Errorf("%s takes a string", op)
	}
	want := operand.text
	switch op {
	case "exactly":
		return naiveStrings(func(s string) bool { return s == want }), nil
	case "prefix":
		return naiveStrings(func(s string) bool { return strings.HasPrefix(s+`"`, want) }), nil
	case "suffix":
		return naiveStrings(func(s string) bool { return strings.HasSuffix(`"`+s, want) }), nil
	case "equals-ignore-case":
		return naiveStrings(func(s string) bool { return naiveFold(want, s, true) }), nil
	case "prefix-equals-ignore-case":
		return naiveStrings(func(s string) bool { return naiveFold(want, s+`"`, false) }), nil
	case "suffix-equals-ignore-case":
		return naiveStrings(func(s string) bool { return naiveFoldSuffix(want, `"`+s) }), nil
	case "wildcard":
		return naiveWildcard(want)
	}
	return naiveCIDR(want)
}

// naiveWildcard is the test of a wildcard: * is anything, \* and \\ are the
// characters.
func naiveWildcard(text string) (naiveTest, error) {
	expr := ""
	for rest := text; rest != ""; {
		n := 1 // bytes of rest that are read
		switch {
		case strings.HasPrefix(rest, "**"):
			return nil, errors.New("two * in a row")
		case rest[0] == '*':
			expr += ".*"
		case strings.HasPrefix(rest, `\*`), strings.HasPrefix(rest, `\\`):
			expr += regexp.QuoteMeta(rest[1:2])
			n = 2
		case rest[0] == '\\':
			return nil, errors.New(`\ escapes nothing`)
		default:
			n = strings.IndexAny(rest+"*", `*\`)
			expr += regexp.QuoteMeta(rest[:n])
		}
		rest = rest[n:]
	}
	re, err := regexp.Compile(`(?s)\A` + expr + `\z`)
	if err != nil {
		return nil, err
	}
	return naiveStrings(re.MatchString), nil
}

// naiveIn is the test for a string that is an address in block.
func naiveIn(block netip.Prefix) naiveTest {
	return naiveStrings(func(s string) bool {
		addr, ok := naiveAddr(s)
		return ok && block.Contains(addr)
	})
}

// naiveCIDR reads address/bits. A block of one address is not allowed; bits
// behind the mask and slashes behind the bits are.
func naiveCIDR(text string) (naiveTest, error) {
	address, mask, _ := strings.Cut(strings.TrimRight(text, "/"), "/")
	addr, ok := naiveAddr(address)
	bits, err := strconv.Atoi(mask)
	if !ok || err != nil || bits < 0 || bits >= addr.BitLen() {
		return nil, errors.New("expected address/bits")
	}
	return naiveIn(netip.PrefixFrom(addr, bits).Masked()), nil
}

// naiveAddr reads an address as Java does: leading zeros mean nothing. An IPv4
// address may be written in at most 15 characters, or mapped into IPv6 in
// hexadecimal.
func naiveAddr(s string) (netip.Addr, bool) {
	separator := ":"
	switch {
	case len(s) <= 15 && strings.Trim(s, "0123456789.") == "":
		separator = "."
	case strings.Trim(s, "0123456789abcdefABCDEF:") != "":
		return netip.Addr{}, false
	}
	parts := strings.Split(s, separator)
	for i, part := range parts {
		if strings.Trim(part, "0") == "" && part != "" {
			parts[i] = "0"
		} else {
			parts[i] = strings.TrimLeft(part, "0")
		}
	}
	addr, err := netip.ParseAddr(strings.Join(parts, separator))
	return addr.Unmap(), err == nil
}

// naiveNumeric reads [operator, number], or a range of a lower bound and an
// upper bound above it.
func naiveNumeric(v naiveValue) (naiveTest, error) {
	var ops string
	var bounds []float64
	for i, e := range v.elements {
		if i%2 == 0 && e.kind == naiveString {
			ops += e.text + " "
		} else if n, ok := naiveComparable(e); i%2 == 1 && ok {
			bounds = append(bounds, n)
		} else {
			return nil, errors.New("numeric takes operators and numbers in turn")
		}
	}
	var holds func(n float64) bool
	switch {
	case len(v.elements) == 2:
		holds = naiveCompare(ops, bounds[0])
	case len(v.elements) == 4 && bounds[0] < bounds[1]:
		holds = naiveBetween(ops, bounds[0], bounds[1])
	}
	if holds == nil {
		return nil, errors.New("expected a comparison or a range")
	}
	return func(leaf naiveValue) bool {
		n, ok := naiveComparable(leaf)
		return ok && holds(n)
	}, nil
}

func naiveCompare(op string, bound float64) func(n float64) bool {
	return map[string]func(n float64) bool{
		"= ":  func(n float64) bool { return n == bound },
		"< ":  func(n float64) bool { return n < bound },
		"<= ": func(n float64) bool { return n <= bound },
		"> ":  func(n float64) bool { return n > bound },
		">= ": func(n float64) bool { return n >= bound },
	}[op]
}

func naiveBetween(ops string, low, high float64) func(n float64) bool {
	return map[string]func(n float64) bool{
		"> < ":   func(n float64) bool { return low < n && n < high },
		"> <= ":  func(n float64) bool { return low < n && n <= high },
		">= < ":  func(n float64) bool { return low <= n && n < high },
		">= <= ": func(n float64) bool { return low <= n && n <= high },
	}[ops]
}

// naiveAnythingBut reads a value, a list of strings or of numbers, or an
// operator with a string or a list of strings. The test is for a leaf that is
// none of it, of any kind.
func naiveAnythingBut(v naiveValue) (naiveTest, error) {
	op := ""
	if v.kind == naiveObject {
		var err error
		if op, v, err = naiveOnly(v); err != nil {
			return nil, err
		}
		if !slices.Contains([]string{"prefix", "suffix", "equals-ignore-case", "wildcard"}, op) {
			return nil, fmt.Errorf("unknown operator %q in anything-but", op)
		}
	}
	values := v.elements
	if v.kind != naiveArray {
		values = []naiveValue{v}
	}
	if len(values) == 0 {
		return nil, errors.New("anything-but takes at least one value")
	}
	var excluded []naiveTest
	for _, value := range values {
		test, err := naiveExcluded(op, value)
		if err != nil || value.kind != values[0].kind {
			return nil, errors.New("anything-but takes values of one kind")
		}
		excluded = append(excluded, test)
	}
	return func(leaf naiveValue) bool { return !naiveField{tests: excluded}.meets(leaf) }, nil
}

// naiveExcluded is the test for a value inside anything-but. Strings that are
// addresses are not special here.
func naiveExcluded(op string, v naiveValue) (naiveTest, error) {
	switch {
	case op != "":
		if v.text == "" && (op == "prefix" || op == "suffix") {
			return nil, fmt.Errorf("every string has the empty %s", op)
		}
		return naiveText(op, v)
	case v.kind == naiveNumber:
		if _, ok := naiveComparable(v); !ok {
			return nil, errors.New("the number cannot be compared")
		}
		return naiveEntry(v)
	}
	return naiveText("exactly", v)
}
