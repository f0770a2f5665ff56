package event

import "strings"

// An s3Kind is what EventBridge calls an occurrence that a notification names
// otherwise.
type s3Kind struct {
	detailType string
	reason     string
	deletion   string
	extra      s3Extra
}

// s3Extra is what else the notification of a kind tells.
type s3Extra uint8

const (
	noExtra    s3Extra = iota
	restoring          // the storage class that is restored from
	restored           // and the time until which
	movedClass         // the new storage class
	movedTier          // the new access tier
)

// s3KindOf is the kind of an event name, ok false if EventBridge has none. Names
// in records lack the prefix that they have in a bucket's configuration. After
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-mapping-troubleshooting.html
// and https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html.
func s3KindOf(name string) (k s3Kind, ok bool) {
	const (
		permanently = "Permanently Deleted"
		marker      = "Delete Marker Created"
		expiration  = "Lifecycle Expiration"
	)
	name = strings.TrimPrefix(name, "s3:")
	switch name {
	case "ObjectCreated:Put":
		return s3Kind{detailType: "Object Created", reason: "PutObject"}, true
	case "ObjectCreated:Post":
		return s3Kind{detailType: "Object Created", reason: "POST Object"}, true
	case "ObjectCreated:Copy":
		return s3Kind{detailType: "Object Created", reason: "CopyObject"}, true
	case "ObjectCreated:CompleteMultipartUpload":
		return s3Kind{detailType: "Object Created", reason: "CompleteMultipartUpload"}, true
	case "ObjectRemoved:Delete":
		return s3Kind{detailType: "Object Deleted", reason: "DeleteObject", deletion: permanently}, true
	case "ObjectRemoved:DeleteMarkerCreated":
		return s3Kind{detailType: "Object Deleted", reason: "DeleteObject", deletion: marker}, true
	case "LifecycleExpiration:Delete":
		return s3Kind{detailType: "Object Deleted", reason: expiration, deletion: permanently}, true
	case "LifecycleExpiration:DeleteMarkerCreated":
		return s3Kind{detailType: "Object Deleted", reason: expiration, deletion: marker}, true
	case "ObjectRestore:Post":
		return s3Kind{detailType: "Object Restore Initiated", extra: restoring}, true
	case "ObjectRestore:Completed":
		return s3Kind{detailType: "Object Restore Completed", extra: restored}, true
	case "ObjectRestore:Delete":
		return s3Kind{detailType: "Object Restore Expired"}, true
	case "ObjectTagging:Put":
		return s3Kind{detailType: "Object Tags Added"}, true
	case "ObjectTagging:Delete":
		return s3Kind{detailType: "Object Tags Deleted"}, true
	case "ObjectAcl:Put":
		return s3Kind{detailType: "Object ACL Updated"}, true
	case "LifecycleTransition":
		return s3Kind{detailType: "Object Storage Class Changed", extra: movedClass}, true
	case "IntelligentTiering":
		return s3Kind{detailType: "Object Access Tier Changed", extra: movedTier}, true
	}
	// A way of creating objects that is newer than this list is still one.
	if strings.HasPrefix(name, "ObjectCreated:") {
		return s3Kind{detailType: "Object Created"}, true
	}
	return s3Kind{}, false
}

// noCounterpart says why an event name is refused, without repeating what is no
// name of S3's.
func noCounterpart(name string) string {
	name = strings.TrimPrefix(name, "s3:")
	for _, family := range []string{"ReducedRedundancyLostObject", "Replication:", "ObjectAnnotation:"} {
		if strings.HasPrefix(name, family) {
			return strings.TrimSuffix(family, ":") + " notifications cannot be turned into an EventBridge event"
		}
	}
	return "expected the name of an S3 event, got another string"
}
