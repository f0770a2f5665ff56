package localecs

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// Limits of tags, which all resources of ECS share (API reference of Tag).
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

var tagText = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

func checkTags(tags []Tag) *apiError {
	if len(tags) > maxTags {
		return invalid("A resource can have at most %d tags.", maxTags)
	}
	seen := map[string]bool{}
	for _, t := range tags {
		switch {
		case t.Key == "":
			return invalid("Tag key cannot be empty.")
		case utf8.RuneCountInString(t.Key) > maxTagKey:
			return invalid("Tag key can have at most %d characters.", maxTagKey)
		case utf8.RuneCountInString(t.Value) > maxTagValue:
			return invalid("Tag value can have at most %d characters.", maxTagValue)
		case !tagText.MatchString(t.Key) || !tagText.MatchString(t.Value):
			return invalid("Tag '%s' contains invalid characters.", t.Key)
		case reservedTag(t.Key) || reservedTag(t.Value):
			return invalid("Tag keys and values cannot start with the reserved prefix 'aws:'.")
		case seen[t.Key]:
			return invalid("Duplicate tag keys found: '%s'.", t.Key)
		}
		seen[t.Key] = true
	}
	return nil
}

// reservedTag: the prefix is reserved in any mixture of upper and lower case.
func reservedTag(s string) bool {
	return len(s) >= 4 && strings.EqualFold(s[:4], "aws:")
}

// mergeTags adds the tags that propagate from a task definition. Which of two tags
// with one key wins is not documented; here the one in the request does.
func mergeTags(own, propagated []Tag) []Tag {
	merged := append([]Tag{}, own...)
	for _, p := range propagated {
		found := false
		for _, t := range own {
			found = found || t.Key == p.Key
		}
		if !found {
			merged = append(merged, p)
		}
	}
	return merged
}
