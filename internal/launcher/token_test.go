package launcher

import (
	"reflect"
	"strings"
	"testing"

	"github.com/taskbridge/taskbridge/internal/task"
)

func TestToken(t *testing.T) {
	pairs := [][2]string{
		{"", ""},
		{"convert", "k1"},
		{"convert", "k2"},
		{"resize", "k1"},
		{"k1", "convert"},
		{"ab", "c"},
		{"a", "bc"},
		{"abc", ""},
		{"", "abc"},
		{"a\x00", "b"},
		{"a", "\x00b"},
		{"é", strings.Repeat("k", 4096)},
	}
	seen := map[string][2]string{}
	for _, p := range pairs {
		token := Token(&task.Launch{Rule: p[0], Key: p[1]}, 0, 0)
		if again := Token(&task.Launch{Rule: p[0], Key: p[1]}, 0, 0); again != token {
			t.Errorf("%.20q: got %s and then %s, want the same token", p, token, again)
		}
		if other, ok := seen[token]; ok {
			t.Errorf("%.20q and %.20q have the same token %s", p, other, token)
		}
		seen[token] = p
		if token == "" || len(token) > 64 {
			t.Errorf("%.20q: token of %d characters, want 1 to 64", p, len(token))
		}
		for _, c := range []byte(token) {
			if c < 33 || c > 126 {
				t.Errorf("%.20q: token %q has byte %d, want ASCII 33 to 126", p, token, c)
			}
		}
	}
}

// A token that changes between releases starts everything in flight twice.
func TestTokenIsPinned(t *testing.T) {
	const want = "2ztqutmR6PklP_C38HUfgryWW3DyudoamcJ1uHKJ1pA"
	if got := Token(&task.Launch{Rule: "convert", Key: "k1"}, 0, 0); got != want {
		t.Errorf("got %s, want %s: a new token needs a new tokenVersion", got, want)
	}
}

func TestTokenIgnoresRequest(t *testing.T) {
	l := launchOf(1)
	want := Token(&l, 0, 0)
	l.Request = task.Request{Cluster: "other", TaskDefinition: "other:2"}
	if got := Token(&l, 0, 0); got != want {
		t.Errorf("another request of the same launch has token %s, want %s", got, want)
	}
}

// Each call of a launch has a token of its own.
func TestTokenOfCall(t *testing.T) {
	seen := map[string][3]int{}
	for element := range 12 {
		for part := range 12 {
			for generation := range 12 {
				at := [3]int{element, part, generation}
				token := Token(&task.Launch{Rule: "r", Key: "k", Element: element}, part, generation)
				if other, ok := seen[token]; ok {
					t.Errorf("%v and %v have the same token", at, other)
				}
				seen[token] = at
			}
		}
	}
}

func TestParts(t *testing.T) {
	for n, want := range map[int][]int{0: {}, 1: {1}, 10: {10}, 11: {10, 1}, 25: {10, 10, 5}} {
		if got := Parts(n); !reflect.DeepEqual(got, want) {
			t.Errorf("%d: got %v, want %v", n, got, want)
		}
	}
}
