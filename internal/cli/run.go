package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/taskbridge/taskbridge/internal/mapping"
)

func runVerb() verb {
	return verb{
		name:     "run",
		summary:  "deliver events to the real function binary",
		synopsis: []string{"[flags]"},
		about: "delivers events to the real function binary, as Lambda would, and prints what became of each. " +
			"ECS is embedded: no AWS, no Docker, no credentials.",
		exits:    "0; 1 something failed that was not expected to, or started twice; 3 the function could not be run.",
		examples: []string{"taskbridge run --event upload.json --rule transcode-video"},
		output:   []any{result{}},
		bind: func(f *flags) runner {
			o := runOptions{mapping: defaultMapping, timeout: 30 * time.Second}
			f.text(&o.mapping, "mapping", "FILE", "the mapping, taskbridge.yaml unless given")
			f.list(&o.events, "event", "FILE", "deliver this payload; - is standard input")
			f.text(&o.samples, "samples", "DIR", "deliver every .json file of DIR, and one of them twice; events/samples unless an event is given. "+
				"Files named *.fails.json are expected to fail")
			f.text(&o.rule, "rule", "NAME", "run this rule alone")
			f.list(&o.env, "env", "NAME=VALUE", "environment of the function")
			o.params.declare(f)
			f.text(&o.bootstrap, "bootstrap", "FILE", "the function's binary for this machine (make build-local)")
			f.duration(&o.timeout, "timeout", "time for one invocation")
			f.choice(&o.format, "format", "json: one object on stdout", "text", "json")
			f.bool(&o.live, "live", "call real AWS with your credentials; needs --event, and prints what it will call before it does")
			return func(c *Command, args []string) int { return c.run(&o, args) }
		},
	}
}

type runOptions struct {
	mapping, samples, rule, bootstrap, format string
	events, env                               list
	params                                    paramFlags
	timeout                                   time.Duration
	live                                      bool
}

func (c *Command) run(o *runOptions, rest []string) int {
	if status := c.checkRun(o, rest); status != ExitOK {
		return status
	}
	options, status := c.options(&o.params)
	if status != ExitOK {
		return status
	}
	plan, _, status := c.load(o.mapping, options)
	if plan == nil {
		return status
	}
	// Fails here, with the names, if the mapping wants variables that are not set.
	if _, err := plan.Bind(c.functionEnv(o.env)); err != nil {
		c.errorf("%v", err)
		c.hintf("pass them with --env NAME=VALUE")
		return ExitError
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := c.deliverAll(ctx, o, plan); err != nil {
		if errors.Is(err, errRunFailed) {
			return ExitFailed
		}
		return c.fail(err)
	}
	return ExitOK
}

func (c *Command) checkRun(o *runOptions, rest []string) int {
	switch {
	case len(rest) > 0:
		return c.usageError("name a payload with --event "+rest[0], "run takes no arguments, got %q", rest[0])
	case o.live && len(o.events) == 0:
		return c.usageError("name the payload with --event FILE: samples are not for a real account", "--live needs an event")
	case o.live && o.samples != "":
		return c.usageError("", "--live and --samples exclude each other")
	case o.timeout <= 0 || o.timeout > 15*time.Minute:
		return c.usageError("Lambda allows up to 15 minutes", "timeout %s is not between 0 and 15m", o.timeout)
	}
	if status := c.checkEnv(o.env); status != ExitOK {
		return status
	}
	if o.samples == "" && len(o.events) == 0 {
		o.samples = filepath.Join("events", "samples")
	}
	return ExitOK
}

func (c *Command) checkEnv(pairs list) int {
	for _, pair := range pairs {
		if name, _, ok := strings.Cut(pair, "="); !ok || name == "" {
			return c.usageError("write --env "+cmp.Or(name, "SUBNET_IDS")+"=VALUE", "--env takes NAME=VALUE, got %q", pair)
		}
	}
	return ExitOK
}

// functionEnv is the environment that the mapping's env refers to: the pairs of
// --env, then the program's own.
func (c *Command) functionEnv(pairs list) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for i := len(pairs) - 1; i >= 0; i-- {
			if value, ok := strings.CutPrefix(pairs[i], name+"="); ok {
				return value, true
			}
		}
		return c.env(name)
	}
}

// payload is one invocation to make.
type payload struct {
	name  string
	data  []byte
	fails bool // it is expected to fail
}

func (c *Command) payloads(o *runOptions) ([]payload, error) {
	files := []string(o.events)
	if o.samples != "" {
		found, err := filepath.Glob(filepath.Join(o.samples, "*.json"))
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("no .json files in %s; name a payload with --event FILE", o.samples)
		}
		files = append(files, found...)
	}
	var out []payload
	for _, file := range files {
		data, err := c.read(file)
		if err != nil {
			return nil, err
		}
		if !json.Valid(data) {
			return nil, fmt.Errorf("%s: not JSON: Lambda would not deliver it", file)
		}
		if o.rule != "" {
			if data, err = json.Marshal(map[string]any{"rule": o.rule, "event": json.RawMessage(data)}); err != nil {
				return nil, err
			}
		}
		out = append(out, payload{filepath.Base(file), data, strings.HasSuffix(file, ".fails.json")})
	}
	return out, nil
}

// findBootstrap is the function's binary for this machine.
func (c *Command) findBootstrap(o *runOptions) (string, error) {
	if o.bootstrap != "" {
		return filepath.Abs(o.bootstrap)
	}
	places := []string{
		filepath.Join("dist", "local", "bootstrap"),
		filepath.Join(filepath.Dir(c.Executable), "local", "bootstrap"),
	}
	for _, place := range places {
		if _, err := os.Stat(place); err == nil {
			return filepath.Abs(place)
		}
	}
	return "", fmt.Errorf("no function binary for %s at %s; build it with make build-local, or name one with --bootstrap", runtime.GOARCH, places[0])
}

// writePlan stores the plan for the function, in a folder of its own.
func writePlan(plan *mapping.Plan) (path string, remove func(), err error) {
	dir, err := os.MkdirTemp("", "taskbridge-run-")
	if err != nil {
		return "", nil, err
	}
	remove = func() { _ = os.RemoveAll(dir) }
	text, err := plan.Marshal()
	if err == nil {
		path = filepath.Join(dir, mapping.PlanFile)
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		remove()
		return "", nil, err
	}
	return path, remove, nil
}
