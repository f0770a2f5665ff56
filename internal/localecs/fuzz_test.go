package localecs

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// FuzzServe sends any body to any operation, twice. Every answer must be JSON with a status
// that the API has; tasks and failures must add up to the count; the second of two equal
// requests with a token must launch nothing.
func FuzzServe(f *testing.F) {
	names := append(slices.Sorted(maps.Keys(operations)), "RunTask", "Other")
	for i, name := range names {
		f.Add(uint8(i), `{}`)
		f.Add(uint8(i), `{"cluster":"media","tasks":["`+idHex(0, idTask, 1)+`"],"task":"`+idHex(0, idTask, 1)+`","family":"a","containerDefinitions":[{"name":"x"}],"taskDefinition":"legacy","clientToken":"t","count":3}`)
		if name == "RunTask" {
			f.Add(uint8(i), `{"cluster":"media","taskDefinition":"transcode","capacityProviderStrategy":[{"capacityProvider":"FARGATE","weight":1,"base":2},{"capacityProvider":"FARGATE_SPOT","weight":2}],"count":9,"networkConfiguration":{"awsvpcConfiguration":{"subnets":["subnet-a"]}},"overrides":{"cpu":"1 vCPU","memory":"2GB","containerOverrides":[{"name":"worker","environment":[{"name":"A","value":"b"}],"resourceRequirements":[{"type":"GPU","value":"1"}]}]},"tags":[{"key":"a","value":"b"}],"volumeConfigurations":[{"name":"scratch","managedEBSVolume":{"roleArn":"arn:aws:iam::123456789012:role/r","sizeInGiB":1}}]}`)
			f.Add(uint8(i), `{"cluster":null,"count":-1,"overrides":{"containerOverrides":[null]},"tags":[null],"volumeConfigurations":[null]}`)
		}
	}
	f.Fuzz(func(t *testing.T, operation uint8, body string) {
		if len(body) > 64<<10 {
			t.Skip()
		}
		name := names[int(operation)%len(names)]
		x := newFixture(t, Options{Capacity: map[string]int{"FARGATE": 5, "asg": 2}})
		x.post("RunTask", `{"cluster":"media","taskDefinition":"legacy"}`)
		before := len(x.Tasks())
		var launched [2]int
		for i := range launched {
			m := serveFuzzed(t, x, name, body)
			n := len(x.Tasks())
			launched[i], before = n-before, n
			if name == "RunTask" && m["__type"] == nil {
				checkCount(t, body, m)
			}
		}
		if calls := x.Calls(); name == "RunTask" && calls[1].Token != "" && launched[1] > 0 {
			t.Errorf("token %q launched twice", calls[1].Token)
		}
	})
}

func serveFuzzed(t *testing.T, x *fixture, operation, body string) map[string]any {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("X-Amz-Target", targetPrefix+operation)
	w := httptest.NewRecorder()
	x.ServeHTTP(w, r)
	var m map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil {
		t.Fatalf("answer %q is no JSON object: %v", w.Body, err)
	}
	if w.Code != 200 && w.Code != 400 && w.Code != 500 {
		t.Fatalf("got status %d", w.Code)
	}
	if _, isError := m["__type"]; isError == (w.Code == 200) {
		t.Fatalf("status %d has %v", w.Code, m)
	}
	return m
}

func checkCount(t *testing.T, body string, m map[string]any) {
	t.Helper()
	in, err := decodeRunTask([]byte(body))
	if err != nil {
		t.Fatalf("accepted %q: %v", body, err)
	}
	tasks, failures := m["tasks"].([]any), m["failures"].([]any)
	if len(tasks)+len(failures) != in.count() {
		t.Errorf("got %d tasks and %d failures, want %d together", len(tasks), len(failures), in.count())
	}
}
