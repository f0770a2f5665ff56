package task

import "time"

// A Launch is one request with the identity that makes it happen once. Two
// launches of the same identity are the same launch, whoever asks and however
// often.
type Launch struct {
	Request Request
	Rule    string    // name of the rule
	Key     string    // idempotency key, by default the event's identity
	Time    time.Time // of the event; zero if it says none
	Element int       // index under forEach, else 0
	Retry   *Retry
	Confirm *Confirm
}

// Retry says how long a launch that did not succeed is tried again, inside one
// invocation and by the event source. What is absent has the default of each.
type Retry struct {
	Attempts      *int `json:"attempts,omitempty"`      // after the first; 0 means never again
	BackoffMillis int  `json:"backoffMillis,omitempty"` // before the first retry
	MaxAgeSeconds int  `json:"maxAgeSeconds,omitempty"` // of the event
}

// Confirm says that a launch is done when its tasks have got so far.
type Confirm struct {
	Until          string `json:"until"`                    // "accepted": they exist; "running": they run, or ran
	TimeoutSeconds int    `json:"timeoutSeconds,omitempty"` // from RunTask's answer on
}

// Launched says that the tasks of a Launch exist, and what it took.
type Launched struct {
	TaskARNs    []string
	Duplicate   bool   // they existed before: the launch had been made already
	ClientToken string // the last one that RunTask was given
	Generation  int    // the highest that was needed
	Attempts    int    // calls of RunTask
	Throttled   int    // those of them that ECS throttled
	Shortfall   int    // tasks that answers of RunTask were short of, before topping up
}
