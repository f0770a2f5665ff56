package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"

	"github.com/taskbridge/taskbridge/events/samples"
	"github.com/taskbridge/taskbridge/internal/diag"
	"github.com/taskbridge/taskbridge/internal/schema"
)

// nearKey adds to the error of what is no event the key that is probably misspelt.
func nearKey(err error, data []byte) error {
	var object map[string]json.RawMessage
	if err == nil || json.Unmarshal(data, &object) != nil {
		return err
	}
	// Of other payloads than events, the keys that say what they are.
	known := append(schema.Envelope().Names(), "Records", "rule", "event")
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if slices.Contains(known, key) {
			continue
		}
		if near := diag.Nearest(key, known); near != "" && object[near] == nil {
			return fmt.Errorf("%w; it has %q, did you mean %q?", err, key, near)
		}
	}
	return err
}

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
