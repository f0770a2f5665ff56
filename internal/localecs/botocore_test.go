//go:build botocore

package localecs

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	runtask "github.com/taskbridge/taskbridge/internal/task"
)

// botocorePython is what `make botocore` installs botocore for.
const botocorePython = "../../.venv/botocore/bin/python"

// botocore returns what botocore has against each of the requests.
func botocore(t *testing.T, requests [][]byte) []string {
	t.Helper()
	if _, err := os.Stat(botocorePython); err != nil {
		t.Fatalf("botocore is not installed, run make botocore: %v", err)
	}
	cmd := exec.Command(botocorePython, "testdata/validate_runtask.py")
	cmd.Stdin = bytes.NewReader(bytes.Join(requests, []byte("\n")))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	answers := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(answers) != len(requests) {
		t.Fatalf("got %d answers to %d requests", len(answers), len(requests))
	}
	return answers
}

// Whatever Validate accepts, botocore accepts: its model is the one that aws ecs run-task checks
// --cli-input-json by.
func TestBotocoreAcceptsWhatValidateAccepts(t *testing.T) {
	d := &dice{rand: rand.New(rand.NewPCG(3, 3))}
	var requests [][]byte
	members := map[string]bool{}
	for len(requests) < 20_000 {
		r := d.request()
		if runtask.Validate(r) != nil {
			continue
		}
		body, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		requests = append(requests, body)
		note(t, body, members)
	}
	for i, answer := range botocore(t, requests) {
		if answer != "" {
			t.Errorf("%s\n%s", answer, clipped(requests[i]))
		}
	}
	// All that a request can hold has been shown to botocore.
	for _, name := range []string{
		"capacityProviderStrategy", "count", "enableECSManagedTags", "group", "launchType", "networkConfiguration", "overrides", "placementConstraints", "placementStrategy",
		"platformVersion", "propagateTags", "startedBy", "tags", "volumeConfigurations", "sharingStrategy", "nvidiaMps", "environmentFiles", "ephemeralStorage", "tagSpecifications",
		"terminationPolicy", "volumeInitializationRate", "memoryReservation",
	} {
		if !members[name] {
			t.Errorf("no request has %s", name)
		}
	}
}

// note adds the names of all members of a JSON value.
func note(t *testing.T, body []byte, members map[string]bool) {
	var tree any
	if err := json.Unmarshal(body, &tree); err != nil {
		t.Fatal(err)
	}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, e := range v {
				members[name] = true
				walk(e)
			}
		case []any:
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(tree)
}

// The judge is awake: it refuses what no model of RunTask allows.
func TestBotocoreRefuses(t *testing.T) {
	for _, answer := range botocore(t, [][]byte{
		[]byte(`{}`), []byte(`{"taskDefinition":1}`), []byte(`{"taskDefinition":"a","Cluster":"b"}`),
		[]byte(`{"taskDefinition":"a","overrides":{"containerOverrides":[{"environment":{"A":"b"}}]}}`),
	}) {
		if answer == "" {
			t.Error("got nothing against a bad request")
		}
	}
}
