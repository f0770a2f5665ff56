// Package wall computes where more events no longer become more tasks: the rates
// at which an account may call RunTask and Fargate starts tasks.
package wall

import (
	"fmt"
	"math"
	"time"

	"github.com/taskbridge/taskbridge/bench/internal/stat"
)

// The quotas of one account in one Region that never asked for more, all
// adjustable: "Amazon ECS throttling quotas" and "AWS Fargate throttling quotas" in
// the ECS developer guide, "Request throttling" in the API reference.
const (
	RunTaskPerSecond = 20.0  // calls for tasks on Fargate, burst and sustained
	TasksPerSecond   = 20.0  // that Fargate starts on demand; the same again on Spot
	TasksBurst       = 100.0 // that it starts at once
	TasksPerCall     = 10    // most count of RunTask, not adjustable
)

// A Load is what is to be started in one day.
type Load struct {
	TasksPerDay float64
	Peak        float64       // the busiest seconds have this many times the average rate
	PeakLasts   time.Duration // each day, in one piece
	Count       int           // tasks that one call starts
}

// A Place is where it is to be started.
type Place struct {
	Accounts int     // or Regions: each has quotas of its own
	Spot     bool    // half of the tasks on Fargate Spot
	Raised   float64 // the quotas are this many times the default
}

// An Outcome is what came of a day.
type Outcome struct {
	Longest time.Duration // that a task waited for its start
	Waited  float64       // part of the tasks that waited for more than a second
	Backlog float64       // tasks that wait at the end of the day
}

// bucket is a token bucket.
type bucket struct{ rate, burst, level float64 }

func (b *bucket) refill() { b.level = math.Min(b.burst, b.level+b.rate) }

// Day simulates a day second by second: the calls that arrive, and those that
// wait, take what the quotas give, in the order in which they came. The peak
// begins at noon; at the other times there is what is left of the day's tasks.
func Day(l Load, p Place) Outcome {
	const seconds = 24 * 3600
	raised := max(p.Raised, 1) * float64(max(p.Accounts, 1))
	kinds := 1.0
	if p.Spot {
		kinds = 2
	}
	// A second is one step: a bucket holds at least what a second brings.
	calls := bucket{RunTaskPerSecond * raised, RunTaskPerSecond * raised, RunTaskPerSecond * raised}
	starts := bucket{TasksPerSecond * raised * kinds, TasksBurst * raised * kinds, TasksBurst * raised * kinds}
	average := l.TasksPerDay / seconds
	peak := l.PeakLasts.Seconds()
	off := average
	if peak > 0 && peak < seconds {
		off = max(0, (l.TasksPerDay-average*l.Peak*peak)/(seconds-peak))
	}
	var (
		out     Outcome
		queue   []arrival // what waits, by the second of its arrival
		waiting float64
		waited  float64
	)
	for second := range seconds {
		arriving := off
		if peak > 0 && second >= seconds/2 && float64(second) < seconds/2+peak {
			arriving = average * l.Peak
		}
		queue = append(queue, arrival{second, arriving})
		waiting += arriving
		calls.refill()
		starts.refill()
		// In calls: a call needs one of the calls, and a start for each of its tasks.
		n := min(waiting, calls.level*float64(l.Count), starts.level)
		calls.level -= n / float64(l.Count)
		starts.level -= n
		waiting -= n
		for n > 1e-9 && len(queue) > 0 {
			taken := min(n, queue[0].tasks)
			wait := second - queue[0].second
			if wait > 1 {
				waited += taken
			}
			out.Longest = max(out.Longest, time.Duration(wait)*time.Second)
			n -= taken
			if queue[0].tasks -= taken; queue[0].tasks <= 1e-9 {
				queue = queue[1:]
			}
		}
	}
	if waiting > 1e-6 && len(queue) > 0 {
		out.Backlog = waiting
		out.Longest = max(out.Longest, time.Duration(seconds-queue[0].second)*time.Second)
		waited += waiting
	}
	out.Waited = waited / l.TasksPerDay
	return out
}

type arrival struct {
	second int
	tasks  float64
}

// Report is the table of what happens, and of what helps.
func Report() string {
	const million = 1e6
	steady := func(month float64) Load { return Load{TasksPerDay: month / 30, Count: 1} }
	hour := func(month float64, count int) Load {
		return Load{TasksPerDay: month / 30, Peak: 10, PeakLasts: time.Hour, Count: count}
	}
	rows := []struct {
		load  Load
		place Place
		what  string
	}{
		{steady(million), Place{}, "10^6 a month, evenly"},
		{hour(million, 1), Place{}, "10^6, one hour of ten times as many"},
		{steady(50 * million), Place{}, "5·10^7, evenly"},
		{steady(100 * million), Place{}, "10^8, evenly"},
		{steady(100 * million), Place{Spot: true}, "10^8, half of it on Spot"},
		{Load{TasksPerDay: 100 * million / 30, Count: 10}, Place{}, "10^8, ten tasks a call"},
		{Load{TasksPerDay: 100 * million / 30, Count: 10}, Place{Spot: true}, "10^8, ten tasks a call, half of it on Spot"},
		{steady(100 * million), Place{Accounts: 2}, "10^8, two accounts or Regions"},
		{hour(100*million, 1), Place{Accounts: 2}, "10^8, one hour of ten times as many, two accounts"},
		{hour(100*million, 1), Place{Raised: 20}, "10^8, one hour of ten times as many, quotas raised 20 times"},
		{Load{TasksPerDay: 10000 * million / 30, Count: 10}, Place{Accounts: 20, Raised: 10, Spot: true}, "10^10, ten tasks a call, 20 accounts, quotas raised 10 times, half on Spot"},
		{steady(10000 * million), Place{Accounts: 20, Raised: 10}, "10^10, 20 accounts, quotas raised 10 times"},
	}
	t := stat.Table{Head: []string{"tasks", "a second, average", "most, a second", "longest wait", "waited over 1 s", "not started by midnight"}}
	for _, r := range rows {
		o := Day(r.load, r.place)
		average := r.load.TasksPerDay / 86400
		t.Row(r.what, average, average*max(1, r.load.Peak), o.Longest, fmt.Sprintf("%.0f %%", 100*o.Waited), math.Round(o.Backlog))
	}
	return t.String()
}
