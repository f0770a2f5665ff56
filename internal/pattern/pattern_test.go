package pattern

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// match is the answer for one pattern and one event.
func match(t *testing.T, text, event string) (bool, error) {
	t.Helper()
	var paths scan.Paths
	m, err := Compile(&paths, []byte(text))
	if err != nil {
		return false, err
	}
	var d scan.Doc
	if err := paths.Scan([]byte(event), &d); err != nil {
		t.Fatal(err)
	}
	hits, err := m.Match(&d, &State{})
	if err != nil {
		t.Fatal(err)
	}
	return len(hits) == 1, nil
}

// Patterns that are read after similar ones mean what they mean alone.
func TestCompileSimilar(t *testing.T) {
	patterns := []string{
		`{"a":{"b":[1]},"b":[2]}`, `{"a.b":[1],"b":[2]}`, `{"a":{"b":[1]},"b":{"c":[2]}}`, `{"a" : {"b" : [1]} , "b" : [2]}`, `{"a":  {"b":  [1] }}`,
		`{"b":[2],"a":{"b":[1]}}`, `{"b":[1]}`, `{"b":[1,2]}`, `{"b":{"a":[1]}}`, `{"a":{"b":[1],"c":[2]}}`, `{"a":{"c":[2],"b":[1]}}`, `{"a":{"b.c":[1]}}`,
		`{"$or":[{"a":{"b":[1]}},{"b":[2]}]}`, `{"$or":[{"b":[2]},{"a.b":[1]}],"c":[3]}`, `{"c":[3],"$or":[{"b":[2]},{"b":[1]}]}`, `{"b":[2],"b":[1]}`,
		`{"\u0061":{"b":[1]}}`, `{"":[1]}`, `{"":{"":[1]}}`, `{".":[1]}`, `{"b":["[1]"]}`, `{"b":[ 1 ]}`, `{"b":[{"numeric":["=",1]}]}`,
	}
	events := []string{
		`{"a":{"b":1},"b":2}`, `{"a":{"b":1,"c":2},"b":1,"c":3}`, `{"b":{"a":1,"c":2},"a":{"b":{"c":1}}}`, `{"":1,"b":"[1]"}`, `{"":{"":1},"b":2,"c":3}`, `{}`,
	}
	// Each stands behind each other one.
	var all [][]byte
	for i := range patterns {
		for j := range patterns {
			all = append(all, []byte(patterns[i]), []byte(patterns[j]))
		}
	}
	var paths scan.Paths
	m, err := Compile(&paths, all...)
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range events {
		alone := map[string]bool{}
		for _, p := range patterns {
			if alone[p], err = match(t, p, event); err != nil {
				t.Fatal(p, err)
			}
		}
		var d scan.Doc
		if err := paths.Scan([]byte(event), &d); err != nil {
			t.Fatal(err)
		}
		hits, err := m.Match(&d, &State{})
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range all {
			if got := slices.Contains(hits, i); got != alone[string(p)] {
				t.Fatalf("%s for %s: got %t behind %s, alone %t", p, event, got, all[max(i-1, 0)], alone[string(p)])
			}
		}
	}
}

func TestMatch(t *testing.T) {
	tests := []struct {
		pattern, event string
		want           bool
	}{
		{`{"a":["x"]}`, `{"a":"x"}`, true},
		{`{"a":["x"]}`, `{"a":"X"}`, false},
		{`{"a":["x"]}`, `{"a":["y","x"]}`, true},
		{`{"a":["x"]}`, `{"b":"x"}`, false},
		{`{"a":["1"]}`, `{"a":1}`, false},
		{`{"a":[300]}`, `{"a":3.0e2}`, true},
		{`{"a":[12345678901234567890]}`, `{"a":12345678901234567890}`, true},
		{`{"a":[12345678901234567890]}`, `{"a":12345678901234567891}`, false},
		{`{"a":[null]}`, `{"a":null}`, true},
		{`{"a":[null]}`, `{}`, false},
		{`{"a":[true,false]}`, `{"a":false}`, true},
		{`{"a":{"b":[{"prefix":"in/"}]}}`, `{"a":{"b":"in/x"}}`, true},
		{`{"a.b":[{"suffix":".csv"}]}`, `{"a":{"b":"in/x.csv"}}`, true},
		{`{"a":[{"exists":true}]}`, `{"a":null}`, true},
		{`{"a":[{"exists":true}]}`, `{"a":{}}`, false},
		{`{"a":[{"exists":false}]}`, `{"a":{"k":1}}`, true},
		{`{"a":[{"exists":false}]}`, `{"a":1}`, false},
		{`{"a":[{"exists":false},"x"]}`, `{"a":"x"}`, true},
		{`{"a":[{"numeric":[">",0,"<=",5]}]}`, `{"a":5}`, true},
		{`{"a":[{"numeric":[">",0,"<=",5]}]}`, `{"a":0}`, false},
		{`{"a":[{"numeric":["=",5]}]}`, `{"a":"5"}`, false},
		{`{"a":[{"anything-but":["x","y"]}]}`, `{"a":"z"}`, true},
		{`{"a":[{"anything-but":["x","y"]}]}`, `{"a":["x","z"]}`, true},
		{`{"a":[{"anything-but":"x"}]}`, `{"a":"x"}`, false},
		{`{"a":[{"anything-but":"x"}]}`, `{}`, false},
		{`{"l":{"a":[1],"b":[2]}}`, `{"l":[{"a":1,"b":3},{"a":2,"b":2}]}`, false},
		{`{"l":{"a":[1],"b":[2]}}`, `{"l":[{"a":1,"b":3},{"a":1,"b":2}]}`, true},
		{`{"a":["é"]}`, `{"a":"\u00e9"}`, true},
	}
	for _, tt := range tests {
		got, err := match(t, tt.pattern, tt.event)
		if err != nil || got != tt.want {
			t.Errorf("%s on %s: got %t, %v; want %t", tt.pattern, tt.event, got, err, tt.want)
		}
	}
}

func TestInvalid(t *testing.T) {
	tests := []struct{ pattern, path, code string }{
		{`[]`, "", "pattern-shape"},
		{`{`, "", "pattern-json"},
		{`{}`, "", "pattern-shape"},
		{`{"a":"x"}`, "a", "pattern-shape"},
		{`{"a":[]}`, "a", "pattern-shape"},
		{`{"a":{}}`, "a", "pattern-shape"},
		{`{"a":[[1]]}`, "a.0", "pattern-shape"},
		{`{"a":[{"sufix":"x"}]}`, "a.0.sufix", "pattern-operator"},
		{`{"a":[{"prefix":"x","suffix":"y"}]}`, "a.0", "pattern-operator"},
		{`{"a":[{"prefix":1}]}`, "a.0.prefix", "pattern-operand"},
		{`{"a":[{"numeric":["<",1,">",0]}]}`, "a.0.numeric", "pattern-operand"},
		{`{"a":[{"numeric":[">=",5,"<=",5]}]}`, "a.0.numeric", "pattern-operand"},
		{`{"a":[{"anything-but":[]}]}`, "a.0.anything-but", "pattern-operand"},
	}
	for _, tt := range tests {
		_, err := Compile(&scan.Paths{}, []byte(tt.pattern))
		var e *Error
		if !errors.As(err, &e) || strings.Join(e.Path, ".") != tt.path || e.Code != tt.code {
			t.Errorf("%s: got %#v", tt.pattern, err)
		}
	}
}

// TestInvalidHints wants every mistake in a pattern to come with what to write.
func TestInvalidHints(t *testing.T) {
	for _, c := range []struct{ pattern, hint string }{
		{`{"a":[{"suffix":[".png",".jpg"]}]}`, `[{"suffix": ".png"}, {"suffix": ".jpg"}]`},
		{`{"a":[{"suffix":[".png"]}]}`, `write {"suffix": ".png"}`},
		{`{"a":[{"prefix":5}]}`, `write {"prefix": "5"}`},
		{`{"a":[{"exactly":null}]}`, `write {"exactly": "text"}`},
		{`{"a":[{"prefix":{"equals-ignore-case":["a","b"]}}]}`, `[{"prefix": {"equals-ignore-case": "a"}}, {"prefix": {"equals-ignore-case": "b"}}]`},
		{`{"a":[{"prefix":{"equals-ignorecase":"a"}}]}`, "did you mean equals-ignore-case?"},
		{`{"a":[{"prefix":{"wildcard":"a"}}]}`, `write {"prefix": {"equals-ignore-case": "text"}}`},
		{`{"a":[{"prefix":{}}]}`, `write {"prefix": {"equals-ignore-case": "text"}}`},
		{`{"a":[{"suffix":{"equals-ignore-case":"a","x":1}}]}`, "one matcher for each"},
		{`{"a":[{}]}`, "or the value itself"},
		{`{"a":[{"contains":"b"}]}`, `{"wildcard": "*text*"}`},
		{`{"a":[{"b":{"c":["d"]}}]}`, "without [ ] around it"},
		{`{"a":[{"whatever":"b"}]}`, "write a value"},
		{`{"a":[{"anything-but":true}]}`, `{"anything-but": ["a", "b"]}`},
		{`{"a":[{"anything-but":["x",1]}]}`, `{"anything-but": ["a", "b"]}`},
		{`{"a":[{"anything-but":[]}]}`, `{"anything-but": ["a", "b"]}`},
		{`{"a":[{"anything-but":{"prefix":1}}]}`, `{"anything-but": {"prefix": "text"}}`},
		{`{"a":[{"anything-but":{"prefix":""}}]}`, `{"anything-but": {"prefix": "text"}}`},
		{`{"a":[{"anything-but":{"numeric":[1]}}]}`, `{"anything-but": {"prefix": "text"}}`},
		{`{"a":[{"cidr":"10.0.0.1"}]}`, `{"cidr": "10.0.0.0/8"}`},
		{`{"a":[{"cidr":7}]}`, `{"cidr": "10.0.0.0/8"}`},
		{`{"a":[{"exists":"true"}]}`, "without quotes"},
		{`{"a":[{"numeric":5}]}`, `[">", 0]`},
		{`{"a":[{"wildcard":"a**"}]}`, "one *"},
		{`{"a":[["x"]]}`, "without the brackets"},
		{`{"$or":[{"prefix":["x"]},{"b":["x"]}]}`, "rules of their own"},
		{`{"$or":[{"b":["x"]}]}`, "without $or"},
		{``, `{"source": ["com.example"]}`},
		{`{"a":['x']}`, "double quotes"},
	} {
		_, err := Compile(&scan.Paths{}, []byte(c.pattern))
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(e.Hint, c.hint) {
			t.Errorf("%s: got %#v, want the hint %q", c.pattern, err, c.hint)
		}
	}
}
