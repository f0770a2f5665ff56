package event

import "github.com/taskbridge/taskbridge/internal/scan"

// A Source is what invoked the function.
type Source uint8

// The sources. SQS wants a partial batch response.
const (
	Direct Source = iota
	SQS
	SNS
)

// String names the source as the mapping's accept does: direct, sqs, sns.
func (s Source) String() string {
	switch s {
	case SQS:
		return "sqs"
	case SNS:
		return "sns"
	default:
		return "direct"
	}
}

// Accept names the deliveries of which a body, message or payload that is no
// event becomes an event: source taskbridge.sqs, taskbridge.sns or
// taskbridge.invoke, detail-type Message. The zero Accept takes none.
type Accept struct{ SQS, SNS, Direct bool }

// A Batch is what one payload held: at least one item.
type Batch struct {
	Source Source
	Items  []Item
}

// An Item succeeds or fails as a whole.
type Item struct {
	// ID is the messageId of an SQS message or the MessageId of an SNS
	// message, "" for a direct invocation. An SQS item without an ID has an
	// Err: Lambda can only be told to retry the whole batch.
	ID string

	// Group is the message group of a FIFO queue. A standard queue's messages
	// may have groups as well (fair queues), but no order: theirs is "".
	Group string

	// Events are those that could be read, in the order of the payload, also
	// if Err is not nil. A test event leaves none.
	Events []Event

	// Err joins the [*ParseError] of everything malformed, nil if there is
	// none. It wraps [ErrUnsupported] if some envelope is unknown.
	Err error
}

// An Event is one occurrence. Its methods read JSON whenever they are called,
// so an event that no rule wants costs nothing more.
type Event struct {
	// JSON is one object in EventBridge shape whose source and detail-type
	// are non-empty strings and whose detail is an object. It may alias the
	// payload.
	JSON []byte

	// Rule is the only rule to run, "" for all that match.
	Rule string
}

// ID is the event's id, for logs. It is "" if the event has none.
func (e Event) ID() string {
	v, err := scan.Read(e.JSON)
	if err != nil {
		return ""
	}
	return idOf(scan.Member(v, "id"))
}

func idOf(v scan.Value) string {
	if v.Kind != scan.String {
		return ""
	}
	return v.Text()
}
