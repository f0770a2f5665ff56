package localecs

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

type taskDefinitionRef struct {
	TaskDefinition string   `json:"taskDefinition"`
	Include        []string `json:"include"`
}

// describeTaskDefinition answers for INACTIVE revisions too, as ECS does.
func (s *Server) describeTaskDefinition(body []byte) (any, *apiError) {
	var in taskDefinitionRef
	if err := decode(body, &in); err != nil {
		return nil, err
	}
	d, err := s.resolve(in.TaskDefinition)
	if err != nil {
		return nil, clientError("Unable to describe task definition.")
	}
	out := map[string]any{"taskDefinition": d.wire()}
	if slices.Contains(in.Include, "TAGS") {
		out["tags"] = notNil(d.Tags)
	}
	return out, nil
}

func (s *Server) deregisterTaskDefinition(body []byte) (any, *apiError) {
	var in taskDefinitionRef
	if err := decode(body, &in); err != nil {
		return nil, err
	}
	if !strings.Contains(strings.TrimPrefix(in.TaskDefinition, s.arn("task-definition/")), ":") {
		return nil, invalid("A revision is required to deregister a task definition.")
	}
	d, err := s.resolve(in.TaskDefinition)
	if err != nil {
		return nil, clientError("The specified task definition does not exist.")
	}
	s.deregister(d)
	return map[string]any{"taskDefinition": d.wire()}, nil
}

// wire returns the task definition as the API shows it: whatever was registered,
// and what ECS adds to it.
func (d *taskDef) wire() map[string]any {
	m := map[string]any{}
	if d.raw != nil {
		for name, v := range d.raw {
			m[name] = v
		}
	} else {
		maps.Copy(m, d.wireMembers())
	}
	m["taskDefinitionArn"] = d.arn
	m["revision"] = d.revision
	m["status"] = "ACTIVE"
	m["compatibilities"] = d.Compatibilities
	m["registeredAt"] = epochOf(d.registeredAt)
	if d.inactive {
		m["status"] = "INACTIVE"
		m["deregisteredAt"] = epochOf(d.deregistered)
	}
	for _, list := range []string{"volumes", "placementConstraints"} {
		if m[list] == nil {
			m[list] = []any{}
		}
	}
	return m
}

// wireMembers spells out a definition that was registered in Go.
func (d *taskDef) wireMembers() map[string]any {
	containers := make([]map[string]any, 0, len(d.Containers))
	for _, c := range d.Containers {
		environment := make([]keyValue, 0, len(c.Environment))
		for _, name := range c.Environment {
			environment = append(environment, keyValue{Name: name, Value: new(string)})
		}
		secrets := make([]map[string]string, 0, len(c.Secrets))
		for _, name := range c.Secrets {
			secrets = append(secrets, map[string]string{"name": name, "valueFrom": name})
		}
		m := map[string]any{
			"name": c.Name, "image": c.Image, "cpu": c.CPU, "essential": true,
			"environment": environment, "secrets": secrets,
		}
		if c.Memory > 0 {
			m["memory"] = c.Memory
		}
		if c.MemoryReservation > 0 {
			m["memoryReservation"] = c.MemoryReservation
		}
		containers = append(containers, m)
	}
	m := map[string]any{
		"family":                  d.Family,
		"networkMode":             d.NetworkMode,
		"containerDefinitions":    containers,
		"requiresCompatibilities": d.Compatibilities,
		"volumes":                 notNil(d.Volumes),
		"placementConstraints":    notNil(d.PlacementConstraints),
	}
	settings := map[string]string{
		"cpu": d.CPU, "memory": d.Memory,
		"taskRoleArn": d.TaskRoleARN, "executionRoleArn": d.ExecutionRoleARN,
	}
	for name, v := range settings {
		if v != "" {
			m[name] = v
		}
	}
	if d.OperatingSystemFamily != "" || d.CPUArchitecture != "" {
		m["runtimePlatform"] = map[string]string{
			"operatingSystemFamily": orDefault(d.OperatingSystemFamily, "LINUX"),
			"cpuArchitecture":       orDefault(d.CPUArchitecture, "X86_64"),
		}
	}
	return m
}

// rawMembers returns the top-level members of a body, as they were written.
func rawMembers(body []byte) map[string]json.RawMessage {
	m := map[string]json.RawMessage{}
	if json.Unmarshal(body, &m) != nil {
		return nil
	}
	maps.DeleteFunc(m, func(_ string, v json.RawMessage) bool { return string(v) == "null" })
	return m
}

// notNil makes an absent list an empty one: the API answers [], never null.
func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func orDefault(s, def string) string {
	if s == "" {
		return def
	}
	return s
}
