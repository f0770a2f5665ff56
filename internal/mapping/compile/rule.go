package compile

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/schema"
	"github.com/taskbridge/taskbridge/internal/task"
)

// ruleName is what rule names may be made of: client tokens, names of
// provisioned rules and metrics are made from them.
const ruleNameForm = `^[A-Za-z0-9-]{1,64}$`

var ruleName = regexp.MustCompile(ruleNameForm)

func (c *compiler) rule(n, defaults *node) mapping.Rule {
	r := mapping.Rule{Pos: n.pos.String()}
	if !c.isMap(n, "a rule", "name, match, task") {
		return r
	}
	before := len(c.findings)
	c.keys(n, aRule, ruleKeys)
	r.Name = c.ruleName(n)
	n = c.resolveSettings(n)
	r.Description = c.description(n)
	r.Disabled = !c.flag(n, "enabled", true)
	r.Untagged = !c.flag(n, "provenanceTags", true)
	s := c.trigger(n, &r)
	s.Rule = r.Name
	r.When = c.when(n.member("when"), &s)
	r.ForEach = c.forEach(n.member("forEach"), &s)
	r.Key = c.key(n.member("idempotency"), s)
	r.Retry = c.retry(n.member("retry"))
	r.Confirm = c.confirm(n.member("confirm"))
	t := n.member("task")
	if t == nil && n.has(task.FieldNames(reflect.TypeFor[task.Request]())) {
		return r // they stand beside task, which is another finding
	}
	if t == nil {
		c.at(n, CodeMissingKey, "write the RunTask request in RunTask's field names", "the rule has no task")
		return r
	}
	if c.isMap(t, "task", "RunTask's fields") {
		c.task(&r, t, defaults, n.member("allow"), s)
		if c.findings[before:].Errors() == 0 {
			c.lintDuplicate(n, &r)
		}
	}
	return r
}

// resolveSettings is a rule with the values of everything that is needed before
// any event.
func (c *compiler) resolveSettings(n *node) *node {
	made := *n
	made.members = make([]member, len(n.members))
	for i, m := range n.members {
		switch m.key {
		case "name", "when", "forEach", "idempotency", "task":
		default:
			m.value = c.resolve(m.value)
		}
		made.members[i] = m
	}
	return &made
}

func (c *compiler) ruleName(n *node) string {
	name := n.member("name")
	switch {
	case name == nil:
		c.at(n, CodeMissingKey, "give the rule a name that will not change", "the rule has no name")
		return ""
	case name.kind != scalarNode || !ruleName.MatchString(name.text):
		c.at(name, CodeRuleName, nameHint(name), "a rule's name has 1 to 64 letters, digits and hyphens, got %s", name.what())
		return ""
	}
	if first, ok := c.rules[name.text]; ok {
		f := c.at(name, CodeDuplicateRule, "rename one of them", "rule %q is defined twice, first at %s", name.text, first)
		c.related(f, first, "the first rule of this name")
	}
	c.rules[name.text] = name.pos
	return name.text
}

// maxDescription is the most characters of Description in PutRule and in
// CreateSchedule.
const maxDescription = 512

func (c *compiler) description(n *node) string {
	text, at := c.text(n, "description")
	if count := utf8.RuneCountInString(text); count > maxDescription {
		c.at(at, CodeSetting, "shorten it; a comment behind # may have any length", "the description has %d characters, at most %d", count, maxDescription)
	}
	return text
}

// trigger reads what starts the rule: match or schedule. The result is what is
// known of its events.
func (c *compiler) trigger(n *node, r *mapping.Rule) scope {
	match, schedule := n.member("match"), n.member("schedule")
	var s scope
	switch {
	case match != nil && schedule != nil:
		f := c.at(schedule, CodeConflict, "make two rules of it", "a rule has either match or schedule, and match stands at %s", match.pos)
		c.related(f, match.pos, "the rule's match")
	case match == nil && schedule == nil && n.has(envelopeKeys): // they stand beside match, which is another finding
	case match == nil && schedule == nil:
		c.at(n, CodeMissingKey, "write the event pattern of the events that start the task", "the rule has neither match nor schedule")
	case schedule != nil:
		s.Event, _ = schema.Event("aws.scheduler", "Scheduled Event")
	}
	if schedule != nil {
		r.Schedule = c.schedule(schedule)
	}
	if match != nil {
		r.Match = c.pattern(match)
		match = c.spellPattern(match)
		s.Event, s.sure = c.eventOf(match), present(match)
		s.pins = pins(match, s.Event)
		c.lintMatch(match, s.Event)
	}
	r.Bus = c.bus(n, schedule)
	return s
}

// busName is that of PutRule's EventBusName.
var busName = regexp.MustCompile(`^(arn:aws[\w-]*:events:[a-z]{2}[a-z-]*-[0-9]+:[0-9]{12}:event-bus/)?[/.\-_A-Za-z0-9]{1,256}$`)

func (c *compiler) bus(n, schedule *node) string {
	name, at := c.text(n, "bus")
	switch {
	case at == nil:
		return ""
	case !busName.MatchString(name):
		c.at(at, CodeSetting, "write its name, such as imports, or its ARN", "neither the name nor the ARN of an event bus")
	case schedule != nil:
		f := c.at(at, CodeConflict, "remove it", "a schedule has no event bus, and the rule's schedule stands at %s", schedule.pos)
		c.related(f, schedule.pos, "the rule's schedule")
	}
	return name
}

// wholeExpression is the text of n as one expression: ${…} around it may be left
// out where nothing else can stand. offset is where it begins in the text.
func wholeExpression(n *node) (source string, offset int) {
	text := strings.TrimRight(n.text, " \n")
	lead := len(text) - len(strings.TrimLeft(text, " "))
	text = text[lead:]
	if inner, ok := strings.CutPrefix(text, "${"); ok {
		if length := expressionEnd(inner); length == len(inner)-1 {
			return inner[:length], lead + 2
		}
	}
	return text, lead
}

// what a list of settings may be, for a message.
func oneOf(list []string) string {
	return fmt.Sprintf("%s or %s", strings.Join(list[:len(list)-1], ", "), list[len(list)-1])
}
