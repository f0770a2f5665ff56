// Package samples holds real payloads, one for each way in which an event comes
// to the function.
package samples

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed *.json
var files embed.FS

// Names are those of the samples, in alphabetical order: their files' without
// the extension.
func Names() []string {
	found, err := fs.Glob(files, "*.json")
	if err != nil {
		panic("taskbridge: internal error: " + err.Error()) // the pattern is constant
	}
	for i := range found {
		found[i] = strings.TrimSuffix(found[i], ".json")
	}
	return found
}

// Read returns the payload of a name.
func Read(name string) ([]byte, error) {
	data, err := files.ReadFile(name + ".json")
	if err != nil {
		return nil, fmt.Errorf("no sample %q", name)
	}
	return data, nil
}
