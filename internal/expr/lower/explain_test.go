package lower

import (
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/schema"
)

// TestExplain is about the words for what is wrong, on an event of a known shape.
func TestExplain(t *testing.T) {
	event, ok := schema.Event("aws.s3", "Object Created")
	if !ok {
		t.Fatal("no schema")
	}
	tests := []struct{ source, want, hint string }{
		{`"a" + 1`, "1:5: + does not take (string, int)", "string(…)"},
		{`event.detail.object.kye`, `1:21: unknown field "kye", event.detail.object has etag, key, sequencer, size, version-id`, "did you mean key?"},
		{`event.detail.objec[?"key"]`, `1:14: unknown field "objec", event.detail has bucket,`, "did you mean object?"},
		{`event.detail["buckt"].name`, `1:15: unknown field "buckt", event.detail has bucket,`, "did you mean bucket?"},
		{`event.detail-type`, "1:7: detail-type is a subtraction", `write event["detail-type"]`},
		{`event.detail.object.key.startsWith(1)`, "1:25: startsWith does not take (string, int)", ""},
		{`event.detail.object > 1`, "1:21: > does not take (object, int)", "dyn(…)"},
		{`event.resources.map(x, x.foo)`, "1:26: x is of type string, which has no fields", ""},
		{`event.resources[0].foo`, "1:20: event.resources[0] is of type string, which has no fields", ""},
		{`event.detail.object[?"version-id"] + "a"`, "1:36: + does not take (optional of string, string)", ".orValue(…)"},
		{`timestamp(event.time) + 1`, "1:23: + does not take (timestamp, int)", ""},
		{`event.detail["x" + "y"]`, "1:13: […] does not take (object, string)", "dyn(…)[…]"},
		{`{"a": [1]}["a"] == "x"`, "1:17: == does not take (list of int, string)", ""},
		{`event.detail.object.size ? 1 : 2`, "1:26: ?: does not take (int, int, int)", "compare it with something"},
		{`true ? 1 : "a"`, "1:6: ?: does not take (bool, int, string)", "one type"},
		{`event.detail.size + `, "1:21: the expression ends too early", ""},
		{`event.id == "a" and true`, `1:17: unexpected "and"`, "write &&"},
		{`event.id | lower`, `1:10: unexpected "|"`, "lowerAscii"},
		{`event.id = "a"`, `1:10: unexpected "="`, "write =="},
		{`event.id.toUpperCase()`, `1:10: unknown function "toUpperCase"`, "upperAscii"},
		{`now()`, `1:1: unknown function "now"`, "event.time"},
		{`event.detail.object.size.string()`, "1:26: string does not take (int)", "write string(VALUE)"},
		{`item.id`, `1:1: unknown name "item"`, "forEach"},
		{`sets.contains(event.resources, ["a"])`, "1:1: the extension sets is not supported", "x in b"},
		{`lowerAscii(event.id)`, "1:1: lowerAscii does not take (string)", "write VALUE.lowerAscii(…)"},
	}
	for _, tt := range tests {
		_, errs := Compile(tt.source, Scope{Event: event})
		if len(errs) != 1 || !strings.HasPrefix(errs[0].Error(), tt.want) || !strings.Contains(errs[0].Hint, tt.hint) {
			t.Errorf("%s\n got %v\nwant %s, hint %q", tt.source, errs, tt.want, tt.hint)
			for _, e := range errs {
				t.Logf("hint %q", e.Hint)
			}
		}
	}
}
