package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
)

// progress returns what shows how far the run is: on a terminal one line that is
// rewritten, otherwise one line at the start. An index of -1 ends it.
func (c *Command) progress(total int) func(i int, name string) {
	if !isTerminal(c.Stderr) {
		fmt.Fprintf(c.Stderr, "taskbridge: delivering %s to the function\n", count(total, "payload"))
		return func(int, string) {}
	}
	return func(i int, name string) {
		fmt.Fprint(c.Stderr, "\r\x1b[K")
		if i >= 0 {
			fmt.Fprintf(c.Stderr, "delivering %d/%d %s", i+1, total, name)
		}
	}
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (c *Command) printResult(o *runOptions, res *result, endpoint string) error {
	if o.format == "json" {
		return c.writeJSON(res)
	}
	w := tabwriter.NewWriter(c.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "EVENT\tRULE\tTASK\tOUTCOME")
	for i := range res.Deliveries {
		printDelivery(w, &res.Deliveries[i])
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if d := res.Redelivered; d != nil {
		fmt.Fprintf(c.Stdout, "\n%s, delivered again:\n", d.Event)
		w = tabwriter.NewWriter(c.Stdout, 0, 0, 2, ' ', 0)
		printDelivery(w, d)
		if err := w.Flush(); err != nil {
			return err
		}
	}
	fmt.Fprintf(c.Stdout, "\n%s on %s: %s launched, %d duplicate, %d without a match, %d failed",
		count(len(res.Deliveries), "payload"), endpoint, count(res.Launched, "request"), res.Duplicates, res.Unmatched, res.Failed)
	if res.Unexpected > 0 {
		fmt.Fprintf(c.Stdout, "; %d did not end as expected\n", res.Unexpected)
	} else {
		fmt.Fprintln(c.Stdout, "; all as expected")
	}
	return nil
}

func printDelivery(w *tabwriter.Writer, d *delivery) {
	for i, r := range d.Rows {
		name := d.Event
		if i > 0 {
			name = ""
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", name, dash(r.Rule), dash(r.task()), r.outcome(d))
	}
	if d.Expected != "" && !d.OK {
		fmt.Fprintf(w, "%s\t-\t-\tdid not fail, but its name says that it must\n", d.Event)
	}
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// task is the task definition and the short ARNs of the tasks.
func (r *row) task() string {
	var short []string
	for _, arn := range r.TaskARNs {
		short = append(short, arn[strings.LastIndexByte(arn, '/')+1:])
	}
	return strings.TrimSpace(r.TaskDefinition + " " + strings.Join(short, " "))
}

func (r *row) outcome(d *delivery) string {
	if r.Result != resultFailed {
		return r.Result
	}
	text := "failed: "
	if d.Expected != "" {
		text = "failed (expected): "
	}
	if r.Reason != "" {
		text += r.Reason + ": "
	}
	// One line a row; the rest is in the JSON output.
	message, _, _ := strings.Cut(r.Error, "\n")
	return text + shorten(message, 140)
}

func shorten(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return string(runes[:most-1]) + "…"
}
