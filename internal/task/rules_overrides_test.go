package task

import (
	"slices"
	"strings"
	"testing"
)

func worker(r *Request) *ContainerOverride { return &r.Overrides.ContainerOverrides[0] }

const workerField = "overrides.containerOverrides[0]."

func environment(vars ...KeyValuePair) func(*Request) {
	return func(r *Request) { worker(r).Environment = vars }
}

func files(f ...EnvironmentFile) func(*Request) {
	return func(r *Request) { worker(r).EnvironmentFiles = f }
}

var overrideTests = []ruleTest{
	{"", func(r *Request) { r.Overrides = nil }},
	{"", func(r *Request) { r.Overrides.ContainerOverrides = []ContainerOverride{} }},
	{"runtask-overrides-bytes overrides", func(r *Request) { worker(r).Command[0] = strings.Repeat("x", MaxOverrideBytes) }},
	{"", func(r *Request) { r.Overrides.TaskRoleARN = role + "path/to/a+=,.@-_" }},
	{"runtask-role-form overrides.taskRoleArn", func(r *Request) { r.Overrides.TaskRoleARN = "admin" }},
	{"runtask-role-form overrides.executionRoleArn", func(r *Request) { r.Overrides.ExecutionRoleARN = "arn:aws:iam::123456789012:user/a" }},
	{"", func(r *Request) { r.Overrides.EphemeralStorage = &EphemeralStorage{21} }},
	{"runtask-ephemeral-storage-minimum overrides.ephemeralStorage.sizeInGiB", func(r *Request) { r.Overrides.EphemeralStorage = &EphemeralStorage{20} }},
	{"", func(r *Request) { r.Overrides.EphemeralStorage = &EphemeralStorage{200} }},
	{"runtask-ephemeral-storage-maximum overrides.ephemeralStorage.sizeInGiB", func(r *Request) { r.Overrides.EphemeralStorage = &EphemeralStorage{201} }},
	{"runtask-ephemeral-storage-fargate overrides.ephemeralStorage", func(r *Request) { onEC2(r); r.Overrides.EphemeralStorage = &EphemeralStorage{21} }},

	{"runtask-container-name-required " + workerField + "name", func(r *Request) { *worker(r) = ContainerOverride{} }},
	{"", func(r *Request) { worker(r).Name = strings.Repeat("n", 255) }},
	{"runtask-container-name-form " + workerField + "name", func(r *Request) { worker(r).Name = "a.b" }},
	{"runtask-container-duplicate overrides.containerOverrides[1].name", func(r *Request) {
		r.Overrides.ContainerOverrides = []ContainerOverride{{Name: "a"}, {Name: "a"}}
	}},
	{"runtask-command-empty " + workerField + "command", func(r *Request) { worker(r).Command = []string{} }},
	{"", func(r *Request) { worker(r).Command = []string{""} }},
	{"runtask-text-nul " + workerField + "command[0]", func(r *Request) { worker(r).Command[0] = "a\x00b" }},
	{"runtask-environment-name-required " + workerField + "environment[0].name", environment(KeyValuePair{"", ptr("v")})},
	{"", environment(KeyValuePair{"A", nil}, KeyValuePair{"a", ptr("")})},
	{"runtask-environment-duplicate " + workerField + "environment[1].name", environment(KeyValuePair{"A", ptr("")}, KeyValuePair{"A", ptr("")})},
	{"runtask-text-utf8 " + workerField + "environment[0].value", environment(KeyValuePair{"A", ptr("\xff")})},
	{"runtask-text-nul " + workerField + "environment[0].name", environment(KeyValuePair{"\x00", nil})},
	{"", files(slices.Repeat([]EnvironmentFile{{"s3", "arn:aws:s3:::b/d/k.env"}}, 10)...)},
	{"runtask-environment-files-count " + workerField + "environmentFiles", files(slices.Repeat([]EnvironmentFile{{"s3", "arn:aws:s3:::b/k.env"}}, 11)...)},
	{"runtask-environment-file-type-required " + workerField + "environmentFiles[0].type", files(EnvironmentFile{"", "arn:aws:s3:::b/k.env"})},
	{"runtask-environment-file-type " + workerField + "environmentFiles[0].type", files(EnvironmentFile{"efs", "arn:aws:s3:::b/k.env"})},
	{"runtask-environment-file-required " + workerField + "environmentFiles[0].value", files(EnvironmentFile{"s3", ""})},
	{"runtask-environment-file-form " + workerField + "environmentFiles[0].value", files(EnvironmentFile{"s3", "arn:aws:s3:::b/k.txt"})},
	{"runtask-environment-file-form " + workerField + "environmentFiles[0].value", files(EnvironmentFile{"s3", "s3://b/k.env"})},
	{"", func(r *Request) { worker(r).CPU = ptr(int32(0)) }},
	{"runtask-container-cpu-range " + workerField + "cpu", func(r *Request) { worker(r).CPU = ptr(int32(-1)) }},
	{"", func(r *Request) { worker(r).Memory = ptr(int32(4)) }},
	{"runtask-container-memory-minimum " + workerField + "memory", func(r *Request) { worker(r).Memory = ptr(int32(3)) }},
	{"runtask-container-reservation-minimum " + workerField + "memoryReservation", func(r *Request) { worker(r).MemoryReservation = ptr(int32(3)) }},
	{"", func(r *Request) { worker(r).Memory, worker(r).MemoryReservation = ptr(int32(101)), ptr(int32(100)) }},
	{"runtask-container-memory-reservation " + workerField + "memory", func(r *Request) {
		worker(r).Memory, worker(r).MemoryReservation = ptr(int32(100)), ptr(int32(100))
	}},
}

// on is a request with resources for containers, on EC2 unless changed further.
func on(move func(*Request), q ...ResourceRequirement) func(*Request) {
	return func(r *Request) {
		move(r)
		r.Overrides.ContainerOverrides = nil
		for i, v := range q {
			r.Overrides.ContainerOverrides = append(r.Overrides.ContainerOverrides, ContainerOverride{Name: strings.Repeat("c", i+1), ResourceRequirements: []ResourceRequirement{v}})
		}
	}
}

func onProvider(r *Request) { withStrategy(r, item("managed", 1, 0)) }

var (
	gpu    = ResourceRequirement{Type: "GPU", Value: "1"}
	neuron = ResourceRequirement{Type: "NeuronDevice", Value: "ALL"}
	shared = mps(&NvidiaMPS{Memory: ptr(int32(1))})
)

func mps(m *NvidiaMPS) ResourceRequirement {
	return ResourceRequirement{Type: "GPU", SharingStrategy: &SharingStrategy{m}}
}

func with(q ResourceRequirement, change func(*ResourceRequirement)) ResourceRequirement {
	change(&q)
	return q
}

const resourceField = workerField + "resourceRequirements[0]"

var resourceTests = []ruleTest{
	{"", on(onEC2, gpu, gpu)},
	{"", on(onExternal, gpu)},
	{"", on(onEC2, ResourceRequirement{Type: "GPU", Value: "ALL"})},
	{"runtask-resource-type-required " + resourceField + ".type", on(onEC2, ResourceRequirement{Value: "1"})},
	{"runtask-resource-type " + resourceField + ".type", on(onEC2, ResourceRequirement{Type: "FPGA", Value: "1"})},
	{"runtask-resource-inference-accelerator " + resourceField + ".type", on(onEC2, ResourceRequirement{Type: "InferenceAccelerator", Value: "x"})},
	{"runtask-resource-gpu-fargate " + resourceField, on(func(*Request) {}, gpu)},
	{"runtask-resource-gpu-value " + resourceField + ".value", on(onEC2, ResourceRequirement{Type: "GPU", Value: "0"})},
	{"runtask-resource-gpu-value-or-sharing " + resourceField, on(onEC2, ResourceRequirement{Type: "GPU"})},
	{"runtask-resource-gpu-value-or-sharing " + resourceField, on(onEC2, with(shared, func(q *ResourceRequirement) { q.Value = "1" }))},
	{"", on(onProvider, neuron)},
	{"", on(func(r *Request) { r.LaunchType = "" }, neuron)},
	{"runtask-resource-neuron-value " + resourceField + ".value", on(onProvider, ResourceRequirement{Type: "NeuronDevice", Value: "1"})},
	{"runtask-resource-neuron-managed-instances " + resourceField, on(onEC2, neuron)},
	{"runtask-resource-neuron-managed-instances " + resourceField, on(func(r *Request) { withStrategy(r, item("FARGATE", 1, 0)) }, neuron)},
	{"runtask-resource-neuron-once overrides.containerOverrides", on(onProvider, neuron, neuron)},
	{"", on(onEC2, shared, shared)},
	{"", on(onEC2, mps(&NvidiaMPS{Memory: ptr(int32(1)), MaxComputePercent: ptr(int32(100))}))},
	{"runtask-sharing-gpu-only " + resourceField + ".sharingStrategy", on(onProvider, with(neuron, func(q *ResourceRequirement) { q.SharingStrategy = shared.SharingStrategy }))},
	{"runtask-sharing-nvidia-mps-required " + resourceField + ".sharingStrategy.nvidiaMps", on(onEC2, mps(nil))},
	{"runtask-sharing-memory-required " + resourceField + ".sharingStrategy.nvidiaMps.memory", on(onEC2, mps(&NvidiaMPS{}))},
	{"runtask-sharing-memory " + resourceField + ".sharingStrategy.nvidiaMps.memory", on(onEC2, mps(&NvidiaMPS{Memory: ptr(int32(0))}))},
	{"runtask-sharing-max-compute-percent " + resourceField + ".sharingStrategy.nvidiaMps.maxComputePercent",
		on(onEC2, mps(&NvidiaMPS{Memory: ptr(int32(1)), MaxComputePercent: ptr(int32(101))}))},
	{"runtask-sharing-external " + resourceField + ".sharingStrategy", on(onExternal, shared)},
	{"runtask-sharing-same overrides.containerOverrides", on(onEC2, shared, gpu)},
}

func sized(move func(*Request), cpu, memory string) func(*Request) {
	return func(r *Request) {
		move(r)
		r.Overrides.CPU, r.Overrides.Memory = cpu, memory
	}
}

func stay(*Request) {}

var sizeTests = []ruleTest{
	{"runtask-task-cpu overrides.cpu", sized(stay, "many", "2048")},
	{"runtask-task-memory overrides.memory", sized(stay, "1024", "2 TB")},
	{"runtask-task-cpu overrides.cpu, runtask-task-memory overrides.memory", sized(stay, "1 CPU", "2 TB")},
	{"", sized(stay, "1 vCPU", "2 GB")},
	{"", sized(stay, "512", "")},
	{"runtask-task-size-fargate overrides.memory", sized(stay, "1024", "512")},
	{"runtask-task-size-fargate overrides.cpu", sized(stay, "1000", "")},
	{"runtask-task-size-fargate overrides.memory", sized(stay, "", "100")},
	{"runtask-task-size-fargate overrides.memory", sized(func(r *Request) { withStrategy(r, item("FARGATE_SPOT", 1, 0)) }, "256", "4096")},
	{"runtask-task-size-fargate overrides.memory", sized(func(r *Request) { r.PlatformVersion = "1.3.0" }, "8192", "16384")},
	{"runtask-task-size-fargate overrides.cpu", sized(func(r *Request) { r.PlatformVersion = "1.0.0" }, "512", "")},
	{"", sized(func(r *Request) { r.LaunchType = "" }, "1000", "100")},
	{"", sized(onEC2, "128", "100")},
	{"runtask-task-cpu-range overrides.cpu", sized(onEC2, "127", "")},
	{"", sized(onEC2, "192 vCPU", "")},
	{"runtask-task-cpu-range overrides.cpu", sized(onEC2, "196609", "")},
	{"", sized(func(r *Request) { worker(r).CPU = ptr(int32(256)) }, "256", "512")},
	{"runtask-task-cpu-sum overrides.cpu", sized(func(r *Request) { worker(r).CPU = ptr(int32(257)) }, "256", "512")},
	{"", sized(func(r *Request) { worker(r).CPU = ptr(int32(1024)) }, "", "2048")},
	{"runtask-task-cpu-sum overrides.cpu", sized(func(r *Request) { worker(r).CPU = ptr(int32(1025)) }, "", "2048")},
	{"", sized(func(r *Request) { onEC2(r); worker(r).CPU = ptr(int32(257)) }, "256", "512")},
	{"runtask-task-memory-container " + workerField + "memory", sized(func(r *Request) { worker(r).Memory = ptr(int32(513)) }, "256", "512")},
	{"runtask-task-memory-container " + workerField + "memoryReservation", sized(func(r *Request) { worker(r).MemoryReservation = ptr(int32(2049)) }, "256", "")},
	{"runtask-task-memory-container " + workerField + "memory", sized(func(r *Request) { onEC2(r); worker(r).Memory = ptr(int32(513)) }, "", "512")},
}

func TestFargateSizes(t *testing.T) {
	for _, tt := range []struct {
		cpu, memory string
		version     string
		ok          bool
	}{
		{"256", "512", "", true}, {"256", "1024", "", true}, {"256", "2048", "", true}, {"256", "4096", "", false}, {"256", "1536", "", false},
		{"0.25 vCPU", "0.5 GB", "", true}, {".25vcpu", ".5gb", "", true}, {"1vCPU", "2GB", "", true}, {"1  vCPU", "2GB", "", false},
		{"512", "1024", "", true}, {"512", "4096", "", true}, {"512", "5120", "", false},
		{"1024", "8192", "1.0.0", true}, {"2 VCPU", "16 Gb", "1.0.0", true}, {"4096", "30720", "1.3.0", true}, {"4096", "31744", "", false},
		{"8192", "16384", "", true}, {"8192", "17408", "", false}, {"8192", "16384", "1.0.0", false}, {"8192", "16384", "1.3.0", false},
		{"16384", "122880", "", true}, {"16 vCPU", "36 GB", "", false}, {"32768", "249856", "", true}, {"32 vCPU", "60 GB", "", true}, {"32768", "65536", "", false},
		{"100", "512", "", false}, {"1e3", "2048", "", false}, {"-256", "512", "", false}, {"256.5", "512", "", false}, {"0.3 vCPU", "512", "", false},
		{"vCPU", "512", "", false}, {" 256", "512", "", false}, {"1. vCPU", "2048", "", false}, {". vCPU", "2048", "", false}, {"1", "GB", "", false},
		{"1234567 vCPU", "512", "", false}, {"1.1234567 vCPU", "512", "", false}, {"1234567890", "512", "", false}, {"1 v", "512", "", false},
	} {
		cpu, cpuOK := parseCPU(tt.cpu)
		memory, memoryOK := parseMemory(tt.memory)
		_, _, sizeOK := largestSize(cpu, memory, tt.version)
		if got := cpuOK && memoryOK && sizeOK; got != tt.ok {
			t.Errorf("cpu %q, memory %q on %q: got %v, want %v", tt.cpu, tt.memory, tt.version, got, tt.ok)
		}
	}
}

func TestSizeHint(t *testing.T) {
	for _, tt := range []struct {
		cpu           int
		version, want string
	}{
		{256, "", "256 CPU goes with memory of 512, 1024 to 2048 in steps of 1024 MiB"},
		{32768, "", "32768 CPU goes with memory of 61440, 122880, 249856 MiB"},
		{8192, "1.3.0", "Fargate has tasks of 256, 512, 1024, 2048, 4096 CPU units"},
		{0, "1.0.0", "Fargate has tasks of 1024, 2048, 4096 CPU units"},
	} {
		if got := sizeHint(tt.cpu, tt.version); got != tt.want {
			t.Errorf("%d on %q: got %q, want %q", tt.cpu, tt.version, got, tt.want)
		}
	}
}
