package diag

import "testing"

func TestText(t *testing.T) {
	l := List{
		{File: "m.yaml", Pos: Pos{2, 3}, Width: 4, Code: "b", Message: "second"},
		{File: "m.yaml", Pos: Pos{1, 2}, Code: "a", Message: "first", Hint: "do this"},
		{File: "m.yaml", Code: "c", Message: "the file"},
		{File: "m.yaml", Pos: Pos{3, 1}, Severity: Warning, Code: "d", Message: "hidden", Secret: true},
	}
	l.Sort()
	want := `m.yaml: the file [c]

m.yaml:1:2: first [a]
   1 | é: 1
     |  ^
  hint: do this

m.yaml:2:3: second [b]
   2 | 	 xxxx
     | 	 ^^^^

m.yaml:3:1: warning: hidden [d]
`
	if got := l.Text([]byte("é: 1\n\t xxxx\nhunter2")); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestNearest(t *testing.T) {
	names := []string{"cluster", "containerOverrides", "command", "cpu"}
	tests := []struct{ got, want string }{
		{"ContainerOverrides", "containerOverrides"}, {"clutser", "cluster"}, {"comand", "command"}, {"zzz", ""}, {"uspc", ""}, {"cup", "cpu"}, {"nmae", ""}, {"cpuu", "cpu"},
	}
	for _, tt := range tests {
		if got := Nearest(tt.got, names); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.got, got, tt.want)
		}
	}
}

func TestMeant(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{"TaskDefinition", "taskDefinition"}, {"lauchType", "launchType"}, {"cpa", ""}, {"whatever", ""},
	} {
		if got := Meant(c.got, []string{"taskDefinition", "launchType", "cpu", "cap"}); got != c.want {
			t.Errorf("Meant(%q) = %q, want %q", c.got, got, c.want)
		}
	}
}
