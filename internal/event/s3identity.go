package event

import (
	"bytes"
	"time"
)

// An s3Identity is what tells one occurrence in S3 from all others.
type s3Identity struct {
	kind, bucket, key, version, etag []byte
	sequencer, requestID, time       []byte
}

// identity is that of the event which n becomes.
func (n *s3Notice) identity() s3Identity {
	id := s3Identity{
		kind:      []byte(n.kind.detailType),
		bucket:    n.bucket.Bytes(),
		key:       n.decoded,
		version:   text(n.version),
		etag:      text(n.etag),
		sequencer: text(n.sequencer),
		requestID: text(n.requestID),
	}
	if len(id.sequencer) == 0 && len(id.requestID) == 0 && !n.time.IsZero() {
		id.time = n.time.AppendFormat(nil, time.RFC3339)
	}
	return id
}

// append appends the identity as a JSON array.
func (s *s3Identity) append(dst []byte) []byte {
	version := s.version
	if len(version) == 0 || string(version) == "null" { // no versioning, or suspended
		version = s.etag
	}
	return appendArray(dst, []byte("s3"), s.kind, s.bucket, s.key, version, s.occurrence())
}

// occurrence tells what happens to one object version several times apart.
//
// Only objects that are written or deleted have a sequencer in both deliveries.
// A notification of a restore has one where EventBridge's event has none, so
// other kinds go by the request, which both name.
func (s *s3Identity) occurrence() []byte {
	first, second := s.requestID, canonical(s.sequencer)
	if bytes.HasPrefix(s.kind, []byte("Object Created")) || bytes.HasPrefix(s.kind, []byte("Object Deleted")) ||
		bytes.HasPrefix(s.kind, []byte("Object Annotation")) {
		first, second = second, first
	}
	switch {
	case len(first) > 0:
		return first
	case len(second) > 0:
		return second
	default:
		return s.time
	}
}

// canonical is a sequencer in one way of writing. It is a hexadecimal number
// that notifications write as 00617F08299329D189 and EventBridge events also as
// 617f08299329d189
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html).
func canonical(sequencer []byte) []byte {
	trimmed := sequencer
	for len(trimmed) > 0 && trimmed[0] == '0' {
		trimmed = trimmed[1:]
	}
	if len(trimmed) == 0 {
		return sequencer
	}
	for _, c := range trimmed {
		if 'A' <= c && c <= 'F' {
			return bytes.ToLower(trimmed)
		}
	}
	return trimmed
}
