package event

import (
	"bytes"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// sqs reads a message of an SQS batch as an item of its own. Names are those of
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html.
func (p *parser) sqs(r *record, in level) {
	if in != top {
		p.nested("an SQS record")
		return
	}
	p.source = SQS
	if !filled(r.messageID) {
		// There is nothing to name in a partial batch response, so Lambda
		// retries the whole batch: the item launches nothing.
		p.begin("", "")
		p.fail("messageId", expected("a non-empty string", r.messageID))
		p.end()
		return
	}
	p.begin(r.messageID.Text(), r.group())
	if r.body.Kind != scan.String {
		p.fail("body", expected("a string", r.body))
	} else {
		p.push("body")
		if c, ok := p.text(r.body, inSQS); !ok {
			if p.accept.SQS {
				p.acceptSQS(r, c)
			} else {
				p.refuse(c)
			}
		}
		p.pop()
	}
	p.end()
}

// group is the message group that orders r, "" in a standard queue.
func (r *record) group() string {
	if !bytes.HasSuffix(text(r.queue), []byte(".fifo")) {
		return ""
	}
	if g := scan.Member(r.attributes, "MessageGroupId"); g.Kind == scan.String {
		return g.Text()
	}
	return ""
}
