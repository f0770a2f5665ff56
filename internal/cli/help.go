package cli

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// helpWidth is how many columns help has: every terminal has as many.
const helpWidth = 80

const (
	tagline  = "taskbridge starts the right Amazon ECS task for an event, from one mapping file."
	statuses = "exit status: 0 fine, 1 a check or test failed, 2 bad command line, 3 could not do it"
	colours  = "NO_COLOR turns colour off; COLUMNS sets the width of the output."
)

// usage is the help of the program.
func usage() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nusage: taskbridge VERB [flags] [arguments]\n\n", tagline)
	for _, v := range verbs() {
		fmt.Fprintf(&b, "  %-12s%s\n", v.name, v.summary)
	}
	fmt.Fprintf(&b, "\n%s\n\n", fill("Mappings are read from taskbridge.yaml unless a file is named; - reads standard input. "+
		"taskbridge help VERB, or VERB --help, says all about a verb.", "", helpWidth))
	fmt.Fprintf(&b, "%s\n\nexample: taskbridge init && taskbridge test\n", fill(statuses+". "+colours, "", helpWidth))
	return b.String()
}

// help is what VERB --help prints.
func (v *verb) help() string {
	var b strings.Builder
	for i, line := range v.synopsis {
		head := "usage:"
		if i > 0 {
			head = "      "
		}
		fmt.Fprintf(&b, "%s taskbridge %s\n", head, strings.TrimSpace(v.name+" "+line))
	}
	for paragraph := range strings.SplitSeq(v.about, "\n\n") {
		fmt.Fprintf(&b, "\n%s\n", fill(paragraph, "", helpWidth))
	}
	f, _ := newFlags(v)
	if len(f.docs) > 0 {
		b.WriteByte('\n')
		v.writeFlags(&b, f)
	}
	fmt.Fprintf(&b, "\n%s\n", fill("exit status: "+v.exits, "", helpWidth))
	for _, example := range v.examples {
		fmt.Fprintf(&b, "example: %s\n", example)
	}
	return b.String()
}

func (v *verb) writeFlags(b *strings.Builder, f *flags) {
	const most = 24 // a longer flag has its help on the next line
	column := 0
	for i := range f.docs {
		if n := utf8.RuneCountInString(f.docs[i].usage()); n <= most {
			column = max(column, n)
		}
	}
	pad := strings.Repeat(" ", column+4)
	for i := range f.docs {
		d := &f.docs[i]
		text := fill(d.help, pad, helpWidth)
		if name := "  " + d.usage(); utf8.RuneCountInString(name) < len(pad) {
			text = name + text[utf8.RuneCountInString(name):]
		} else {
			text = name + "\n" + text
		}
		b.WriteString(text + "\n")
	}
}

// fill breaks text into lines of at most width columns that begin with indent.
func fill(text, indent string, width int) string {
	var b strings.Builder
	column := 0
	for word := range strings.FieldsSeq(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case column == 0:
			b.WriteString(indent)
			column = len(indent)
		case column+1+n > width:
			b.WriteString("\n" + indent)
			column = len(indent)
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}

func helpVerb() verb {
	return verb{
		name:     "help",
		summary:  "print the list of verbs, or all about one",
		synopsis: []string{"[VERB]"},
		about:    "prints the list of verbs, or what a verb does, its flags, its exit statuses and an example.",
		operands: verbOperands,
		exits:    "0; 2 there is no such verb.",
		examples: []string{"taskbridge help explain"},
		bind:     func(*flags) runner { return (*Command).help },
	}
}

func (c *Command) help(args []string) int {
	if len(args) == 0 {
		fmt.Fprint(c.Stdout, usage())
		return ExitOK
	}
	v, ok := c.findVerb(args[0])
	if !ok {
		return ExitUsage
	}
	fmt.Fprint(c.Stdout, v.help())
	return ExitOK
}
