package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// large is the size from which a plan is mapped: to copy it would take longer than
// everything else that is done with it at start. A smaller one is copied, because
// a mapped file must not change while the function runs. In Lambda none can: the
// folder of a function is read-only.
const large = 1 << 20

// readPlan reads the file, which is to be left as it is.
func readPlan(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() < large || !info.Mode().IsRegular() {
		return os.ReadFile(path)
	}
	text, err := syscall.Mmap(int(file.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_PRIVATE|syscall.MAP_POPULATE)
	switch {
	case errors.Is(err, syscall.ENODEV), errors.Is(err, syscall.EINVAL): // a file system that cannot
		return os.ReadFile(path)
	case err != nil:
		return nil, fmt.Errorf("map %s: %w", path, err)
	}
	return text, nil
}
