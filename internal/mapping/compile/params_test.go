package compile

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/mapping"
)

const withParams = `version: 1
params:
  bucket: {type: string}
  stage: {type: string, default: dev, enum: [dev, prod]}
  live: {type: bool, default: true}
  shards: {type: int, default: 2}
  subnets: {type: list, default: [subnet-1]}
  at: {type: string, default: rate(1 hour)}
rules:
  - name: a
    description: In ${param.stage}
    enabled: ${param.live}
    bus: imports-${param.stage}
    match:
      source: [com.example]
      detail: {bucket: {name: ["${param.bucket}", "x-${param.bucket}"]}, n: [{numeric: [">", "${param.shards}"]}], s: "${param.subnets}"}
    retry: {attempts: "${param.shards}"}
    task:
      taskDefinition: convert-${param.stage}
      count: ${param.shards}
      networkConfiguration: {awsvpcConfiguration: {subnets: "${param.subnets}"}}
      group: ${param.subnets.join("+")}/${string(param.shards + 1)}
  - name: b
    schedule: ${param.at}
    task: {taskDefinition: report}
`

// TestParams binds values of every type and looks for them in the plan, which is
// literal.
func TestParams(t *testing.T) {
	tests := []struct {
		name   string
		params map[string]any
		want   []string // in the plan
	}{
		{"defaults", map[string]any{"bucket": "b"}, []string{
			`"In dev"`, `"bus":"imports-dev"`, `"name":["b","x-b"]`, `[">",2]`, `"s":["subnet-1"]`, `"attempts":2`,
			`"taskDefinition":"convert-dev"`, `"count":2`, `"subnets":["subnet-1"]`, `"group":"subnet-1/3"`, `"expression":"rate(1 hour)"`,
		}},
		{"as texts", map[string]any{"bucket": "", "stage": "prod", "live": "false", "shards": "3", "subnets": "subnet-1,subnet-2"}, []string{
			`"name":["","x-"]`, `"disabled":true`, `"count":3`, `"subnets":["subnet-1","subnet-2"]`, `convert-prod`,
		}},
		{"as JSON", map[string]any{"bucket": "b", "shards": json.Number("4"), "subnets": `["subnet-1","subnet-2"]`}, []string{`"count":4`, `"s":["subnet-1","subnet-2"]`}},
		{"as Go", map[string]any{"bucket": "b", "live": false, "shards": int32(5), "subnets": []string{"subnet-9"}}, []string{`"count":5`, `"subnets":["subnet-9"]`, `"disabled":true`}},
		{"float that is whole", map[string]any{"bucket": "b", "shards": 6.0}, []string{`"count":6`}},
		{"never read again", map[string]any{"bucket": "${param.stage}$${x}"}, []string{`"name":["${param.stage}$${x}","x-${param.stage}$${x}"]`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			plan, findings := Options{Params: tt.params}.Compile("m.yaml", []byte(withParams))
			if plan == nil || len(findings) > 0 {
				t.Fatal(findings.Text([]byte(withParams)))
			}
			text, err := json.Marshal(plan)
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			for _, r := range plan.Rules {
				b.Write(r.Match)
			}
			for _, want := range tt.want {
				if !strings.Contains(unescaped(text), want) && !strings.Contains(b.String(), want) {
					t.Errorf("no %s in\n%s", want, text)
				}
			}
			checkNoParam(t, plan)
		})
	}
}

func unescaped(text []byte) string { return strings.ReplaceAll(string(text), `\u003e`, ">") }

func checkNoParam(t *testing.T, plan *mapping.Plan) {
	t.Helper()
	for _, r := range plan.Rules {
		if r.Task.Expr != nil || len(r.Task.Fields) > 0 {
			t.Errorf("rule %s has expressions left: %+v", r.Name, r.Task)
		}
	}
}

func TestParamsRefused(t *testing.T) {
	tests := []struct {
		name   string
		params map[string]any
		want   string
	}{
		{"unbound", nil, `parameter "bucket" has no value [param-unbound]`},
		{"unknown", map[string]any{"bucket": "b", "bukket": "b"}, `parameter "bukket", which the mapping does not declare [param-unknown]`},
		{"no bool", map[string]any{"bucket": "b", "live": "yes"}, `parameter "live" is a bool`},
		{"no int", map[string]any{"bucket": "b", "shards": 1.5}, `parameter "shards" is an int`},
		{"int beyond", map[string]any{"bucket": "b", "shards": "9223372036854775808"}, `parameter "shards" is an int`},
		{"bool for text", map[string]any{"bucket": true}, `parameter "bucket" is a string`},
		{"null", map[string]any{"bucket": nil}, `parameter "bucket" is a string`},
		{"list of numbers", map[string]any{"bucket": "b", "subnets": []any{1}}, `parameter "subnets" is a list of strings`},
		{"broken list", map[string]any{"bucket": "b", "subnets": "[a"}, `parameter "subnets" is a list of strings`},
		{"none of enum", map[string]any{"bucket": "b", "stage": "prd"}, `parameter "stage" is none of dev, prod`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			plan, findings := Options{Params: tt.params}.Compile("m.yaml", []byte(withParams))
			if plan != nil || len(findings) != 1 || !strings.Contains(findings.Error(), tt.want) {
				t.Errorf("got %v, want %s and no plan", findings, tt.want)
			}
		})
	}
}

// TestSHA256OfParams: the sum is that of the file, and if it has parameters, that of
// their values too.
func TestSHA256OfParams(t *testing.T) {
	sum := func(params map[string]any) string {
		plan, findings := Options{Params: params}.Compile("m.yaml", []byte(withParams))
		if plan == nil {
			t.Fatal(findings)
		}
		return plan.SHA256
	}
	a, b := sum(map[string]any{"bucket": "b"}), sum(map[string]any{"bucket": "b", "stage": "prod"})
	if a == b || a != sum(map[string]any{"bucket": "b", "shards": "2"}) {
		t.Errorf("got %s and %s", a, b)
	}
	const minimal = "version: 1\nrules: [{name: a, schedule: rate(1 hour), task: {taskDefinition: f}}]\n"
	if plan, _ := Compile("m.yaml", []byte(minimal)); plan.SHA256 != fmt.Sprintf("%x", sha256.Sum256([]byte(minimal))) {
		t.Errorf("without parameters: got %s", plan.SHA256)
	}
}

// TestCheckWithoutValues checks a mapping whose parameters have no values: what
// could be right is no finding, what is wrong for any value is.
func TestCheckWithoutValues(t *testing.T) {
	const source = `version: 1
params:
  cidr: {type: string}                       #! param-unbound cidr
  role: {type: string}                       #! param-unbound role
  every: {type: string}                      #! param-unbound every
  attempts: {type: int}                      #! param-unbound attempts
rules:
  - name: a
    match: {detail: {ip: [{cidr: "${param.cidr}"}]}}
    retry: {attempts: "${param.attempts}", maxAge: "${param.every}"}
    allow: {cluster: ["${param.role}"]}
    task:
      taskDefinition: ${param.role}:${param.attempts}
      cluster: ${event.detail.cluster}
      count: ${param.role}                   #! field-type param.role
      overrides: {taskRoleArn: "${param.role}", cpu: "${param.every}"}
  - name: b
    schedule: ${param.every}
    bus: ${param.nope}                       #! expression-reference nope
    task: {taskDefinition: b}
`
	checkMarked(t, Options{Check: true}, source)
	good := strings.ReplaceAll(strings.ReplaceAll(source, "      count: ${param.role} ", "      #"), "    bus: ${param.nope}", "    #")
	plan, findings := Options{Check: true}.Compile("m.yaml", []byte(good))
	if plan != nil || findings.Errors() > 0 {
		t.Errorf("got plan %v, %d errors; want neither\n%s", plan, findings.Errors(), findings.Text([]byte(good)))
	}
}

func TestReadParams(t *testing.T) {
	got, findings := ReadParams("p.yaml", []byte("a: x\nb: 1\nc: true\nd: [x, 1]\ne: \"true\"\n"))
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	text, _ := json.Marshal(got)
	if want := `{"a":"x","b":"1","c":true,"d":["x","1"],"e":"true"}`; string(text) != want {
		t.Errorf("got %s, want %s", text, want)
	}
	for _, bad := range []string{"a: {b: c}", "[a]", "a: null", "a: 1\na: 2", "a: [[x]]"} {
		if _, findings := ReadParams("p.yaml", []byte(bad)); len(findings) != 1 {
			t.Errorf("%s: got %v, want one finding", bad, findings)
		}
	}
}
