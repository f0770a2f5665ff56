package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/taskbridge/taskbridge/bench/internal/cold"
	"github.com/taskbridge/taskbridge/bench/internal/contender"
	"github.com/taskbridge/taskbridge/bench/internal/endpoint"
)

func main() {
	endpoint.Main()
	rounds := flag.Int("rounds", 20, "")
	tls := flag.Bool("tls", false, "")
	flag.Parse()
	dir, err := os.MkdirTemp("", "taskbridge-bench-")
	check(err)
	defer os.RemoveAll(dir)
	set, err := contender.New(".", dir)
	check(err)
	var all []*contender.Contender
	add := func(c *contender.Contender, err error) { check(err); all = append(all, c) }
	add(set.HandCoded())
	for _, n := range []int{1, 20, 200, 2000} {
		add(set.Taskbridge(n))
	}
	add(set.Glue(20))
	c, why := set.Boto3()
	if c != nil {
		all = append(all, c)
	}
	fmt.Println(why)
	var cert string
	var env []string
	if *tls {
		cert, env, err = set.Certificate()
		check(err)
	}
	r, err := cold.Measure(context.Background(), all, *rounds, cert, env)
	check(err)
	fmt.Println(r.Tables(all, all[0]))
	fmt.Println(cold.Sizes(all, all[0]))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
