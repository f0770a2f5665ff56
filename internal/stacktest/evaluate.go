package stacktest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// evaluator evaluates CloudFormation's functions, as far as templates here use
// them. Its first error sticks.
type evaluator struct {
	mappings, conditions, resources, parameters map[string]any
	err                                         error
}

// none is AWS::NoValue.
type none struct{}

func (e *evaluator) fail(format string, args ...any) any {
	if e.err == nil {
		e.err = fmt.Errorf(format, args...)
	}
	return ""
}

func (e *evaluator) value(v any) any {
	switch v := v.(type) {
	case []any:
		out := []any{}
		for _, item := range v {
			if item = e.value(item); item != (none{}) {
				out = append(out, item)
			}
		}
		return out
	case map[string]any:
		if len(v) == 1 {
			for key, argument := range v {
				if key == "Ref" || key == "Condition" || strings.HasPrefix(key, "Fn::") {
					return e.function(key, argument)
				}
			}
		}
		out := map[string]any{}
		for key, item := range v {
			if item = e.value(item); item != (none{}) {
				out[key] = item
			}
		}
		return out
	}
	return v
}

func (e *evaluator) function(name string, argument any) any {
	switch name {
	case "Ref":
		return e.ref(fmt.Sprint(argument))
	case "Condition":
		return e.value(e.conditions[fmt.Sprint(argument)])
	case "Fn::GetAtt":
		return e.attribute(fmt.Sprint(argument.([]any)[0]), fmt.Sprint(argument.([]any)[1]))
	case "Fn::Sub":
		return e.sub(e.value(argument))
	}
	args, _ := argument.([]any)
	if name == "Fn::If" { // only the chosen one is evaluated
		if e.value(e.conditions[fmt.Sprint(args[0])]) == true {
			return e.value(args[1])
		}
		return e.value(args[2])
	}
	args, _ = e.value(argument).([]any)
	switch {
	case name == "Fn::Join" && len(args) == 2:
		var texts []string
		for _, t := range many(args[1]) {
			texts = append(texts, fmt.Sprint(t))
		}
		return strings.Join(texts, fmt.Sprint(args[0]))
	case name == "Fn::Split" && len(args) == 2:
		return list(strings.Split(fmt.Sprint(args[1]), fmt.Sprint(args[0])))
	case name == "Fn::Select" && len(args) == 2:
		i, err := strconv.Atoi(fmt.Sprint(args[0]))
		if from := many(args[1]); err == nil && i < len(from) {
			return from[i]
		}
	case name == "Fn::FindInMap" && len(args) == 3:
		row := object(object(e.mappings[fmt.Sprint(args[0])])[fmt.Sprint(args[1])])
		if v, ok := row[fmt.Sprint(args[2])]; ok {
			return v
		}
	case name == "Fn::Equals" && len(args) == 2:
		return fmt.Sprint(args[0]) == fmt.Sprint(args[1])
	case name == "Fn::Not" && len(args) == 1:
		return args[0] != true
	case name == "Fn::Or":
		return slices.Contains(args, any(true))
	}
	return e.fail("cannot evaluate %s of %v", name, argument)
}

func (e *evaluator) ref(name string) any {
	if name == "AWS::NoValue" {
		return none{}
	}
	if v, ok := e.parameters[name]; ok {
		return v
	}
	switch e.kind(name) {
	case "":
		return e.fail("nothing is called %s", name)
	case "AWS::SQS::Queue":
		return "https://sqs." + Region + ".amazonaws.com/" + Account + "/" + name
	case "AWS::SNS::Topic":
		return e.attribute(name, "Arn")
	}
	return name
}

func (e *evaluator) kind(id string) string {
	kind, _ := object(e.resources[id])["Type"].(string)
	return kind
}

// attribute is an ARN made of the logical id, or the id itself for a name.
func (e *evaluator) attribute(id, name string) any {
	kind := e.kind(id)
	place := ":" + Region + ":" + Account + ":"
	switch {
	case kind == "":
		return e.fail("nothing is called %s", id)
	case name == "QueueName":
		return id
	case name != "Arn" && name != "TopicArn":
		return id + "." + name
	}
	switch kind {
	case "AWS::SQS::Queue":
		return "arn:aws:sqs" + place + id
	case "AWS::SNS::Topic":
		return "arn:aws:sns" + place + id
	case "AWS::Lambda::Function", "AWS::Serverless::Function":
		return "arn:aws:lambda" + place + "function:" + id
	case "AWS::IAM::Role":
		return "arn:aws:iam::" + Account + ":role/" + id
	case "AWS::Logs::LogGroup":
		return "arn:aws:logs" + place + "log-group:" + id + ":*"
	}
	return "arn:" + kind + "/" + id
}

var placeholder = regexp.MustCompile(`\$\{([^}!]+)\}`)

func (e *evaluator) sub(argument any) any {
	text, variables := argument, map[string]any{}
	if args, ok := argument.([]any); ok && len(args) == 2 {
		text, variables = args[0], object(args[1])
	}
	return placeholder.ReplaceAllStringFunc(fmt.Sprint(text), func(match string) string {
		name := match[2 : len(match)-1]
		if v, ok := variables[name]; ok {
			return fmt.Sprint(v)
		}
		if id, attribute, ok := strings.Cut(name, "."); ok {
			return fmt.Sprint(e.attribute(id, attribute))
		}
		return fmt.Sprint(e.ref(name))
	})
}
