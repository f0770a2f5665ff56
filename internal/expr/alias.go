package expr

import "unsafe"

// Values are read from the event without copying: most are compared, searched
// or appended to a text and then forgotten. The two functions below are the only
// places that let a string and bytes share memory; [aliased] Values remember it, and
// Value.Str copies what leaves the package.

// textOf is b as a string that shares its memory.
func textOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// bytesOf is s as bytes that share its memory and must not be written to.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
