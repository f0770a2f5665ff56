package localecs

import (
	"slices"
	"strings"
	"time"
)

const (
	// The reason that Fargate gives, word for word.
	reasonFargate = "Capacity is unavailable at this time. Please try again later or in a different availability zone"
	reasonCPU     = "RESOURCE:CPU"
	reasonMemory  = "RESOURCE:MEMORY"

	// A cluster without instances is an error, not a failure.
	messageNoInstances = "No Container Instances were found in your cluster."

	// Tasks in PROVISIONING per cluster, with capacity providers of Auto Scaling groups
	// (service quota, not adjustable).
	maxProvisioning = 500
	// How long such a task waits for an instance is not documented; it is some
	// minutes.
	provisioningWait = 10 * time.Minute
)

// room returns how many more tasks fit the launch type or capacity provider. The
// caller holds s.mu.
func (s *Server) room(key string, now time.Time) (free int, limited bool) {
	limit, limited := s.opts.Capacity[key]
	if !limited {
		return 0, false
	}
	s.live = slices.DeleteFunc(s.live, func(t *task) bool { return t.stopped(now) })
	for _, t := range s.live {
		if !t.unplaced && t.capacityKey() == key {
			limit--
		}
	}
	return limit, true
}

func (t *task) capacityKey() string { return orDefault(t.provider, t.launch) }

// shortage is the failure of a task that does not fit.
func (s *Server) shortage(p *plan, t *task) Failure {
	if t.launch == launchFargate {
		return Failure{Reason: reasonFargate}
	}
	reason := reasonCPU
	if p.memory > p.cpu {
		reason = reasonMemory
	}
	// One instance is named, as ECS names each that it tried.
	instance := s.arn("container-instance/" + p.cluster.name + "/" + strings.Repeat("0", 32))
	return Failure{ARN: instance, Reason: reason}
}

// waiting counts the tasks of a cluster that wait for an instance.
func (s *Server) waiting(c *cluster, now time.Time) int {
	n := 0
	for _, t := range s.live {
		if t.cluster == c && t.unplaced && t.at(now).last == statusProvisioning {
			n++
		}
	}
	return n
}

// distribute spreads n tasks over a strategy: the base first, then each to the
// provider that is furthest behind its weight. There is no falling back from one to
// another that has room. Whether a base on weight 0 places anything is not documented;
// here it does.
func distribute(strategy []strategyItem, n int) []string {
	given := make([]int, len(strategy))
	var order []string
	for i, item := range strategy {
		for range min(int(item.Base), n-len(order)) {
			order = append(order, strategy[i].CapacityProvider)
		}
	}
	for len(order) < n {
		best := -1
		for i, item := range strategy {
			if item.Weight == 0 {
				continue
			}
			// Cross-multiplied (given+1)/weight; the first of equals wins.
			if best < 0 || (given[i]+1)*int(strategy[best].Weight) < (given[best]+1)*int(item.Weight) {
				best = i
			}
		}
		given[best]++
		order = append(order, strategy[best].CapacityProvider)
	}
	return order
}
