package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestReadPlan(t *testing.T) {
	dir := t.TempDir()
	for _, size := range []int{0, 1, 1<<20 - 1, 1 << 20, 1<<20 + 4097} {
		want := bytes.Repeat([]byte("plan\n"), size/5+1)[:size]
		path := filepath.Join(dir, "plan")
		if err := os.WriteFile(path, want, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := readPlan(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("of %d bytes: got %d, %v", size, len(got), err)
		}
	}
	if _, err := readPlan(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v for no file", err)
	}
	if _, err := readPlan(dir); err == nil {
		t.Error("a folder is a plan")
	}
}
