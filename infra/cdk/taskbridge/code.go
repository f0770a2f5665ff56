package taskbridge

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/taskbridge/taskbridge/internal/mapping"
)

const module = "github.com/taskbridge/taskbridge"

// stage writes what Lambda is given, bootstrap and plan, to a new folder.
func (t *Taskbridge) stage(goarch string) (dir string, err error) {
	plan, err := t.plan.Marshal()
	if err != nil {
		return "", err
	}
	if dir, err = os.MkdirTemp("", "taskbridge-"); err != nil {
		return "", err
	}
	target := filepath.Join(dir, "bootstrap")
	if t.props.Bootstrap == nil {
		err = build(target, goarch)
	} else {
		err = copyProgram(*t.props.Bootstrap, target)
	}
	if err == nil {
		err = checkProgram(target, goarch)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, mapping.PlanFile), plan, 0o644)
	}
	return dir, err
}

// build builds the function from this package's own module, so that the two are
// of one version. The flags are those of make build: the same source gives the
// same bytes.
func build(target, goarch string) error {
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module)
	list.Stderr = os.Stderr
	dir, err := list.Output()
	if err != nil {
		return fmt.Errorf("find the module of the function (or give Bootstrap): %w", err)
	}
	cmd := exec.Command("go", "build", "-tags", "lambda.norpc", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", target, "./cmd/handler")
	cmd.Dir = strings.TrimSpace(string(dir))
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+goarch, "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the function: %w\n%s", err, out)
	}
	return nil
}

func copyProgram(from, to string) error {
	program, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("Bootstrap: %w", err)
	}
	return os.WriteFile(to, program, 0o755)
}

// checkProgram refuses a binary that Lambda could not run on the architecture.
func checkProgram(path, goarch string) error {
	program, err := elf.Open(path)
	if err != nil {
		return fmt.Errorf("Bootstrap: no program for Linux: %w", err)
	}
	defer program.Close()
	want := map[string]elf.Machine{"arm64": elf.EM_AARCH64, "amd64": elf.EM_X86_64}[goarch]
	if program.Machine != want {
		return fmt.Errorf("Bootstrap is built for %v, and Architecture wants %v: build it with GOARCH=%s", program.Machine, want, goarch)
	}
	return nil
}
