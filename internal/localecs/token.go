package localecs

import (
	"bytes"
	"crypto/sha256"
	"time"
)

// How long a client token binds: the lower of a day, and an hour after the last task
// stopped ("Ensuring idempotency" in the API reference).
const (
	tokenLifetime     = 24 * time.Hour
	tokenAfterStopped = time.Hour
	// Failures older than this "only include the number of failed tasks" (the same page).
	failureDetail = time.Hour
)

// TokenReading selects among readings of what AWS does not document about client
// tokens. The zero value is the reading that AWS's examples suggest.
type TokenReading struct {
	// ExactParameters compares the parameters of two requests as they were written,
	// byte for byte. Otherwise members may come in any order, and null is the same as
	// absent; but a default that is spelt out, another order in a list, or an ARN in
	// the place of a name are different parameters in either reading.
	ExactParameters bool
	// ResolvedRevision compares the revision that a task definition's family resolves
	// to as well: a registration between two requests makes them differ.
	ResolvedRevision bool
	// FailuresUnbound does not bind the token of a request that launched nothing: the
	// next one launches. Otherwise its failures are replayed.
	FailuresUnbound bool
	// ReplayChecked applies the rules that depend on the state of the account to a
	// request whose token is bound: once the task definition is INACTIVE, a replay is
	// refused.
	ReplayChecked bool
}

// A binding is what a cluster remembers about a client token.
type binding struct {
	parameters [sha256.Size]byte
	tasks      []*task
	failures   []Failure
	at         time.Time
}

// expired reports whether the token may be used anew.
func (b *binding) expired(now time.Time) bool {
	end := b.at.Add(tokenLifetime)
	last := time.Time{}
	for _, t := range b.tasks {
		at, ok := t.stoppedAt()
		if !ok {
			return !now.Before(end)
		}
		if at.After(last) {
			last = at
		}
	}
	if len(b.tasks) > 0 && last.Add(tokenAfterStopped).Before(end) {
		end = last.Add(tokenAfterStopped)
	}
	return !now.Before(end)
}

// taskARNs are what a ConflictException names.
func (b *binding) taskARNs() []string {
	arns := make([]string, 0, len(b.tasks))
	for _, t := range b.tasks {
		arns = append(arns, t.arn)
	}
	return arns
}

// replay is the result of the original request: its tasks as they are now, its
// failures as they were.
func (b *binding) replay(now time.Time) *runTaskOutput {
	out := &runTaskOutput{Tasks: []any{}, Failures: []Failure{}, replayed: true, arns: b.taskARNs()}
	for _, t := range b.tasks {
		if t.stopped(now) {
			out.Tasks = append(out.Tasks, stoppedTask{TaskARN: t.arn, LastStatus: statusStopped, DesiredStatus: statusStopped})
			continue
		}
		out.Tasks = append(out.Tasks, t.wire(now))
	}
	for _, f := range b.failures {
		if now.Sub(b.at) > failureDetail {
			f = Failure{}
		}
		out.Failures = append(out.Failures, f)
	}
	return out
}

// stoppedTask is all that a replay says about a task that has stopped.
type stoppedTask struct {
	TaskARN       string `json:"taskArn"`
	LastStatus    string `json:"lastStatus"`
	DesiredStatus string `json:"desiredStatus"`
}

// bound returns what the cluster remembers about the token, if anything.
func (c *cluster) bound(token string, now time.Time) *binding {
	if token == "" {
		return nil
	}
	b := c.tokens[token]
	if b != nil && b.expired(now) {
		delete(c.tokens, token)
		return nil
	}
	return b
}

// bind remembers the token. Expired ones are dropped whenever their number may have
// doubled, so that the cost of a call stays flat.
func (c *cluster) bind(token string, b *binding, now time.Time) {
	if token == "" {
		return
	}
	if len(c.tokens) >= c.sweepAt {
		for t, b := range c.tokens {
			if b.expired(now) {
				delete(c.tokens, t)
			}
		}
		c.sweepAt = max(1024, 2*len(c.tokens))
	}
	c.tokens[token] = b
}

// fingerprint is what decides whether parameters are the same.
func (s *Server) fingerprint(in *runTaskInput, body []byte) [sha256.Size]byte {
	var b bytes.Buffer
	if s.opts.Tokens.ExactParameters {
		b.Write(body)
	} else {
		b.Write(canonical(body))
	}
	if s.opts.Tokens.ResolvedRevision {
		if td, err := s.resolve(in.TaskDefinition); err == nil {
			b.WriteString(td.arn)
		}
	}
	return sha256.Sum256(b.Bytes())
}
