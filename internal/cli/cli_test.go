package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/scan"
)

func TestWhyAbsent(t *testing.T) {
	const event = `{"source":"s","detail":{"object":{"key":"k","größe":1},"list":[1,{"name":"n"}],"none":[],"empty":{},"nil":null,"n":5,
		"many":{"a0":0,"a1":0,"a2":0,"a3":0,"a4":0,"a5":0,"a6":0,"a7":0,"a8":0,"a9":0}}}`
	for _, tt := range []struct{ path, want string }{
		{"sorce", "the event has no sorce; did you mean source?"},
		{"detail.object.Key", "detail.object has no Key; did you mean key?"},
		{"detail.object.bucket", "detail.object has no bucket, it has key, größe"},
		{"detail.many.bucket", "detail.many has no bucket, it has a0, a1, a2, a3, a4, a5, a6, a7 and 2 more"},
		{"detail.list.nam", "detail.list has no nam; did you mean name?"},
		{"detail.object", "detail.object is an object in the event; write the fields in it"},
		{"detail.none", "detail.none is an empty list in the event"},
		{"detail.empty.x", "detail.empty is an empty object"},
		{"detail.nil.x", "detail.nil is null in the event"},
		{"detail.n.x", "detail.n is a number in the event"},
		{"detail.none.x", "detail.none is an empty list in the event"},
	} {
		if got := whyAbsent([]byte(event), tt.path); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.path, got, tt.want)
		}
	}
}

// What an event holds does nothing to the terminal.
func TestPrintable(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{`"plain ü 日本 😀"`, `"plain ü 日本 😀"`},
		{"\u009b31m \u202e \u007f", `\u009b31m \u202e \u007f`},
		{"\U000e0041", `\udb40\udc41`},
	} {
		got := printable(tt.text)
		if got != tt.want {
			t.Errorf("%q: got %s, want %s", tt.text, got, tt.want)
		}
		var back string
		if tt.text[0] != '"' {
			if err := json.Unmarshal([]byte(`"`+got+`"`), &back); err != nil || back != tt.text {
				t.Errorf("%q is %q as JSON, %v", tt.text, back, err)
			}
		}
	}
}

// A number that was cut for the trace is still JSON.
func TestCompact(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"[ 1,\n {\"prefix\": \"a b\"} ]", `[1,{"prefix":"a b"}]`},
		{"1.0e2", "1.0e2"},
		{"111…", `"111…"`},
	} {
		if got := string(compact(tt.text)); got != tt.want || !json.Valid([]byte(got)) {
			t.Errorf("%s: got %s, want %s", tt.text, got, tt.want)
		}
	}
}

func TestPosOf(t *testing.T) {
	const text = "{\n \"größe\": [1],\n}"
	for _, tt := range []struct {
		at    string
		want  string
		width int
	}{{"{", "1:1", 1}, {`"gr`, "2:2", 7}, {"[", "2:11", 1}, {"1", "2:12", 1}, {"}", "3:1", 1}} {
		at := strings.Index(text, tt.at)
		if got := posOf([]byte(text), at).String(); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.at, got, tt.want)
		}
		if got := tokenWidth([]byte(text), at); got != tt.width {
			t.Errorf("%s: got a width of %d, want %d", tt.at, got, tt.width)
		}
	}
	if got := posOf([]byte(text), 1000).String(); got != "3:2" {
		t.Errorf("behind the end: got %s, want 3:2", got)
	}
}

// Colour and width are for terminals, and for whoever asks.
func TestStyle(t *testing.T) {
	c := Command{Stdout: &bytes.Buffer{}}
	if got := c.style(); got != (style{}) {
		t.Errorf("no terminal: got %+v", got)
	}
	c.Environ = []string{"COLUMNS=72"}
	if got := c.style(); got != (style{width: 72}) {
		t.Errorf("COLUMNS=72: got %+v", got)
	}
	if got := (style{colour: true}).mark(true); got != "\x1b[32m✓\x1b[0m" {
		t.Errorf("got %q", got)
	}
	if got := (style{}).mark(false); got != "✗" {
		t.Errorf("got %q", got)
	}
}

func FuzzReadCase(f *testing.F) {
	for _, seed := range []string{
		`{"id":"a","pattern":"{\"a\":[1]}","event":"{\"a\":1}","match":true}`,
		`{"id":"b","pattern":{"a":[]},"invalid":true,"x":[1]}`,
		`{"id":"c","pattern":"{\"a\":[1]}","valid":true,"event":null}`,
		`{"id":"d"}`, `[]`, `{`,
	} {
		f.Add(seed)
	}
	var p player
	f.Fuzz(func(t *testing.T, line string) {
		one, err := readCase([]byte(line))
		if _, syntax := scan.Read([]byte(line)); syntax != nil && err == nil {
			t.Fatal("accepted what is not JSON")
		}
		if err != nil {
			return
		}
		switch got := p.play(&one).(type) {
		case bool:
			if _, ok := one.want.(bool); !ok {
				t.Errorf("got %t, want %v", got, one.want)
			}
		case string:
			if got != answerInvalid && got != answerValid && !strings.HasPrefix(got, "error: ") {
				t.Errorf("got %q", got)
			}
		default:
			t.Errorf("got %v", got)
		}
	})
}
