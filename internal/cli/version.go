package cli

import (
	"fmt"
	"runtime"

	"github.com/taskbridge/taskbridge/internal/mapping"
)

// Version is the version of the program.
const Version = "0.1.0"

func (c *Command) version([]string) int {
	fmt.Fprintf(c.Stdout, "taskbridge %s (plan format %d, %s, %s/%s)\n", Version, mapping.PlanVersion, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return ExitOK
}
