package event

import (
	"strings"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// A record is an element of "Records": of an S3 notification, an SQS batch or
// an SNS invocation, whose members are read in one pass.
type record struct {
	whole       scan.Value
	eventSource scan.Value
	region      scan.Value // S3 and SQS

	messageID, body, attributes, messageAttributes, queue scan.Value // SQS

	snsSource, sns scan.Value // SNS

	eventName, eventTime, userIdentity, request, response, s3 scan.Value // S3
	glacier, lifecycle, tiering                               scan.Value // S3, some kinds
}

func readRecord(v scan.Value) record {
	r := record{whole: v}
	for it := scan.Members(v); it.Next(); {
		if f := r.member(it.Key()); f != nil {
			*f = it.Value()
		}
	}
	return r
}

// member is where the member with this name belongs, nil if nowhere.
func (r *record) member(name string) *scan.Value {
	switch name {
	case "eventSource":
		return &r.eventSource
	case "awsRegion":
		return &r.region
	case "messageId":
		return &r.messageID
	case "body":
		return &r.body
	case "attributes":
		return &r.attributes
	case "messageAttributes":
		return &r.messageAttributes
	case "eventSourceARN":
		return &r.queue
	case "EventSource":
		return &r.snsSource
	case "Sns":
		return &r.sns
	case "eventName":
		return &r.eventName
	case "eventTime":
		return &r.eventTime
	case "userIdentity":
		return &r.userIdentity
	case "requestParameters":
		return &r.request
	case "responseElements":
		return &r.response
	case "s3":
		return &r.s3
	case "glacierEventData":
		return &r.glacier
	case "lifecycleEventData":
		return &r.lifecycle
	case "intelligentTieringEventData":
		return &r.tiering
	}
	return nil
}

// origin is the record's source for messages. It is repeated only if it looks
// like a name that AWS gave.
func (r *record) origin() string {
	source := r.eventSource
	if source.Kind == scan.Missing {
		source = r.snsSource
	}
	if source.Kind != scan.String {
		if source.Kind == scan.Missing {
			return "missing"
		}
		return noun(source.Kind)
	}
	name := source.Text()
	if len(name) > maxNameLen || !strings.HasPrefix(name, "aws:") ||
		strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789:-") != "" {
		return "a string that names no AWS source"
	}
	return name
}

// records reads a list of records. It reports whether any of them is of a known
// source; if not, nothing has been recorded.
func (p *parser) records(list scan.Value, in level, rule string) bool {
	items, errs := len(p.items), len(p.errs)
	known := false
	i := 0
	for it := scan.Elements(list); it.Next(); i++ {
		p.pushIndex("Records", i)
		r := readRecord(it.Value())
		switch {
		case r.eventSource.Is("aws:s3"):
			known = true
			if !p.open {
				p.begin("", "")
			}
			p.s3(&r, rule)
		case r.eventSource.Is("aws:sqs"):
			known = true
			p.sqs(&r, in)
		case r.snsSource.Is("aws:sns"):
			known = true
			p.sns(&r, in)
		default:
			p.stranger(&r, in)
		}
		p.pop()
	}
	if !known {
		p.items, p.errs = p.items[:items], p.errs[:errs]
	}
	return known
}

// stranger fails a record of no known source.
func (p *parser) stranger(r *record, in level) {
	if in == top {
		p.begin("", "")
		defer p.end()
	}
	if r.whole.Kind != scan.Object {
		p.fail("", expected("an object", r.whole))
		return
	}
	p.fail("eventSource", "expected aws:s3, aws:sqs or aws:sns, it is "+r.origin())
}
