package compile

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/expr/lower"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/scan"
	"github.com/taskbridge/taskbridge/internal/schema"
	"github.com/taskbridge/taskbridge/internal/task"
)

// Bounds of settings. Those of EventBridge hold where the event source retries:
// MaximumRetryAttempts and MaximumEventAgeInSeconds of PutTargets and of
// EventBridge Scheduler's RetryPolicy.
const (
	maxAttempts = 185
	minAge      = time.Minute
	maxAge      = 24 * time.Hour
	maxBackoff  = 5 * time.Minute
	maxConfirm  = 15 * time.Minute // as long as Lambda lets an invocation last
)

// when compiles a rule's condition. It is nil if it is always true.
func (c *compiler) when(n *node, s *scope) *mapping.Template {
	if n == nil {
		return nil
	}
	if n.kind == scalarNode && n.tag == "!!bool" {
		c.constantWhen(n, strings.EqualFold(n.text, "true"))
		return nil
	}
	if !n.isText() {
		c.at(n, CodeShape, "write an expression, such as event.detail.object.size > 0", "when must be an expression, got %s", n.what())
		return nil
	}
	source, offset := wholeExpression(n)
	if strings.Contains(source, "${") {
		c.at(n, lower.CodeSyntax, "leave out ${ and }, as in when: event.detail.size > 0", "when is one expression, with no ${…} inside it")
		return nil
	}
	p := c.expression(n, source, utf8.RuneCountInString(n.text[:offset]), *s)
	if p.result == nil {
		return nil
	}
	if t := p.result.Type; !t.Dyn && t.Kind != expr.Bool {
		c.add(p.pos, utf8.RuneCountInString(source), lower.CodeType, "compare it with something", "when must be true or false, got %s", t)
		return nil
	}
	if value, ok := p.result.Value.Bool(); p.constant() && ok {
		c.constantWhen(n, value)
		if value {
			return nil
		}
	}
	if !p.constant() && p.bound { // what a parameter is may decide it
		c.lintWhen(n, &p, *s)
	}
	s.asked(p.result.Node)
	return &mapping.Template{Expr: p.result.Node, Source: source, Pos: p.pos.String()}
}

func (c *compiler) constantWhen(n *node, value bool) {
	if value {
		c.warn(n, CodeWhenConstant, "remove when", "the condition is always true")
		return
	}
	c.warn(n, CodeWhenConstant, "write enabled: false to switch the rule off", "the condition is always false: the rule never starts anything")
}

// forEach compiles the list that a rule launches for, and declares its elements.
func (c *compiler) forEach(n *node, s *scope) *mapping.Template {
	if n == nil {
		return nil
	}
	defer func() { s.Each = true }()
	if n.kind == listNode {
		return c.forEachOf(n, s)
	}
	if !n.isText() {
		c.at(n, CodeShape, "write an expression, such as ${event.detail.shards}", "forEach must be a list, got %s", n.what())
		return nil
	}
	source, offset := wholeExpression(n)
	p := c.expression(n, source, utf8.RuneCountInString(n.text[:offset]), *s)
	if p.result == nil {
		return nil
	}
	if t := p.result.Type; !t.Dyn && t.Kind != expr.List {
		c.add(p.pos, utf8.RuneCountInString(source), lower.CodeType, eachHint(t), "forEach must be a list, got %s", t)
		return nil
	}
	if t := schemaOf(p.result.Node, s.Event); t != nil && t.Kind == schema.List {
		s.Item = t.Elem
	}
	if p.bound {
		c.declareElements(s, p.result.Node)
	}
	return &mapping.Template{Expr: p.result.Node, Source: source, Pos: p.pos.String()}
}

// forEachOf is a list that stands in the mapping.
func (c *compiler) forEachOf(n *node, s *scope) *mapping.Template {
	if len(n.items) == 0 {
		c.at(n, CodeShape, "write its elements, or enabled: false to switch the rule off", "forEach is empty: the rule never starts anything")
	}
	n = c.resolve(n)
	list := n.constantNode()
	if !n.isUnknown() {
		c.declareElements(s, list)
	}
	return &mapping.Template{Expr: list, Source: "[…]", Pos: n.pos.String()}
}

// constantNode is a value of the mapping as an expression.
func (n *node) constantNode() *expr.Node {
	switch n.kind {
	case listNode:
		list := &expr.Node{Op: expr.OpList}
		for _, item := range n.items {
			list.Args = append(list.Args, item.constantNode())
		}
		return list
	case mapNode:
		object := &expr.Node{Op: expr.OpMap}
		for _, m := range n.members {
			object.Args = append(object.Args, expr.Const(expr.String(m.key)), m.value.constantNode())
		}
		return object
	}
	if text, err := n.scalarJSON(); err == nil && n.tag != "!!str" {
		if v, err := scan.Read(text); err == nil {
			return expr.Const(expr.FromJSON(v))
		}
	}
	return expr.Const(expr.String(n.text))
}

// key compiles what makes two events the same.
func (c *compiler) key(n *node, s scope) *mapping.Template {
	if n == nil {
		return nil
	}
	if n.isText() {
		c.at(n, CodeShape, fmt.Sprintf("write idempotency: {key: %q}", n.text), "idempotency is an object with key, got %s", n.what())
		return nil
	}
	if !c.isMap(n, "idempotency", "key") {
		return nil
	}
	c.keys(n, "idempotency", keysOf("idempotency"))
	k := n.member("key")
	if k == nil {
		c.at(n, CodeMissingKey, `write key: "${event.detail.importId}"`, "idempotency has no key")
		return nil
	}
	if !k.isText() {
		c.at(k, CodeShape, scalarHint(k, "!!str"), "key must be text, got %s", k.what())
		return nil
	}
	parts, ok := c.parts(k, s)
	if !ok {
		return nil
	}
	if value, ok := parts.constant(k); ok && value.kind == scalarNode {
		if value.text == "" {
			c.at(k, CodeSetting, "leave idempotency out for the event's own identity", "the key is empty")
		} else {
			c.warn(k, CodeKeyConstant, "put into it what tells events apart", "every event has the same key: while ECS remembers the first launch, no other is made")
		}
		t := literal(value.text)
		return &t
	}
	if len(parts) == 1 { // of any scalar type, as text
		switch t := parts[0].result.Type; {
		case t.Dyn, t.Elem == nil && t.Kind != expr.Null:
			template := parts.template()
			template.Expr = expr.Concat(template.Expr)
			return &template
		default:
			c.inText(&parts[0], "write json(…) for its JSON")
			return nil
		}
	}
	if !c.textual(parts) {
		return nil
	}
	t := parts.template()
	return &t
}

func (c *compiler) retry(n *node) *task.Retry {
	if n == nil || !c.isMap(n, "retry", "attempts, backoff, maxAge") {
		return nil
	}
	c.keys(n, "retry", retryKeys)
	r := &task.Retry{
		BackoffMillis: int(c.duration(n, "backoff", time.Millisecond, maxBackoff) / time.Millisecond),
		MaxAgeSeconds: int(c.duration(n, "maxAge", minAge, maxAge) / time.Second),
	}
	if a := n.member("attempts"); a != nil && !a.unknown {
		var attempts int
		if a.kind != scalarNode || a.tag != "!!int" || !a.int(&attempts) || attempts < 0 || attempts > maxAttempts {
			hint := scalarHint(a, "!!int")
			if hint == "" {
				hint = fmt.Sprintf("0 means never again, %d is the most that EventBridge does", maxAttempts)
			}
			c.at(a, CodeSetting, hint, "attempts is a number from 0 to %d, got %s", maxAttempts, a.what())
		} else {
			r.Attempts = &attempts
		}
	}
	return r
}

func (c *compiler) confirm(n *node) *task.Confirm {
	if n == nil || !c.isMap(n, "confirm", "until, timeout") {
		return nil
	}
	c.keys(n, "confirm", confirmKeys)
	confirm := &task.Confirm{TimeoutSeconds: int(c.duration(n, "timeout", time.Second, maxConfirm) / time.Second)}
	until, at := c.text(n, "until")
	known := confirmKeys[0].Enum
	switch {
	case n.member("until") == nil:
		c.at(n, CodeMissingKey, "write until: running", "confirm has no until")
	case at == nil:
	case until != known[0] && until != known[1]:
		hint := ""
		if near := diag.Nearest(until, known); near != "" {
			hint = fmt.Sprintf("did you mean %s?", near)
		}
		c.at(at, CodeSetting, hint, "expected %s, got %s", oneOf(known), at.what())
	}
	confirm.Until = until
	return confirm
}

// keysOf are the keys of a rule's key.
func keysOf(name string) []Key {
	for _, k := range ruleKeys {
		if k.Name == name {
			return k.Keys
		}
	}
	return nil
}
