package task

import (
	"fmt"
	"strconv"
	"strings"
)

// A sizeRange is what Fargate has for a number of CPU units: memory from, to and
// in steps of, in MiB.
type sizeRange struct{ cpu, from, to, step int }

// fargateSizes is sorted by CPU and memory
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html).
var fargateSizes = []sizeRange{
	{256, 512, 512, 1024}, {256, 1024, 2048, 1024},
	{512, 1024, 4096, 1024},
	{1024, 2048, 8192, 1024},
	{2048, 4096, 16384, 1024},
	{4096, 8192, 30720, 1024},
	{8192, 16384, 61440, 4096},
	{16384, 32768, 122880, 8192},
	// In the guide, but rolled out region by region in 2026.
	{32768, 61440, 61440, 1024}, {32768, 122880, 122880, 1024}, {32768, 249856, 249856, 1024},
}

func (s sizeRange) has(memory int) bool {
	return s.from <= memory && memory <= s.to && (memory-s.from)%s.step == 0
}

// on reports whether a platform version has sizes of so many CPU units: Linux
// from 1.4.0 has all, Windows has 1, 2 and 4 vCPUs.
func (s sizeRange) on(version string) bool {
	switch version {
	case platformLegacy:
		return s.cpu <= 4096
	case platformWindows:
		return 1024 <= s.cpu && s.cpu <= 4096
	}
	return true
}

// largestSize returns the largest size that Fargate has for what is given of it,
// where 0 is not given.
func largestSize(cpu, memory int, version string) (largestCPU, largestMemory int, ok bool) {
	for _, s := range fargateSizes {
		if cpu != 0 && s.cpu != cpu || memory != 0 && !s.has(memory) || !s.on(version) {
			continue
		}
		largestCPU, largestMemory, ok = s.cpu, s.to, true
		if memory != 0 {
			largestMemory = memory
		}
	}
	return largestCPU, largestMemory, ok
}

// sizeHint says what goes with so many CPU units, or which there are.
func sizeHint(cpu int, version string) string {
	var with, units []string
	for _, s := range fargateSizes {
		if !s.on(version) {
			continue
		}
		if u := strconv.Itoa(s.cpu); len(units) == 0 || units[len(units)-1] != u {
			units = append(units, u)
		}
		switch {
		case s.cpu != cpu:
		case s.from == s.to:
			with = append(with, strconv.Itoa(s.from))
		default:
			with = append(with, fmt.Sprintf("%d to %d in steps of %d", s.from, s.to, s.step))
		}
	}
	if with == nil {
		return "Fargate has tasks of " + strings.Join(units, ", ") + " CPU units"
	}
	return fmt.Sprintf("%d CPU goes with memory of %s MiB", cpu, strings.Join(with, ", "))
}

// parseCPU and parseMemory read the spellings that a task's size has: CPU units
// or MiB ("1024"), vCPUs or GB ("1 vCPU", ".5 vcpu", "2GB"). Nothing is 0, not ok.
func parseCPU(s string) (units int, ok bool)  { return parseSize(s, "vcpu") }
func parseMemory(s string) (mib int, ok bool) { return parseSize(s, "gb") }

func parseSize(s, unit string) (int, bool) {
	if n := len(s) - len(unit); n > 0 && strings.EqualFold(s[n:], unit) {
		return parseThousands(strings.TrimSuffix(s[:n], " "))
	}
	if !made(s, 9, digits) {
		return 0, false
	}
	n, _ := strconv.Atoi(s) // nine digits
	return n, n > 0
}

// parseThousands reads a decimal of at most six digits on either side and returns
// it times 1024, if that is a whole number.
func parseThousands(s string) (int, bool) {
	whole, fraction, point := strings.Cut(s, ".")
	if whole != "" && !made(whole, 6, digits) || point && !made(fraction, 6, digits) || whole == "" && !point {
		return 0, false
	}
	const scale = 1_000_000
	n, _ := strconv.Atoi(whole + (fraction + "000000")[:6]) // twelve digits
	n *= 1024
	return n / scale, n > 0 && n%scale == 0
}
