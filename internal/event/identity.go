package event

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"

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
	v, err := scan.Read(e.JSON)
	if err != nil {
		v = scan.Value{}
	}
	f := readFields(v)
	id := make([]byte, 0, 192)
	switch {
	case f.appendS3(&id), f.appendSchedule(&id, e.Rule), f.appendTrail(&id):
	case filled(f.id):
		id = appendArray(id, []byte("event"), f.source.Bytes(), f.id.Bytes())
	default:
		sum := sha256.Sum256(e.JSON)
		id = appendArray(id, []byte("sha256"), hex.AppendEncode(nil, sum[:]))
	}
	if filled(f.replay) {
		id[len(id)-1] = ','
		id = append(appendString(id, f.replay.Bytes()), ']')
	}
	return string(id)
}

// fields are the members of an event that may identify it.
type fields struct{ source, detailType, id, time, resources, detail, replay scan.Value }

func readFields(v scan.Value) fields {
	var f fields
	for it := scan.Members(v); it.Next(); {
		switch it.Key() {
		case "source":
			f.source = it.Value()
		case "detail-type":
			f.detailType = it.Value()
		case "id":
			f.id = it.Value()
		case "time":
			f.time = it.Value()
		case "resources":
			f.resources = it.Value()
		case "detail":
			f.detail = it.Value()
		case "replay-name":
			f.replay = it.Value()
		}
	}
	return f
}

// appendS3 appends the identity of an S3 event, if f is one.
func (f *fields) appendS3(dst *[]byte) bool {
	if !f.source.Is("aws.s3") {
		return false
	}
	id := s3Identity{kind: f.detailType.Bytes(), time: text(f.time)}
	for it := scan.Members(f.detail); it.Next(); {
		switch it.Key() {
		case "bucket":
			id.bucket = text(scan.Member(it.Value(), "name"))
		case "object":
			id.readObject(it.Value())
		case "request-id":
			id.requestID = text(it.Value())
		}
	}
	if len(id.bucket) == 0 || len(id.key) == 0 || len(id.occurrence()) == 0 {
		return false
	}
	*dst = id.append(*dst)
	return true
}

// appendSchedule appends the identity of a schedule's event, if f is one. A
// retry has the time of the first attempt.
func (f *fields) appendSchedule(dst *[]byte, rule string) bool {
	if !f.source.Is("aws.scheduler") &&
		!(f.source.Is("aws.events") && f.detailType.Is("Scheduled Event")) {
		return false
	}
	schedule := []byte(rule)
	if it := scan.Elements(f.resources); it.Next() && filled(it.Value()) {
		schedule = it.Value().Bytes()
	}
	if len(schedule) == 0 || !filled(f.time) {
		return false
	}
	*dst = appendArray(*dst, []byte("schedule"), schedule, f.time.Bytes())
	return true
}

// appendTrail appends the identity of a CloudTrail event, if f is one.
func (f *fields) appendTrail(dst *[]byte) bool {
	if !bytes.HasSuffix(text(f.detailType), []byte(" via CloudTrail")) {
		return false
	}
	eventID := scan.Member(f.detail, "eventID")
	if !filled(eventID) {
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
