package cli

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/mapping/derive"
	"github.com/taskbridge/taskbridge/internal/verify"
)

func iamVerb() verb {
	return verb{
		name:     "iam",
		summary:  "print the permissions that launches take",
		synopsis: []string{"(--pass-role ARN… | --pass-role none) [flags] [FILE]", "--lock FILE [flags] [FILE]"},
		about: "prints the IAM policy that the function needs for the launches of a mapping, and no more: RunTask on the task " +
			"definitions and clusters that it names, PassRole on its roles, and what else a rule needs.\n\n" +
			"RunTask also passes the roles that a task definition itself names. The mapping does not know them: name each with " +
			"--pass-role, or say none, or have them read from the lock that verify --write-lock wrote.\n\n" +
			"Without --account and --region the policy has CloudFormation's ${AWS::AccountId} and ${AWS::Region} in their place.",
		operands: fileOperands,
		exits:    "0 printed; 1 there are findings, or a value that is no name; 2 the command line lacks something; 3 a file could not be read.",
		examples: []string{"taskbridge iam --pass-role arn:aws:iam::111122223333:role/worker --explain"},
		output:   []any{statement{}},
		bind: func(f *flags) runner {
			o := &iamOptions{}
			f.list(&o.roles, "pass-role", "ARN", "a task or execution role of the task definitions; none if they have no role")
			f.text(&o.lock, "lock", "FILE", "a lock that has seen the task definitions, and so their roles")
			f.list(&o.env, "env", "NAME=VALUE", "a variable of the function that decides what is launched where")
			f.text(&o.account, "account", "ID", "the account that the function runs in")
			f.text(&o.region, "region", "NAME", "the Region that it runs in")
			f.text(&o.partition, "partition", "NAME", "that of ARNs; follows from the Region")
			f.bool(&o.explain, "explain", "name the rule and the field behind each statement")
			f.choice(&o.format, "format", "json: with --explain, the statements with their reasons as JSON", "text", "json")
			o.params.declare(f)
			return func(c *Command, files []string) int { return c.iam(o, files) }
		},
	}
}

type iamOptions struct {
	params                     paramFlags
	roles, env                 list
	account, region, partition string
	lock                       string
	explain                    bool
	format                     string
}

// statement is a derive.Statement in the JSON output of --explain.
type statement struct {
	Sid        string      `json:"sid" doc:"as in the policy"`
	Actions    []string    `json:"actions" doc:"what is allowed"`
	Resources  []string    `json:"resources" doc:"on what"`
	Conditions []condition `json:"conditions" doc:"under all of these"`
	Because    []reason    `json:"because" doc:"each field of a rule that needs the statement"`
}

type condition struct {
	Operator string   `json:"operator" doc:"of IAM"`
	Key      string   `json:"key" doc:"condition key"`
	Values   []string `json:"values" doc:"any of them"`
}

type reason struct {
	Rule  string `json:"rule,omitempty" doc:"absent for what the command line says"`
	Pos   string `json:"pos,omitempty" doc:"of the rule: line:col in the mapping"`
	Field string `json:"field" doc:"of RunTask, or a key of the rule"`
	Value string `json:"value,omitempty" doc:"of the field, as the mapping and the environment give it"`
}

func (c *Command) iam(o *iamOptions, files []string) int {
	if status := c.checkPlace(o); status != ExitOK {
		return status
	}
	env, status := c.variables(o.env)
	if status != ExitOK {
		return status
	}
	plan, status := c.onePlan("iam", files, &o.params)
	if plan == nil {
		return status
	}
	lookup := func(name string) (derive.Value, bool) {
		value, ok := env[name]
		return derive.Value{Text: value}, ok
	}
	roles, status := c.passRoles(o, plan, lookup)
	if status != ExitOK {
		return status
	}
	statements, err := derive.PermissionsOf(plan, derive.Options{PassRoles: roles, Env: lookup})
	if err != nil {
		c.errorf("%v", err)
		if strings.Contains(err.Error(), "environment variable is not given") {
			c.hintf("give it with --env NAME=VALUE")
		}
		return ExitFailed
	}
	return c.printPolicy(o, plan, statements)
}

var (
	accountID = regexp.MustCompile(`^\d{12}$`)
	regionID  = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-\d$`)
)

// checkPlace refuses what is no account or Region, and finds the partition.
func (c *Command) checkPlace(o *iamOptions) int {
	switch {
	case o.account != "" && !accountID.MatchString(o.account):
		return c.usageError("", "--account takes twelve digits, got %q", o.account)
	case o.region != "" && !regionID.MatchString(o.region):
		return c.usageError("", "--region takes a Region such as eu-central-1, got %q", o.region)
	case o.partition != "" || o.region == "":
	case strings.HasPrefix(o.region, "cn-"):
		o.partition = "aws-cn"
	case strings.HasPrefix(o.region, "us-gov-"):
		o.partition = "aws-us-gov"
	default:
		o.partition = "aws"
	}
	return ExitOK
}

// variables are the values of --env.
func (c *Command) variables(pairs list) (map[string]string, int) {
	env := map[string]string{}
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, c.usageError("", "--env takes NAME=VALUE, got %q", pair)
		}
		env[name] = value
	}
	return env, ExitOK
}

// passRoles are the roles of the task definitions. That they were forgotten would
// show at the first launch only, as AccessDenied, so they have to be said.
func (c *Command) passRoles(o *iamOptions, plan *mapping.Plan, env func(string) (derive.Value, bool)) ([]derive.Value, int) {
	named := []string(o.roles)
	switch {
	case o.lock != "" && len(named) > 0:
		return nil, c.usageError("", "--lock and --pass-role exclude each other")
	case o.lock != "":
		var status int
		if named, status = c.lockedRoles(o.lock, plan, env); status != ExitOK {
			return nil, status
		}
	case len(named) == 0:
		return nil, c.usageError("name each with --pass-role ARN, or write --pass-role none, or give the lock of taskbridge verify --write-lock with --lock; "+
			"aws ecs describe-task-definition shows them as executionRoleArn and taskRoleArn",
			"the roles of the task definitions of %s are not known: RunTask passes them too", plan.File)
	case len(named) == 1 && named[0] == "none":
		return nil, ExitOK
	}
	var roles []derive.Value
	for _, role := range named {
		roles = append(roles, derive.Value{Text: role})
	}
	return roles, ExitOK
}

// lockedRoles are the roles of the mapping's task definitions in a lock.
func (c *Command) lockedRoles(file string, plan *mapping.Plan, env func(string) (derive.Value, bool)) ([]string, int) {
	text, err := c.read(file)
	if err != nil {
		return nil, c.fail(err)
	}
	lock, err := verify.ReadLock(text)
	if err != nil {
		return nil, c.fail(err)
	}
	definitions, err := derive.TaskDefinitions(plan, env)
	if err != nil {
		c.errorf("%v", err)
		c.hintf("give it with --env NAME=VALUE")
		return nil, ExitFailed
	}
	roles, err := lock.PassRoles(definitions)
	if err != nil {
		c.errorf("%v", err)
		c.hintf("taskbridge verify --write-lock writes it anew")
		return nil, ExitFailed
	}
	return roles, ExitOK
}

func (c *Command) printPolicy(o *iamOptions, plan *mapping.Plan, statements []derive.Statement) int {
	place := strings.NewReplacer(
		derive.AccountID, or(o.account, derive.AccountID), derive.Region, or(o.region, derive.Region), derive.Partition, or(o.partition, derive.Partition),
	).Replace
	if o.explain && o.format == "json" {
		return c.done(c.writeJSON(explained(plan, statements, place)))
	}
	if !o.explain {
		policy, err := derive.Policy(statements, place)
		if err != nil {
			return c.fail(err)
		}
		_, err = fmt.Fprintf(c.Stdout, "%s\n", policy)
		return c.done(err)
	}
	var b strings.Builder
	for i, s := range explained(plan, statements, place) {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s: allow %s\n", s.Sid, strings.Join(s.Actions, ", "))
		for _, r := range s.Resources {
			fmt.Fprintf(&b, "  on %s\n", r)
		}
		for _, cond := range s.Conditions {
			fmt.Fprintf(&b, "  if %s %s %s\n", cond.Key, cond.Operator, strings.Join(cond.Values, " or "))
		}
		for _, r := range s.Because {
			if r.Rule == "" {
				fmt.Fprintf(&b, "  because of the %s: %s\n", r.Field, r.Value)
				continue
			}
			fmt.Fprintf(&b, "  because of rule %q (%s:%s): %s\n", r.Rule, plan.File, r.Pos, strings.TrimSpace(r.Field+" "+r.Value))
		}
	}
	_, err := fmt.Fprint(c.Stdout, b.String())
	return c.done(err)
}

func or(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}

// done is the exit status of what ends with printing.
func (c *Command) done(err error) int {
	if err != nil {
		return c.fail(err)
	}
	return ExitOK
}

func explained(plan *mapping.Plan, statements []derive.Statement, place func(string) string) []statement {
	pos := map[string]string{}
	for i := range plan.Rules {
		pos[plan.Rules[i].Name] = plan.Rules[i].Pos
	}
	out := make([]statement, 0, len(statements))
	for _, s := range statements {
		e := statement{Sid: s.Sid, Actions: s.Actions, Resources: placed(s.Resources, place), Conditions: []condition{}}
		for _, cond := range s.Conditions {
			e.Conditions = append(e.Conditions, condition{cond.Operator, cond.Key, placed(cond.Values, place)})
		}
		for _, r := range s.Because {
			e.Because = append(e.Because, reason{r.Rule, pos[r.Rule], r.Field, r.Value})
		}
		out = append(out, e)
	}
	return out
}

func placed(list []string, place func(string) string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = place(s)
	}
	return out
}
