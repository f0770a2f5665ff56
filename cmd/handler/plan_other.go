//go:build !linux

package main

import "os"

func readPlan(path string) ([]byte, error) { return os.ReadFile(path) }
