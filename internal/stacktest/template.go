// Package stacktest judges CloudFormation templates: it reads one as
// CloudFormation would deploy it, answers what its policies allow, and drives
// events through its rules. The tests of the SAM template and of the CDK
// construct are built on it.
package stacktest

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Where the stack is deployed.
const (
	Partition = "aws"
	Region    = "eu-central-1"
	Account   = "111122223333"
	StackName = "stack"
)

// A Template is a template with every function of CloudFormation evaluated.
type Template struct {
	Resources map[string]*Resource
}

// A Resource is one resource; a property that was left out by a condition is
// not there.
type Resource struct {
	ID, Type   string
	Properties map[string]any
}

// Read reads a template, in YAML or JSON, with values for its parameters. What
// it cannot evaluate is an error.
func Read(text []byte, parameters map[string]string) (*Template, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	root, ok := long(document.Content[0]).(map[string]any)
	if !ok {
		return nil, fmt.Errorf("template is no object")
	}
	e := evaluator{mappings: object(root["Mappings"]), conditions: object(root["Conditions"]), resources: object(root["Resources"]), parameters: map[string]any{
		"AWS::Partition": Partition, "AWS::Region": Region, "AWS::AccountId": Account, "AWS::StackName": StackName, "AWS::URLSuffix": "amazonaws.com",
	}}
	for name, declared := range object(root["Parameters"]) {
		value, err := parameter(object(declared), name, parameters)
		if err != nil {
			return nil, err
		}
		e.parameters[name] = value
	}
	t := &Template{Resources: map[string]*Resource{}}
	for id, resource := range e.resources {
		r := object(resource)
		properties := e.value(r["Properties"])
		kind, _ := r["Type"].(string)
		t.Resources[id] = &Resource{ID: id, Type: kind, Properties: object(properties)}
	}
	return t, e.err
}

// parameter is the value of a parameter as its type has it.
func parameter(declared map[string]any, name string, given map[string]string) (any, error) {
	value, ok := given[name]
	if !ok {
		value, ok = declared["Default"].(string)
	}
	if !ok {
		return nil, fmt.Errorf("parameter %s has no value", name)
	}
	if declared["Type"] == "CommaDelimitedList" {
		return list(strings.Split(value, ",")), nil
	}
	return value, nil
}

// Of returns the resources of a type, sorted by logical id.
func (t *Template) Of(kind string) []*Resource {
	var found []*Resource
	for _, r := range t.Resources {
		if r.Type == kind {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b *Resource) int { return strings.Compare(a.ID, b.ID) })
	return found
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func list(texts []string) []any {
	var l []any
	for _, t := range texts {
		l = append(l, t)
	}
	return l
}

// many is a value that policies write alone or as a list.
func many(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	if v == nil {
		return nil
	}
	return []any{v}
}

// long is a YAML node as JSON has it, with CloudFormation's short tags written
// out. Numbers stay text: nothing here counts.
func long(n *yaml.Node) any {
	var v any
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			m[n.Content[i].Value] = long(n.Content[i+1])
		}
		v = m
	case yaml.SequenceNode:
		l := []any{}
		for _, item := range n.Content {
			l = append(l, long(item))
		}
		v = l
	default:
		v = n.Value
	}
	tag, ok := strings.CutPrefix(n.Tag, "!")
	switch {
	case !ok || strings.HasPrefix(tag, "!"):
		return v
	case tag == "Ref" || tag == "Condition":
		return map[string]any{tag: v}
	case tag == "GetAtt":
		id, attribute, _ := strings.Cut(v.(string), ".")
		v = []any{id, attribute}
	}
	return map[string]any{"Fn::" + tag: v}
}
