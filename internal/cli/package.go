package cli

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"debug/elf"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/taskbridge/taskbridge/internal/mapping"
)

func packageVerb() verb {
	return verb{
		name:     "package",
		summary:  "write the zip that Lambda is given",
		synopsis: []string{"[flags] [FILE]"},
		about: "compiles a mapping and writes the deployment package: bootstrap and the plan beside it. " +
			"The same binary and mapping give the same zip, byte for byte.",
		operands: fileOperands,
		exits:    "0 written; 1 the mapping has findings; 3 a file could not be read or written, or the binary is no program.",
		examples: []string{"taskbridge package -o dist/taskbridge.zip"},
		bind: func(f *flags) runner {
			bootstrap, out := "dist/handler/bootstrap", "taskbridge.zip"
			var params paramFlags
			f.text(&out, "o", "FILE", "where to write, taskbridge.zip unless given")
			f.text(&bootstrap, "bootstrap", "FILE", "the function's binary, dist/handler/bootstrap unless given")
			params.declare(f)
			return func(c *Command, files []string) int { return c.pack(bootstrap, out, &params, files) }
		},
	}
}

func (c *Command) pack(bootstrap, out string, params *paramFlags, files []string) int {
	plan, status := c.onePlan("package", files, params)
	if plan == nil {
		return status
	}
	program, err := os.ReadFile(bootstrap)
	if err != nil {
		c.errorf("%v", err)
		c.hintf("make build, in the source of Taskbridge, builds it; --bootstrap FILE says where it is")
		return ExitError
	}
	if !bytes.HasPrefix(program, []byte(elf.ELFMAG)) {
		c.errorf("%s is no program for Linux", bootstrap)
		c.hintf("make build, in the source of Taskbridge, builds the function; --bootstrap FILE says where it is")
		return ExitError
	}
	text, err := plan.Marshal()
	if err != nil {
		return c.fail(err)
	}
	archive, err := archived(program, text)
	if err == nil {
		err = os.WriteFile(out, archive, 0o644)
	}
	return c.done(err)
}

// onePlan is the plan of the one mapping file that a verb is given, the default
// one if none. It is nil if status is not ExitOK.
func (c *Command) onePlan(verb string, files []string, params *paramFlags) (plan *mapping.Plan, status int) {
	file := defaultMapping
	switch len(files) {
	case 0:
	case 1:
		file = files[0]
	default:
		return nil, c.usageError("", "%s takes one file, got %d", verb, len(files))
	}
	o, status := c.options(params)
	if status != ExitOK {
		return nil, status
	}
	plan, _, status = c.load(file, o)
	return plan, status
}

// archived is the zip. Its entries have the earliest time that a zip can have,
// so that it depends on its content alone.
func archived(bootstrap, plan []byte) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.RegisterCompressor(zip.Deflate, func(to io.Writer) (io.WriteCloser, error) { return flate.NewWriter(to, flate.BestCompression) })
	for _, entry := range []struct {
		name    string
		mode    os.FileMode
		content []byte
	}{{"bootstrap", 0o755, bootstrap}, {mapping.PlanFile, 0o644, plan}} {
		header := &zip.FileHeader{Name: entry.name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
		header.SetMode(entry.mode)
		to, err := w.CreateHeader(header)
		if err != nil {
			return nil, fmt.Errorf("zip %s: %w", entry.name, err)
		}
		if _, err := to.Write(entry.content); err != nil {
			return nil, fmt.Errorf("zip %s: %w", entry.name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
