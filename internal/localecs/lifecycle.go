package localecs

import "time"

// The states of a task, in order
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html).
const (
	statusProvisioning   = "PROVISIONING"
	statusPending        = "PENDING"
	statusActivating     = "ACTIVATING"
	statusRunning        = "RUNNING"
	statusDeactivating   = "DEACTIVATING"
	statusStopping       = "STOPPING"
	statusDeprovisioning = "DEPROVISIONING"
	statusStopped        = "STOPPED"
)

// Stop codes that a [Lifecycle] knows how to play; any other is shown as it is.
const (
	StopTaskFailedToStart        = "TaskFailedToStart"
	StopEssentialContainerExited = "EssentialContainerExited"
	StopUserInitiated            = "UserInitiated"
)

// Forever as a duration of [Lifecycle.Running] is a task that runs until StopTask.
const Forever time.Duration = -1

// A Lifecycle says how tasks live: how long they are in each state, and how they
// end. A state of duration 0 is skipped. The zero Lifecycle stands for
// [DefaultLifecycle].
type Lifecycle struct {
	Provisioning, Pending, Activating      time.Duration
	Running                                time.Duration // may be Forever
	Deactivating, Stopping, Deprovisioning time.Duration
	ExitCode                               int // of every container
	// StopCode is by default EssentialContainerExited. TaskFailedToStart skips the states
	// from ACTIVATING to STOPPING.
	StopCode      string
	StoppedReason string // default "Essential container in task exited"
}

// DefaultLifecycle is a small task on Fargate that succeeds after a minute.
func DefaultLifecycle() Lifecycle {
	return Lifecycle{
		Provisioning: 10 * time.Second, Pending: 10 * time.Second, Activating: time.Second,
		Running:      time.Minute,
		Deactivating: time.Second, Stopping: time.Second, Deprovisioning: 5 * time.Second,
	}
}

func (l Lifecycle) orDefault() Lifecycle {
	if l == (Lifecycle{}) {
		return DefaultLifecycle()
	}
	return l
}

func (l Lifecycle) stopCode() string { return orDefault(l.StopCode, StopEssentialContainerExited) }

func (l Lifecycle) stoppedReason() string {
	if l.StoppedReason == "" && l.stopCode() == StopEssentialContainerExited {
		return "Essential container in task exited"
	}
	return orDefault(l.StoppedReason, l.StopCode)
}

type step struct {
	status string
	begin  time.Time
}

// A timeline is the whole life of a task, past and to come.
type timeline struct {
	steps []step
	down  int // index of the first step towards STOPPED; len(steps) if there is none
}

// timeline plays the lifecycle from start. If stopAt is not zero the task was told to
// stop then, which has an effect only on a task that was not stopping by itself.
func (l Lifecycle) timeline(start, stopAt time.Time) timeline {
	up := []phase{{statusProvisioning, l.Provisioning}, {statusPending, l.Pending}}
	if l.stopCode() != StopTaskFailedToStart {
		up = append(up, phase{statusActivating, l.Activating}, phase{statusRunning, l.Running})
	}
	var tl timeline
	at, active := start, false
	for _, p := range up {
		if p.d == 0 {
			continue
		}
		tl.steps = append(tl.steps, step{p.status, at})
		active = active || p.status == statusActivating || p.status == statusRunning
		end := at.Add(p.d)
		if !stopAt.IsZero() && (p.d < 0 || stopAt.Before(end)) {
			at = stopAt
			break
		}
		if p.d < 0 {
			tl.down = len(tl.steps)
			return tl
		}
		at = end
	}
	tl.down = len(tl.steps)
	down := []phase{{statusDeactivating, l.Deactivating}, {statusStopping, l.Stopping}, {statusDeprovisioning, l.Deprovisioning}}
	if !active {
		down = down[2:]
	}
	for _, p := range down {
		if p.d > 0 {
			tl.steps = append(tl.steps, step{p.status, at})
			at = at.Add(p.d)
		}
	}
	tl.steps = append(tl.steps, step{statusStopped, at})
	return tl
}

type phase struct {
	status string
	d      time.Duration
}

// index returns the step that the task is in at now.
func (tl timeline) index(now time.Time) int {
	i := 0
	for i+1 < len(tl.steps) && !tl.steps[i+1].begin.After(now) {
		i++
	}
	return i
}

// begin returns when the task enters the state; zero if it never does.
func (tl timeline) begin(status string) time.Time {
	for _, s := range tl.steps {
		if s.status == status {
			return s.begin
		}
	}
	return time.Time{}
}
