package task

import (
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
)

// maxRuleName keeps StartedBy within MaxStartedBy: prefix, rule and hash with
// their slashes have 11, 64 and 23 characters.
const maxRuleName = 64

// StartedBy is the startedBy of the tasks that a rule starts for an event:
// taskbridge/RULE/HASH, always the same for the same two, and within RunTask's
// limits whatever they are. ListTasks with this value as its only filter finds the
// tasks. identity is the launch's idempotency key; its hash has 128 bits, because
// the key itself is event data, and may be long.
func StartedBy(rule, identity string) string {
	hash := hash(rule, identity)
	return "taskbridge/" + plainName(rule) + "/" + string(hash[:])
}

// The keys of provenance tags.
const (
	TagRule  = "taskbridge:rule"
	TagEvent = "taskbridge:event"
)

// AddProvenance returns tags with two more that say where a task comes from: the
// rule, and the event by the hash that StartedBy ends in. A key that is there keeps
// its value, and nothing is added that would make them more than RunTask takes. The
// same arguments give the same tags: a retry with other tags would be a conflict.
// The mapping's version is not among them for that reason. tags is not changed.
func AddProvenance(tags []Tag, rule, identity string) []Tag {
	out := append([]Tag(nil), tags...)
	for _, t := range [...]struct{ key, value string }{{TagRule, plainName(rule)}, {TagEvent, shortHash(rule, identity)}} {
		if len(out) < MaxTags && !hasTag(tags, t.key) {
			out = append(out, Tag{Key: t.key, Value: &t.value})
		}
	}
	return out
}

func hasTag(tags []Tag, key string) bool {
	for i := range tags {
		if tags[i].Key == key {
			return true
		}
	}
	return false
}

// plainName is the name of a rule, which has 1 to 64 letters, digits and hyphens;
// anything else is made to fit.
func plainName(rule string) string {
	if made(rule, maxRuleName, names) {
		return rule
	}
	name := strings.Map(func(r rune) rune {
		if r < 0x80 && names.has(byte(r)) {
			return r
		}
		return '-'
	}, rule)
	return name[:min(len(name), maxRuleName)]
}

func shortHash(rule, identity string) string {
	hash := hash(rule, identity)
	return string(hash[:])
}

// hash is 22 characters of base64url. The length keeps rule and identity apart:
// "a", "bc" and "ab", "c" differ.
func hash(rule, identity string) (text [22]byte) {
	b := strconv.AppendInt(make([]byte, 0, 512), int64(len(rule)), 10)
	b = append(append(append(b, ':'), rule...), identity...)
	sum := sha256.Sum256(b)
	base64.RawURLEncoding.Encode(text[:], sum[:16])
	return text
}
