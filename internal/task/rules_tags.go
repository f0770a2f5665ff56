package task

import (
	"slices"
	"strings"
	"unicode"
)

// [API Tag]: the tags of tasks and of volumes.
var (
	tagsCount    = rule{"runtask-tags-count", "%d tags, at most %d", "those that propagate from the task definition count as well"}
	tagKey       = rule{"runtask-tag-key-required", "required", "give the tag a key"}
	tagKeyLength = rule{"runtask-tag-key-length", "%d characters, at most %d", ""}
	tagValLength = rule{"runtask-tag-value-length", "%d characters, at most %d", "shorten it, or hash it"}
	tagText      = rule{"runtask-tag-text", "holds characters that a tag cannot hold", "letters, digits, spaces and _ . : / = + - @ are allowed"}
	tagReserved  = rule{"runtask-tag-reserved", "the prefix aws: is reserved", "choose another prefix; upper and lower case make no difference"}
	tagDuplicate = rule{"runtask-tag-duplicate", "the tag is set twice", "remove one of them; keys are case-sensitive"}
)

func (c *checker) tags(list *path, tags []Tag) {
	c.most(tagsCount, list, len(tags), MaxTags)
	var seen set
	for i := range tags {
		t, key, value := &tags[i], list.item(i).at("key"), list.item(i).at("value")
		c.required(tagKey, key, t.Key)
		c.length(tagKeyLength, key, t.Key, MaxTagKey)
		c.tagText(key, t.Key)
		if t.Value != nil {
			c.length(tagValLength, value, *t.Value, MaxTagValue)
			c.tagText(value, *t.Value)
		}
		if !seen.add(t.Key) {
			c.refuse(tagDuplicate, key)
		}
	}
}

func (c *checker) tagText(p *path, s string) {
	if strings.ContainsFunc(s, func(r rune) bool { return !isTagRune(r) }) {
		c.refuse(tagText, p)
	}
	if len(s) >= 4 && strings.EqualFold(s[:4], "aws:") {
		c.refuse(tagReserved, p)
	}
}

// isTagRune: the pattern of the model is [\p{L}\p{Z}\p{N}_.:/=+\-@].
func isTagRune(r rune) bool {
	return unicode.In(r, unicode.L, unicode.Z, unicode.N) || strings.ContainsRune("_.:/=+-@", r)
}

// A set holds texts. Most lists are so short that looking at all of them is faster
// than a map.
type set struct {
	few  [16]string
	n    int
	many map[string]struct{}
}

// add reports whether s was not in the set. The empty text, which is that of an
// absent or unknown field, never is.
func (s *set) add(text string) bool {
	if text == "" {
		return true
	}
	if slices.Contains(s.few[:s.n], text) {
		return false
	}
	if s.n < len(s.few) {
		s.few[s.n] = text
		s.n++
		return true
	}
	if s.many == nil {
		s.many = map[string]struct{}{}
	}
	_, ok := s.many[text]
	s.many[text] = struct{}{}
	return !ok
}
