package sim

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// reading is one of the ways in which what AWS does not document about client
// tokens can be read.
type reading uint8

const (
	// bound: an answer without tasks belongs to its token like any other. It is the
	// reading that AWS's example suggests.
	bound reading = iota
	// busy: besides, a token whose request is being carried out is in conflict, and
	// names no tasks.
	busy
	// unbound: an answer without tasks leaves the token unused. Without a memory no
	// launch could then be both made again and made once, so there is a ledger.
	unbound
)

// fault is what happens to one call.
type fault uint8

const (
	none fault = iota
	loseBefore
	loseAfter
	serverBefore
	serverAfter
	balancerBefore
	balancerAfter
	garble       // status 200 that cannot be decoded, after
	emptyBefore  // status 200 with neither tasks nor failures, before
	emptyAfter   // the same, after
	late         // carried out after the client has given up
	slowAnswer   // carried out at once, answered after the client has given up
	throttle     // ThrottlingException
	throttleDeep // throttling inside an InvalidParameterException
	provisioning // the provisioning limit inside a ClientException
	novel        // a code that nobody knows
	refused      // a permanent error
	partial      // fewer tasks than asked for
	nothing      // no task for want of capacity
	misfit       // no task, and no hope: ATTRIBUTE
	faults
)

var faultNames = [faults]string{"none", "lose before", "lose after", "500 before", "500 after", "503 before", "503 after", "garble",
	"empty before", "empty after", "late", "slow answer", "throttle", "throttle in InvalidParameter", "provisioning limit", "novel code",
	"refused", "partial", "no capacity", "ATTRIBUTE"}

// before: the call is not carried out.
func (f fault) before() bool {
	switch f {
	case loseBefore, serverBefore, balancerBefore, emptyBefore, throttle, throttleDeep, provisioning, novel, refused:
		return true
	}
	return false
}

func status(code int, err error) error {
	return &smithy.OperationError{ServiceID: "ECS", OperationName: "RunTask", Err: &awshttp.ResponseError{
		ResponseError: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: httpResponse(code)}, Err: err},
	}}
}

func coded(http int, code, message string) error {
	return status(http, &smithy.GenericAPIError{Code: code, Message: message})
}

// faultErrors is what the client sees of a fault, once; nil is the answer.
var faultErrors = [faults]error{
	loseBefore: syscall.ECONNRESET, loseAfter: syscall.ECONNRESET,
	serverBefore:   coded(500, "ServerException", "Service Unavailable. Please try again later."),
	serverAfter:    coded(500, "ServerException", "Service Unavailable. Please try again later."),
	balancerBefore: status(503, errors.New("invalid character '<'")), balancerAfter: status(503, errors.New("invalid character '<'")),
	garble:       status(200, errors.New("unexpected end of JSON input")),
	throttle:     coded(400, "ThrottlingException", "Rate exceeded"),
	throttleDeep: coded(400, "InvalidParameterException", "Error retrieving subnet information for [subnet-1]: Request limit exceeded. (ErrorCode: RequestLimitExceeded)"),
	provisioning: coded(400, "ClientException", "Tasks provisioning capacity limit exceeded."),
	novel:        coded(400, "NovelException", "nobody has seen this"),
	refused:      coded(400, "AccessDeniedException", "not authorized"),
}

// model is ECS as far as RunTask goes. internal/localecs is the complete one; that
// both agree is tested.
type model struct {
	reading  reading
	lifetime time.Duration // of a task
	fault    func(call int) fault
	check    func(c *commit)
	unsure   func(key string) // a conflict names no tasks
	note     func(format string, args ...any)

	mu       sync.Mutex
	calls    int
	launched int
	tokens   map[string]*binding
	carrying map[string]bool // tokens of requests that are being carried out
	tasks    map[string]time.Time
}

func newModel() *model {
	return &model{
		lifetime: time.Hour, fault: func(int) fault { return none }, check: func(*commit) {},
		unsure: func(string) {}, note: func(string, ...any) {},
		tokens: map[string]*binding{}, carrying: map[string]bool{}, tasks: map[string]time.Time{},
	}
}

// binding is what a token is bound to.
type binding struct {
	parameters params
	arns       []string
	reasons    []string
	at, ends   time.Time // ends: when its last task stops
}

// commit is what one call has started.
type commit struct {
	key     string // startedBy: rule and event
	token   string
	count   int
	expired bool // the token had been bound before and has outlived it
}

// How long a token binds, as in internal/localecs.
func (b *binding) expired(now time.Time) bool {
	end := b.at.Add(24 * time.Hour)
	if last := b.ends.Add(time.Hour); len(b.arns) > 0 && last.Before(end) {
		end = last
	}
	return !now.Before(end)
}

// params are what may differ between requests here.
type params struct {
	taskDefinition string
	count          int32
}

func parameters(in *ecs.RunTaskInput) params {
	return params{aws.ToString(in.TaskDefinition), aws.ToInt32(in.Count)}
}

// arrive is a request reaching ECS. carry is how long it takes to carry it out.
func (m *model) arrive(in *ecs.RunTaskInput, carry time.Duration) (*ecs.RunTaskOutput, fault, error) {
	m.mu.Lock()
	m.calls++
	n := m.calls - 1
	f := m.fault(n)
	token := *in.ClientToken
	if f != none {
		m.note("  call %d meets: %s", n, faultNames[f])
	}
	if f.before() {
		m.mu.Unlock()
		return &ecs.RunTaskOutput{}, f, faultErrors[f]
	}
	if m.reading == busy {
		if m.carrying[token] {
			m.mu.Unlock()
			return nil, f, status(400, &ecstypes.ConflictException{})
		}
		m.carrying[token] = true
		m.mu.Unlock()
		time.Sleep(carry)
		m.mu.Lock()
		delete(m.carrying, token)
	}
	defer m.mu.Unlock()
	out, err := m.launch(in, f)
	switch {
	case faultErrors[f] != nil:
		return nil, f, faultErrors[f]
	case f == emptyAfter:
		return &ecs.RunTaskOutput{}, f, nil
	}
	return out, f, err
}

func (m *model) launch(in *ecs.RunTaskInput, f fault) (*ecs.RunTaskOutput, error) {
	now, token, n := time.Now(), *in.ClientToken, int(aws.ToInt32(in.Count))
	if in.Count == nil {
		n = 1
	}
	b := m.tokens[token]
	c := commit{key: aws.ToString(in.StartedBy), token: token, expired: b != nil && b.expired(now)}
	if b != nil && !c.expired {
		if b.parameters != parameters(in) {
			if len(b.arns) == 0 {
				m.unsure(c.key)
			}
			return nil, status(400, &ecstypes.ConflictException{ResourceIds: b.arns})
		}
		return m.answer(b, now), nil
	}
	b = &binding{parameters: parameters(in), at: now, ends: now.Add(m.lifetime)}
	reason := "RESOURCE:MEMORY"
	c.count = n
	switch f {
	case partial:
		c.count = n / 2
	case nothing:
		c.count = 0
	case misfit:
		c.count, reason = 0, "ATTRIBUTE"
	}
	for range c.count {
		m.launched++
		b.arns = append(b.arns, fmt.Sprintf("arn:aws:ecs:us-east-1:123456789012:task/c/%032d", m.launched))
		m.tasks[b.arns[len(b.arns)-1]] = now
	}
	for range n - c.count {
		b.reasons = append(b.reasons, reason)
	}
	if c.count > 0 || m.reading != unbound {
		m.tokens[token] = b
	}
	m.check(&c)
	return m.answer(b, now), nil
}

// answer is the result of a binding as it is now.
func (m *model) answer(b *binding, now time.Time) *ecs.RunTaskOutput {
	out := &ecs.RunTaskOutput{}
	for i := range b.arns {
		t := ecstypes.Task{TaskArn: &b.arns[i], LastStatus: aws.String("STOPPED"), DesiredStatus: aws.String("STOPPED")}
		if now.Before(b.ends) {
			t.CreatedAt, t.LastStatus, t.DesiredStatus = &b.at, aws.String("RUNNING"), aws.String("RUNNING")
		}
		out.Tasks = append(out.Tasks, t)
	}
	for i := range b.reasons {
		f := ecstypes.Failure{}
		if now.Sub(b.at) <= time.Hour {
			f.Reason = &b.reasons[i]
		}
		out.Failures = append(out.Failures, f)
	}
	return out
}

// describe knows tasks from two seconds after they were started, and has them run
// after five.
func (m *model) describe(in *ecs.DescribeTasksInput) *ecs.DescribeTasksOutput {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := &ecs.DescribeTasksOutput{}
	for _, arn := range in.Tasks {
		began, ok := m.tasks[arn]
		switch age := time.Since(began); {
		case !ok, age < 2*time.Second, age > m.lifetime+time.Hour:
			out.Failures = append(out.Failures, ecstypes.Failure{Arn: &arn, Reason: aws.String("MISSING")})
		case age < 5*time.Second:
			out.Tasks = append(out.Tasks, ecstypes.Task{TaskArn: &arn, LastStatus: aws.String("PENDING")})
		default:
			out.Tasks = append(out.Tasks, ecstypes.Task{TaskArn: &arn, LastStatus: aws.String("RUNNING"), StartedAt: &began})
		}
	}
	return out
}

// client is the network between one instance and ECS.
type client struct {
	model *model
	inst  *instance
}

func (c client) RunTask(ctx context.Context, in *ecs.RunTaskInput, _ ...func(*ecs.Options)) (*ecs.RunTaskOutput, error) {
	if c.inst.step("before a call") {
		return nil, context.Canceled
	}
	token := *in.ClientToken
	c.inst.sent(in)
	w := c.inst.world
	there, back := c.inst.latency(token, 1), c.inst.latency(token, 2)
	w.note("instance %d sends %s count %d token %.6s", c.inst.id, *in.StartedBy, aws.ToInt32(in.Count), token)
	if w.isLate() {
		there += 12 * time.Second
	}
	type result struct {
		out *ecs.RunTaskOutput
		err error
	}
	answered := make(chan result, 1)
	w.wires.Go(func() {
		time.Sleep(there)
		out, f, err := c.model.arrive(in, back)
		if f == slowAnswer {
			back += 12 * time.Second
		}
		if c.inst.stepAfter() {
			c.inst.kill("between call and answer")
		}
		time.Sleep(back)
		answered <- result{out, err}
	})
	select {
	case r := <-answered:
		if c.inst.step("after an answer") {
			return nil, context.Canceled
		}
		if w.trace != nil {
			w.note("instance %d hears of %.6s: %s", c.inst.id, token, told(r.out, r.err))
		}
		return r.out, r.err
	case <-ctx.Done():
		w.note("instance %d gives up on %.6s", c.inst.id, token)
		return nil, ctx.Err()
	}
}

func (c client) DescribeTasks(ctx context.Context, in *ecs.DescribeTasksInput, _ ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error) {
	if c.inst.step("before a look") {
		return nil, context.Canceled
	}
	return c.model.describe(in), ctx.Err()
}

// told is an answer in short.
func told(out *ecs.RunTaskOutput, err error) string {
	if err != nil {
		return strings.ReplaceAll(err.Error(), "\n", " ")
	}
	return fmt.Sprintf("%d tasks, %d failures", len(out.Tasks), len(out.Failures))
}
