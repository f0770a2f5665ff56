package sim

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var mutantsToo = flag.Bool("sim.mutants", false, "break the protocol in every known way, and see that it is noticed")

// mutant is a way to break the protocol: a piece of source and what it becomes.
type mutant struct{ name, file, old, new string }

// mutants are what the simulation must notice. A change of the source that one of
// them refers to makes the test fail until it is adapted.
var mutants = []mutant{
	{"drop the generation", "internal/launcher/token.go", "strconv.Itoa(generation),", "strconv.Itoa(generation * 0),"},
	{"forget the part", "internal/launcher/token.go", "strconv.Itoa(part),", "strconv.Itoa(part * 0),"},
	{"forget the element", "internal/launcher/token.go", "strconv.Itoa(l.Element),", "strconv.Itoa(l.Element * 0),"},
	{"another token each time", "internal/launcher/token.go", "tokenVersion, l.Rule,", "tokenVersion + time.Now().String(), l.Rule,"},
	{"retry with a new token after a timeout", "internal/launcher/launcher.go", "a, err := w.call(ctx, token, n)", "a, err := w.call(ctx, token, n)\n\t\ttoken += \"x\""},
	{"ignore a failure", "internal/launcher/launcher.go", "missing -= len(a.arns)", "missing = 0"},
	{"top up with the full count", "internal/launcher/launcher.go", "w.settle(ctx, token, missing, budget)", "w.settle(ctx, token, want, budget)"},
	{"treat an empty 200 as a failure", "internal/launcher/call.go", "a.final = started >= n || len(out.Failures) > 0\n\tif len(out.Failures) == 0 {\n\t\tif !a.final {", "a.final = true\n\tif len(out.Failures) == 0 {\n\t\tif started < n {"},
	{"take an empty 200 for success", "internal/launcher/call.go", "a.final = started >= n || len(out.Failures) > 0", "a.final = true\n\tif len(out.Failures) == 0 {\n\t\ta.arns = make([]string, n)\n\t}"},
	{"do not count repeated tasks", "internal/launcher/call.go", "t := &out.Tasks[i]\n", "t := &out.Tasks[i]\n\t\tif t.CreatedAt == nil {\n\t\t\tcontinue\n\t\t}\n"},
	{"ignore the tasks of a conflict", "internal/launcher/call.go", "a.final = len(a.arns) > 0", "a.final = false"},
	{"believe a conflict without tasks", "internal/launcher/call.go", "a.final = len(a.arns) > 0", "a.final = true"},
	{"wait after every repetition", "internal/launcher/launcher.go", "budget.passed <= repeatable(w.age(), budget.base)", "budget.passed < 0"},
	{"deny what was launched before maxAge", "internal/launcher/launcher.go", "case budget.none, next >= maxGenerations:", "case budget.none, next >= maxGenerations, w.tooOld(budget):"},
	{"ignore the ledger's claims", "internal/launcher/ledger.go", "if err != nil {\n\t\treturn nil, &Error{", "if err != nil && r.Done {\n\t\treturn nil, &Error{"},
	{"send faster than the rate", "internal/launcher/rate.go", "wait := b.tryTake()", "wait := b.tryTake() * 0"},
	{"answer at the deadline", "internal/dispatch/dispatch.go", "-min(left/10, 500*time.Millisecond)", "0*left"},
	{"answer success after an error", "internal/dispatch/dispatch.go", "if err != nil {\n\t\tout.Reason = reasonOf(err)\n\t\tr.failed(ctx, res, out, err)\n\t\treturn\n\t}\n\tout.Duplicate", "if err != nil && out.Rule == \"\" {\n\t\tout.Reason = reasonOf(err)\n\t\tr.failed(ctx, res, out, err)\n\t\treturn\n\t}\n\tout.Duplicate"},
	{"forget the FIFO block", "internal/dispatch/dispatch.go", "case failed:", "case failed && len(lane) == 0:"},
	{"forget what was not attempted", "internal/dispatch/dispatch.go", "r.failed(ctx, res, Outcome{Item: items[i].ID, Reason: ReasonNotAttempted}, errNoTime)", "_ = errNoTime"},
}

var found = regexp.MustCompile(`seed \d+: .*`)

// root is the folder of the repository.
const root = "../.."

// apply returns the source with the mutant in it.
func (m *mutant) apply(t *testing.T) []byte {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(m.file)))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), m.old); n != 1 {
		t.Fatalf("%s has %q %d times, want once: adapt the mutant %q", m.file, m.old, n, m.name)
	}
	return []byte(strings.Replace(string(source), m.old, m.new, 1))
}

// TestMutantsFit sees that there still is what each mutant changes.
func TestMutantsFit(t *testing.T) {
	for i := range mutants {
		mutants[i].apply(t)
	}
}

// TestMutants breaks the protocol in one way at a time, builds the simulation with
// it, and wants a history that breaks an invariant.
func TestMutants(t *testing.T) {
	if !*mutantsToo {
		t.Skip("make mutants runs it: it builds the simulation once for each mutant")
	}
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			file, err := filepath.Abs(filepath.Join(root, filepath.FromSlash(m.file)))
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			changed, overlay := filepath.Join(dir, "changed.go"), filepath.Join(dir, "overlay.json")
			write(t, changed, m.apply(t))
			text, err := json.Marshal(map[string]any{"Replace": map[string]string{file: changed}})
			if err != nil {
				t.Fatal(err)
			}
			write(t, overlay, text)
			cmd := exec.Command("go", "test", "-vet=off", "-overlay", overlay, "-run", "^TestSim$", "./internal/sim", "-sim.n", "20000", "-sim.small=false")
			cmd.Dir = root
			out, err := cmd.CombinedOutput()
			switch {
			case err == nil:
				t.Error("no history notices it")
			case !strings.Contains(string(out), "again: make sim"):
				t.Errorf("it does not run:\n%s", out)
			default:
				t.Log(string(found.Find(out)))
			}
		})
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
