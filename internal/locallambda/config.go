package locallambda

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Defaults of [Config].
const (
	DefaultFunctionName = "taskbridge"
	DefaultMemoryMB     = 128 // Lambda's own default
	// DefaultTimeout is longer than Lambda's 3 s: what is run here is to be looked
	// at, and an invocation may wait out retries before it answers.
	DefaultTimeout = 60 * time.Second
	// DefaultInitTimeout is Lambda's limit for the Init phase.
	// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
	DefaultInitTimeout = 10 * time.Second
	DefaultConcurrency = 1
	DefaultRegion      = "us-east-1"
	DefaultAccount     = "123456789012" // the account of AWS's examples
)

// Quotas of a function's configuration.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const (
	maxTimeout  = 900 * time.Second
	minMemoryMB = 128
	maxMemoryMB = 10240
)

// Config says which function to run, and how. Only Bootstrap is required; a zero
// field takes its default.
type Config struct {
	Bootstrap string   // the function binary
	Args      []string // its arguments; Lambda passes none
	Dir       string   // its working directory and LAMBDA_TASK_ROOT; default: where Bootstrap is

	// Env holds further variables as "NAME=value". They win over the ones Lambda
	// sets, except AWS_LAMBDA_RUNTIME_API, which may not be given. The child sees
	// nothing of this process's environment: credentials reach it through Env or
	// not at all.
	Env []string

	FunctionName string
	MemoryMB     int           // told to the function, not enforced
	Timeout      time.Duration // of one invocation, without the initialisation before it
	InitTimeout  time.Duration // from the start of a process to its first request for work
	Concurrency  int           // the most processes at a time
	Region       string
	Account      string

	// Output takes what the function writes to stdout and stderr, line by line,
	// possibly while no invocation runs. Calls come from other goroutines but
	// never two at once, and each stream's lines come in order. A call that blocks
	// holds up the function, Invoke and Close; it must not call Close. Nil discards.
	Output func(Line)
}

// complete fills in the defaults and returns everything that is wrong.
func (c *Config) complete() error {
	setDefault(&c.FunctionName, DefaultFunctionName)
	setDefault(&c.MemoryMB, DefaultMemoryMB)
	setDefault(&c.Timeout, DefaultTimeout)
	setDefault(&c.InitTimeout, DefaultInitTimeout)
	setDefault(&c.Concurrency, DefaultConcurrency)
	setDefault(&c.Region, DefaultRegion)
	setDefault(&c.Account, DefaultAccount)
	if c.Output == nil {
		c.Output = func(Line) {}
	}

	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if err := c.findBootstrap(); err != nil {
		errs = append(errs, err)
	}
	if c.Timeout < 0 || c.Timeout > maxTimeout {
		bad("timeout %v: want more than 0 and at most %v", c.Timeout, maxTimeout)
	}
	if c.InitTimeout < 0 {
		bad("init timeout %v is negative", c.InitTimeout)
	}
	if c.MemoryMB < minMemoryMB || c.MemoryMB > maxMemoryMB {
		bad("memory %d MB: want %d to %d", c.MemoryMB, minMemoryMB, maxMemoryMB)
	}
	if c.Concurrency < 0 {
		bad("concurrency %d is negative", c.Concurrency)
	}
	for _, entry := range c.Env {
		switch name, _, ok := strings.Cut(entry, "="); {
		case !ok || name == "":
			bad("environment entry %q: want NAME=value", name)
		case name == envRuntimeAPI:
			bad("environment variable %s is set for each process and cannot be given", name)
		}
	}
	return errors.Join(errs...)
}

// findBootstrap checks the binary and makes its path and the working directory
// absolute: a relative path would be looked up from the child's directory.
func (c *Config) findBootstrap() error {
	if c.Bootstrap == "" {
		return errors.New("no bootstrap given: want the path of the function binary")
	}
	path, err := filepath.Abs(c.Bootstrap)
	if err != nil {
		return fmt.Errorf("bootstrap %q: %w", c.Bootstrap, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("bootstrap: %w", err)
	}
	// Windows has no mode bits that say so.
	executable := info.Mode()&0o111 != 0 || runtime.GOOS == "windows"
	if !info.Mode().IsRegular() || !executable {
		return fmt.Errorf("bootstrap %q is not an executable file (mode %v)", c.Bootstrap, info.Mode())
	}
	c.Bootstrap = path
	setDefault(&c.Dir, filepath.Dir(path))
	if c.Dir, err = filepath.Abs(c.Dir); err != nil {
		return fmt.Errorf("working directory: %w", err)
	}
	if info, err := os.Stat(c.Dir); err != nil {
		return fmt.Errorf("working directory: %w", err)
	} else if !info.IsDir() {
		return fmt.Errorf("working directory %q is not a directory", c.Dir)
	}
	return nil
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
