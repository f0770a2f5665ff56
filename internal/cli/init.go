package cli

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/taskbridge/taskbridge/internal/jsonschema"
)

// scaffold has one folder for each choice of --from.
//
//go:embed scaffold
var scaffold embed.FS

func initVerb() verb {
	return verb{
		name:     "init",
		summary:  "write a mapping, its tests and an event",
		synopsis: []string{"[--from s3|schedule|custom] [DIR]"},
		about: "writes a commented mapping, taskbridge.yaml, with tests and an event that pass as they are, and the schema for editors, into this folder or DIR. " +
			"Nothing is overwritten: if one of the files exists, none is written.",
		operands: fileOperands,
		exits:    "0; 3 a file exists, or could not be written.",
		examples: []string{"taskbridge init --from schedule && taskbridge test"},
		bind: func(f *flags) runner {
			var from string
			f.choice(&from, "from", "what starts the task: files in a bucket, a schedule, or events of your own", "s3", "schedule", "custom")
			return func(c *Command, args []string) int { return c.init(from, args) }
		},
	}
}

func (c *Command) init(from string, args []string) int {
	dir := "."
	switch len(args) {
	case 0:
	case 1:
		dir = args[0]
	default:
		return c.usageError("", "init takes one folder, got %d", len(args))
	}
	files, err := scaffoldFiles(from)
	if err != nil {
		return c.fail(err)
	}
	var existing []string
	for _, file := range files {
		if _, err := os.Lstat(filepath.Join(dir, file.name)); !errors.Is(err, fs.ErrNotExist) {
			existing = append(existing, filepath.Join(dir, file.name))
		}
	}
	if len(existing) > 0 {
		c.errorf("nothing is overwritten, and there is already %s", strings.Join(existing, ", "))
		c.hintf("name another folder: taskbridge init --from %s DIR", from)
		return ExitError
	}
	for _, file := range files {
		path := filepath.Join(dir, file.name)
		if err := writeNew(path, file.text); err != nil {
			return c.fail(err)
		}
		fmt.Fprintf(c.Stdout, "wrote %s\n", path)
	}
	in := ""
	if dir != "." {
		in = "cd " + dir + "\n  "
	}
	fmt.Fprintf(c.Stderr, `
Next, put your cluster, network and task definition into taskbridge.yaml, and:
  %staskbridge validate
  taskbridge test --coverage
  taskbridge explain --event events/event.json%s
  taskbridge package --bootstrap FILE && taskbridge sam --code taskbridge.zip -o template.yaml && sam deploy --guided
`, in, map[string]string{"schedule": " --rule nightly-report"}[from])
	return ExitOK
}

// scaffoldFile is a file to write.
type scaffoldFile struct {
	name string
	text []byte
}

func scaffoldFiles(from string) ([]scaffoldFile, error) {
	root, err := fs.Sub(scaffold, "scaffold/"+from)
	if err != nil {
		return nil, err
	}
	var files []scaffoldFile
	err = fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(root, path)
		files = append(files, scaffoldFile{filepath.FromSlash(path), text})
		return err
	})
	if err != nil {
		return nil, err
	}
	// What the first line of the mapping names: editors complete and check with it.
	text, err := jsonschema.Mapping()
	return append(files, scaffoldFile{"taskbridge.schema.json", text}), err
}

// writeNew writes a file that must not be there.
func writeNew(path string, text []byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = file.Write(text)
	return err
}
