package cli

import (
	"fmt"
	"strings"

	"github.com/taskbridge/taskbridge/internal/verify"
)

// statusWords are the first column of the tree, as wide as its longest word.
var statusWords = map[verify.Status]struct{ word, colour string }{
	verify.OK:         {"OK", "32"},
	verify.NG:         {"NG", "31"},
	verify.Warning:    {"warning", "33"},
	verify.NotChecked: {"not checked", "33"},
	verify.AtRunTime:  {"at run time", "2"},
}

const statusWidth = len("not checked")

func (c *Command) printVerification(v *verification) error {
	s := c.style()
	var b strings.Builder
	where := v.Region
	if v.Account != "" {
		where = fmt.Sprintf("account %s, %s", v.Account, v.Region)
	}
	fmt.Fprintf(&b, "%s against %s\n", v.Mapping, where)
	for i := range v.Rules {
		r := &v.Rules[i]
		fmt.Fprintf(&b, "\n%s %s\n", s.bold(r.Rule), s.dim(fmt.Sprintf("%s:%d", v.Mapping, r.Line)))
		for j := range r.Results {
			if j == 0 || r.Results[j].Subject != r.Results[j-1].Subject {
				fmt.Fprintf(&b, "  %s\n", printable(r.Results[j].Subject))
			}
			printResultLine(&b, s, &r.Results[j])
		}
	}
	c.printDrift(&b, s, v)
	fmt.Fprintf(&b, "\n%s: %d OK, %d NG, %s, %d not checked, %d at run time\n", count(len(v.Rules), "rule"), verify.Count(v.Rules, verify.OK),
		verify.Count(v.Rules, verify.NG), count(verify.Count(v.Rules, verify.Warning), "warning"), verify.Count(v.Rules, verify.NotChecked), verify.Count(v.Rules, verify.AtRunTime))
	_, err := fmt.Fprint(c.Stdout, b.String())
	return err
}

func printResultLine(b *strings.Builder, s style, r *verify.Result) {
	w := statusWords[r.Status]
	fmt.Fprintf(b, "    %s%s  %s\n", s.paint(w.colour, w.word), strings.Repeat(" ", statusWidth-len(w.word)), printable(r.Message))
	if r.Status == verify.OK || r.Fix == "" {
		return
	}
	fmt.Fprintf(b, "    %s  %s\n", strings.Repeat(" ", statusWidth), printable(hintOf(r)))
}

func (c *Command) printDrift(b *strings.Builder, s style, v *verification) {
	switch {
	case v.Lock == "":
		return
	case v.Written:
		fmt.Fprintf(b, "\n%s written\n", v.Lock)
		return
	case len(v.Drift) == 0:
		fmt.Fprintf(b, "\n%s agrees with the account\n", v.Lock)
		return
	}
	fmt.Fprintf(b, "\n%s\n", s.bold(v.Lock+" does not agree with the account"))
	for i := range v.Drift {
		d := &v.Drift[i]
		what := d.Kind + " " + d.Name
		if d.Fact != "" {
			what += " " + d.Fact
		}
		fmt.Fprintf(b, "    %s: %s, was %s\n", printable(what), printable(orAbsent(d.Is)), printable(orAbsent(d.Was)))
	}
	fmt.Fprintf(b, "    look at the differences, then write the lock anew: taskbridge verify --write-lock\n")
}

func orAbsent(fact string) string {
	if fact == "" {
		return "not there"
	}
	return fact
}
