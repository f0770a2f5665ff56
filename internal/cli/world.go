package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/taskbridge/taskbridge/internal/dispatch"
	"github.com/taskbridge/taskbridge/internal/event"
	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/localecs"
	"github.com/taskbridge/taskbridge/internal/locallambda"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/scan"
)

// startFunction makes everything that the function needs around it. Nothing of
// it survives close.
func (c *Command) startFunction(o *runOptions, plan *mapping.Plan) (*function, error) {
	bootstrap, err := c.findBootstrap(o)
	if err != nil {
		return nil, err
	}
	planPath, removePlan, err := writePlan(plan)
	if err != nil {
		return nil, err
	}
	f := &function{
		cleanup: removePlan, rules: rulesOf(plan), lines: map[string][]logLine{}, done: map[string]chan struct{}{}, seen: map[string]bool{},
	}
	env := []string{
		"TASKBRIDGE_PLAN=" + planPath, "AWS_LAMBDA_LOG_FORMAT=JSON", "AWS_LAMBDA_LOG_LEVEL=DEBUG",
		dispatch.EnvNamespace + "=off", dispatch.EnvSQSReply + "=" + string(dispatch.SQSPartial),
		dispatch.EnvParallel + "=1", // a run comes out the same each time
	}
	if o.live {
		env = append(env, c.liveEnv()...)
	} else {
		if f.ecs, err = startECS(plan, c.functionEnv(o.env)); err != nil {
			f.cleanup()
			return nil, err
		}
		f.cleanup = func() { f.ecs.close(); removePlan() }
		env = append(env, "AWS_ENDPOINT_URL_ECS="+f.ecs.url, "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local")
	}
	for _, name := range environmentOf(plan) {
		if value, ok := c.functionEnv(o.env)(name); ok {
			env = append(env, name+"="+value)
		}
	}
	env = append(env, o.env...)
	cfg := locallambda.Config{Bootstrap: bootstrap, Env: env, Timeout: o.timeout, Output: f.output}
	if region, ok := c.env("AWS_REGION"); ok && o.live {
		cfg.Region = region
	}
	if f.lambda, err = locallambda.New(cfg); err != nil {
		f.cleanup()
		return nil, err
	}
	return f, nil
}

// endpoint names where tasks were started.
func (f *function) endpoint() string {
	if f.ecs == nil {
		return "Amazon ECS"
	}
	return "the embedded ECS"
}

func (f *function) tasks() int { return len(f.ecs.server.Tasks()) }

// embedded is an ECS endpoint on a loopback port.
type embedded struct {
	server *localecs.Server
	http   *http.Server
	url    string
}

// startECS serves an embedded ECS that has what the plan refers to: taken at its
// word, since only an account can say what is really there.
func startECS(plan *mapping.Plan, env func(string) (string, bool)) (*embedded, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("embedded ECS: %w", err)
	}
	e := &embedded{server: localecs.New(localecs.Options{}), url: "http://" + listener.Addr().String()}
	furnish(e.server, plan, env)
	e.http = &http.Server{Handler: e.server, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		// The error is always that close has been called.
		_ = e.http.Serve(listener)
	}()
	return e, nil
}

func (e *embedded) close() { _ = e.http.Close() }

// furnish makes the clusters and task definitions that the rules name, with the
// containers and the network mode that their requests imply.
func furnish(server *localecs.Server, plan *mapping.Plan, env func(string) (string, bool)) {
	definitions := map[string]*localecs.TaskDefinition{}
	revisions := map[string]int{}
	clusters := map[string][]string{}
	for i := range plan.Rules {
		t := &plan.Rules[i].Task
		cluster := name(fixed(t, env, "cluster"))
		if cluster == "" {
			cluster = "default"
		}
		request, err := t.Literal()
		if err != nil {
			continue // the function says it better, and for each event
		}
		for _, p := range request.CapacityProviderStrategy {
			if !slices.Contains(clusters[cluster], p.CapacityProvider) {
				clusters[cluster] = append(clusters[cluster], p.CapacityProvider)
			}
		}
		if clusters[cluster] == nil {
			clusters[cluster] = []string{}
		}
		family, revision, _ := strings.Cut(name(fixed(t, env, "taskDefinition")), ":")
		if n, err := strconv.Atoi(revision); err == nil {
			revisions[family] = max(revisions[family], min(n, 1000))
		}
		d := definitions[family]
		if d == nil {
			d = &localecs.TaskDefinition{Family: family, NetworkMode: "awsvpc", CPU: "256", Memory: "512"}
			d.TaskRoleARN, d.ExecutionRoleARN = role("task"), role("execution")
			definitions[family] = d
		}
		describe(d, t)
	}
	for cluster, providers := range clusters {
		server.CreateCluster(cluster, providers...)
	}
	for family, d := range definitions {
		if len(d.Containers) == 0 {
			d.Containers = []localecs.Container{{Name: "main"}}
		}
		for range max(revisions[family], 1) {
			server.RegisterTaskDefinition(*d)
		}
	}
}

func role(name string) string { return "arn:aws:iam::123456789012:role/" + name }

// describe adds to d what the request of a template implies.
func describe(d *localecs.TaskDefinition, t *mapping.Template) {
	request, err := t.Literal()
	if err != nil {
		return
	}
	if request.NetworkConfiguration == nil {
		d.NetworkMode = "bridge"
	}
	if request.LaunchType != "" && request.LaunchType != "FARGATE" {
		d.Compatibilities = []string{"EC2", "EXTERNAL"}
	}
	for _, v := range request.VolumeConfigurations {
		d.Volumes = append(d.Volumes, localecs.Volume{Name: v.Name, ConfiguredAtLaunch: true})
	}
	if request.Overrides == nil {
		return
	}
	for _, o := range request.Overrides.ContainerOverrides {
		if !slices.ContainsFunc(d.Containers, func(c localecs.Container) bool { return c.Name == o.Name }) {
			d.Containers = append(d.Containers, localecs.Container{Name: o.Name})
		}
	}
}

// name is the last part of an ARN, or the name itself.
func name(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }

// fixed is the value of a field of the request that no event decides; "" if it
// is not there.
func fixed(t *mapping.Template, env func(string) (string, bool), field string) string {
	for i := range t.Fields {
		f := &t.Fields[i]
		if f.Name != field {
			continue
		}
		if f.Value.Expr == nil {
			var s string
			_ = json.Unmarshal(f.Value.Value, &s) // the compiler has checked its type
			return s
		}
		program, err := f.Value.Expr.Bind(&scan.Paths{}, expr.Scope{Env: env})
		if err != nil || !program.Fixed() {
			return ""
		}
		v, err := program.Eval(nil)
		if err != nil {
			return ""
		}
		s, _ := v.Str()
		return s
	}
	if t.Value != nil {
		var fields map[string]json.RawMessage
		var s string
		if json.Unmarshal(t.Value, &fields) == nil {
			_ = json.Unmarshal(fields[field], &s)
		}
		return s
	}
	return ""
}

// environmentOf is the names of the variables that the plan refers to.
func environmentOf(plan *mapping.Plan) []string {
	var names []string
	for i := range plan.Rules {
		plan.Rules[i].Task.Walk(func(n *expr.Node) {
			if n.Op == expr.OpEnv && len(n.Path) == 1 && n.Path[0].Name != nil {
				names = append(names, *n.Path[0].Name)
			}
		})
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// liveEnv is what the SDK needs of the program's environment to find
// credentials, Region and endpoints.
func (c *Command) liveEnv() []string {
	var env []string
	for _, pair := range c.Environ {
		name, _, _ := strings.Cut(pair, "=")
		if name == "HOME" || strings.HasPrefix(name, "AWS_") && !strings.HasPrefix(name, "AWS_LAMBDA_") {
			env = append(env, pair)
		}
	}
	return env
}

// announce prints the calls that the payloads will lead to.
func (c *Command) announce(ctx context.Context, o *runOptions, plan *mapping.Plan, payloads []payload) error {
	region, ok := c.env("AWS_REGION")
	if !ok {
		region, ok = c.env("AWS_DEFAULT_REGION")
	}
	if !ok {
		return errors.New("--live needs a Region: set AWS_REGION")
	}
	m, err := plan.Bind(c.functionEnv(o.env))
	if err != nil {
		return err
	}
	fmt.Fprintf(c.Stderr, "taskbridge: with your credentials, in Region %s, this calls:\n", region)
	calls := 0
	for _, p := range payloads {
		batch, err := event.Parse(p.data, m.Accept)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		for _, item := range batch.Items {
			for _, e := range item.Events {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				matches, err := m.Match(e)
				if err != nil {
					return fmt.Errorf("%s: %w", p.name, err)
				}
				for _, match := range matches {
					for _, l := range match.Launches {
						if l.Err == nil {
							calls++
							fmt.Fprintf(c.Stderr, "  ecs:RunTask  rule %s, cluster %s, taskDefinition %s\n",
								match.Rule, dash(l.Request.Cluster), l.Request.TaskDefinition)
						}
					}
				}
			}
		}
	}
	if calls == 0 {
		fmt.Fprintln(c.Stderr, "  nothing: no rule matches")
	}
	return nil
}
