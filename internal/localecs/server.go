package localecs

import (
	"maps"
	"sync"
	"time"
)

// Options configure a [Server]. The zero value is an account without limits in
// us-east-1, whose tasks live as [DefaultLifecycle] says, in real time.
type Options struct {
	Region  string // default us-east-1
	Account string // default 123456789012

	// Clock is the time; nil is real time.
	Clock Clock
	// Seed makes identifiers. Servers with the same seed give the same ones, in the order
	// of launching.
	Seed uint64

	// Lifecycle is how tasks live; Lifecycles, by family of task definition, takes
	// precedence.
	Lifecycle  Lifecycle
	Lifecycles map[string]Lifecycle

	// Capacity is how many tasks there may be at a time that are not STOPPED, by
	// capacity provider for tasks of a strategy and by launch type for others. What
	// has no entry is unlimited. More tasks than that are failures of the answer;
	// except with the capacity provider of an Auto Scaling group, where they wait in
	// PROVISIONING for an instance that never comes, and stop; and with 0 for the
	// launch types EC2 and EXTERNAL, where there are no instances and the call fails.
	Capacity map[string]int

	// Throttle limits the rate of calls; nil does not. See [DefaultThrottle].
	Throttle *Throttle

	// Tokens selects among readings of client tokens.
	Tokens TokenReading
}

// A Server is an ECS endpoint: an [http.Handler] that the AWS SDKs talk to. All its
// methods are safe for concurrent use, and calls take effect one at a time.
type Server struct {
	opts  Options
	clock Clock

	mu        sync.Mutex
	clusters  map[string]*cluster
	families  map[string][]*taskDef
	tasks     []*task          // in launch order
	byARN     map[string]*task // the same
	live      []*task          // those that count towards a capacity
	launched  uint64
	requests  uint64
	faults    []Fault
	calls     []*Call
	callBytes int
	modify    meter
	read      meter
	fargate   meter
}

// maxTasks is how many tasks are kept. Beyond it those that ECS would have forgotten as
// well are dropped, oldest first.
const maxTasks = 200_000

// New returns a server without clusters and task definitions.
func New(opts Options) *Server {
	opts.Region = orDefault(opts.Region, "us-east-1")
	opts.Account = orDefault(opts.Account, "123456789012")
	opts.Lifecycle = opts.Lifecycle.orDefault()
	opts.Lifecycles = maps.Clone(opts.Lifecycles)
	opts.Capacity = maps.Clone(opts.Capacity)
	if opts.Clock == nil {
		opts.Clock = realClock{}
	}
	s := &Server{
		opts:     opts,
		clock:    opts.Clock,
		clusters: map[string]*cluster{},
		families: map[string][]*taskDef{},
		byARN:    map[string]*task{},
	}
	if t := opts.Throttle; t != nil {
		s.modify, s.read, s.fargate = newMeter(t.Modify), newMeter(t.Read), newMeter(t.Fargate)
	}
	return s
}

// Tasks returns every task in the order of launching, also those that have been
// stopped for so long that the API no longer knows them.
func (s *Server) Tasks() []Task {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	list := make([]Task, 0, len(s.tasks))
	for _, t := range s.tasks {
		list = append(list, t.snapshot(now))
	}
	return list
}

// add makes a launched task known. The caller holds s.mu.
func (s *Server) add(t *task, now time.Time) {
	s.tasks = append(s.tasks, t)
	s.byARN[t.arn] = t
	if _, limited := s.opts.Capacity[t.capacityKey()]; limited {
		s.live = append(s.live, t)
	}
	for len(s.tasks) > maxTasks && s.tasks[0].gone(now) {
		delete(s.byARN, s.tasks[0].arn)
		s.tasks[0] = nil
		s.tasks = s.tasks[1:]
	}
}

func (s *Server) lifecycle(family string) Lifecycle {
	if l, ok := s.opts.Lifecycles[family]; ok {
		return l.orDefault()
	}
	return s.opts.Lifecycle
}
