package importer

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/taskbridge/taskbridge/internal/mapping/compile"
)

// templateJSON is a CloudFormation template in YAML as JSON, its tags written as
// the functions that they stand for.
func templateJSON(file string, data []byte) ([]byte, error) {
	doc := compile.ReadTemplate(file, data)
	if findings := doc.Findings(); len(findings) > 0 {
		return nil, findings[:1]
	}
	out, err := doc.Root().JSON()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return out, nil
}

// cloudFormation is a template: plain, of SAM, or as CDK synthesizes it.
type cloudFormation struct {
	session *session
	file    string
	root    object
	origin  string
	naming  bool // while the name of a resource is resolved
}

func (c *cloudFormation) wirings() []wiring {
	resources, _ := c.root["Resources"].(object)
	var out []wiring
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		r, ok := resources[id].(object)
		if !ok {
			continue
		}
		props, _ := r["Properties"].(object)
		kind, _ := r["Type"].(string)
		c.origin = kind + " " + id
		w, ok := c.wiring(id, kind, props)
		if !ok {
			continue
		}
		if condition, ok := r["Condition"].(string); ok {
			c.session.note(Lost, c.origin, "it exists only on the condition %s; the rule of the mapping always does", condition)
		}
		out = append(out, w)
	}
	return out
}

func (c *cloudFormation) wiring(id, kind string, props object) (wiring, bool) {
	switch kind {
	case "AWS::Events::Rule":
		p, _ := c.resolve(props).(object)
		w := c.session.apiRule(id, p)
		w.origin, w.fallback = c.origin, id
		w.targets = c.session.apiTargets(p["Targets"])
		return w, true
	case "AWS::Scheduler::Schedule":
		p, _ := c.resolve(props).(object)
		w := c.session.apiSchedule(id, p)
		w.origin, w.fallback = c.origin, id
		return w, true
	case "AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine":
		if text := fmt.Sprint(props); strings.Contains(text, "ecs:runTask") {
			how := "starts a task and goes on"
			if strings.Contains(text, "ecs:runTask.sync") || strings.Contains(text, "ecs:runTask.waitForTaskToken") {
				how = "waits for its task"
			}
			c.session.note(Lost, c.origin, "a state machine that %s: what it does besides starting it has no form in a mapping", how)
		}
	case "AWS::Pipes::Pipe":
		if text := fmt.Sprint(props); strings.Contains(text, "EcsTaskParameters") {
			c.session.note(Lost, c.origin, "a pipe with an ECS target: its source is a queue or stream; send that to the function, with accept: [sqs]")
		}
	}
	return wiring{}, false
}

// resolve is a value with its functions carried out as far as the template says
// their result; the rest becomes parameters.
func (c *cloudFormation) resolve(v any) any {
	switch v := v.(type) {
	case []any:
		out := []any{}
		for _, item := range v {
			if r := c.resolve(item); r != nil {
				out = append(out, r)
			}
		}
		return out
	case object:
		if len(v) == 1 {
			for name, arg := range v {
				if name == "Ref" || strings.HasPrefix(name, "Fn::") {
					return c.function(name, arg)
				}
			}
		}
		out := object{}
		for _, name := range sorted(v) {
			if r := c.resolve(v[name]); r != nil {
				out[name] = r
			}
		}
		return out
	case string:
		return c.dynamic(v)
	}
	return v
}

var dynamicReference = regexp.MustCompile(`\{\{resolve:[^{}]+\}\}`)

// dynamic makes parameters of the dynamic references in a string: values of SSM
// and Secrets Manager that CloudFormation fills in.
func (c *cloudFormation) dynamic(s string) any {
	found := dynamicReference.FindAllStringIndex(s, -1)
	if found == nil {
		return s
	}
	var out text
	end := 0
	for _, m := range found {
		if m[0] > end {
			out = append(out, s[end:m[0]])
		}
		out = append(out, c.session.param(strings.Trim(s[m[0]:m[1]], "{}")))
		end = m[1]
	}
	if end < len(s) {
		out = append(out, s[end:])
	}
	return joined(out)
}

func (c *cloudFormation) function(name string, arg any) any {
	switch name {
	case "Ref":
		id, _ := arg.(string)
		return c.ref(id)
	case "Fn::GetAtt":
		return c.getAtt(arg)
	case "Fn::Sub":
		return c.sub(arg)
	case "Fn::Join":
		return c.join(arg)
	case "Fn::If":
		return c.condition(arg)
	case "Fn::ImportValue":
		return c.session.param("import " + describe(c.resolve(arg)))
	case "Fn::FindInMap":
		if out, ok := c.findInMap(arg); ok {
			return out
		}
	case "Fn::Split":
		r := c.session.param(name + " " + describe(arg))
		r.param.Type = "list"
		return r
	}
	return c.session.param(strings.TrimPrefix(name, "Fn::") + " " + describe(arg))
}

// describe names what a function is given.
func describe(v any) string {
	const most = 60
	switch v := v.(type) {
	case string:
		return v
	case ref:
		return v.param.Source
	}
	var b strings.Builder
	for _, word := range regexp.MustCompile(`[A-Za-z0-9:_-]+`).FindAllString(jsonText(v), -1) {
		if b.Len()+len(word) < most {
			b.WriteString(word + " ")
		}
	}
	return strings.TrimSpace(b.String())
}

// ref is a parameter, a pseudo parameter or a resource.
func (c *cloudFormation) ref(id string) any {
	if id == "AWS::NoValue" {
		return nil
	}
	params, _ := c.root["Parameters"].(object)
	if p, ok := params[id].(object); ok {
		r := c.session.param(id)
		kind, _ := p["Type"].(string)
		if strings.HasPrefix(kind, "List<") || kind == "CommaDelimitedList" {
			r.param.Type = "list"
		}
		if d, ok := p["Default"].(string); ok && d != "" && !strings.HasPrefix(kind, "AWS::SSM") && r.param.Type == "string" {
			r.param.Default = d
		}
		return r
	}
	// The physical name of a resource, or its ARN: RunTask takes both.
	names := map[string]string{
		"AWS::ECS::TaskDefinition": "Family", "AWS::ECS::Cluster": "ClusterName", "AWS::Events::EventBus": "Name", "AWS::S3::Bucket": "BucketName",
	}
	if kind, props := c.resource(id); props[names[kind]] != nil && !c.naming {
		c.naming = true // a name that refers to another's is not followed, nor one that refers to itself
		name := c.resolve(props[names[kind]])
		c.naming = false
		if isName(name) {
			return name
		}
	}
	r := c.session.param(id)
	r.param.of, _ = c.resource(id)
	return r
}

// isName says that a value is a name: a string, or one with parameters in it.
func isName(v any) bool {
	switch v.(type) {
	case string, ref, text:
		return true
	}
	return false
}

func (c *cloudFormation) resource(id string) (kind string, props object) {
	resources, _ := c.root["Resources"].(object)
	r, _ := resources[id].(object)
	kind, _ = r["Type"].(string)
	props, _ = r["Properties"].(object)
	return kind, props
}

func (c *cloudFormation) getAtt(arg any) any {
	var id, attribute string
	switch arg := arg.(type) {
	case string:
		id, attribute, _ = strings.Cut(arg, ".")
	case []any:
		if len(arg) == 2 {
			id, _ = arg[0].(string)
			attribute, _ = arg[1].(string)
		}
	}
	kind, _ := c.resource(id)
	if attribute == "Arn" && (kind == "AWS::ECS::Cluster" || kind == "AWS::ECS::TaskDefinition") {
		if name := c.ref(id); !c.isResource(name, id) {
			return name
		}
	}
	r := c.session.param(id + "." + attribute)
	r.param.of = kind
	return r
}

// isResource says that a value is no more than the parameter for a resource.
func (c *cloudFormation) isResource(v any, id string) bool {
	r, ok := v.(ref)
	return ok && r.param.Source == id
}

var placeholder = regexp.MustCompile(`\$\{([^}]*)\}`)

// sub fills ${NAME} in; ${!NAME} is a literal ${NAME}.
func (c *cloudFormation) sub(arg any) any {
	source, _ := arg.(string)
	vars := object{}
	if list, ok := arg.([]any); ok && len(list) == 2 {
		source, _ = list[0].(string)
		vars, _ = list[1].(object)
	}
	var out text
	for source != "" {
		m := placeholder.FindStringSubmatchIndex(source)
		if m == nil {
			out = append(out, c.dynamic(source))
			break
		}
		if m[0] > 0 {
			out = append(out, c.dynamic(source[:m[0]]))
		}
		name := source[m[2]:m[3]]
		switch own, ok := vars[name]; {
		case strings.HasPrefix(name, "!"):
			out = append(out, "${"+name[1:]+"}")
		case ok:
			out = append(out, c.resolve(own))
		case strings.Contains(name, "."):
			out = append(out, c.getAtt(name))
		default:
			out = append(out, c.ref(name))
		}
		source = source[m[1]:]
	}
	return joined(out)
}

func (c *cloudFormation) join(arg any) any {
	list, _ := arg.([]any)
	if len(list) != 2 {
		return c.session.param("Join " + describe(arg))
	}
	separator, _ := list[0].(string)
	items, ok := c.resolve(list[1]).([]any)
	if !ok {
		return c.session.param("Join " + describe(arg))
	}
	var out text
	for i, item := range items {
		if i > 0 && separator != "" {
			out = append(out, separator)
		}
		out = append(out, item)
	}
	return joined(out)
}

// joined puts neighbouring strings of a text together.
func joined(t text) any {
	var out text
	for _, piece := range t {
		if inner, ok := piece.(text); ok {
			if flat, ok := joined(inner).(text); ok {
				out = append(out, flat...)
				continue
			}
			piece = joined(inner)
		}
		s, isString := piece.(string)
		if n := len(out); isString && n > 0 {
			if before, ok := out[n-1].(string); ok {
				out[n-1] = before + s
				continue
			}
		}
		out = append(out, piece)
	}
	return simple(out)
}

// condition is a value that depends on a condition of the template: a parameter.
func (c *cloudFormation) condition(arg any) any {
	list, _ := arg.([]any)
	if len(list) != 3 {
		return nil
	}
	name, _ := list[0].(string)
	c.session.note(Lost, c.origin, "a value that depends on the condition %s is a parameter: Fn::If has no form in a mapping", name)
	return c.session.param("If " + name + " " + describe(list[1]))
}

func (c *cloudFormation) findInMap(arg any) (any, bool) {
	list, _ := arg.([]any)
	at, ok := any(c.root["Mappings"]), len(list) == 3
	for _, item := range list {
		name, isName := c.resolve(item).(string)
		o, isObject := at.(object)
		if !isName || !isObject {
			return nil, false
		}
		at = o[name]
	}
	return at, ok && at != nil
}
