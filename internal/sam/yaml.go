package sam

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// object is a YAML mapping that keeps its order: key, value, key, value, ….
type object []any

// tagged is a value with one of CloudFormation's short tags: !Ref, !Sub, ….
type tagged struct {
	tag   string
	value any
}

func ref(name string) tagged        { return tagged{"!Ref", name} }
func attribute(name string) any     { return tagged{"!GetAtt", name} }
func noValue() tagged               { return ref("AWS::NoValue") }
func choose(args ...any) tagged     { return tagged{"!If", args} }
func not(condition any) tagged      { return tagged{"!Not", []any{condition}} }
func equals(a, b any) tagged        { return tagged{"!Equals", []any{a, b}} }
func commented(c string, v any) any { return comment{c, v} }

// comment is a value with lines above its key.
type comment struct {
	text  string
	value any
}

// sub is text in which ${…} stands for a parameter, a resource or a pseudo
// parameter; without any it is plain text, and a lone ${Name} is a reference.
func sub(text string) any {
	if !strings.Contains(text, "${") {
		return text
	}
	if name, ok := strings.CutPrefix(text, "${"); ok && strings.IndexByte(name, '}') == len(name)-1 && !strings.Contains(name, ".") {
		return ref(strings.TrimSuffix(name, "}"))
	}
	return tagged{"!Sub", text}
}

func subs(texts []string) any {
	if len(texts) == 1 {
		return sub(texts[0])
	}
	var list []any
	for _, t := range texts {
		list = append(list, sub(t))
	}
	return list
}

// node is the YAML of a value.
func node(v any) *yaml.Node {
	switch v := v.(type) {
	case object:
		n := &yaml.Node{Kind: yaml.MappingNode}
		for i := 0; i < len(v); i += 2 {
			key, value := node(v[i]), v[i+1]
			if c, ok := value.(comment); ok {
				key.HeadComment, value = c.text, c.value
			}
			n.Content = append(n.Content, key, node(value))
		}
		return n
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for _, item := range v {
			n.Content = append(n.Content, node(item))
		}
		return n
	case []string:
		n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
		for _, item := range v {
			n.Content = append(n.Content, node(item))
		}
		return n
	case []int:
		n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
		for _, item := range v {
			n.Content = append(n.Content, node(item))
		}
		return n
	case tagged:
		n := node(v.value)
		n.Tag, n.Style = v.tag, n.Style|yaml.TaggedStyle
		if n.Kind == yaml.SequenceNode && !slices.ContainsFunc(n.Content, func(c *yaml.Node) bool { return c.Kind == yaml.MappingNode }) {
			n.Style |= yaml.FlowStyle
		}
		return n
	case string:
		// Encode quotes what readers of YAML 1.1 take for something else: OFF, on, 1_0.
		n := &yaml.Node{}
		if err := n.Encode(v); err != nil {
			panic(fmt.Sprintf("taskbridge: internal error: YAML of %q: %v", v, err))
		}
		return n
	case int:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(v)}
	case float64:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.FormatFloat(v, 'f', -1, 64)}
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(v)}
	}
	panic(fmt.Sprintf("taskbridge: internal error: no YAML for %T", v))
}

// write is the document, with two spaces of indentation and lines as long as
// they are: a folded pattern would be hard to compare.
func write(head string, v any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(head)
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(node(v)); err != nil {
		return nil, err
	}
	return b.Bytes(), enc.Close()
}
