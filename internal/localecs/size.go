package localecs

import (
	"math"
	"regexp"
	"strconv"
)

// taskSizes are the sizes that Fargate has: for each number of CPU units the
// memory from, to and in steps of, in MiB
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html).
var taskSizes = map[int][]memoryRange{
	256:   {{512, 512, 1}, {1024, 2048, 1024}},
	512:   {{1024, 4096, 1024}},
	1024:  {{2048, 8192, 1024}},
	2048:  {{4096, 16384, 1024}},
	4096:  {{8192, 30720, 1024}},
	8192:  {{16384, 61440, 4096}},
	16384: {{32768, 122880, 8192}},
	// Being rolled out region by region in 2026.
	32768: {{61440, 61440, 1}, {122880, 122880, 1}, {249856, 249856, 1}},
}

type memoryRange struct{ from, to, step int }

// isFargateSize reports whether Fargate has tasks of this size. Windows tasks have
// 1, 2 or 4 vCPUs.
func isFargateSize(cpu, memory int, windows bool) bool {
	if windows && (cpu < 1024 || cpu > 4096) {
		return false
	}
	for _, r := range taskSizes[cpu] {
		if memory >= r.from && memory <= r.to && (memory-r.from)%r.step == 0 {
			return true
		}
	}
	return false
}

// A task's size is CPU units or MiB ("1024"), or vCPUs or GB in words ("1 vCPU",
// ".5 vcpu", "2GB").
var (
	cpuText    = regexp.MustCompile(`^(?i)([0-9]{1,9}|(?:[0-9]{1,6}|[0-9]{0,6}\.[0-9]{1,6}) ?(vcpu))$`)
	memoryText = regexp.MustCompile(`^(?i)([0-9]{1,9}|(?:[0-9]{1,6}|[0-9]{0,6}\.[0-9]{1,6}) ?(gb))$`)
	numberText = regexp.MustCompile(`[0-9.]+`)
)

func parseCPU(s string) (units int, ok bool)  { return parseSize(cpuText, s) }
func parseMemory(s string) (mib int, ok bool) { return parseSize(memoryText, s) }

func parseSize(form *regexp.Regexp, s string) (int, bool) {
	m := form.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	f, err := strconv.ParseFloat(numberText.FindString(m[1]), 64)
	if err != nil {
		return 0, false
	}
	if m[2] != "" {
		f *= 1024 // CPU units in a vCPU, MiB in a GB
	}
	return int(f), f > 0 && f == math.Trunc(f)
}
