package localecs

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	runtask "github.com/taskbridge/taskbridge/internal/task"
)

// Whether RunTask takes a request has been written down twice, here and in internal/task,
// from the same specification and without knowledge of each other. Here they judge each
// other: Validate accepts a request exactly if there is an account in which the embedded ECS
// does.

// wire is v as the AWS SDK sends it, which escapes three characters otherwise than encoding/json.
func wire(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return sdkEscapes.Replace(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

type replacer struct{ *strings.Replacer }

func (r replacer) Replace(b []byte) []byte { return []byte(r.Replacer.Replace(string(b))) }

var sdkEscapes = replacer{strings.NewReplacer(`\\`, `\\`, `\b`, `\u0008`, `\f`, `\u000c`, "\x7f", `\u007f`)}

// defaults are the default strategies that a cluster may have: they decide where the tasks of
// a request run that says nothing about it.
var defaults = [][]strategyItem{nil, {{CapacityProvider: launchFargate, Weight: 1}}, {{CapacityProvider: "asg", Weight: 1}}}

// accepts reports whether there is an account in which ECS takes the request.
func accepts(body []byte) (bool, *apiError) {
	in, err := decodeRunTask(body)
	if err == nil {
		err = checkRequest(in)
	}
	if err != nil {
		return false, err
	}
	for _, strategy := range defaults {
		s := account(in, strategy)
		c, failed := s.findCluster(in.Cluster)
		if failed == nil {
			_, failed = s.resolvePlan(in, c)
		}
		if failed == nil {
			return true, nil
		}
		if err == nil {
			err = failed
		}
	}
	return false, err
}

// account is one with the cluster and the task definition that a request wants, as far as there
// can be such.
func account(in *runTaskInput, defaultStrategy []strategyItem) *Server {
	s := New(Options{})
	strategy := in.CapacityProviderStrategy
	if in.LaunchType == "" && len(strategy) == 0 {
		strategy = defaultStrategy
	}
	c := s.addCluster(strings.TrimPrefix(in.Cluster, s.arn("cluster/")))
	c.defaultStrategy = defaultStrategy
	for _, i := range strategy {
		c.providers = append(c.providers, i.CapacityProvider)
	}
	fargate := in.LaunchType == launchFargate || len(strategy) > 0 && fargateProvider(strategy[0].CapacityProvider)
	family, _, _ := strings.Cut(strings.TrimPrefix(in.TaskDefinition, s.arn("task-definition/")), ":")
	if resourceName.MatchString(family) {
		s.register(&taskDef{TaskDefinition: definition(in, family, fargate)})
	}
	return s
}

// definition is the task definition that suits the request best and that
// RegisterTaskDefinition would take.
func definition(in *runTaskInput, family string, fargate bool) TaskDefinition {
	d := TaskDefinition{
		Family: family, NetworkMode: "bridge", TaskRoleARN: testRole + "task",
		Compatibilities: []string{launchEC2, launchExternal, launchManagedInstances},
	}
	if fargate || in.NetworkConfiguration != nil && in.NetworkConfiguration.AwsvpcConfiguration != nil {
		d.NetworkMode = networkAwsvpc
	}
	if fargate {
		d.Compatibilities = []string{launchEC2, launchFargate}
		if in.PlatformVersion == platformWin {
			d.OperatingSystemFamily = "WINDOWS_SERVER_2022_CORE"
		}
		d.CPU, d.Memory = largest(in, d.windows())
	}
	for _, o := range in.containerOverrides() {
		if resourceName.MatchString(o.Name) {
			d.Containers = append(d.Containers, Container{Name: o.Name})
		}
	}
	for _, v := range in.VolumeConfigurations {
		d.Volumes = append(d.Volumes, Volume{Name: v.Name, ConfiguredAtLaunch: true})
	}
	return d
}

// largest is the largest size that a definition for Fargate can have such that the size with
// the request's overrides is one of Fargate's.
func largest(in *runTaskInput, windows bool) (cpu, memory string) {
	bestCPU, bestMemory := 0, 0
	for c, ranges := range taskSizes {
		if c > 4096 && in.PlatformVersion == platformLegacy {
			continue
		}
		for _, r := range ranges {
			for m := r.from; m <= r.to; m += r.step {
				if suits(in, c, m, windows) && (c > bestCPU || c == bestCPU && m > bestMemory) {
					bestCPU, bestMemory = c, m
				}
			}
		}
	}
	if bestCPU == 0 {
		return "1024", "2048"
	}
	return strconv.Itoa(bestCPU), strconv.Itoa(bestMemory)
}

func suits(in *runTaskInput, cpu, memory int, windows bool) bool {
	if o := in.Overrides; o != nil && o.CPU != nil {
		if c, _ := parseCPU(*o.CPU); c != cpu {
			return false
		}
	}
	if o := in.Overrides; o != nil && o.Memory != nil {
		if m, _ := parseMemory(*o.Memory); m != memory {
			return false
		}
	}
	return isFargateSize(cpu, memory, windows)
}

// agree compares the two verdicts about one request and returns the codes of Validate's.
func agree(t *testing.T, r *runtask.Request) []string {
	t.Helper()
	body := wire(r)
	ours := runtask.Validate(r)
	ok, theirs := accepts(body)
	if ok != (ours == nil) {
		t.Fatalf("task.Validate: %v\nembedded ECS: %v\nrequest: %s", ours, theirs, clipped(body))
	}
	return codes(ours)
}

func codes(err error) []string {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	var list []string
	for _, e := range joined.Unwrap() {
		var limit *runtask.LimitError
		if errors.As(e, &limit) {
			list = append(list, limit.Code)
		}
	}
	return list
}

func clipped(b []byte) string {
	if len(b) > 2000 {
		return string(b[:2000]) + "…"
	}
	return string(b)
}

// More than the usual: make agree REQUESTS=10000000 SEED=2.
var (
	agreementRequests = flag.Int("requests", 100_000, "how many requests TestAgreement makes")
	agreementSeed     = flag.Uint64("seed", 1, "what TestAgreement makes them of")
)

func TestAgreement(t *testing.T) {
	const shards = 4
	requests := *agreementRequests / shards
	var results [shards]tally
	t.Run("shards", func(t *testing.T) {
		for i := range shards {
			t.Run(strconv.Itoa(i), func(t *testing.T) {
				t.Parallel()
				results[i] = tallied(t, &dice{rand: rand.New(rand.NewPCG(*agreementSeed, uint64(i)))}, requests)
			})
		}
	})
	accepted, alone := 0, map[string]int{}
	for _, r := range results {
		accepted += r.accepted
		for code, n := range r.alone {
			alone[code] += n
		}
	}
	t.Logf("%d requests, of which both accept %d; seed %d", shards*requests, accepted, *agreementSeed)
	if requests*shards < 50_000 {
		return // too few to say something about the generator
	}
	// A generator that makes too few good or too few bad requests tests nothing.
	if all := shards * requests; accepted < all/4 || accepted > all*3/4 {
		t.Errorf("%d of %d requests are accepted", accepted, all)
	}
	// A rule that is missing on either side is noticed if there is a request that breaks it and
	// no other.
	for _, code := range ruleCodes(t) {
		if alone[code] == 0 && !slices.Contains(notGenerated, code) {
			t.Errorf("no request breaks %s alone", code)
		}
	}
}

type tally struct {
	accepted int
	alone    map[string]int // requests that break one rule and no other, by its code
}

func tallied(t *testing.T, d *dice, requests int) tally {
	r := tally{alone: map[string]int{}}
	for range requests {
		list := agree(t, d.request())
		slices.Sort(list)
		switch list = slices.Compact(list); len(list) {
		case 0:
			r.accepted++
		case 1:
			r.alone[list[0]]++
		}
	}
	return r
}

// FuzzAgreement looks for requests about which Validate and the embedded ECS disagree.
func FuzzAgreement(f *testing.F) {
	for seed := range uint64(200) {
		d := rand.New(rand.NewPCG(seed, 2))
		b := make([]byte, 64)
		for i := range b {
			b[i] = byte(d.Uint32())
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d := &dice{bytes: b, rand: rand.New(rand.NewPCG(uint64(len(b)), 3))}
		for range 3 {
			agree(t, d.request())
		}
	})
}
