package task

import (
	"bytes"
	"encoding/json"
)

// OverrideBytes is the size of o as the SDK sends it: compact JSON without HTML
// escapes. Where the SDK differs from encoding/json it writes more: backspace, form
// feed and delete have six bytes. Its test has the SDK's serializer for a judge.
func OverrideBytes(o *TaskOverride) int {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(o); err != nil {
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
