package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/taskbridge/taskbridge/events/samples"
	"github.com/taskbridge/taskbridge/internal/diag"
)

// readEvent reads the payload in a file, on standard input for -, or the sample of
// a name: one without a folder and an extension, and that is no file.
func (c *Command) readEvent(name string) ([]byte, error) {
	data, err := c.read(name)
	if !errors.Is(err, fs.ErrNotExist) || filepath.Base(name) != name || filepath.Ext(name) == ".json" {
		return data, err
	}
	data, err = samples.Read(name)
	if err == nil {
		return data, nil
	}
	if near := diag.Nearest(name, samples.Names()); near != "" {
		return nil, fmt.Errorf("%w and no such file; did you mean %s?", err, near)
	}
	return nil, fmt.Errorf("%w and no such file; taskbridge explain --list-samples lists the samples", err)
}
