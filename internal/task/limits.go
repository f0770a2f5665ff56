package task

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// RunTask's limits. Sources, here and at the rules: [API] the ECS API reference,
// RunTask and the types it names, as the doc comments of the pinned SDK module
// have it; [QUOTA] the ECS service quotas page; [MODEL] the service model of
// botocore; [SCHEDULER] the model of the same parameter in EventBridge
// Scheduler, where ECS itself states nothing; [DG] the ECS developer guide;
// [SEEN] an answer of ECS that was seen in the wild.
const (
	MaxCount               = 10     // tasks per call, not adjustable [QUOTA]
	MaxLaunchCount         = 1000   // tasks of a launch, ours: 100 calls, which is the burst that ECS lets an account make [API request throttling]
	MaxOverrideBytes       = 8192   // "8192 characters … includes the JSON formatting" [API TaskOverride]; counted in bytes, the stricter reading
	MaxStartedBy           = 128    // characters [API]
	MaxGroup               = 255    // characters [SCHEDULER]
	MaxName                = 255    // characters of a cluster, family, container, volume or capacity provider [API]
	MaxClientToken         = 64     // characters [API]
	MaxTags                = 50     // [API]
	MaxTagKey              = 128    // characters [API Tag]
	MaxTagValue            = 256    // characters [API Tag]
	MaxCapacityProviders   = 20     // [API]
	MaxWeight              = 1000   // [API CapacityProviderStrategyItem]
	MaxBase                = 100000 // [API CapacityProviderStrategyItem]
	MaxSubnets             = 16     // [API AwsVpcConfiguration]
	MaxSecurityGroups      = 5      // [API AwsVpcConfiguration]
	MaxPlacementRules      = 10     // constraints, those of the task definition included [API]
	MaxExpression          = 2000   // characters [API PlacementConstraint]
	MaxPlacementStrategies = 5      // [API]
	MaxPlacementField      = 255    // characters [SCHEDULER]
	MaxEnvironmentFiles    = 10     // of a container [DG]
	MinContainerMiB        = 4      // of memory; 6 since Docker 20.10 [API ContainerDefinition]
	MinTaskCPU             = 128    // CPU units, outside of Fargate [API RegisterTaskDefinition]
	MaxTaskCPU             = 196608 // the same: 192 vCPUs
	MinEphemeralGiB        = 21     // [API EphemeralStorage]
	MaxEphemeralGiB        = 200    // [API EphemeralStorage]
	MaxVolumes             = 1      // configured at launch, of a task [DG]
	MaxThroughput          = 1000   // MiB/s of an EBS volume [API TaskManagedEBSVolumeConfiguration]
)

// A LimitError says which field of a request RunTask would refuse, and why. No
// part of it shows text of the request: that may come from an event.
type LimitError struct {
	Code  string // of the rule; it does not change: runtask-tags-count
	Field string // path in RunTask's names: overrides.containerOverrides[0].name
	Msg   string // what is wrong, in ECS's words where it has them
	Hint  string // what to do; may be empty
}

func (e *LimitError) Error() string { return e.Field + ": " + e.Msg }

// Class says that trying again cannot help.
func (e *LimitError) Class() string { return "permanent" }

// Validate returns every reason known before the call for which RunTask would
// refuse r, as joined [*LimitError]s in the order of the rules, or nil. It does
// not change r.
func Validate(r *Request) error { return validate(r, nil, MaxCount) }

// ValidateLaunch is Validate for the request of a [Launch]. Its count goes up to
// MaxLaunchCount, because it is carried out by calls of at most MaxCount tasks that
// differ in nothing else: a request that is fine by ValidateLaunch is fine by
// Validate with any count that one call takes.
func ValidateLaunch(r *Request) error { return validate(r, nil, MaxLaunchCount) }

// ValidatePartial is ValidateLaunch for a request of which some fields get their
// value later. unknown reports whether the field at a path, in the form of
// LimitError.Field, is one of them or lies inside one of them; nil means that
// there are none. Such a field is empty in r and counts as present with a value
// nobody knows. What is returned holds whatever the values will be.
func ValidatePartial(r *Request, unknown func(field string) bool) error {
	return validate(r, unknown, MaxLaunchCount)
}

func validate(r *Request, unknown func(field string) bool, maxCount int32) error {
	c := checker{r: r, unknown: unknown, maxCount: maxCount}
	c.where = c.runsOn()
	c.launch()
	c.strategy()
	c.network()
	c.placement()
	c.labels()
	c.overrides()
	c.volumes()
	return errors.Join(c.errs...)
}

// A rule is one reason for RunTask to refuse a request. msg is a format.
type rule struct{ code, msg, hint string }

type checker struct {
	r        *Request
	where    where
	unknown  func(field string) bool
	maxCount int32
	errs     []error
}

func (c *checker) refuse(r rule, p *path, args ...any) *LimitError {
	e := &LimitError{r.code, p.String(), fmt.Sprintf(r.msg, args...), r.hint}
	c.errs = append(c.errs, e)
	return e
}

// known reports whether the value at p is the one that RunTask gets.
func (c *checker) known(p *path) bool { return c.unknown == nil || !c.unknown(p.String()) }

// absent reports whether nothing will be at p, given whether nothing is there.
func (c *checker) absent(p *path, empty bool) bool { return empty && c.known(p) }

// required refuses a text that is absent.
func (c *checker) required(r rule, p *path, text string) {
	if c.absent(p, text == "") {
		c.refuse(r, p)
	}
}

// oneOf refuses a text that is present and not in known.
func (c *checker) oneOf(r rule, p *path, text string, known []string) {
	if text != "" && !slices.Contains(known, text) {
		c.refuse(r, p, strings.Join(known, ", "))
	}
}

// form refuses a text that is present and not of a form.
func (c *checker) form(r rule, p *path, text string, ok func(string) bool) {
	if text != "" && !ok(text) {
		c.refuse(r, p)
	}
}

// between refuses a number that is present and out of range.
func (c *checker) between(r rule, p *path, n *int32, low, high int32) {
	if n != nil && (*n < low || *n > high) {
		c.refuse(r, p, *n, low, high)
	}
}

// most refuses a list of more than limit items.
func (c *checker) most(r rule, p *path, n, limit int) {
	if n > limit {
		c.refuse(r, p, n, limit)
	}
}

// length refuses a text of more than limit characters.
func (c *checker) length(r rule, p *path, s string, limit int) {
	if len(s) > limit {
		c.most(r, p, utf8.RuneCountInString(s), limit)
	}
}

var (
	textUTF8 = rule{"runtask-text-utf8", "not valid UTF-8", "encode it, with base64 say: JSON carries UTF-8 only"} // [RFC 8259]
	// Neither an environment variable nor an argument of a process can hold a NUL.
	textNUL = rule{"runtask-text-nul", "holds a NUL character", "encode it, with base64 say"} // [POSIX exec]
)

// text refuses what cannot be sent or cannot be used.
func (c *checker) text(p *path, s string) {
	switch {
	case plain(s):
	case !utf8.ValidString(s):
		c.refuse(textUTF8, p)
	case strings.ContainsRune(s, 0):
		c.refuse(textNUL, p)
	}
}

// plain reports whether s is ASCII without a NUL, as most text is. It looks at eight
// bytes at a time.
func plain(s string) bool {
	const each, high = 0x0101010101010101, 0x8080808080808080
	for ; len(s) >= 8; s = s[8:] {
		w := binary.LittleEndian.Uint64([]byte(s[:8]))
		if (w|(w-each))&high != 0 { // without a high bit, only a NUL has to borrow
			return false
		}
	}
	for i := range len(s) {
		if s[i] == 0 || s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// A path is the place of a value in a request. It becomes text only when a
// finding needs it: every request is checked, and few have findings.
type path struct {
	up    *path
	name  string
	index int // of a list's item, which has no name
}

func at(name string) *path { return &path{name: name} }

func (p *path) at(name string) *path { return &path{up: p, name: name} }

func (p *path) item(i int) *path { return &path{up: p, index: i} }

// String is the path as FieldPath makes it.
func (p *path) String() string { return string(p.appendTo(nil)) }

// appendTo copies, so that paths stay on the stack.
func (p *path) appendTo(b []byte) []byte {
	if p == nil {
		return b
	}
	b = p.up.appendTo(b)
	if p.name == "" {
		b = strconv.AppendInt(append(b, '['), int64(p.index), 10)
		return append(b, ']')
	}
	if len(b) > 0 {
		b = append(b, '.')
	}
	return append(b, p.name...)
}
