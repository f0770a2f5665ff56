package pattern

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// parser reads patterns into a Matcher.
type parser struct {
	m     *Matcher
	paths *scan.Paths

	root  pathNode
	known *table // conditions
	text  []byte // becomes Matcher.text

	// The pattern being read.
	source  []byte
	cursor  scan.Cursor
	pattern int
	node    *pathNode // the current field
	follow  *follower // what stood in an earlier pattern where the next member stands
	scratch []byte
	steps   []step // the way to the field with $or and indexes of lists, for errors
	tests   []test
	errs    []error

	tracing bool
	places  []place // of the fields, if tracing

	// alternatives are the conjunctions that the pattern means so far.
	alternatives [][]field
	spare        []field // to be the first of the next pattern
}

// step is the offset of a member's name or, if that is negative, an index of a
// list. It has no pointers, because steps are taken very often.
type step struct{ name, index int32 }

func (p *parser) stepTexts() []string {
	texts := make([]string, len(p.steps))
	for i, s := range p.steps {
		if s.name >= 0 {
			texts[i] = scan.NewCursor(p.source[s.name:]).Value().Text()
		} else {
			texts[i] = strconv.Itoa(int(s.index))
		}
	}
	return texts
}

// into goes a step down to the member whose name is at an offset, or to an
// element of a list; out goes back.
func (p *parser) into(name int) { p.steps = append(p.steps, step{name: int32(name)}) }
func (p *parser) intoElement(index int) {
	p.steps = append(p.steps, step{name: -1, index: int32(index)})
}
func (p *parser) out() { p.steps = p.steps[:len(p.steps)-1] }

// field is a condition of a conjunction.
type field struct{ slot, condition, place int32 }

func newParser(m *Matcher, paths *scan.Paths) *parser {
	// Most patterns have one condition that no other has, and share the others.
	n := m.size
	m.conditions = make([]condition, 0, n+n/2)
	m.tests = make([]test, 0, n+n/2)
	m.conjunctions = make([]conjunction, 0, n)
	m.members = make([]int32, 0, 4*n)
	return &parser{m: m, paths: paths, known: newTable(n + n/2), text: make([]byte, 0, 16*n)}
}

func (p *parser) fail(code, hint, format string, args ...any) {
	p.failAt(p.cursor.Offset(), code, hint, format, args...)
}

func (p *parser) failAt(offset int, code, hint, format string, args ...any) {
	p.errs = append(p.errs, &Error{p.pattern, p.stepTexts(), offset, code, fmt.Sprintf(format, args...), hint})
}

// read reads one pattern. Text behind it is ignored, as event-ruler does.
func (p *parser) read(i int, text []byte) {
	p.pattern, p.source = i, text
	p.cursor.Reset(text)
	p.alternatives = append(p.alternatives[:0], p.spare[:0])
	p.node = &p.root
	before := len(p.errs)
	switch k := p.cursor.Kind(); k {
	case scan.Object:
	case scan.Missing:
		p.fail(CodeJSON, `write {"source": ["com.example"]}`, "the pattern is empty")
		return
	default:
		p.fail(CodeShape, "write the names of fields and the list of values that each may have", "a pattern is an object, got a %s", k)
		return
	}
	p.object(false)
	if err := p.cursor.Err(); err != nil {
		// What was found before the mistake may be a consequence of it.
		p.errs = p.errs[:before]
		p.steps = p.steps[:0]
		p.fail(CodeJSON, jsonHint, "the pattern is not JSON: %v", err)
		return
	}
	for _, fields := range p.alternatives {
		if len(fields) > MaxFields {
			p.failAt(0, CodeSize, "split the rule", "more than %d fields", MaxFields)
			break
		}
	}
	if len(p.errs) == before {
		for _, fields := range p.alternatives {
			p.add(fields)
		}
	}
	p.spare = p.alternatives[0]
}

// add appends a conjunction. Its conditions are sorted later, when the order of
// all paths is known.
func (p *parser) add(fields []field) {
	m := p.m
	m.conjunctions = append(m.conjunctions, conjunction{pattern: int32(p.pattern), first: int32(len(m.members)), n: int32(len(fields))})
	for _, f := range fields {
		m.members = append(m.members, f.condition)
		m.conditions[f.condition].refs++
	}
}

// object reads an object of fields. inOr says that it lies in a branch of $or,
// where names of operators are no field names.
func (p *parser) object(inOr bool) {
	c := &p.cursor
	at := c.Offset()
	more := c.Enter()
	if !more && c.Err() == nil {
		p.failAt(at, CodeShape, "leave the field out, or say what it may be", "an empty object matches nothing")
		return
	}
	p.follow = &p.node.first
	for ; more; more = c.Following() {
		p.member(inOr)
	}
}

func (p *parser) member(inOr bool) {
	c := &p.cursor
	at := c.Offset()
	if f := p.follow; f.above == p.node && !inOr && c.Skip(f.written) {
		p.into(at)
		p.allowed(f.node, inOr)
		p.out()
		return
	}
	name := c.Name()
	if name.Kind != scan.String {
		return
	}
	p.into(at)
	if name.Is("$or") {
		p.or(at)
	} else {
		p.field(name, at, inOr)
	}
	p.out()
}

func (p *parser) field(name scan.Value, at int, inOr bool) {
	c := &p.cursor
	if inOr && slices.Contains(reserved, name.Text()) {
		p.failAt(at, CodeOr, "write the alternatives as rules of their own, without $or", "%q is the name of an operator and cannot be a field inside $or", name.Text())
	}
	p.scratch = name.AppendTo(p.scratch[:0])
	n := p.node.reach(p.scratch, p.node == &p.root)
	*p.follow = follower{p.node, p.source[at:c.Offset()], n}
	p.allowed(n, inOr)
}

// allowed reads what the field n may be.
func (p *parser) allowed(n *pathNode, inOr bool) {
	c, above := &p.cursor, p.node
	p.node = n
	switch k := c.Kind(); k {
	case scan.Object:
		p.object(inOr)
	case scan.Array:
		p.list()
	default:
		v := c.Value()
		p.failAt(int(p.steps[len(p.steps)-1].name), CodeShape, "write ["+shown(v)+"]", "expected a list of values or an object, got a %s", k)
	}
	p.node, p.follow = above, &n.next
}

// reserved are the names that event-ruler does not allow as fields inside $or.
var reserved = strings.Fields(`exactly equals-ignore-case prefix suffix anything-but exists wildcard numeric cidr = < <= > >=
	regex not-wildcard not-equals-ignore-case date-after date-on-or-after date-before date-on-or-before in-date-range
	ip-address-in-range ip-address-not-in-range`)

// shown is a scalar of the pattern for a hint.
func shown(v scan.Value) string {
	if len(v.Raw) > 60 {
		return "…"
	}
	return string(v.Raw)
}

// or reads the branches of $or: the pattern then means each of what it means so
// far, together with each branch.
func (p *parser) or(at int) {
	const hint = `write "$or": [{…}, {…}]`
	c := &p.cursor
	if k := c.Kind(); k != scan.Array {
		c.Value()
		p.failAt(at, CodeOr, hint, "$or takes a list of objects, got a %s", k)
		return
	}
	before := p.alternatives
	var after [][]field
	branches := 0
	for more := c.Enter(); more; more = c.Following() {
		p.intoElement(branches)
		branches++
		if k := c.Kind(); k != scan.Object {
			p.fail(CodeOr, hint, "a branch of $or is an object, got a %s", k)
			c.Value()
		} else {
			if len(after) > MaxAlternatives {
				before = before[:1] // the branch is still checked
			}
			p.alternatives = make([][]field, len(before))
			for i := range before {
				p.alternatives[i] = slices.Clone(before[i])
			}
			p.object(true)
			after = append(after, p.alternatives...)
		}
		p.out()
	}
	switch {
	case c.Err() != nil:
	case branches < 2:
		p.failAt(at, CodeOr, "write the one branch without $or", "$or takes at least 2 objects, got %d", branches)
	case len(after) > MaxAlternatives:
		p.failAt(at, CodeSize, "split the rule", "the branches of $or combine to more than %d patterns", MaxAlternatives)
		after = after[:1]
	}
	if len(after) == 0 {
		after = before[:1]
	}
	p.alternatives = after
}

// list reads the list of what the current field may be.
func (p *parser) list() {
	f := field{slot: p.slot()}
	at, n := p.cursor.Offset(), p.node
	if len(n.last) == 0 || !p.cursor.Skip(n.last) {
		id, list := p.conditionOf(f.slot)
		if id < 0 {
			return
		}
		n.last, n.lastCondition = list, id
	}
	f.condition = n.lastCondition
	if p.tracing {
		f.place = int32(len(p.places))
		p.places = append(p.places, place{p.stepTexts(), at, string(n.last)})
	}
	for i, fields := range p.alternatives {
		p.alternatives[i] = with(fields, f)
	}
}

// conditionOf reads a list and returns its condition, -1 after a mistake, with its
// text.
func (p *parser) conditionOf(slot int32) (int32, []byte) {
	c := &p.cursor
	at, before := c.Offset(), len(p.errs)
	start := *c
	list := c.Value().Raw
	if c.Err() != nil {
		return -1, nil
	}
	hash := p.known.hash(slot, list)
	if id := p.known.find(hash, slot, list); id >= 0 {
		return id, list
	}
	*c = start
	p.tests = p.tests[:0]
	p.entries(at)
	if len(p.errs) > before || c.Err() != nil {
		return -1, nil
	}
	p.known.add(hash, slot, list)
	return p.condition(slot), list
}

// slot is the slot of the current field's leaves.
func (p *parser) slot() int32 {
	n := p.node
	if n.slot < 0 {
		n.slot = int32(p.paths.Leaves(n.path))
		for int(n.slot) >= len(p.m.paths) {
			p.m.paths = append(p.m.paths, "")
		}
		p.m.paths[n.slot] = n.path
	}
	return n.slot
}

// with adds f to fields. The last list that a pattern has for a field counts. What
// has too many already is refused in the end.
func with(fields []field, f field) []field {
	if len(fields) > MaxFields {
		return fields
	}
	for i := range fields {
		if fields[i].slot == f.slot {
			fields[i] = f
			return fields
		}
	}
	return append(fields, f)
}

func (p *parser) entries(at int) {
	c := &p.cursor
	n := 0
	for more := c.Enter(); more; more = c.Following() {
		p.intoElement(n)
		switch k := c.Kind(); k {
		case scan.Array:
			p.fail(CodeShape, "write its values without the brackets around them", "a list cannot stand in the list of values")
			c.Value()
		case scan.Object:
			p.operator()
		default:
			if v := c.Value(); v.Kind != scan.Missing {
				p.tests = append(p.tests, p.value(v))
			}
		}
		p.out()
		n++
	}
	if n == 0 && c.Err() == nil {
		p.failAt(at, CodeShape, "leave the field out, or say what it may be", "an empty list matches nothing")
	}
}
