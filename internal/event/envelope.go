package event

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// An envelope is an object's members that tell the kinds of envelope apart.
type envelope struct {
	source, detailType, detail scan.Value // EventBridge
	records                    scan.Value // S3, SQS, SNS
	rule, event                scan.Value // {"rule","event"}
	typ, message, topic        scan.Value // SNS notification
	service, s3Event           scan.Value // s3:TestEvent
}

type kind uint8

const (
	unknown kind = iota
	eventBridge
	recordList
	ruleAndEvent
	notification
	testEvent
)

// look reads the members of v that matter. Of two with one name the last
// counts, as in encoding/json.
func look(v scan.Value) envelope {
	var e envelope
	for it := scan.Members(v); it.Next(); {
		switch it.Key() {
		case "source":
			e.source = it.Value()
		case "detail-type":
			e.detailType = it.Value()
		case "detail":
			e.detail = it.Value()
		case "Records":
			e.records = it.Value()
		case "rule":
			e.rule = it.Value()
		case "event":
			e.event = it.Value()
		case "Type":
			e.typ = it.Value()
		case "Message":
			e.message = it.Value()
		case "TopicArn":
			e.topic = it.Value()
		case "Service":
			e.service = it.Value()
		case "Event":
			e.s3Event = it.Value()
		}
	}
	return e
}

// kind is the first kind whose members are all there and of the right type.
func (e *envelope) kind() kind {
	switch {
	case filled(e.source) && filled(e.detailType) &&
		(e.detail.Kind == scan.Object || e.detail.Kind == scan.String):
		return eventBridge
	case e.records.Kind == scan.Array:
		return recordList
	case filled(e.rule) && e.event.Kind == scan.Object:
		return ruleAndEvent
	case e.typ.Is("Notification") && e.message.Kind == scan.String && e.topic.Kind == scan.String:
		return notification
	case e.service.Is("Amazon S3") && e.s3Event.Is("s3:TestEvent"):
		return testEvent
	default:
		return unknown
	}
}

// filled reports whether v is a string that is not empty.
func filled(v scan.Value) bool { return v.Kind == scan.String && len(v.Raw) > len(`""`) }

// unsupported says what v is instead of an event.
func unsupported(at path, v scan.Value) *ParseError {
	msg := ErrUnsupported.Error() + ": " + describe(v) +
		`; known are EventBridge events, S3 notifications, SQS and SNS messages that hold them, and {"rule","event"}`
	return &ParseError{Path: at.String(), Msg: msg, Err: ErrUnsupported}
}

// describe names what v nearly is, or else what it consists of.
func describe(v scan.Value) string {
	if v.Kind != scan.Object {
		return noun(v.Kind)
	}
	e := look(v)
	switch {
	case e.detailType.Kind != scan.Missing, e.source.Kind != scan.Missing && e.detail.Kind != scan.Missing:
		switch {
		case !filled(e.source):
			return `an EventBridge event's "source": ` + expected("a non-empty string", e.source)
		case !filled(e.detailType):
			return `an EventBridge event's "detail-type": ` + expected("a non-empty string", e.detailType)
		default:
			return `an EventBridge event's "detail": ` + expected("an object", e.detail)
		}
	case e.records.Kind != scan.Missing:
		return describeRecords(e.records)
	case e.rule.Kind != scan.Missing && !filled(e.rule):
		return `"rule": ` + expected("a non-empty string", e.rule)
	case e.rule.Kind != scan.Missing:
		return `"event" beside "rule": ` + expected("an object", e.event)
	case e.typ.Is("Notification") && e.message.Kind != scan.String:
		return `an SNS notification's "Message": ` + expected("a string", e.message)
	case e.typ.Is("Notification") && e.topic.Kind != scan.String:
		return `an SNS notification's "TopicArn": ` + expected("a string", e.topic)
	default:
		return members(v)
	}
}

func describeRecords(v scan.Value) string {
	if v.Kind != scan.Array {
		return `"Records": ` + expected("a list", v)
	}
	it := scan.Elements(v)
	if !it.Next() {
		return `"Records" is an empty list, expected at least one record`
	}
	r := readRecord(it.Value())
	return `"Records" has no record of aws:s3, aws:sqs or aws:sns, the first one's source is ` + r.origin()
}

// Bounds on what an error repeats of a payload's member names.
const (
	maxNames   = 8
	maxNameLen = 32
)

// members lists the names of v's members, some of them.
func members(v scan.Value) string {
	var b strings.Builder
	n := 0
	for it := scan.Members(v); it.Next(); n++ {
		switch {
		case n == 0:
			b.WriteString("an object with the members ")
		case n < maxNames:
			b.WriteString(", ")
		}
		if n < maxNames {
			fmt.Fprintf(&b, "%q", shortened(it.Key()))
		}
	}
	if n == 0 {
		return "an empty object"
	}
	if n > maxNames {
		fmt.Fprintf(&b, " and %d more", n-maxNames)
	}
	return b.String()
}

func shortened(name string) string {
	if len(name) <= maxNameLen {
		return name
	}
	n := maxNameLen
	for n > 0 && !utf8.RuneStart(name[n]) {
		n--
	}
	return name[:n] + "…"
}
