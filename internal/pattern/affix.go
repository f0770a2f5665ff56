package pattern

import (
	"cmp"
	"slices"
)

// affixes finds which of many prefixes, or of many suffixes, a text has. They
// are sorted, suffixes from their end; of those that a text has, the longest is
// the one before the text's own place, or is a prefix of that one, and each
// knows the next shorter one that it has itself.
type affixes struct {
	texts  []string
	heads  []int32 // of lists of links; until finish, conditions
	parent []int32 // the longest other one that this one has, or -1
	suffix bool
}

func (a *affixes) add(text string, condition int32) {
	a.texts = append(a.texts, text)
	a.heads = append(a.heads, condition)
}

func (a *affixes) addSuffix(text string, condition int32) {
	a.suffix = true
	a.add(text, condition)
}

func (a *affixes) finish(b *indexer) {
	order := make([]int32, len(a.texts))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(x, y int32) int {
		if a.suffix {
			return compareReversed(a.texts[x], a.texts[y])
		}
		return cmp.Compare(a.texts[x], a.texts[y])
	})
	texts, heads := make([]string, 0, len(order)), make([]int32, 0, len(order))
	for _, i := range order {
		if n := len(texts); n == 0 || texts[n-1] != a.texts[i] {
			texts, heads = append(texts, a.texts[i]), append(heads, 0)
		}
		b.link(&heads[len(heads)-1], a.heads[i], -1)
	}
	a.texts, a.heads, a.parent = texts, heads, make([]int32, len(texts))
	for i, text := range texts {
		p := int32(i - 1)
		for p >= 0 && !a.had(p, []byte(text)) {
			p = a.parent[p]
		}
		a.parent[i] = p
	}
}

// had reports whether text has affix i.
func (a *affixes) had(i int32, text []byte) bool {
	if a.suffix {
		return hasSuffix(text, a.texts[i])
	}
	return hasPrefix(text, a.texts[i])
}

// last is the last affix that is not behind text in their order, or -1.
func (a *affixes) last(text []byte) int32 {
	low, high := 0, len(a.texts)
	for low < high {
		mid := int(uint(low+high) / 2)
		behind := false
		if a.suffix {
			behind = compareReversed(a.texts[mid], text) > 0
		} else {
			behind = a.texts[mid] > string(text)
		}
		if behind {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return int32(low - 1)
}

// visit looks at the conditions of every affix that text has.
func (a *affixes) visit(s *State, text []byte, l *leaf) {
	for i := a.last(text); i >= 0; i = a.parent[i] {
		if a.had(i, text) {
			s.visit(a.heads[i], l)
		}
	}
}

// compareReversed orders texts by their last characters first.
func compareReversed[X, Y string | []byte](x X, y Y) int {
	for i := 1; i <= len(x) && i <= len(y); i++ {
		if a, b := x[len(x)-i], y[len(y)-i]; a != b {
			return cmp.Compare(a, b)
		}
	}
	return cmp.Compare(len(x), len(y))
}
