package verify

import (
	"errors"
	"fmt"
	"strings"

	"github.com/taskbridge/taskbridge/internal/task"
)

// combined asks RunTask's rules about the request with what task definition and
// cluster add to it. cluster may be nil.
func (c *checker) combined(d *TaskDefinition, cluster *Cluster) {
	already := map[string]bool{}
	for _, l := range limits(task.ValidatePartial(c.t.request, c.t.isOpen)) {
		already[l.Code] = true
	}
	m := c.merge(d, cluster)
	wrong := map[string]bool{}
	for _, l := range limits(task.ValidatePartial(m.request, m.isOpen)) {
		check := checkOf(l.Code)
		// The task definition's own constraints are between it and RegisterTaskDefinition.
		own := l.Code == "runtask-placement-constraints-fargate" && len(c.t.request.PlacementConstraints) == 0
		if check == "" || already[l.Code] || own {
			continue
		}
		wrong[check] = true
		c.ng(check, m.field(l.Field), l.Hint, "%s%s", m.where(l.Field), l.Msg)
	}
	switch {
	case wrong["task-size"]:
	case m.large():
		// In the developer guide; in November 2026 some Regions did not have it.
		c.add("task-size", Warning, "overrides.cpu", "try it there, or use 16 vCPUs", "tasks of 32 vCPUs are not in every Region yet")
	default:
		c.ok("task-size", "the size goes together: %s", m.size())
	}
	if !wrong["placement-constraints"] && len(m.request.PlacementConstraints) > 0 {
		c.ok("placement-constraints", "%s with those of the task definition", plural(len(m.request.PlacementConstraints), "placement constraint"))
	}
	if !wrong["tags"] && c.t.request.PropagateTags == "TASK_DEFINITION" {
		c.ok("tags", "%s with those of the task definition", plural(len(m.request.Tags), "tag"))
	}
	if !wrong["request-rules"] {
		c.ok("request-rules", "the request goes with where its tasks run")
	}
}

func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// checkOf is the check that a rule of package task is part of when it looks at the
// combination, "" for a rule that has no say in it: the combination is longer
// than the request that is sent.
func checkOf(code string) string {
	switch code {
	case "runtask-task-cpu", "runtask-task-memory", "runtask-task-cpu-range", "runtask-task-size-fargate", "runtask-task-cpu-sum",
		"runtask-task-memory-container", "runtask-container-memory-reservation":
		return "task-size"
	case "runtask-placement-constraints-count":
		return "placement-constraints"
	case "runtask-tags-count":
		return "tags"
	case "runtask-network-required", "runtask-network-external": // network-mode says it
		return ""
	case "runtask-platform-version-lacks", "runtask-sharing-external", "runtask-volume-external", "runtask-resource-neuron-managed-instances":
		return "request-rules"
	}
	if strings.HasSuffix(code, "-fargate") {
		return "request-rules"
	}
	return ""
}

func limits(err error) []*task.LimitError {
	var list []*task.LimitError
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			var l *task.LimitError
			if errors.As(e, &l) {
				list = append(list, l)
			}
		}
	}
	return list
}

// A merged request has all containers of the task definition among its overrides,
// in the order of the task definition.
type merged struct {
	request *task.Request
	d       *TaskDefinition
	open    map[string]bool
	from    map[int]int // indexes of overrides in the request, by those of their containers
	t       *Target
}

func (c *checker) merge(d *TaskDefinition, cluster *Cluster) *merged {
	r := *c.t.request
	m := &merged{request: &r, d: d, t: c.t, open: map[string]bool{}, from: map[int]int{}}
	o := task.TaskOverride{}
	if r.Overrides != nil {
		o = *r.Overrides
	}
	o.CPU = m.or("overrides.cpu", o.CPU, d.CPU)
	o.Memory = m.or("overrides.memory", o.Memory, d.Memory)
	o.ContainerOverrides = m.containers(o.ContainerOverrides)
	r.Overrides = &o
	m.place(cluster)
	for range d.PlacementConstraints {
		r.PlacementConstraints = append(r.PlacementConstraints[:len(r.PlacementConstraints):len(r.PlacementConstraints)],
			task.PlacementConstraint{Type: "distinctInstance"})
	}
	if r.PropagateTags == "TASK_DEFINITION" {
		r.Tags = r.Tags[:len(r.Tags):len(r.Tags)]
		for _, key := range missing(d.TagKeys, tagKeys(r.Tags)) {
			r.Tags = append(r.Tags, task.Tag{Key: key})
		}
	}
	return m
}

// or is the request's text, or the task definition's if the request has none.
func (m *merged) or(field, request, definition string) string {
	if request == "" && !m.t.isOpen(field) {
		return definition
	}
	return request
}

func tagKeys(tags []task.Tag) []string {
	keys := make([]string, len(tags))
	for i := range tags {
		keys[i] = tags[i].Key
	}
	return keys
}

// containers are those of the task definition with their overrides. An override
// whose container is not known is left out.
func (m *merged) containers(overrides []task.ContainerOverride) []task.ContainerOverride {
	list := make([]task.ContainerOverride, len(m.d.Containers))
	for i := range m.d.Containers {
		k := &m.d.Containers[i]
		list[i] = task.ContainerOverride{Name: k.Name, CPU: some(k.CPU), Memory: some(k.Memory), MemoryReservation: some(k.MemoryReservation)}
	}
	for i := range overrides {
		o := &overrides[i]
		at := m.d.container(o.Name)
		if at < 0 {
			continue
		}
		k := &list[at]
		m.from[at] = i
		k.EnvironmentFiles, k.ResourceRequirements = o.EnvironmentFiles, o.ResourceRequirements
		from, to := fmt.Sprintf("overrides.containerOverrides[%d].", i), fmt.Sprintf("overrides.containerOverrides[%d].", at)
		for name, n := range map[string]struct{ dst, src **int32 }{
			"cpu": {&k.CPU, &o.CPU}, "memory": {&k.Memory, &o.Memory}, "memoryReservation": {&k.MemoryReservation, &o.MemoryReservation},
		} {
			if m.t.isOpen(from + name) {
				m.open[to+name] = true
				*n.dst = nil
			} else if *n.src != nil {
				*n.dst = *n.src
			}
		}
	}
	return list
}

func some(n int32) *int32 {
	if n == 0 {
		return nil
	}
	return &n
}

// place says in the request where its tasks run, if the cluster says it. Of
// Windows, task knows what Fargate's platform version for it has.
func (m *merged) place(cluster *Cluster) {
	r := m.request
	if r.LaunchType == "" && len(r.CapacityProviderStrategy) == 0 && !m.t.isOpen("launchType") && !m.t.isOpen("capacityProviderStrategy") && cluster != nil {
		one := int32(1)
		for _, name := range cluster.DefaultStrategy {
			r.CapacityProviderStrategy = append(r.CapacityProviderStrategy, task.CapacityProviderStrategyItem{CapacityProvider: name, Weight: &one})
		}
		if len(cluster.DefaultStrategy) == 0 {
			r.LaunchType = KindEC2
		}
	}
	if m.d.Windows && m.fargate() && (r.PlatformVersion == "" || r.PlatformVersion == "LATEST") && !m.t.isOpen("platformVersion") {
		r.PlatformVersion = "1.0.0"
	}
}

func (m *merged) fargate() bool {
	r := m.request
	return r.LaunchType == kindFargate || len(r.CapacityProviderStrategy) > 0 && isFargateProvider(r.CapacityProviderStrategy[0].CapacityProvider)
}

// isOpen is Target.isOpen, for the containers of the task definition by their own
// index.
func (m *merged) isOpen(field string) bool {
	if strings.HasPrefix(field, containersField+"[") {
		return m.open[field]
	}
	return m.t.isOpen(field)
}

// container is the index of the container that a field is of, by the task
// definition.
func (m *merged) container(field string) (i int, ok bool) {
	_, err := fmt.Sscanf(field, containersField+"[%d]", &i)
	return i, err == nil && i < len(m.d.Containers)
}

const containersField = "overrides.containerOverrides"

// where names the container that a field is of.
func (m *merged) where(field string) string {
	i, ok := m.container(field)
	if !ok {
		return ""
	}
	return fmt.Sprintf("container %q: ", m.d.Containers[i].Name)
}

// field is the path of a field in the request: what the task definition says of a
// container that has no override is in none of its fields, and counts as
// taskDefinition.
func (m *merged) field(field string) string {
	i, ok := m.container(field)
	if !ok {
		return field
	}
	from, ok := m.from[i]
	if !ok {
		return "taskDefinition"
	}
	return fmt.Sprintf("%s[%d]%s", containersField, from, field[strings.IndexByte(field, ']')+1:])
}

// large reports whether the task has the size that Fargate is about to have.
func (m *merged) large() bool {
	cpu := strings.ToLower(strings.ReplaceAll(m.request.Overrides.CPU, " ", ""))
	return m.fargate() && (cpu == "32768" || cpu == "32vcpu")
}

func (m *merged) size() string {
	o := m.request.Overrides
	if o.CPU == "" && o.Memory == "" {
		return "the task has no size of its own"
	}
	return fmt.Sprintf("%s CPU, %s memory", orUnknown(o.CPU), orUnknown(o.Memory))
}

func orUnknown(text string) string {
	if text == "" {
		return "unlimited"
	}
	return text
}
