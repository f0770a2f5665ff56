// Package scan reads JSON from its bytes without building a tree.
//
// Two readers share one strict grammar (RFC 8259, the texts that
// encoding/json calls valid, to a nesting depth of [MaxDepth]):
//
//   - [Members] and [Elements] step through one object or array, for code that
//     looks at an envelope once and decides.
//   - [Paths] is the set of paths that patterns and expressions read; one
//     [Paths.Scan] over an event fills a [Doc] with the values at all of them
//     and skips the rest.
//
// Values are slices of the input: nothing is copied or unescaped until somebody
// asks, and numbers keep every digit they were written with. The input must
// therefore not change while a [Value] or a [Doc] of it is in use.
package scan

import "fmt"

// MaxDepth is the deepest nesting of objects and arrays that is read. EventBridge
// events are a handful of levels deep; the bound keeps a hostile payload from
// exhausting the stack.
const MaxDepth = 500

// A SyntaxError says where the input stops being JSON.
type SyntaxError struct {
	Offset int    // in bytes, from the start of the scanned input
	Msg    string // lower case, without a stop
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s at byte %d", e.Msg, e.Offset)
}
