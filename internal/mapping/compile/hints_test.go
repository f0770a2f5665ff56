package compile

import (
	"strings"
	"testing"
)

// TestHints wants of mistakes that people make the hint that is enough to mend
// them.
func TestHints(t *testing.T) {
	rule := func(lines string) string {
		return "version: 1\nrules:\n  - name: r\n    match: {source: [com.example]}\n" + lines
	}
	const ec2 = "    task: {taskDefinition: worker, launchType: EC2, "
	for _, c := range []struct{ name, source, place, hint string }{
		{"a field of the task beside it", rule("    taskDefinition: worker\n"), "5:5", "taskDefinition is a field of task: write it under task"},
		{"a part of the pattern beside it", rule("    detail-type: [Done]\n"), "5:5", "detail-type is a part of the pattern: write it under match"},
		{"a field of the task at the top", rule("    task: {taskDefinition: worker}\ncluster: main\n"), "6:1", "write it under defaults"},
		{"a key of a rule at the top", rule("    task: {taskDefinition: worker}\nwhen: \"true\"\n"), "6:1", "when is of a rule"},
		{"a field above its object", rule(ec2 + "command: [run]}\n"), "5:53", "command is a field of overrides.containerOverrides"},
		{"a field beside its object", rule(ec2 + "networkConfiguration: {subnets: [subnet-1]}}\n"), "5:76", "subnets is a field of awsvpcConfiguration"},
		{"a number in quotes", rule(ec2 + "count: \"2\"}\n"), "5:60", "write 2, without quotes"},
		{"a bool in quotes", rule(ec2 + "enableExecuteCommand: \"true\"}\n"), "5:75", "write true, without quotes"},
		{"a variable as NAME=VALUE", rule(ec2 + "overrides: {containerOverrides: [{name: m, environment: [A=b]}]}}\n"), "5:110", `write {name: A, value: "b"}`},
		{"a variable as an object of its own", rule(ec2 + "overrides: {containerOverrides: [{name: m, environment: [A: b]}]}}\n"), "5:110", "write {name: A, value: …}, or all of environment as an object"},
		{"a command as a text", rule(ec2 + "overrides: {containerOverrides: [{name: m, command: run it}]}}\n"), "5:105", `write ["run", "it"]`},
		{"a command as a text with an expression", rule(ec2 + "overrides: {containerOverrides: [{name: m, command: \"run ${event.id}\"}]}}\n"), "5:105", "write a list, one argument each"},
		{"an object for a list", rule(ec2 + "overrides: {containerOverrides: {name: m}}}\n"), "5:85", "begin each object with a dash"},
		{"a name with spaces", strings.Replace(rule("    task: {taskDefinition: worker}\n"), "name: r", "name: my rule", 1), "3:11", "write my-rule"},
		{"an element of a text", rule("    forEach: ${rule}\n    task: {taskDefinition: worker}\n"), "5:16", "name the list itself"},
		{"a field of the event alone", rule(ec2 + "group: \"${detail.key}\"}\n"), "5:63", "write event.detail"},
		{"a path of an input transformer", rule(ec2 + "group: $.detail.key}\n"), "5:60", "write ${event.detail.key}"},
		{"a variable of an input transformer", rule(ec2 + "overrides: {containerOverrides: [{name: m, command: [run, <key>]}]}}\n"), "5:111", "write the path in the event"},
		{"a dynamic reference", rule(ec2 + "group: \"{{resolve:ssm:/app/group}}\"}\n"), "5:60", "as a parameter"},
		{"a number that is no whole one", rule(ec2 + "count: 1.5}\n"), "5:60", ""},
		{"a duration in words", rule("    retry: {maxAge: 2 hours}\n    task: {taskDefinition: worker}\n"), "5:21", "write maxAge: 2h"},
		{"a duration that is too long", rule("    retry: {backoff: 6m}\n    task: {taskDefinition: worker}\n"), "5:22", "write backoff: 5m, the most"},
		{"too many attempts", rule("    retry: {attempts: 200}\n    task: {taskDefinition: worker}\n"), "5:23", "0 means never again"},
		{"attempts in quotes", rule("    retry: {attempts: \"2\"}\n    task: {taskDefinition: worker}\n"), "5:23", "write 2, without quotes"},
		{"a switch in words", rule("    enabled: off\n    task: {taskDefinition: worker}\n"), "5:14", "write enabled: false"},
		{"a matcher of several suffixes", rule("    task: {taskDefinition: worker}\n  - name: s\n    match: {a: [{suffix: [.png, .jpg]}]}\n    task: {taskDefinition: worker}\n"), "7:18", `[{"suffix": ".png"}, {"suffix": ".jpg"}]`},
		{"a type of another language", "version: 1\nparams: {a: {type: boolean}}\n", "2:20", "did you mean bool?"},
		{"a default of another type", "version: 1\nparams: {a: {type: string, default: 3}}\n", "2:37", `write "3"`},
		{"a field of cron", "version: 1\nrules:\n  - name: r\n    schedule: cron(0 3 * * MO *)\n", "4:15", "SUN to SAT"},
		{"a rule that is a text", "version: 1\nrules: [r]\n", "2:9", "write {key: value}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, findings := Compile("f", []byte(c.source))
			for _, f := range findings {
				if f.Pos.String() == c.place && strings.Contains(f.Hint, c.hint) {
					return
				}
			}
			t.Errorf("no finding at %s with the hint %q: %v", c.place, c.hint, findings)
		})
	}
}
