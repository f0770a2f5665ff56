package main

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
)

// environment looks names up in a map.
func environment(env map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		v, ok := env[name]
		return v, ok
	}
}

func TestLimitThreads(t *testing.T) {
	const size = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"
	tests := []struct {
		env  map[string]string
		want int
	}{
		{map[string]string{size: "128"}, 1},
		{map[string]string{size: "1768"}, 1},
		{map[string]string{size: "1769"}, 3},
		{map[string]string{size: "128", "GOMAXPROCS": "3"}, 3},
		{nil, 3},
	}
	for _, tt := range tests {
		before := runtime.GOMAXPROCS(3)
		limitThreads(environment(tt.env))
		if got := runtime.GOMAXPROCS(before); got != tt.want {
			t.Errorf("%v: %d threads, want %d", tt.env, got, tt.want)
		}
	}
}

func TestLimitMemory(t *testing.T) {
	tests := []struct {
		name    string
		env     map[string]string
		limit   int64
		percent int
	}{
		{"Lambda", map[string]string{"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128"}, 96 << 20, 400},
		{"elsewhere", nil, math.MaxInt64, 400},
		{"no number", map[string]string{"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "lots"}, math.MaxInt64, 400},
		{"negative", map[string]string{"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "-1"}, math.MaxInt64, 400},
		{"the operator's", map[string]string{"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128", "GOGC": "50", "GOMEMLIMIT": "1GiB"}, math.MaxInt64, 100},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
			defer debug.SetGCPercent(debug.SetGCPercent(100))
			limitMemory(environment(tt.env))
			if got := debug.SetMemoryLimit(-1); got != tt.limit {
				t.Errorf("the limit is %d bytes, want %d", got, tt.limit)
			}
			if got := debug.SetGCPercent(100); got != tt.percent {
				t.Errorf("the percentage is %d, want %d", got, tt.percent)
			}
		})
	}
}
