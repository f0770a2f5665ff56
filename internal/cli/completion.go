package cli

import (
	"fmt"
	"strings"
)

func completionVerb() verb {
	return verb{
		name:     "completion",
		summary:  "print a completion script for a shell",
		synopsis: []string{"bash|zsh|fish"},
		about: "prints a script that completes verbs, flags, their values and file names. Load it where the shell starts: " +
			"in ~/.bashrc or ~/.zshrc (behind compinit) as in the example; " +
			"for fish, write it to ~/.config/fish/completions/taskbridge.fish.",
		exits:    "0; 2 there is no script for that shell.",
		examples: []string{"source <(taskbridge completion bash)"},
		bind:     func(*flags) runner { return (*Command).completion },
	}
}

func (c *Command) completion(args []string) int {
	if len(args) != 1 {
		return c.usageError("write taskbridge completion bash", "completion takes the name of a shell: bash, zsh or fish")
	}
	scripts := map[string]func() string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}
	script, ok := scripts[args[0]]
	if !ok {
		return c.usageError("", "unknown shell %q, expected bash, zsh or fish", args[0])
	}
	fmt.Fprint(c.Stdout, script())
	return ExitOK
}

// names are the flag as it is typed.
func (d *flagDoc) names() string {
	name, _, _ := strings.Cut(d.usage(), " ")
	return name
}

// words are what completes the value of a flag: its choices, or "" for a file
// or a folder; ok is false if it is something else, or nothing.
func (d *flagDoc) words() (words string, ok bool) {
	if d.choices != nil {
		return strings.Join(d.choices, " "), true
	}
	return "", d.value == "FILE" || d.value == "DIR"
}

// arguments are what completes those of a verb, as words.
func (v *verb) arguments() string {
	switch {
	case v.operands == verbOperands:
		return strings.Join(verbNames(), " ")
	case v.name == "completion":
		return "bash zsh fish"
	}
	return ""
}

// bashCompletion completes a flag's value behind the flag, flags behind a dash,
// and otherwise arguments.
func bashCompletion() string {
	var b strings.Builder
	b.WriteString(`# bash completion for taskbridge
_taskbridge() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]}
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
`)
	fmt.Fprintf(&b, "\t\tCOMPREPLY=($(compgen -W %q -- \"$cur\"))\n\t\treturn\n\tfi\n", strings.Join(verbNames(), " "))
	b.WriteString("\tcase \"$verb $prev\" in\n")
	for _, v := range verbs() {
		f, _ := newFlags(&v)
		for i := range f.docs {
			d := &f.docs[i]
			reply := "return"
			if words, ok := d.words(); ok && words != "" {
				reply = fmt.Sprintf("COMPREPLY=($(compgen -W %q -- \"$cur\")); return", words)
			} else if ok {
				reply = `COMPREPLY=($(compgen -f -- "$cur")); return`
			} else if d.value == "" {
				continue
			}
			fmt.Fprintf(&b, "\t%q) %s ;;\n", v.name+" "+d.names(), reply)
		}
	}
	b.WriteString("\tesac\n\tcase \"$verb\" in\n")
	for _, v := range verbs() {
		f, _ := newFlags(&v)
		list := []string{"--help"}
		for i := range f.docs {
			list = append(list, f.docs[i].names())
		}
		rest := ""
		if words := v.arguments(); words != "" {
			rest = fmt.Sprintf("compgen -W %q -- \"$cur\"", words)
		} else if v.operands == fileOperands {
			rest = `compgen -f -- "$cur"`
		} else {
			rest = ":"
		}
		fmt.Fprintf(&b, "\t%s)\n\t\tcase \"$cur\" in\n\t\t-*) COMPREPLY=($(compgen -W %q -- \"$cur\")) ;;\n\t\t*) COMPREPLY=($(%s)) ;;\n\t\tesac ;;\n",
			v.name, strings.Join(list, " "), rest)
	}
	b.WriteString("\tesac\n}\ncomplete -o filenames -F _taskbridge taskbridge\n")
	return b.String()
}

// zshCompletion describes every verb to _arguments.
func zshCompletion() string {
	var b strings.Builder
	b.WriteString("#compdef taskbridge\n# zsh completion for taskbridge\n_taskbridge() {\n\tlocal -a verbs=(\n")
	for _, v := range verbs() {
		fmt.Fprintf(&b, "\t\t%s\n", shellQuote(v.name+":"+v.summary))
	}
	b.WriteString("\t)\n\tif (( CURRENT == 2 )); then\n\t\t_describe verb verbs\n\t\treturn\n\tfi\n")
	b.WriteString("\tlocal verb=$words[2]\n\tshift words\n\t(( CURRENT-- ))\n\tcase $verb in\n")
	for _, v := range verbs() {
		f, _ := newFlags(&v)
		specs := []string{shellQuote("--help[print help]")}
		for i := range f.docs {
			specs = append(specs, shellQuote(zshFlag(&f.docs[i])))
		}
		if words := v.arguments(); words != "" {
			specs = append(specs, shellQuote("*:argument:("+words+")"))
		} else if v.operands == fileOperands {
			specs = append(specs, shellQuote("*:file:_files"))
		}
		fmt.Fprintf(&b, "\t%s) _arguments \\\n\t\t%s ;;\n", v.name, strings.Join(specs, " \\\n\t\t"))
	}
	// Sourced, the script registers itself; found in fpath, it is the function.
	b.WriteString("\tesac\n}\nif [ \"$funcstack[1]\" = _taskbridge ]; then\n\t_taskbridge \"$@\"\nelse\n\tcompdef _taskbridge taskbridge\nfi\n")
	return b.String()
}

func zshFlag(d *flagDoc) string {
	help := strings.NewReplacer("[", "(", "]", ")", ":", " -").Replace(d.help)
	spec := fmt.Sprintf("*%s[%s]", d.names(), help)
	words, ok := d.words()
	switch {
	case words != "":
		return spec + ":value:(" + words + ")"
	case ok:
		return spec + ":file:_files"
	case d.value != "":
		return spec + ":value:"
	}
	return spec
}

// fishCompletion is one complete command for each verb and flag.
func fishCompletion() string {
	var b strings.Builder
	b.WriteString("# fish completion for taskbridge\ncomplete -c taskbridge -f\n")
	for _, v := range verbs() {
		fmt.Fprintf(&b, "complete -c taskbridge -n __fish_use_subcommand -a %s -d %s\n", v.name, shellQuote(v.summary))
		within := fmt.Sprintf("-n '__fish_seen_subcommand_from %s'", v.name)
		f, _ := newFlags(&v)
		for i := range f.docs {
			d := &f.docs[i]
			form, name := "-l", d.name
			if len(name) == 1 {
				form = "-s"
			}
			line := fmt.Sprintf("complete -c taskbridge %s %s %s -d %s", within, form, name, shellQuote(d.help))
			words, ok := d.words()
			switch {
			case words != "":
				line += " -x -a " + shellQuote(words)
			case ok:
				line += " -r -F"
			case d.value != "":
				line += " -x"
			}
			b.WriteString(line + "\n")
		}
		if words := v.arguments(); words != "" {
			fmt.Fprintf(&b, "complete -c taskbridge %s -a %s\n", within, shellQuote(words))
		} else if v.operands == fileOperands {
			fmt.Fprintf(&b, "complete -c taskbridge %s -F\n", within)
		}
	}
	return b.String()
}

// shellQuote is text as one word of a shell.
func shellQuote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
