package event

import "github.com/taskbridge/taskbridge/internal/scan"

// A message is what SNS delivers: the "Sns" of a record, or the notification in
// an SQS body. Both have these members:
// https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html and
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html.
type message struct {
	whole                                      scan.Value
	id, topic, subject, text, time, attributes scan.Value
}

func readMessage(v scan.Value) message {
	m := message{whole: v}
	for it := scan.Members(v); it.Next(); {
		switch it.Key() {
		case "MessageId":
			m.id = it.Value()
		case "TopicArn":
			m.topic = it.Value()
		case "Subject":
			m.subject = it.Value()
		case "Message":
			m.text = it.Value()
		case "Timestamp":
			m.time = it.Value()
		case "MessageAttributes":
			m.attributes = it.Value()
		}
	}
	return m
}

// sns reads a record of an SNS invocation: an item of its own, unless it lies in
// an SQS body. That is where the dead-letter queue of a function puts what the
// function was invoked with.
func (p *parser) sns(r *record, in level) {
	if in <= inSNS {
		p.nested("an SNS record")
		return
	}
	m := readMessage(r.sns)
	if in == top {
		if p.source == Direct {
			p.source = SNS
		}
		var id string
		if m.id.Kind == scan.String {
			id = m.id.Text()
		}
		p.begin(id, "")
		defer p.end()
	}
	p.push("Sns")
	defer p.pop()
	if r.sns.Kind != scan.Object {
		p.fail("", expected("an object", r.sns))
		return
	}
	if in == top && !filled(m.id) {
		p.fail("MessageId", expected("a non-empty string", m.id))
		return
	}
	if m.text.Kind != scan.String {
		p.fail("Message", expected("a string", m.text))
		return
	}
	p.message(&m, inSNS)
}

// message reads the message m, which lies in an envelope of the given level. It
// reports false, with nothing recorded, if m is no event and the envelope around
// it may become one.
func (p *parser) message(m *message, in level) bool {
	p.push("Message")
	defer p.pop()
	c, ok := p.text(m.text, inSNS)
	switch {
	case ok:
	case p.accept.SNS:
		p.acceptSNS(m, c)
	case in == inSQS && p.accept.SQS, in == top && p.accept.Direct:
		return false
	default:
		p.refuse(c)
	}
	return true
}
