package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/taskbridge/taskbridge/internal/account"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/verify"
)

func verifyVerb() verb {
	return verb{
		name:     "verify",
		summary:  "check the mapping against an AWS account",
		synopsis: []string{"[flags] [FILE]"},
		about: "looks up in the account that your AWS credentials are for what the mapping refers to, and checks that RunTask will take it: " +
			"clusters, task definitions and their containers, networks, roles. It only reads. " +
			"What may not be read is reported as not checked, never as OK; docs/verify.md has the policy that reads everything.\n\n" +
			"If there is a lock, a file with what an earlier verify saw, differences from it are reported. " +
			"taskbridge validate --lock repeats the checks from it, offline.",
		operands: fileOperands,
		exits: "0 everything that was looked at is fine; 1 a check failed, or the account is not what the lock says; " +
			"3 a check could not be made, or nothing could be looked up.",
		examples: []string{"AWS_PROFILE=prod taskbridge verify --env-file prod.env"},
		output:   []any{verification{}},
		bind: func(f *flags) runner {
			var o verifyOptions
			f.list(&o.env, "env", "NAME=VALUE", "environment of the function")
			f.list(&o.envFiles, "env-file", "FILE", "the same from lines of NAME=VALUE")
			f.bool(&o.write, "write-lock", "store what was seen as the new lock: names and settings, no values of variables, no secrets")
			f.text(&o.lock, "lock", "FILE", "the lock; "+verify.LockFile+" beside the mapping unless given")
			f.bool(&o.partial, "allow-unchecked", "exit with 0 even if checks could not be made")
			o.params.declare(f)
			f.choice(&o.format, "format", "json: one object on stdout", "text", "json")
			return func(c *Command, args []string) int { return c.verify(&o, args) }
		},
	}
}

type verifyOptions struct {
	env, envFiles list
	lock, format  string
	params        paramFlags
	write         bool
	partial       bool
}

// verification is the JSON output of verify.
type verification struct {
	Mapping string              `json:"mapping" doc:"the file"`
	Account string              `json:"account,omitempty" doc:"its number"`
	Region  string              `json:"region" doc:"where ECS and EC2 were asked"`
	Lock    string              `json:"lock,omitempty" doc:"the lock that was read or written"`
	Written bool                `json:"written,omitempty" doc:"the lock is new"`
	Rules   []verify.RuleReport `json:"rules" doc:"in the order of the mapping"`
	Drift   []verify.Change     `json:"drift" doc:"what is not as the lock says"`
}

func (c *Command) verify(o *verifyOptions, files []string) int {
	switch len(files) {
	case 0:
		files = []string{defaultMapping}
	case 1:
	default:
		return c.usageError("", "verify takes one mapping, got %d", len(files))
	}
	targets, status := c.targets(files[0], o)
	if status != ExitOK {
		return status
	}
	if o.lock == "" {
		o.lock = lockBeside(files[0])
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	seen, region, err := look(ctx, targets)
	if err != nil {
		c.errorf("%v", err)
		c.hintf("verify takes Region and credentials from where the aws command does: AWS_REGION, AWS_PROFILE, …")
		return ExitError
	}
	v := verification{Mapping: files[0], Account: seen.Account, Region: region, Rules: verify.Check(targets, seen, ""), Drift: []verify.Change{}}
	if err := c.lock(o, seen, &v); err != nil {
		return c.fail(err)
	}
	if o.format == "json" {
		err = c.writeJSON(&v)
	} else {
		err = c.printVerification(&v)
	}
	if err != nil {
		return c.fail(err)
	}
	return v.status(o.partial)
}

func (v *verification) status(partial bool) int {
	switch {
	case verify.Count(v.Rules, verify.NG) > 0 || len(v.Drift) > 0:
		return ExitFailed
	case verify.Count(v.Rules, verify.NotChecked) > 0 && !partial:
		return ExitError
	}
	return ExitOK
}

// look asks the account. Without any target nobody is asked.
func look(ctx context.Context, targets []verify.Target) (*verify.Snapshot, string, error) {
	a, err := account.Open(ctx)
	if err != nil {
		return nil, "", err
	}
	seen, err := verify.Look(ctx, a, targets)
	if err != nil {
		return nil, "", err
	}
	seen.Region = a.Region
	return seen, a.Region, nil
}

// lock writes the lock, or compares what was seen with it if there is one.
func (c *Command) lock(o *verifyOptions, seen *verify.Snapshot, v *verification) error {
	if o.write {
		text, err := verify.MarshalLock(seen)
		if err == nil {
			err = os.WriteFile(o.lock, text, 0o644)
		}
		v.Lock, v.Written = o.lock, true
		return err
	}
	was, err := readLock(o.lock)
	if errors.Is(err, fs.ErrNotExist) && o.lock == lockBeside(v.Mapping) {
		return nil
	}
	if err != nil {
		return err
	}
	v.Lock = o.lock
	v.Drift = append(v.Drift, was.Drift(seen)...)
	return nil
}

// targets compiles a mapping and says what its rules ask for.
func (c *Command) targets(file string, o *verifyOptions) ([]verify.Target, int) {
	env, status := c.fullEnv(o.env, o.envFiles)
	if status != ExitOK {
		return nil, status
	}
	options, status := c.options(&o.params)
	if status != ExitOK {
		return nil, status
	}
	plan, _, status := c.load(file, options)
	if status != ExitOK {
		return nil, status
	}
	return c.planTargets(plan, env)
}

func (c *Command) planTargets(plan *mapping.Plan, env func(string) (string, bool)) ([]verify.Target, int) {
	targets, err := verify.Targets(plan, env)
	if err != nil {
		return nil, c.fail(err)
	}
	return targets, ExitOK
}

// fullEnv is functionEnv with what files of NAME=VALUE add; --env wins over them.
func (c *Command) fullEnv(pairs, files list) (func(string) (string, bool), int) {
	var all list
	for _, file := range files {
		text, err := c.read(file)
		if err != nil {
			return nil, c.fail(err)
		}
		n := 0
		for line := range strings.Lines(string(text)) {
			n++
			line = strings.TrimSpace(line)
			if line == "" || line[0] == '#' {
				continue
			}
			if name, _, ok := strings.Cut(line, "="); !ok || name == "" {
				c.errorf("%s:%d: expected NAME=VALUE", file, n)
				return nil, ExitError
			}
			all = append(all, line)
		}
	}
	if status := c.checkEnv(pairs); status != ExitOK {
		return nil, status
	}
	return c.functionEnv(append(all, pairs...)), ExitOK
}
