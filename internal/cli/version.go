package cli

import (
	"fmt"
	"runtime"

	"github.com/taskbridge/taskbridge/internal/mapping"
)

// Version is the version of the program.
const Version = "0.1.0"

func versionVerb() verb {
	return verb{
		name:     "version",
		summary:  "print the version",
		synopsis: []string{"[--format text|json]"},
		about:    "prints the version of the program and of the plans that it writes. The function reads plans of its own version alone.",
		exits:    "0.",
		examples: []string{"taskbridge version --format json"},
		output:   []any{versionOutput{}},
		bind: func(f *flags) runner {
			var format string
			f.choice(&format, "format", "json: one object on stdout", "text", "json")
			return func(c *Command, args []string) int { return c.version(format, args) }
		},
	}
}

// versionOutput is the JSON output of version.
type versionOutput struct {
	Version    string `json:"version" doc:"of the program"`
	PlanFormat int    `json:"planFormat" doc:"version of the plans that it writes and that its function reads"`
	Go         string `json:"go" doc:"version of Go that built it"`
	Platform   string `json:"platform" doc:"system/architecture"`
}

func (c *Command) version(format string, args []string) int {
	if len(args) > 0 {
		return c.usageError("", "version takes no arguments, got %q", args[0])
	}
	out := versionOutput{Version, mapping.PlanVersion, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
	if format == "json" {
		if err := c.writeJSON(out); err != nil {
			return c.fail(err)
		}
		return ExitOK
	}
	fmt.Fprintf(c.Stdout, "taskbridge %s (plan format %d, %s, %s)\n", out.Version, out.PlanFormat, out.Go, out.Platform)
	return ExitOK
}
