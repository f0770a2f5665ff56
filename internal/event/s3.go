package event

import (
	"time"
	"unicode/utf8"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// An s3Notice is what a record of an S3 notification says, as listed in
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html.
type s3Notice struct {
	kind                                        s3Kind
	time                                        time.Time // zero if absent
	region, bucket, arn                         scan.Value
	object, key, size, etag, version, sequencer scan.Value
	requestID, requester, address               scan.Value
	decoded                                     []byte // the key

	// What only some kinds have.
	restoreExpiry             time.Time
	restoreClass, class, tier scan.Value
}

// s3 adds the event that S3 sends to EventBridge for what r tells.
func (p *parser) s3(r *record, rule string) {
	errs := len(p.errs)
	n := readNotice(r)
	p.checkNotice(r, &n)
	if len(p.errs) > errs {
		return
	}
	identity := n.identity()
	p.ident = identity.append(p.ident[:0])
	id := hashID(p.ident)
	// The record says more than the event, but in shorter names.
	w := newWriter(len(r.whole.Raw) + 256)
	w.string("version", "0")
	w.text("id", id[:])
	w.string("detail-type", n.kind.detailType)
	w.string("source", "aws.s3")
	if !n.time.IsZero() {
		w.time("time", n.time)
	}
	w.value("region", n.region)
	w.resource(n.arn)
	w.open("detail")
	n.detail(&w)
	w.close()
	p.add(w.bytes(), rule)
}

func readNotice(r *record) s3Notice {
	n := s3Notice{
		region:    r.region,
		requestID: scan.Member(r.response, "x-amz-request-id"),
		requester: scan.Member(r.userIdentity, "principalId"),
		address:   scan.Member(r.request, "sourceIPAddress"),
	}
	var bucket scan.Value
	for it := scan.Members(r.s3); it.Next(); {
		switch it.Key() {
		case "bucket":
			bucket = it.Value()
		case "object":
			n.object = it.Value()
		}
	}
	for it := scan.Members(bucket); it.Next(); {
		switch it.Key() {
		case "name":
			n.bucket = it.Value()
		case "arn":
			n.arn = it.Value()
		}
	}
	for it := scan.Members(n.object); it.Next(); {
		switch it.Key() {
		case "key":
			n.key = it.Value()
		case "size":
			n.size = it.Value()
		case "eTag":
			n.etag = it.Value()
		case "versionId":
			n.version = it.Value()
		case "sequencer":
			n.sequencer = it.Value()
		}
	}
	return n
}

// checkNotice records what is wrong with n and removes what is empty from it.
func (p *parser) checkNotice(r *record, n *s3Notice) {
	if r.eventName.Kind != scan.String {
		p.fail("eventName", expected("a string", r.eventName))
		return // what else there should be depends on the name
	}
	var ok bool
	if n.kind, ok = s3KindOf(r.eventName.Text()); !ok {
		p.fail("eventName", noCounterpart(r.eventName.Text()))
		return
	}
	n.time = p.instant("eventTime", r.eventTime)
	if !filled(n.bucket) {
		p.fail("s3.bucket.name", expected("a non-empty string", n.bucket))
	}
	p.checkKey(n)
	if n.size.Kind == scan.Null {
		n.size = scan.Value{}
	}
	if size, ok := n.size.Int(); n.size.Kind != scan.Missing && (!ok || size < 0) {
		p.fail("s3.object.size", "expected a whole number of bytes, got "+noun(n.size.Kind))
	}
	n.region = p.optional("awsRegion", n.region)
	n.arn = p.optional("s3.bucket.arn", n.arn)
	n.etag = p.optional("s3.object.eTag", n.etag)
	n.version = p.optional("s3.object.versionId", n.version)
	n.sequencer = p.optional("s3.object.sequencer", n.sequencer)
	n.requestID = p.optional("responseElements.x-amz-request-id", n.requestID)
	n.requester = p.optional("userIdentity.principalId", n.requester)
	n.address = p.optional("requestParameters.sourceIPAddress", n.address)
	if n.address.Is("s3.amazonaws.com") {
		// What S3 does by itself has no address in EventBridge's event.
		n.address = scan.Value{}
	}
	p.checkExtra(r, n)
}

// checkExtra reads what only records of n's kind have.
func (p *parser) checkExtra(r *record, n *s3Notice) {
	switch n.kind.extra {
	case restoring, restored:
		const at = "glacierEventData.restoreEventData."
		data := scan.Member(r.glacier, "restoreEventData")
		n.restoreClass = p.optional(at+"lifecycleRestoreStorageClass",
			scan.Member(data, "lifecycleRestoreStorageClass"))
		if n.kind.extra == restored {
			n.restoreExpiry = p.instant(at+"lifecycleRestorationExpiryTime",
				scan.Member(data, "lifecycleRestorationExpiryTime"))
		}
	case movedClass:
		n.class = p.optional("lifecycleEventData.transitionEventData.destinationStorageClass",
			scan.Member(scan.Member(r.lifecycle, "transitionEventData"), "destinationStorageClass"))
	case movedTier:
		n.tier = p.optional("intelligentTieringEventData.destinationAccessTier",
			scan.Member(r.tiering, "destinationAccessTier"))
	}
}

// checkKey decodes the key.
func (p *parser) checkKey(n *s3Notice) {
	if !filled(n.key) {
		p.fail("s3.object.key", expected("a non-empty string", n.key))
		return
	}
	var bad int
	if p.key, bad = appendDecoded(p.key[:0], n.key.Bytes()); bad >= 0 {
		p.failAt("s3.object.key", bad, "expected two hexadecimal digits after %")
		return
	}
	// Keys are UTF-8. To replace what is not would name another object.
	if !utf8.Valid(p.key) {
		p.fail("s3.object.key", "expected UTF-8 once decoded, got other bytes")
		return
	}
	n.decoded = p.key
}

// optional is v if it is a string with something in it, and Missing if there is
// nothing. Any other kind is a mistake.
func (p *parser) optional(name string, v scan.Value) scan.Value {
	switch {
	case filled(v):
		return v
	case v.Kind != scan.Missing && v.Kind != scan.Null && v.Kind != scan.String:
		p.fail(name, expected("a string", v))
	}
	return scan.Value{}
}

// instant is the time that v says, zero if there is none.
func (p *parser) instant(name string, v scan.Value) time.Time {
	if v = p.optional(name, v); v.Kind == scan.Missing {
		return time.Time{}
	}
	t, ok := parseTime(v)
	if !ok {
		p.fail(name, "expected a time as in RFC 3339, got another string")
	}
	return t
}

// detail writes the members of the event's detail.
func (n *s3Notice) detail(w *writer) {
	w.string("version", "0")
	w.open("bucket")
	w.value("name", n.bucket)
	w.close()
	w.open("object")
	w.text("key", n.decoded)
	w.value("size", n.size)
	w.value("etag", n.etag)
	w.value("version-id", n.version)
	w.value("sequencer", n.sequencer)
	w.close()
	w.value("request-id", n.requestID)
	w.value("requester", n.requester)
	w.value("source-ip-address", n.address)
	if n.kind.reason != "" {
		w.string("reason", n.kind.reason)
	}
	if n.kind.deletion != "" {
		w.string("deletion-type", n.kind.deletion)
	}
	if !n.restoreExpiry.IsZero() {
		w.time("restore-expiry-time", n.restoreExpiry)
	}
	w.value("source-storage-class", n.restoreClass)
	w.value("destination-storage-class", n.class)
	w.value("destination-access-tier", n.tier)
}
