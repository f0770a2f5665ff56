// The taskbridge command.
package main

import (
	"os"

	"github.com/taskbridge/taskbridge/internal/cli"
)

func main() {
	// Without its own path the program finds no binary beside itself; every verb
	// but run does without.
	executable, _ := os.Executable()
	c := cli.Command{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Environ: os.Environ(), Executable: executable}
	os.Exit(c.Main(os.Args[1:]))
}
