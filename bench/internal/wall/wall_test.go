package wall

import (
	"math"
	"testing"
	"time"
)

func TestDay(t *testing.T) {
	const day = 86400
	tests := []struct {
		name    string
		load    Load
		place   Place
		backlog float64
		longest time.Duration
	}{
		{"below the rate", Load{TasksPerDay: 19 * day, Count: 1}, Place{}, 0, 0},
		// Ten tasks a second more than can be called for wait at the end, but for the
		// burst of starts, which calls do not reach.
		{"above the rate of calls", Load{TasksPerDay: 30 * day, Count: 1}, Place{}, 10 * day, 8 * time.Hour},
		{"ten tasks a call: above the rate of starts", Load{TasksPerDay: 30 * day, Count: 10}, Place{}, 10*day - 80, 8 * time.Hour},
		{"and Spot", Load{TasksPerDay: 30 * day, Count: 10}, Place{Spot: true}, 0, 0},
		{"Spot alone does not help: calls are the limit", Load{TasksPerDay: 30 * day, Count: 1}, Place{Spot: true}, 10 * day, 8 * time.Hour},
		{"two accounts", Load{TasksPerDay: 30 * day, Count: 1}, Place{Accounts: 2}, 0, 0},
		{"raised", Load{TasksPerDay: 30 * day, Count: 1}, Place{Raised: 2}, 0, 0},
		// 40 a second for an hour: 72,000 are left at its end and the oldest of them
		// waits for half an hour.
		{"a peak", Load{TasksPerDay: 10 * day, Peak: 4, PeakLasts: time.Hour, Count: 1}, Place{}, 0, time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := Day(tt.load, tt.place)
			if math.Abs(o.Backlog-tt.backlog) > 100 {
				t.Errorf("%.0f tasks wait at the end, want %.0f", o.Backlog, tt.backlog)
			}
			if d := (o.Longest - tt.longest).Abs(); d > 5*time.Minute {
				t.Errorf("the longest wait is %s, want about %s", o.Longest, tt.longest)
			}
			if (o.Waited > 0) != (tt.longest > 0) {
				t.Errorf("%.2f of the tasks waited", o.Waited)
			}
		})
	}
}

// No task is lost or made: what came has started or waits.
func TestPeakKeepsTheDay(t *testing.T) {
	l := Load{TasksPerDay: 1e6, Peak: 10, PeakLasts: time.Hour, Count: 1}
	if o := Day(l, Place{Raised: 100}); o.Backlog != 0 || o.Longest > time.Second {
		t.Errorf("with room for all, %+v", o)
	}
}
