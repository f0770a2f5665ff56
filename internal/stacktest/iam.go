package stacktest

import (
	"fmt"
	"strings"
)

// A Call is what a policy is asked about.
type Call struct {
	Service  string // the principal that calls, for a resource's own policy
	Action   string
	Resource string
	Context  map[string]string // condition keys; one that is not here is absent
}

// Allows answers as IAM does for the statements of policy documents: a matching
// Deny wins, and nothing is allowed that no Allow matches. A condition operator
// that is not known here is an error, not a guess.
func Allows(documents []any, c Call) (bool, error) {
	allowed := false
	for _, d := range documents {
		for _, s := range many(object(d)["Statement"]) {
			statement := object(s)
			applies, err := c.applies(statement)
			if err != nil {
				return false, err
			}
			if applies && statement["Effect"] == "Deny" {
				return false, nil
			}
			allowed = allowed || applies
		}
	}
	return allowed, nil
}

func (c *Call) applies(s map[string]any) (bool, error) {
	if p, ok := s["Principal"]; ok && p != "*" {
		found := false
		for _, service := range many(object(p)["Service"]) {
			found = found || service == c.Service
		}
		if !found {
			return false, nil
		}
	}
	if !matchesAny(s["Action"], strings.ToLower(c.Action), true) || !matchesAny(s["Resource"], c.Resource, false) {
		return false, nil
	}
	for operator, tests := range object(s["Condition"]) {
		for key, wanted := range object(tests) {
			ok, err := c.holds(operator, key, wanted)
			if err != nil || !ok {
				return false, err
			}
		}
	}
	return true, nil
}

func (c *Call) holds(operator, key string, wanted any) (bool, error) {
	value, present := c.Context[key]
	if base, ok := strings.CutSuffix(operator, "IfExists"); ok {
		if !present {
			return true, nil
		}
		operator = base
	}
	if !present {
		return false, nil
	}
	for _, w := range many(wanted) {
		text := fmt.Sprint(w)
		switch operator {
		case "StringEquals", "Bool":
			if text == value {
				return true, nil
			}
		case "ArnEquals", "ArnLike", "StringLike": // the two for ARNs are the same: IAM user guide
			if wildcard(text, value) {
				return true, nil
			}
		default:
			return false, fmt.Errorf("unknown condition operator %s", operator)
		}
	}
	return false, nil
}

func matchesAny(patterns any, value string, fold bool) bool {
	for _, p := range many(patterns) {
		text := fmt.Sprint(p)
		if fold {
			text = strings.ToLower(text)
		}
		if wildcard(text, value) {
			return true
		}
	}
	return false
}

// wildcard matches with * for any text and ? for any character.
func wildcard(pattern, value string) bool {
	for i := 0; i < len(pattern); i++ {
		switch {
		case pattern[i] == '*':
			for from := 0; i+from <= len(value); from++ {
				if wildcard(pattern[i+1:], value[i+from:]) {
					return true
				}
			}
			return false
		case i >= len(value) || pattern[i] != '?' && pattern[i] != value[i]:
			return false
		}
	}
	return len(pattern) == len(value)
}

// RolePolicies are the policy documents of a role: its inline policies and those
// attached to it by AWS::IAM::Policy and AWS::IAM::RolePolicy.
func (t *Template) RolePolicies(roleID string) []any {
	var documents []any
	for _, p := range many(t.Resources[roleID].Properties["Policies"]) {
		documents = append(documents, object(p)["PolicyDocument"])
	}
	for _, p := range t.Of("AWS::IAM::Policy") {
		for _, role := range many(p.Properties["Roles"]) {
			if role == roleID {
				documents = append(documents, p.Properties["PolicyDocument"])
			}
		}
	}
	return documents
}
