package pattern

import (
	"bytes"
	"strconv"
	"strings"
)

// addr is an IP address. A version 4 address is mapped into version 6
// (RFC 4291 §2.5.5.2), so ::ffff:10.0.0.1 and 10.0.0.1 are one address.
type addr [16]byte

const mappedPrefix = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff"

func (a *addr) v4() bool { return string(a[:12]) == mappedPrefix }

// parseAddr reads an address as event-ruler does: four decimal numbers, leading
// zeros allowed, in at most 15 characters, or a version 6 address without an
// embedded version 4 one.
func parseAddr[T string | []byte](s T) (addr, bool) {
	dots, colons := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.':
			dots++
		case c == ':':
			colons++
		case !isHex(c):
			return addr{}, false
		}
	}
	switch {
	case colons > 0 && dots == 0:
		return parseV6([]byte(s))
	case colons == 0 && dots == 3 && len(s) <= 15:
		return parseV4([]byte(s))
	}
	return addr{}, false
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func parseV4(s []byte) (a addr, ok bool) {
	copy(a[:], mappedPrefix)
	for i := range 4 {
		part, rest, _ := bytes.Cut(s, []byte{'.'})
		s = rest
		n := 0
		for _, c := range part {
			if c > '9' {
				return a, false
			}
			n = n*10 + int(c-'0')
		}
		if len(part) == 0 || n > 255 {
			return a, false
		}
		a[12+i] = byte(n)
	}
	return a, true
}

// parseV6 reads groups of hexadecimal digits; one run of groups may be ::.
func parseV6(s []byte) (a addr, ok bool) {
	head, tail, gap := bytes.Cut(s, []byte("::"))
	front, n, ok := groups(head)
	if !ok {
		return a, false
	}
	copy(a[:], front[:n])
	if !gap {
		return a, n == len(a)
	}
	back, k, ok := groups(tail)
	if !ok || n+k > len(a)-2 {
		return a, false
	}
	copy(a[len(a)-k:], back[:k])
	return a, true
}

// groups reads groups that colons separate and returns their n bytes.
func groups(s []byte) (out addr, n int, ok bool) {
	for more := len(s) > 0; more; n += 2 {
		var g []byte
		g, s, more = bytes.Cut(s, []byte{':'})
		value := 0
		for _, c := range g {
			if value = value<<4 | hexValue(c); value > 0xffff {
				return out, 0, false
			}
		}
		if len(g) == 0 || n == len(out) {
			return out, 0, false
		}
		out[n], out[n+1] = byte(value>>8), byte(value)
	}
	return out, n, true
}

func hexValue(c byte) int {
	switch {
	case c >= 'a':
		return int(c - 'a' + 10)
	case c >= 'A':
		return int(c - 'A' + 10)
	}
	return int(c - '0')
}

// net is a block of addresses of one version: those from low to high.
type net struct{ low, high addr }

func (n *net) has(a *addr) bool {
	return bytes.Compare(n.low[:], a[:]) <= 0 && bytes.Compare(a[:], n.high[:]) <= 0 && n.low.v4() == a.v4()
}

// parseNet reads address/bits. The address may have bits behind the mask. An
// error says what is wrong.
func parseNet(s string) (n net, problem string) {
	// Java's split, which the reference uses, drops empty parts at the end.
	s = strings.TrimRight(s, "/")
	text, mask, ok := strings.Cut(s, "/")
	if !ok || strings.Contains(mask, "/") {
		return n, "expected address/bits, such as 10.0.0.0/8"
	}
	a, ok := parseAddr(text)
	if !ok {
		return n, strconv.Quote(text) + " is no IP address"
	}
	bits, err := strconv.Atoi(mask)
	if err != nil || bits < 0 {
		return n, strconv.Quote(mask) + " is no number of bits"
	}
	most, skipped := 127, 0
	if a.v4() {
		most, skipped = 31, 96
	}
	if bits > most {
		return n, "at most " + strconv.Itoa(most) + " bits; for one address, write the address itself"
	}
	n = net{low: a, high: a}
	for i := skipped + bits; i < 128; i++ {
		n.low[i/8] &^= 0x80 >> (i % 8)
		n.high[i/8] |= 0x80 >> (i % 8)
	}
	return n, ""
}
