package main

import (
	"runtime/debug"
	"strconv"
)

// limitMemory fits Go's garbage collector to the function's memory, unless GOGC or
// GOMEMLIMIT say what it is to do.
//
// A function pays for its memory whether it uses it or not. So a heap may grow to
// five times what is live before it is collected, where Go's default is twice: no
// collection then falls into a start, and a fifth as many into the events. Near
// three quarters of the memory it is collected as often as need be; the rest is
// for what the heap does not count.
func limitMemory(env func(string) (string, bool)) {
	if _, ok := env("GOGC"); !ok {
		debug.SetGCPercent(400)
	}
	size, _ := env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE") // in MB
	if _, ok := env("GOMEMLIMIT"); ok || size == "" {
		return
	}
	if mb, err := strconv.ParseInt(size, 10, 32); err == nil && mb > 0 {
		debug.SetMemoryLimit(mb << 20 / 4 * 3)
	}
}
