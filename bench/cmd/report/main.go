// Report measures Taskbridge beside what people use instead, and prints the tables
// of docs/performance.md or writes them into it.
//
// It needs Linux, Go, and for one contender Python 3 with boto3; it talks to
// loopback alone, and leaves nothing behind.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/taskbridge/taskbridge/bench/internal/endpoint"
	"github.com/taskbridge/taskbridge/bench/internal/page"
	"github.com/taskbridge/taskbridge/bench/internal/throughput"
)

const usage = `usage: report [flags]    in the folder of the repository

Measures, and prints tables in Markdown. The whole takes 10 to 15 minutes.

`

func main() {
	endpoint.Main() // if this is the endpoint's process
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
	}
	var (
		short = flag.Bool("short", false, "a minute or two, for CI: few rounds, no table is worth keeping")
		only  = flag.String("only", "", "these sections alone, with commas: "+strings.Join(page.Sections, ","))
		write = flag.String("write", "", "write the tables into this document as well")
		long  = flag.Duration("soak", 0, "how long the soak runs (default 5m; 1h is the real thing)")
	)
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, effortOf(*short, *long), *only, *write); err != nil {
		stop()
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
}

// effort is how much is measured.
type effort struct {
	rules        []int         // of the functions that are started
	starts       int           // rounds of cold starts
	pythonStarts int           // rounds with Python among them: a start takes long
	rounds       int           // of code in this process
	block        time.Duration // of one piece of code in a round
	sizes        []int         // rules
	setups       []throughput.Setup
	throughput   time.Duration // of one setup
	soak         time.Duration
}

func effortOf(short bool, soak time.Duration) effort {
	e := effort{rules: []int{1, 20, 200, 2000}, starts: 100, pythonStarts: 20, rounds: 25, block: 100 * time.Millisecond,
		sizes: []int{1, 10, 100, 1000, 10000}, setups: throughput.Setups(), throughput: 5 * time.Second, soak: 5 * time.Minute}
	if short {
		e = effort{rules: []int{1, 20, 200, 2000}, starts: 5, pythonStarts: 2, rounds: 3, block: 20 * time.Millisecond,
			sizes: []int{1, 10, 100, 1000}, setups: throughput.Setups(), throughput: 500 * time.Millisecond, soak: 10 * time.Second}
	}
	if soak > 0 {
		e.soak = soak
	}
	return e
}

func run(ctx context.Context, e effort, only, write string) error {
	sections := page.Sections
	if only != "" {
		sections = strings.Split(only, ",")
		for _, s := range sections {
			if !slices.Contains(page.Sections, s) {
				return fmt.Errorf("there is no section %q: want some of %s", s, strings.Join(page.Sections, ","))
			}
		}
	}
	if _, err := os.Stat(filepath.Join("bench", "cmd", "report")); err != nil {
		return errors.New("run it in the folder of the repository: go run ./bench/cmd/report")
	}
	dir, err := os.MkdirTemp("", "taskbridge-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r := &report{ctx: ctx, effort: e, dir: dir}
	for _, section := range sections {
		fmt.Fprintf(os.Stderr, "report: %s …\n", section)
		text, err := r.section(section)
		if err != nil {
			return fmt.Errorf("%s: %w", section, err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		fmt.Printf("## %s\n\n%s\n", section, text)
		if write != "" {
			if err := replace(write, section, text); err != nil {
				return err
			}
		}
	}
	return r.verdict()
}

// replace writes each section as soon as it is there: a report that is
// interrupted leaves what it has.
func replace(path, section, text string) error {
	document, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	changed, err := page.Replace(string(document), section, text)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, []byte(changed), 0o644)
}
