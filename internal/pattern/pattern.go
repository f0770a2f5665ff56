// Package pattern matches events against EventBridge event patterns.
//
// [Compile] joins any number of patterns into one [Matcher]. What they test is
// read in the one scan over an event ([scan.Paths]); [Matcher.Match] then finds
// the patterns that match in time that hardly depends on how many there are:
// each is filed under its rarest condition, and only those whose rarest
// condition the event meets are looked at.
//
// The language and its semantics are those of AWS's event-ruler; docs/mapping.md
// describes them, and what is done differently where the reference has an
// accident.
package pattern

import (
	"fmt"
	"strings"
)

// MaxFields is how many fields one pattern, or one alternative that its $or
// gives, may test, as in event-ruler.
const MaxFields = 256

// MaxAlternatives is how many combinations the $or of one pattern may give.
// EventBridge refuses more ("the rule has too many combinations").
const MaxAlternatives = 1000

// The codes of errors, each a section of docs/findings.md. A mapping never gives
// CodeJSON: its patterns are JSON, however it is written.
const (
	CodeJSON     = "pattern-json"
	CodeShape    = "pattern-shape"
	CodeSize     = "pattern-size"
	CodeOperator = "pattern-operator"
	CodeOperand  = "pattern-operand"
	CodeOr       = "pattern-or"
)

// Codes lists them.
var Codes = []string{CodeJSON, CodeShape, CodeSize, CodeOperator, CodeOperand, CodeOr}

// An Error says what is wrong with a pattern and where.
type Error struct {
	Pattern int      // which of the patterns
	Path    []string // member names and, for entries of a list, their index
	Offset  int      // in bytes from the start of the pattern's text
	Code    string   // a section of docs/findings.md
	Msg     string   // lower case, without a stop
	Hint    string   // what to do; may be empty
}

func (e *Error) Error() string {
	if len(e.Path) == 0 {
		return e.Msg
	}
	return fmt.Sprintf("%s: %s", strings.Join(e.Path, "."), e.Msg)
}

// A Matcher holds the patterns of a mapping. It is never changed and may be used
// by any number of goroutines at once, each with a State and a Doc of its own.
type Matcher struct {
	text  string  // the characters of all tests but wildcards
	parts []byte  // the characters of wildcards
	spans []span  // of parts: what stands between the stars of each wildcard
	tests []test  // entries of fields; a condition has a run of them
	sets  []set   // of values, for long lists
	nets  []net   // of cidr
	nums  []bound // of numeric and of exact numbers

	conditions   []condition
	conjunctions []conjunction
	members      []int32 // conditions of the conjunctions, in the order of their paths
	indexes      []index // of the slots that conjunctions are filed under
	bySlot       []int32 // index + 1 of each slot, 0 for none
	links        []link
	loose        []int32 // conjunctions with nothing to file them under
	paths        []string
	size         int // number of patterns
}

// span is a part of Matcher.text.
type span struct{ at, n int32 }

func (m *Matcher) str(s span) string { return m.text[s.at : s.at+s.n] }

// condition is one field with what it may be. Conditions are shared by all
// patterns that have the same.
type condition struct {
	slot   int32 // in the paths of the scan, also in Matcher.paths
	first  int32 // its tests
	n      int32
	set    int32 // its exact strings in Matcher.sets, or -1; its tests are then the others
	anchor int32 // the first conjunction that is filed under it, or -1
	absent bool  // the field may be missing
	refs   int32 // how many conjunctions have it
}

// conjunction is what must hold together: a pattern, or one alternative of a
// pattern with $or.
type conjunction struct {
	pattern int32
	first   int32 // its conditions, in Matcher.members
	n       int32
	next    int32 // the next one that is filed under the same condition, or -1
}

func (m *Matcher) conditionsOf(c *conjunction) []int32 { return m.members[c.first : c.first+c.n] }
func (m *Matcher) testsOf(c *condition) []test         { return m.tests[c.first : c.first+c.n] }
