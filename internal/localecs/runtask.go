package localecs

import (
	"context"
	"time"
)

// runTask answers RunTask. The lock is not held while a fault delays the call, so that
// delayed calls overtake each other as they do on a network.
func (s *Server) runTask(ctx context.Context, body []byte) answer {
	in, err := decodeRunTask(body)

	s.mu.Lock()
	call := s.record(body, s.clock.Now())
	call.Token, call.Cluster = in.ClientToken, in.Cluster
	if err == nil {
		err = s.modify.take(call.Time)
	}
	if err != nil {
		call.note(nil, err)
		s.mu.Unlock()
		return errorAnswer(err)
	}
	f := s.takeFault(in)
	call.Fault = f.Kind
	s.mu.Unlock()

	s.sleep(ctx, f.Delay)

	s.mu.Lock()
	a := s.carryOut(in, body, &f, call)
	s.mu.Unlock()

	s.sleep(ctx, f.Hold)
	return a
}

func decodeRunTask(body []byte) (*runTaskInput, *apiError) {
	in := &runTaskInput{}
	if err := decode(body, in); err != nil {
		return &runTaskInput{}, err
	}
	in.rawOverrides = compactMember(body, "overrides")
	return in, nil
}

// carryOut launches unless the fault has it that nothing happens, and returns what
// the fault leaves of the answer. The caller holds s.mu.
func (s *Server) carryOut(in *runTaskInput, body []byte, f *Fault, call *Call) answer {
	if f.before() {
		call.Outcome = OutcomeDropped
		switch f.Kind {
		case FaultError:
			call.note(nil, f.err())
			return errorAnswer(f.err())
		case FaultUnavailable:
			return unavailable()
		default:
			return answer{lost: true}
		}
	}
	out, err := s.launch(in, body, f)
	call.note(out, err)
	var a answer
	if err != nil {
		a = errorAnswer(err)
	} else {
		a = answer{status: 200, body: out.encode()}
	}
	switch f.Kind {
	case FaultLoseAfter:
		a.lost = true
	case FaultTruncate:
		a.truncated, a.sent = true, f.cut(len(a.body))
	case FaultGarble:
		a.body = a.body[:f.cut(len(a.body))]
	case FaultUnavailableAfter:
		a = unavailable()
	}
	return a
}

// launch is RunTask without the network. A client token is looked up once the
// request is known to be well formed, and before anything in the account that may have
// changed since; only an answer of status 200 binds it.
func (s *Server) launch(in *runTaskInput, body []byte, f *Fault) (*runTaskOutput, *apiError) {
	now := s.clock.Now()
	if err := checkRequest(in); err != nil {
		return nil, err
	}
	c, err := s.findCluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	parameters := s.fingerprint(in, body)
	prior := c.bound(in.ClientToken, now)
	if prior != nil && prior.parameters != parameters {
		err := badRequest(codeConflict, "The client token was used before with different parameters.")
		err.resourceIDs = prior.taskARNs()
		return nil, err
	}
	if prior != nil && !s.opts.Tokens.ReplayChecked {
		return prior.replay(now), nil
	}
	p, err := s.resolvePlan(in, c)
	if err != nil {
		return nil, err
	}
	if prior != nil {
		return prior.replay(now), nil
	}
	if p.fargate() {
		if err := s.fargate.take(now); err != nil {
			return nil, err
		}
	}
	tasks, failures, err := s.place(p, f, now)
	if err != nil {
		return nil, err
	}
	if len(tasks) > 0 || !s.opts.Tokens.FailuresUnbound {
		c.bind(in.ClientToken, &binding{parameters: parameters, tasks: tasks, failures: failures, at: now}, now)
	}
	out := &runTaskOutput{Tasks: []any{}, Failures: failures}
	for _, t := range tasks {
		out.Tasks = append(out.Tasks, t.wire(now))
		out.arns = append(out.arns, t.arn)
	}
	return out, nil
}

// place launches what there is room for and says why the rest was not.
func (s *Server) place(p *plan, f *Fault, now time.Time) ([]*task, []Failure, *apiError) {
	if limit, limited := s.opts.Capacity[p.launch]; limited && limit == 0 && (p.launch == launchEC2 || p.launch == launchExternal) {
		return nil, nil, invalid(messageNoInstances)
	}
	n, failures := p.in.count(), []Failure{}
	if f.Kind == FaultFailures {
		n = max(0, n-len(f.Failures))
		if len(f.Failures) == 0 {
			n = 0
		}
	}
	providers := make([]string, n)
	if len(p.strategy) > 0 {
		providers = distribute(p.strategy, n)
	}
	var tasks []*task
	taken, unplaced := map[string]int{}, 0
	for _, provider := range providers {
		t := s.newTask(p, provider, uint64(len(tasks)), now)
		key := t.capacityKey()
		if free, limited := s.room(key, now); limited && taken[key] >= free {
			if provider == "" || fargateProvider(provider) {
				failures = append(failures, s.shortage(p, t))
				continue
			}
			t.wait()
			unplaced++
		} else {
			taken[key]++
		}
		tasks = append(tasks, t)
	}
	if unplaced > 0 && unplaced+s.waiting(p.cluster, now) > maxProvisioning {
		return nil, nil, clientError(messageProvisioningLimit)
	}
	for _, t := range tasks {
		s.launched++
		s.add(t, now)
	}
	if f.Kind == FaultFailures {
		failures = append(failures, f.Failures...)
	}
	return tasks, failures, nil
}

// newTask makes the task that will be launched after i others of the same call.
func (s *Server) newTask(p *plan, provider string, i uint64, now time.Time) *task {
	n := s.launched + i + 1
	id := p.cluster.name + "/" + idHex(s.opts.Seed, idTask, n)
	t := &task{
		n: n, arn: s.arn("task/" + id), containerARN: s.arn("container/" + id + "/"),
		cluster: p.cluster, td: p.td, in: p.in, provider: provider, launch: p.launch,
		cpu: p.cpu, memory: p.memory, group: p.group(), tags: p.tags(),
		created: now, lifecycle: s.lifecycle(p.td.Family), region: s.opts.Region, seed: s.opts.Seed,
	}
	if p.in.EnableECSManagedTags {
		name := p.cluster.name
		t.tags = append(t.tags, Tag{Key: "aws:ecs:clusterName", Value: name})
	}
	switch {
	case p.fargate():
		t.launch, t.platform = launchFargate, p.platformVersion()
	case provider != "":
		t.launch = launchEC2
	}
	t.life = t.lifecycle.timeline(now, time.Time{})
	return t
}

// wait makes the task one that never gets an instance.
func (t *task) wait() {
	t.unplaced = true
	t.lifecycle = Lifecycle{
		Provisioning:  provisioningWait,
		StopCode:      StopTaskFailedToStart,
		StoppedReason: "TaskFailedToStart: EMPTY CAPACITY PROVIDER",
	}
	t.life = t.lifecycle.timeline(t.created, time.Time{})
}
