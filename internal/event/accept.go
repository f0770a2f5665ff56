package event

import (
	"bytes"
	"crypto/sha256"
	"strconv"
	"time"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// acceptSQS makes an event of an SQS message whose body is none.
func (p *parser) acceptSQS(r *record, c content) {
	w := newWriter(len(c.text) + len(r.attributes.Raw) + len(r.messageAttributes.Raw) + 512)
	w.head(r.messageID.Bytes(), "taskbridge.sqs")
	w.arn(r.queue, r.region)
	if sent, ok := epoch(scan.Member(r.attributes, "SentTimestamp")); ok {
		w.time("time", sent)
	}
	w.resource(r.queue)
	w.open("detail")
	w.content("body", c)
	if r.attributes.Kind == scan.Object {
		w.open("attributes")
		for it := scan.Members(r.attributes); it.Next(); {
			// These two differ from delivery to delivery. The same message
			// must render the same request, or its retry would be a conflict.
			switch key := it.Key(); key {
			case "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp":
			default:
				w.value(key, it.Value())
			}
		}
		w.close()
	}
	if r.messageAttributes.Kind == scan.Object {
		w.value("messageAttributes", r.messageAttributes)
	}
	w.close()
	p.addWritten(&w, "")
}

// acceptSNS makes an event of an SNS message that is none.
func (p *parser) acceptSNS(m *message, c content) {
	w := newWriter(len(c.text) + len(m.attributes.Raw) + 512)
	if filled(m.id) {
		w.head(m.id.Bytes(), "taskbridge.sns")
	} else { // a notification in an SQS body may have been written by anybody
		id := hashID(m.whole.Raw)
		w.head(id[:], "taskbridge.sns")
	}
	w.arn(m.topic, scan.Value{})
	if sent, ok := parseTime(m.time); ok {
		w.time("time", sent)
	}
	w.resource(m.topic)
	w.open("detail")
	if filled(m.subject) {
		w.value("subject", m.subject)
	}
	w.content("body", c)
	if m.attributes.Kind == scan.Object {
		w.value("messageAttributes", m.attributes)
	}
	w.close()
	p.addWritten(&w, "")
}

// acceptDirect makes an event of a payload that is none. It has no id of its
// own, so two invocations with the same payload are the same event.
func (p *parser) acceptDirect(v scan.Value) {
	w := newWriter(len(v.Raw) + 256)
	id := hashID(v.Raw)
	w.head(id[:], "taskbridge.invoke")
	w.open("detail")
	w.value("body", v)
	w.close()
	p.addWritten(&w, "")
}

// head writes the members that every event made here has.
func (w *writer) head(id []byte, source string) {
	w.string("version", "0")
	w.text("id", id)
	w.string("detail-type", "Message")
	w.string("source", source)
}

// arn writes the account and region of arn:partition:service:region:account:….
// The region falls back to one that is known otherwise.
func (w *writer) arn(arn, region scan.Value) {
	parts := bytes.SplitN(text(arn), []byte(":"), 6)
	if len(parts) == 6 && string(parts[0]) == "arn" {
		if len(parts[4]) > 0 {
			w.text("account", parts[4])
		}
		if len(parts[3]) > 0 {
			w.text("region", parts[3])
			return
		}
	}
	if filled(region) {
		w.value("region", region)
	}
}

// resource writes the ARN as the only resource, if there is one.
func (w *writer) resource(arn scan.Value) {
	if !filled(arn) {
		return
	}
	w.name("resources")
	w.buf = append(w.buf, '[')
	w.buf = append(w.buf, arn.Raw...)
	w.buf = append(w.buf, ']')
}

// content writes c: JSON as it is, or else its text as a string.
func (w *writer) content(name string, c content) {
	if c.err == nil {
		w.value(name, c.value)
	} else {
		w.text(name, c.text)
	}
}

// epoch reads a string of milliseconds since 1970, as SQS writes times.
func epoch(v scan.Value) (time.Time, bool) {
	if v.Kind != scan.String {
		return time.Time{}, false
	}
	ms, err := strconv.ParseInt(string(v.Bytes()), 10, 64)
	if err != nil || ms < 0 || ms > maxMillis {
		return time.Time{}, false
	}
	return time.UnixMilli(ms).UTC(), true
}

// maxMillis is the end of the year 9999, the last that RFC 3339 can write.
const maxMillis = 253402300799999

// parseTime reads an RFC 3339 time.
func parseTime(v scan.Value) (time.Time, bool) {
	if v.Kind != scan.String {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339, string(v.Bytes()))
	if err != nil {
		return time.Time{}, false
	}
	t = t.UTC()
	return t, t.Year() >= 0 && t.Year() <= 9999
}

// hashID derives a UUID from data: version 8, whose bits are the maker's own
// (RFC 9562, section 5.8).
func hashID(data []byte) [36]byte {
	const hex = "0123456789abcdef"
	sum := sha256.Sum256(data)
	sum[6] = sum[6]&0x0f | 0x80
	sum[8] = sum[8]&0x3f | 0x80
	var id [36]byte
	n := 0
	for i, b := range sum[:16] {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			id[n] = '-'
			n++
		}
		id[n], id[n+1] = hex[b>>4], hex[b&15]
		n += 2
	}
	return id
}
