package main

import (
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"sync"
	"testing"

	"github.com/taskbridge/taskbridge/bench/internal/contender"
	"github.com/taskbridge/taskbridge/bench/internal/function"
	"github.com/taskbridge/taskbridge/bench/internal/wire"
)

// recorder is an ECS that keeps the last request.
type recorder struct {
	mu   sync.Mutex
	last map[string]any
}

func (r *recorder) answer(req *http.Request, body []byte, w io.Writer) error {
	if req.Method == http.MethodPost {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.last = nil
		if err := json.Unmarshal(body, &r.last); err != nil {
			return err
		}
	}
	const answer = `{"tasks":[{"taskArn":"arn:aws:ecs:eu-central-1:111122223333:task/media/1"}],"failures":[]}`
	if err := wire.Head(w, "200 OK", len(answer), "Content-Type: application/x-amz-json-1.1\r\n"); err != nil {
		return err
	}
	_, err := io.WriteString(w, answer)
	return err
}

// testSameRequest starts every contender and compares what they launch: nobody is
// measured with less to do.
func testSameRequest(t *testing.T, set *contender.Set) {
	var ecs recorder
	server, err := wire.Listen(ecs.answer)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	var want map[string]any
	one := func(c *contender.Contender, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		c.Env = append(c.Env, "AWS_ENDPOINT_URL_ECS=http://"+server.Addr())
		p, err := function.Start(c.Spec)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		if _, err := p.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, _, err := p.Invoke(t.Context(), c.Event); err != nil {
			t.Fatal(err)
		}
		ecs.mu.Lock()
		got := ecs.last
		ecs.mu.Unlock()
		if got["clientToken"] == "" {
			t.Errorf("%s: no client token", c.Name)
		}
		delete(got, "clientToken")
		normalise(got)
		if want == nil {
			want = got
		}
		if !reflect.DeepEqual(got, want) {
			a, _ := json.Marshal(got)
			b, _ := json.Marshal(want)
			t.Errorf("%s launches\n%s\n(a) launches\n%s", c.Name, a, b)
		}
	}
	one(set.HandCoded())
	one(set.Taskbridge(1))
	one(set.Glue(1))
	if python, why := set.Boto3(); python != nil {
		one(python, nil)
	} else {
		t.Log(why)
	}
}

// normalise sorts what RunTask takes in any order, and drops what says nothing:
// the variables of a container, and members that are false.
func normalise(request map[string]any) {
	for name, value := range request {
		if value == false {
			delete(request, name)
		}
	}
	overrides, _ := request["overrides"].(map[string]any)
	containers, _ := overrides["containerOverrides"].([]any)
	for _, c := range containers {
		container, _ := c.(map[string]any)
		variables := map[string]any{}
		list, _ := container["environment"].([]any)
		for _, v := range list {
			pair, _ := v.(map[string]any)
			name, _ := pair["name"].(string)
			variables[name] = pair["value"]
		}
		container["environment"] = variables
	}
}
