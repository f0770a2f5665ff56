package localecs

import (
	"encoding/json"
	"time"
)

// How long a stopped task can be described (API reference of DescribeTasks: "at
// least one hour").
const stoppedRetention = time.Hour

// A Task is a snapshot of a task that was launched.
type Task struct {
	ARN              string
	Cluster          string // name
	TaskDefinition   string // family:revision
	LaunchType       string // FARGATE, EC2 or EXTERNAL, also with a capacity provider
	CapacityProvider string // empty if a launch type was asked for
	StartedBy        string
	Group            string
	ClientToken      string
	Overrides        json.RawMessage // as sent, compact; nil if none
	Tags             []Tag           // with those of the task definition if they propagate
	CreatedAt        time.Time
	LastStatus       string
	DesiredStatus    string
	StoppedAt        time.Time // zero until the task is STOPPED
	StopCode         string
	StoppedReason    string
}

// A task is what was recorded when it was launched and stopped; everything else about
// it follows from the time.
type task struct {
	n            uint64 // sequence number in the server
	arn          string
	containerARN string // up to the container's ID
	cluster      *cluster
	td           *taskDef
	in           *runTaskInput
	launch       string
	provider     string
	platform     string // version; empty unless on Fargate
	cpu          int
	memory       int
	group        string
	tags         []Tag
	created      time.Time
	lifecycle    Lifecycle
	unplaced     bool // waits for an instance of an Auto Scaling group that never comes
	stopAt       time.Time
	stopWhy      string
	life         timeline
	region       string
	seed         uint64
}

// stop records a StopTask. It has no effect on a task that is on its way to
// STOPPED.
func (t *task) stop(now time.Time, reason string) {
	if t.at(now).desired == statusStopped {
		return
	}
	t.stopAt, t.stopWhy = now, orDefault(reason, "Task stopped by user")
	t.life = t.lifecycle.timeline(t.created, now)
}

// stoppedAt returns when the task is or will be STOPPED; ok is false if never.
func (t *task) stoppedAt() (at time.Time, ok bool) {
	last := t.life.steps[len(t.life.steps)-1]
	return last.begin, last.status == statusStopped
}

func (t *task) stopped(now time.Time) bool {
	at, ok := t.stoppedAt()
	return ok && !now.Before(at)
}

// gone reports whether ECS has forgotten the task.
func (t *task) gone(now time.Time) bool {
	at, ok := t.stoppedAt()
	return ok && !now.Before(at.Add(stoppedRetention))
}

// A view is a task at one moment.
type view struct {
	last, desired         string
	version               int
	stopCode, stopReason  string
	exitCode              *int // nil until the containers have exited, and if they never started
	startedAt, stoppingAt time.Time
	executionStoppedAt    time.Time
	stoppedAt             time.Time
}

func (t *task) at(now time.Time) view {
	i := t.life.index(now)
	v := view{last: t.life.steps[i].status, desired: statusRunning, version: i + 1}
	past := func(at time.Time) time.Time {
		if at.After(now) {
			return time.Time{}
		}
		return at
	}
	v.startedAt = past(t.life.begin(statusRunning))
	if i < t.life.down {
		return v
	}
	v.desired = statusStopped
	v.stoppingAt = t.life.steps[t.life.down].begin
	v.stoppedAt = past(t.life.begin(statusStopped))
	v.stopCode, v.stopReason = t.lifecycle.stopCode(), t.lifecycle.stoppedReason()
	code := t.lifecycle.ExitCode
	if !t.stopAt.IsZero() {
		v.stopCode, v.stopReason = StopUserInitiated, t.stopWhy
		code = 143 // SIGTERM, which most programs leave to its default
	}
	// A task may be too short-lived to have been seen RUNNING.
	ran := !v.startedAt.IsZero() || t.stopAt.IsZero() && v.stopCode != StopTaskFailedToStart
	if ran {
		v.executionStoppedAt, v.exitCode = v.stoppingAt, &code
	}
	return v
}

// snapshot returns the task for Go programs.
func (t *task) snapshot(now time.Time) Task {
	v := t.at(now)
	return Task{
		ARN: t.arn, Cluster: t.cluster.name, TaskDefinition: t.td.name(),
		LaunchType: t.launch, CapacityProvider: t.provider,
		StartedBy: t.in.StartedBy, Group: t.group, ClientToken: t.in.ClientToken,
		Overrides: append(json.RawMessage(nil), t.in.rawOverrides...), Tags: append([]Tag(nil), t.tags...),
		CreatedAt: t.created, LastStatus: v.last, DesiredStatus: v.desired,
		StoppedAt: v.stoppedAt, StopCode: v.stopCode, StoppedReason: v.stopReason,
	}
}
