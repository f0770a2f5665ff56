package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/taskbridge/taskbridge/bench/internal/cold"
	"github.com/taskbridge/taskbridge/bench/internal/contender"
	"github.com/taskbridge/taskbridge/bench/internal/cost"
	"github.com/taskbridge/taskbridge/bench/internal/page"
	"github.com/taskbridge/taskbridge/bench/internal/perevent"
	"github.com/taskbridge/taskbridge/bench/internal/scale"
	"github.com/taskbridge/taskbridge/bench/internal/soak"
	"github.com/taskbridge/taskbridge/bench/internal/throughput"
	"github.com/taskbridge/taskbridge/bench/internal/wall"
)

// report is what has been made for the sections so far.
type report struct {
	effort
	ctx   context.Context
	dir   string
	set   *contender.Set
	grown []string
}

func (r *report) section(name string) (string, error) {
	switch name {
	case page.Machine:
		return machine(), nil
	case page.Cold:
		return r.cold(false)
	case page.ColdTLS:
		return r.cold(true)
	case page.Size:
		return r.sizesOf()
	case page.Event:
		return r.event()
	case page.Scale:
		return scale.Report(r.sizes, max(3, r.rounds/5), r.block)
	case page.Throughput:
		return r.through()
	case page.Soak:
		return r.soakTable()
	case page.Cost:
		return cost.Report(), nil
	case page.Wall:
		return wall.Report(), nil
	}
	return "", fmt.Errorf("there is no section %q", name)
}

// machine says where the figures come from.
func machine() string {
	model := "unknown CPU"
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	load := ""
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		load = fmt.Sprintf(", load %s when it began", strings.Fields(string(text))[0])
	}
	return fmt.Sprintf("%s: %d × %s, %s/%s, %s%s.", time.Now().UTC().Format("2 January 2006"), runtime.NumCPU(), model,
		runtime.GOOS, runtime.GOARCH, runtime.Version(), load)
}

// built builds the functions when they are first needed.
func (r *report) built() (*contender.Set, error) {
	if r.set == nil {
		set, err := contender.New(".", r.dir)
		if err != nil {
			return nil, err
		}
		r.set = set
	}
	return r.set, nil
}

// contenders are those of a cold start; the first is what the others are compared
// with.
func (r *report) contenders() ([]*contender.Contender, error) {
	set, err := r.built()
	if err != nil {
		return nil, err
	}
	base, err := set.HandCoded()
	if err != nil {
		return nil, err
	}
	all := []*contender.Contender{base}
	for _, n := range r.rules {
		c, err := set.Taskbridge(n)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	glue, err := set.Glue(20)
	if err != nil {
		return nil, err
	}
	return append(all, glue), nil
}

func (r *report) cold(tls bool) (string, error) {
	all, err := r.contenders()
	if err != nil {
		return "", err
	}
	var certificate string
	var env []string
	if tls {
		if certificate, env, err = r.set.Certificate(); err != nil {
			return "", err
		}
	}
	results, err := cold.Measure(r.ctx, all, r.starts, certificate, env)
	if err != nil {
		return "", err
	}
	text := results.Tables(all, all[0])
	python, why := r.set.Boto3()
	if python == nil {
		return text + "\n" + why + ".\n", nil
	}
	two := []*contender.Contender{all[0], python}
	if results, err = cold.Measure(r.ctx, two, r.pythonStarts, certificate, env); err != nil {
		return "", err
	}
	return text + "\nPython in rounds of its own:\n\n" + results.Tables(two, all[0]), nil
}

func (r *report) sizesOf() (string, error) {
	all, err := r.contenders()
	if err != nil {
		return "", err
	}
	return cold.Sizes(all, all[0]), nil
}

func (r *report) event() (string, error) {
	code, err := perevent.Report(r.ctx, r.rounds, r.block)
	if err != nil {
		return "", err
	}
	all, err := r.contenders()
	if err != nil {
		return "", err
	}
	if python, _ := r.set.Boto3(); python != nil {
		all = append(all, python)
	}
	processes, err := perevent.Processes(r.ctx, all, r.rounds, max(1, int(r.block/(500*time.Microsecond))))
	return code + "\n" + processes, err
}

func (r *report) through() (string, error) {
	set, err := r.built()
	if err != nil {
		return "", err
	}
	c, err := set.Taskbridge(throughput.Rules)
	if err != nil {
		return "", err
	}
	var results []throughput.Result
	for _, s := range r.setups {
		result, err := throughput.Measure(r.ctx, c, s, r.throughput)
		if err != nil {
			return "", err
		}
		results = append(results, result)
	}
	return throughput.Table(results), nil
}

func (r *report) soakTable() (string, error) {
	set, err := r.built()
	if err != nil {
		return "", err
	}
	c, err := set.Taskbridge(soak.Rules)
	if err != nil {
		return "", err
	}
	result, err := soak.Run(r.ctx, c, r.soak)
	if err != nil {
		return "", err
	}
	r.grown = result.Grown()
	return result.Table(), nil
}

// verdict is an error if the function grew under the soak: that does not depend
// on how busy the machine was.
func (r *report) verdict() error {
	if len(r.grown) > 0 {
		return fmt.Errorf("the function grew: %s", strings.Join(r.grown, "; "))
	}
	return nil
}
