// Package schema knows the shapes of events, so that expressions and event
// patterns can be checked before they are deployed.
//
// The shapes of AWS events are the JSON Schemas in events/, each with its source
// in a comment. [Event] finds one by source and detail-type, [Union] joins those
// of a pattern that pins several, [Parse] reads a user's own, and [Type.Check]
// says where an event does not fit.
//
// # Open and closed
//
// An object is closed if its fields are documented completely and have been
// stable, as in S3's events: a field that is not listed is a spelling mistake.
// An object that AWS says it may extend is open: a field that is not listed may
// occur and may be anything.
//
// # JSON Schema
//
// [Parse] takes the part of JSON Schema (draft 2020-12) that says what a value
// is: type, properties, required, items, additionalProperties,
// unevaluatedProperties, enum, const, maxLength, description, allOf, oneOf, anyOf
// and $ref into the same document. It takes the OpenAPI 3 documents that the
// schema registry of EventBridge exports as well: the event is
// components.schemas.AWSEvent.
//
// A type is what all of that admits, or more where a Type cannot say it:
//
//   - null, or nullable, beside another type: the value is dynamic.
//   - oneOf and anyOf: as Union.
//   - allOf: the fields of all, closed if one of them is. A field that is
//     required in one is required.
//   - additionalProperties with a schema: a Map, unless there are properties too;
//     then the object is open. So it is with patternProperties.
//   - prefixItems, or a list as items: an array of anything.
//   - a schema that contains itself: dynamic where it recurs.
//   - without type: what properties, items or maxLength imply, else dynamic.
//
// Keywords that only narrow which values of a type are right (pattern, format,
// minimum, not, if, …), annotations, and names that begin with x- are ignored.
// Refused are any other keyword, since it may be a misspelt one, the schema false
// as a property, and references to other documents or anchors.
package schema
