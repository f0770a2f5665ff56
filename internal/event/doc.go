// Package event turns the bytes that Lambda was invoked with into events in the
// shape of EventBridge, whatever delivered them.
//
// # Envelopes
//
// [Parse] looks at the fields of a payload once and decides. It knows
//
//   - an EventBridge event: non-empty strings "source" and "detail-type", and
//     an object "detail". EventBridge Scheduler's default input has a string
//     that holds an object there; it is taken for that object. The event is
//     passed on as it is, byte for byte.
//   - an S3 notification, {"Records":[{"eventSource":"aws:s3",…}]}: every record
//     becomes the event that S3 sends to EventBridge for the same occurrence.
//   - an SQS batch, standard or FIFO, and an SNS invocation, whose bodies and
//     messages hold any of the others. An SNS message may lie in an SQS body,
//     wrapped or raw.
//   - {"rule":"NAME","event":{…}}, which is meant for one rule.
//   - the s3:TestEvent that S3 sends when a notification is set up. It is no
//     event and no mistake.
//
// Envelopes nest in one order: SQS, SNS, {"rule","event"}, event, each at most
// once. Anything else is an error, never silence, unless [Accept] says that a
// payload, body or message that is no event becomes one itself.
//
// # Units
//
// An [Item] is what succeeds or fails as a whole: an SQS message, an SNS
// message or the direct invocation. What is wrong with one record is its item's
// Err; the events of the other records stay.
//
// Of a "Records" list with more than one kind of source, which no AWS service
// sends, every record is read by its own source: an SQS or SNS record is an
// item, a run of S3 records is one, and a record of any other source is a
// failed item.
//
// # What a notification does not say
//
// An event made from an S3 notification has all the fields that S3 gives to
// EventBridge, except the account, which no record names. A field that the
// record lacks is absent, never empty. Its requester is the principal id of the
// notification, where EventBridge names an account or a service.
package event
