// Package contender makes what is compared: Taskbridge with mappings of several
// sizes, and what people have instead.
package contender

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/taskbridge/taskbridge/bench/internal/function"
	"github.com/taskbridge/taskbridge/bench/internal/workload"
)

// A Contender is a function, ready to start.
type Contender struct {
	function.Spec
	Event    []byte // that it launches a task for
	Binary   int    // bytes; 0 if it has none of its own
	Zip      int    // bytes of what would be uploaded
	PlanSize int    // bytes of Taskbridge's plan
}

// A Set is where the files of contenders are.
type Set struct {
	dir  string
	root string // of the repository
}

// New builds the functions, as they are deployed but for this machine, in dir.
// root is the folder of the repository.
func New(root, dir string) (*Set, error) {
	s := &Set{dir: dir, root: root}
	for name, pkg := range map[string]string{"taskbridge": "./cmd/handler", "handcoded": "./bench/cmd/handcoded", "glue": "./bench/cmd/glue"} {
		if err := s.build(name, pkg); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// build uses the flags of the Makefile's FUNCTION.
func (s *Set) build(name, pkg string) error {
	cmd := exec.Command("go", "build", "-tags", "lambda.norpc", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", s.path(name), pkg)
	cmd.Dir = s.root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return nil
}

func (s *Set) path(name string) string { return filepath.Join(s.dir, name) }

// Taskbridge is the function with a mapping of n rules.
func (s *Set) Taskbridge(n int) (*Contender, error) {
	plan, err := workload.Plan(n)
	if err != nil {
		return nil, err
	}
	path := s.path(fmt.Sprintf("plan-%d.json", n))
	if err := os.WriteFile(path, plan, 0o600); err != nil {
		return nil, err
	}
	rules := "rules"
	if n == 1 {
		rules = "rule"
	}
	c := &Contender{Spec: function.Spec{Name: fmt.Sprintf("Taskbridge, %d %s", n, rules), Env: []string{"TASKBRIDGE_PLAN=" + path}}, PlanSize: len(plan)}
	return c, s.binary(c, "taskbridge", n, map[string][]byte{"taskbridge.plan.json": plan})
}

// HandCoded is the Go function with one launch in its code.
func (s *Set) HandCoded() (*Contender, error) {
	c := &Contender{Spec: function.Spec{Name: "(a) hard-coded Go"}}
	return c, s.binary(c, "handcoded", 1, nil)
}

// Glue is the Go function that reads YAML and fills in text/template, with n rules.
func (s *Set) Glue(n int) (*Contender, error) {
	config := workload.Glue(n)
	path := s.path(fmt.Sprintf("glue-%d.yaml", n))
	if err := os.WriteFile(path, config, 0o600); err != nil {
		return nil, err
	}
	c := &Contender{Spec: function.Spec{Name: fmt.Sprintf("(b) YAML and text/template, %d rules", n), Env: []string{"GLUE_CONFIG=" + path}}}
	return c, s.binary(c, "glue", n, map[string][]byte{"glue.yaml": config})
}

// Boto3 is the function in Python. There is none, without an error, where no
// Python with boto3 is: then why says so.
func (s *Set) Boto3() (c *Contender, why string) {
	script := filepath.Join(s.root, "bench", "boto3", "bootstrap.py")
	for _, python := range []string{filepath.Join(s.root, ".venv", "bench", "bin", "python"), "python3"} {
		path, err := exec.LookPath(python)
		if err != nil || exec.Command(path, "-c", "import boto3").Run() != nil {
			continue
		}
		text, err := os.ReadFile(script)
		if err != nil {
			return nil, err.Error()
		}
		size, err := zipped(map[string][]byte{"bootstrap.py": text})
		if err != nil {
			return nil, err.Error()
		}
		return &Contender{
			Spec: function.Spec{Name: "(c) Python and boto3", Args: []string{path, script}}, Event: workload.Event(1, 1), Zip: size,
		}, ""
	}
	return nil, "(c) Python and boto3: not measured, there is no Python 3 with boto3; make bench-python installs one"
}

func (s *Set) binary(c *Contender, name string, n int, files map[string][]byte) error {
	binary, err := os.ReadFile(s.path(name))
	if err != nil {
		return err
	}
	all := map[string][]byte{"bootstrap": binary}
	for name, text := range files {
		all[name] = text
	}
	c.Args, c.Event, c.Binary = []string{s.path(name)}, workload.Event(n, 1), len(binary)
	c.Zip, err = zipped(all)
	return err
}

// zipped is the size of a zip file of files.
func zipped(files map[string][]byte) (int, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range files {
		f, err := w.Create(name)
		if err != nil {
			return 0, err
		}
		if _, err := f.Write(text); err != nil {
			return 0, err
		}
	}
	if err := w.Close(); err != nil {
		return 0, err
	}
	return b.Len(), nil
}
