package compile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// noNumber reports whether n looks like a number, but is beyond those of JSON:
// .inf, or one such as 1e400 that YAML takes for text.
func noNumber(n *node) bool {
	if n.style != 0 {
		return false
	}
	_, err := strconv.ParseFloat(n.text, 64)
	return n.tag == "!!float" && !json.Valid([]byte(n.text)) && strings.ContainsAny(n.text, "fFnN") ||
		n.tag == "!!str" && errors.Is(err, strconv.ErrRange)
}

// json is n as JSON, with numbers as they are written where JSON has that form.
func (n *node) json() (json.RawMessage, error) {
	var b bytes.Buffer
	if err := n.appendJSON(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (n *node) appendJSON(b *bytes.Buffer) error {
	switch n.kind {
	case mapNode:
		b.WriteByte('{')
		for i, m := range n.members {
			if i > 0 {
				b.WriteByte(',')
			}
			b.Write(quoted(m.key))
			b.WriteByte(':')
			if err := m.value.appendJSON(b); err != nil {
				return err
			}
		}
		b.WriteByte('}')
		return nil
	case listNode:
		b.WriteByte('[')
		for i, item := range n.items {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := item.appendJSON(b); err != nil {
				return err
			}
		}
		b.WriteByte(']')
		return nil
	}
	text, err := n.scalarJSON()
	b.Write(text)
	return err
}

func (n *node) scalarJSON() ([]byte, error) {
	switch n.tag {
	case "!!str":
		return quoted(n.text), nil
	case "!!null":
		return []byte("null"), nil
	case "!!bool":
		if text := strings.ToLower(n.text); text == "true" || text == "false" {
			return []byte(text), nil
		}
		return nil, fmt.Errorf("%s has no form in JSON", n.what())
	}
	if json.Valid([]byte(n.text)) {
		return []byte(n.text), nil
	}
	if i, err := strconv.ParseInt(n.text, 0, 64); err == nil { // 0x1f, 0o17, 1_000
		return strconv.AppendInt(nil, i, 10), nil
	}
	if f, err := strconv.ParseFloat(n.text, 64); err == nil {
		if text, err := json.Marshal(f); err == nil {
			return text, nil
		}
	}
	return nil, fmt.Errorf("%s has no form in JSON", n.text)
}

// quoted is s as JSON, without HTML escapes.
func quoted(s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic("taskbridge: internal error: a string does not marshal: " + err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
