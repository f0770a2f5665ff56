package compile

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/event"
	"github.com/taskbridge/taskbridge/internal/mapping"
)

// TestHostileValues passes event data that other template languages trip over, as
// JSON, through an expression alone, one in a text, and one that goes through
// functions. It arrives as it is, or is refused for a reason.
func TestHostileValues(t *testing.T) {
	tests := []struct{ name, text, want, err string }{
		{"expression", `"${event.id} $${x}"`, "${event.id} $${x}", ""},
		{"group", `"$1 \\1 %s {{.}}"`, `$1 \1 %s {{.}}`, ""},
		{"quotes", `"'\"` + "`" + `\\"`, "'\"`\\", ""},
		{"lines", `"a\r\nb\u2028c"`, "a\r\nb\u2028c", ""},
		{"command", `"$(id); ` + "`id`" + ` | x > y & z"`, "$(id); `id` | x > y & z", ""},
		{"wide", `"\ud834\udd1e é"`, "𝄞 é", ""},
		{"NUL", `"a\u0000b"`, "", "NUL"},
		{"half a character", `"\ud834"`, "\uFFFD", ""},
		{"not UTF-8", "\"a\xffb\"", "", "UTF-8"},
		{"a little below 1 MiB", `"` + strings.Repeat("x", 1<<20-2) + `"`, "", "at most 8192"},
		{"1 MiB", `"` + strings.Repeat("x", 1<<20) + `"`, "", "limit reached"},
		{"2^53+1", `9007199254740993`, "9007199254740993", ""},
		{"-2^63", `-9223372036854775808`, "-9223372036854775808", ""},
		{"null", `null`, "", "null"},
		{"a list", `[1]`, "", "list"},
	}
	plan := compiled(t, minimal(`overrides:
  containerOverrides:
    - name: c
      environment:
        A: "${type(event.detail.v) == int ? string(event.detail.v) : event.detail.v}"
        B: <${event.detail.v}>
        C: ${[string(event.detail.v)].join("")}
`))
	m, err := plan.Bind(func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			values, err := hostile(m, tt.text)
			switch {
			case tt.err != "":
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("got %v, want an error with %q", err, tt.err)
				} else if len(err.Error()) > 4000 {
					t.Errorf("the error has %d bytes", len(err.Error()))
				}
			case err != nil:
				t.Error(err)
			default:
				if want := [3]string{tt.want, "<" + tt.want + ">", tt.want}; values != want {
					t.Errorf("got %q, want %q", values, want)
				}
			}
		})
	}
}

// hostile are the values of the variables for an event whose detail.v is text.
func hostile(m *mapping.Mapping, text string) (values [3]string, err error) {
	batch, err := event.Parse([]byte(`{"id":"1","source":"aws.s3","detail-type":"x","detail":{"v":`+text+`}}`), event.Accept{})
	if err != nil {
		return values, err
	}
	if err := batch.Items[0].Err; err != nil {
		return values, err
	}
	matches, err := m.Match(batch.Items[0].Events[0])
	if err != nil || len(matches) != 1 || len(matches[0].Launches) != 1 {
		return values, fmt.Errorf("%d matches, %w", len(matches), err)
	}
	l := &matches[0].Launches[0]
	if l.Err != nil {
		return values, l.Err
	}
	for i, v := range l.Request.Overrides.ContainerOverrides[0].Environment {
		values[i] = *v.Value
	}
	_, err = json.Marshal(l.Request)
	return values, err
}
