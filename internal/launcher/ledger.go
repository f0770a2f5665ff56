package launcher

import (
	"context"
	"fmt"
	"time"
)

// A Ledger remembers launches for longer than ECS remembers client tokens, and
// whatever ECS makes of a token whose request started nothing. It makes a launch
// happen once for as long as its records are kept.
//
// Without one (the default) the horizon is that of [TokenLifetime] and
// [TokenAfterStopped]. A Ledger must be safe for concurrent use, also by other
// processes: a table with conditional writes, say.
type Ledger interface {
	// Claim returns the record of a part of a launch, zero if there is none, and
	// keeps others from claiming it until the given time or Save with done,
	// whichever is first. If another has it, the error is [ErrClaimed]. A record that
	// is done is returned to all who ask, and is nobody's.
	//
	// The id is the client token of the part's generation 0, which is unique
	// within a cluster; an empty cluster is ECS's default one.
	Claim(ctx context.Context, cluster, id string, until time.Time) (Record, error)
	// Save stores what is known of a part that has been claimed. It is called
	// after each final answer, before the next generation is sent.
	Save(ctx context.Context, cluster, id string, r Record) error
}

// ErrClaimed says that another invocation is making the same launch.
var ErrClaimed = fmt.Errorf("another invocation is making this launch")

// A Record is how far a part of a launch has got.
type Record struct {
	Generation int      // the next to be sent; those before it are answered
	TaskARNs   []string // that they started
	Done       bool     // all tasks of the part have started
}

// claimed is the record of one part, as this invocation carries it on.
type claimed struct {
	ledger      Ledger
	cluster, id string
	record      Record
}

func (w *walk) claim(ctx context.Context, part int) (*claimed, *Error) {
	c := &claimed{ledger: w.opts.Ledger, cluster: w.launch.Request.Cluster}
	if c.ledger == nil {
		return c, nil
	}
	c.id = Token(w.launch, part, 0)
	until, ok := ctx.Deadline()
	if !ok {
		until = time.Now().Add(maxInvocation)
	}
	// A call that was begun just before the deadline may still be carried out.
	r, err := c.ledger.Claim(ctx, c.cluster, c.id, until.Add(callTimeout))
	if err != nil {
		return nil, &Error{Kind: Transient, Reason: ReasonLedger, Err: err}
	}
	c.record = r
	return c, nil
}

// maxInvocation is how long a Lambda invocation can last (Lambda quotas).
const maxInvocation = 15 * time.Minute

// save stores that the generations before next are answered and started arns
// too.
func (c *claimed) save(ctx context.Context, next int, arns []string, done bool) *Error {
	if c.ledger == nil {
		return nil
	}
	c.record = Record{next, append(c.record.TaskARNs, arns...), done}
	if err := c.ledger.Save(ctx, c.cluster, c.id, c.record); err != nil {
		return &Error{Kind: Transient, Reason: ReasonLedger, Err: err}
	}
	return nil
}
