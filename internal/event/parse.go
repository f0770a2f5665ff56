package event

import (
	"errors"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// Parse reads the payload of one invocation. The error is a [*ParseError]: the
// payload is no JSON, or it is of no known kind and wraps [ErrUnsupported].
// Everything else that may be wrong is the Err of an item. The events may alias
// the payload, which must not change while they are in use.
func Parse(payload []byte, accept Accept) (Batch, error) {
	p := parser{accept: accept}
	p.at = p.steps[:0]
	v, err := scan.Read(payload)
	if err != nil {
		return Batch{}, syntaxError(nil, err)
	}
	if !p.value(v, top, "") {
		if !accept.Direct {
			return Batch{}, unsupported(nil, v)
		}
		if !p.open {
			p.begin("", "")
		}
		p.acceptDirect(v)
	}
	p.end()
	return Batch{p.source, p.items}, nil
}

// A parser reads one payload.
type parser struct {
	accept Accept
	source Source
	items  []Item
	events []Event // of all items; each item takes the part that is its own

	open  bool // an item has begun, the last of items
	first int  // its first event
	errs  []error

	at    path
	steps [8]step
	key   []byte // scratch for decoded keys
	ident []byte // scratch for identities
}

// begin starts the next item.
func (p *parser) begin(id, group string) {
	p.end()
	p.items = append(p.items, Item{ID: id, Group: group})
	p.first, p.open = len(p.events), true
}

// end completes the item that has begun, if any.
func (p *parser) end() {
	if !p.open {
		return
	}
	item := &p.items[len(p.items)-1]
	if n := len(p.events); n > p.first {
		item.Events = p.events[p.first:n:n]
	}
	item.Err = errors.Join(p.errs...)
	p.errs, p.open = nil, false
}

func (p *parser) add(json []byte, rule string) {
	p.events = append(p.events, Event{JSON: json, Rule: rule})
}

func (p *parser) push(name string)             { p.at = append(p.at, step{name: name}) }
func (p *parser) pushIndex(name string, i int) { p.at = append(p.at, step{name, i + 1}) }
func (p *parser) pop()                         { p.at = p.at[:len(p.at)-1] }

// fail records a mistake of the current item, at name within the current value.
func (p *parser) fail(name, msg string) { p.failAt(name, 0, msg) }

func (p *parser) failAt(name string, offset int, msg string) {
	at := p.at
	if name != "" {
		at = append(at[:len(at):len(at)], step{name: name})
	}
	p.errs = append(p.errs, &ParseError{Path: at.String(), Offset: offset, Msg: msg})
}

// A level is an envelope's place in the order of nesting. A value may only lie
// in an envelope of a higher level than its own.
type level uint8

const (
	inRule level = iota + 1
	inSNS
	inSQS
	top
)

// value reads v, which lies in an envelope of the given level. It reports
// whether v is an event or an envelope at all; if not, nothing has been
// recorded and the caller decides.
func (p *parser) value(v scan.Value, in level, rule string) bool {
	e := look(v)
	k := e.kind()
	if in == top && k != unknown && k != recordList {
		p.begin("", "")
	}
	switch k {
	case eventBridge:
		p.event(v, e.detail, rule)
	case recordList:
		return p.records(e.records, in, rule)
	case ruleAndEvent:
		p.ruleAndEvent(&e, in)
	case notification:
		if in <= inSNS {
			p.nested("an SNS notification")
			return true
		}
		m := readMessage(v)
		return p.message(&m, in)
	case testEvent:
	default:
		return false
	}
	return true
}

// nested refuses an envelope that lies where none of its kind may.
func (p *parser) nested(what string) {
	p.fail("", what+` must not lie here: envelopes nest as SQS, SNS, {"rule","event"}, event, each at most once`)
}

// event adds the EventBridge event v.
func (p *parser) event(v, detail scan.Value, rule string) {
	if detail.Kind == scan.Object {
		p.add(v.Raw, rule)
		return
	}
	// EventBridge Scheduler invokes Lambda with "detail":"{}" if the schedule
	// has no input, as payloads that people logged show.
	inner, err := scan.Read(detail.Bytes())
	if err != nil || inner.Kind != scan.Object {
		p.fail("detail", "expected an object, got a string that holds none")
		return
	}
	w := newWriter(len(v.Raw))
	for it := scan.Members(v); it.Next(); {
		if key := it.Key(); key != "detail" {
			w.value(key, it.Value())
		}
	}
	w.value("detail", inner)
	p.addWritten(&w, rule)
}

// addWritten adds the event that w holds, in which a value of the payload may
// lie deeper than it did there.
func (p *parser) addWritten(w *writer, rule string) {
	json := w.bytes()
	if _, err := scan.Read(json); err != nil {
		p.errs = append(p.errs, syntaxError(p.at, err))
		return
	}
	p.add(json, rule)
}

func (p *parser) ruleAndEvent(e *envelope, in level) {
	if in <= inRule {
		p.nested(`{"rule","event"}`)
		return
	}
	p.push("event")
	defer p.pop()
	if !p.value(e.event, inRule, e.rule.Text()) {
		p.errs = append(p.errs, unsupported(p.at, e.event))
	}
}

// content is a body or message that is no event.
type content struct {
	text  []byte
	value scan.Value // Missing if the text is no JSON
	err   error      // why it is none
}

// text reads the string s, which lies in an envelope of the given level. As
// with value, nothing has been recorded if it is no event.
func (p *parser) text(s scan.Value, in level) (content, bool) {
	c := content{text: s.Bytes()}
	if c.value, c.err = scan.Read(c.text); c.err != nil {
		return c, false
	}
	return c, p.value(c.value, in, "")
}

// refuse records that c is no event.
func (p *parser) refuse(c content) {
	if c.err != nil {
		p.errs = append(p.errs, syntaxError(p.at, c.err))
	} else {
		p.errs = append(p.errs, unsupported(p.at, c.value))
	}
}
