package compile

import (
	"encoding/json"
	"regexp"
	"strconv"
	"time"
)

// DurationForm is a regular expression of durations.
const DurationForm = `^(\d{1,9}(ms|d|h|m|s))+$`

var (
	durationForm = regexp.MustCompile(DurationForm)
	durationPart = regexp.MustCompile(`(\d+)(ms|d|h|m|s)`)
	units        = map[string]time.Duration{"d": 24 * time.Hour, "h": time.Hour, "m": time.Minute, "s": time.Second, "ms": time.Millisecond}
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
		hint := ""
		if m.kind == scalarNode && m.tag == "!!int" {
			hint = "write " + m.text + "s for seconds"
		}
		c.at(m, CodeSetting, hint, "%s is a duration such as 90s, 15m, 2h or 1d, got %s", key, m.what())
		return 0
	}
	if d < low || d > high {
		c.at(m, CodeSetting, "", "%s is from %s to %s, got %s", key, durationText(low), durationText(high), m.text)
		return 0
	}
	return d
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
