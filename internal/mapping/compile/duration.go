package compile

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// DurationForm is a regular expression of durations.
const DurationForm = `^(\d{1,9}(ms|d|h|m|s))+$`

var (
	durationForm = regexp.MustCompile(DurationForm)
	// durationWords is a duration as people say it: 2 hours, 90 sec.
	durationWords = regexp.MustCompile(`^(\d{1,9}) *(?i:(d|h|m|s)(?:ays?|(?:ou)?rs?|in(?:ute)?s?|ec(?:ond)?s?))$`)
	durationPart  = regexp.MustCompile(`(\d+)(ms|d|h|m|s)`)
	units         = map[string]time.Duration{"d": 24 * time.Hour, "h": time.Hour, "m": time.Minute, "s": time.Second, "ms": time.Millisecond}
)

// parseDuration reads a duration such as 90s, 1h30m or 1d.
func parseDuration(s string) (d time.Duration, ok bool) {
	if !durationForm.MatchString(s) {
		return 0, false
	}
	for _, m := range durationPart.FindAllStringSubmatch(s, -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil || time.Duration(n) > 1000*24*time.Hour/units[m[2]] {
			return 0, false
		}
		d += time.Duration(n) * units[m[2]]
	}
	return d, true
}

// duration is a member of n that is a duration within bounds, 0 if it is absent
// or none.
func (c *compiler) duration(n *node, key string, low, high time.Duration) time.Duration {
	m := n.member(key)
	if m == nil || m.unknown {
		return 0
	}
	d, ok := parseDuration(m.text)
	if m.kind != scalarNode || !ok {
		hint := fmt.Sprintf("write %s: %s", key, durationText(max(low, min(high, time.Hour))))
		if words := durationWords.FindStringSubmatch(m.text); words != nil {
			hint = fmt.Sprintf("write %s: %s%s", key, words[1], strings.ToLower(words[2]))
		}
		if m.kind == scalarNode && m.tag == "!!int" {
			hint = "write " + m.text + "s for seconds"
		}
		c.at(m, CodeSetting, hint, "%s is a duration such as 90s, 15m, 2h or 1d, got %s", key, m.what())
		return 0
	}
	if d < low || d > high {
		c.at(m, CodeSetting, boundHint(key, d, low, high), "%s is from %s to %s, got %s", key, durationText(low), durationText(high), m.text)
		return 0
	}
	return d
}

// boundHint is the bound that a duration is beyond.
func boundHint(key string, d, low, high time.Duration) string {
	if d < low {
		return fmt.Sprintf("write %s: %s, the least", key, durationText(low))
	}
	return fmt.Sprintf("write %s: %s, the most", key, durationText(high))
}

// durationText is a bound as the mapping writes it.
func durationText(d time.Duration) string {
	for _, unit := range []string{"h", "m", "s"} {
		if d%units[unit] == 0 {
			return strconv.Itoa(int(d/units[unit])) + unit
		}
	}
	return d.String()
}

// int reads a scalar that is a whole number.
func (n *node) int(into *int) bool {
	text, err := n.scalarJSON()
	return err == nil && json.Unmarshal(text, into) == nil
}
