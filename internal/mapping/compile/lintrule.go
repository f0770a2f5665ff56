package compile

import (
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/taskbridge/taskbridge/internal/mapping"
)

// lintDuplicate looks for a rule that launches what another one launches already:
// the same task for the same events.
func (c *compiler) lintDuplicate(n *node, r *mapping.Rule) {
	if r.Match == nil {
		return
	}
	h := sha256.New()
	fmt.Fprintf(h, "%t %s %s", r.Disabled, r.Bus, r.Match)
	for _, t := range []*mapping.Template{r.When, r.ForEach, &r.Task} {
		writeShape(h, t)
	}
	key := string(h.Sum(nil))
	first, ok := c.launches[key]
	if !ok {
		c.launches[key] = n.pos
		return
	}
	name := n.member("name")
	if name == nil {
		name = n
	}
	f := c.warn(name, CodeDuplicateTask, "remove one of them, unless two tasks are meant", "this rule launches the same task for the same events as the rule at %s", first)
	c.related(f, first, "the first rule")
}

// writeShape writes what tells templates apart: all but their places.
func writeShape(w io.Writer, t *mapping.Template) {
	if t == nil {
		io.WriteString(w, "-")
		return
	}
	fmt.Fprintf(w, "(%s|%q|", t.Value, t.Source)
	for i := range t.Fields {
		fmt.Fprintf(w, "%q:", t.Fields[i].Name)
		writeShape(w, &t.Fields[i].Value)
	}
	for i := range t.Items {
		writeShape(w, &t.Items[i])
	}
	if t.Expr != nil {
		text, _ := t.Expr.MarshalJSON()
		w.Write(text)
	}
	io.WriteString(w, ")")
}
