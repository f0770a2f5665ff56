package compile

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // time zones are checked wherever the command runs

	"github.com/taskbridge/taskbridge/internal/mapping"
)

// The words of EventBridge Scheduler: "Schedule types on EventBridge Scheduler" of
// its user guide, and CreateSchedule of its API reference.
var (
	rateForm      = regexp.MustCompile(`^rate\((\d+) (\w+)\)$`)
	cronForm      = regexp.MustCompile(`^cron\((.*)\)$`)
	atForm        = regexp.MustCompile(`^at\((.*)\)$`)
	scheduleGroup = regexp.MustCompile(`^[0-9A-Za-z_.-]{1,64}$`)
)

const (
	minWindow = time.Minute
	maxWindow = 24 * time.Hour // MaximumWindowInMinutes is 1 to 1440
)

func (c *compiler) schedule(n *node) *mapping.Schedule {
	if n.unknown {
		return nil
	}
	if n.isText() {
		c.scheduleExpression(n)
		return &mapping.Schedule{Expression: n.text}
	}
	if !c.isMap(n, "schedule", "expression, timezone, flexibleWindow") {
		return nil
	}
	c.keys(n, "schedule", scheduleKeys)
	s := &mapping.Schedule{
		FlexibleWindowMinutes: int(c.duration(n, "flexibleWindow", minWindow, maxWindow) / time.Minute),
		DeleteAfterRun:        c.flag(n, "deleteAfterRun", false),
	}
	var at *node
	if s.Expression, at = c.text(n, "expression"); at != nil {
		c.scheduleExpression(at)
	} else if n.member("expression") == nil {
		c.at(n, CodeMissingKey, `write expression: "rate(1 hour)"`, "the schedule has no expression")
	}
	if s.Timezone, at = c.text(n, "timezone"); at != nil {
		if _, err := time.LoadLocation(s.Timezone); err != nil || s.Timezone == "Local" {
			c.at(at, CodeSchedule, "write a name of the IANA database, such as Europe/Berlin", "unknown time zone %q", s.Timezone)
		}
	}
	s.Start, s.End = c.instant(n, "start"), c.instant(n, "end")
	if s.Start != "" && s.End != "" && s.End <= s.Start {
		c.at(n.member("end"), CodeSchedule, "write an end that is after the start, with the offset of its time zone", "the schedule ends at %s, before it starts", s.End)
	}
	if s.Group, at = c.text(n, "group"); at != nil && !scheduleGroup.MatchString(s.Group) {
		c.at(at, CodeSchedule, "write the name of the group, not its ARN", "the name of a schedule group has 1 to 64 letters, digits, dots, hyphens and underscores")
	}
	return s
}

// instant is a time of the schedule in UTC.
func (c *compiler) instant(n *node, key string) string {
	m := n.member(key)
	if m == nil || m.unknown {
		return ""
	}
	t, err := time.Parse(time.RFC3339, m.text)
	if m.kind != scalarNode || err != nil {
		c.at(m, CodeSchedule, `write it as "2026-12-31T23:59:00Z"`, "%s must be a time, got %s", key, m.what())
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func (c *compiler) scheduleExpression(n *node) {
	text := n.text
	fail := func(hint, format string, args ...any) { c.at(n, CodeSchedule, hint, format, args...) }
	switch {
	case len(text) > 256: // ScheduleExpression of CreateSchedule
		fail("split the rule in two", "the expression has %d characters, at most 256", len(text))
	case strings.HasPrefix(text, "rate("):
		c.rate(n, fail)
	case strings.HasPrefix(text, "cron("):
		m := cronForm.FindStringSubmatch(text)
		if m == nil {
			fail("close it with )", "cron( is not closed")
			return
		}
		if msg, hint := cronMistake(m[1]); msg != "" {
			fail(hint, "%s", msg)
		}
	case strings.HasPrefix(text, "at("):
		m := atForm.FindStringSubmatch(text)
		if m == nil {
			fail("close it with )", "at( is not closed")
		} else if _, err := time.Parse("2006-01-02T15:04:05", m[1]); err != nil {
			fail("write at(2026-12-31T23:59:00); the time zone is a key of its own", "%q is no time", m[1])
		}
	default:
		hint := "such as rate(1 day), or cron(0 3 * * ? *) for 3 o'clock every day"
		if len(strings.Fields(text)) >= 5 {
			hint = "write cron(…) around six fields: minutes, hours, day of month, month, day of week, year"
		}
		fail(hint, "expected rate(…), cron(…) or at(…), got %s", n.what())
	}
}

func (c *compiler) rate(n *node, fail func(hint, format string, args ...any)) {
	m := rateForm.FindStringSubmatch(n.text)
	if m == nil {
		fail("write rate(5 minutes), with one space and nothing else", "expected rate(NUMBER UNIT), such as rate(5 minutes), got %s", n.what())
		return
	}
	count, err := strconv.Atoi(m[1])
	unit := strings.TrimSuffix(m[2], "s")
	switch {
	case err != nil || count < 1:
		fail("write rate(1 minute), the shortest", "the number of a rate is at least 1, got %s", m[1])
	case unit != "minute" && unit != "hour" && unit != "day":
		fail("write it in minutes, hours or days; cron(…) has months and days of the week", "the unit of a rate is minutes, hours or days, got %q", m[2])
	case count == 1 && unit != m[2]:
		fail(fmt.Sprintf("write rate(1 %s)", unit), "1 takes the singular")
	case count > 1 && unit == m[2]:
		fail(fmt.Sprintf("write rate(%d %ss)", count, unit), "%d takes the plural", count)
	}
}

// A cronField is one of the six fields of a cron expression.
type cronField struct {
	name     string
	low, top int
	words    string // three letters for each value from low on
	special  string // what else may stand there: ?, L, W, #
}

var cronFields = []cronField{
	{"minutes", 0, 59, "", ""},
	{"hours", 0, 23, "", ""},
	{"day of month", 1, 31, "", "?LW"},
	{"month", 1, 12, "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC", ""},
	{"day of week", 1, 7, "SUNMONTUEWEDTHUFRISAT", "?L#"},
	{"year", 1970, 2199, "", ""},
}

// cronMistake says what is wrong with the inside of cron(…), "" if nothing is.
func cronMistake(text string) (msg, hint string) {
	fields := strings.Fields(text)
	if len(fields) != len(cronFields) {
		return fmt.Sprintf("cron has six fields, got %d", len(fields)), "minutes, hours, day of month, month, day of week, year"
	}
	for i := range cronFields {
		for item := range strings.SplitSeq(fields[i], ",") {
			if !cronFields[i].takes(item) {
				f := &cronFields[i]
				return fmt.Sprintf("%q is no %s of cron, expected %d to %d", fields[i], f.name, f.low, f.top), cronHint(f)
			}
		}
	}
	if day, weekday := fields[2], fields[4]; (day == "?") == (weekday == "?") {
		return "exactly one of day of month and day of week is ?", "write ? for the one that does not matter"
	}
	return "", ""
}

// cronHint says what a field may be.
func cronHint(f *cronField) string {
	hint := "write * for any, or numbers: 1, 1-5, 1,3, */5"
	switch f.name {
	case "day of month":
		hint += ", or ? where day of week says it, L for the last"
	case "month":
		hint += ", JAN to DEC"
	case "day of week":
		hint += " (1 is Sunday), SUN to SAT, or ? where day of month says it"
	}
	return hint
}

// takes reports whether item is what the field may be one of.
func (f *cronField) takes(item string) bool {
	item, step, hasStep := strings.Cut(item, "/")
	if hasStep {
		if n, err := strconv.Atoi(step); err != nil || n < 1 || n > f.top {
			return false
		}
	}
	if item == "*" {
		return true
	}
	if from, to, ok := strings.Cut(item, "-"); ok && item != "L-" {
		if f.name == "day of month" && from == "L" {
			n, err := strconv.Atoi(to)
			return err == nil && n >= 0 && n <= 30
		}
		_, okFrom := f.value(from)
		_, okTo := f.value(to)
		return okFrom && okTo
	}
	return !hasStep && f.takesSpecial(item) || f.has(item)
}

func (f *cronField) has(item string) bool {
	_, ok := f.value(item)
	return ok
}

// takesSpecial is about ?, L, 15W, LW, 6L and 6#3.
func (f *cronField) takesSpecial(item string) bool {
	if item == "?" || item == "L" {
		return strings.Contains(f.special, item)
	}
	if strings.Contains(f.special, "W") {
		day, ok := strings.CutSuffix(item, "W")
		return ok && (day == "L" || f.has(day))
	}
	if !strings.Contains(f.special, "#") {
		return false
	}
	if day, ok := strings.CutSuffix(item, "L"); ok {
		return f.has(day)
	}
	day, week, ok := strings.Cut(item, "#")
	return ok && f.has(day) && len(week) == 1 && week >= "1" && week <= "5"
}

func (f *cronField) value(item string) (int, bool) {
	if i := strings.Index(f.words, strings.ToUpper(item)); len(item) == 3 && i >= 0 && i%3 == 0 {
		return f.low + i/3, true
	}
	n, err := strconv.Atoi(item)
	return n, err == nil && n >= f.low && n <= f.top && item[0] != '+'
}
