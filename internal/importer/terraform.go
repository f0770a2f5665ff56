package importer

import (
	"regexp"
	"slices"
	"strings"
)

// terraform is a plan, or a state, as terraform show -json prints it.
type terraform struct {
	session   *session
	root      object
	resources []tfResource
}

// tfResource is a resource with what the configuration says of it.
type tfResource struct {
	address, kind, module string
	values, expressions   object
}

func (t *terraform) wirings() []wiring {
	planned, _ := t.root["planned_values"].(object)
	if planned == nil {
		planned, _ = t.root["values"].(object)
	}
	module, _ := planned["root_module"].(object)
	configuration, _ := t.root["configuration"].(object)
	rootModule, _ := configuration["root_module"].(object)
	t.collect(module, rootModule, "")
	var out []wiring
	rules := map[string]int{} // by address and by name
	for i := range t.resources {
		r := &t.resources[i]
		switch r.kind {
		case "aws_cloudwatch_event_rule":
			rules[r.address] = len(out)
			if name, ok := r.values["name"].(string); ok {
				rules[name] = len(out)
			}
			out = append(out, t.rule(r))
		case "aws_scheduler_schedule":
			out = append(out, t.schedule(r))
		case "aws_sfn_state_machine":
			if definition, _ := r.values["definition"].(string); strings.Contains(definition, "ecs:runTask") {
				t.session.note(Lost, r.address, "a state machine that starts tasks: what it does besides has no form in a mapping")
			}
		}
	}
	for i := range t.resources {
		r := &t.resources[i]
		if r.kind != "aws_cloudwatch_event_target" {
			continue
		}
		at, ok := t.ruleOf(r, rules)
		if !ok {
			t.session.note(Lost, r.address, "the rule of this target is not in the plan")
			continue
		}
		out[at].targets = append(out[at].targets, t.target(r))
	}
	return out
}

// collect takes the resources of a module and of those in it.
func (t *terraform) collect(module, config object, prefix string) {
	byAddress := map[string]object{}
	list, _ := config["resources"].([]any)
	for _, item := range list {
		if c, ok := item.(object); ok {
			address, _ := c["address"].(string)
			byAddress[address], _ = c["expressions"].(object)
		}
	}
	list, _ = module["resources"].([]any)
	for _, item := range list {
		r, ok := item.(object)
		if !ok || r["mode"] == "data" {
			continue
		}
		address, _ := r["address"].(string)
		kind, _ := r["type"].(string)
		values, _ := r["values"].(object)
		local := withoutIndex(strings.TrimPrefix(address, prefix))
		t.resources = append(t.resources, tfResource{address, kind, prefix, values, byAddress[local]})
	}
	calls, _ := config["module_calls"].(object)
	children, _ := module["child_modules"].([]any)
	for _, item := range children {
		child, _ := item.(object)
		address, _ := child["address"].(string)
		call, _ := calls[strings.TrimPrefix(withoutIndex(strings.TrimPrefix(address, prefix)), "module.")].(object)
		inner, _ := call["module"].(object)
		t.collect(child, inner, address+".")
	}
}

var index = regexp.MustCompile(`\[[^\]]*\]`)

func withoutIndex(address string) string { return index.ReplaceAllString(address, "") }

// ruleOf finds the rule of a target by its name, or by what the configuration
// refers to.
func (t *terraform) ruleOf(r *tfResource, rules map[string]int) (int, bool) {
	if name, ok := r.values["rule"].(string); ok {
		if at, ok := rules[name]; ok {
			return at, true
		}
	}
	key := ""
	if m := regexp.MustCompile(`\[[^\]]*\]$`).FindString(r.address); m != "" {
		key = m
	}
	for _, reference := range references(r.expressions["rule"]) {
		address := r.module + strings.TrimSuffix(strings.TrimSuffix(reference, ".name"), ".id")
		for _, candidate := range []string{address, address + key} {
			if at, ok := rules[candidate]; ok {
				return at, true
			}
		}
	}
	return 0, false
}

// references are what an expression refers to. Terraform lists a reference and then
// those that it begins with: of these only the whole one counts.
func references(expression any) []string {
	e, _ := expression.(object)
	list, _ := e["references"].([]any)
	var out []string
	for _, item := range list {
		s, ok := item.(string)
		begins := func(whole string) bool {
			return strings.HasPrefix(whole, s+".") || strings.HasPrefix(whole, s+"[") || whole == s
		}
		if ok && !slices.ContainsFunc(out, begins) {
			out = append(out, s)
		}
	}
	return out
}

// value is an attribute of a resource: known, or else a parameter for what the
// configuration refers to.
func (t *terraform) value(r *tfResource, values, expressions object, name string) any {
	if v, ok := values[name]; ok && v != nil {
		return v
	}
	refs := references(expressions[name])
	if len(refs) == 0 {
		return nil
	}
	if known := t.known(r.module, refs[0]); known != "" && len(refs) == 1 {
		return known
	}
	like := refs[0]
	for i, reference := range refs {
		if strings.HasPrefix(like, "local.") || strings.HasPrefix(like, "var.") { // conditions, mostly: the resource says what it is
			like = reference
		}
		refs[i] = r.module + reference
	}
	return t.session.named(strings.Join(refs, ", "), r.module+like)
}

// known is the name that a cluster or task definition of the plan will have.
func (t *terraform) known(module, reference string) string {
	attributes := map[string]string{"aws_ecs_cluster": "name", "aws_ecs_task_definition": "family"}
	kind, _, _ := strings.Cut(reference, ".")
	for i := range t.resources {
		r := &t.resources[i]
		if r.kind == kind && strings.HasPrefix(module+reference+".", withoutIndex(r.address)+".") {
			name, _ := r.values[attributes[kind]].(string)
			return name
		}
	}
	return ""
}

// blocks are the values and the expressions of a nested block.
func blocks(values, expressions object, name string) (object, object) {
	v, e := first(values[name]), first(expressions[name])
	return v, e
}

func first(v any) object {
	if list, ok := v.([]any); ok && len(list) > 0 {
		o, _ := list[0].(object)
		return o
	}
	o, _ := v.(object)
	return o
}

// block is every attribute of a block, with parameters for what is not known.
func (t *terraform) block(r *tfResource, values, expressions object) object {
	out := object{}
	for name, v := range values {
		out[name] = v
	}
	for _, name := range sorted(expressions) {
		e := expressions[name]
		if inner := first(e); inner != nil && inner["references"] == nil && inner["constant_value"] == nil {
			v, _ := blocks(values, expressions, name)
			if len(v) > 0 || len(inner) > 0 {
				out[name] = t.block(r, v, inner)
			}
			continue
		}
		if v := t.value(r, values, expressions, name); v != nil {
			out[name] = v
		}
	}
	for name, v := range out {
		if list, ok := v.([]any); v == nil || ok && len(list) == 0 {
			delete(out, name)
		}
	}
	return out
}

func (t *terraform) rule(r *tfResource) wiring {
	get := func(name string) any { return t.value(r, r.values, r.expressions, name) }
	w := wiring{
		origin: r.address, name: r.values["name"], fallback: lastName(r.address), about: r.values["description"], bus: get("event_bus_name"),
	}
	if v, ok := r.values["is_enabled"].(bool); ok && !v || r.values["state"] == "DISABLED" {
		w.enabled = false
	}
	if p, ok := r.values["event_pattern"].(string); ok {
		w.pattern = t.session.patternOf(r.address, p)
	} else {
		w.hidden = strings.Join(references(r.expressions["event_pattern"]), ", ")
	}
	if prefix, ok := r.values["name_prefix"].(string); ok && w.name == nil && prefix != "" {
		w.name = prefix
	}
	if e := get("schedule_expression"); e != nil && e != "" {
		w.schedule = object{"expression": e}
	}
	return w
}

func lastName(address string) string {
	address = withoutIndex(address)
	return address[strings.LastIndexByte(address, '.')+1:]
}

func (t *terraform) target(r *tfResource) target {
	out := target{arn: t.value(r, r.values, r.expressions, "arn")}
	out.id, _ = r.values["target_id"].(string)
	if v, e := blocks(r.values, r.expressions, "ecs_target"); v != nil || e != nil {
		out.ecs = t.block(r, v, e)
	}
	out.input, out.inputPath = t.value(r, r.values, r.expressions, "input"), emptyIsNil(r.values["input_path"])
	if v, e := blocks(r.values, r.expressions, "input_transformer"); v != nil {
		out.paths, _ = v["input_paths"].(object)
		out.template = t.value(r, v, e, "input_template")
	}
	out.retry = retryOf(first(r.values["retry_policy"]))
	if d := first(r.values["dead_letter_config"]); len(d) > 0 {
		out.deadLetters = d
	}
	return out
}

func emptyIsNil(v any) any {
	if v == "" {
		return nil
	}
	return v
}

func retryOf(policy object) object {
	return object{
		"MaximumRetryAttempts": policy["maximum_retry_attempts"], "MaximumEventAgeInSeconds": policy["maximum_event_age_in_seconds"],
	}
}

func (t *terraform) schedule(r *tfResource) wiring {
	get := func(name string) any { return t.value(r, r.values, r.expressions, name) }
	api := object{
		"Name": r.values["name"], "Description": r.values["description"], "State": r.values["state"],
		"ScheduleExpression": get("schedule_expression"), "ScheduleExpressionTimezone": get("schedule_expression_timezone"),
		"GroupName": get("group_name"), "StartDate": get("start_date"), "EndDate": get("end_date"),
		"ActionAfterCompletion": r.values["action_after_completion"],
	}
	if w := first(r.values["flexible_time_window"]); w != nil {
		api["FlexibleTimeWindow"] = object{"Mode": w["mode"], "MaximumWindowInMinutes": w["maximum_window_in_minutes"]}
	}
	w := t.session.apiSchedule(r.address, api)
	w.origin, w.fallback = r.address, lastName(r.address)
	v, e := blocks(r.values, r.expressions, "target")
	out := target{arn: t.value(r, v, e, "arn"), input: t.value(r, v, e, "input"), retry: retryOf(first(v["retry_policy"]))}
	if ev, ee := blocks(v, e, "ecs_parameters"); ev != nil {
		out.ecs = t.block(r, ev, ee)
	}
	if d := first(v["dead_letter_config"]); len(d) > 0 {
		out.deadLetters = d
	}
	if arn, ok := out.arn.(string); ok && strings.HasSuffix(arn, ":aws-sdk:ecs:runTask") {
		t.session.universal(&out)
	}
	w.targets = []target{out}
	return w
}
