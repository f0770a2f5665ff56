package derive

import "encoding/json"

// Policy is the statements as an IAM policy document, in JSON with two spaces of
// indentation. substitute is applied to every resource and condition value; nil
// leaves them as they are.
func Policy(statements []Statement, substitute func(string) string) ([]byte, error) {
	type statement struct {
		Sid, Effect string
		Action      []string
		Resource    []string
		Condition   map[string]map[string][]string `json:",omitempty"`
	}
	document := struct {
		Version   string
		Statement []statement
	}{Version: "2012-10-17", Statement: []statement{}}
	for _, s := range statements {
		out := statement{Sid: s.Sid, Effect: "Allow", Action: s.Actions, Resource: each(s.Resources, substitute)}
		for _, c := range s.Conditions {
			if out.Condition == nil {
				out.Condition = map[string]map[string][]string{}
			}
			if out.Condition[c.Operator] == nil {
				out.Condition[c.Operator] = map[string][]string{}
			}
			out.Condition[c.Operator][c.Key] = each(c.Values, substitute)
		}
		document.Statement = append(document.Statement, out)
	}
	return json.MarshalIndent(document, "", "  ")
}

func each(list []string, f func(string) string) []string {
	if f == nil {
		return list
	}
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = f(s)
	}
	return out
}
