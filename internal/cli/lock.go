package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/verify"
)

// lockFlags are the flags of validate that are about the lock.
type lockFlags struct {
	file          string // "" for none, thisLock for the one beside the mapping
	env, envFiles list
	partial       bool
}

// thisLock is no name of a file.
const thisLock = "\x00"

func (l *lockFlags) declare(f *flags) {
	f.optional(&l.file, "lock", thisLock, "also repeat the checks of taskbridge verify, offline, by what "+verify.LockFile+" beside the mapping says; --lock=FILE names another")
	f.list(&l.env, "env", "NAME=VALUE", "environment of the function, for --lock")
	f.list(&l.envFiles, "env-file", "FILE", "the same from lines of NAME=VALUE")
	f.bool(&l.partial, "allow-unchecked", "exit status 0 even if a check of the lock could not be made")
}

// lockBeside is where the lock of a mapping is.
func lockBeside(file string) string {
	if file == "-" {
		return verify.LockFile
	}
	return filepath.Join(filepath.Dir(file), verify.LockFile)
}

func readLock(path string) (*verify.Snapshot, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	seen, err := verify.ReadLock(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return seen, nil
}

// A fieldPlace says where a field of a rule stands in the mapping.
type fieldPlace func(rule int, field string) (at diag.Pos, width int)

// checkLock repeats the checks of verify by what the lock says. What is NG is a
// finding at its field; what could not be checked goes to stderr. place finds the
// fields.
func (c *Command) checkLock(l *lockFlags, file string, plan *mapping.Plan, env func(string) (string, bool), place fieldPlace) (diag.List, int) {
	path := l.file
	if path == thisLock {
		path = lockBeside(file)
	}
	seen, err := readLock(path)
	if err != nil {
		c.errorf("%v", err)
		c.hintf("taskbridge verify --write-lock writes it, with the credentials of the account")
		return nil, ExitError
	}
	targets, status := c.planTargets(plan, env)
	if status != ExitOK {
		return nil, status
	}
	var found diag.List
	unchecked := 0
	for rule, r := range verify.Check(targets, seen, "the lock does not have it: run taskbridge verify --write-lock") {
		for i := range r.Results {
			switch res := &r.Results[i]; res.Status {
			case verify.NG:
				at, width := diag.Pos{Line: r.Line, Col: r.Col}, 1
				if res.Field != "" {
					at, width = place(rule, res.Field)
				}
				found = append(found, diag.Finding{
					File: file, Pos: at, Width: width, Code: res.Check,
					Message: fmt.Sprintf("rule %q: %s: %s", r.Rule, res.Subject, res.Message), Hint: hintOf(res),
				})
			case verify.NotChecked:
				unchecked++
				c.errorf("%s: rule %q: %s not checked: %s", file, r.Rule, res.Subject, res.Message)
				if res.Fix != "" {
					c.hintf("%s", res.Fix)
				}
			}
		}
	}
	if unchecked > 0 && len(found) == 0 && !l.partial { // findings say enough
		return nil, ExitError
	}
	return found, ExitOK
}

// hintOf is the field and what to do about it.
func hintOf(r *verify.Result) string {
	if r.Field == "" {
		return r.Fix
	}
	return r.Field + ": " + r.Fix
}
