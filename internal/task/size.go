package task

import (
	"bytes"
	"encoding/json"
)

// OverrideBytes is the size of o as the SDK sends it: compact JSON without HTML
// escapes. Where the SDK differs from encoding/json it writes more: backspace, form
// feed and delete have six bytes. Its test has the SDK's serializer for a judge.
func OverrideBytes(o *TaskOverride) int { return jsonBytes(o) }

// TextBytes is the size that a text adds to overrides, without the quotes around it.
func TextBytes(s string) int { return jsonBytes(s) - len(`""`) }

func jsonBytes(v any) int {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("taskbridge: internal error: overrides do not marshal: " + err.Error())
	}
	text := b.Bytes()
	n := len(text) - 1 // Encode ends the text with a newline
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case 0x7f:
			n += len(`\u007f`) - 1
		case '\\':
			i++
			if text[i] == 'b' || text[i] == 'f' {
				n += len(`\u0008`) - len(`\b`)
			}
		}
	}
	return n
}

// overrideBytesAtMost is no less than OverrideBytes and found without writing the
// JSON: most requests are so far from the limit that it is all one needs to know.
func overrideBytesAtMost(o *TaskOverride) int {
	const (
		task      = 200 // names, punctuation and numbers of a TaskOverride
		container = 200 // and so on
		variable  = 24
		file      = 24
		resource  = 140
		escaped   = 6 // a byte as JSON: \u0000
	)
	text := len(o.CPU) + len(o.Memory) + len(o.ExecutionRoleARN) + len(o.TaskRoleARN)
	n := task
	for i := range o.ContainerOverrides {
		c := &o.ContainerOverrides[i]
		n += container + len(`"",`)*len(c.Command) + variable*len(c.Environment) + file*len(c.EnvironmentFiles) +
			resource*len(c.ResourceRequirements)
		text += len(c.Name)
		for _, arg := range c.Command {
			text += len(arg)
		}
		for j := range c.Environment {
			if v := &c.Environment[j]; v.Value != nil {
				text += len(*v.Value)
			}
			text += len(c.Environment[j].Name)
		}
		for j := range c.EnvironmentFiles {
			text += len(c.EnvironmentFiles[j].Type) + len(c.EnvironmentFiles[j].Value)
		}
		for j := range c.ResourceRequirements {
			text += len(c.ResourceRequirements[j].Type) + len(c.ResourceRequirements[j].Value)
		}
	}
	return n + escaped*text
}
