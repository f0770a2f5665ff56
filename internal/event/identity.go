package event

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// Identity names the occurrence that e tells of: the idempotency key of its
// launches unless the mapping has one. It is a compact JSON array of strings,
// of which the first says what the others are:
//
//	["s3", kind, bucket, key, version id or else etag, sequencer]
//	["schedule", schedule or rule ARN, time]
//	["cloudtrail", event id]
//	["event", source, id]
//	["sha256", hash of the event's bytes]
//
// followed by the replay name of an event that was replayed from an archive: a
// replay is meant to run again.
//
// The same bytes always have the same identity, and so has an S3 event through
// either delivery. Neither white space nor the order of members matters, except
// to the hash, which is taken only of an event without an id.
func (e Event) Identity() string {
	x := ownIdentifier()
	var d scan.Doc
	if x.paths.Scan(e.JSON, &d) != nil {
		// Nothing of it can be read: its bytes identify it.
		_ = x.paths.Scan([]byte("{}"), &d)
	}
	return string(x.Append(nil, e, &d))
}

// An Identifier knows where the parts of an identity are found in the scan that
// also reads what rules want. It may be used by any number of goroutines at once.
type Identifier struct {
	source, detailType, id, time, resources, replay int // slots of the scan
	bucket, requestID, eventID                      int
	key, version, etag, sequencer                   int
}

// NewIdentifier registers what identifies an event in p.
func NewIdentifier(p *scan.Paths) *Identifier {
	return &Identifier{
		source: p.Value("source"), detailType: p.Value("detail-type"), id: p.Value("id"), time: p.Value("time"),
		resources: p.Value("resources"), replay: p.Value("replay-name"),
		bucket: p.Value("detail", "bucket", "name"), requestID: p.Value("detail", "request-id"), eventID: p.Value("detail", "eventID"),
		key: p.Value("detail", "object", "key"), version: p.Value("detail", "object", "version-id"),
		etag: p.Value("detail", "object", "etag"), sequencer: p.Value("detail", "object", "sequencer"),
	}
}

// ownIdentifier is for events that nobody else has scanned.
var ownIdentifier = sync.OnceValue(func() *struct {
	*Identifier
	paths scan.Paths
} {
	x := &struct {
		*Identifier
		paths scan.Paths
	}{}
	x.Identifier = NewIdentifier(&x.paths)
	return x
})

// Heading returns what [Event.ID] does, and when the event that d holds a scan of
// happened, as it says itself; zero if it does not, or not as RFC 3339 has it.
func (x *Identifier) Heading(d *scan.Doc) (id string, at time.Time) {
	if t, ok := parseTime(d.Value(x.time)); ok {
		at = t
	}
	return idOf(d.Value(x.id)), at
}

// Append appends the identity of e, which d holds a scan of.
func (x *Identifier) Append(dst []byte, e Event, d *scan.Doc) []byte {
	switch id := d.Value(x.id); {
	case x.appendS3(&dst, d), x.appendSchedule(&dst, d, e.Rule), x.appendTrail(&dst, d):
	case filled(id):
		dst = appendArray(dst, []byte("event"), d.Value(x.source).Bytes(), id.Bytes())
	default:
		sum := sha256.Sum256(e.JSON)
		dst = appendArray(dst, []byte("sha256"), hex.AppendEncode(nil, sum[:]))
	}
	if replay := d.Value(x.replay); filled(replay) {
		dst[len(dst)-1] = ','
		dst = append(appendString(dst, replay.Bytes()), ']')
	}
	return dst
}

// appendS3 appends the identity of an S3 event, if d holds one.
func (x *Identifier) appendS3(dst *[]byte, d *scan.Doc) bool {
	if !d.Value(x.source).Is("aws.s3") {
		return false
	}
	id := s3Identity{
		kind: d.Value(x.detailType).Bytes(), time: text(d.Value(x.time)), bucket: text(d.Value(x.bucket)), requestID: text(d.Value(x.requestID)),
		key: text(d.Value(x.key)), version: text(d.Value(x.version)), etag: text(d.Value(x.etag)), sequencer: text(d.Value(x.sequencer)),
	}
	if len(id.bucket) == 0 || len(id.key) == 0 || len(id.occurrence()) == 0 {
		return false
	}
	*dst = id.append(*dst)
	return true
}

// appendSchedule appends the identity of a schedule's event, if d holds one. A
// retry has the time of the first attempt.
func (x *Identifier) appendSchedule(dst *[]byte, d *scan.Doc, rule string) bool {
	source := d.Value(x.source)
	if !source.Is("aws.scheduler") && !(source.Is("aws.events") && d.Value(x.detailType).Is("Scheduled Event")) {
		return false
	}
	schedule := []byte(rule)
	if it := scan.Elements(d.Value(x.resources)); it.Next() && filled(it.Value()) {
		schedule = it.Value().Bytes()
	}
	time := d.Value(x.time)
	if len(schedule) == 0 || !filled(time) {
		return false
	}
	*dst = appendArray(*dst, []byte("schedule"), schedule, time.Bytes())
	return true
}

// appendTrail appends the identity of a CloudTrail event, if d holds one.
func (x *Identifier) appendTrail(dst *[]byte, d *scan.Doc) bool {
	eventID := d.Value(x.eventID)
	if !filled(eventID) || !bytes.HasSuffix(text(d.Value(x.detailType)), []byte(" via CloudTrail")) {
		return false
	}
	*dst = appendArray(*dst, []byte("cloudtrail"), eventID.Bytes())
	return true
}

// text is the characters of the string v, nil if it is no string.
func text(v scan.Value) []byte {
	if v.Kind != scan.String {
		return nil
	}
	return v.Bytes()
}

// appendArray appends a JSON array of strings.
func appendArray(dst []byte, parts ...[]byte) []byte {
	for i, part := range parts {
		if i == 0 {
			dst = append(dst, '[')
		} else {
			dst = append(dst, ',')
		}
		dst = appendString(dst, part)
	}
	return append(dst, ']')
}
