package lower

import (
	"encoding/json"
	"errors"
	"flag"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"cel.dev/cel-go/cel"

	"github.com/taskbridge/taskbridge/internal/expr"
	"github.com/taskbridge/taskbridge/internal/scan"
)

var (
	differentialSize = flag.Int("differential", 50_000, "how many evaluations TestDifferential compares")
	differentialSeed = flag.Uint64("differential.seed", 1, "where TestDifferential begins")
)

// TestDifferential compares the evaluator with cel-go: for the same expression
// and event both give the same value, or both an error. For a long run:
//
//	make differential EVALUATIONS=10000000 SEED=7
func TestDifferential(t *testing.T) {
	const events = 40
	expressions, evaluations, values, refused := 0, 0, 0, 0
	for seed := *differentialSeed; evaluations < *differentialSize && !t.Failed(); seed++ {
		n, ok := compareRandom(t, seed, events)
		expressions++
		evaluations += n
		values += ok
		if n == 0 {
			refused++
		}
	}
	t.Logf("%d evaluations of %d expressions, %d of them gave values; %d expressions are no CEL", evaluations, expressions, values, refused)
	if values*4 < evaluations {
		t.Errorf("got %d values of %d evaluations: the generator is not good enough", values, evaluations)
	}
}

// FuzzCEL is TestDifferential with the seeds that the fuzzer chooses.
func FuzzCEL(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { compareRandom(t, seed, 20) })
}

// compareRandom compares one random expression over random events and returns
// how many comparisons it made, and how many of those were of values.
func compareRandom(t *testing.T, seed uint64, events int) (evaluations, values int) {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0))}
	source := g.expression(kind(g.IntN(int(kinds))), 1+min(g.IntN(5), g.IntN(5)))
	want, err := oracleProgram(source)
	result, errs := Compile(source, Scope{Each: true})
	if err != nil {
		if len(errs) == 0 {
			t.Errorf("seed %d: %s\nis admitted, but cel-go says: %v", seed, source, err)
		}
		return 0, 0
	}
	if slices.ContainsFunc(errs, func(e *Error) bool { return strings.Contains(e.Msg, "of a list whose elements may be anything") }) {
		return 0, 0
	}
	if len(errs) > 0 && errs[0].Code != CodeFails && want != nil {
		t.Errorf("seed %d: %s\ngot %v, but cel-go admits it", seed, source, errs[0])
		return 0, 0
	}
	var d *subject
	if len(errs) == 0 {
		d = newSubject(t, result.Node)
	}
	pool := eventPool(t, seed/1000)
	for range events {
		ok := compareOne(t, seed, source, d, want, &pool[g.IntN(len(pool))])
		evaluations++
		if ok {
			values++
		}
	}
	return evaluations, values
}

// subject is a program made of a node that went through the plan.
type subject struct {
	program *expr.Program
	paths   scan.Paths
	in      expr.Input
}

func newSubject(t testing.TB, n *expr.Node) *subject {
	plan, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	read := &expr.Node{}
	if err := json.Unmarshal(plan, read); err != nil {
		t.Fatalf("%s: %v", plan, err)
	}
	s := &subject{in: expr.Input{Doc: &scan.Doc{}, Index: 3}}
	env := func(name string) (string, bool) {
		v, ok := map[string]string{"HOME": "/home", "N": "5"}[name]
		return v, ok
	}
	if s.program, err = read.Bind(&s.paths, expr.Scope{Rule: "r1", Env: env}); err != nil {
		t.Fatalf("%s: %v", plan, err)
	}
	return s
}

func (s *subject) eval(t testing.TB, event []byte, item scan.Value) (expr.Value, error) {
	if err := s.paths.Scan(event, s.in.Doc); err != nil {
		t.Fatalf("%q: %v", event, err)
	}
	s.in.Item = expr.FromJSON(item)
	return s.program.Eval(&s.in)
}

// sample is an event in the forms that the two evaluators take.
type sample struct {
	text       string
	item       scan.Value
	event, own any // the event and the item for cel-go
}

var pools = struct {
	sync.Mutex
	number uint64
	pool   []sample
}{}

// eventPool is a number of random events: making one takes longer than
// evaluating an expression.
func eventPool(t *testing.T, number uint64) []sample {
	pools.Lock()
	defer pools.Unlock()
	if pools.number == number && pools.pool != nil {
		return pools.pool
	}
	g := &generator{Rand: rand.New(rand.NewPCG(number, 1))}
	pool := make([]sample, 400)
	for i := range pool {
		text := g.event()
		root, err := scan.Read([]byte(text))
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		item := scan.Member(root, "o")
		if item.Kind == scan.Missing {
			item = root
		}
		pool[i] = sample{text, item, native(root), native(item)}
	}
	pools.number, pools.pool = number, pool
	return pool
}

func compareOne(t *testing.T, seed uint64, source string, s *subject, want cel.Program, event *sample) (value bool) {
	wantText, wantErr := evalOracle(want, event.event, event.own, 3)
	if s == nil { // the compiler says that no event gives it a value
		if wantErr == nil {
			t.Errorf("seed %d: %s\nevent %s\ngot an error for every event, want %s", seed, source, event.text, wantText)
		}
		return false
	}
	got, gotErr := s.eval(t, []byte(event.text), event.item)
	if errors.Is(gotErr, expr.ErrLimit) {
		return false
	}
	if (gotErr == nil) == (wantErr == nil) && (gotErr != nil || mine(got) == wantText) {
		return gotErr == nil
	}
	switch {
	case strings.Contains(source, " ? ") && forgetsHas.MatchString(source) || undecided(want, event, wantText, wantErr):
	case (gotErr == nil) != (wantErr == nil):
		t.Errorf("seed %d: %s\nevent %s\ngot %v, want %s %v", seed, source, event.text, gotErr, wantText, wantErr)
	case gotErr == nil && mine(got) != wantText:
		t.Errorf("seed %d: %s\nevent %s\ngot %s, want %s", seed, source, event.text, mine(got), wantText)
	}
	return gotErr == nil
}

// forgetsHas finds has(a.?b.c), of which cel-go gives the optional instead of whether
// it is there, where it is a branch of a conditional.
var forgetsHas = regexp.MustCompile(`has\([^()]*\?`)

// undecided reports whether cel-go itself has no answer: it visits the keys of a
// map in random order, and bytes in {…} makes it panic.
func undecided(want cel.Program, event *sample, text string, err error) bool {
	if err != nil {
		return strings.Contains(err.Error(), "hash of unhashable type types.Bytes")
	}
	for range 20 {
		if again, _ := evalOracle(want, event.event, event.own, 3); again != text {
			return true
		}
	}
	return false
}
