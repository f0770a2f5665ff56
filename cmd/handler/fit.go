package main

import (
	"runtime"
	"runtime/debug"
	"strconv"
)

// wholeCPU is the memory from which a function has a whole vCPU, in MB.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
const wholeCPU = 1769

// memory is how much the function has, in MB; 0 if nobody says.
func memory(env func(string) (string, bool)) int64 {
	size, _ := env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
	mb, err := strconv.ParseInt(size, 10, 32)
	if err != nil || mb < 0 {
		return 0
	}
	return mb
}

// limitThreads keeps a function to one thread of Go at a time that has less than a
// whole vCPU, unless GOMAXPROCS is set. It sees two, and Go would use both: to spend
// the same share sooner, and more of it, because threads that wake each other take a
// third of the CPU of a call. A start has more CPU, so it comes after it.
func limitThreads(env func(string) (string, bool)) {
	mb := memory(env)
	if _, ok := env("GOMAXPROCS"); !ok && mb > 0 && mb < wholeCPU {
		runtime.GOMAXPROCS(1)
	}
}

// limitMemory limits the heap, unless GOGC and GOMEMLIMIT are set. A function pays for its memory whether it uses it or
// not. So a heap may grow to five times what is live before it is collected, where
// Go's default is twice: no collection then falls into a start, and a fifth as many
// into the events. Near three quarters of the memory it is collected as often as
// need be; the rest is for what the heap does not count.
func limitMemory(env func(string) (string, bool)) {
	mb := memory(env)
	if _, ok := env("GOGC"); !ok {
		debug.SetGCPercent(400)
	}
	if _, ok := env("GOMEMLIMIT"); !ok && mb > 0 {
		debug.SetMemoryLimit(mb << 20 / 4 * 3)
	}
}
