package lower

import (
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/scan"
)

// What cel-go's checker takes for one kind, because it has to be something, is not
// taken for another when the event has that.
func TestGuessedKinds(t *testing.T) {
	tests := []struct{ source, event, want string }{
		{`double(event.l.last().orValue("1"))`, `{"l":["2.5"]}`, "double(4004000000000000)"},
		{`double(event.l.last().orValue("1"))`, `{"l":[]}`, "double(3ff0000000000000)"},
		{`double(event.l.last().orValue("1"))`, `{"l":[2.5]}`, "expected string, got a double"},
		{`string(event.l.first().orValue(1))`, `{"l":["a"]}`, "expected int, got a string"},
		{`math.greatest(dyn(event.l.slice(0, 2)))`, `{"l":[1,3,2]}`, "int(3)"},
	}
	for _, tt := range tests {
		result, errs := Compile(tt.source, Scope{})
		if len(errs) > 0 {
			t.Errorf("%s: %v", tt.source, errs[0])
			continue
		}
		s := newSubject(t, result.Node)
		v, err := s.eval(t, []byte(tt.event), scan.Value{})
		got := mine(v)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s of %s: got %s, want %s", tt.source, tt.event, got, tt.want)
		}
	}
}

func TestExtremesOfAnything(t *testing.T) {
	for source, col := range map[string]int{`math.greatest(event.l.slice(0, 2))`: 23, `math.least([event.a].flatten()) > 1.5`: 22} {
		_, errs := Compile(source, Scope{})
		if len(errs) != 1 || errs[0].Code != CodeUnsupported || errs[0].Col != col || !strings.Contains(errs[0].Hint, "dyn(…)") {
			t.Errorf("%s: got %v, want a finding in column %d", source, errs, col)
		}
	}
}

// A key that no map and no list can have is a finding, also where it is not come to.
func TestKeysOfNoKind(t *testing.T) {
	for source, want := range map[string]string{`event.l[null]`: "1:9: null", `event.b ? 1 : event.l[b"a"]`: "1:23: bytes", `event.l[int]`: "1:9: type"} {
		_, errs := Compile(source, Scope{})
		if len(errs) != 1 || errs[0].Code != CodeType || !strings.HasPrefix(errs[0].Error(), want) {
			t.Errorf("%s: got %v, want %s", source, errs, want)
		}
	}
}

// A node prints as an expression that lowers to the same node.
func TestNodeString(t *testing.T) {
	for _, source := range []string{
		`event.a.b["c-d"][0][?"e"].orValue("x")`, `(event.a + 1) * 2 - -(event.b)`, `event.a - (event.b - 1)`, `!(event.a == 1 && event.b) || event.c`,
		`event.a ? event.b : event.c ? 1 : 2`, `event.l.map(x, x.y > 1, x.z)`, `event.l.exists(x, x in [1, 2u, "3"])`, `{"a": event.b, 1: [event.c]}`,
		`event.s.substring(1, 2).lowerAscii().matches("^a")`, `math.abs(int(event.a))`, `has(event.a.b)`, `event[event.key]`, `env.HOME + rule`,
		`basename(event.a)`, `optional.of(event.a).hasValue()`, `type(event.a) == int`,
	} {
		result, errs := Compile(source, Scope{})
		if len(errs) > 0 {
			t.Errorf("%s: %v", source, errs[0])
			continue
		}
		printed := result.Node.String()
		again, errs := Compile(printed, Scope{})
		if len(errs) > 0 {
			t.Errorf("%s prints as %s: %v", source, printed, errs[0])
			continue
		}
		a, errA := result.Node.MarshalJSON()
		b, errB := again.Node.MarshalJSON()
		if errA != nil || errB != nil || string(a) != string(b) {
			t.Errorf("%s prints as %s, which is\n%s\nnot\n%s", source, printed, b, a)
		}
	}
}
