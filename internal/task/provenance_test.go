package task

import (
	"slices"
	"strings"
	"testing"
)

func TestStartedBy(t *testing.T) {
	if got, want := StartedBy("transcode-video", "evt-1"), "taskbridge/transcode-video/"+shortHash("transcode-video", "evt-1"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	seen := map[string]string{}
	long := strings.Repeat("r", 64)
	for _, c := range [][2]string{
		{"a", "bc"}, {"ab", "c"}, {"a", ""}, {"", "a"}, {"", ""}, {long, "1"}, {long + "x", "1"}, {long + "y", "1"}, {"é b.c", "1"}, {"e b.c", "1"}, {"a\x00\xff", strings.Repeat("k", 1<<16)}, {"1:a", "b"},
	} {
		got := StartedBy(c[0], c[1])
		r := valid()
		r.StartedBy = got
		if err := Validate(r); err != nil {
			t.Errorf("%q: %v", c, err)
		}
		if again := StartedBy(c[0], c[1]); again != got {
			t.Errorf("%q: got %q and then %q", c, got, again)
		}
		if other, ok := seen[got]; ok {
			t.Errorf("%q and %q are both %q", c, other, got)
		}
		seen[got] = strings.Join(c[:], " ")
	}
}

func FuzzStartedBy(f *testing.F) {
	f.Add("rule", "event")
	f.Add("\xff", strings.Repeat("é", 300))
	f.Fuzz(func(t *testing.T, rule, identity string) {
		r := valid()
		r.StartedBy, r.Tags = StartedBy(rule, identity), AddProvenance(nil, rule, identity)
		if err := Validate(r); err != nil {
			t.Errorf("%q, %q: %v", rule, identity, err)
		}
	})
}

func show(tags []Tag) []string {
	var list []string
	for _, t := range tags {
		value := "absent"
		if t.Value != nil {
			value = *t.Value
		}
		list = append(list, t.Key+"="+value)
	}
	return list
}

func TestAddProvenance(t *testing.T) {
	event := "taskbridge:event=" + shortHash("rule", "id")
	own := []Tag{{"team", ptr("video")}, {"bare", nil}}
	tests := []struct {
		tags []Tag
		want []string
	}{
		{nil, []string{"taskbridge:rule=rule", event}},
		{own, []string{"team=video", "bare=absent", "taskbridge:rule=rule", event}},
		{[]Tag{{TagRule, ptr("mine")}}, []string{"taskbridge:rule=mine", event}},
		{manyTags(49), append(show(manyTags(49)), "taskbridge:rule=rule")},
		{manyTags(50), show(manyTags(50))},
	}
	for _, tt := range tests {
		before := show(tt.tags)
		got := AddProvenance(slices.Clip(tt.tags), "rule", "id")
		if !slices.Equal(show(got), tt.want) {
			t.Errorf("got %q, want %q", show(got), tt.want)
		}
		if !slices.Equal(show(tt.tags), before) {
			t.Errorf("the argument changed from %q to %q", before, show(tt.tags))
		}
	}
	if grown := AddProvenance(append(make([]Tag, 0, 8), own...), "a", "b"); &grown[0] == &own[0] {
		t.Error("the argument's array is shared")
	}
}

func TestValidateClientToken(t *testing.T) {
	for _, tt := range []struct{ token, want string }{
		{"!~" + strings.Repeat("a", 62), ""},
		{"", tokenTests[0].want},
		{strings.Repeat("a", 65), tokenTests[1].want},
		{"a b", tokenTests[2].want},
		{"é", tokenTests[2].want},
		{strings.Repeat("\x7f", 65), tokenTests[1].want + ", " + tokenTests[2].want},
	} {
		if got := strings.Join(found(t, ValidateClientToken(tt.token)), ", "); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.token, got, tt.want)
		}
	}
}
