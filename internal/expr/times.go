package expr

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// timePart is the part of a timestamp that CEL's function gives, nil for any
// other function. Months and days count from 0, except getDate.
func timePart(name string) func(time.Time) int {
	switch name {
	case "getFullYear":
		return time.Time.Year
	case "getMonth":
		return func(t time.Time) int { return int(t.Month()) - 1 }
	case "getDayOfYear":
		return func(t time.Time) int { return t.YearDay() - 1 }
	case "getDayOfMonth":
		return func(t time.Time) int { return t.Day() - 1 }
	case "getDate":
		return time.Time.Day
	case "getDayOfWeek":
		return func(t time.Time) int { return int(t.Weekday()) }
	case "getHours":
		return time.Time.Hour
	case "getMinutes":
		return time.Time.Minute
	case "getSeconds":
		return time.Time.Second
	case "getMilliseconds":
		return func(t time.Time) int { return t.Nanosecond() / 1e6 }
	}
	return nil
}

// durationUnit is what CEL's function measures a duration in, 0 for others.
func durationUnit(name string) time.Duration {
	switch name {
	case "getHours":
		return time.Hour
	case "getMinutes":
		return time.Minute
	case "getSeconds":
		return time.Second
	case "getMilliseconds":
		return time.Millisecond
	}
	return 0
}

func timeGetter(name string, part func(time.Time) int) unary {
	unit := durationUnit(name)
	return func(_ *Input, a Value) (Value, error) {
		switch {
		case a.Kind == Timestamp:
			return IntValue(int64(part(a.time().UTC()))), nil
		case a.Kind == Duration && unit > 0:
			return IntValue(a.int() / int64(unit)), nil
		}
		return Value{}, errOverload
	}
}

func timeGetterIn(zone *time.Location, part func(time.Time) int) binary {
	return func(_ *Input, a, _ Value) (Value, error) {
		if a.Kind != Timestamp {
			return Value{}, errOverload
		}
		return IntValue(int64(part(a.time().In(zone)))), nil
	}
}

// Location is the time zone with an IANA name or an offset such as "-05:30".
func Location(name string) (*time.Location, error) {
	hours, minutes, isOffset := strings.Cut(name, ":")
	if !isOffset {
		zone, err := time.LoadLocation(name)
		if err != nil {
			return nil, fmt.Errorf("unknown time zone %q", name)
		}
		return zone, nil
	}
	h, errHours := strconv.Atoi(hours)
	m, errMinutes := strconv.Atoi(minutes)
	if err := errors.Join(errHours, errMinutes); err != nil || h < -23 || h > 23 || m < 0 || m > 59 {
		return nil, fmt.Errorf("expected an offset from -23:59 to 23:59, got %q", name)
	}
	if hours[0] == '-' {
		m = -m
	}
	return time.FixedZone("", (h*60+m)*60), nil
}
